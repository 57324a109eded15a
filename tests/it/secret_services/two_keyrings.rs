//! Two keyrings, of which the second is locked: what is open is not taken for all.

use super::{REQUEST, login};
use crate::rig::{Finished, Rig, gits, tokens};

const LOCKED: &str = "the Secret Service keyring is locked; unlock it, then try again";

/// Alice's token is in the open keyring, Bob's in the locked one.
struct Scene {
    rig: Rig,
    alice: String,
    bob: String,
}

impl Scene {
    fn new() -> Option<Self> {
        let (mut rig, alice) = Rig::with_alice();
        if !rig.start_keyring() {
            return None;
        }
        let bob = tokens::api_token(7);
        rig.helper("store", &login("alice", &alice))
            .expect_success();
        let second = rig.keyring().add_collection("work");
        rig.helper("store", &login("bob", &bob)).expect_success();
        rig.keyring().lock_collection(&second);
        Some(Self { rig, alice, bob })
    }

    fn get(&self, lines: &str) -> Finished {
        self.rig
            .helper("get", &format!("{REQUEST}{lines}\n"))
            .expect_success()
    }

    /// How many secrets of ours there are, open or locked.
    fn kept(&self) -> usize {
        let service = "git-credential-bitbucket:https://bitbucket.org";
        self.rig.keyring().search(&[("service", service)]).len()
    }
}

#[test]
fn what_is_locked_beside_what_is_open_is_not_absent() {
    let Some(scene) = Scene::new() else { return };
    for lines in [
        "username=bob\n",
        "username=bob\npath=acme/widgets.git\n",
        "username=carol\n",
        "path=acme/widgets.git\n",
        "",
    ] {
        let answer = scene.get(lines);
        assert_eq!(answer.stdout, "quit=1\n", "{lines}");
        assert_eq!(answer.stderr, format!("bitbucket: {LOCKED}\n"), "{lines}");
    }
    let erased = scene.rig.helper("erase", &login("bob", &scene.bob));
    let expected = format!("bitbucket: nothing was erased: {LOCKED}\n");
    assert_eq!(erased.stderr, expected);
    let git = gits()[0].clone();
    for arguments in [&["status"][..], &["logout", "--all"], &["logout", "alice"]] {
        let ended = scene.rig.helper_with(&git, arguments, "");
        assert!(!ended.stdout.contains("Forgotten"), "{ended:?}");
        ended.expect_failure(LOCKED);
    }
    assert_eq!(scene.kept(), 2);
}

/// Who asks for the one that is open is not kept waiting by the other.
#[test]
fn the_named_one_that_is_open_is_served() {
    let Some(scene) = Scene::new() else { return };
    let answer = scene.get("username=alice\n");
    let expected = format!("password={}\n", scene.alice);
    assert!(answer.stdout.contains(&expected), "{answer:?}");
    assert_eq!(answer.stderr, "");
}
