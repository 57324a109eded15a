//! Nobody at the terminal: nothing is asked, nothing hangs, no build breaks. Whoever else
//! can answer Git is left to do so; only where nobody can, one line says what to run.

mod keychain;
mod others;
mod scene;

use crate::rig::gits;
use crate::rig::terminal::SECRET_QUESTION;
use scene::{SIGNALS, assert_stopped, on_terminal, scene, without_terminal};

#[test]
fn every_signal_ends_git_with_one_line_even_on_a_terminal() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        for (variables, options) in SIGNALS {
            let situation = format!("{git} {variables:?} {options:?}");
            let (code, text) = without_terminal(&rig, &git, variables, options);
            assert_stopped(code, &text, &situation);
            assert!(text.contains(" forbids it)"), "{situation}: {text}");
            let ended = on_terminal(&rig, &git, variables, options).finish();
            assert!(ended.sane, "{situation}");
            assert_stopped(ended.code, &ended.transcript, &situation);
        }
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

#[test]
fn a_signal_in_the_configuration_counts_too() {
    for git in gits() {
        for value in ["false", "never"] {
            let Some((rig, _)) = scene() else { return };
            rig.home
                .add_gitconfig(&format!("[credential]\n\tinteractive = {value}\n"));
            let ended = on_terminal(&rig, &git, &[], &[]).finish();
            assert_stopped(ended.code, &ended.transcript, value);
        }
    }
}

/// cron, systemd, a GUI program: no terminal, with a display or without.
#[test]
fn no_terminal_is_nobody_whatever_display_there_is() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        for variables in [&[][..], &[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "x")]] {
            let (code, text) = without_terminal(&rig, &git, variables, &[]);
            assert_stopped(code, &text, &format!("{git} {variables:?}"));
        }
    }
}

/// Nothing forbids a question: it is asked, so the signals above are what stops it.
#[test]
fn without_a_signal_a_terminal_is_asked() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        for (variables, options) in [
            (&[][..], &[][..]),
            (&[("CI", ""), ("GIT_TERMINAL_PROMPT", "1")], &[]),
            (&[], &["-c", "credential.interactive=true"]),
            // The terminal inside an editor.
            (
                &[("GIT_ASKPASS", "/bin/false"), ("TERM_PROGRAM", "vscode")],
                &[],
            ),
        ] {
            let mut terminal = on_terminal(&rig, &git, variables, options);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send("\x03");
            assert_ne!(terminal.finish().code, 0, "{git} {variables:?} {options:?}");
        }
    }
}

/// The command keeps it for the name that was asked for, if that can be copied safely.
#[test]
fn the_name_that_was_asked_for_is_in_the_command() {
    let Some((rig, _)) = scene() else { return };
    for (name, option) in [
        ("bob", " --username bob\n"),
        ("x-token-auth", "widgets\n"),
        ("a;id", "widgets\n"),
        ("--all", "widgets\n"),
    ] {
        let request =
            format!("protocol=https\nhost=bitbucket.org\npath=acme/widgets\nusername={name}\n\n");
        let said = rig.helper("get", &request).expect_success().stderr;
        assert!(said.ends_with(option), "{name}: {said}");
    }
}
