//! Killed while it edits, or beside others who do: the file is the old one or a new one, nothing
//! of anybody is lost, and the next run ends the work.

use super::probe::{command, does};
use crate::rig::{Rig, gits};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

const KILLS: u32 = 50;

/// A file in which ours and others' lines take turns.
struct Scene {
    rig: Rig,
    file: PathBuf,
    text: String,
    strangers: String,
}

impl Scene {
    fn new() -> Self {
        let (mut text, mut strangers) = (String::new(), String::new());
        for number in 0..12 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "https://u{number}:p@bitbucket.org");
            let _ = writeln!(text, "https://u{number}:p@example.com");
            let _ = writeln!(strangers, "https://u{number}:p@example.com");
        }
        let rig = Rig::new();
        let file = rig.home.add_file(".git-credentials", &text);
        Self {
            rig,
            file,
            text,
            strangers,
        }
    }

    fn now(&self) -> String {
        fs::read_to_string(&self.file).expect("a file")
    }

    fn does(&self, task: &str) -> Vec<String> {
        does(&self.rig, &gits()[0], task)
    }

    /// Starts the task and kills it.
    fn kill(&self, task: &str, after: Duration) {
        let mut child = command(&self.rig, &gits()[0], task)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(after);
        let _ = child.kill();
        child.wait().expect("it ends");
    }

    /// Others' lines are all there, and ours are there or set aside.
    fn check(&self, kill: u32) {
        let left = self.now();
        let theirs: String = left
            .split_inclusive('\n')
            .filter(|line| line.ends_with("example.com\n"))
            .collect();
        assert_eq!(theirs, self.strangers, "kill {kill}");
        let kept = fs::read_to_string(self.rig.home.path().join("aside")).unwrap_or_default();
        let mut ours = self
            .text
            .lines()
            .filter(|line| line.ends_with("bitbucket.org"));
        assert!(
            ours.all(|line| left.contains(line) || kept.contains(line)),
            "kill {kill}"
        );
    }
}

#[test]
fn fifty_kills_lose_nothing() {
    let scene = Scene::new();
    let start = Instant::now();
    scene.does("heal");
    let longest = start.elapsed();
    assert_eq!(scene.now(), scene.strangers);
    scene.does("undo");
    assert_eq!(scene.now(), scene.text);

    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        let _ = fs::remove_file(scene.rig.home.path().join("aside"));
        let task = if kill % 2 == 0 { "heal" } else { "undo" };
        if task == "undo" {
            scene.does("heal");
        }
        let jitter = Duration::from_micros(u64::from(kill) * 37);
        scene.kill(task, longest * kill / KILLS + jitter);
        scene.check(kill);
        in_the_middle += usize::from(![&scene.text, &scene.strangers].contains(&&scene.now()));
        // The next run ends the work, and the way back is whole.
        let rest = scene.does("heal");
        assert!(
            !rest.iter().any(|line| line.starts_with("FAILED")),
            "kill {kill}: {rest:?}"
        );
        assert_eq!(scene.now(), scene.strangers, "kill {kill}");
        scene.does("undo");
        assert_eq!(scene.now(), scene.text, "kill {kill}");
    }
    assert!(in_the_middle > 0, "no kill came between two edits");
    scene.rig.finish();
}

/// Git's own program writes meanwhile, under the same lock.
#[test]
fn what_git_stores_meanwhile_is_kept() {
    let scene = Scene::new();
    let mut doctor = command(&scene.rig, &gits()[0], "heal")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    for number in 0..20 {
        let message =
            format!("protocol=https\nhost=example.org\nusername=n{number}\npassword=p\n\n");
        let mut store = scene.rig.home.command(&gits()[0], "git");
        store.args(["-c", "credentialStore.lockTimeoutMS=20000"]);
        store.args(["credential-store", "store"]);
        scene.rig.run(store, message.as_bytes()).expect_success();
    }
    assert!(doctor.wait().expect("it ends").success());
    scene.does("heal");
    let now = scene.now();
    for number in 0..20 {
        let line = format!("https://n{number}:p@example.org\n");
        assert!(now.contains(&line), "{line} in {now}");
    }
    let theirs: String = now
        .split_inclusive('\n')
        .filter(|line| !line.ends_with("example.org\n"))
        .collect();
    assert_eq!(theirs, scene.strangers);
    scene.rig.finish();
}
