//! Killed at any point: what is kept is the old or the new, and the next command works.

use super::scene::{Scene, URL, login, password};
use crate::rig::{held, wait_until};
use std::fs;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// An operation that is killed, over and over.
struct Victim<'a> {
    name: &'static str,
    arguments: &'a [&'a str],
    input: &'a str,
}

/// At how many points each operation is killed.
fn points() -> u32 {
    let all = std::env::var("GCB_TESTS_KILLS").map_or(40, |all| all.parse().expect("a number"));
    all / 4
}

impl Victim<'_> {
    fn start(&self, scene: &Scene) -> Child {
        // Without `setsid`, so that the process is the one that is killed.
        let program = "git-credential-bitbucket";
        let mut command = scene.rig.home.command(&scene.git, program);
        let child = command
            .args(self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.expect("our program");
        let mut stdin = child.stdin.take().expect("a pipe");
        // It fits the pipe's buffer.
        stdin.write_all(self.input.as_bytes()).expect("a pipe");
        child
    }

    /// Kills it at points spread over its life and a little beyond; each time `begin`
    /// sets the old state, and `check` says whether what is found is the new one.
    fn kill(&self, scene: &Scene, begin: impl Fn(), check: impl Fn() -> bool) {
        let mut life = Duration::ZERO;
        for _ in 0..3 {
            begin();
            let start = Instant::now();
            self.start(scene).wait().expect("it ends");
            life = life.max(start.elapsed());
            assert!(check(), "{}: nothing changes", self.name);
        }
        let mut new = 0;
        for point in 0..points() {
            begin();
            let mut child = self.start(scene);
            // Not a wait for anything: the point of the kill.
            sleep(life * point / points());
            child.kill().expect("a child of ours");
            child.wait().expect("it ends");
            // What it had started goes on without it.
            wait_until("pass has ended", || !scene.runs_pass());
            new += u32::from(check());
        }
        let place = scene.place.name;
        say_sides(&format!("{} in {place}", self.name), new);
        held(&format!("killed during {} in {place}", self.name), points());
    }
}

/// On which side of the change the kills fell: worth knowing, not worth failing for.
#[allow(clippy::print_stdout, reason = "the test harness hides or shows it")]
fn say_sides(name: &str, new: u32) {
    println!("{name}: {new} of {} kills came after the change", points());
}

impl Scene {
    /// Whether a `pass` runs in this home.
    fn runs_pass(&self) -> bool {
        let home = format!("HOME={}\0", self.rig.home.path().display());
        let has = |path: std::path::PathBuf, text: &str| {
            fs::read(path).is_ok_and(|all| String::from_utf8_lossy(&all).contains(text))
        };
        let processes = fs::read_dir("/proc").expect("processes").flatten();
        processes.map(|entry| entry.path()).any(|process| {
            has(process.join("cmdline"), "/pass\0") && has(process.join("environ"), &home)
        })
    }

    /// Keeps this secret alone. One that another has taken the place of does not come back by
    /// `store`: that other one goes first.
    fn keep_only(&self, secret: &str) {
        self.run(&["logout", "--all"], "").expect_success();
        self.ask("store", &login("alice", secret));
        assert_eq!(self.secrets(), [secret]);
    }

    /// Whether exactly the new secret is kept, and not exactly the old one; it is served
    /// by the next command, and that is not held up by anything left behind.
    fn is_new(&self, old: &[&str], new: &[&str]) -> bool {
        let kept = self.secrets();
        assert!(kept == old || kept == new, "neither old nor new: {kept:?}");
        let answer = self.ask("get", "");
        assert_eq!(password(&answer), kept.first().map(String::as_str));
        kept == new
    }
}

#[test]
fn killed_during_login() {
    for scene in Scene::each() {
        let (old, new) = (&*scene.token, &*scene.issue(2));
        let victim = Victim {
            name: "login",
            arguments: &["login", "--with-token", "--username=alice", URL],
            input: new,
        };
        let begin = || scene.keep_only(old);
        victim.kill(&scene, begin, || scene.is_new(&[old], &[new]));
    }
}

#[test]
fn killed_during_store() {
    for scene in Scene::each() {
        let (old, new) = (&*scene.token, &*scene.issue(2));
        let request = format!("{}{}\n", super::scene::REQUEST, login("alice", new));
        let victim = Victim {
            name: "store",
            arguments: &scene.asking("store"),
            input: &request,
        };
        let begin = || scene.keep_only(old);
        victim.kill(&scene, begin, || scene.is_new(&[old], &[new]));
    }
}

#[test]
fn killed_during_erase() {
    for scene in Scene::each() {
        let old = &*scene.token;
        let request = format!("{}username=alice\n\n", super::scene::REQUEST);
        let victim = Victim {
            name: "erase",
            arguments: &scene.asking("erase"),
            input: &request,
        };
        let begin = || scene.keep_only(old);
        victim.kill(&scene, begin, || scene.is_new(&[old], &[]));
    }
}

#[test]
fn killed_during_configure() {
    let Some(scene) = Scene::new() else { return };
    let file = scene.rig.home.path().join(".gitconfig");
    let old = scene.rig.home.gitconfig();
    scene.run(&["configure"], "").expect_success();
    let new = scene.rig.home.gitconfig();
    assert_ne!(old, new);
    let victim = Victim {
        name: "configure",
        arguments: &["configure"],
        input: "",
    };
    let begin = || fs::write(&file, &old).expect("a file in the home");
    victim.kill(&scene, begin, || {
        let now = scene.rig.home.gitconfig();
        assert!(now == old || now == new, "neither old nor new: {now}");
        scene.run(&["configure"], "").expect_success();
        assert_eq!(scene.rig.home.gitconfig(), new);
        now == new
    });
}
