//! Windows: the console.

use rpassword::ConfigBuilder;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Does nothing: Windows writes no memory of a crashed program to disk unless an
/// administrator asked for it, and other programs of the same user may read ours anyway.
pub fn keep_memory_private() {}

/// Standard input; on a console only the standard library's own reader understands it.
pub struct StandardInput;

impl Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().lock().read(buffer)
    }
}

/// The folders in which a program started from a desktop looks for others: whatever the
/// person's own `PATH` says, since Windows knows no other.
pub const DESKTOP_PATH: &[&str] = &[];

/// Whether this is a file that may be run.
#[must_use]
pub fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Whether Git takes the value of `credential.helper` for a path.
#[must_use]
pub fn is_absolute_command(value: &str) -> bool {
    value.starts_with('/') || value.as_bytes().get(1) == Some(&b':')
}

/// A path as Git prints it: UTF-8.
#[must_use]
pub fn path_from_git(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A path as Git's own shell reads it, before quoting: with slashes.
#[must_use]
pub fn path_for_shell(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

/// The folder for files of ours that may be lost at any time; it need not exist.
#[must_use]
pub fn cache_folder() -> Option<PathBuf> {
    let caches = std::env::var_os("LOCALAPPDATA").map(PathBuf::from);
    Some(caches?.join("git-credential-bitbucket"))
}

/// The folder for files of ours that are to stay, on this machine: the same.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    cache_folder()
}

/// The number that all processes of one command line have in common; there is none here.
#[must_use]
pub fn job() -> Option<u32> {
    None
}

/// Creates a folder, its parents included; the profile's permissions apply.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Reads a file whole; fails if it is longer than `limit` bytes.
pub fn read_private_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}

/// Writes a new file; fails if it exists. The profile's permissions apply.
pub fn write_private_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    File::options()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(contents)
}

/// Opens a file, or creates it empty. The profile's permissions apply.
pub fn open_private_file(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Opens a file to append to, which is made if it is missing, with the permissions of its
/// folder. Fails unless it is a plain file, no link.
pub fn open_private_log(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    /// A link is opened itself, not what it leads to.
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let file = File::options()
        .append(true)
        .create(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    Ok(file)
}

/// The console, whatever standard input and output are.
pub struct Console {
    screen: File,
}

impl Console {
    /// Fails where this process has no console.
    pub fn open() -> io::Result<Self> {
        File::options().read(true).write(true).open("CONIN$")?;
        let screen = File::options().read(true).write(true).open("CONOUT$")?;
        Ok(Self { screen })
    }

    /// In characters; not known here, since only an unsafe call tells it.
    #[allow(
        clippy::unused_self,
        reason = "other platforms ask the terminal itself"
    )]
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        None
    }

    /// Whether a carriage return leads back to the begin of a line that can be written
    /// anew. Windows sets no `TERM`; some editors' shells do.
    #[must_use]
    pub fn redraws_lines() -> bool {
        std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    }

    /// Writes the text as it is.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.screen.write_all(text.as_bytes())
    }

    /// Asks while what is typed appears. Ctrl-D on an empty line is `UnexpectedEof`;
    /// Ctrl-C ends us and Git, as in every program.
    pub fn ask_visible(&mut self, question: &str) -> io::Result<String> {
        self.write(question)?;
        // Not std's read: through a file the console hands out the old code page.
        let config = ConfigBuilder::new()
            .password_feedback_partial_mask('*', usize::MAX)
            .build();
        rpassword::read_password_with_config(config)
    }

    /// Asks while nothing of what is typed appears. Ctrl-C ends us and Git; the console
    /// belongs to its window and gets its modes back from the shell.
    pub fn ask_hidden(&mut self, question: &str) -> io::Result<String> {
        self.write(question)?;
        rpassword::read_password_with_config(ConfigBuilder::new().build())
    }
}
