//! A Python of the tests' own, with the packages of `tests/it/clients/requirements.txt`, each
//! fixed by its hash.

use super::programs;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const REQUIREMENTS: &str = include_str!("../clients/requirements.txt");

/// The folder with its `python` and `pip`. `None`: there is no Python, which is allowed and
/// has been printed.
///
/// # Panics
/// If the packages cannot be had.
pub fn folder() -> Option<PathBuf> {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    programs::present("python", &["python3"]).then(|| MADE.get_or_init(make).clone())
}

fn make() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = root.join("target/clients/python");
    // Of an earlier run, and complete.
    let mark = home.join("requirements.txt");
    if fs::read_to_string(&mark).is_ok_and(|made| made == REQUIREMENTS) {
        return home.join("bin");
    }
    let mut command = Command::new("python3");
    command.args(["-m", "venv", "--clear"]).arg(&home);
    finish(&mut command);
    let mut command = Command::new(home.join("bin/python"));
    command
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args([
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirement",
        ])
        .arg(root.join("tests/it/clients/requirements.txt"));
    finish(&mut command);
    fs::write(mark, REQUIREMENTS).expect("a file in target");
    home.join("bin")
}

fn finish(command: &mut Command) {
    let output = command.output().expect("python3 starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
}
