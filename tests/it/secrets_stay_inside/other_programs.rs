//! S23 and S25: programs that lie about are not run, and a helper that Git tells after us learns no
//! more than it must.

use super::scene::scenes;
use crate::rig::terminal::SECRET_QUESTION;
use std::collections::BTreeSet;
use std::fs;

/// S23: programs that lie in the repository are not ours to run, whatever `PATH` says
/// (CVE-2020-26233).
#[test]
fn s23_programs_of_the_current_folder_are_not_run() {
    for (git, scene) in scenes() {
        let git = &git;
        scene.prepare_push(git);
        let (rig, token) = (&scene.rig, &scene.token);
        let mark = rig.home.path().join("ran");
        let text = format!("echo \"$0\" >>'{}'\n", mark.display());
        for name in [
            "git",
            "git.exe",
            "xdg-open",
            "secret-tool",
            "dbus-launch",
            "sh",
        ] {
            rig.home.add_script(&format!("work/{name}"), &text);
            rig.home.add_script(&format!("work/bin/{name}"), &text);
        }
        let program = rig.home.path().join("bin/git-credential-bitbucket");
        let program = program.to_string_lossy();
        let login = [&*program, "login", "--with-token", &scene.url];
        let system = format!("{}:/usr/bin:/bin", git.directory.display());
        for (path, exec_path) in [
            (format!(".:bin:./bin::{system}"), None),
            (format!(".:{system}"), Some(".")),
            (format!(".:{system}"), Some("")),
            // None that can be trusted: then without what Git's configuration says.
            (".:bin:".to_owned(), Some("bin")),
        ] {
            // Started by its full name: only what it starts itself goes by PATH.
            let mut command = rig.home.command(git, "/usr/bin/setsid");
            command.arg("--wait").args(login).env("PATH", &path);
            if let Some(exec_path) = exec_path {
                command.env("GIT_EXEC_PATH", exec_path);
            }
            rig.run(command, token.as_bytes());
            let mut command = rig.home.command(git, "/usr/bin/setsid");
            command.args(["--wait", &program]).args(scene.asking("get"));
            command.env("PATH", &path);
            rig.run(command, scene.request.as_bytes());
            assert!(!mark.exists(), "{path} {exec_path:?}");
        }
        // And they would have run where such a PATH is searched.
        let mut command = rig.home.command(git, "/usr/bin/env");
        command.arg("git").env("PATH", format!(".:{system}"));
        rig.run(command, b"").expect_success();
        assert!(mark.exists());
    }
}

/// S25: whoever listens after us hears what Git must tell every helper, and no more.
#[test]
fn s25_a_later_helper_learns_nothing_more_than_what_git_tells_all() {
    for (git, scene) in scenes() {
        let git = &git;
        let (rig, token, url) = (&scene.rig, &scene.token, &*scene.url);
        let heard = rig.home.add_file("heard", "");
        rig.home.add_gitconfig(&format!(
            "\thelper = \"!f() {{ echo operation=$1; cat; }} >>'{}'; f\"\n",
            heard.display()
        ));
        let mut terminal = rig.terminal(git, &["ls-remote", url]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(token);
        terminal.finish().expect_success();
        rig.git(git, &["ls-remote", url]).expect_success();
        let heard = fs::read_to_string(heard).expect("a file in the home");
        let values = |key: &str| -> BTreeSet<String> {
            let lines = heard.lines().filter_map(|line| line.split_once('='));
            let values = lines.filter(|(found, _)| *found == key);
            values.map(|(_, value)| value.to_owned()).collect()
        };
        let keys: BTreeSet<&str> = heard
            .lines()
            .filter_map(|line| Some(line.split_once('=')?.0))
            .collect();
        let allowed = [
            "operation",
            "capability[]",
            "protocol",
            "host",
            "path",
            "username",
            "password",
            "password_expiry_utc",
            // As a Data Center's token is sent where Git can.
            "authtype",
            "credential",
            "wwwauth[]",
            "state[]",
            "continue",
        ];
        for key in keys {
            assert!(allowed.contains(&key), "{key}: {heard}");
        }
        // We answered, so it was never asked; it was told what worked.
        assert_eq!(values("operation"), BTreeSet::from(["store".to_owned()]));
        let secrets = &values("password") | &values("credential");
        assert_eq!(secrets, BTreeSet::from([token.clone()]));
        for state in values("state[]") {
            assert!(
                state.starts_with("bitbucket:1:") && !state.contains(&**token),
                "{state}"
            );
        }
    }
}
