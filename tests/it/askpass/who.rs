//! Who is asked where more than one could be, or nobody.

use super::scene::{Scene, URL, ours};
use crate::rig::gits;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};

/// Behind these there is nobody: the command to run is said at once.
#[test]
fn programs_without_anybody_behind_them_are_not_asked() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        for stub in ["true", "echo", "/bin/false", ""] {
            scene.rig.home.set("GIT_ASKPASS", stub);
            let ended = scene.rig.git(&git, &["ls-remote", URL]);
            let lines = ours(&ended);
            assert_eq!(lines.len(), 1, "{ended:#?}");
            assert!(lines[0].contains("run: git credential-bitbucket login"));
            assert!(ended.stderr.contains("told us to quit"), "{ended:#?}");
        }
    }
}

/// On a terminal a person is asked there, since only there the dialogue is whole; but nobody
/// looks at the one that an editor was started from.
#[test]
fn the_terminal_goes_first_except_for_editors() {
    for git in gits() {
        for (variable, by_program) in [
            ("TERM_PROGRAM", false),
            ("VSCODE_GIT_COMMAND", true),
            ("INTELLIJ_GIT_ASKPASS_HANDLER", true),
        ] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor("vscode");
            scene.will_answer("alice", &scene.token);
            scene.rig.home.set(variable, "fetch");
            let mut terminal = scene.rig.terminal(&git, &["ls-remote", URL]);
            if !by_program {
                terminal.expect_prompt(SECRET_QUESTION);
                terminal.send_line(&scene.token);
            }
            terminal.finish().expect_success();
            assert_eq!(scene.take_seen().len(), if by_program { 2 } else { 0 });
        }
    }
}

/// A job in the background of a shell would be stopped by a question on the terminal.
#[test]
fn in_the_background_the_program_is_asked() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jetbrains");
        scene.will_answer("alice", &scene.token);
        let mut command = scene.rig.home.command(&git, "/bin/bash");
        command.args(["-c", &format!("set -m; git ls-remote {URL} & wait $!")]);
        Terminal::open(&command).finish().expect_success();
        assert_eq!(scene.take_seen().len(), 2);
    }
}
