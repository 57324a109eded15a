//! Unix: resource limits, standard input without a buffer, folders and paths; in files of their own
//! the terminal, files that only their owner may use, and programs that are started.

mod console;
mod private_files;
mod program;

pub use console::Console;
pub use private_files::{
    create_private_folder, open_private_file, open_private_log, read_private_file,
    write_private_file,
};
pub use program::{TerminalModes, end_group, output_of_program, shell, start_in_own_group};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Resource, Rlimit, getpgrp, setrlimit};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Forbids core dumps and, on Linux, looks into our memory and environment by other
/// processes of the same user. First thing in `main`. Children inherit the limit.
///
/// macOS has no safe call for the latter; there the system's own protection (a debugger
/// needs an entitlement or root) has to do.
pub fn keep_memory_private() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering a limit is always allowed, and refusing to work would protect nobody.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Standard input without the buffer that the standard library puts before it: secrets
/// come through here, and that buffer is never wiped.
pub struct StandardInput;

impl Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
    }
}

/// The folders in which a program started from a desktop looks for others.
pub const DESKTOP_PATH: &[&str] = if cfg!(target_os = "macos") {
    &["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
} else {
    &["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
};

/// Whether this is a file that may be run.
pub fn is_program(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Whether Git takes the value of `credential.helper` for a path.
pub fn is_absolute_command(value: &str) -> bool {
    value.starts_with('/')
}

/// A variable's name as the rest of us looks for it.
pub fn variable_name(name: &OsStr) -> OsString {
    name.to_owned()
}

/// Where Git looks for a home that `HOME` does not name: nowhere.
pub fn home_without_variable<'a>(_variable: impl Fn(&str) -> Option<&'a OsStr>) -> Option<PathBuf> {
    None
}

/// A path as Git prints it.
pub fn path_from_git(bytes: &[u8]) -> PathBuf {
    OsStr::from_bytes(bytes).into()
}

/// A path as a shell reads it, before quoting.
pub fn path_for_shell(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

/// The folder for files of ours that may be lost at any time; it need not exist.
pub fn cache_folder() -> Option<PathBuf> {
    let below_home = if cfg!(target_os = "macos") {
        "Library/Caches"
    } else {
        ".cache"
    };
    folder_of_ours("XDG_CACHE_HOME", below_home)
}

/// The folder for files of ours that are to stay; it need not exist.
pub fn data_folder() -> Option<PathBuf> {
    let below_home = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/share"
    };
    folder_of_ours("XDG_DATA_HOME", below_home)
}

fn folder_of_ours(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let parent = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)));
    Some(parent?.join("git-credential-bitbucket"))
}

/// What the terminal is called that standard error or input is.
pub fn terminal_name() -> Option<OsString> {
    let names = [
        rustix::termios::ttyname(io::stderr(), Vec::new()),
        rustix::termios::ttyname(io::stdin(), Vec::new()),
    ];
    let name = names.into_iter().flatten().next()?;
    Some(OsStr::from_bytes(name.as_bytes()).to_owned())
}

/// Does something with this folder as the current one, and goes back. Other threads that do
/// the same wait; none of ours relies on where it is.
pub fn in_folder<T>(folder: &Path, action: impl FnOnce() -> T) -> io::Result<T> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    // Not to be read: it may be somebody else's.
    #[cfg(target_os = "linux")]
    let flags = flags | OFlags::PATH;
    let here = rustix::fs::open(".", flags, Mode::empty())?;
    rustix::process::chdir(folder)?;
    let outcome = action();
    rustix::process::fchdir(&here)?;
    Ok(outcome)
}

/// The number that all processes of one command line have in common: its process group,
/// as a shell with job control makes it.
pub fn job() -> Option<u32> {
    u32::try_from(getpgrp().as_raw_nonzero().get()).ok()
}

#[cfg(test)]
mod tests {
    use super::keep_memory_private;
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn no_core_file_and_no_looks() {
        keep_memory_private();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
