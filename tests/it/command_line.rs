//! What all commands have in common: help for people on what Git runs, and words that are none of
//! ours, which end in silence for Git and in an explanation for a person.
#![cfg(target_os = "linux")]

use crate::rig::terminal::Terminal;
use crate::rig::{Finished, Rig, gits};

fn run(rig: &Rig, arguments: &[&str]) -> Finished {
    rig.helper_with(&gits()[0], arguments, "")
}

#[test]
fn what_git_runs_has_help_for_people() {
    let (rig, _) = Rig::with_alice();
    for operation in ["get", "store", "erase", "capability"] {
        for help in ["--help", "-h"] {
            let done = run(&rig, &[operation, help]).expect_success();
            let said = "Git runs this with a message on standard input; see git-credential(1).\n";
            assert_eq!((&*done.stdout, &*done.stderr), (said, ""), "{operation}");
        }
    }
}

#[test]
fn an_unknown_operation_is_silent_for_git_and_a_mistyped_command_explained() {
    let (rig, _) = Rig::with_alice();
    for arguments in [&["renew"][..], &["--future=1", "renew"]] {
        let done = run(&rig, arguments).expect_success();
        assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
    }
    // None of these is Git's, whoever reads along.
    for arguments in [
        &["doctor", "x"][..],
        &["logout", "--al", "alice"],
        &["login", "--with-tokn", "https://bitbucket.org"],
        &["login", "--with-token", "--repositroy", "acme/widgets"],
        &["configure", "--store", "file", "extra"],
    ] {
        let done = run(&rig, arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{done:#?}");
        assert!(done.stderr.contains("unexpected argument"), "{done:#?}");
    }
    let mut command = rig.home.command(&gits()[0], "git-credential-bitbucket");
    command.arg("logn");
    let ended = Terminal::open(&command).finish();
    assert!(ended.transcript.contains("'login'"), "{}", ended.transcript);
    assert_eq!(ended.code, 2);
}
