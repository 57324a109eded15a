//! The shell scripts: `install.sh` and the test command keep their promises.
#![cfg(unix)]

mod from_url;
mod install;
mod obstacles;
mod release;
mod run;
mod sandbox;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let skipped = std::env::var("GCB_TESTS_SKIP").unwrap_or_default();
    if skipped.split(',').any(|facility| facility == "shellcheck") {
        // Not `eprintln!`: this has to be seen although the test passes.
        writeln!(
            std::io::stderr(),
            "SKIPPED shellcheck_finds_nothing_in_the_scripts: shellcheck missing"
        )
        .unwrap();
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join(".ci")).unwrap();
    let ours = entries.map(|entry| entry.unwrap().path()).filter(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        first.ends_with("/bash") || first == "# shellcheck shell=bash"
    });
    let checked = Command::new("shellcheck")
        // What a script sources is read with it.
        .args(["--external-sources", "install.sh", "tests/run"])
        .args(ours)
        .current_dir(root)
        .output()
        .expect("shellcheck is missing; ./tests/run installs it or skips this test");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}
