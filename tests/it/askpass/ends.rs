//! A dialog that nobody closes.

use super::scene::{Scene, URL};
use crate::rig::{gits, wait_for, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::{Command, Stdio};

/// A program that never answers ends when we do, and when nobody waits for us any more.
#[test]
fn a_dialog_does_not_outlive_what_it_was_for() {
    for git in gits() {
        for killed in ["the helper", "git"] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_script(
                "sleep 600 &\necho $$ $! $PPID >\"$SEEN.new\"; mv \"$SEEN.new\" \"$SEEN\"; wait\n",
            );
            let mut command: Command = scene.rig.without_terminal(&git, "git");
            command
                .args(["ls-remote", URL])
                .stderr(Stdio::null())
                .stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            let line = wait_for("a dialog", || fs::read_to_string(&scene.seen).ok());
            let numbers: Vec<i32> = line
                .split_whitespace()
                .map(|n| n.parse().unwrap())
                .collect();
            let [script, sleeper, helper] = numbers[..] else {
                panic!("{line}")
            };
            if killed == "the helper" {
                terminate(helper);
            } else {
                // Git's own process that speaks HTTP, as when its parent is ended.
                let parent = |process: i32| {
                    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
                    let (_, rest) = status.rsplit_once(") ").unwrap();
                    rest.split(' ').nth(1).unwrap().parse::<i32>().unwrap()
                };
                let name = |process: i32| {
                    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default()
                };
                let mut process = helper;
                while !name(process).starts_with("git-remote-http") {
                    process = parent(process);
                }
                terminate(process);
            }
            for process in [script, sleeper, helper] {
                wait_until("it has ended", || is_gone(process));
            }
            // Without an answer of ours Git asks by itself, which is none of our dialogs.
            end_session(child.id());
            child.wait().unwrap();
            assert_eq!(scene.kept(), [""; 0]);
        }
    }
}

fn terminate(process: i32) {
    let process = Pid::from_raw(process).expect("a process");
    kill_process(process, Signal::TERM).expect("it runs");
}

/// Ends all processes of a session, which a test has started.
fn end_session(leader: u32) {
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        let number = entry.file_name().to_string_lossy().parse();
        let status = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let session = status
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(3));
        if let (Ok(process), Some(session)) = (number, session)
            && session == leader.to_string()
        {
            // It may have ended meanwhile.
            let process = Pid::from_raw(process).expect("a process");
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Ended, whether or not somebody has taken note of it.
fn is_gone(process: i32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .map_or(true, |status| status.contains(") Z "))
}
