//! The check of this name, for libFuzzer.

#![no_main]

#[path = "../checks/payload.rs"]
mod payload;

libfuzzer_sys::fuzz_target!(|input: &[u8]| payload::check(input));
