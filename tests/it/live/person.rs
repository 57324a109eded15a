//! Whoever runs the check: what they have, and how they answer on the terminal.

use super::report::Report;
use crate::rig::curl::{Login, curl};
use crate::rig::home::HELPER;
use crate::rig::terminal::{Ended, Terminal};
use crate::rig::{Git, Rig, gits, programs};
use std::path::PathBuf;

/// The end of every hidden question.
const HIDDEN: &str = " (hidden): ";

/// A question, by its beginning, and what is typed; hidden or not.
pub struct Answer {
    question: &'static str,
    typed: String,
    is_hidden: bool,
}

pub fn shown(question: &'static str, typed: &str) -> Answer {
    Answer {
        question,
        typed: typed.to_owned(),
        is_hidden: false,
    }
}

pub fn hidden(question: &'static str, typed: &str) -> Answer {
    Answer {
        question,
        typed: typed.to_owned(),
        is_hidden: true,
    }
}

/// Where the report is written.
fn path(rig: &Rig) -> PathBuf {
    rig.home.path().join("report.md")
}

/// Starts the check in the person's home. `None`: there is no Python, which has been printed.
pub fn start(rig: &Rig) -> Option<Terminal> {
    start_with(rig, &gits()[0])
}

/// The same under this Git.
pub fn start_with(rig: &Rig, git: &Git) -> Option<Terminal> {
    if !programs::present("python", &["python3"]) {
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/run");
    let mut command = rig.home.command(git, "python3");
    command.args([script, "--program", HELPER, "--report"]);
    command.arg(path(rig));
    Some(Terminal::open(&command))
}

/// Answers questions in turn.
pub fn answer(terminal: &mut Terminal, answers: &[Answer]) {
    for answer in answers {
        if answer.is_hidden {
            terminal.expect(answer.question);
            terminal.expect_prompt(HIDDEN);
        } else {
            terminal.expect(answer.question);
            terminal.expect(": ");
        }
        terminal.send_line(&answer.typed);
    }
}

/// The end of the check: how, and the report that it wrote.
pub fn end(rig: &Rig, terminal: Terminal) -> (Ended, Report) {
    let ended = terminal.finish();
    assert!(ended.sane, "{ended:#?}");
    let text = std::fs::read_to_string(path(rig)).unwrap_or_default();
    assert!(!text.is_empty(), "no report: {}", ended.transcript);
    let left: Vec<_> = std::fs::read_dir(rig.home.path().join("tmp"))
        .expect("a folder in the home")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    (ended, Report::of(text))
}

/// Takes the address that the person shall open, opens it as a browser does whose person agrees or
/// refuses, and returns where it ended.
pub fn browse(rig: &Rig, terminal: &mut Terminal, wish: &str) -> String {
    terminal.expect_late(wish);
    terminal.expect("Paste that page's address");
    let transcript = terminal.transcript();
    let mut lines = transcript.lines().rev();
    let address = lines.find(|line| line.starts_with("https://bitbucket.org/site/oauth2/"));
    let reply = curl(rig, Login::None, address.expect("an address"), &[]);
    let place = reply.header("location").expect("a way back").to_owned();
    terminal.expect_prompt(HIDDEN);
    terminal.send_line(&place);
    place
}
