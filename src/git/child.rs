//! A program that is started, heard to its end and never waited for in vain: neither for
//! longer than is allowed nor for more than fits. Which program, and with which environment,
//! is decided by whoever starts it. Programs that ask a person are not started here
//! (`platform`), nor one that outlives us (`keychain/memory`).

use crate::platform;
use crate::secret::Secret;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a git may take that has nobody to ask and nothing to fetch.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The longest output of a git that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// The longest complaint that is read, in bytes.
const LONGEST_COMPLAINT: usize = 64 * 1024;

/// For how long a program that has ended is heard on, in case that another holds its standard
/// error.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// From one look at a program that has said all to the next.
const PAUSE: Duration = Duration::from_millis(2);

/// How long a program may take, and how many bytes it may say.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From its start to its end.
    pub patience: Duration,
    /// On its standard output.
    pub longest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: PATIENCE,
            longest: LONGEST,
        }
    }
}

/// A program that has ended.
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Its standard output, which may be or hold a secret.
    pub stdout: Secret,
    /// Its standard error; empty where nobody wanted it.
    pub stderr: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswering {
    /// The system does not start it, or does not say how it ended.
    Failed(io::Error),
    /// It was still running after this time, and was ended.
    TooLate(Duration),
    /// It said more than was allowed, and was ended.
    TooMuch,
}

impl Display for Unanswering {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(formatter, "cannot start git: {error}"),
            Self::TooLate(patience) => write!(
                formatter,
                "git did not come to an end within {} s",
                patience.as_secs()
            ),
            Self::TooMuch => formatter.write_str("git says more than can be read"),
        }
    }
}

impl std::error::Error for Unanswering {}

/// Is given what a program says on its standard error, as it comes, and nothing at its end.
pub type Listener = Box<dyn FnMut(Option<&[u8]>) + Send>;

/// What becomes of a program's standard error.
enum Complaints {
    Dropped,
    Kept,
    PassedOn(Listener),
}

/// Starts a program, gives it `input` and returns what it says. Its standard error goes
/// nowhere.
pub fn answer(command: Command, input: &[u8], limits: Limits) -> Result<Ended, Unanswering> {
    start(command, Complaints::Dropped, input, limits, false)
}

/// The same with what it complains of.
pub fn run(command: Command, limits: Limits) -> Result<Ended, Unanswering> {
    start(command, Complaints::Kept, b"", limits, false)
}

/// The same for one that may talk with a person. If one `is_attended`, it has the terminal as we
/// have it. Else it cannot read there, and what it started is ended with it.
pub fn converse(
    mut command: Command,
    input: &[u8],
    limits: Limits,
    is_attended: bool,
    listener: Listener,
) -> Result<Ended, Unanswering> {
    if !is_attended {
        platform::start_in_own_group(&mut command);
    }
    let modes = is_attended.then(platform::TerminalModes::now).flatten();
    let complaints = Complaints::PassedOn(listener);
    let outcome = start(command, complaints, input, limits, !is_attended);
    if let Some(modes) = modes {
        modes.restore();
    }
    outcome
}

/// The same for one that is given `input` and has others do its work: if it is too late, all
/// of them are ended.
pub fn exchange(mut command: Command, input: &[u8], limits: Limits) -> Result<Ended, Unanswering> {
    platform::start_in_own_group(&mut command);
    start(command, Complaints::Kept, input, limits, true)
}

fn start(
    mut command: Command,
    complaints: Complaints,
    input: &[u8],
    limits: Limits,
    has_own_group: bool,
) -> Result<Ended, Unanswering> {
    let stderr = match &complaints {
        Complaints::Dropped => Stdio::null(),
        Complaints::Kept | Complaints::PassedOn(_) => Stdio::piped(),
    };
    let deadline = Instant::now() + limits.patience;
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let command = command.stdin(stdin).stdout(Stdio::piped()).stderr(stderr);
    let mut child = command.spawn().map_err(Unanswering::Failed)?;
    let outcome = hear(&mut child, complaints, input, limits, deadline);
    if outcome.is_err() {
        if has_own_group {
            platform::end_group(&child);
        }
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

fn hear(
    child: &mut Child,
    complaints: Complaints,
    input: &[u8],
    limits: Limits,
    deadline: Instant,
) -> Result<Ended, Unanswering> {
    let too_late = || Unanswering::TooLate(limits.patience);
    if let Some(mut stdin) = child.stdin.take() {
        let input = Secret::copy_of(input);
        thread::spawn(move || {
            // One that does not listen answers nothing.
            let _ = stdin.write_all(input.expose());
        });
    }
    let stdout = child.stdout.take().map(|it| read(it, limits.longest));
    let (stderr, passed_on) = match (child.stderr.take(), complaints) {
        (Some(pipe), Complaints::PassedOn(listener)) => (None, Some(pass_on(pipe, listener))),
        (Some(pipe), _) => (Some(read(pipe, LONGEST_COMPLAINT)), None),
        (None, _) => (None, None),
    };
    let heard = |output: Option<Receiver<PipeOutput>>| match output {
        Some(output) => output
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .map_err(|_| too_late()),
        None => Ok(PipeOutput::default()),
    };
    let stdout = heard(stdout)?;
    if stdout.more {
        return Err(Unanswering::TooMuch);
    }
    let stderr = heard(stderr)?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => return Err(too_late()),
            Err(error) => return Err(Unanswering::Failed(error)),
        }
    };
    if let Some(passed_on) = passed_on {
        // Whatever it has started may say more; nobody waits for that.
        let _ = passed_on.recv_timeout(LAST_WORDS);
    }
    Ok(Ended {
        status,
        stdout: Secret::new(stdout.bytes),
        stderr: String::from_utf8_lossy(&stderr.bytes).into_owned(),
    })
}

/// What came out of a pipe.
#[derive(Default)]
struct PipeOutput {
    bytes: Vec<u8>,
    /// Whether there was more than is wanted.
    more: bool,
}

/// Has all that comes heard, as it comes. Says so at the end.
fn pass_on(mut pipe: impl Read + Send + 'static, mut listener: Listener) -> Receiver<()> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
                Ok(length) => listener(Some(&buffer[..length])),
            }
        }
        listener(None);
        // Nobody waits any more.
        let _ = sender.send(());
    });
    receiver
}

/// Reads to the end, or to the limit; what comes then is let go by.
fn read(mut pipe: impl Read + Send + 'static, limit: usize) -> Receiver<PipeOutput> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut heard = PipeOutput {
            // Many answers fit, so that no copy of a secret stays behind on growing.
            bytes: Vec::with_capacity(limit.min(16 * 1024) + 1),
            more: false,
        };
        // What cannot be read was not said.
        let _ = pipe
            .by_ref()
            .take(limit as u64 + 1)
            .read_to_end(&mut heard.bytes);
        heard.more = heard.bytes.len() > limit;
        heard.bytes.truncate(limit);
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(heard);
        let _ = io::copy(&mut pipe, &mut io::sink());
    });
    receiver
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    /// Far more than it takes here, and less than it takes elsewhere.
    fn limits(longest: usize) -> Limits {
        Limits {
            patience: Duration::from_secs(600),
            longest,
        }
    }

    /// A deadline that comes at once.
    const AT_ONCE: Limits = Limits {
        patience: Duration::from_millis(20),
        longest: 1024,
    };

    #[test]
    fn what_a_program_says_comes_back_with_how_it_ended() {
        for (script, code, stdout, stderr) in [
            ("", 0, "", ""),
            ("echo a; echo b >&2", 0, "a\n", "b\n"),
            ("printf x; exit 3", 3, "x", ""),
            ("cat", 0, "", ""),
        ] {
            let ended = run(shell(script), limits(10)).ok().unwrap();
            assert_eq!(ended.status.code(), Some(code), "{script}");
            assert_eq!(ended.stdout.expose_text(), Some(stdout), "{script}");
            assert_eq!(ended.stderr, stderr, "{script}");
        }
        let ended = answer(shell("echo a >&2"), b"", limits(10)).ok().unwrap();
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn input_of_any_length_is_given_whoever_reads_it() {
        let input = "x".repeat(300_000);
        let ended = answer(shell("cat"), input.as_bytes(), limits(300_000));
        assert!(ended.ok().unwrap().stdout.expose() == input.as_bytes());
        let ended = answer(shell("echo no"), input.as_bytes(), limits(10));
        assert_eq!(ended.ok().unwrap().stdout.expose_text(), Some("no\n"));
    }

    #[test]
    fn complaints_are_passed_on_until_the_end() {
        use std::sync::{Arc, Mutex};
        for is_attended in [true, false] {
            let heard = Arc::new(Mutex::new(Vec::new()));
            let listener = {
                let heard = Arc::clone(&heard);
                move |said: Option<&[u8]>| {
                    let said = said.map_or(&b"<end>"[..], |said| said);
                    heard.lock().unwrap().extend_from_slice(said);
                }
            };
            let script = shell("echo a >&2; read line; echo \"$line\"; echo b >&2");
            let ended = converse(script, b"x\n", limits(10), is_attended, Box::new(listener));
            assert_eq!(ended.ok().unwrap().stdout.expose_text(), Some("x\n"));
            assert_eq!(*heard.lock().unwrap(), b"a\nb\n<end>");
        }
    }

    /// With nobody there it is ended with all that it has started.
    #[test]
    fn nothing_of_an_unattended_program_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("process");
        let script = format!("sleep 1000 & echo $! >'{}'; wait", file.display());
        // As long as it takes until that is written.
        let mut patience = Duration::from_millis(100);
        let process = loop {
            let limits = Limits {
                patience,
                longest: 10,
            };
            let outcome = converse(shell(&script), b"", limits, false, Box::new(|_| {}));
            assert!(matches!(outcome, Err(Unanswering::TooLate(_))));
            match std::fs::read_to_string(&file) {
                Ok(process) if process.ends_with('\n') => break process,
                _ => patience *= 2,
            }
        };
        let stat = format!("/proc/{}/stat", process.trim());
        let is_gone = || std::fs::read_to_string(&stat).map_or(true, |it| it.contains(") Z "));
        while !is_gone() {
            thread::sleep(PAUSE);
        }
    }

    #[test]
    fn nothing_is_waited_for_in_vain() {
        for (command, limits, expected) in [
            (
                shell("exec sleep 1000"),
                AT_ONCE,
                "git did not come to an end within 0 s",
            ),
            // It has said all, and does not end.
            (
                shell("exec >&- 2>&-; exec sleep 1000"),
                AT_ONCE,
                "git did not come to an end within 0 s",
            ),
            // It has ended, and somebody else holds the pipe.
            (
                shell("sleep 3 & echo x"),
                AT_ONCE,
                "git did not come to an end within 0 s",
            ),
            (
                shell("exec yes"),
                limits(10),
                "git says more than can be read",
            ),
            (
                shell("printf 12345678901"),
                limits(10),
                "git says more than can be read",
            ),
            (
                Command::new("/nowhere/git"),
                limits(10),
                "cannot start git: No such file or directory (os error 2)",
            ),
        ] {
            let why = run(command, limits).err().unwrap();
            assert_eq!(why.to_string(), expected);
        }
        assert!(run(shell("printf 1234567890"), limits(10)).is_ok());
        // A long complaint is cut, and ends nobody.
        let long = run(shell("yes | head -c 100000 >&2"), limits(10));
        let long = long.ok().unwrap();
        assert_eq!(long.stderr.len(), LONGEST_COMPLAINT);
        assert!(long.status.success());
    }
}
