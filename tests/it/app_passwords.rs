//! A kept app password: Git never erases what is answered with 410, so it is confirmed
//! once a day before Git gets it, and a dead one is replaced within the same command.
#![cfg(target_os = "linux")]

use crate::rig::scene::URL;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Credential, Fault, Kind, Rig, Surface, gits, tokens};

/// Alice's app password, confirmed long ago, and whether Bitbucket still takes such.
fn scene(removed: bool) -> Option<(Rig, String, String)> {
    let (rig, token) = Rig::with_alice_and_keychain()?;
    let password = tokens::app_password(2);
    let scopes = ["Repositories: Read", "Repositories: Write"];
    rig.bitbucket.issue(Credential::new(
        Kind::AppPassword,
        &password,
        "alice",
        &scopes,
    ));
    rig.bitbucket.world().switches.app_passwords_removed = removed;
    rig.helper_with(&gits()[0], &["configure"], "")
        .expect_success();
    let details = r#"{"version":1,"id":"1","kind":"app-password","username":"alice","added":1}"#;
    rig.put(&format!("{password}\n{details}"), "alice");
    Some((rig, password, token))
}

#[test]
fn a_dead_one_becomes_a_working_token_within_one_command() {
    for git in gits() {
        let Some((rig, password, token)) = scene(true) else {
            return;
        };
        let mut terminal = rig.terminal(&git, &["ls-remote", URL]);
        terminal.expect("bitbucket.org no longer accepts alice (app password)");
        terminal.expect("app passwords were removed on 2026-07-28");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.finish().expect_success();
        let secrets = rig.payloads();
        assert!(
            secrets.len() == 1 && secrets[0].starts_with(&token),
            "{}",
            secrets.len()
        );
        let by_git = |secret: &str| {
            rig.requests().iter().any(|request| {
                request.is_from_git()
                    && request
                        .authorization
                        .as_ref()
                        .is_some_and(|login| login.secret == secret)
            })
        };
        assert!(
            by_git(&token) && !by_git(&password),
            "Git never saw the dead one"
        );
    }
}

#[test]
fn a_dead_one_is_removed_and_named_where_nobody_can_be_asked() {
    for git in gits() {
        let Some((rig, ..)) = scene(true) else { return };
        rig.git(&git, &["ls-remote", URL])
            .expect_failure("app passwords were removed on 2026-07-28");
        assert_eq!(rig.payloads(), [""; 0]);
    }
}

#[test]
fn one_that_is_accepted_is_used_and_confirmed_once_a_day() {
    for git in gits() {
        let Some((rig, password, _)) = scene(false) else {
            return;
        };
        for requests in [1, 0] {
            rig.forget_requests();
            rig.git(&git, &["ls-remote", URL]).expect_success();
            assert_eq!(rig.requests_not_from_git().len(), requests);
        }
        assert!(rig.payloads()[0].starts_with(&password));
    }
}

/// Bitbucket's mistake at the daily confirmation: asked once more, and used.
#[test]
fn one_stray_refusal_costs_nothing() {
    for git in gits() {
        let Some((rig, password, _)) = scene(false) else {
            return;
        };
        rig.bitbucket
            .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
        rig.git(&git, &["ls-remote", URL]).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 2);
        assert!(rig.payloads()[0].starts_with(&password));
    }
}

/// Git reports no 410, so the app password would be served for a day after its end.
#[test]
fn a_token_goes_before_one_that_worked_last() {
    for git in gits() {
        let Some((rig, password, token)) = scene(false) else {
            return;
        };
        let login = ["login", "--with-token", "--email=alice@example.com"];
        rig.helper_with(&git, &login, &token).expect_success();
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).expect("a clock");
        let details = format!(
            r#"{{"version":1,"id":"1","kind":"app-password","username":"alice","added":1,"verified":{}}}"#,
            now.as_secs() + 60
        );
        rig.put(&format!("{password}\n{details}"), "alice");
        rig.bitbucket.world().switches.app_passwords_removed = true;
        for url in [URL, "https://alice@bitbucket.org/acme/widgets.git"] {
            rig.git(&git, &["ls-remote", url]).expect_success();
        }
    }
}
