//! The shell scripts: `install.sh` and the test command keep their promises.
#![cfg(unix)]

mod install;
mod obstacles;
mod release;
mod run;
mod sandbox;

use std::io::Write;
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
    let checked = Command::new("shellcheck")
        .args([
            // What a script sources is read with it.
            "--external-sources",
            "install.sh",
            "tests/run",
            ".ci/common",
            ".ci/full",
            ".ci/run",
            ".ci/release",
            ".ci/reproducible",
            ".ci/zig",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("shellcheck is missing; ./tests/run installs it or skips this test");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}
