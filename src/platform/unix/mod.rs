//! Unix: resource limits, `/dev/tty` and its modes.

mod program;

pub use program::{TerminalModes, end_group, output_of_program, shell, start_in_own_group};

use rpassword::ConfigBuilder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Resource, Rlimit, geteuid, getpgrp, setrlimit};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcgetwinsize, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

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

/// Creates a folder, its parents included, that only its owner may enter. Fails if
/// something else is there: a link, or a folder that others own or may write to.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let found = std::fs::symlink_metadata(folder)?;
    private(&found, found.is_dir())
}

/// Reads a file of ours whole. Fails if it is longer than `limit` bytes or not ours: a
/// link, a pipe, or a file that others own or may write to.
pub fn read_private_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe must not wait for whoever writes to it.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    private(&found, found.is_file() && found.len() <= limit)?;
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}

fn private(found: &Metadata, as_expected: bool) -> io::Result<()> {
    let ours = found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0;
    if as_expected && ours {
        Ok(())
    } else {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// Writes a new file that only its owner may read; fails if it exists, even as a link.
pub fn write_private_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(contents)
}

/// Opens a file that only its owner may use, or creates it empty. Fails if it is a link,
/// no plain file, or one that others own or may write to.
pub fn open_private_file(path: &Path) -> io::Result<File> {
    // NONBLOCK: a pipe in its place must not make us wait for its other end.
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    let found = file.metadata()?;
    private(&found, found.is_file())?;
    Ok(file)
}

/// Opens a file to append to, which is made if it is missing. Fails unless it is a plain
/// file, no link, and only its owner, who is us, may read and write it.
pub fn open_private_log(path: &Path) -> io::Result<File> {
    // A pipe must not keep us waiting for its reader, nor a terminal become ours.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    let alone = found.nlink() == 1 && found.mode() & 0o7777 == 0o600;
    private(&found, found.is_file() && alone)?;
    Ok(file)
}

/// The controlling terminal, whatever standard input and output are.
pub struct Console {
    tty: File,
}

impl Console {
    /// Fails where no terminal controls this process: cron, CI, a GUI program.
    pub fn open() -> io::Result<Self> {
        let tty = File::options().read(true).write(true).open("/dev/tty")?;
        Ok(Self { tty })
    }

    /// In characters; `None` if the terminal does not say.
    pub fn width(&self) -> Option<usize> {
        let columns = tcgetwinsize(&self.tty).ok()?.ws_col;
        Some(columns.into()).filter(|&columns| columns > 0)
    }

    /// Whether what is typed there goes to this process, and not to another job of the shell.
    pub fn is_in_foreground(&self) -> bool {
        tcgetpgrp(&self.tty).is_ok_and(|group| group == getpgrp())
    }

    /// Whether a carriage return leads back to the begin of a line that can be written anew.
    pub fn redraws_lines() -> bool {
        std::env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb")
    }

    /// Writes the text as it is.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.tty.write_all(text.as_bytes())
    }

    /// Asks with the terminal's own line editing. Ctrl-D on an empty line is
    /// `UnexpectedEof`; Ctrl-C ends us and Git, as in every program.
    pub fn ask_visible(&mut self, question: &str) -> io::Result<String> {
        forget_typed(&self.tty)?;
        self.write(question)?;
        let mut line = Vec::new();
        // The terminal hands out one line at most, so that the buffer swallows nothing.
        BufReader::new(&self.tty).read_until(b'\n', &mut line)?;
        if line.pop_if(|last| *last == b'\n').is_none() {
            // Fails where the terminal is gone, which an empty read alone does not tell.
            self.write("\n")?;
            if line.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Asks while nothing of what is typed appears. Ctrl-C is `Interrupted`, Ctrl-D on an
    /// empty line `UnexpectedEof`. However this ends, the terminal is as it was before.
    pub fn ask_hidden(&mut self, question: &str) -> io::Result<String> {
        let hidden = Hidden::begin(&self.tty)?;
        let typed = self.read_hidden(question, Keys(self.tty.try_clone()?));
        drop(hidden);
        // Enter was not shown either. If this fails, the next question finds out.
        let _ = self.write("\n");
        typed
    }

    /// The same, until `is_over` says so, which is asked again and again: `None` then.
    pub fn ask_hidden_until(
        &mut self,
        question: &str,
        is_over: Box<dyn FnMut() -> bool>,
    ) -> io::Result<Option<String>> {
        let hidden = Hidden::begin(&self.tty)?;
        let keys = Keys(self.tty.try_clone()?);
        let typed = self.read_hidden(question, KeysUntil { keys, is_over });
        drop(hidden);
        let _ = self.write("\n");
        match typed {
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(None),
            typed => typed.map(Some),
        }
    }

    fn read_hidden(&mut self, question: &str, keys: impl Read + 'static) -> io::Result<String> {
        // Asked only now, so that nothing typed after the question is ever shown.
        self.write(question)?;
        let config = ConfigBuilder::new()
            .input_reader(keys)
            .output_discard()
            .build();
        rpassword::read_password_with_config(config)
    }
}

/// Drops what was typed before the question: a stray Enter or the rest of a pasted text
/// must not answer it. In the background this waits until we are in the foreground.
fn forget_typed(tty: &File) -> io::Result<()> {
    Ok(tcflush(tty, QueueSelector::IFlush)?)
}

/// The bytes that are typed, for rpassword. It would answer Ctrl-C with a signal that
/// ends us before the terminal is restored, while Git, which saw no signal, goes on; and
/// it would take a vanished terminal for an empty answer.
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const CTRL_C: u8 = 3;
        match rustix::io::retry_on_intr(|| rustix::io::read(&self.0, &mut *buffer))? {
            0 => Err(ErrorKind::NotConnected.into()),
            count if buffer[..count].contains(&CTRL_C) => Err(ErrorKind::Interrupted.into()),
            count => Ok(count),
        }
    }
}

/// The same, until something else is over: `TimedOut` then.
struct KeysUntil {
    keys: Keys,
    is_over: Box<dyn FnMut() -> bool>,
}

impl Read for KeysUntil {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const PAUSE: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: 20_000_000,
        };
        while !(self.is_over)() {
            let mut waited = [PollFd::new(&self.keys.0, PollFlags::IN)];
            let ready = rustix::io::retry_on_intr(|| poll(&mut waited, Some(&PAUSE)))?;
            if ready > 0 {
                return self.keys.read(buffer);
            }
        }
        Err(ErrorKind::TimedOut.into())
    }
}

/// The terminal and the modes it had, while echo is off.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

fn before() -> MutexGuard<'static, Option<(File, Termios)>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn restore() {
    if let Some((tty, modes)) = before().take() {
        // Also drops the rest of a paste of several lines: Git or the shell would read it.
        let _ = tcsetattr(&tty, OptionalActions::Flush, &modes);
    }
}

/// Echo, line editing and keyboard signals are off as long as this lives.
struct Hidden;

impl Hidden {
    fn begin(tty: &File) -> io::Result<Self> {
        forget_typed(tty)?;
        clean_up_on_signals();
        let mut modes = tcgetattr(tty)?;
        *before() = Some((tty.try_clone()?, modes.clone()));
        let hidden = Self;
        modes.local_modes -=
            LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(tty, OptionalActions::Flush, &modes)?;
        Ok(hidden)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        restore();
    }
}

/// From the first question on, a signal that ends us first restores the terminal and ends
/// the program that asks.
fn clean_up_on_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]) else {
            return;
        };
        thread::spawn(move || {
            for signal in signals.forever() {
                restore();
                program::end();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::{Mode, PermissionsExt as _, geteuid, keep_memory_private, open_private_file};
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn a_private_file_is_ours_and_plain() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for _ in 0..2 {
            let file = open_private_file(&path("file")).unwrap();
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::os::unix::fs::symlink(path("target"), path("link")).unwrap();
        assert!(open_private_file(&path("link")).is_err());
        assert!(!path("target").exists());
        std::fs::create_dir(path("folder")).unwrap();
        assert!(open_private_file(&path("folder")).is_err());
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::RWXU).unwrap();
        assert!(open_private_file(&path("pipe")).is_err());
        if geteuid().is_root() {
            std::fs::write(path("theirs"), "").unwrap();
            std::os::unix::fs::chown(path("theirs"), Some(65534), None).unwrap();
            assert!(open_private_file(&path("theirs")).is_err());
        }
    }

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
