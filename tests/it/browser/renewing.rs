//! Renewing: in time, once for all who wait, and without losing what the server still takes.

use super::{access, expire, prepare, scene, sign_in, token_requests, value};
use crate::rig::scene::{CAPABLE_REQUEST, CHALLENGE, REQUEST};
use crate::rig::{Fault, Git, Rig, Surface, gits};
use std::process::{Child, Stdio};

/// A sign-in whose access token has so many seconds left.
fn with_life(git: &Git, seconds: u64) -> Rig {
    let rig = scene(git);
    rig.bitbucket.world().oauth.expires_in = Some(seconds);
    sign_in(&rig, git);
    rig.bitbucket.world().oauth.expires_in = Some(7200);
    rig.forget_requests();
    rig
}

/// A sign-in that has ended: Git was refused it.
fn ended(git: &Git) -> Rig {
    let rig = with_life(git, 7200);
    expire(&rig);
    rig
}

fn get(rig: &Rig) -> Option<String> {
    let answer = rig.helper("get", REQUEST).expect_success().stdout;
    value(&answer, "password").map(str::to_owned)
}

#[test]
fn what_has_little_left_is_renewed_with_one_request_and_kept() {
    let git = &gits()[0];
    for seconds in [1, 299] {
        let rig = with_life(git, seconds);
        let before = access(&rig);
        assert_eq!(get(&rig), Some(access(&rig)));
        assert_ne!(access(&rig), before);
        assert_eq!(rig.requests().len(), 1);
        rig.forget_requests();
        assert_eq!(get(&rig), Some(access(&rig)));
        assert_eq!(rig.requests().len(), 0);
    }
}

/// Whatever answers in place of the server, what lives is served, and what has ended waits.
#[test]
fn nothing_unknown_ends_a_sign_in() {
    let git = &gits()[0];
    let (living, dead) = (with_life(git, 200), ended(git));
    for fault in [
        Fault::down(),
        Fault::status(429, ""),
        Fault::status(502, "<html>Bad gateway</html>"),
        Fault::status(200, "<html>Sign in</html>"),
        Fault::status(400, "<html>Bad request</html>"),
        Fault::Close,
        Fault::Garbage,
    ] {
        let text = format!("{fault:?}");
        living.bitbucket.fail(Surface::OAuth, fault.clone(), 1);
        assert_eq!(get(&living), Some(access(&living)), "{text}");
        dead.bitbucket.fail(Surface::OAuth, fault, 1);
        let said = dead.helper("get", REQUEST).expect_success();
        assert_eq!(said.stdout, "quit=1\n", "{text}");
        let expected = "alice (browser sign-in) could not be renewed: ";
        assert!(said.stderr.contains(expected), "{text}: {said:?}");
    }
    assert_eq!(get(&dead), Some(access(&dead)));
}

/// The answer is lost after the server has rotated: the former token has a grace.
#[test]
fn a_lost_answer_is_survived_within_the_grace() {
    let git = &gits()[0];
    let rig = ended(git);
    rig.bitbucket.fail(Surface::OAuth, Fault::CloseWhenDone, 1);
    assert_eq!(get(&rig), None);
    assert_eq!(get(&rig), Some(access(&rig)));
}

/// A refusal is told, not tried again for a while, and removes nothing.
#[test]
fn a_refused_renewal_asks_for_a_new_sign_in_once_the_token_has_ended() {
    let git = &gits()[0];
    let living = with_life(git, 200);
    living.bitbucket.world().oauth.grants[0].is_revoked = true;
    for requests in [1, 1] {
        assert_eq!(get(&living), Some(access(&living)));
        assert_eq!(token_requests(&living), requests);
    }
    let dead = ended(git);
    dead.bitbucket.world().oauth.grants[0].is_revoked = true;
    for requests in [1, 1] {
        let said = dead.helper("get", REQUEST).expect_success();
        assert_eq!(said.stdout, "quit=1\n");
        let expected = "sign in again: git credential-bitbucket login --web";
        assert!(said.stderr.contains(expected), "{said:?}");
        assert_eq!(token_requests(&dead), requests);
    }
    let status = dead.helper_with(git, &["status"], "").expect_success();
    assert!(
        status.stdout.contains("alice (browser sign-in)"),
        "{status:?}"
    );
    dead.bitbucket.world().oauth.grants.clear();
    sign_in(&dead, git);
    assert_eq!(get(&dead), Some(access(&dead)));
}

/// Git was refused what would live on: one renewal, and Git goes on with that.
#[test]
fn a_token_that_was_revoked_is_renewed_at_the_second_question() {
    let git = &gits()[0];
    let rig = with_life(git, 7200);
    let first = rig.helper("get", CAPABLE_REQUEST).expect_success().stdout;
    let state = value(&first, "state[]").expect("a mark");
    let again = format!("{CAPABLE_REQUEST}{CHALLENGE}username=x-token-auth\nstate[]={state}\n\n");
    let second = rig.helper("get", &again).expect_success().stdout;
    assert_eq!(value(&second, "password"), Some(&*access(&rig)));
    assert_ne!(value(&second, "password"), value(&first, "password"));
    assert_eq!(token_requests(&rig), 1);
}

/// A whole fetch with each Git, which old ones need two of.
#[test]
fn a_fetch_outlives_a_revoked_access_token() {
    for git in gits() {
        let rig = with_life(&git, 7200);
        prepare(&rig, &git);
        rig.bitbucket.revoke(&access(&rig));
        let first = rig.git(&git, &["fetch", "--quiet", "origin"]);
        if !first.success() {
            assert!(
                first.stderr.contains("the next command renews it"),
                "{first:?}"
            );
            rig.git(&git, &["fetch", "--quiet", "origin"])
                .expect_success();
        }
        assert_eq!(token_requests(&rig), 1, "{first:?}");
    }
}

/// Many at once over an ended token: one request, and everybody has its answer.
#[test]
fn sixteen_at_once_renew_once() {
    let git = &gits()[0];
    let rig = ended(git);
    let start = || {
        let mut command = rig.without_terminal(git, "git-credential-bitbucket");
        command.arg("get").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, REQUEST.as_bytes()).expect("it listens");
        child
    };
    let children: Vec<Child> = (0..16).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(value(&answer, "password"), Some(&*access(&rig)));
    }
    assert_eq!(token_requests(&rig), 1);
}
