//! `install.sh` where it cannot do what it is asked to: it says why and changes nothing.

use super::release::{changed, released};
use super::sandbox::{NAME, PROGRAM, Sandbox, fail, find};
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

/// A way in which installing cannot work.
struct Obstacle {
    sandbox: fn() -> Sandbox,
    arguments: &'static [&'static str],
    without_tool: Option<&'static str>,
    variable: (&'static str, &'static str),
    complaint: &'static str,
}

/// No obstacle, to be changed into one.
const NONE: Obstacle = Obstacle {
    sandbox: Sandbox::release,
    arguments: &[],
    without_tool: None,
    variable: ("UNUSED", ""),
    complaint: "",
};

/// A program, but no list of checksums.
fn unlisted() -> Sandbox {
    let sandbox = Sandbox::release();
    fs::remove_file(sandbox.path("release/SHA256SUMS")).unwrap();
    sandbox
}

/// Another release's list of checksums.
fn listed_elsewhere() -> Sandbox {
    let sandbox = unlisted();
    let list = format!("{}  {NAME}-0.0.1\n", "0".repeat(64));
    sandbox.write("release/SHA256SUMS", &list);
    sandbox
}

/// Two versions for this machine.
fn two_versions() -> Sandbox {
    let sandbox = Sandbox::empty();
    for version in ["1.0.0", "1.1.0"] {
        sandbox.release_program(&released(version, "musl"), PROGRAM);
    }
    sandbox
}

/// A program for another processor.
fn foreign() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.release_program(&format!("{NAME}-1.0.0-s390x-unknown-linux-musl"), PROGRAM);
    sandbox
}

const OBSTACLES: [Obstacle; 17] = [
    Obstacle {
        sandbox: Sandbox::empty,
        complaint: "nor its source",
        ..NONE
    },
    Obstacle {
        sandbox: foreign,
        complaint: "nor its source",
        ..NONE
    },
    Obstacle {
        sandbox: changed,
        complaint: "is not what was released",
        ..NONE
    },
    Obstacle {
        sandbox: unlisted,
        complaint: "SHA256SUMS does not list it",
        ..NONE
    },
    Obstacle {
        sandbox: listed_elsewhere,
        complaint: "SHA256SUMS does not list it",
        ..NONE
    },
    Obstacle {
        without_tool: Some("sha256sum"),
        complaint: "neither sha256sum nor shasum",
        ..NONE
    },
    Obstacle {
        sandbox: two_versions,
        complaint: "Name one with --binary",
        ..NONE
    },
    Obstacle {
        arguments: &["--binary", "missing"],
        complaint: "there is no file missing",
        ..NONE
    },
    Obstacle {
        arguments: &["--binary"],
        complaint: "--binary needs",
        ..NONE
    },
    Obstacle {
        sandbox: Sandbox::source,
        without_tool: Some("cargo"),
        complaint: "Install Rust",
        ..NONE
    },
    Obstacle {
        sandbox: Sandbox::source,
        variable: ("FAIL", "build"),
        complaint: "the build failed",
        ..NONE
    },
    Obstacle {
        without_tool: Some("git"),
        complaint: "git is not on PATH",
        ..NONE
    },
    Obstacle {
        variable: ("FAIL", "--version"),
        complaint: "does not run on this system",
        ..NONE
    },
    Obstacle {
        arguments: &["--prefix"],
        complaint: "unknown option: --prefix",
        ..NONE
    },
    Obstacle {
        arguments: &["--no-configure", "now"],
        complaint: "unknown option: now",
        ..NONE
    },
    Obstacle {
        variable: ("PREFIX", "one\ntwo"),
        complaint: "single line",
        ..NONE
    },
    Obstacle {
        variable: ("HOME", ""),
        complaint: "neither PREFIX nor HOME",
        ..NONE
    },
];

#[test]
fn what_cannot_work_is_explained_and_changes_nothing() {
    for obstacle in OBSTACLES {
        let sandbox = (obstacle.sandbox)();
        if let Some(tool) = obstacle.without_tool {
            fs::remove_file(sandbox.path("tools").join(tool)).unwrap();
        }
        let (name, value) = obstacle.variable;
        let complaint = fail(sandbox.command(obstacle.arguments).env(name, value));
        assert!(complaint.contains(obstacle.complaint), "{complaint}");
        assert!(complaint.ends_with("Nothing was changed.\n"), "{complaint}");
        assert_eq!(sandbox.home(), BTreeMap::new(), "{complaint}");
        assert!(!sandbox.calls().contains("configure"), "{complaint}");
    }
}

/// Of several at once each finds folders that another has just made, and files that another is
/// writing.
#[test]
fn several_at_once_all_succeed_and_all_of_it_goes_again() {
    let sandbox = Sandbox::release();
    sandbox.write(&format!("release/docs/{NAME}.1"), ".TH manual\n");
    let runs: Vec<_> = (0..6)
        .map(|_| {
            let mut command = sandbox.command(&[]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    }
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), PROGRAM);
    sandbox.succeed(&["--uninstall"]);
    assert_eq!(sandbox.home(), BTreeMap::new());
}

/// The same, without luck: another run makes each folder in the moment before this one does.
#[test]
fn a_folder_that_another_run_makes_meanwhile_is_no_failure() {
    let sandbox = Sandbox::release();
    let real = find("mkdir").unwrap();
    fs::remove_file(sandbox.path("tools/mkdir")).unwrap();
    let before = format!("#!/bin/sh\n{0} \"$@\"\n{0} \"$@\"\n", real.display());
    sandbox.write("tools/mkdir", &before);
    sandbox.succeed(&[]);
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), PROGRAM);
}

/// Nothing can be done at the moment of a kill, so the next run does it.
#[test]
fn what_a_killed_run_left_goes_with_the_next() {
    for arguments in [&[][..], &["--uninstall"]] {
        let sandbox = Sandbox::release();
        sandbox.succeed(&[]);
        let bin = sandbox.path("home/.local/bin");
        let mut ended = Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let of = |process: u32| bin.join(format!(".{NAME}.{process}"));
        let (dead, alive) = (of(ended.id()), of(std::process::id()));
        fs::write(&dead, "half").unwrap();
        fs::write(&alive, "half").unwrap();
        sandbox.succeed(arguments);
        assert!(!dead.exists(), "{arguments:?}");
        assert!(alive.exists(), "{arguments:?}");
    }
}
