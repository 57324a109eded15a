//! Programs: those that some tests need and a machine may lack, and those that tests write.

use rustix::fs::Access;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether all of these are here. If not, and `GCB_TESTS_SKIP` (a list with commas) has
/// this group's name, the running test is said to be skipped and shall return.
///
/// # Panics
/// If some are missing and nobody said that this may be.
#[must_use]
pub fn present(group: &str, programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|name| find(name.as_ref(), &path).is_none())
        .collect();
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    let skipped = std::env::var("GCB_TESTS_SKIP").unwrap_or_default();
    assert!(
        skipped.split(',').any(|name| name == group),
        "{missing} missing: install it, or set GCB_TESTS_SKIP={group}"
    );
    say_skipped(&missing);
    false
}

/// The first program of this name in the folders of this PATH.
#[must_use]
pub fn find(program: &OsStr, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok())
}

/// A command for a program that is looked up here, in the folders of this PATH. The standard library
/// starts what has another PATH by a copy of this whole process, which costs more the longer the
/// tests run, unless it is told the place.
#[must_use]
pub fn command(program: &OsStr, path: Option<impl AsRef<OsStr>>) -> Command {
    let has_folder = program.as_encoded_bytes().contains(&b'/');
    let found = path
        .filter(|_| !has_folder)
        .and_then(|path| find(program, path.as_ref()));
    let mut command = Command::new(found.as_deref().unwrap_or(Path::new(program)));
    command.arg0(program);
    command
}

/// Writes a program, a script with its first line, that can be run from now on.
///
/// A child does it. What this process has open for writing, a child that another thread is
/// just starting has open, too, and meanwhile the kernel runs no such file: "Text file busy".
///
/// # Panics
/// If it cannot be written.
pub fn write(path: &Path, text: &str) {
    let script = "printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, "sh"]).arg(path).arg(text);
    finish(&mut shell);
}

/// Copies a program in the same way.
///
/// # Panics
/// If it cannot be copied.
pub fn copy(from: &Path, to: &Path) {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "cp -- \"$1\" \"$2\"", "sh"])
        .arg(from)
        .arg(to);
    finish(&mut shell);
}

fn finish(command: &mut Command) {
    let ended = command.env("PATH", "/usr/bin:/bin").output();
    let ended = ended.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ended.status.success(), "{command:?}: {ended:?}");
}

/// Says that the running test has proven nothing.
pub fn say_skipped(missing: &str) {
    say("SKIPPED", &format!("{missing} missing"));
}

/// Says something of the running test past the test harness, which keeps the output of
/// passing tests to itself.
pub fn say(what: &str, why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{what} {test}: {why}.");
}
