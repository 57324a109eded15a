//! A person's terminal: a command under a pseudo-terminal that is its controlling one,
//! with what it printed and what is typed to it. Waits for conditions, never for time.

use portable_pty::{
    Child, ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system,
};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an expected output may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How our question for a secret begins, as Git's own does.
pub const SECRET_QUESTION: &str = "Password for 'https://";

/// A command that believes a person sits before it.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    /// Held open so that the terminal's modes outlive the command.
    slave: Option<Box<dyn SlavePty + Send>>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Screen>,
    /// Up to where `expect` has matched, in bytes.
    matched: usize,
    killer: Box<dyn ChildKiller + Send + Sync>,
    ended: Receiver<ExitStatus>,
}

/// How a command on a terminal ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; 1 if a signal ended it.
    pub code: u32,
    /// The signal that ended it, by its name.
    pub signal: Option<String>,
    /// Everything it printed, lines ending in `\n`.
    pub transcript: String,
    /// What stands on the screen at the end.
    pub screen: String,
    /// Whether the terminal echoes, edits lines and sends signals as a shell expects.
    pub sane: bool,
}

impl Ended {
    /// # Panics
    /// If it failed or left the terminal unusable.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(self.code == 0 && self.sane, "{self:#?}");
        self
    }
}

#[derive(Default)]
struct Screen {
    shown: Mutex<Shown>,
    changed: Condvar,
}

#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    closed: bool,
}

impl Terminal {
    /// Starts a command in its environment and folder, nothing inherited. The lines are
    /// so long that a sentence to wait for is never broken.
    pub fn open(command: &Command) -> Self {
        Self::with_columns(command, 1000)
    }

    /// The same with lines of so many characters.
    pub fn with_columns(command: &Command, columns: u16) -> Self {
        let size = PtySize {
            cols: columns,
            ..PtySize::default()
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let child = pair
            .slave
            .spawn_command(builder(command))
            .expect("the command starts");
        let screen = Arc::new(Screen::default());
        let reader = pair.master.try_clone_reader().expect("a reader");
        let filled = screen.clone();
        std::thread::spawn(move || filled.fill(reader));
        Self {
            keyboard: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            slave: Some(pair.slave),
            screen,
            matched: 0,
            killer: child.clone_killer(),
            ended: waited_for(child),
        }
    }

    /// Waits until the command has printed this, after what was matched before.
    ///
    /// # Panics
    /// If it does not within 20 s.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        self.expect_within(PATIENCE, text);
    }

    /// The same of what comes after whole commands, as long as they may take.
    ///
    /// # Panics
    /// If it is never printed.
    #[track_caller]
    pub fn expect_late(&mut self, text: &str) {
        self.expect_within(super::run::LONGEST, text);
    }

    #[track_caller]
    fn expect_within(&mut self, patience: Duration, text: &str) {
        let matched = self.matched;
        let end = self.screen.wait(patience, |shown| {
            let rest = &shown.bytes[matched..];
            let at = rest
                .windows(text.len())
                .position(|window| window == text.as_bytes())?;
            Some(matched + at + text.len())
        });
        match end {
            Some(end) => self.matched = end,
            None => panic!("never printed {text:?}, but: {}", self.transcript()),
        }
    }

    /// Waits for the prompt of a secret: this text, and then the echo switched off.
    ///
    /// # Panics
    /// If either does not happen within 20 s.
    #[track_caller]
    pub fn expect_prompt(&mut self, text: &str) {
        self.expect(text);
        let deadline = Instant::now() + PATIENCE;
        while self.modes().contains(LocalModes::ECHO) {
            assert!(Instant::now() < deadline, "{text:?} echoes what is typed");
            // No event tells of a mode's change.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Types this and Enter.
    pub fn send_line(&mut self, text: &str) {
        self.send(&format!("{text}\r"));
    }

    /// Types raw keys: `\x03` is Ctrl-C, `\x04` Ctrl-D.
    pub fn send(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("the terminal takes keys");
    }

    /// Everything printed so far, lines ending in `\n`.
    pub fn transcript(&self) -> String {
        let shown = self.screen.shown.lock();
        let shown = shown.unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&shown.bytes).replace('\r', "")
    }

    /// What stands on the screen now: a carriage return leads back to the begin of the
    /// line, and what follows covers what was there.
    pub fn screen(&self) -> String {
        let shown = self.screen.shown.lock();
        let shown = shown.unwrap_or_else(PoisonError::into_inner);
        rendered(&String::from_utf8_lossy(&shown.bytes))
    }

    /// Waits for the end of the command and of its output.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn finish(mut self) -> Ended {
        let Ok(status) = self.ended.recv_timeout(super::run::LONGEST) else {
            panic!("still running: {}", self.transcript());
        };
        let sane = self
            .modes()
            .contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        self.slave = None;
        let closed = self
            .screen
            .wait(PATIENCE, |shown| shown.closed.then_some(()));
        assert!(closed.is_some(), "something still holds the terminal");
        Ended {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
            transcript: self.transcript(),
            screen: self.screen(),
            sane,
        }
    }

    fn modes(&self) -> LocalModes {
        self.attributes().local_modes
    }

    fn attributes(&self) -> Termios {
        use rustix::fs::{Mode, OFlags, open};
        let name: PathBuf = self.master.tty_name().expect("a terminal has a name");
        // NOCTTY: looking at it must not make it ours.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let terminal = open(name, flags, Mode::empty()).expect("a terminal can be opened");
        tcgetattr(terminal).expect("a terminal has attributes")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.killer.kill();
    }
}

impl Screen {
    /// Collects output until every holder has closed the terminal.
    fn fill(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = [0; 4096];
        loop {
            let length = reader.read(&mut buffer).unwrap_or(0);
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.bytes.extend(&buffer[..length]);
            shown.closed = length == 0;
            self.changed.notify_all();
            if length == 0 {
                return;
            }
        }
    }

    /// Waits until `found` sees something; `None` once it cannot any more.
    fn wait<T>(&self, patience: Duration, found: impl Fn(&Shown) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(value) = found(&shown) {
                return Some(value);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            if shown.closed {
                return None;
            }
            shown = self
                .changed
                .wait_timeout(shown, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// Text as a terminal shows it that knows carriage returns and line feeds.
fn rendered(text: &str) -> String {
    let line = |line: &str| {
        let mut cells: Vec<char> = Vec::new();
        for part in line.split('\r') {
            let written: Vec<char> = part.chars().collect();
            let covered = written.len().min(cells.len());
            cells.splice(..covered, written);
        }
        let line: String = cells.into_iter().collect();
        line.trim_end().to_owned()
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn builder(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            builder.env(name, value);
        }
    }
    if let Some(directory) = command.get_current_dir() {
        builder.cwd(directory);
    }
    builder
}

/// Waits in a thread of its own, so that the test can give up.
fn waited_for(mut child: Box<dyn Child + Send + Sync>) -> Receiver<ExitStatus> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        if let Ok(status) = child.wait() {
            // Nobody listens any more once the test has failed.
            let _ = sender.send(status);
        }
    });
    receiver
}
