//! A token that is typed at a push costs at most two failed logins, whatever is the matter with
//! it or with the server meanwhile.

use super::{BASE, is_kept, scene};
use crate::rig::data_center::DataCenter;
use crate::rig::terminal::Terminal;
use crate::rig::tokens::data_center_token;
use crate::rig::{Fault, Git, Rig, Sender, State, Surface, gits};

/// A push on a terminal, with a commit to push.
fn push(rig: &Rig, git: &Git, url: &str) -> Terminal {
    for arguments in [
        &["init", "--quiet", "--initial-branch=topic", "."][..],
        &["commit", "--quiet", "--allow-empty", "--message=Change"],
    ] {
        rig.git(git, arguments).expect_success();
    }
    rig.terminal(git, &["push", url, "topic"])
}

/// Nobody's, and one that was `jdoe`'s.
fn wrong_tokens(server: &DataCenter) -> [String; 2] {
    use crate::rig::data_center::{Right, Token};
    let [nobody_s, old] = [8, 9].map(data_center_token);
    server.issue(Token::of_user(&old, "jdoe", Right::Write));
    server.set_state(&old, State::Expired);
    [nobody_s, old]
}

#[test]
fn a_mistake_and_then_the_right_one() {
    for git in gits() {
        for number in [0, 1] {
            let (rig, server, token) = scene(BASE);
            let wrong = wrong_tokens(&server)[number].clone();
            let url = server.remote("acme/widgets");
            let mut terminal = push(&rig, &git, &url);
            terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
            terminal.send_line(&wrong);
            terminal.expect("refused the HTTP access token");
            terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
            terminal.send_line(&token);
            terminal.finish().expect_success();
            let failed = server.failed_logins(&wrong);
            assert!((1..=2).contains(&failed), "{failed} by {git}");
            assert_eq!(server.failed_logins(&token), 0);
            assert!(is_kept(&rig, BASE));
        }
    }
}

/// It could not be verified, and so Git tries it.
#[test]
fn a_mistake_while_our_question_gets_no_answer() {
    for git in gits() {
        for faults in [1, 2, usize::MAX] {
            for strict in [200, 401] {
                let (rig, server, _) = scene(BASE);
                server.world().switches.bad_bearer_status = strict;
                let wrong = wrong_tokens(&server)[1].clone();
                let down = Fault::status(500, "");
                server.fail_for(Sender::Helper, Surface::Rest, down, faults);
                let mut terminal = push(&rig, &git, &server.remote("acme/widgets"));
                terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
                terminal.send_line(&wrong);
                // It is asked for another, or it ends.
                terminal.send("\x03");
                let ended = terminal.finish();
                let failed = server.failed_logins(&wrong);
                assert!(
                    failed <= 2,
                    "{failed} by {git} with {faults} faults, {strict}: {}",
                    ended.transcript
                );
                assert!(!is_kept(&rig, BASE), "{git}: {}", ended.transcript);
            }
        }
    }
}

/// What Git takes for success, an error in a 200, makes no token of a mistake.
#[test]
fn a_mistake_under_a_captcha() {
    for git in gits() {
        let (rig, server, _) = scene(BASE);
        let wrong = wrong_tokens(&server)[1].clone();
        server.demand_captcha("jdoe");
        let mut terminal = push(&rig, &git, &server.remote("acme/widgets"));
        terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
        terminal.send_line(&wrong);
        terminal.expect("CAPTCHA");
        let ended = terminal.finish();
        let failed = server.failed_logins(&wrong);
        assert!(failed <= 2, "{failed} by {git}: {}", ended.transcript);
    }
}

/// A kept one that has ended: Git is refused, and then the server is asked.
#[test]
fn the_end_of_a_kept_token() {
    for git in gits() {
        for strict in [200, 401] {
            let (rig, server, token) = scene(BASE);
            let url = server.remote("acme/widgets");
            super::log_in(&rig, &url, &token).expect_success();
            server.world().switches.bad_bearer_status = strict;
            server.set_state(&token, State::Expired);
            let ended = super::push(&rig, &git, &url);
            assert!(!ended.success() && !is_kept(&rig, BASE), "{ended:?}");
            let failed = server.failed_logins(&token);
            assert!(failed <= 2, "{failed} by {git}, {strict}: {ended:?}");
        }
    }
}
