//! Real name servers on loopback addresses, started and stopped by the test that uses them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A real name server that stops with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    _home: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // NSD ends its own children only if it is asked to end.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..200 {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free for UDP and TCP now.
pub(crate) fn free_port() -> u16 {
    (0..100)
        .find_map(|_| {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            let port = udp.local_addr().ok()?.port();
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok().map(|_| port)
        })
        .expect("a free port")
}

/// Starts a server whose files are written by `files` and waits until it listens.
pub(crate) fn start(
    program: &str,
    arguments: &[&str],
    files: impl Fn(&str, u16) -> Vec<(&'static str, String)>,
) -> Server {
    let home = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    for (file, text) in files(home.path().to_str().expect("UTF-8"), port) {
        fs::write(home.path().join(file), text).expect("a written file");
    }
    let log = fs::File::create(home.path().join("log")).expect("a file");
    let path = format!("{}:/usr/local/sbin:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(home.path())
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{program} must be installed (tests/run installs it): {error}"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    for _ in 0..400 {
        if TcpStream::connect(address).is_ok() {
            return Server { child, address, _home: home };
        }
        if let Ok(Some(status)) = child.try_wait() {
            let log = fs::read_to_string(home.path().join("log")).unwrap_or_default();
            panic!("{program}: {status}\n{log}");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    panic!("{program} does not listen");
}

/// BIND with these options and zones; it asks nobody but loopback addresses.
pub(crate) fn bind(options: &str, zones: &[(&'static str, &'static str, &str)]) -> Server {
    start("named", &["-4", "-g", "-n", "1", "-c", "named.conf"], |home, port| {
        let mut config = format!(
            "options {{ directory \"{home}\"; pid-file none; session-keyfile none; managed-keys-directory \"{home}\";\n\
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; query-source address 127.0.0.1;\n\
             dnssec-validation no; notify no; empty-zones-enable no; {options} }};\ncontrols {{ }};\n"
        );
        let mut files = Vec::new();
        for (origin, file, text) in zones {
            config.push_str(&format!("zone \"{origin}\" {{ type primary; file \"{file}\"; check-names ignore; }};\n"));
            files.push((*file, (*text).to_owned()));
        }
        files.push(("named.conf", config));
        files
    })
}
