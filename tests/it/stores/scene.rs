//! A fresh home with a clone to push from, and no keychain.

use crate::rig::gpg::Gpg;
pub use crate::rig::scene::{REQUEST, SERVICE, URL};
use crate::rig::terminal::{Ended, SECRET_QUESTION, Terminal};
use crate::rig::{Finished, Git, Rig};
use std::fs;
use std::path::Path;

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    /// Alice's API token.
    pub token: String,
}

impl Scene {
    /// Nothing is configured yet.
    pub fn new(git: &Git) -> Self {
        let (rig, token) = Rig::with_alice();
        let git = git.clone();
        let scene = Self { rig, git, token };
        for arguments in [
            &["init", "--quiet", "--initial-branch=topic", "."][..],
            &["remote", "add", "origin", URL],
        ] {
            scene.rig.git(&scene.git, arguments).expect_success();
        }
        scene
    }

    /// With `configure` and these options.
    pub fn configured(git: &Git, options: &[&str]) -> Self {
        let scene = Self::new(git);
        scene
            .ours(&[&["configure"], options].concat())
            .expect_success();
        scene
    }

    /// `pass`, with a key that has this passphrase.
    pub fn set_up_pass(&self, passphrase: &str) -> Gpg {
        let environment = self.rig.home.environment(&self.git);
        let start = move |program: &str| environment.command(program);
        Gpg::set_up(self.rig.home.path(), passphrase, start)
    }

    /// Runs our program, without a terminal.
    pub fn ours(&self, arguments: &[&str]) -> Finished {
        self.rig.helper_with(&self.git, arguments, "")
    }

    /// Something to push; returns its name.
    pub fn commit(&self) -> String {
        let arguments = ["commit", "--quiet", "--allow-empty", "--message=Next"];
        self.rig.git(&self.git, &arguments).expect_success();
        let head = self.rig.git(&self.git, &["rev-parse", "HEAD"]);
        head.expect_success().stdout.trim().to_owned()
    }

    /// Pushes a new commit with nobody there.
    pub fn push(&self) -> Finished {
        let head = self.commit();
        let ended = self
            .rig
            .git(&self.git, &["push", "--quiet", "origin", "topic"]);
        if ended.success() {
            assert_eq!(self.rig.bitbucket.commit("acme/widgets", "topic"), head);
        }
        ended
    }

    /// Pushes a new commit on a terminal: what is waited for, and what is then typed.
    pub fn push_on_terminal(&self, answers: &[(&str, &str)]) -> Ended {
        self.commit();
        let arguments = ["push", "--quiet", "origin", "topic"];
        let mut terminal = self.rig.terminal(&self.git, &arguments);
        answer(&mut terminal, answers);
        terminal.finish()
    }

    /// What no store and no message may do: have the secret in plain in any file of the
    /// home, but for those that `allowed` knows.
    pub fn assert_in_no_file(&self, secret: &str, allowed: impl Fn(&Path) -> bool) {
        let mut folders = vec![self.rig.home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder of the home") {
                let path = entry.expect("an entry of it").path();
                // Our program is linked here, and is large.
                if path.is_symlink() {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if !allowed(&path)
                    && let Ok(bytes) = fs::read(&path)
                {
                    let found = bytes
                        .windows(secret.len())
                        .any(|window| window == secret.as_bytes());
                    assert!(!found, "{}", path.display());
                }
            }
        }
    }
}

pub fn answer(terminal: &mut Terminal, answers: &[(&str, &str)]) {
    for (question, typed) in answers {
        if question.starts_with(SECRET_QUESTION) {
            terminal.expect_prompt(SECRET_QUESTION);
        } else {
            terminal.expect(question);
        }
        terminal.send_line(typed);
    }
}

/// Our own lines.
pub fn ours(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with("bitbucket: "))
        .collect()
}
