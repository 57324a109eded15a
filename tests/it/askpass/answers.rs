//! What becomes of the answers: good ones, wrong ones, none.

use super::scene::{CANCELLED, EDITORS, Scene, URL, ours};
use crate::rig::scene::REQUEST;
use crate::rig::{Credential, GIT_SCOPES, Kind, gits, tokens};

#[test]
fn a_first_push_is_signed_in_and_the_next_ones_are_not_asked() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            scene.will_answer("alice", &scene.token);
            scene.commit(&git);
            let ended = scene.push(&git, "one").expect_success();
            assert_eq!(ended.stderr, "", "{git} {editor}: nothing is the matter");
            assert_eq!(scene.take_seen().len(), 2, "{git} {editor}");
            assert_eq!(scene.kept(), ["Bitbucket: alice (API token)"], "{editor}");
            scene.push(&git, "two").expect_success();
            assert_eq!(scene.take_seen(), [""; 0], "{git} {editor}");
        }
    }
}

/// What is refused, by its form or by the server, is said, and not asked for again.
#[test]
fn answers_are_judged_like_typed_ones() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            let damaged = &scene.token[..scene.token.len() - 1];
            for (password, text, requests) in [
                ("correct horse", "This looks like an account password", 0),
                (
                    "ghp_0123456789012345678901234567890123456",
                    "a GitHub personal access token",
                    0,
                ),
                (damaged, "an API token that was cut off or mistyped", 0),
                // Passwords that begin as tokens do: only a person can insist.
                ("ATATT-correct-horse", "an API token that was cut off", 0),
                ("ATCTTcorrecthorse1", "an access token that was cut off", 0),
                ("ATBBhunter2", "an app password that was cut off", 0),
                (&tokens::api_token(2), "Bitbucket refused the API token", 1),
            ] {
                scene.rig.forget_requests();
                scene.will_answer("alice", password);
                let ended = scene
                    .rig
                    .git(&git, &["ls-remote", URL])
                    .expect_failure(text);
                let case = format!("{git} {editor} {password}: {ended:#?}");
                let lines = ours(&ended);
                assert_eq!(
                    lines.last(),
                    Some(
                        &"Authentication failed; nothing was kept. To try again in a terminal, \
                          run: git credential-bitbucket login https://bitbucket.org/acme/widgets"
                    ),
                    "{case}"
                );
                assert!(ended.stderr.contains("told us to quit"), "{case}");
                assert_eq!(scene.take_seen().len(), 2, "{case}");
                assert_eq!(scene.rig.requests_not_from_git().len(), requests, "{case}");
                assert_eq!(scene.kept(), [""; 0], "{case}");
                assert!(!ended.stderr.contains(password), "{case}");
            }
        }
    }
}

/// A token that may read only serves, and the editor's log says what a push needs.
#[test]
fn what_restricts_a_token_is_told() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("vscode");
        let token = tokens::api_token(2);
        scene.rig.bitbucket.issue(Credential::new(
            Kind::ApiToken,
            &token,
            "alice",
            &GIT_SCOPES[..1],
        ));
        scene.will_answer("alice@example.com", &token);
        let ended = scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        let lines = ours(&ended);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("pushes will be refused"), "{lines:?}");
        assert_eq!(scene.kept().len(), 1);
    }
}

/// Closing either dialog ends the command; nobody asks another time, Git included.
#[test]
fn closing_the_dialog_cancels() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            for (url, asked) in [
                (URL, 1),
                ("https://alice@bitbucket.org/acme/widgets.git", 1),
            ] {
                scene.will_close_the_dialog();
                let ended = scene.rig.git(&git, &["ls-remote", url]);
                assert!(!ended.success());
                assert_eq!(ours(&ended), [CANCELLED], "{ended:#?}");
                assert_eq!(scene.take_seen().len(), asked, "{git} {editor} {url}");
            }
            scene.will_answer("alice", "");
            let ended = scene.rig.git(&git, &["ls-remote", URL]);
            assert_eq!(ours(&ended), [CANCELLED], "{ended:#?}");
            assert_eq!(scene.take_seen().len(), 2, "{git} {editor}");
            assert_eq!(scene.rig.requests_not_from_git().len(), 0);
        }
    }
}

/// An answer without an end, one that is too long, and one of no text.
#[test]
fn answers_of_any_size_and_form_are_survived() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    for script in [
        "yes",
        "head -c 20000 /dev/zero | tr '\\0' x",
        "printf '\\377\\376\\n'",
        "printf '\\n\\n'",
        "kill -9 $$",
    ] {
        scene.use_script(script);
        let ended = scene.rig.helper("get", REQUEST).expect_success();
        assert_eq!(ended.stdout, "quit=1\n", "{script}: {ended:#?}");
        assert_eq!(ours(&ended), [CANCELLED], "{script}");
    }
    assert_eq!(scene.rig.requests().len(), 0);
}

/// Build servers answer with OAuth tokens that live for hours: passed on as they are, for
/// nobody could be asked about them, and not kept.
#[test]
fn a_short_lived_token_is_passed_on_and_not_kept() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jenkins");
        let token = tokens::oauth_token(6);
        scene.rig.bitbucket.issue(Credential::new(
            Kind::OAuth,
            &token,
            "alice",
            &["repository:write"],
        ));
        scene.will_answer("x-token-auth", &token);
        let ended = scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        assert_eq!(ended.stderr, "");
        assert_eq!(scene.take_seen().len(), 2);
        assert_eq!(scene.rig.requests_not_from_git().len(), 0);
        assert_eq!(scene.kept(), [""; 0]);
        scene.rig.bitbucket.revoke(&token);
        scene
            .rig
            .git(&git, &["ls-remote", URL])
            .expect_failure("Authentication failed");
    }
}
