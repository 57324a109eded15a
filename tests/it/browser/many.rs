//! Many `git fetch` at once, over an access token that has ended.

use super::{access, add_folders, scene, sign_in, token_requests};
use crate::rig::{Git, Rig, State, gits, held};
use std::process::{Child, Stdio};

const MANY: usize = 16;

/// Signs in anew, with a token that Git would be refused by now.
fn sign_in_for_a_moment(rig: &Rig, git: &Git) {
    rig.bitbucket.world().oauth.grants.clear();
    rig.bitbucket.world().oauth.expires_in = Some(1);
    sign_in(rig, git);
    rig.bitbucket.world().oauth.expires_in = Some(7200);
    rig.bitbucket.set_state(&access(rig), State::Expired);
    rig.forget_requests();
}

fn fetch(rig: &Rig, git: &Git, folder: &str) -> Child {
    let mut command = rig.without_terminal(git, "git");
    command.args(["-C", folder, "fetch", "--quiet", "origin"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped()).spawn().expect("Git")
}

/// Each has its answer, and the server one request for tokens.
#[test]
fn sixteen_fetches_renew_once() {
    let rounds = std::env::var("GCB_TESTS_ROUNDS");
    let rounds: usize = rounds.map_or(3, |text| text.parse().expect("a number"));
    let gits = gits();
    let rig = scene(&gits[0]);
    let folders = add_folders(&rig, &gits[0], MANY);
    for round in 0..rounds {
        let git = &gits[round % gits.len()];
        sign_in_for_a_moment(&rig, git);
        let children: Vec<Child> = folders.iter().map(|it| fetch(&rig, git, it)).collect();
        for child in children {
            let ended = child.wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success(), "round {round}, {git}: {said}");
        }
        assert_eq!(token_requests(&rig), 1, "round {round}, {git}");
    }
    held(
        "parallel fetches over a token that has ended, renewed once",
        rounds * MANY,
    );
}
