//! A command that gives no token, and what it says itself: each is told in one line with a next step.

use super::{add, scene};
use crate::rig::{gits, tokens};
use crate::stores::scene::ours;
use std::fs;

/// What may be wrong with a command, and what is said then.
const FAULTS: [(&str, &str); 14] = [
    (
        "no-such-program read",
        "`no-such-program` of --token-command gives no token: there is no such program; install",
    ),
    ("~/tools", "it may not be run; make it executable"),
    (
        "false",
        "it failed with exit code 1; run it yourself to see why",
    ),
    (
        "echo x; exit 3",
        "it failed with exit code 3; run it yourself",
    ),
    ("kill -9 $$", "it was killed ("),
    (
        "true",
        "`true` of --token-command gives no token: it printed nothing; ",
    ),
    (
        "cat ~/token; echo; cat ~/other",
        "two lines that may both be the token; have it print one",
    ),
    (
        "yes",
        "it printed more than any token has; have it print the token alone",
    ),
    (
        "printf 'abc\\377'",
        "is no text (UTF-8); have it print the token alone",
    ),
    (
        "echo hunter2",
        "the output of `echo` holds what looks like an account password",
    ),
    (
        "echo ghp_0123456789",
        "holds a GitHub personal access token",
    ),
    (
        "exec sleep 1000",
        "it had not ended after 3 s, and was ended; if it waits for a person",
    ),
    // It has no terminal to read from.
    (
        "read -r line </dev/tty",
        "gives no token: it failed with exit code ",
    ),
    (
        "git credential fill",
        "it asks for the very token that it is to print; name a command that does not",
    ),
];

/// One line with a next step, nothing sent, and nothing served in its place.
#[test]
fn every_failure_is_one_line() {
    let git = &gits()[0];
    for (command, fault) in FAULTS {
        let scene = scene(git, command);
        add(&scene, "x", "");
        let other = tokens::api_token(2);
        fs::write(scene.rig.home.path().join("other"), other).expect("a file in the home");
        let ended = scene.push().expect_failure("told us to quit");
        let lines = ours(&ended.stderr);
        let said: Vec<_> = lines.iter().filter(|line| line.contains(fault)).collect();
        assert_eq!(said.len(), 1, "{command}: {}", ended.stderr);
        let sent = scene.rig.requests();
        assert!(sent.iter().all(|request| request.authorization.is_none()));
    }
}

/// What it says on standard error is shown, without what it may do to a terminal, and without a
/// token.
#[test]
fn its_complaints_are_shown_safely() {
    let command = "printf '\\033[2JCannot unlock %s.\\n' \"$(cat ~/token)\" >&2; exit 1";
    let scene = scene(&gits()[0], command);
    let said = scene.push().expect_failure("told us to quit").stderr;
    assert!(
        said.starts_with("\\u{1b}[2JCannot unlock (a secret).\n"),
        "{said}"
    );
    assert!(said.contains("of --token-command gives no token: it failed with exit code 1"));
    assert!(!said.contains(&scene.token), "{said}");
}
