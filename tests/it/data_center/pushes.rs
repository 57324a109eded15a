//! Pushes and fetches with every kind of token, under every Git.

use super::{BASE, is_kept, log_in, push, run, scene, status};
use crate::rig::data_center::{Right, Token};
use crate::rig::log::Request;
use crate::rig::terminal::Terminal;
use crate::rig::tokens::data_center_token;
use crate::rig::{Repository, Rig, gits};

/// As whom Git signed in, and how.
fn logins(rig: &Rig) -> Vec<(String, String)> {
    let requests = rig.requests().into_iter().filter(Request::is_from_git);
    let logins = requests.filter_map(|it| it.authorization);
    logins.map(|it| (it.scheme, it.user)).collect()
}

/// From "my company has Bitbucket at this address" to a push: two commands, one question.
#[test]
fn two_commands_lead_to_a_push() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        rig.git(&git, &["init", "--quiet", "--initial-branch=topic", "."])
            .expect_success();
        let message = ["commit", "--quiet", "--allow-empty", "--message=Change"];
        rig.git(&git, &message).expect_success();
        let url = server.remote("acme/widgets");
        let mut command = rig.home.command(&git, "git");
        command.args(["push", &url, "topic"]);
        let mut terminal = Terminal::open(&command);
        terminal.expect("Sign in to git.acme.example:8443 for acme/widgets.");
        terminal.expect("/plugins/servlet/access-tokens/manage");
        terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
        terminal.send_line(&token);
        terminal.expect("The HTTP access token of jdoe is valid.");
        if !git.has_capabilities() {
            terminal.expect("older than 2.46");
        }
        terminal.finish().expect_success();
        let head = rig.git(&git, &["rev-parse", "HEAD"]).expect_success();
        assert_eq!(server.commit("acme/widgets", "topic"), head.stdout.trim());
        assert_eq!(rig.requests_not_from_git().len(), 2);
        assert_eq!(server.failed_logins_in_all(), 0);

        // Never again, and without a question to the server.
        rig.forget_requests();
        push(&rig, &git, &url).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 0);
        let expected = if git.has_capabilities() {
            ("Bearer", "")
        } else {
            ("Basic", "jdoe")
        };
        let is_expected = |it: &(String, String)| (&*it.0, &*it.1) == expected;
        assert!(logins(&rig).iter().all(is_expected), "{:?}", logins(&rig));
        assert_eq!(server.failed_logins_in_all(), 0);
    }
}

/// A user's, a project's and a repository's, at the top of a host and in a folder of a port.
#[test]
fn every_kind_of_token_fetches_and_pushes() {
    for base in ["https://git.acme.example", BASE] {
        for git in gits() {
            for (kind, reach) in [
                ("user", serde_json::json!("site")),
                ("project", serde_json::json!({"workspace": "acme"})),
                (
                    "repository",
                    serde_json::json!({"repository": "acme/widgets"}),
                ),
            ] {
                let (rig, server, own) = scene(base);
                let other = data_center_token(2);
                server.issue(match kind {
                    "project" => Token::of_project(&other, "ACME", Right::Write),
                    _ => Token::of_repository(&other, "acme/widgets", Right::Write),
                });
                let token = if kind == "user" { own } else { other };
                let url = server.remote("acme/widgets");
                log_in(&rig, &url, &token).expect_success();
                rig.forget_requests();

                push(&rig, &git, &url).expect_success();
                rig.git(&git, &["fetch", "--quiet", &url, "topic"])
                    .expect_success();
                assert_eq!(rig.requests_not_from_git().len(), 0, "{kind}");
                assert_eq!(server.failed_logins_in_all(), 0, "{kind}");
                let kept = status(&rig, base);
                assert_eq!(kept["entries"][0]["reach"], reach, "{kind}");
                assert_eq!(kept["entries"][0]["kind"], "http-token", "{kind}");
                let by_name = if kind == "user" {
                    "jdoe"
                } else {
                    "x-token-auth"
                };
                let name = if git.has_capabilities() { "" } else { by_name };
                assert!(logins(&rig).iter().all(|it| it.1 == name), "{kind} {git}");
            }
        }
    }
}

#[test]
fn a_personal_repository_and_one_without_tls_are_pushed_to() {
    let git = &gits()[0];
    let base = "http://git.acme.example:7990";
    let (rig, server, token) = Rig::with_data_center(base);
    server.add_repository("~jdoe/notes", Repository::private().writer("jdoe"));
    run(&rig, &["configure", "--data-center", base], "").expect_failure("--allow-http");
    let agreed = [
        "configure",
        "--data-center",
        base,
        "--allow-http",
        "--store=file",
    ];
    run(&rig, &agreed, "").expect_success();
    // The agreement stands in the line.
    run(&rig, &["configure", "--data-center", base], "").expect_success();
    assert!(rig.home.gitconfig().contains("--allow-http"));
    let url = server.remote("~jdoe/notes");
    log_in(&rig, &url, &token).expect_success();
    push(&rig, git, &url).expect_success();
}

/// The same credential at another host of the same server; a mirror is never asked about it.
#[test]
fn an_alias_takes_the_same_token() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let mirror = rig.start_mirror(&server, "https://mirror.acme.example/bitbucket");
        let line = [
            "configure",
            "--data-center",
            BASE,
            "--alias",
            "mirror.acme.example",
        ];
        run(&rig, &line, "").expect_success();
        log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
        rig.forget_requests();
        let fetch = ["fetch", "--quiet", &mirror.remote("acme/widgets")];
        rig.git(&git, &["init", "--quiet", "."]).expect_success();
        rig.git(&git, &fetch).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 0);
        assert!(is_kept(&rig, BASE));
    }
}

/// With Basic switched off a newer Git pushes, and an older one keeps what is kept.
#[test]
fn where_basic_is_off_bearer_passes() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        server.world().switches.basic = false;
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        let pushed = push(&rig, &git, &url);
        assert_eq!(pushed.success(), git.has_capabilities(), "{pushed:?}");
        assert!(is_kept(&rig, BASE));
    }
}
