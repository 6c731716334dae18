//! What the size of the catalogue costs: `build` of one site, with a fresh catalogue of 40 and of 400 templates, as a process has it.
//! `cargo bench --bench catalogue`; the two should be as good as equal.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::render::{Input, zone};
use zoneplan::report::Lang;
use zoneplan::site::InMemory;
use zoneplan::zone::Record;

/// The story, with ids; and the same with native names, which are looked up in every template's head.
fn site(native: bool) -> InMemory {
    let text = include_str!("../examples/hogehoge/site.toml");
    let text = if native {
        text.replace("provider = \"makeshop\"", "provider = \"メイクショップ\"")
            .replace("provider = \"xserver\"", "provider = \"エックスサーバー\"")
    } else {
        text.to_owned()
    };
    assert!(!native || text.contains("エックスサーバー"));
    InMemory::site(text).and("keys/xserver.txt", include_bytes!("../examples/hogehoge/keys/xserver.txt"))
}

/// Id and text, as they stand in a binary.
type Template = (&'static str, &'static str);

/// So many templates of a kind: those that the site uses, then the others in turn; beyond their number again under other ids.
fn templates(folder: &str, count: usize) -> Vec<Template> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(folder);
    let mut all: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    let used = ["makeshop", "xserver", "example-127", "cloudflare"];
    all.sort_by_key(|(id, _)| (!used.contains(&id.as_str()), id.clone()));
    let again = all.iter().enumerate().map(|(i, (id, text))| {
        let other = format!("{id}-{i}");
        (other.clone(), text.replacen(&format!("id = \"{id}\""), &format!("id = \"{other}\""), 1))
    });
    let again: Vec<(String, String)> = again.collect();
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let out: Vec<Template> =
        all.into_iter().chain(again).take(count).map(|(id, text)| (leak(id), leak(text))).collect();
    assert_eq!(out.len(), count);
    out
}

/// Builds the site, each time with a fresh catalogue of `count` templates, three senders for each registrar.
fn with_templates(bencher: divan::Bencher<'_, '_>, files: &InMemory, count: usize) {
    let (senders, registrars) = (templates("senders", count * 3 / 4), templates("registrars", count / 4));
    bencher
        .with_inputs(|| (senders.clone(), registrars.clone()))
        .bench_local_values(|(senders, registrars)| black_box(built(files, &Catalogue::of(senders, registrars))));
}

/// Octets of the zone that comes of the site.
fn built(files: &InMemory, catalogue: &Catalogue) -> usize {
    let run = build("site.toml", files, catalogue, &Overrides::default(), |built| {
        let input = Input { built: *built, lang: Lang::En, client: false, complete: None, gone: &[] };
        (zone::FORMAT.write)(&input).iter().map(|p| p.text.len()).sum()
    });
    run.product.expect("it builds")
}

#[divan::bench(args = [40, 400], sample_count = 300)]
fn build_one_site(bencher: divan::Bencher<'_, '_>, count: usize) {
    with_templates(bencher, &site(false), count);
}

#[divan::bench(args = [40, 400], sample_count = 300)]
fn build_one_site_by_native_names(bencher: divan::Bencher<'_, '_>, count: usize) {
    with_templates(bencher, &site(true), count);
}

/// The index that recognition goes by: made once of all templates.
#[divan::bench(sample_count = 20)]
fn recognition_index() -> usize {
    black_box(Catalogue::embedded().recognise(&[]).len())
}

/// Records of several services, and of none.
const ZONE: &[u8] = b"
$TTL 3600
@ IN MX 0 mail
@ IN TXT \"v=spf1 +a:sv14166.xserver.jp +mx include:spf.sender.xserver.jp include:spf.makeshop.jp ~all\"
shop12._domainkey IN CNAME shop12._domainkey.makeshop.jp.
s1._domainkey IN CNAME s1.domainkey.u1.wl1.sendgrid.net.
em1 IN CNAME u1.wl1.sendgrid.net.
www IN CNAME www.example.net.
@ IN TXT \"google-site-verification=abc\"
mail IN A 192.0.2.1
";

/// Records against the index, however many templates there are.
#[divan::bench(args = [100, 10_000], sample_count = 20)]
fn recognise(bencher: divan::Bencher<'_, '_>, count: usize) {
    let catalogue = Catalogue::embedded();
    let origin = zoneplan::zone::Name::parse_absolute("example.com").unwrap();
    let zone = zoneplan::zone::MasterFile::read(ZONE, &origin).records;
    let zone: Vec<Record> = zone.into_iter().map(|r| r.into_record(3600)).collect();
    let zone: Vec<Record> = zone.iter().cycle().take(count).cloned().collect();
    let _ = catalogue.recognise(&[]);
    bencher.bench_local(|| black_box(catalogue.recognise(&zone).len()));
}

fn main() {
    divan::main();
}
