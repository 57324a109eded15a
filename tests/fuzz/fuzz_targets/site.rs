//! The check of this name, for libFuzzer.

#![no_main]

#[path = "../checks/site.rs"]
mod site;

libfuzzer_sys::fuzz_target!(|input: &str| site::check(input));
