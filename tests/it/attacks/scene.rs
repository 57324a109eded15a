//! What an attack meets: a home, a keychain with a token in it, and our program, for
//! Bitbucket Cloud and for a company's own server.

use crate::rig::data_center::{DataCenter, Right, Token};
pub use crate::rig::scene::BITBUCKET;
use crate::rig::scene::SERVICE;
use crate::rig::{Finished, Git, Rig, gits, tokens};
use std::sync::Arc;

/// A site whose tokens somebody is after.
pub struct Target {
    pub host: &'static str,
    /// What stands between our name and the operation.
    pub options: &'static [&'static str],
    /// Under which attribute the keychain holds our items.
    service: &'static str,
    /// The kind of its tokens, as it is stored.
    pub kind: &'static str,
    /// Whether Git is told to send it so, if it can.
    pub is_bearer: bool,
    make: fn(u64) -> String,
}

const TARGETS: [Target; 2] = [
    Target {
        host: "bitbucket.org",
        options: &[],
        service: SERVICE,
        kind: "api-token",
        is_bearer: false,
        make: tokens::api_token,
    },
    Target {
        host: "git.acme.example",
        options: &["--data-center=https://git.acme.example"],
        service: "git-credential-bitbucket:https://git.acme.example",
        kind: "http-token",
        is_bearer: true,
        make: tokens::data_center_token,
    },
];

impl Target {
    /// A token that nobody has.
    pub fn token(&self, seed: u64) -> String {
        (self.make)(seed)
    }

    /// A message about bitbucket.org, as one about this site.
    pub fn meant(&self, message: &[u8]) -> Vec<u8> {
        const NAME: &[u8] = b"bitbucket.org";
        if self.host.as_bytes() == NAME {
            return message.to_vec();
        }
        let mut meant = Vec::with_capacity(message.len());
        let mut rest = message;
        while let Some((&first, after)) = rest.split_first() {
            if let Some(after) = rest.strip_prefix(NAME) {
                meant.extend(self.host.as_bytes());
                rest = after;
            } else {
                meant.push(first);
                rest = after;
            }
        }
        meant
    }
}

/// A home in whose keychain `alice` has a token.
pub struct Scene {
    pub rig: Rig,
    pub token: String,
    pub target: &'static Target,
    server: Option<Arc<DataCenter>>,
}

impl Scene {
    /// One for each site; none if the test may be skipped.
    pub fn each() -> impl Iterator<Item = Self> {
        TARGETS.iter().map_while(Self::new)
    }

    fn new(target: &'static Target) -> Option<Self> {
        let mut rig = Rig::new();
        if !rig.start_keyring() {
            return None;
        }
        let token = target.token(1);
        // A server that can be asked about a token without a repository knows this one.
        let server = target.is_bearer.then(|| {
            let server = rig.start_data_center(&format!("https://{}", target.host));
            server.add_user("alice", "correct horse");
            server.issue(Token::of_user(&token, "alice", Right::Write));
            server
        });
        let scene = Self {
            rig,
            token,
            target,
            server,
        };
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
        command.args(self.target.options).arg(operation);
        self.rig.run(command, &self.target.meant(message.as_ref()))
    }

    /// Forgets the token, as whoever rejects it.
    pub fn forget(&self) {
        if let Some(server) = &self.server {
            server.revoke(&self.token);
        }
        self.run("erase", self.account());
    }

    /// Runs `git credential`, whose helper we are.
    pub fn git_credential(&self, git: &Git, operation: &str, message: &str) -> Finished {
        let mut command = self.rig.without_terminal(git, "git");
        let helper = [&["bitbucket"], self.target.options].concat().join(" ");
        command.args(["-c", &format!("credential.helper={helper}")]);
        command.args(["credential", operation]);
        command.env("GIT_TERMINAL_PROMPT", "0");
        self.rig
            .run(command, &self.target.meant(message.as_bytes()))
    }

    /// The answer to `get` without any doubt about the message.
    pub fn answer(&self, message: &str) -> String {
        let answer = self.run("get", message);
        assert_eq!(answer.code, Some(0), "{answer:#?}");
        answer.stdout
    }

    /// Whether the keychain holds this token.
    pub fn is_kept(&self, token: &str) -> bool {
        let service = [("service", self.target.service)];
        let items = self.rig.keyring().search(&service);
        items
            .iter()
            .any(|item| item.secret.lines().next() == Some(token))
    }

    /// Puts an item of ours into the keychain by hand.
    pub fn put(&self, payload: &str, account: &str) {
        let attributes = [("service", self.target.service), ("account", account)];
        self.rig.keyring().store("Bitbucket", payload, &attributes);
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
        let new = format!("username=mallory\npassword={}\n", self.target.token(2));
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
