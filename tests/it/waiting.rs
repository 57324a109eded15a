//! The promise: who waits for a server within a dialogue is told so after a moment, on a
//! terminal that can take it back, and nothing of it is left.
#![cfg(target_os = "linux")]

use crate::rig::scene::URL;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Fault, Rig, Sender, Surface, gits};
use std::sync::Arc;
use tokio::sync::Semaphore;

const WAITING: &str = "Asking bitbucket.org about it";

fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.home
        .add_gitconfig("[credential]\n\thelper = bitbucket\n\tuseHttpPath = true\n");
    rig.start_keyring().then_some((rig, token))
}

#[test]
fn a_line_turns_until_the_answer_and_leaves_nothing() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let permit = Arc::new(Semaphore::new(0));
        let held = Fault::Held(permit.clone());
        rig.bitbucket
            .fail_for(Sender::Helper, Surface::Git, held, 1);
        let mut terminal = rig.terminal(&git, &["ls-remote", URL]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        for frame in ['|', '/', '-', '\\', '|'] {
            terminal.expect(&format!("\r{WAITING} {frame}"));
        }
        permit.add_permits(1);
        let ended = terminal.finish().expect_success();
        assert!(!ended.screen.contains(WAITING), "{}", ended.screen);
        let after = ended.transcript.rsplit(WAITING).next().unwrap_or_default();
        assert!(after.contains("The API token is valid."), "{after}");
        assert!(
            ended.screen.contains("\nThe API token is valid.\n"),
            "{}",
            ended.screen
        );
    }
}

#[test]
fn on_a_dumb_terminal_nothing_turns() {
    nothing_turns(&["TERM=dumb"]);
}

#[test]
fn on_an_unknown_terminal_nothing_turns() {
    nothing_turns(&["--unset=TERM"]);
}

/// With this environment, and a server that says nothing until our patience is at its
/// end, which is long after that moment.
fn nothing_turns(environment: &[&str]) {
    let git = &gits()[0];
    let Some((rig, token)) = scene() else { return };
    rig.bitbucket
        .fail_for(Sender::Helper, Surface::Git, Fault::Hang, 1);
    let mut command = rig.home.command(git, "env");
    command.args(environment).args(["git", "ls-remote", URL]);
    let mut terminal = Terminal::open(&command);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    terminal.expect("no answer came in time");
    let ended = terminal.finish();
    assert!(!ended.transcript.contains("Asking"), "{}", ended.transcript);
}

#[test]
fn ctrl_c_ends_the_wait() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        rig.bitbucket
            .fail_for(Sender::Helper, Surface::Git, Fault::Hang, 1);
        let mut terminal = rig.terminal(&git, &["ls-remote", URL]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.expect(WAITING);
        terminal.send("\x03");
        let ended = terminal.finish();
        assert!(ended.sane, "{ended:#?}");
        assert_eq!(ended.signal.as_deref(), Some("Interrupt"), "{ended:#?}");
    }
}
