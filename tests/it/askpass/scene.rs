//! A person at an editor, and what its dialogs showed.

pub use crate::rig::scene::URL;
use crate::rig::{Finished, Git, Rig};
use std::fs;
use std::path::{Path, PathBuf};

/// What is said when no answer came.
pub const CANCELLED: &str = "Cancelled, since no answer came; nothing was kept. To sign in in a \
    terminal, run: git credential-bitbucket login https://bitbucket.org/acme/widgets";
/// The programs that imitate those of editors.
pub const EDITORS: [&str; 3] = ["vscode", "jetbrains", "jenkins"];

/// Alice at an editor, with our helper and an empty keychain.
pub struct Scene {
    pub rig: Rig,
    pub token: String,
    /// What is typed into the editor's dialogs.
    pub answers: PathBuf,
    /// What the dialogs showed.
    pub seen: PathBuf,
}

impl Scene {
    pub fn new() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(
            "[credential \"https://bitbucket.org\"]\n\thelper =\n\thelper = bitbucket\n\
             \tuseHttpPath = true\n",
        );
        let answers = rig.home.path().join("answers");
        let seen = rig.home.path().join("seen");
        rig.home.set("ANSWERS", &answers);
        rig.home.set("SEEN", &seen);
        rig.start_keyring().then_some(Self {
            rig,
            token,
            answers,
            seen,
        })
    }

    pub fn use_editor(&mut self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/askpass");
        self.rig.home.set("GIT_ASKPASS", folder.join(name));
    }

    /// A program that runs this text as a shell does.
    pub fn use_script(&mut self, text: &str) {
        let program = self.rig.home.add_script("ask", text);
        self.rig.home.set("GIT_ASKPASS", program);
    }

    pub fn will_answer(&self, username: &str, password: &str) {
        for (input, text) in [("username", username), ("password", password)] {
            let text = format!("{text}\n");
            self.rig.home.add_file(&format!("answers/{input}"), &text);
        }
    }

    pub fn will_close_the_dialog(&self) {
        // There may be no answers yet.
        let _ = fs::remove_dir_all(&self.answers);
    }

    /// What the dialogs showed since the last look, one a line.
    pub fn take_seen(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.seen).unwrap_or_default();
        let _ = fs::remove_file(&self.seen);
        text.lines().map(str::to_owned).collect()
    }

    pub fn kept(&self) -> Vec<String> {
        let items = self.rig.items();
        items.into_iter().map(|item| item.label).collect()
    }

    pub fn push(&self, git: &Git, branch: &str) -> Finished {
        let target = format!("HEAD:refs/heads/{branch}");
        self.rig.git(git, &["push", "--quiet", URL, &target])
    }

    pub fn commit(&self, git: &Git) {
        for arguments in [
            &["init", "--quiet", "."][..],
            &["commit", "--quiet", "--allow-empty", "--message=First"],
        ] {
            self.rig.git(git, arguments).expect_success();
        }
    }
}

/// Everything that was said by us.
pub fn ours(ended: &Finished) -> Vec<&str> {
    let lines = ended.stderr.lines();
    lines
        .filter_map(|line| line.strip_prefix("bitbucket: "))
        .collect()
}
