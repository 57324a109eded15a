//! Core files of our program, made by gdb at a moment of the test's choice.

use super::search::Canary;
use super::{CHALLENGE, NAME, REQUEST, URL, keep, scene};
use crate::rig::{Rig, gits, held, programs};
use std::path::Path;

/// Runs our program under gdb up to this system call, writes a core file there and lets
/// nothing of the process go on. Returns the core file's bytes.
///
/// # Panics
/// If it never gets there.
fn core_at(rig: &Rig, call: &str, arguments: &[&str], input: &str) -> Vec<u8> {
    let git = &gits()[0];
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("input"), input).unwrap_or_else(|error| panic!("{error}"));
    let program = rig.home.path().join("bin/git-credential-bitbucket");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut command = rig.without_terminal(git, "gdb");
    command.env("SHELL", "/bin/sh");
    command.args(["-nx", "-nh", "-batch"]);
    for instruction in [
        "set confirm off".to_owned(),
        "set auto-solib-add off".to_owned(),
        // Nothing is left out that a process could still read.
        "set use-coredump-filter off".to_owned(),
        "set dump-excluded-mappings on".to_owned(),
        format!("catch syscall {call}"),
        format!(
            "run {} <{} >{}",
            arguments.join(" "),
            text(&file("input")),
            text(&file("output"))
        ),
        format!("generate-core-file {}", text(&file("core"))),
        "kill".to_owned(),
    ] {
        command.args(["-ex", &instruction]);
    }
    command.arg(&program);
    let ended = rig.run(command, b"");
    let core = std::fs::read(file("core")).unwrap_or_default();
    assert!(core.starts_with(b"\x7fELF"), "no core file: {ended:#?}");
    core
}

/// A core file that is written as the program ends, dumping forced from outside: every
/// secret has been dropped by then, and its memory was wiped.
#[test]
fn a_core_file_after_the_end_has_nothing() {
    if !programs::present("gdb", &["gdb"]) {
        return;
    }
    let Some((rig, token)) = scene() else { return };
    let canary = Canary::new(&token);
    let login = &["login", "--with-token", URL][..];
    // The control: while it is being verified, it is there. The bus is written to otherwise.
    let core = core_at(&rig, "sendto", login, &token);
    assert!(canary.form_in(&core).is_some());
    keep(&rig, &token);
    let served = format!("{REQUEST}username={NAME}\npassword={token}\n");
    let commands = [
        (&["get"][..], REQUEST),
        (&["store"], &served),
        (&["status", "--check"], ""),
        (&["erase"], &format!("{CHALLENGE}{served}")),
        (&["logout", "--all"], ""),
        (login, &token),
    ];
    for (arguments, input) in commands {
        let core = core_at(&rig, "exit_group", arguments, input);
        assert_eq!(canary.form_in(&core), None, "{arguments:?}");
    }
    held("no secret is left in memory at the end", commands.len());
}
