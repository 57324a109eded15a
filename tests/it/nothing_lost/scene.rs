//! A home with a keychain, and what both hold.

pub use crate::rig::scene::{CHALLENGE, REQUEST, SERVICE, URL};
use crate::rig::{Credential, Finished, GIT_SCOPES, Git, Kind, Rig, gits, tokens};

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    /// A token of alice's that works.
    pub token: String,
}

impl Scene {
    /// `None` where no keychain can be had.
    pub fn new() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        let git = gits()[0].clone();
        rig.start_keyring().then_some(Self { rig, git, token })
    }

    /// A newer token of alice's that works, too.
    pub fn issue(&self, seed: u64) -> String {
        let token = tokens::api_token(seed);
        let credential = Credential::new(Kind::ApiToken, &token, "alice", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        token
    }

    pub fn run(&self, arguments: &[&str], input: &str) -> Finished {
        self.rig.helper_with(&self.git, arguments, input)
    }

    /// `get`, `store` or `erase` with these lines after [`REQUEST`].
    pub fn ask(&self, operation: &str, lines: &str) -> Finished {
        self.run(&[operation], &format!("{REQUEST}{lines}\n"))
            .expect_success()
    }
}

/// What Git brings to `store` and `erase`.
pub fn login(name: &str, secret: &str) -> String {
    format!("username={name}\npassword={secret}\n")
}

/// The secret in an answer, if there is one.
pub fn password(answer: &Finished) -> Option<&str> {
    let mut lines = answer.stdout.lines();
    lines.find_map(|line| line.strip_prefix("password="))
}
