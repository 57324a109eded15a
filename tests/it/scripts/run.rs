//! `tests/run` installs what is missing, and names what it cannot have instead of failing.
//! Stand-ins record what apt and cargo were asked to do.

use super::sandbox::{Sandbox, fail, find, succeed};
use crate::rig::programs;
use crate::rig::wait_until;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Notes its arguments and which tests are to be skipped.
const CARGO: &str = "#!/bin/sh
printf 'cargo %s; skip: %s\n' \"$*\" \"$GCB_TESTS_SKIP\" >>\"$CALLS\"
";

/// Notes its arguments; an installed package brings `curl`, and nothing else that was missing.
const APT_GET: &str = "#!/bin/sh
printf 'apt-get %s\n' \"$*\" >>\"$CALLS\"
case $* in *install*curl*) ln -s cargo \"${0%/*}/curl\" ;; esac
";

/// All packages are there but two, one of them removed with its configuration left.
const DPKG_QUERY: &str = "#!/bin/sh
case $* in *curl) echo config-files ;; *dbus-bin) exit 1 ;; *) echo installed ;; esac
";

/// Notes that it was used.
const SUDO: &str = "#!/bin/sh
printf 'sudo ' >>\"$CALLS\"
\"$@\"
";

/// This release has no package `dbus-bin`, but one that names it.
const APT_CACHE: &str = "#!/bin/sh
[ \"$2\" = dbus-bin ] || echo \"Package: $2\"
";

/// What the tests need, and what the script itself calls.
const PROGRAMS: [&str; 29] = [
    "cc",
    "Xvfb",
    "dbus-run-session",
    "dbus-send",
    "gcr-viewer",
    "gnome-keyring-daemon",
    "gpg",
    "keepassxc",
    "pass",
    "xdotool",
    "secret-tool",
    "shellcheck",
    "curl",
    "wget",
    "strace",
    "gdb",
    "git-lfs",
    "pkg-config",
    "proxychains4",
    "python3",
    "systemd-analyze",
    "man",
    "groff",
    "mandoc",
    "bash",
    "zsh",
    "fish",
    "gopass",
    "sudo",
];

/// A machine with cargo where the programs in `without` are missing.
fn machine(without: &[&str]) -> Sandbox {
    let sandbox = Sandbox::empty();
    for tool in ["awk", "env", "grep", "ln", "paste", "sort", "tr"] {
        symlink(find(tool).unwrap(), sandbox.path("tools").join(tool)).unwrap();
    }
    sandbox.write("tools/id", "#!/bin/sh\necho 1000\n");
    sandbox.write("tools/cargo", CARGO);
    for program in PROGRAMS.iter().filter(|name| !without.contains(name)) {
        sandbox.write(&format!("tools/{program}"), "#!/bin/sh\n");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run");
    fs::create_dir(sandbox.path("release/tests")).unwrap();
    programs::copy(&script, &sandbox.path("release/tests/run"));
    sandbox
}

fn run(sandbox: &Sandbox) -> Command {
    let mut command = Command::new(sandbox.path("release/tests/run"));
    sandbox.prepare(&mut command);
    command.args(["--test", "one"]);
    command
}

#[test]
fn a_complete_machine_runs_every_test_and_names_its_gits() {
    let sandbox = machine(&[]);
    let said = succeed(&mut run(&sandbox));
    assert!(said.starts_with("Taking part:\ngit version "), "{said}");
    assert_eq!(
        sandbox.calls(),
        "cargo test --locked --no-fail-fast --test one; skip: \n"
    );
}

/// What takes long to build is begun beside the tests, where all of them run.
#[test]
fn the_clients_are_built_beside_all_tests() {
    let sandbox = machine(&[]);
    let mut command = run(&sandbox);
    let mut all = Command::new(command.get_program());
    sandbox.prepare(&mut all);
    succeed(&mut all);
    let calls = || sandbox.calls();
    let is_noted = |call: &str| calls().lines().any(|line| line.starts_with(call));
    assert!(is_noted("cargo test --locked --no-fail-fast; "));
    // It goes on in the background.
    wait_until("it builds", || {
        is_noted("cargo build --quiet --locked --manifest-path tests/it/clients/")
    });
    command.status().unwrap();
    assert_eq!(calls().matches("cargo build").count(), 1);
}

/// Where a folder in memory has room for programs, tests put their files there.
#[test]
fn temporary_files_lie_in_memory_where_that_can_be() {
    let room = "2000000";
    for (available, mode, chosen, expected) in [
        (room, "700", "", "/dev/shm"),
        ("1999999", "700", "", "none"),
        (room, "600", "", "none"),
        ("", "700", "", "none"),
        (room, "700", "/mine", "/mine"),
    ] {
        let sandbox = machine(&[]);
        let cargo = "#!/bin/sh\necho \"${TMPDIR-none}\" >>\"$CALLS\"\n";
        sandbox.write("tools/cargo", cargo);
        // A folder with this much room, where programs have these rights at most.
        if !available.is_empty() {
            sandbox.write("tools/mktemp", "#!/bin/sh\necho \"$HOME/program\"\n");
        }
        sandbox.write(
            "tools/df",
            &format!("#!/bin/sh\necho shm 1 1 {available} 1%\n"),
        );
        fs::remove_file(sandbox.path("tools/chmod")).unwrap();
        let real = find("chmod").unwrap();
        let chmod = format!("#!/bin/sh\n{} {mode} \"$2\"\n", real.display());
        sandbox.write("tools/chmod", &chmod);
        let mut command = run(&sandbox);
        if !chosen.is_empty() {
            command.env("TMPDIR", chosen);
        }
        succeed(&mut command);
        assert_eq!(
            sandbox.calls(),
            format!("{expected}\n"),
            "{available} {mode}"
        );
        assert!(!sandbox.path("home/program").exists());
    }
}

#[test]
fn without_apt_what_is_missing_is_named_and_skipped() {
    let sandbox = machine(&["curl", "dbus-send", "secret-tool"]);
    let said = succeed(run(&sandbox).env("GCB_TESTS_SKIP", "shellcheck"));
    for program in ["curl", "dbus-send", "secret-tool"] {
        assert!(said.contains(&format!("{program} is missing: ")), "{said}");
    }
    assert!(
        sandbox
            .calls()
            .ends_with("; skip: curl,keyring,shellcheck\n"),
        "{}",
        sandbox.calls()
    );
}

#[test]
fn apt_installs_what_is_missing_and_on_offer() {
    let sandbox = machine(&["curl", "dbus-send"]);
    sandbox.write("tools/apt-get", APT_GET);
    sandbox.write("tools/apt-cache", APT_CACHE);
    sandbox.write("tools/dpkg-query", DPKG_QUERY);
    sandbox.write("tools/sudo", SUDO);
    let said = succeed(&mut run(&sandbox));
    assert!(said.contains("dbus-send is missing: "), "{said}");
    assert_eq!(
        sandbox.calls(),
        "sudo apt-get -o DPkg::Lock::Timeout=600 -qq update\n\
         sudo apt-get -o DPkg::Lock::Timeout=600 -qq install -y --no-install-recommends curl\n\
         cargo test --locked --no-fail-fast --test one; skip: keyring\n"
    );
}

#[test]
fn apt_without_the_right_to_use_it_skips_as_well() {
    let sandbox = machine(&["curl"]);
    sandbox.write("tools/apt-get", "#!/bin/sh\nexit 100\n");
    sandbox.write("tools/apt-cache", APT_CACHE);
    sandbox.write("tools/dpkg-query", DPKG_QUERY);
    sandbox.write("tools/sudo", "#!/bin/sh\nexit 1\n");
    let output = run(&sandbox).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("apt could not install all"));
    assert!(
        sandbox.calls().ends_with("; skip: curl\n"),
        "{}",
        sandbox.calls()
    );
}

#[test]
fn without_what_every_test_needs_none_is_run() {
    let sandbox = machine(&["cc"]);
    let complaint = fail(&mut run(&sandbox));
    assert!(complaint.contains("without cc."), "{complaint}");
    assert_eq!(sandbox.calls(), "");
    fs::remove_file(sandbox.path("tools/cargo")).unwrap();
    let complaint = fail(&mut run(&sandbox));
    assert!(complaint.contains("cargo is missing"), "{complaint}");
}
