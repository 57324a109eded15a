//! The programs of `tests/it/clients/programs`, built when the first test needs one.

use crate::rig::programs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of one of them. `None`: what builds them is missing, which is allowed and has
/// been printed.
pub fn program(name: &str) -> Option<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    programs::present("libraries", &["cc", "pkg-config"])
        .then(|| BUILT.get_or_init(build).join(name))
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target/clients");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(root.join("tests/it/clients/programs/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .output()
        .expect("cargo starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    target.join("debug")
}
