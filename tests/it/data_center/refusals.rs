//! What becomes of tokens that a Data Center refuses, or says nothing about.

use super::{BASE, is_kept, log_in, push, run, scene};
use crate::rig::data_center::world::{InBand, Limit, Outage};
use crate::rig::data_center::{DataCenter, Gateway};
use crate::rig::tokens::data_center_token;
use crate::rig::{State, gits};
use git_credential_bitbucket::bitbucket::outcomes::{self, Fate};

/// How a server comes to answer so, by the cause in the outcome tables.
type Cause = (&'static str, fn(&DataCenter));

const CAUSES: [Cause; 4] = [
    ("a CAPTCHA after failed logins", |server| {
        server.demand_captcha("jdoe");
    }),
    ("an expired licence", |server| {
        server.world().switches.licence_expired = Some(InBand::No);
    }),
    ("a server that starts or is maintained", |server| {
        server.world().switches.outage = Some(Outage::Unavailable);
    }),
    ("a login page before the server", |server| {
        server.world().switches.gateway = Some(Gateway::Redirecting);
    }),
];

/// What speaks of something else than the token is said, and nothing is removed, however often.
#[test]
fn what_is_no_word_about_the_token_removes_none() {
    for (name, bring_about) in CAUSES {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        let row = outcomes::rows_of_data_center().find(|row| row.causes.contains(&name));
        let row = row.expect("a row");
        assert_eq!(row.fate, Fate::LeftAlone, "{name}");
        bring_about(&server);

        // Typed now, it is not verified; and it is told why.
        let words = row
            .message
            .split(['{', '}'])
            .next_back()
            .unwrap_or_default();
        let typed = log_in(&rig, &url, &token);
        assert!(typed.stderr.contains(words), "{name}: {typed:?}");
        // Git was refused, in command after command.
        let refused = format!(
            "protocol=https\nhost=git.acme.example:8443\npath=bitbucket/scm/acme/widgets.git\n\
             username=jdoe\npassword={token}\nwwwauth[]=Basic realm=\"Atlassian Bitbucket\"\n\n"
        );
        let line = format!("--data-center={BASE}");
        for _ in 0..3 {
            let told = run(&rig, &[&line, "--store=file", "erase"], &refused).stderr;
            // The licence is about pushes alone, and the token is found good.
            let is_told = told.contains("it is kept") || told.contains("still accepts it");
            assert!(is_told, "{name}: {told}");
            assert!(is_kept(&rig, BASE), "{name}");
        }
    }
}

#[test]
fn too_many_requests_cost_no_token() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        server.world().switches.limit = Some(Limit {
            size: 0,
            retry_after: Some(5),
        });
        for _ in 0..3 {
            assert!(!push(&rig, &git, &url).success());
            assert!(is_kept(&rig, BASE));
        }
        server.world().switches.limit = None;
        push(&rig, &git, &url).expect_success();
    }
}

/// A token that is refused is typed in vain: at most two failed logins, and nothing is kept.
#[test]
fn a_wrong_token_costs_two_failed_logins_at_most() {
    for status in [200, 401] {
        let (rig, server, _) = scene(BASE);
        server.world().switches.bad_bearer_status = status;
        let wrong = data_center_token(9);
        let typed = log_in(&rig, &server.remote("acme/widgets"), &wrong);
        let said = typed.expect_failure("refused the HTTP access token").stderr;
        assert!(
            said.contains("/plugins/servlet/access-tokens/manage"),
            "{said}"
        );
        assert!(server.failed_logins(&wrong) <= 2, "{status}");
        assert!(!is_kept(&rig, BASE));
    }
}

/// One that has expired goes, once Git was refused with it, and one push is enough to see it.
#[test]
fn an_expired_token_is_removed_and_a_new_one_is_not_locked_out() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        server.set_state(&token, State::Expired);
        let failed = push(&rig, &git, &url);
        assert!(
            // Git before 2.41 does not say that it was refused.
            failed.stderr.contains("no longer accepts jdoe")
                || failed
                    .stderr
                    .contains("jdoe (HTTP access token) was removed"),
            "{failed:?}"
        );
        assert!(!is_kept(&rig, BASE));
        assert!(server.failed_logins(&token) < 5, "no CAPTCHA yet");
        server.set_state(&token, State::Active);
        log_in(&rig, &url, &token).expect_success();
        push(&rig, &git, &url).expect_success();
    }
}

/// Without the right to push it is kept for fetching, and that is said.
#[test]
fn a_token_for_reading_is_kept_with_a_word() {
    use crate::rig::data_center::{Right, Token};
    let (rig, server, _) = scene(BASE);
    let reading = data_center_token(3);
    server.issue(Token::of_user(&reading, "jdoe", Right::Read));
    let url = server.remote("acme/widgets");
    let typed = log_in(&rig, &url, &reading).expect_success();
    assert!(typed.stderr.contains("pushes will be refused"), "{typed:?}");
    let git = &gits()[0];
    assert!(!push(&rig, git, &url).success());
    assert!(is_kept(&rig, BASE));
}

#[test]
fn what_is_not_for_this_server_is_named_and_not_sent() {
    let (rig, server, token) = scene(BASE);
    let url = server.remote("acme/widgets");
    let cloud = crate::rig::tokens::api_token(1);
    for (typed, address, words) in [
        (&*cloud, &*url, "looks like a Bitbucket Cloud API token"),
        ("correct horse", &url, "looks like an account password"),
        (
            &token,
            "https://bitbucket.org/acme/widgets",
            "a Bitbucket Data Center token",
        ),
    ] {
        log_in(&rig, address, typed).expect_failure("no credential was kept");
        let said = log_in(&rig, address, typed).stderr;
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(rig.requests().len(), 0);
}

/// Only where an administrator's line says so.
#[test]
fn a_password_is_taken_where_that_was_agreed_to() {
    for git in gits() {
        let (rig, server, _) = scene(BASE);
        let line = [
            "configure",
            "--data-center",
            BASE,
            "--allow-password",
            "--store=file",
        ];
        run(&rig, &line, "").expect_success();
        rig.forget_requests();
        let url = server.remote("acme/widgets");
        let login = ["login", "--with-token", "--username", "jdoe", &url];
        run(&rig, &login, "correct horse").expect_success();
        push(&rig, &git, &url).expect_success();
        assert_eq!(server.failed_logins_in_all(), 0);
    }
}
