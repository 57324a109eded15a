//! The inputs that fuzzing begins with, some of which it has found: each of them, and each with
//! one byte changed, goes through the check of its target. That needs no fuzzer and no other
//! compiler; `tests/fuzz/run` goes further.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

#[path = "../fuzz/checks/answer.rs"]
mod answer;
#[path = "../fuzz/checks/message.rs"]
mod message;
#[path = "../fuzz/checks/payload.rs"]
mod payload;
#[path = "../fuzz/checks/round_trip.rs"]
mod round_trip;
#[path = "../fuzz/checks/shape.rs"]
mod shape;
#[path = "../fuzz/checks/site.rs"]
mod site;

/// Bytes that mean something to one of the readers, and some that mean nothing.
const TELLING: [u8; 12] = *b"\n\r\0\xff =:/\"9A\xc3";

#[test]
fn answers_of_a_server() {
    check_seeds("answer", answer::check);
}

#[test]
fn messages_from_git() {
    check_seeds("message", message::check);
}

#[test]
fn items_of_a_keychain() {
    check_seeds("payload", payload::check);
}

#[test]
fn answers_to_git() {
    check_seeds("round_trip", round_trip::check);
}

#[test]
fn secrets() {
    check_seeds("shape", shape::check);
}

#[test]
fn hosts_and_paths() {
    check_seeds("site", |input| {
        if let Ok(text) = str::from_utf8(input) {
            site::check(text);
        }
    });
}

#[test]
fn every_target_is_here() {
    let names = |folder: &str| -> BTreeSet<_> {
        let entries = fs::read_dir(fuzz(folder)).expect("a folder of tests/fuzz");
        entries
            .map(|entry| entry.expect("an entry of it").path())
            .map(|path| path.file_stem().expect("a name").to_owned())
            .collect()
    };
    let targets = names("fuzz_targets");
    assert_eq!((&targets, &targets), (&names("checks"), &names("corpus")));
    for target in targets {
        let line = format!("check_seeds({target:?}, ");
        assert!(include_str!("fuzz_seeds.rs").contains(&line), "{line}");
    }
}

fn fuzz(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(name)
}

/// Runs the check of a target with each of its seeds, and with all that differ from one by a byte.
fn check_seeds(target: &str, check: fn(&[u8])) {
    let seeds = fs::read_dir(fuzz("corpus").join(target)).expect("seeds");
    for seed in seeds {
        let path = seed.expect("a seed").path();
        let seed = fs::read(&path).expect("a seed");
        for input in changed(&seed) {
            let holds = catch_unwind(|| check(&input)).is_ok();
            assert!(holds, "{}: {}", path.display(), input.escape_ascii());
        }
    }
}

/// These bytes; then with one left out, twice there, or another one.
fn changed(seed: &[u8]) -> Vec<Vec<u8>> {
    let mut inputs = vec![seed.to_vec()];
    for (place, &byte) in seed.iter().enumerate() {
        let replaced = TELLING.iter().map(|&other| vec![other]);
        for instead in replaced.chain([vec![], vec![byte, byte]]) {
            let mut input = seed.to_vec();
            input.splice(place..=place, instead);
            inputs.push(input);
        }
    }
    inputs
}
