//! Windows: the console and the profile's folders.

use rpassword::ConfigBuilder;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use winapi_util::console::screen_buffer_info;

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
pub fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Whether Git takes the value of `credential.helper` for a path.
pub fn is_absolute_command(value: &str) -> bool {
    value.starts_with('/') || value.as_bytes().get(1) == Some(&b':')
}

/// A variable's name as the rest of us looks for it: `Path` is `PATH` here.
pub fn variable_name(name: &OsStr) -> OsString {
    name.to_ascii_uppercase()
}

/// Where Git for Windows looks for a home that `HOME` does not name: first the folder
/// that an administrator gave, which may be on the network and out of reach.
pub fn home_without_variable<'a>(variable: impl Fn(&str) -> Option<&'a OsStr>) -> Option<PathBuf> {
    let given = variable("HOMEDRIVE")
        .zip(variable("HOMEPATH"))
        .map(|(drive, path)| {
            let mut home = drive.to_owned();
            home.push(path);
            PathBuf::from(home)
        })
        .filter(|home| home.is_dir());
    given.or_else(|| variable("USERPROFILE").map(PathBuf::from))
}

/// A path as Git prints it: UTF-8.
pub fn path_from_git(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A path as Git's own shell reads it, before quoting: with slashes.
pub fn path_for_shell(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

/// The folder for files of ours that may be lost at any time; it need not exist.
pub fn cache_folder() -> Option<PathBuf> {
    let caches = PathBuf::from(std::env::var_os("LOCALAPPDATA")?);
    caches
        .is_absolute()
        .then(|| caches.join("git-credential-bitbucket"))
}

/// The folder for files of ours that are to stay, on this machine: the same.
pub fn data_folder() -> Option<PathBuf> {
    cache_folder()
}

/// What the terminal is called: nothing that another program could use.
pub fn terminal_name() -> Option<OsString> {
    None
}

/// The number that all processes of one command line have in common; there is none here.
pub fn job() -> Option<u32> {
    None
}

/// There are no process groups; a program is ended by itself.
pub fn start_in_own_group(_command: &mut Command) {}

/// Ends nothing more than the program itself, which is done elsewhere.
pub fn end_group(_program: &Child) {}

/// A console's modes are each program's own business.
pub struct TerminalModes;

impl TerminalModes {
    /// None are kept.
    pub fn now() -> Option<Self> {
        None
    }

    /// Nothing is put back.
    pub fn restore(&self) {}
}

/// The shell in which Git starts helpers: Git's own, which it puts on `PATH` for them.
pub fn shell() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .map(|folder| folder.join("sh.exe"))
        .find(|file| is_program(file))
}

/// Runs a program with nothing on its standard input and returns what it prints. Fails with
/// `InvalidData` if that is more than `limit` bytes.
pub fn output_of_program(mut command: Command, limit: usize) -> io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = Vec::with_capacity(limit + 1);
    if let Some(stdout) = child.stdout.take() {
        stdout.take(limit as u64 + 1).read_to_end(&mut output)?;
    }
    if output.len() > limit {
        // It may have ended by itself.
        let _ = child.kill();
        return Err(ErrorKind::InvalidData.into());
    }
    Ok((child.wait()?, output))
}

/// Creates a folder, its parents included; the profile's permissions apply. Fails if
/// something else is there, be it a link.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    plain(std::fs::symlink_metadata(folder)?.is_dir())
}

/// Reads a file whole. Fails if it is longer than `limit` bytes, or no plain file.
pub fn read_private_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_plain_file(path, File::options().read(true))?;
    if file.metadata()?.len() > limit {
        return Err(ErrorKind::FileTooLarge.into());
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

/// Opens a file, or creates it empty. The profile's permissions apply. Fails for what is
/// no plain file.
pub fn open_private_file(path: &Path) -> io::Result<File> {
    open_plain_file(path, File::options().read(true).write(true).create(true))
}

/// Opens a file to append to, which is made if it is missing, with the permissions of its
/// folder. Fails unless it is a plain file, no link.
pub fn open_private_log(path: &Path) -> io::Result<File> {
    open_plain_file(path, File::options().append(true).create(true))
}

fn open_plain_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    /// A link is opened itself, not what it leads to (`winbase.h`).
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let file = options
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    plain(file.metadata()?.is_file())?;
    Ok(file)
}

fn plain(as_expected: bool) -> io::Result<()> {
    if as_expected {
        Ok(())
    } else {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// The console, whatever standard input and output are.
pub struct Console {
    screen: File,
}

impl Console {
    /// Fails where this process has no console that anybody sees.
    pub fn open() -> io::Result<Self> {
        if is_unseen(|name| std::env::var(name).ok()) {
            return Err(ErrorKind::NotFound.into());
        }
        File::options().read(true).write(true).open("CONIN$")?;
        let screen = File::options().read(true).write(true).open("CONOUT$")?;
        Ok(Self { screen })
    }

    /// In characters; `None` if the console does not say.
    pub fn width(&self) -> Option<usize> {
        let (columns, _) = screen_buffer_info(&self.screen).ok()?.size();
        usize::try_from(columns).ok().filter(|&columns| columns > 0)
    }

    /// Windows has no jobs in the background of a console.
    pub fn is_in_foreground(&self) -> bool {
        true
    }

    /// Whether a carriage return leads back to the begin of a line that can be written
    /// anew. Windows sets no `TERM`; some editors' shells do.
    pub fn redraws_lines() -> bool {
        std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    }

    /// Writes the text, and what is beyond ASCII by its numbers: the console reads bytes
    /// in a code page of its own.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.screen.write_all(in_any_code_page(text).as_bytes())
    }

    /// Asks while what is typed appears. Ctrl-D on an empty line is `UnexpectedEof`;
    /// Ctrl-C ends us and Git, as in every program.
    pub fn ask_visible(&mut self, question: &str) -> io::Result<String> {
        self.write(question)?;
        let echo = Self {
            screen: self.screen.try_clone()?,
        };
        // Not std's read: through a file the console hands out the old code page.
        let config = ConfigBuilder::new()
            .password_feedback_partial_mask('*', usize::MAX)
            .output_writer(Echo(echo))
            .build();
        rpassword::read_password_with_config(config)
    }

    /// Asks while nothing of what is typed appears. Ctrl-C ends us and Git; the console
    /// belongs to its window and gets its modes back from the shell.
    pub fn ask_hidden(&mut self, question: &str) -> io::Result<String> {
        self.write(question)?;
        let config = ConfigBuilder::new().output_discard().build();
        let typed = rpassword::read_password_with_config(config);
        // Enter was not shown either. If this fails, the next question finds out.
        let _ = self.write("\n");
        typed
    }
}

impl Console {
    /// Waits until `is_over` says so; what is typed meanwhile is nobody's, since reading from
    /// a console cannot be given up.
    pub fn ask_hidden_until(
        &mut self,
        _question: &str,
        mut is_over: Box<dyn FnMut() -> bool>,
    ) -> io::Result<Option<String>> {
        while !is_over() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(None)
    }
}

/// Shows what is typed. rpassword itself would write a zero byte after each character.
struct Echo(Console);

impl Write for Echo {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(&String::from_utf8_lossy(buffer))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the console is one that nobody sees: the window of Git Bash talks to programs
/// through pipes and gives those of Windows a hidden console, unless `MSYS` says otherwise.
/// A question there would wait for ever.
fn is_unseen(variable: impl Fn(&str) -> Option<String>) -> bool {
    let has = |name, word: &str| {
        variable(name).is_some_and(|value| value.split_whitespace().any(|found| found == word))
    };
    has("TERM_PROGRAM", "mintty") && !has("MSYS", "enable_pcon")
}

fn in_any_code_page(text: &str) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        if character.is_ascii() {
            safe.push(character);
        } else {
            safe.extend(character.escape_unicode());
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_bash_alone_hides_its_console() {
        for (program, msys, expected) in [
            (None, None, false),
            (Some("mintty"), None, true),
            (Some("mintty"), Some(""), true),
            (Some("mintty"), Some("winsymlinks:nativestrict"), true),
            (Some("mintty"), Some("enable_pcon"), false),
            (Some("mintty"), Some("error_start enable_pcon"), false),
            (Some("mintty"), Some("disable_pcon"), true),
            (Some("vscode"), None, false),
            (Some("Windows_Terminal"), None, false),
        ] {
            let variable = |name: &str| {
                let value = match name {
                    "TERM_PROGRAM" => program,
                    _ => msys,
                };
                value.map(str::to_owned)
            };
            assert_eq!(is_unseen(variable), expected, "{program:?} {msys:?}");
        }
    }

    #[test]
    fn the_console_s_code_page_changes_nothing() {
        assert_eq!(in_any_code_page("Token for a@b:\r\n"), "Token for a@b:\r\n");
        assert_eq!(in_any_code_page("j\u{fc}rgen"), "j\\u{fc}rgen");
    }

    #[test]
    fn a_private_file_is_plain() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for _ in 0..2 {
            open_private_file(&path("file"))
                .unwrap()
                .write_all(b"12")
                .unwrap();
        }
        assert_eq!(read_private_file(&path("file"), 2).unwrap(), b"12");
        assert!(read_private_file(&path("file"), 1).is_err());
        open_private_log(&path("file"))
            .unwrap()
            .write_all(b"34")
            .unwrap();
        assert_eq!(read_private_file(&path("file"), 4).unwrap(), b"1234");
        assert!(write_private_file(&path("file"), b"").is_err());
        assert!(create_private_folder(&path("file")).is_err());
        create_private_folder(&path("folder").join("below")).unwrap();
        assert!(open_private_file(&path("folder")).is_err());
        assert!(open_private_log(&path("folder")).is_err());
        assert!(read_private_file(&path("folder"), 9).is_err());
    }

    #[test]
    fn paths_are_written_as_git_s_shell_reads_them() {
        for (path, expected) in [
            (
                "C:\\Users\\J\u{fc}rgen M\\x.exe",
                "C:/Users/J\u{fc}rgen M/x.exe",
            ),
            ("C:/a b", "C:/a b"),
        ] {
            assert_eq!(
                path_for_shell(Path::new(path)),
                expected.as_bytes(),
                "{path}"
            );
        }
        for (value, expected) in [
            ("/usr/bin/x", true),
            ("C:/x", true),
            (r"C:\x", true),
            ("bitbucket", false),
            ("!C:/x", false),
            ("", false),
        ] {
            assert_eq!(is_absolute_command(value), expected, "{value}");
        }
    }
}
