//! A credential in a variable that the server refuses, or says nothing about: what it gives way to,
//! what is said of it, and that nothing kept is lost by it.

use super::{APP_SCOPES, hides, keep, push, scene, sent};
use crate::rig::scene::REQUEST;
use crate::rig::{Credential, Fault, Git, Kind, Surface, gits, tokens};
use std::fs;

/// What is remembered from one run to the next, below the home.
const NOTES: &str = ".cache/git-credential-bitbucket/notes.json";

/// A dead app password in some profile cannot beat a good token that is kept: it is named
/// once, then passed over without a word or a request.
#[test]
fn a_dead_app_password_is_named_once_and_passed_over() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let dead = tokens::app_password(7);
        let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
        rig.bitbucket.issue(credential);
        rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
        rig.home.set("BITBUCKET_USERNAME", "alice");
        let said = push(&rig, &git, &[]);
        assert!(
            said.starts_with(
                "bitbucket: the app password in BITBUCKET_APP_PASSWORD is passed over: "
            ) && said.contains("API token")
                && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(rig.requests_not_from_git().len(), 1);
        assert_eq!(sent(&rig), [token.as_str()]);
        rig.forget_requests();
        assert_eq!(push(&rig, &git, &[]), "");
        assert_eq!(rig.requests_not_from_git().len(), 0);
        assert_eq!(sent(&rig), [token.as_str()]);
        assert_eq!(rig.payloads(), [token.as_str()]);
    }
}

/// A server that gives no answer says nothing about it: it is used, asked about again only
/// after a while, and not taken for accepted until then.
#[test]
fn no_answer_about_an_app_password_is_not_an_answer() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene(git) else {
        return;
    };
    keep(&rig, &token);
    let dead = tokens::app_password(7);
    let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
    rig.bitbucket.issue(credential);
    rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
    rig.home.set("BITBUCKET_USERNAME", "alice");
    rig.bitbucket.fail(Surface::Git, Fault::down(), 1);
    let served = format!("username=alice\npassword={dead}\n");
    for said in [hides("BITBUCKET_APP_PASSWORD"), String::new()] {
        let ended = rig.helper("get", REQUEST).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), (&*served, &*said));
        assert_eq!(rig.requests().len(), 1);
    }
    let notes = fs::read_to_string(rig.home.path().join(NOTES)).expect("notes");
    assert!(notes.contains(r#""word":"unknown""#), "{notes}");
    assert!(!notes.contains(&dead), "{notes}");
}

/// Nothing is kept either: the dead variable is no credential, and Git ends.
#[test]
fn a_dead_app_password_alone_ends_git() {
    for git in gits() {
        let Some((mut rig, _)) = scene(&git) else {
            return;
        };
        let dead = tokens::app_password(7);
        let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
        rig.bitbucket.issue(credential);
        rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
        rig.home.set("BITBUCKET_USERNAME", "alice");
        let ended = rig.git(&git, &["push", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        assert!(ended.stderr.contains("passed over"), "{}", ended.stderr);
        assert!(sent(&rig).is_empty());
    }
}

/// A token of the environment that the server refuses: Git from 2.46 on comes back, it is
/// passed over, and what is kept makes the same command succeed. An older Git fails, and
/// says which credential it was. In neither case does the keychain lose anything.
#[test]
fn a_refused_token_of_the_environment_gives_way() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let revoked = tokens::api_token(8);
        rig.home.set("BITBUCKET_TOKEN", &revoked);
        let ended = rig.git(&git, &["push", "--quiet", "origin", "topic"]);
        let named = if git.has_capabilities() {
            "bitbucket: the API token in BITBUCKET_TOKEN is passed over: Bitbucket refused the API \
             token: it is mistyped"
        } else {
            "bitbucket: bitbucket.org refused what BITBUCKET_TOKEN holds; "
        };
        assert!(ended.stderr.contains(named), "{git} {}", ended.stderr);
        assert!(!ended.stderr.contains(&revoked));
        assert_eq!(ended.success(), git.has_capabilities(), "{}", ended.stderr);
        if git.has_capabilities() {
            assert_eq!(sent(&rig), [revoked.as_str(), token.as_str()]);
        }
        assert_eq!(rig.payloads(), [token.as_str()]);
    }
}

/// The same where what is kept is of another kind: the name with which Git comes back was
/// ours, and no person's wish.
#[test]
fn a_refused_token_gives_way_to_one_of_another_kind() {
    for git in gits().into_iter().filter(Git::has_capabilities) {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let revoked = tokens::access_token(8);
        rig.home.set("BITBUCKET_TOKEN", &revoked);
        push(&rig, &git, &[]);
        assert_eq!(sent(&rig), [revoked.as_str(), token.as_str()]);
        assert_eq!(rig.payloads(), [token.as_str()]);
        // Nor is a credential of that name missed where nothing is kept.
        rig.helper("erase", REQUEST).expect_success();
        let ended = rig.git(&git, &["push", "--quiet", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        let said = "bitbucket: no credential is kept for ";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

/// A stray 401 to a good token of the environment costs nothing where Git comes back.
#[test]
fn a_stray_refusal_of_a_good_token_costs_nothing() {
    for git in gits().into_iter().filter(Git::has_capabilities) {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.bitbucket
            .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
        assert_eq!(push(&rig, &git, &[]), "");
    }
}
