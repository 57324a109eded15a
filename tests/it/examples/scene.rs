//! The scene of the examples: a home with the helper on PATH and nothing configured, and a
//! token that may be used.

pub use crate::rig::scene::URL;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Finished, Git, Rig, gits};

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    pub token: String,
}

impl Scene {
    /// Under each Git.
    pub fn each() -> impl Iterator<Item = Self> {
        gits().into_iter().map(|git| {
            let (rig, token) = Rig::with_alice();
            Self { rig, git, token }
        })
    }

    /// Runs this as a step of a pipeline is run: it ends at the first failure.
    pub fn step(&self, script: &str) -> Finished {
        let mut command = self.rig.without_terminal(&self.git, "bash");
        command.args(["-e", "-o", "pipefail", "-c", script]);
        self.rig.run(command, b"")
    }

    /// The same, which must succeed with a clone, without a word of the token, and without a
    /// request of ours.
    #[track_caller]
    pub fn clones(&self, script: &str) {
        let ended = self.step(script).expect_success();
        assert!(self.rig.home.work().join("widgets/.git").is_dir());
        for said in [&ended.stdout, &ended.stderr] {
            assert!(!said.contains(&self.token), "{said}");
        }
        assert!(self.rig.requests_not_from_git().is_empty());
    }

    /// Runs the script of a document in a terminal, where it asks for the token and its date.
    pub fn sign_in_by(&self, script: &str) {
        let mut command = self.rig.home.command(&self.git, "bash");
        command.args(["-e", "-c", script]);
        let mut terminal = Terminal::open(&command);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&self.token);
        terminal.expect("xpire");
        terminal.send_line("");
        terminal.finish().expect_success();
        self.rig.forget_requests();
    }

    /// A file with the token, that only its owner can read.
    pub fn token_file(&self, path: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.rig.home.add_file(path, &format!("{}\n", self.token));
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, private).expect("a file of ours");
        path.to_str().expect("UTF-8").to_owned()
    }
}
