//! A certificate authority made by openssl, and web servers over TLS on loopback with certificates of it.

use std::{fs, path::Path, process::Command};

use super::servers::{Server, start};

/// An authority that nobody but the test trusts.
pub(crate) struct Authority(tempfile::TempDir);

/// A certificate and its key, PEM.
pub(crate) struct Certificate {
    certificate: String,
    key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let this = Self(tempfile::tempdir().expect("a folder"));
        fs::write(
            this.0.path().join("ca.cnf"),
            "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\nrand_serial = yes\npolicy = p\ndefault_md = sha256\nunique_subject = no\n[p]\ncommonName = supplied\n",
        )
        .expect("a file");
        fs::write(this.0.path().join("index"), "").expect("a file");
        // Two authorities of one name would be told by their signatures only.
        let name = this.0.path().file_name().expect("a name").to_string_lossy().into_owned();
        this.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN={name}"
        ));
        this
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output();
        let output = output.expect("openssl must be installed (tests/run installs it)");
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("a file")
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn root(&self) -> String {
        self.read("ca.pem")
    }

    /// A certificate for a name, valid from one day to another (`20200101000000Z`).
    pub(crate) fn certificate(&self, name: &str, from: &str, to: &str) -> Certificate {
        fs::write(self.0.path().join("ext"), format!("subjectAltName = DNS:{name}\n")).expect("a file");
        self.openssl(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out csr -subj /CN=server",
        );
        self.openssl(&format!(
            "ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in csr -out crt -startdate {from} -enddate {to} -extfile ext -notext"
        ));
        Certificate { certificate: self.read("crt"), key: self.read("key") }
    }

    /// One that is valid now and for many years.
    pub(crate) fn valid(&self, name: &str) -> Certificate {
        self.certificate(name, "20200101000000Z", "20490101000000Z")
    }
}

/// Starts a server with a certificate; `policy` is its MTA-STS policy.
pub(crate) fn server(certificate: &Certificate, policy: Option<&str>) -> Server {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (python, script) = (tests.join(".venv/bin/python"), tests.join("tools/https_server.py"));
    let (python, script) = (python.to_str().expect("UTF-8"), script.to_str().expect("UTF-8"));
    start(python, &["-IB", script], |_, port| {
        let mut files = vec![
            ("port", port.to_string()),
            ("cert.pem", certificate.certificate.clone()),
            ("key.pem", certificate.key.clone()),
        ];
        files.extend(policy.map(|text| ("policy", text.to_owned())));
        files
    })
}
