//! Runs commands with every way out watched: what they print, what they and their
//! children write, start and send (by strace), and what is left in the home.

use super::search::Canary;
use crate::rig::run::Finished;
use crate::rig::terminal::Terminal;
use crate::rig::{Git, Rig, held};
use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;

/// Every call by which bytes leave a process.
const WAYS_OUT: &str = "trace=execve,execveat,write,writev,pwrite64,pwritev,pwritev2,sendto,\
    sendmsg,sendmmsg,sendfile,splice,vmsplice,tee,copy_file_range,symlink,symlinkat,mkdir,\
    mkdirat,rename,renameat,renameat2,open,openat,openat2,prctl,setxattr,memfd_create,\
    add_key,keyctl,request_key";

/// Where else a secret may go that is kept in a certain store.
pub struct Besides {
    /// What strace is told besides.
    pub strace: &'static [&'static str],
    /// Whether a call, as strace writes it, may carry the secret.
    pub carries: fn(&str) -> bool,
    /// The end of the path of the one file that may have it.
    pub file: Option<&'static str>,
    /// What some call must have, or the secret was not seen on its way.
    pub sign: &'static str,
}

impl Besides {
    /// From Git to us, from us to Git and to the keychain, and no further.
    pub const NOTHING: Self = Self {
        strace: &[],
        carries: |_| false,
        file: None,
        sign: "",
    };
}

/// A scene that is watched.
pub struct Watch<'a> {
    pub rig: &'a Rig,
    pub git: &'a Git,
    pub canary: Canary,
    pub secret: &'a str,
    besides: &'a Besides,
    has_seen_sign: Cell<bool>,
    searches: Cell<u32>,
}

impl<'a> Watch<'a> {
    pub fn new(rig: &'a Rig, git: &'a Git, secret: &'a str) -> Self {
        Self::with(rig, git, secret, &Besides::NOTHING)
    }

    /// One in which a secret may also go this way.
    pub fn with(rig: &'a Rig, git: &'a Git, secret: &'a str, besides: &'a Besides) -> Self {
        Self {
            rig,
            git,
            canary: Canary::new(secret),
            secret,
            besides,
            has_seen_sign: Cell::new(false),
            searches: Cell::new(0),
        }
    }

    /// Whether anything went this way.
    pub fn has_seen_sign(&self) -> bool {
        self.has_seen_sign.get()
    }

    /// Runs a program with this input and returns what it said; the secret may be in its
    /// standard output only if `answer` says that it is the answer.
    #[track_caller]
    pub fn run(&self, answer: Answer, program: &[&str], input: &str) -> Finished {
        let mut command = self.rig.without_terminal(self.git, "strace");
        command.args(self.strace()).args(program);
        self.finish(answer, program, command, input)
    }

    /// The same for a command that was prepared by [`Watch::command`].
    #[track_caller]
    pub fn finish(&self, answer: Answer, name: &[&str], command: Command, input: &str) -> Finished {
        let finished = self.rig.run(command, input.as_bytes());
        match answer {
            Answer::Secret => assert!(finished.stdout.contains(self.secret), "{finished:#?}"),
            Answer::Other => self.check_text(&format!("{name:?}: stdout"), &finished.stdout),
        }
        self.check_text(&format!("{name:?}: stderr"), &finished.stderr);
        self.check_traces(&format!("{name:?}"));
        finished
    }

    /// A command that strace watches.
    pub fn command(&self, program: &[&str]) -> Command {
        let mut command = self.rig.without_terminal(self.git, "strace");
        command.args(self.strace()).args(program);
        command
    }

    /// Starts a program on a terminal; then comes [`Watch::check_ended`].
    pub fn open(&self, program: &[&str]) -> Terminal {
        let mut command = self.rig.home.command(self.git, "strace");
        command.args(self.strace()).args(program);
        Terminal::open(&command)
    }

    /// Waits for the end of what was started on a terminal.
    #[track_caller]
    pub fn check_ended(&self, terminal: Terminal) -> u32 {
        let ended = terminal.finish();
        self.check_text("the transcript", &ended.transcript);
        self.check_traces("on a terminal");
        assert!(ended.sane, "{}", ended.transcript);
        ended.code
    }

    fn strace(&self) -> Vec<String> {
        let record = self.record().to_string_lossy().into_owned();
        let options = [
            "-f", "-qq", "-v", "-yy", "-s", "1000000", "-e", WAYS_OUT, "-o",
        ];
        let mut all: Vec<String> = options.map(str::to_owned).into();
        all.push(record);
        all.extend(self.besides.strace.iter().map(|&option| option.to_owned()));
        all.push("--".to_owned());
        all
    }

    /// Where strace writes to: beside the home, since the home is searched.
    fn record(&self) -> PathBuf {
        self.rig.home.path().with_extension("strace")
    }

    #[track_caller]
    pub fn check_text(&self, place: &str, text: &str) {
        self.canary.expect_absent(place, text.as_bytes());
    }

    /// Everything that was written and sent, and every file that is there.
    #[track_caller]
    fn check_traces(&self, name: &str) {
        let record = std::fs::read_to_string(self.record()).unwrap_or_default();
        assert!(
            record.contains("execve("),
            "{name}: strace recorded nothing"
        );
        let leaks = self.leaks(&record);
        assert!(leaks.is_empty(), "{name} lets the secret out: {leaks:#?}");
        if record.contains(self.besides.sign) {
            self.has_seen_sign.set(true);
        }
        let mut files = self.canary.files_with(self.rig.home.path());
        let is_due = |file: &PathBuf| self.besides.file.is_some_and(|due| file.ends_with(due));
        files.retain(|file| !is_due(file));
        assert!(files.is_empty(), "{name}: {files:?}");
        self.searches.set(self.searches.get() + 1);
    }

    /// The lines of a record that have the secret and are not on the way from Git to us,
    /// from us to Git (pipes, but for standard error), to the keychain (Unix sockets), or
    /// where else [`Besides`] lets it go.
    pub fn leaks<'b>(&self, record: &'b str) -> Vec<&'b str> {
        let mut lines: Vec<&str> = record.lines().collect();
        lines.retain(|line| self.canary.form_in(line.as_bytes()).is_some());
        // The first line is the start of the program by the test itself.
        let first = record.lines().next().unwrap_or_default();
        lines.retain(|line| !std::ptr::eq(*line, first) && !self.is_due(line));
        lines
    }

    /// Whether this line may carry the secret.
    fn is_due(&self, line: &str) -> bool {
        is_due(line) || (self.besides.carries)(call_of(line))
    }

    pub fn take_record(&self) -> String {
        std::fs::read_to_string(self.record()).unwrap_or_default()
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if self.searches.get() > 0 && !std::thread::panicking() {
            held("no secret leaves a command", self.searches.get());
        }
        // There is none if nothing was run.
        let _ = std::fs::remove_file(self.record());
    }
}

/// Whether a secret in standard output is what the command is for.
#[derive(Clone, Copy)]
pub enum Answer {
    Secret,
    Other,
}

/// A way on which a secret may leave a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From Git to us or from us to Git; not standard error.
    Pipe,
    /// To the keychain.
    Keychain,
    /// From the browser to us, on this machine.
    Callback,
}

impl Way {
    /// The way of a line `PID call(DESCRIPTOR<WHAT>, …` of a record, if it is one.
    pub fn of(line: &str) -> Option<Self> {
        let (name, rest) = call_of(line).split_once('(')?;
        let (descriptor, rest) = rest.split_once('<')?;
        let is_to = |what: &str| rest.starts_with(what);
        match name {
            "write" | "writev" if descriptor != "2" && is_to("pipe:") => Some(Self::Pipe),
            "sendmsg" | "sendto" if is_to("UNIX-STREAM:") => Some(Self::Keychain),
            "sendto" if is_to("TCP:[127.0.0.1:") && rest.contains(">, \"GET /callback?") => {
                Some(Self::Callback)
            }
            _ => None,
        }
    }
}

/// A line of a record without the process's number.
fn call_of(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
}

/// Whether this line may carry the secret of an ordinary command.
fn is_due(line: &str) -> bool {
    matches!(Way::of(line), Some(Way::Pipe | Way::Keychain))
}
