//! What is asked: Git's own questions, and no more of them than needed.

use super::scene::{Scene, URL};
use crate::rig::{Credential, GIT_SCOPES, Kind, Repository, gits, tokens};
use std::fmt::Write as _;

#[test]
fn editors_find_in_the_questions_what_they_look_for() {
    for git in gits() {
        let place = "https://bitbucket.org/acme/widgets.git";
        let named = "https://alice@bitbucket.org/acme/widgets.git";
        for (editor, expected) in [
            (
                "vscode",
                [
                    format!("Git: username {place}"),
                    format!("Git: password {named}"),
                ],
            ),
            (
                "jetbrains",
                [
                    format!("Log In to {place}: username"),
                    format!("Log In to {named}: password"),
                ],
            ),
            (
                "jenkins",
                [
                    format!("Username for '{place}': "),
                    format!("Password for '{named}': "),
                ],
            ),
        ] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            scene.will_answer("alice", &scene.token);
            scene.rig.git(&git, &["ls-remote", URL]).expect_success();
            assert_eq!(scene.take_seen(), expected, "{git}");
        }
    }
}

/// The same questions, byte for byte, as each Git asks without us, in number as well.
#[test]
fn the_questions_are_git_s_own() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        // Another program than the fixtures: it tells apart all that it is given.
        scene.use_script(
            "printf '%s arguments: %s\\n' $# \"$*\" >>\"$SEEN\"\n\
             case $1 in Username*) printf 'some one@x\\r\\nmore\\n' ;; esac\n",
        );
        for (username, path) in [
            ("", "acme/widgets.git"),
            ("", ""),
            ("alice", "acme/widgets.git"),
            ("alice@example.com", "acme/widgets.git"),
            ("a/b:c d~-_.é'\"%", "acme/wid gets'\"?#%&~é.git"),
            ("", "acme/$(id)`id`;!*().git"),
        ] {
            for with_path in ["true", "false"] {
                let mut input = "protocol=https\nhost=bitbucket.org\n".to_owned();
                for (key, value) in [("path", path), ("username", username)] {
                    if !value.is_empty() {
                        let _ = writeln!(input, "{key}={value}");
                    }
                }
                let ask = |helper: &str| {
                    let mut command = scene.rig.without_terminal(&git, "git");
                    command.args([
                        "-c",
                        &format!("credential.https://bitbucket.org.helper={helper}"),
                        "-c",
                        &format!("credential.https://bitbucket.org.useHttpPath={with_path}"),
                        "credential",
                        "fill",
                    ]);
                    scene.rig.run(command, format!("{input}\n").as_bytes());
                    scene.take_seen()
                };
                let expected = ask("");
                assert!(!expected.is_empty(), "{git} {username} {path}");
                assert_eq!(ask("bitbucket"), expected, "{git} {username} {path}");
            }
        }
    }
}

/// A token where a name is asked for: it is not shown in a second question, as an argument.
#[test]
fn a_token_given_for_a_name_is_taken_for_the_token() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jetbrains");
        scene.will_answer(&scene.token, "unused");
        scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        assert_eq!(scene.take_seen().len(), 1);
        assert_eq!(scene.kept().len(), 1);
    }
}

/// Nor is another service's, or one of a form that nobody knows; both are explained. What
/// only begins like one, or is an address, is a name.
#[test]
fn no_secret_given_for_a_name_is_shown() {
    let git = &gits()[0];
    let unknown = tokens::oauth_token(6);
    let address = format!("{}@example.com", "a".repeat(40));
    for (name, questions, said) in [
        (
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            1,
            "a GitHub personal access token",
        ),
        ("glpat-0123456789abcdefghij", 1, "a GitLab"),
        (&*unknown, 1, "does not look like any Bitbucket token"),
        ("sk-miller", 2, "looks like an account password"),
        (&address, 2, "looks like an account password"),
    ] {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jetbrains");
        scene.will_answer(name, "hunter2");
        let ended = scene.rig.git(git, &["ls-remote", URL]);
        let ended = ended.expect_failure(said);
        assert_eq!(scene.take_seen().len(), questions, "{name}: {ended:?}");
        assert_eq!(scene.kept(), [""; 0]);
        assert_eq!(scene.rig.requests_not_from_git().len(), 0);
    }
}

/// Another account's name in an old remote: whoever pastes a token for it is not talked out
/// of what is kept.
#[test]
fn an_account_that_is_not_kept_is_asked_for() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("vscode");
        scene.will_answer("alice", &scene.token);
        scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        scene.take_seen();
        let bobs = tokens::api_token(5);
        scene.rig.bitbucket.add_user("bob", "bob@example.com", "x");
        scene
            .rig
            .bitbucket
            .issue(Credential::new(Kind::ApiToken, &bobs, "bob", &GIT_SCOPES));
        scene.rig.bitbucket.add_repository(
            "acme/shared",
            Repository::private().writer("alice").writer("bob"),
        );
        scene.will_answer("unused", &bobs);
        let url = "https://bob@bitbucket.org/acme/shared.git";
        scene.rig.git(&git, &["ls-remote", url]).expect_success();
        assert_eq!(scene.take_seen(), [format!("Git: password {url}")]);
        assert_eq!(scene.kept().len(), 2);
    }
}

/// Many at once: one dialog, and its answer is everybody's.
#[test]
fn one_dialog_answers_for_all() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    // Closes only when the other is waiting, too.
    scene.use_script(
        "echo \"$1\" >>\"$SEEN\"\n\
         until [ $(ls \"$ANSWERS\" | grep -c started) = 2 ]; do sleep 0.05; done\n\
         case $1 in Username*) input=username ;; *) input=password ;; esac\n\
         cat \"$ANSWERS/$input\"\n",
    );
    scene.will_answer("alice", &scene.token);
    let git = &gits()[0];
    let run = |name: &str| {
        let mut command = scene.rig.without_terminal(git, "/bin/sh");
        let script = format!("touch \"$ANSWERS/started-{name}\"; exec git ls-remote {URL}");
        command.args(["-c", &script]);
        scene.rig.run(command, b"").expect_success();
    };
    std::thread::scope(|scope| {
        scope.spawn(|| run("one"));
        scope.spawn(|| run("two"));
    });
    assert_eq!(scene.take_seen().len(), 2, "one name and one password");
}
