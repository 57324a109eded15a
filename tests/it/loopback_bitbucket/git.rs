//! Plain Git against the server, every Git of the machine: what it does with each kind of
//! credential, and what it does next after each answer.

use super::{ACCESS_NAME, API_NAME, issue, scene};
use crate::rig::curl::{Login, curl};
use crate::rig::fault;
use crate::rig::gits::operations;
use crate::rig::tokens::{access_token, api_token, app_password};
use crate::rig::{Fault, GIT_SCOPES, Kind, Rig, Surface, answer, gits};

#[test]
fn clones_and_pushes_with_each_kind() {
    for git in gits() {
        let rig = scene();
        rig.bitbucket.world().switches.app_passwords_removed = false;
        let (api, access, app) = (api_token(1), access_token(1), app_password(1));
        issue(&rig, Kind::ApiToken, &api, "alice", &GIT_SCOPES);
        issue(
            &rig,
            Kind::ProjectToken,
            &access,
            "WID",
            &["repository:write"],
        );
        issue(
            &rig,
            Kind::AppPassword,
            &app,
            "alice",
            &["Repositories: Write"],
        );
        for (tree, name, secret) in [
            ("one", "alice", &api),
            ("two", API_NAME, &api),
            ("three", ACCESS_NAME, &access),
            ("four", "alice", &app),
        ] {
            let url = format!("https://{name}:{secret}@bitbucket.org/acme/widgets.git");
            rig.git(&git, &["clone", &url, tree]).expect_success();
            let message = format!("--message={tree}");
            rig.git(&git, &["-C", tree, "commit", "--allow-empty", &message])
                .expect_success();
            rig.git(&git, &["-C", tree, "push"]).expect_success();
            let commit = rig.git(&git, &["-C", tree, "rev-parse", "HEAD"]).stdout;
            assert_eq!(commit.trim(), rig.bitbucket.commit("acme/widgets", "main"));
        }
        assert!(rig.requests_not_from_git().is_empty());
        let agent = format!("git/{git}");
        assert!(
            rig.requests()
                .iter()
                .all(|request| request.user_agent == agent)
        );
        rig.finish();
    }
}

#[test]
fn git_shows_what_the_server_says() {
    for git in gits() {
        let rig = scene();
        let app = app_password(1);
        issue(
            &rig,
            Kind::AppPassword,
            &app,
            "alice",
            &["Repositories: Write"],
        );
        let url = format!("https://alice:{app}@bitbucket.org/acme/widgets.git");
        let refused = rig.git(&git, &["ls-remote", &url]).expect_failure("410");
        for line in answer::APP_PASSWORD_REMOVED.lines() {
            assert!(
                refused.stderr.contains(&format!("remote: {line}")),
                "{refused:?}"
            );
        }
    }
}

#[test]
fn a_public_repository_needs_no_login() {
    for git in gits() {
        let rig = scene();
        let url = "https://bitbucket.org/acme/open.git";
        rig.git(&git, &["clone", url, "open"]).expect_success();
        assert!(
            rig.requests()
                .iter()
                .all(|request| request.authorization.is_none())
        );
    }
}

/// A request whose body is compressed, as Git sends long ones.
#[test]
fn compressed_requests_are_understood() {
    let rig = scene();
    let command = answer::Answer::text(200, "0014command=ls-refs\n0000");
    let body = rig.home.path().join("body");
    std::fs::write(&body, fault::compressed(command).body).expect("a file in the home");
    let reply = curl(
        &rig,
        Login::None,
        "https://bitbucket.org/acme/open.git/git-upload-pack",
        &[
            "--data-binary",
            &format!("@{}", body.display()),
            "--header",
            "Content-Type: application/x-git-upload-pack-request",
            "--header",
            "Content-Encoding: gzip",
            "--header",
            "Git-Protocol: version=2",
        ],
    );
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains("refs/heads/main"), "{reply:?}");
}

#[test]
fn what_git_does_after_each_answer() {
    let in_band = answer::Answer {
        status: 200,
        headers: vec![(
            "Content-Type".to_owned(),
            "application/x-git-upload-pack-advertisement".to_owned(),
        )],
        body: b"001e# service=git-upload-pack\n00000011ERR captcha".to_vec(),
    };
    for git in gits() {
        let (rig, token) = Rig::with_alice();
        let login = format!("username=alice\npassword={token}\n");
        let ask = |fault: Option<Fault>| {
            rig.bitbucket.recover();
            if let Some(fault) = fault {
                rig.bitbucket.fail_logins(Surface::Git, fault, usize::MAX);
            }
            operations(&rig, &git, "https://bitbucket.org/acme/widgets.git", &login)
        };
        assert_eq!(ask(None), ["get", "store"], "{git}");
        assert_eq!(ask(Some(Fault::stray_refusal())), ["get", "erase"], "{git}");
        assert_eq!(
            ask(Some(Fault::Answer(in_band.clone()))),
            ["get", "store"],
            "{git}"
        );
        for status in [403, 404, 410, 429] {
            let fault = Fault::status(status, "no");
            assert_eq!(ask(Some(fault)), ["get"], "{git} after {status}");
        }
    }
}

/// With `user@` in the URL Git first tries an empty password, then asks; the helper's
/// name wins over the URL's.
#[test]
fn a_name_in_the_url_is_tried_first() {
    for git in gits() {
        let (rig, token) = Rig::with_alice();
        rig.bitbucket.expect_name("old-name");
        let url = "https://old-name@bitbucket.org/acme/widgets.git";
        let login = format!("username=alice\npassword={token}\n");
        assert_eq!(operations(&rig, &git, url, &login), ["get", "store"]);
        let logins: Vec<_> = rig
            .requests()
            .into_iter()
            .filter_map(|request| request.authorization)
            .map(|login| (login.user, login.secret))
            .collect();
        let alice = ("alice".to_owned(), token);
        let old = ("old-name".to_owned(), String::new());
        assert_eq!(logins, [old, alice.clone(), alice], "{git}");
    }
}
