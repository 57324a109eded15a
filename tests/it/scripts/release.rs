//! `install.sh` beside released programs: it takes the one for this machine, or the one that is
//! named, and none whose checksum is not the listed one.

use super::sandbox::{NAME, PROGRAM, Sandbox, fail, find};
use std::fs;

/// A program that was changed after it was listed.
pub fn changed() -> Sandbox {
    let sandbox = Sandbox::release();
    sandbox.write(&format!("release/{NAME}"), "#!/bin/sh\n");
    sandbox
}

/// The name of a released program for this processor and a C library.
pub fn released(version: &str, library: &str) -> String {
    let processor = std::env::consts::ARCH;
    format!("{NAME}-{version}-{processor}-unknown-linux-{library}")
}

#[test]
#[cfg(target_os = "linux")]
fn the_program_for_this_machine_is_taken_from_a_release() {
    let sandbox = Sandbox::source();
    for name in [
        "s390x-unknown-linux-musl",
        "aarch64-apple-darwin",
        "x86_64-pc-windows-gnu.exe",
    ] {
        sandbox.release_program(&format!("{NAME}-1.0.0-{name}"), "#!/nowhere\n");
    }
    let installed = sandbox.path("home/.local/bin").join(NAME);
    // The static one is preferred, as it runs on every Linux.
    for library in ["gnu.2.17", "musl"] {
        let program = format!("{PROGRAM}# {library}\n");
        sandbox.release_program(&released("1.0.0", library), &program);
        sandbox.succeed(&[]);
        assert_eq!(fs::read_to_string(&installed).unwrap(), program);
    }
    assert!(!sandbox.calls().contains("cargo"), "{}", sandbox.calls());
}

#[test]
fn the_named_program_is_taken() {
    let sandbox = Sandbox::release();
    let named = format!("{PROGRAM}# named\n");
    sandbox.release_program("of my own", &named);
    sandbox.succeed(&["--binary", "../release/of my own"]);
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), named);
}

#[test]
fn no_checksum_takes_what_nobody_released() {
    let sandbox = Sandbox::source();
    let built = format!("{PROGRAM}# built\n");
    sandbox.write("elsewhere/built", &built);
    fail(&mut sandbox.command(&["--binary", "built"]));
    assert_eq!(sandbox.calls(), "");
    sandbox.succeed(&["--no-checksum", "--binary", "built"]);
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), built);
}

#[test]
fn a_changed_program_is_not_even_started() {
    let sandbox = changed();
    fail(&mut sandbox.command(&[]));
    assert_eq!(sandbox.calls(), "");
}

#[test]
fn shasum_checks_where_there_is_no_sha256sum() {
    let sandbox = Sandbox::release();
    let tools = sandbox.path("tools");
    fs::remove_file(tools.join("sha256sum")).unwrap();
    let real = find("sha256sum").unwrap();
    let stand_in = format!(
        "#!/bin/sh\n[ \"$*\" = '-a 256' ] && exec '{}'\n",
        real.display()
    );
    sandbox.write("tools/shasum", &stand_in);
    sandbox.succeed(&[]);
    sandbox.write(&format!("release/{NAME}"), "#!/bin/sh\n");
    fail(&mut sandbox.command(&[]));
}
