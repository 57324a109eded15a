//! Over ssh, without a desktop: the token is asked for once, and after a logout and another
//! login it is there still.

use super::scene::{Scene, answer};
use crate::rig::gpg::{Gpg, PASSPHRASE, Pinentry};
use crate::rig::terminal::{Ended, SECRET_QUESTION, Terminal};
use crate::rig::{Finished, Git, IN_KERNEL, gits, memory_name, programs};
use std::process::Command;

const PUSH: [&str; 5] = ["git", "push", "--quiet", "origin", "topic"];

/// As PAM begins a login: with a session keyring of its own in the kernel, which ends with the
/// last of its processes. (`keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)`, where the kernel lets us.)
const BEGIN: &str = "
import ctypes, os, platform, sys
number = {'x86_64': 250, 'aarch64': 219}[platform.machine()]
ctypes.CDLL(None).syscall(number, 1, None)
os.execvp(sys.argv[1], sys.argv[1:])
";

impl Scene {
    /// What a login over ssh begins with: no bus, no folder for the session.
    fn login(&self, program: &[&str]) -> Command {
        self.commit();
        let mut environment = self.rig.home.environment(&self.git);
        environment
            .variables
            .retain(|name, _| !name.to_string_lossy().starts_with("XDG_"));
        environment.set("SSH_CONNECTION", "::1 1 ::1 22");
        let mut command = environment.command(program[0]);
        command.args(&program[1..]);
        command.args(["python3", "-c", BEGIN]).args(PUSH);
        command
    }

    /// `ssh host`, then `git push`: what is waited for, and what is then typed.
    fn push_over_ssh(&self, answers: &[(&str, &str)]) -> Ended {
        let mut command = self.login(&["env"]);
        command.env("SSH_TTY", "/dev/pts/0");
        let mut terminal = Terminal::open(&command);
        answer(&mut terminal, answers);
        terminal.finish().expect_success()
    }

    /// `ssh host git push`.
    fn push_by_ssh_alone(&self) -> Finished {
        let command = self.login(&["setsid", "--wait"]);
        self.rig.run(command, b"").expect_success()
    }
}

fn scene(git: &Git) -> Option<Scene> {
    programs::present("python", &["python3"]).then(|| Scene::configured(git, &[]))
}

/// In the kernel it belongs to the user, and to no login.
#[test]
fn memory_outlives_the_login() {
    if memory_name() != IN_KERNEL {
        return programs::say_skipped(IN_KERNEL);
    }
    for git in gits() {
        let Some(scene) = scene(&git) else { return };
        let asked = [("Number [1]: ", "memory"), (SECRET_QUESTION, &*scene.token)];
        let said = scene.push_over_ssh(&asked).transcript;
        assert!(
            said.contains("It is kept in the kernel's keyring"),
            "{said}"
        );
        assert_eq!(scene.push_over_ssh(&[]).transcript, "");
        assert_eq!(scene.push_by_ssh_alone().stderr, "");
    }
}

/// gpg-agent ends with the login, and the next one has the passphrase asked for, not the token.
#[test]
fn pass_outlives_the_login() {
    if !Gpg::is_possible() {
        return;
    }
    for git in gits() {
        let Some(scene) = scene(&git) else { return };
        let gpg = scene.set_up_pass(PASSPHRASE);
        gpg.answers(&Pinentry::Typed(PASSPHRASE));
        let asked = [("Number [1]: ", ""), (SECRET_QUESTION, &*scene.token)];
        let said = scene.push_over_ssh(&asked).transcript;
        assert!(
            said.contains("It is kept in the password store (pass)"),
            "{said}"
        );
        gpg.end_agent();
        let _ = gpg.dialog_was_shown();
        assert_eq!(scene.push_over_ssh(&[]).transcript, "");
        assert!(gpg.dialog_was_shown());
        assert_eq!(scene.push_by_ssh_alone().stderr, "");
        assert!(!gpg.dialog_was_shown());
    }
}
