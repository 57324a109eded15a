//! S19: what our own process tells: its output, Git's traces, files in the home, what its children are
//! given, and its memory.

use super::scene::{Scene, scenes};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Rig, gits, wait_until};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};

/// Every file below the home that contains this, but for the keychain's own.
fn files_with(rig: &Rig, text: &str) -> String {
    let mut command = Command::new("grep");
    command
        .args([
            "-rlaF",
            "--exclude-dir=keyrings",
            "--devices=skip",
            "-e",
            text,
        ])
        .arg(rig.home.path());
    rig.run(command, b"").stdout
}

/// S19: neither standard error nor Git's traces nor a file in the home tells the token,
/// whether it is typed, served or refused.
#[test]
fn s19_no_output_no_trace_and_no_file_tells_it() {
    for (git, mut scene) in scenes() {
        let git = &git;
        scene.prepare_push(git);
        let (rig, token) = (&mut scene.rig, &scene.token);
        for name in [
            "TRACE",
            "TRACE2",
            "TRACE2_EVENT",
            "TRACE_CURL",
            "TRACE_PACKET",
            "TRACE_SETUP",
        ] {
            let file = rig.home.path().join(name);
            rig.home.set(&format!("GIT_{name}"), file);
        }
        rig.home
            .set("GIT_TRACE2_ENV_VARS", "BITBUCKET_TOKEN_KIND,PATH");
        rig.home.set("RUST_BACKTRACE", "full");
        rig.home.set("RUST_LOG", "trace");
        rig.home.set("ZBUS_LOG", "trace");
        let mut terminal = rig.terminal(git, &["push", "origin", "topic"]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(token);
        let first = terminal.finish().expect_success();
        let second = rig
            .git(git, &["push", "origin", "topic:second"])
            .expect_success();
        scene.revoke();
        let (rig, token) = (&scene.rig, &scene.token);
        let third = rig.git(git, &["push", "origin", "topic:third"]);
        assert!(!third.success());
        for text in [
            &first.transcript,
            &second.stderr,
            &second.stdout,
            &third.stderr,
            &third.stdout,
        ] {
            assert!(!text.contains(token), "{text}");
        }
        assert_eq!(files_with(rig, token), "", "{git}");
        // The search does find what is there: Git's trace names our program.
        assert!(!files_with(rig, "git-credential-bitbucket").is_empty());
    }
}

/// S19: programs that we start are told nothing, in no argument and no variable.
#[test]
fn s19_no_child_is_told() {
    let git = &gits()[0];
    for scene in Scene::each() {
        let (rig, token) = (&scene.rig, &scene.token);
        let record = rig.home.add_file("record", "");
        let text = format!(
            "{{ echo started; env; echo \"$@\"; }} >>'{}'\nexec '{}' \"$@\"\n",
            record.display(),
            git.program().display()
        );
        rig.home.add_script("recorder/git", &text);
        let path = format!("{}/recorder:/usr/bin:/bin", rig.home.path().display());
        let program = rig.home.path().join("bin/git-credential-bitbucket");
        let program = program.to_string_lossy();
        let refused = format!(
            "username={}\npassword={token}\nwwwauth[]=Basic\n{}",
            scene.name, scene.request
        );
        for (arguments, input) in [
            (&["login", "--with-token", &scene.url][..], &**token),
            (&scene.asking("erase"), &*refused),
        ] {
            let mut command = rig.without_terminal(git, &program);
            command.args(arguments).env("PATH", &path);
            rig.run(command, input.as_bytes()).expect_success();
            let recorded = fs::read_to_string(&record).expect("a file in the home");
            assert!(recorded.contains("started"), "{arguments:?}");
            assert!(!recorded.contains(token), "{arguments:?}: {recorded}");
            rig.home.add_file("record", "");
        }
    }
}

/// S19: no core file and no looks into the process, from before it reads its first byte.
#[test]
fn s19_the_process_cannot_be_dumped() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    rig.home.give_to_ordinary_user();
    let start = |program: &str| -> Waiting {
        let script = format!("ulimit -S -c \"$(ulimit -H -c)\"; exec {program}");
        let mut command = rig.home.command(git, "sh");
        command.args(["-c", &script]);
        Waiting(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{error}")),
        )
    };
    let other = start("cat");
    other.wait_until_it_runs("cat");
    let ours = start("git-credential-bitbucket get");
    ours.wait_until_it_runs("git-credential-");
    // Not before its `main` has begun; a process that never gets there fails here.
    wait_until("the limit is 0", || ours.core_limits() == ["0", "0"]);
    wait_until("it belongs to root alone", || ours.owner() == 0);
    // The control: an ordinary process of the same start is open to its user.
    if rustix::process::geteuid().is_root() {
        assert_ne!(other.owner(), 0);
        assert_ne!(other.core_limits(), ["0", "0"]);
    }
    rig.finish();
}

/// A child that waits for its input.
struct Waiting(Child);

impl Waiting {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.0.id())).unwrap_or_default()
    }

    /// Soft and hard.
    fn core_limits(&self) -> Vec<String> {
        let limits = self.read("limits");
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"));
        line.unwrap_or_default()
            .split_whitespace()
            .take(2)
            .map(str::to_owned)
            .collect()
    }

    /// Whom the kernel lets look into it.
    fn owner(&self) -> u32 {
        fs::metadata(format!("/proc/{}/environ", self.0.id())).map_or(u32::MAX, |file| file.uid())
    }

    fn wait_until_it_runs(&self, name: &str) {
        wait_until(name, || self.read("comm").starts_with(name));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Its input ends, and so does it; killed already is killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
