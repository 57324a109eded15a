//! The promise: whatever a person does at a question, the answer is right, no secret
//! appears, and the terminal is afterwards as it was before.
//!
//! The question is asked by this test program itself, started once more inside a
//! pseudo-terminal ([`asked_in_a_child`]), with pipes and files for its standard streams
//! as under Git.
#![cfg(unix)]

use git_credential_bitbucket::prompt::{Person, Terminal, Unanswered};
use portable_pty::{
    Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process, setsid};
use rustix::termios::LocalModes;
use std::fmt::Debug;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tempfile::TempDir;

const QUESTION: &str = "PROMPT_TEST_QUESTION";
const FOLDER: &str = "PROMPT_TEST_FOLDER";
const PATIENCE: Duration = Duration::from_secs(20);
const TOKEN: &str = "ATATT3xFfGF0-not-to-be-seen";

/// The other side: asks what the environment says and writes down what came of it.
#[test]
#[ignore = "asks a question in the terminal that the other tests make for it"]
fn asked_in_a_child() {
    let question = env::var(QUESTION).expect("started by another test");
    let outcome = match question.as_str() {
        "secret" => with_terminal(|person| {
            let secret = person.ask_secret("Token for bitbucket.org:")?;
            Ok(secret.expose_text().expect("UTF-8").to_owned())
        }),
        "visible" => with_terminal(|person| person.ask("User name:")),
        "confirm" => with_terminal(|person| person.confirm("Send it to bitbucket.org?")),
        "secret, then visible" => with_terminal(|person| {
            let secret = person.ask_secret("Token for bitbucket.org:")?;
            let name = person.ask("User name:")?;
            Ok((secret.expose_text().expect("UTF-8").to_owned(), name))
        }),
        "tricks" => with_terminal(|person| {
            person.tell("Red \u{1b}[31m,\nbell \u{7}.");
            person.ask("Title \u{1b}]0;x\u{7}?")
        }),
        "without a terminal" => {
            setsid().expect("not a group leader");
            with_terminal(|_| Ok("opened"))
        }
        other => panic!("no such question: {other}"),
    };
    let folder = PathBuf::from(env::var_os(FOLDER).expect("a folder"));
    fs::write(folder.join("outcome"), outcome).expect("writable");
}

fn with_terminal<T: Debug>(ask: impl FnOnce(&mut Terminal) -> Result<T, Unanswered>) -> String {
    format!(
        "{:?}",
        Terminal::open().and_then(|mut person| ask(&mut person))
    )
}

/// The command that asks in a child, its standard streams as under Git. A shell starts
/// the child by `start`: in its own place, or below itself.
fn asking(question: &str, folder: &Path, start: &str) -> CommandBuilder {
    let streams = r#"</dev/null >"$PROMPT_TEST_FOLDER/out" 2>"$PROMPT_TEST_FOLDER/err""#;
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", &format!("{start} \"$0\" \"$@\" {streams} || exit 1")]);
    command.args([env::current_exe().unwrap()]);
    command.args(["--exact", "prompt_terminal::asked_in_a_child", "--ignored"]);
    command.env(QUESTION, question);
    command.env(FOLDER, folder);
    command
}

/// A pseudo-terminal in which one child asks.
struct Asked {
    folder: TempDir,
    master: Box<dyn MasterPty + Send>,
    // Keeps the terminal alive after the child, so that its modes can be looked at.
    slave: Box<dyn SlavePty + Send>,
    keyboard: Box<dyn Write + Send>,
    screen: Receiver<Vec<u8>>,
    seen: String,
    child: Box<dyn Child + Send + Sync>,
    modes_before: String,
}

impl Asked {
    fn new(question: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let pty = native_pty_system().openpty(PtySize::default()).unwrap();
        let modes_before = modes(&*pty.master);
        let child = pty
            .slave
            .spawn_command(asking(question, folder.path(), "exec"))
            .unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            folder,
            keyboard: pty.master.take_writer().unwrap(),
            master: pty.master,
            slave: pty.slave,
            screen,
            seen: String::new(),
            child,
            modes_before,
        }
    }

    /// Waits until the text stands on the screen.
    fn sees(&mut self, text: &str) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while !self.seen.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.screen.recv_timeout(left) else {
                panic!("never saw {text:?}, but {:?}", self.seen);
            };
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        self
    }

    /// Waits for the hidden question. It is printed only once echo is off.
    fn hides(&mut self) -> &mut Self {
        self.sees("Token for bitbucket.org: ");
        let hidden = self.master.get_termios().unwrap().local_flags.bits();
        let off = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        assert_eq!(
            hidden & off.bits(),
            0,
            "echo is on while the question stands"
        );
        self
    }

    fn types(&mut self, text: &str) -> &mut Self {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self
    }

    fn signal(&mut self, signal: Signal) -> &mut Self {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
        self
    }

    /// Waits for the child's end; checks what must hold whatever happened.
    fn end(mut self) -> End {
        let status = self.child.wait().unwrap();
        assert_eq!(modes(&*self.master), self.modes_before);
        // With the last one who holds the terminal gone, the screen ends.
        drop(self.slave);
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        let file = |name: &str| fs::read_to_string(self.folder.path().join(name));
        assert!(!self.seen.contains("not-to-be-seen"), "{}", self.seen);
        for stream in ["out", "err"] {
            let text = file(stream).unwrap_or_default();
            assert!(!text.contains("Token for"), "{text}");
            assert!(!text.contains("not-to-be-seen"), "{text}");
        }
        End {
            status,
            outcome: file("outcome").ok(),
            seen: self.seen,
        }
    }
}

/// All modes and special characters of the terminal.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// What is left when the child has ended.
struct End {
    status: ExitStatus,
    outcome: Option<String>,
    seen: String,
}

impl End {
    #[track_caller]
    fn is(&self, outcome: &str) {
        assert_eq!(self.outcome.as_deref(), Some(outcome), "{}", self.seen);
        assert!(self.status.success(), "{:?}", self.status);
    }

    #[track_caller]
    fn died_by(&self, signal: &str) {
        assert_eq!(self.status.signal(), Some(signal), "{:?}", self.outcome);
        assert_eq!(self.outcome, None);
    }
}

#[test]
fn a_typed_secret_arrives_and_is_counted() {
    let mut asked = Asked::new("secret");
    asked.hides().types(TOKEN).types("\r");
    let end = asked.end();
    end.is(&format!("Ok({TOKEN:?})"));
    assert!(end.seen.contains("27 characters received."), "{}", end.seen);
}

#[test]
fn a_pasted_secret_arrives_without_the_marks_of_the_paste() {
    let mut asked = Asked::new("secret");
    asked
        .hides()
        .types(&format!("\u{1b}[200~{TOKEN}\u{1b}[201~\r"));
    asked.end().is(&format!("Ok({TOKEN:?})"));
}

#[test]
fn a_secret_may_be_longer_than_a_line_of_the_terminal() {
    let long = format!("{TOKEN}{}", "x".repeat(6000));
    let mut asked = Asked::new("secret");
    asked.hides().types(&long).types("\r");
    asked.end().is(&format!("Ok({long:?})"));
}

#[test]
fn a_secret_can_be_corrected_and_is_not_only_ascii() {
    let mut asked = Asked::new("secret");
    asked.hides().types("wrong\u{15}sch\u{f6}x\u{7f}n\r");
    asked.end().is("Ok(\"sch\u{f6}n\")");
}

#[test]
fn giving_up_is_a_cancellation() {
    for keys in ["\u{3}", "not-to-be-seen\u{3}", "\u{4}", "\r"] {
        let mut asked = Asked::new("secret");
        asked.hides().types(keys);
        asked.end().is("Err(Cancelled)");
    }
    let mut asked = Asked::new("visible");
    asked.sees("User name: ").types("\u{4}");
    asked.end().is("Err(Cancelled)");
}

#[test]
fn a_signal_while_the_secret_is_typed_ends_the_process_by_that_signal() {
    for (signal, name) in [
        (Signal::TERM, "Terminated"),
        (Signal::HUP, "Hangup"),
        (Signal::INT, "Interrupt"),
        (Signal::QUIT, "Quit"),
    ] {
        let mut asked = Asked::new("secret");
        asked.hides().signal(signal);
        asked.end().died_by(name);
    }
}

#[test]
fn ctrl_c_at_a_visible_question_ends_the_process_as_everywhere() {
    let mut asked = Asked::new("secret, then visible");
    asked.hides().types(TOKEN).types("\r");
    asked.sees("User name: ").types("\u{3}");
    asked.end().died_by("Interrupt");
}

#[test]
fn the_second_line_of_a_paste_answers_nothing() {
    let mut asked = Asked::new("secret, then visible");
    asked.hides().types(TOKEN).types("\rnot-to-be-seen\r");
    asked.sees("User name: ").types("alice\r");
    asked.end().is(&format!("Ok(({TOKEN:?}, \"alice\"))"));
}

#[test]
fn a_visible_answer_is_any_text() {
    for (keys, outcome) in [
        ("alice\r", "Ok(\"alice\")"),
        ("\r", "Ok(\"\")"),
        (
            "J\u{fc}rgen \u{4f60}\u{597d}\r",
            "Ok(\"J\u{fc}rgen \u{4f60}\u{597d}\")",
        ),
        ("bob\u{4}\u{4}", "Ok(\"bob\")"),
    ] {
        let mut asked = Asked::new("visible");
        asked.sees("User name: ").types(keys);
        asked.end().is(outcome);
    }
}

#[test]
fn only_a_yes_confirms() {
    for (keys, outcome) in [
        ("y\r", "Ok(true)"),
        ("YES\r", "Ok(true)"),
        ("n\r", "Ok(false)"),
        ("\r", "Ok(false)"),
        ("\u{4}", "Err(Cancelled)"),
    ] {
        let mut asked = Asked::new("confirm");
        asked.sees("Send it to bitbucket.org? [y/N] ").types(keys);
        asked.end().is(outcome);
    }
}

#[test]
fn nothing_reaches_the_terminal_unescaped() {
    let mut asked = Asked::new("tricks");
    asked.sees("Title \\u{1b}]0;x\\u{7}? ").types("\r");
    let end = asked.end();
    end.is("Ok(\"\")");
    assert!(end.seen.starts_with("Red \\u{1b}[31m,\r\nbell \\u{7}.\r\n"));
    assert!(!end.seen.contains(['\u{1b}', '\u{7}']), "{:?}", end.seen);
}

#[test]
fn without_a_terminal_nobody_can_be_asked() {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "prompt_terminal::asked_in_a_child", "--ignored"])
        .env(QUESTION, "without a terminal")
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let outcome = fs::read_to_string(folder.path().join("outcome")).unwrap();
    assert_eq!(outcome, "Err(Nobody)");
}

#[test]
fn a_terminal_that_goes_away_is_nobody_not_an_empty_answer() {
    for (question, prompt) in [
        ("secret", "Token for bitbucket.org: "),
        ("visible", "User name: "),
    ] {
        let folder = TempDir::new().unwrap();
        let pty = native_pty_system().openpty(PtySize::default()).unwrap();
        // The hang-up signal goes to the shell alone, which leads the session.
        let command = asking(question, folder.path(), "trap '' HUP;");
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(prompt.as_bytes()) {
            let mut byte = [0];
            reader.read_exact(&mut byte).unwrap();
            seen.extend(byte);
        }
        drop(reader);
        drop(pty.master);
        assert!(child.wait().unwrap().success());
        let outcome = fs::read_to_string(folder.path().join("outcome")).unwrap();
        assert_eq!(outcome, "Err(Nobody)", "{question}");
    }
}
