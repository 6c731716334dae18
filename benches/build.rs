//! From site.toml to text, in memory: one site, and 1,000 sites in one call. `cargo bench`; `benches/compare` sets the whole process beside
//! other programs.

use std::collections::BTreeMap;
use std::hint::black_box;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::render::{Input, zone};
use zoneplan::report::Lang;
use zoneplan::site::{FileError, Files};

/// Files in memory.
#[derive(Debug, Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, FileError> {
        self.0.get(path).cloned().ok_or(FileError::NotFound)
    }
    fn beside(&self, _: &str, name: &str) -> String {
        name.to_owned()
    }
    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

const SITE: &str = include_str!("../examples/hogehoge/site.toml");
const KEY: &[u8] = include_bytes!("../examples/hogehoge/keys/xserver.txt");

fn files(sites: usize) -> Memory {
    let mut files = Memory::default();
    files.0.insert("keys/xserver.txt".into(), KEY.to_vec());
    for i in 0..sites {
        files.0.insert(format!("{i}.toml"), SITE.replace("hogehoge.com", &format!("s{i}.example.com")).into_bytes());
    }
    files
}

/// Octets of the zone text that comes of one site.
fn one(path: &str, files: &Memory, catalogue: &Catalogue) -> usize {
    let run = build(path, files, catalogue, &Overrides::default(), |built| {
        let input = Input { built: *built, lang: Lang::En, client: false, complete: None, gone: &[] };
        (zone::FORMAT.write)(&input).iter().map(|p| p.text.len()).sum()
    });
    run.product.unwrap_or(0)
}

/// One site with a fresh catalogue, as a process has it.
#[divan::bench]
fn one_site(bencher: divan::Bencher<'_, '_>) {
    let files = files(1);
    bencher.bench_local(|| black_box(one("0.toml", &files, &Catalogue::embedded())));
}

/// 1,000 sites with one catalogue, on one thread.
#[divan::bench(sample_count = 10)]
fn thousand_sites(bencher: divan::Bencher<'_, '_>) {
    let files = files(1_000);
    let catalogue = Catalogue::embedded();
    bencher.bench_local(|| {
        let total: usize = (0..1_000).map(|i| one(&format!("{i}.toml"), &files, &catalogue)).sum();
        assert!(total > 1_000_000, "{total}");
        black_box(total)
    });
}

fn main() {
    divan::main();
}
