//! The memory of our program, in core files that gdb makes at a moment of the test's choice.
//! What its registers hold is not looked at: nothing wipes them, as `docs/SECURITY.md` says.

use super::search::Canary;
use super::{CHALLENGE, NAME, REQUEST, URL, keep, scene};
use crate::rig::{Rig, gits, held, programs};
use object::{Object as _, ObjectSegment as _};
use std::path::Path;

/// Ways of glibc to copy memory, as `GLIBC_TUNABLES`: through the registers that this
/// processor offers, and as on one without AVX-512. Other C libraries know one way.
const WAYS_TO_COPY: [&str; 2] = ["", "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW"];

/// Runs our program under gdb up to this system call, writes a core file there and lets
/// nothing of the process go on. Returns the core file's bytes.
///
/// # Panics
/// If it never gets there.
fn core_at(rig: &Rig, call: &str, arguments: &[&str], input: &str, tunables: &str) -> Vec<u8> {
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
        format!("set environment GLIBC_TUNABLES {tunables}"),
        // Nothing is left out that a process could still read.
        "set use-coredump-filter off".to_owned(),
        "set dump-excluded-mappings on".to_owned(),
        format!("catch syscall {call}"),
        format!(
            "run {} <'{}' >'{}'",
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

/// What a core file has of the process's memory: its LOAD segments. The rest is notes, of
/// which some hold the registers.
fn memory_of(core: &[u8]) -> Vec<u8> {
    let core = object::File::parse(core).unwrap_or_else(|error| panic!("{error}"));
    let segments = core.segments().map(|segment| segment.data());
    let segments: object::Result<Vec<&[u8]>> = segments.collect();
    segments.unwrap_or_else(|error| panic!("{error}")).concat()
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
    let served = format!("{REQUEST}username={NAME}\npassword={token}\n");
    let refused = format!("{CHALLENGE}{served}");
    let commands = [
        (&["get"][..], REQUEST),
        (&["store"], &served),
        (&["status", "--check"], ""),
        (&["erase"], &refused),
        (&["logout", "--all"], ""),
        (login, &token),
    ];
    for tunables in WAYS_TO_COPY {
        // The control: while it is being verified, it is there. The bus is written to
        // otherwise.
        let core = core_at(&rig, "sendto", login, &token, tunables);
        assert!(canary.form_in(&memory_of(&core)).is_some(), "{tunables}");
        keep(&rig, &token);
        for (arguments, input) in commands {
            let mut core = core_at(&rig, "exit_group", arguments, input, tunables);
            // As a note is: within the file, and in no part that was memory.
            core.extend(token.as_bytes());
            let found = canary.form_in(&memory_of(&core));
            assert_eq!(found, None, "{arguments:?} {tunables}");
        }
    }
    let runs = commands.len() * WAYS_TO_COPY.len();
    held("no secret is left in memory at the end", runs);
}
