//! The pure functions of the check: its own unit tests, in Python.

use crate::rig::programs;
use std::path::Path;
use std::process::Command;

#[test]
fn each_judge_knows_both_outcomes() {
    if !programs::present("python", &["python3"]) {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live");
    let mut command = Command::new("python3");
    command
        .args(["-B", "-m", "unittest", "--quiet", "test_rows"])
        .current_dir(folder);
    let ended = command.output().expect("python3 starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
}
