//! Who else may answer Git: askpass programs and other helpers.

use super::scene::{ADVICE, URL, askpass, on_terminal, scene, without_terminal};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Git, Rig, gits};

/// Where Git would ask a program, it is asked, by us or by Git: whichever way it is named.
#[test]
fn a_program_that_answers_git_is_asked() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let program = askpass(&rig, "alice", &token);
        let program = &*program;
        let setting = format!("core.askPass={program}");
        for (variables, options) in [
            (&[("GIT_ASKPASS", program)][..], &[][..]),
            (&[("SSH_ASKPASS", program)], &[]),
            (&[], &["-c", &*setting]),
            // Visual Studio Code, fetching by itself and at a click.
            (
                &[
                    ("GIT_ASKPASS", program),
                    ("VSCODE_GIT_COMMAND", "fetch"),
                    ("VSCODE_GIT_FETCH_SILENT", "true"),
                ],
                &[],
            ),
            (
                &[
                    ("GIT_ASKPASS", program),
                    ("VSCODE_GIT_ASKPASS_NODE", "/usr/bin/node"),
                    ("VSCODE_GIT_COMMAND", "push"),
                ],
                &[],
            ),
            // Jenkins, in its own words and with the usual word of others.
            (
                &[
                    ("GIT_ASKPASS", program),
                    ("SSH_ASKPASS", program),
                    ("GIT_TERMINAL_PROMPT", "false"),
                    ("JENKINS_URL", "https://jenkins.example/"),
                ],
                &[],
            ),
            (&[("GIT_ASKPASS", program), ("CI", "true")], &[]),
        ] {
            let situation = format!("{git} {variables:?} {options:?}");
            let (code, text) = without_terminal(&rig, &git, variables, options);
            assert_eq!((code, &*text), (0, ""), "{situation}");
            // What worked was kept: the next of these must ask again.
            forget(&rig, &git);
        }
    }
}

fn forget(rig: &Rig, git: &Git) {
    rig.helper_with(git, &["logout", "--all"], "")
        .expect_success();
}

/// Jenkins: a push authenticates through its program although our helper is configured.
#[test]
fn jenkins_pushes() {
    for git in gits() {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        let program = askpass(&rig, "x-bitbucket-api-token-auth", &token);
        rig.home.set("GIT_ASKPASS", &program);
        rig.home.set("SSH_ASKPASS", &program);
        rig.git(&git, &["clone", "--quiet", URL, "widgets"])
            .expect_success();
        forget(&rig, &git);
        let in_clone = ["-C", "widgets"];
        for arguments in [
            &["commit", "--quiet", "--allow-empty", "--message=Change"][..],
            &["push", "--quiet", "origin", "HEAD:topic"],
        ] {
            let ended = rig.git(&git, &[&in_clone, arguments].concat());
            assert_eq!(ended.expect_success().stderr, "");
        }
        let head = rig.git(&git, &["-C", "widgets", "rev-parse", "HEAD"]);
        assert_eq!(
            rig.bitbucket.commit("acme/widgets", "topic"),
            head.stdout.trim()
        );
        // Each of the two answers was checked before it was used.
        assert_eq!(rig.requests_not_from_git().len(), 2);
    }
}

/// Another helper that follows us answers in our place.
#[test]
fn a_helper_that_follows_is_left_to_answer() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        rig.home.add_gitconfig(&format!(
            "\thelper = \"!f() {{ test $1 = get && echo username=alice && echo password={token}; }}; f\"\n"
        ));
        let (code, text) = without_terminal(&rig, &git, &[], &[]);
        assert_eq!((code, &*text), (0, ""), "{git}");
    }
}

/// What is printed then is nothing at all, and the exit code is 0 in every case.
#[test]
fn silence_is_silence() {
    let Some((mut rig, _)) = scene() else { return };
    let request = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n\n";
    let ended = rig.helper("get", request).expect_success();
    assert_eq!((&*ended.stdout, &*ended.stderr), ("quit=1\n", ADVICE));
    for name in ["GIT_ASKPASS", "SSH_ASKPASS"] {
        // Found from where Git runs, so that it is left to Git to run it.
        rig.home.set(name, "./ask");
        let ended = rig.helper("get", request).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""), "{name}");
        rig.home.unset(name);
    }
    rig.home.set("GIT_ASKPASS", "");
    rig.home.set("SSH_ASKPASS", "/bin/false");
    let ended = rig.helper("get", request).expect_success();
    assert_eq!((&*ended.stdout, &*ended.stderr), ("quit=1\n", ADVICE));
}

/// `GIT_ASKPASS=` switches askpass off: Git itself then asks on the terminal, and so do we.
#[test]
fn an_empty_askpass_leaves_the_terminal() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let variables = &[("GIT_ASKPASS", ""), ("SSH_ASKPASS", "/bin/false")];
        let mut terminal = on_terminal(&rig, &git, variables, &[]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.finish().expect_success();
    }
}
