//! cron and systemd: what they start, with as little around it as they leave.

use super::blocks::under;
use super::scene::{Scene, URL};
use crate::rig::{Finished, programs};
use std::collections::BTreeMap;
use std::fs;

/// A clone in this folder of the home that is one commit behind the server.
fn clone_behind(scene: &Scene, path: &str) {
    let helper = "credential.https://bitbucket.org.helper=bitbucket";
    let folder = scene.rig.home.path().join(path);
    let folder = folder.to_str().expect("UTF-8");
    let script = format!(
        "export BITBUCKET_TOKEN={}\ngit -c {helper} clone --quiet {URL} '{folder}'\n\
         git clone --quiet '{folder}' ahead\ncd ahead\n\
         git commit --quiet --allow-empty --message=Next\n\
         git -c {helper} push --quiet {URL} main",
        scene.token
    );
    scene.step(&script).expect_success();
}

/// A path as a word of a shell: the folder for temporary files may have blanks.
fn as_word(path: &str) -> String {
    path.replace(' ', "\\ ")
}

/// Whether the clone knows the server's commit.
fn is_fetched(scene: &Scene, path: &str) -> bool {
    let folder = scene.rig.home.path().join(path);
    let folder = folder.to_str().expect("UTF-8");
    let head = ["-C", folder, "rev-parse", "origin/main"];
    let ended = scene.rig.git(&scene.git, &head).expect_success();
    ended.stdout.trim() == scene.rig.bitbucket.commit("acme/widgets", "main")
}

/// Runs this with these variables and no others.
fn run_bare(scene: &Scene, variables: &BTreeMap<&str, String>, script: &str) -> Finished {
    let mut command = scene.rig.without_terminal(&scene.git, "/bin/sh");
    command.args(["-c", script]).env_clear().envs(variables);
    scene.rig.run(command, b"")
}

#[test]
fn cron() {
    let set_up = &under("automation.md", "cron", "sh")[0];
    let table = &under("automation.md", "cron", "crontab")[0];
    for scene in Scene::each() {
        clone_behind(&scene, "widgets");
        let set_up = format!("echo {} | {{\n{set_up}}}", scene.token);
        scene.step(&set_up).expect_success();
        let home = scene.rig.home.path().to_str().expect("UTF-8");
        let mut variables = BTreeMap::from([("HOME", home.to_owned())]);
        let mut jobs = 0;
        for line in table.lines() {
            if let Some(path) = line.strip_prefix("PATH=") {
                let bin = format!("{home}/bin:{}", scene.git.directory.display());
                let path = path.replace("/home/alice/.local/bin", &bin);
                variables.insert("PATH", path);
                continue;
            }
            let command = line
                .splitn(6, ' ')
                .nth(5)
                .expect("five fields and a command");
            let ended = run_bare(&scene, &variables, command).expect_success();
            // Whatever a job prints, cron mails.
            assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""));
            jobs += 1;
        }
        assert_eq!(jobs, 1);
        assert!(is_fetched(&scene, "widgets"));
    }
}

/// systemd reads the units; what the service starts is run here, as it does that itself only
/// where it runs the machine.
#[test]
fn systemd() {
    let units = under("automation.md", "systemd", "ini");
    let verify = programs::present("systemd", &["systemd-analyze"]);
    for scene in Scene::each() {
        let paths: Vec<_> = units
            .iter()
            .map(|unit| {
                let name = unit.lines().next().and_then(|line| line.rsplit('/').next());
                scene
                    .rig
                    .home
                    .add_file(&format!("units/{}", name.expect("a name")), unit)
            })
            .collect();
        if verify {
            let mut command = scene.rig.without_terminal(&scene.git, "systemd-analyze");
            command.args(["verify", "--man=no"]).args(&paths);
            let ended = scene.rig.run(command, b"").expect_success();
            assert_eq!(ended.stderr, "");
        }
        clone_behind(&scene, "srv/widgets");
        let credentials = scene.token_file("credentials/bitbucket");
        let credentials = credentials.strip_suffix("/bitbucket").expect("its folder");
        let home = scene.rig.home.path();
        let start = units[0]
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="))
            .expect("a command")
            .replace("%d", &as_word(credentials))
            .replace("/srv", &as_word(home.join("srv").to_str().expect("UTF-8")))
            .replace("/usr/bin/git", scene.git.program().to_str().expect("UTF-8"));
        // A service has no HOME; the proxy of these tests is in its configuration.
        let variables = BTreeMap::from([
            ("PATH", format!("{}/bin:/usr/bin:/bin", home.display())),
            (
                "GIT_CONFIG_GLOBAL",
                home.join(".gitconfig").display().to_string(),
            ),
        ]);
        let ended = run_bare(&scene, &variables, &start).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""));
        assert!(is_fetched(&scene, "srv/widgets"));
        assert!(fs::read_to_string(home.join(".gitconfig")).is_ok());
    }
}
