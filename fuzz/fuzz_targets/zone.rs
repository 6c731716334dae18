//! Zone text of any octets. What must hold is in `body.rs`, which tests/zone_fuzz.rs runs without a fuzzer.
#![no_main]

#[path = "../body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|text: &[u8]| body::zone(text));
