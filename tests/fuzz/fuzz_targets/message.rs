//! The check of this name, for libFuzzer.

#![no_main]

#[path = "../checks/message.rs"]
mod message;

libfuzzer_sys::fuzz_target!(|input: &[u8]| message::check(input));
