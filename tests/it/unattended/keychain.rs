//! A keychain that is locked or not there, with a person and without.

use super::scene::{
    CONFIGURED, SIGNALS, askpass, assert_unasked, on_terminal, ours, scene, without_terminal,
};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Rig, gits};
use std::fs;
use std::path::PathBuf;

/// Logged in over ssh: a terminal, but neither a display nor a D-Bus session. Where to keep
/// tokens is asked; nowhere is an answer.
#[test]
fn over_ssh_the_terminal_is_asked() {
    for git in gits() {
        let (rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        let variables = &[
            ("SSH_TTY", "/dev/pts/0"),
            ("SSH_CONNECTION", "::1 1 ::1 22"),
        ];
        let mut terminal = on_terminal(&rig, &git, variables, &[]);
        terminal.expect("no D-Bus session");
        terminal.expect("Number [1]: ");
        terminal.send_line("none");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        let ended = terminal.finish().expect_success();
        assert!(
            ended.transcript.contains("It is not kept"),
            "{}",
            ended.transcript
        );
        assert!(!ended.transcript.contains(&token));
    }
}

/// cron: neither a terminal nor a keychain. To log in would not help; the variable does.
#[test]
fn without_a_keychain_the_variable_is_named() {
    for git in gits() {
        let (rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        let (code, text) = without_terminal(&rig, &git, &[], &[]);
        assert_ne!(code, 0);
        assert_eq!(
            ours(&text),
            "bitbucket: the Secret Service keyring cannot be used: no D-Bus session \
             (DBUS_SESSION_BUS_ADDRESS is not set); where there is none, choose another store \
             (git credential-bitbucket configure --store memory) or put a token into \
             BITBUCKET_TOKEN\n"
        );
        assert!(text.contains("told us to quit"), "{text}");
        let (code, text) = without_terminal(&rig, &git, &[("BITBUCKET_TOKEN", &token)], &[]);
        assert_eq!((code, &*text), (0, ""));
    }
}

/// What is kept may be what is looked for, so it is not said that nothing is.
#[test]
fn an_item_that_cannot_be_read_is_told_apart_from_none() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        rig.put("hunter2", "somebody");
        let (code, text) = without_terminal(&rig, &git, &[], &[]);
        assert_ne!(code, 0);
        let said = ours(&text);
        let expected = "bitbucket: no credential that this version can read is kept for \
                        https://bitbucket.org/acme/widgets, and ";
        assert!(said.starts_with(expected), "{said}");
    }
}

/// A keychain whose dialogs can be counted: each is closed at once, as a person would, or
/// as happens where no display can show it.
struct Dialogs {
    rig: Rig,
    log: PathBuf,
}

impl Dialogs {
    /// With one credential kept, and locked.
    fn locked() -> Option<(Self, String)> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        let log = rig.home.path().join("dialogs");
        let text = format!("echo shown >>'{}'\nexit 1\n", log.display());
        let program = rig.home.add_script("prompter", &text);
        let name = "org.gnome.keyring.SystemPrompter";
        rig.home.add_file(
            &format!(".local/share/dbus-1/services/{name}.service"),
            &format!(
                "[D-BUS Service]\nName={name}\nExec=\"{}\"\n",
                program.display()
            ),
        );
        if !rig.start_keyring() {
            return None;
        }
        rig.put(&token, "x-bitbucket-api-token-auth");
        rig.keyring().lock();
        Some((Self { rig, log }, token))
    }

    fn shown(&self) -> usize {
        fs::read_to_string(&self.log).map_or(0, |text| text.lines().count())
    }

    /// The credential is there still, as it was.
    fn assert_kept(&self, token: &str) {
        self.rig.keyring().unlock();
        let items = self.rig.items();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].secret, token);
    }
}

/// Nobody there: no dialog, the state by its name, and the entry untouched.
#[test]
fn a_locked_keychain_is_named_and_shows_no_dialog() {
    for git in gits() {
        let Some((dialogs, token)) = Dialogs::locked() else {
            return;
        };
        let rig = &dialogs.rig;
        let locked = "bitbucket: the Secret Service keyring is locked; unlock it, then try again\n";
        for (variables, options) in SIGNALS {
            let situation = format!("{git} {variables:?} {options:?}");
            let (code, text) = without_terminal(rig, &git, variables, options);
            assert_ne!(code, 0, "{situation}");
            assert_eq!(ours(&text), locked, "{situation}: {text}");
            assert!(text.contains("told us to quit"), "{situation}: {text}");
        }
        let ended = on_terminal(rig, &git, &[("GIT_TERMINAL_PROMPT", "0")], &[]).finish();
        assert_eq!(ours(&ended.transcript), locked);
        assert_unasked(&ended.transcript, "locked");
        // Whoever else can answer still may.
        let program = askpass(rig, "alice", &token);
        let (code, text) = without_terminal(rig, &git, &[("GIT_ASKPASS", &program)], &[]);
        assert_eq!(code, 0, "{text}");
        assert!(ours(&text).starts_with(locked), "{text}");
        assert_eq!(dialogs.shown(), 0);
        dialogs.assert_kept(&token);
    }
}

/// Someone there: one dialog. Once it was closed, neither the same process nor the next
/// one opens it again, and the terminal is asked instead.
#[test]
fn a_dismissed_dialog_is_not_shown_again_at_once() {
    for git in gits() {
        let Some((dialogs, token)) = Dialogs::locked() else {
            return;
        };
        for _ in 0..2 {
            let mut terminal = on_terminal(&dialogs.rig, &git, &[], &[]);
            terminal.expect("bitbucket: the Secret Service keyring stays locked");
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            let ended = terminal.finish().expect_success();
            assert!(
                ended.transcript.contains("It is not kept"),
                "{}",
                ended.transcript
            );
            assert_eq!(dialogs.shown(), 1);
        }
        dialogs.assert_kept(&token);
    }
}
