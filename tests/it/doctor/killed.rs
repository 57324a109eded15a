//! Killed at any point: what was there is there still or set aside, and the same command
//! finishes the work.

use super::scene::{Scene, URL};
use crate::rig::held;
use crate::rig::tokens;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// At how many points it is killed.
fn points() -> u32 {
    let all = std::env::var("GCB_TESTS_KILLS").map_or(40, |all| all.parse().unwrap_or(40));
    all / 4
}

#[test]
fn killed_while_healing() {
    let Some(mut scene) = Scene::bare() else {
        return;
    };
    scene.clone_with(URL);
    let stale: Vec<String> = (70..73).map(tokens::api_token).collect();
    scene.secrets.extend(stale.iter().cloned());
    let store = format!(
        "https://x:y@example.org\nhttps://alice:{}@bitbucket.org\nhttps://alice:{}@bitbucket.org\nhttps://u:v@example.org\n",
        stale[0], scene.token
    );
    let netrc = format!(
        "machine bitbucket.org login alice password {}\nmachine example.org login c password d\n",
        stale[1]
    );
    let config = scene.rig.home.gitconfig() + "[credential]\n\thelper = store\n";
    let remote = format!("https://alice:{}@bitbucket.org/acme/widgets.git", stale[2]);
    let begin = |scene: &Scene| {
        scene.run(&["logout", "--all"]).expect_success();
        scene.doctor(&["--undo"]);
        scene.write(".git-credentials", &store);
        scene.write(".netrc", &netrc);
        scene.write(".gitconfig", &config);
        scene.git(&["config", "remote.origin.url", &remote]);
    };
    let mut life = Duration::ZERO;
    for point in 0..=points() {
        begin(&scene);
        // The first one is not killed: it tells how long a life is.
        let begin = Instant::now();
        let kill = (point > 0).then(|| life * point / points());
        heal(&scene, kill);
        if point == 0 {
            life = begin.elapsed();
        }
        scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
        let read = |file| fs::read_to_string(scene.rig.home.path().join(file)).expect("a file");
        let others = "https://x:y@example.org\nhttps://u:v@example.org\n";
        assert_eq!(read(".git-credentials"), others);
        let others = "machine example.org login c password d\n";
        assert_eq!(read(".netrc"), others);
        assert!(!read("work/.git/config").contains(&stale[2]));
        scene.doctor(&["--undo"]).expect_success();
        assert_eq!(read(".git-credentials"), store);
        assert_eq!(read(".netrc"), netrc);
        assert!(read("work/.git/config").contains(&remote));
    }
    held("killed during doctor --fix", points());
}

/// Heals, for that long at most.
#[allow(
    clippy::expect_used,
    reason = "a child that cannot be had fails the test"
)]
fn heal(scene: &Scene, kill: Option<Duration>) {
    let program = "git-credential-bitbucket";
    let mut command = scene.rig.home.command(&scene.git, program);
    let child = command
        .args(["doctor", "--fix", "--move", "--yes"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("our program");
    if let Some(after) = kill {
        // Not a wait for anything: the point of the kill.
        sleep(after);
        child.kill().expect("a child of ours");
    }
    child.wait().expect("it ends");
}
