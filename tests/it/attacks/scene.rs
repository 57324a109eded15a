//! What an attack meets: a home, a keychain with a token in it, and our program.

pub use crate::rig::scene::BITBUCKET;
use crate::rig::{Finished, Rig, gits, tokens};

/// A home in whose keychain `alice` has a token.
pub struct Scene {
    pub rig: Rig,
    pub token: String,
}

impl Scene {
    /// `None` if the test may be skipped.
    pub fn new() -> Option<Self> {
        let mut rig = Rig::new();
        if !rig.start_keyring() {
            return None;
        }
        let token = tokens::api_token(1);
        let scene = Self { rig, token };
        scene.run("store", scene.account());
        assert!(scene.is_kept(&scene.token), "the token is not kept");
        Some(scene)
    }

    /// What Git says of the kept account.
    pub fn account(&self) -> String {
        format!("{BITBUCKET}username=alice\npassword={}\n", self.token)
    }

    pub fn run(&self, operation: &str, message: impl AsRef<[u8]>) -> Finished {
        let mut command = self
            .rig
            .without_terminal(&gits()[0], "git-credential-bitbucket");
        command.arg(operation);
        self.rig.run(command, message.as_ref())
    }

    /// The answer to `get` without any doubt about the message.
    pub fn answer(&self, message: &str) -> String {
        let answer = self.run("get", message);
        assert_eq!(answer.code, Some(0), "{answer:#?}");
        answer.stdout
    }

    /// Whether the keychain holds this token.
    pub fn is_kept(&self, token: &str) -> bool {
        let items = self.rig.items();
        items
            .iter()
            .any(|item| item.secret.lines().next() == Some(token))
    }

    /// Puts an item of ours into the keychain by hand.
    pub fn put(&self, payload: &str, account: &str) {
        self.rig.put(payload, account);
    }

    /// `operation` with this message does nothing at all.
    #[track_caller]
    pub fn nothing_happens(&self, operation: &str, message: impl AsRef<[u8]>) {
        self.nothing_happens_in(&[(operation, message.as_ref().to_vec())]);
    }

    /// None of these operations with its message does anything at all.
    #[track_caller]
    fn nothing_happens_in(&self, runs: &[(&str, Vec<u8>)]) {
        let before = self.rig.keyring().everything();
        let mut shown = String::new();
        for (operation, message) in runs {
            let start = message[..message.len().min(200)].escape_ascii();
            shown.extend([operation, " ", &start.to_string(), "\n"]);
            let finished = self.run(operation, message);
            let said = (finished.code, finished.stdout + &finished.stderr);
            assert_eq!(said, (Some(0), String::new()), "{shown}");
        }
        assert_eq!(self.rig.keyring().everything(), before, "{shown}");
        assert!(self.rig.connects().is_empty(), "{shown}");
    }

    /// No operation does anything for this description: `get` gives nothing away, `store`
    /// keeps nothing new, `erase` forgets nothing, be the password named or not.
    #[track_caller]
    pub fn is_not_ours(&self, description: impl AsRef<[u8]>) {
        let with = |lines: &str| [description.as_ref(), lines.as_bytes()].concat();
        let new = format!("username=mallory\npassword={}\n", tokens::api_token(2));
        let kept = format!("username=alice\npassword={}\n", self.token);
        self.nothing_happens_in(&[
            ("get", with("\n")),
            ("store", with(&new)),
            ("erase", with("")),
            ("erase", with(&kept)),
        ]);
    }
}

/// The value of a key in an answer.
pub fn value<'a>(answer: &'a str, key: &str) -> Option<&'a str> {
    answer
        .lines()
        .filter_map(|line| line.split_once('='))
        .find_map(|(found, value)| (found == key).then_some(value))
}
