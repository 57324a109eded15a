//! What one 401 does, and the next: on a terminal and without one, with real Git.

use super::scene::Scene;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Fault, Sender, State, Surface, gits};

/// Before this, Git tells `erase` nothing of the server's answer, so that a refusal
/// looks like a person's `git credential reject` of what `fill` printed.
const TELLS_CHALLENGES: (u32, u32, u32) = (2, 41, 0);

impl Scene {
    /// The next so many requests of Git's with a login are refused for no reason.
    fn refuse_git(&self, times: usize) {
        let stray = Fault::stray_refusal();
        self.rig
            .bitbucket
            .fail_for(Sender::GitLogin, Surface::Git, stray, times);
    }

    /// Whatever we ask, the server is down.
    fn answer_no_question(&self) {
        let down = Fault::down();
        self.rig
            .bitbucket
            .fail_for(Sender::Helper, Surface::Git, down, usize::MAX);
    }

    fn tells_challenges(&self) -> bool {
        self.git.version >= TELLS_CHALLENGES
    }
}

#[test]
fn a_dead_token_is_replaced_within_the_same_push() {
    for git in gits() {
        for state in [State::Revoked, State::Expired] {
            let Some(scene) = Scene::new(&git) else {
                return;
            };
            scene.rig.bitbucket.set_state(&scene.token, state);
            let newer = scene.issue_newer();
            let mut terminal = scene.push_on_terminal();
            if git.has_capabilities() {
                terminal.expect(
                    "bitbucket.org no longer accepts alice (API token); it was removed from the \
                     Secret Service keyring. It has expired, or it was revoked.",
                );
            } else {
                let ended = terminal.finish();
                let removed = "alice (API token) was removed from the Secret Service keyring";
                assert!(ended.code != 0, "{ended:#?}");
                assert!(ended.transcript.contains(removed), "{ended:#?}");
                terminal = scene.push_on_terminal();
            }
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&newer);
            let ended = terminal.finish().expect_success();
            scene.assert_pushed();
            assert_eq!(scene.rig.secrets(), [&*newer]);
            for secret in [&scene.token, &newer] {
                assert!(!ended.transcript.contains(secret));
            }
        }
    }
}

#[test]
fn a_revoked_token_is_gone_although_nobody_is_there() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.rig.bitbucket.revoke(&scene.token);
        let what_to_do = "run: git credential-bitbucket login https://bitbucket.org/acme/widgets";
        if git.has_capabilities() {
            let ended = scene.push().expect_failure(what_to_do);
            assert!(
                ended.stderr.contains("no longer accepts alice"),
                "{ended:#?}"
            );
            assert_eq!(scene.questions(), 1);
        } else {
            scene.push().expect_failure("was removed from");
        }
        assert_eq!(scene.rig.secrets(), [""; 0]);
        scene.push().expect_failure(what_to_do);
    }
}

#[test]
fn one_stray_refusal_costs_nothing() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        let before = scene.payload();
        scene.refuse_git(1);
        if git.has_capabilities() {
            let ended = scene.push_on_terminal().finish().expect_success();
            assert!(!ended.transcript.contains("bitbucket: "), "{ended:#?}");
            scene.assert_pushed();
            assert_eq!((scene.payload(), scene.questions()), (before, 1));
            continue;
        }
        let ended = scene.push_on_terminal().finish();
        assert!(ended.code != 0 && ended.sane, "{ended:#?}");
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
        assert_eq!(scene.questions(), 1);
        scene.push().expect_success();
        scene.assert_pushed();
        // Where Git tells nothing of the server's answer, twice in a row is believed.
        for kept in [true, scene.tells_challenges()] {
            scene.refuse_git(1);
            scene.push().expect_failure("bitbucket: ");
            assert_eq!(!scene.rig.secrets().is_empty(), kept);
        }
    }
}

#[test]
fn a_good_token_survives_two_stray_refusals_of_one_command() {
    for git in gits().iter().filter(|git| git.has_capabilities()) {
        let Some(scene) = Scene::new(git) else { return };
        scene.refuse_git(2);
        scene.push().expect_failure(
            "bitbucket: bitbucket.org refused alice (API token) but still accepts it when asked \
             again, so it was kept; try once more\n",
        );
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
        assert_eq!(scene.questions(), 2);
        scene.push().expect_success();
        scene.assert_pushed();
    }
}

/// Where nobody can say whether the token is still good, the second refusal counts.
#[test]
fn an_unverifiable_refusal_removes_it_the_second_time() {
    for git in gits().iter().filter(|git| git.has_capabilities()) {
        let Some(scene) = Scene::new(git) else { return };
        scene.rig.bitbucket.revoke(&scene.token);
        scene.answer_no_question();
        scene.push().expect_failure(
            "bitbucket: bitbucket.org refused alice (API token); it is kept until that happens \
             again. The API token could not be verified: Bitbucket has trouble of its own \
             (status 503). Try again later.\n",
        );
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
        assert_eq!(scene.questions(), 2);
        scene.push().expect_failure(
            "bitbucket: bitbucket.org refused alice (API token) twice in a row; it was removed \
             from the Secret Service keyring. Run: git credential-bitbucket login\n",
        );
        assert_eq!(scene.rig.secrets(), [""; 0]);
        assert_eq!(scene.questions(), 4);
    }
}

/// A push that works in between starts the count anew.
#[test]
fn refusals_count_only_in_a_row() {
    for git in gits().iter().filter(|git| git.has_capabilities()) {
        let Some(scene) = Scene::new(git) else { return };
        scene.answer_no_question();
        for _ in 0..2 {
            scene.refuse_git(2);
            scene
                .push()
                .expect_failure("it is kept until that happens again");
            scene.push().expect_success();
        }
        scene.refuse_git(4);
        scene
            .push()
            .expect_failure("it is kept until that happens again");
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
        scene.push().expect_failure("twice in a row");
        assert_eq!(scene.rig.secrets(), [""; 0]);
    }
}

/// The server no longer knows the name under which the token was confirmed.
#[test]
fn a_renamed_account_is_served_under_the_name_that_fits_all() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.rename_alice();
        let ended = scene.push();
        if git.has_capabilities() {
            ended.expect_success();
            scene.assert_pushed();
            assert_eq!(scene.rig.secrets(), [&*scene.token]);
            assert_eq!(scene.questions(), 1);
        } else {
            ended.expect_failure("Authentication failed");
            assert_eq!(scene.rig.secrets(), [&*scene.token]);
        }
    }
}

impl Scene {
    fn rename_alice(&self) {
        let mut world = self.rig.bitbucket.world();
        world.expected_names.insert("alice".into());
        world.users[0].username = "alice2".into();
        world.credentials[0].owner = "alice2".into();
        let widgets = crate::rig::Repository::private().writer("alice2");
        world.repositories.insert("acme/widgets".into(), widgets);
    }
}
