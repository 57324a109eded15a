//! The check of this name, for libFuzzer.

#![no_main]

#[path = "../checks/shape.rs"]
mod shape;

libfuzzer_sys::fuzz_target!(|input: &[u8]| shape::check(input));
