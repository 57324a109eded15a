//! Which variable is served, in preference to what and under which name, and who else sees it:
//! nobody.

use super::{APP_SCOPES, hides, keep, push, scene, sent};
use crate::rig::scene::{REQUEST, URL};
use crate::rig::{Credential, GIT_SCOPES, Kind, gits, tokens};
use std::fs;

/// Every credential that is not an app password: served without a question to the server,
/// in preference to the keychain, and not kept.
#[test]
fn tokens_push_win_and_are_not_kept() {
    for git in gits() {
        let Some((mut rig, kept_token)) = scene(&git) else {
            return;
        };
        keep(&rig, &kept_token);
        let api = tokens::api_token(2);
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, &api, "alice", &GIT_SCOPES));
        let access = tokens::access_token(3);
        rig.bitbucket.issue(Credential::new(
            Kind::RepositoryToken,
            &access,
            "acme/widgets",
            &["repository", "repository:write"],
        ));
        for (name, secret) in [
            ("BITBUCKET_TOKEN", &api),
            ("BITBUCKET_TOKEN", &access),
            // Many scripts still use this name for what is a token today.
            ("BITBUCKET_APP_PASSWORD", &api),
            ("BITBUCKET_APP_PASSWORD", &access),
        ] {
            for ending in ["", "\n", "\r\n"] {
                rig.home.set(name, format!("{secret}{ending}"));
                rig.forget_requests();
                let said = push(&rig, &git, &[]);
                let expected = if ending.is_empty() {
                    hides(name)
                } else {
                    String::new()
                };
                assert_eq!(said, expected, "{git} {name} {ending:?}");
                assert_eq!(sent(&rig), [secret.as_str()], "{git} {name} {ending:?}");
                assert_eq!(rig.requests_not_from_git().len(), 0);
                assert_eq!(rig.payloads(), [kept_token.as_str()]);
            }
            rig.home.unset(name);
        }
    }
}

/// An app password, under the name from the variable or from the URL.
#[test]
fn an_app_password_that_works_pushes_and_is_not_kept() {
    for git in gits() {
        for secret in [tokens::app_password(4), tokens::old_app_password(5)] {
            let Some((mut rig, kept_token)) = scene(&git) else {
                return;
            };
            keep(&rig, &kept_token);
            rig.bitbucket.world().switches.app_passwords_removed = false;
            let credential = Credential::new(Kind::AppPassword, &secret, "alice", &APP_SCOPES);
            rig.bitbucket.issue(credential);
            rig.home
                .set("BITBUCKET_APP_PASSWORD", format!("{secret}\n"));
            rig.home.set("BITBUCKET_USERNAME", "alice");
            assert_eq!(push(&rig, &git, &[]), hides("BITBUCKET_APP_PASSWORD"));
            assert_eq!(sent(&rig), [secret.as_str()]);
            // Asked once, and for a day not again.
            assert_eq!(rig.requests_not_from_git().len(), 1);
            rig.home.unset("BITBUCKET_USERNAME");
            let url = "https://alice@bitbucket.org/acme/widgets.git";
            rig.git(&git, &["remote", "set-url", "origin", url])
                .expect_success();
            assert_eq!(push(&rig, &git, &[]), "");
            assert_eq!(rig.requests_not_from_git().len(), 1);
            assert_eq!(rig.payloads(), [kept_token.as_str()]);
        }
    }
}

/// Scripts silence prompts with `GIT_ASKPASS=echo`; the token is used all the same.
#[test]
fn a_script_with_a_silenced_askpass_pushes() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.home.set("GIT_ASKPASS", "echo");
        assert_eq!(push(&rig, &git, &[]), "");
        assert_eq!(rig.payloads(), [""; 0]);
    }
}

/// A variable that another program uses, too, does not get in the way of ours, nor any once that is
/// said in the helper line.
#[test]
fn our_own_name_wins_and_all_can_be_passed_over() {
    let git = &gits()[0];
    let Some((mut rig, kept_token)) = scene(git) else {
        return;
    };
    keep(&rig, &kept_token);
    let own = tokens::api_token(2);
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &own, "alice", &GIT_SCOPES));
    rig.home.set("BITBUCKET_TOKEN", "another program's");
    rig.home.set("BITBUCKET_HELPER_TOKEN", &own);
    rig.forget_requests();
    assert_eq!(push(&rig, git, &[]), "");
    assert_eq!(sent(&rig), [own.as_str()]);
    for arguments in [&["configure", "--ignore-environment"][..], &["configure"]] {
        rig.helper_with(git, arguments, "").expect_success();
        let line = fs::read_to_string(rig.home.path().join(".gitconfig")).expect("the file");
        assert!(line.contains(" --ignore-environment\n"), "{line}");
    }
    rig.forget_requests();
    assert_eq!(push(&rig, git, &[]), "");
    assert_eq!(sent(&rig), [kept_token.as_str()]);
    let status = rig
        .helper_with(git, &["status"], "")
        .expect_success()
        .stdout;
    let said = "BITBUCKET_HELPER_TOKEN is set and passed over (--ignore-environment).\n";
    assert!(status.starts_with(said), "{status}");
    rig.helper_with(git, &["configure", "--store", "auto"], "")
        .expect_success();
    rig.forget_requests();
    push(&rig, git, &[]);
    assert_eq!(sent(&rig), [own.as_str()]);
}

/// What cannot be used is named, is not sent, and does not stand in the way.
#[test]
fn an_unknown_shape_is_refused_unless_it_is_stated() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let unknown = tokens::oauth_token(6);
        let quoted = format!("'{token}'");
        for (name, value, complaint) in [
            (
                "BITBUCKET_HELPER_TOKEN",
                &*quoted,
                "BITBUCKET_HELPER_TOKEN holds quotation marks around the token; take them out",
            ),
            (
                "BITBUCKET_TOKEN",
                "${{ secrets.BITBUCKET_TOKEN }}",
                "BITBUCKET_TOKEN holds the name of a variable and not its value; see why nothing replaced the name",
            ),
            (
                "BITBUCKET_TOKEN",
                &*unknown,
                "BITBUCKET_TOKEN does not look like a Bitbucket credential; if it is one, say which in BITBUCKET_TOKEN_KIND",
            ),
            (
                "BITBUCKET_APP_PASSWORD",
                "hunter2",
                "BITBUCKET_APP_PASSWORD holds what looks like an account password, which Bitbucket does not take; put a token there",
            ),
            (
                "BITBUCKET_APP_PASSWORD",
                "0123456789abcdefABCD",
                "BITBUCKET_APP_PASSWORD is an app password and needs BITBUCKET_USERNAME",
            ),
        ] {
            rig.home.set(name, value);
            rig.forget_requests();
            let said = push(&rig, &git, &[]);
            assert_eq!(said, format!("bitbucket: {complaint}\n"), "{git} {name}");
            assert_eq!(sent(&rig), [token.as_str()]);
            rig.home.unset(name);
        }
        rig.bitbucket.issue(Credential::new(
            Kind::RepositoryToken,
            &unknown,
            "acme/widgets",
            &["repository", "repository:write"],
        ));
        rig.home.set("BITBUCKET_TOKEN", &unknown);
        rig.home.set("BITBUCKET_TOKEN_KIND", "access-token");
        rig.forget_requests();
        assert_eq!(push(&rig, &git, &[]), hides("BITBUCKET_TOKEN"));
        assert_eq!(sent(&rig), [unknown.as_str()]);
    }
}

/// Programs that we start see none of the variables, whatever they hold.
#[test]
fn children_do_not_inherit_the_variables() {
    let git = &gits()[0];
    let Some((mut rig, _)) = scene(git) else {
        return;
    };
    let record = rig.home.add_file("record", "");
    let text = format!(
        "{{ echo started; env; echo \"$@\"; }} >>'{}'\nexec '{}' \"$@\"\n",
        record.display(),
        git.program().display()
    );
    rig.home.add_script("recorder/git", &text);
    let path = format!("{}/recorder:/usr/bin:/bin", rig.home.path().display());
    let dead = tokens::app_password(7);
    let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
    rig.bitbucket.issue(credential);
    rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
    rig.home.set("BITBUCKET_USERNAME", "alice");
    rig.home.set("BITBUCKET_TOKEN_KIND", "app-password");
    let helper = rig.home.path().join("bin/git-credential-bitbucket");
    let helper = helper.to_str().expect("UTF-8");
    for (arguments, input) in [
        (&["get"][..], REQUEST),
        (&["login", "--with-token", URL], &tokens::api_token(9)),
        (&["configure"], ""),
        (&["unconfigure"], ""),
    ] {
        let mut command = rig.without_terminal(git, helper);
        command.args(arguments).env("PATH", &path);
        // Whatever they come to: they have started a program by then.
        rig.run(command, input.as_bytes());
        let recorded = fs::read_to_string(&record).expect("a file in the home");
        assert!(recorded.contains("started"), "{arguments:?}");
        assert!(
            !recorded.contains("BITBUCKET_"),
            "{arguments:?}: {recorded}"
        );
        assert!(!recorded.contains(&dead), "{arguments:?}: {recorded}");
        rig.home.add_file("record", "");
    }
}
