//! The stores that can be named, each with a home of its own, and what they hold: read by the
//! library, in a process of its own whose environment is that home.

use super::gpg::Gpg;
use super::{Finished, Git, IN_KERNEL, Rig, memory_name, programs, scene, wait_for};
use git_credential_bitbucket::keychain::{Choice, REMEMBERED, Unlock, open};
use std::any::Any;

/// What a store needs, for as long as that lives.
pub type Guard = Box<dyn Any + Send + Sync>;

/// A store in which the whole program can keep something here.
pub struct Place {
    /// After `--store=`.
    pub name: &'static str,
    /// How many processes may use it at once, so that none waits longer than it will.
    pub at_once: u64,
    /// How many accounts it has room for: an ordinary user has 20,000 bytes in the kernel.
    pub accounts: u64,
    /// What it needs; that is there as long as the guard. `None` where it cannot be had.
    set_up: fn(&mut Rig, &Git) -> Option<Guard>,
}

/// What is said where the keyring takes longer than a person should wait. On a busy machine it may
/// for one of many at once, who is told; that proves nothing else.
pub const TOO_SLOW: &str = "did not answer within";

/// Asks until the store was not too slow.
///
/// # Panics
/// If it always is.
pub fn until_answered(mut ask: impl FnMut() -> Finished) -> Finished {
    wait_for("the store answers", || {
        Some(ask()).filter(|ended| !ended.stderr.contains(TOO_SLOW))
    })
}

pub const PLACES: [Place; 4] = [
    Place {
        name: "keychain",
        at_once: 64,
        accounts: 64,
        set_up: |rig, _| rig.start_keyring().then(|| Box::new(()) as Guard),
    },
    // Each of them starts a dozen programs for each entry.
    Place {
        name: "pass",
        at_once: 12,
        accounts: 12,
        set_up: |rig, git| {
            let environment = rig.home.environment(git);
            let start = move |program: &str| environment.command(program);
            Gpg::is_possible().then(|| Box::new(Gpg::set_up(rig.home.path(), "", start)) as Guard)
        },
    },
    // Where it is in Git's daemon, a kill may take all along.
    Place {
        name: "memory",
        at_once: 64,
        accounts: 12,
        set_up: |_, _| {
            if memory_name() == IN_KERNEL {
                return Some(Box::new(()));
            }
            programs::say_skipped(IN_KERNEL);
            None
        },
    },
    Place {
        name: "file",
        at_once: 64,
        accounts: 64,
        set_up: |_, _| Some(Box::new(())),
    },
];

impl Place {
    /// Makes it in this home.
    pub fn set_up(&self, rig: &mut Rig, git: &Git) -> Option<Guard> {
        (self.set_up)(rig, git)
    }

    /// What it holds of the site's: of each item the secret, and below it the details.
    pub fn payloads(&self, rig: &Rig, git: &Git) -> Vec<String> {
        let program = std::env::current_exe().expect("this program");
        let mut command = rig.home.command(git, program);
        command.args([
            "--exact",
            "rig::kept::the_reader",
            "--ignored",
            "--nocapture",
        ]);
        command.env(STORE, self.name);
        let said = rig.run(command, b"").expect_success().stdout;
        let lines = said
            .lines()
            .filter_map(|line| Some(line.split_once(SIGN)?.1));
        let mut payloads: Vec<String> = lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        payloads.sort();
        payloads
    }

    /// The secrets that it holds.
    pub fn secrets(&self, rig: &Rig, git: &Git) -> Vec<String> {
        let first = |payload: String| payload.lines().take(1).collect();
        self.payloads(rig, git).into_iter().map(first).collect()
    }
}

const STORE: &str = "KEPT_IN";
const SIGN: &str = "KEPT ";

/// Not a test: what [`Place::payloads`] starts.
#[test]
#[ignore = "a part of the other tests"]
#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn the_reader() {
    let Ok(name) = std::env::var(STORE) else {
        return;
    };
    let store = open(Choice::named(&name).expect("a store"), REMEMBERED);
    let items = store.items(scene::SERVICE, None, Unlock::Never);
    for kept in items.unwrap_or_else(|failure| panic!("{failure:?}")) {
        let text = kept.payload.expose_text().expect("UTF-8");
        println!("{SIGN}{}", serde_json::to_string(text).expect("JSON"));
    }
}
