//! A home with a store, and what both hold.

use crate::rig::kept::{Guard, PLACES, Place};
pub use crate::rig::scene::{CHALLENGE, REQUEST, SERVICE, URL};
use crate::rig::{Credential, Finished, GIT_SCOPES, Git, Kind, Rig, gits, tokens};

pub struct Scene {
    /// What the store needs; gone before its home is.
    _guard: Guard,
    pub rig: Rig,
    pub git: Git,
    /// A token of alice's that works.
    pub token: String,
    pub place: &'static Place,
    /// Between our name and what Git asks.
    options: Vec<String>,
}

impl Scene {
    /// With the keychain, and nothing configured. `None` where none can be had.
    pub fn new() -> Option<Self> {
        Self::with(&PLACES[0], Vec::new())
    }

    /// With the keychain of this home, which has been started.
    pub fn in_keychain_of(rig: Rig, git: Git, token: String) -> Self {
        Self {
            _guard: Box::new(()),
            rig,
            git,
            token,
            place: &PLACES[0],
            options: Vec::new(),
        }
    }

    /// One for each store that can be had, by name and configured so.
    pub fn each() -> impl Iterator<Item = Self> {
        PLACES.iter().filter_map(Self::configured)
    }

    /// One with this store.
    pub fn configured(place: &'static Place) -> Option<Self> {
        let option = format!("--store={}", place.name);
        let scene = Self::with(place, vec![option.clone()])?;
        scene.run(&["configure", &option], "").expect_success();
        Some(scene)
    }

    fn with(place: &'static Place, options: Vec<String>) -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        let git = gits()[0].clone();
        Some(Self {
            _guard: place.set_up(&mut rig, &git)?,
            rig,
            git,
            token,
            place,
            options,
        })
    }

    /// The secrets in the store.
    pub fn secrets(&self) -> Vec<String> {
        self.place.secrets(&self.rig, &self.git)
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
        self.run(&self.asking(operation), &format!("{REQUEST}{lines}\n"))
            .expect_success()
    }

    /// Our arguments where Git asks for `get`, `store` or `erase`.
    pub fn asking<'a>(&'a self, operation: &'a str) -> Vec<&'a str> {
        let options = self.options.iter().map(String::as_str);
        options.chain([operation]).collect()
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
