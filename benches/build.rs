//! From site.toml to text, in memory: one site, and 1,000 sites in one call. `cargo bench`; `benches/compare` sets the whole process beside
//! other programs.

use std::hint::black_box;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::render::{Input, zone};
use zoneplan::report::Lang;
use zoneplan::site::InMemory;

const SITE: &str = include_str!("../examples/hogehoge/site.toml");
const KEY: &[u8] = include_bytes!("../examples/hogehoge/keys/xserver.txt");

fn files(sites: usize) -> InMemory {
    let site = |i: usize| (format!("{i}.toml"), SITE.replace("hogehoge.com", &format!("s{i}.example.com")));
    let key = InMemory::default().and("keys/xserver.txt", KEY);
    (0..sites).map(site).fold(key, |files, (name, text)| files.and(&name, text))
}

/// Octets of the zone text that comes of one site.
fn one(path: &str, files: &InMemory, catalogue: &Catalogue) -> usize {
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
