//! The library at work in a process of its own, whose environment is a home of the rig:
//! this test program, started again. What is set aside goes to a file of the test's.

use crate::rig::{Finished, Git, Rig};
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::doctor::places::{
    Backup, Fingerprints, Machine, RemovalOutcome, RestoreOutcome, Surroundings, find,
};
use git_credential_bitbucket::git::Context;
use git_credential_bitbucket::keychain::Unlock;
use git_credential_bitbucket::secret::Secret;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the process does.
const TASK: &str = "PROBE";
const ASIDE: &str = "aside";

/// The command that does it, in the home's folder of work.
pub fn command(rig: &Rig, git: &Git, task: &str) -> Command {
    let program = std::env::current_exe().expect("this program");
    let mut command = rig.home.command(git, program);
    command
        .args([
            "--exact",
            "doctor_places::probe::the_task",
            "--ignored",
            "--nocapture",
        ])
        .env(TASK, task);
    command
}

/// Does it, and returns what was said, a line for each secret, place or outcome.
#[track_caller]
pub fn does(rig: &Rig, git: &Git, task: &str) -> Vec<String> {
    let Finished { stdout, .. } = rig.run(command(rig, git, task), b"").expect_success();
    let home = rig.home.path().to_string_lossy().into_owned();
    let said = stdout.lines().filter_map(|line| line.split_once("> "));
    // Most homes here have no keychain.
    said.map(|(_, line)| line.replace(&home, "~"))
        .filter(|line| !line.starts_with("TROUBLE the keychain: no D-Bus session"))
        .collect()
}

/// Not a test: what [`command`] starts.
#[test]
#[ignore = "a part of the other tests"]
fn the_task() {
    let context = Context::of_process().expect("a git");
    let home = PathBuf::from(context.variable("HOME").expect("a home"));
    let surroundings = Surroundings {
        site: &CLOUD,
        context: &context,
        unlock: Unlock::Never,
    };
    let aside = home.join(ASIDE);
    match std::env::var(TASK).expect("a task").as_str() {
        "find" => tell(surroundings),
        "heal" => heal(surroundings, &aside),
        "undo" => undo(surroundings, &aside),
        other => panic!("{other}"),
    }
}

fn say(line: &str) {
    // The harness has begun a line of its own.
    let _ = writeln!(std::io::stdout(), "\n> {line}");
}

fn tell(surroundings: Surroundings) {
    let (found, troubles) = find(&Machine::read(surroundings).expect("a git"));
    let fingerprints = Fingerprints::new().expect("random numbers");
    for one in &found {
        assert_eq!(fingerprints.of(&one.secret).len(), 8);
        say(&format!(
            "{}: {} {} {} {}{}",
            one.whereabouts(),
            one.host,
            one.path.as_deref().unwrap_or("-"),
            one.username.as_deref().unwrap_or("-"),
            String::from_utf8_lossy(one.secret.expose()),
            if one.fixed.is_some() { " (stays)" } else { "" },
        ));
    }
    for trouble in &troubles {
        say(&format!("TROUBLE {}: {}", trouble.place, trouble.reason));
    }
}

/// Sets aside and removes whatever can be removed.
fn heal(surroundings: Surroundings, aside: &Path) {
    for one in find(&Machine::read(surroundings).expect("a git")).0 {
        let Some(kept) = one.backup() else {
            continue;
        };
        let payload = kept.payload().expect("a form");
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(aside)
            .expect("a file");
        let line = [payload.expose(), b"\n"].concat();
        file.write_all(&line).expect("it is written");
        match one.remove(surroundings) {
            Ok(RemovalOutcome::Done) => say(&format!("removed {}", one.whereabouts())),
            Ok(RemovalOutcome::AlreadyGone) => say(&format!("gone {}", one.whereabouts())),
            Err(error) => say(&format!("FAILED {}: {error:#}", one.whereabouts())),
        }
    }
}

fn undo(surroundings: Surroundings, aside: &Path) {
    let text = fs::read(aside).unwrap_or_default();
    let mut all: Vec<_> = text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .filter_map(|line| Backup::from_payload(&Secret::copy_of(line)))
        .collect();
    Backup::sort(&mut all);
    for one in &all {
        match one.restore(surroundings) {
            Ok(RestoreOutcome::Done) => say(&format!("restored {}", one.whereabouts())),
            Ok(RestoreOutcome::AlreadyThere) => say(&format!("there {}", one.whereabouts())),
            Ok(RestoreOutcome::NoPlace(why)) => say(&format!("lost {}: {why}", one.whereabouts())),
            Err(error) => say(&format!("FAILED {}: {error:#}", one.whereabouts())),
        }
    }
}
