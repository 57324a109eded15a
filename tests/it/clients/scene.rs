//! The scene of every client: the helper configured, an open keychain with Alice's token, and
//! a record of what the helper was asked.

use crate::rig::scene::CONFIGURED;
pub use crate::rig::scene::URL;
use crate::rig::{Finished, Git, Rig, gits};
use std::fs;

pub const REPOSITORY: &str = "acme/widgets";

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    pub token: String,
}

impl Scene {
    /// Under each Git. Empty: the keychain's programs are missing, which has been printed.
    pub fn each() -> impl Iterator<Item = Self> {
        gits().into_iter().map_while(Self::under)
    }

    /// Under the first Git, for clients that run none.
    pub fn new() -> Option<Self> {
        Self::each().next()
    }

    fn under(git: Git) -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        let trace = rig.home.path().join("trace");
        rig.home.set("BITBUCKET_TRACE", trace);
        // For what does not read Git's configuration.
        let authority = rig.home.authority();
        rig.home.set("SSL_CERT_FILE", authority);
        rig.start_keyring().then(|| {
            let scene = Self { rig, git, token };
            scene.keep();
            scene
        })
    }

    /// Puts Alice's token into the keychain.
    pub fn keep(&self) {
        self.rig.put(&self.token, "x-bitbucket-api-token-auth");
    }

    /// Takes everything out of the keychain, by the helper's own command.
    pub fn forget(&self) {
        let arguments = ["logout", "--all"];
        self.rig
            .helper_with(&self.git, &arguments, "")
            .expect_success();
        assert!(self.rig.secrets().is_empty());
    }

    /// Runs a client without a terminal.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Finished {
        let mut command = self.rig.without_terminal(&self.git, program);
        command.args(arguments);
        self.rig.run(command, b"")
    }

    /// Runs plain Git, which must succeed.
    pub fn git(&self, arguments: &[&str]) -> String {
        let ended = self.rig.git(&self.git, arguments).expect_success();
        ended.stdout.trim().to_owned()
    }

    /// A clone in `widgets` with one commit more than the server has, which is returned.
    pub fn clone_ahead(&self) -> String {
        self.git(&["clone", "--quiet", URL, "widgets"]);
        self.commit()
    }

    /// Commits everything in `widgets` and returns the commit.
    pub fn commit(&self) -> String {
        self.git(&["-C", "widgets", "add", "."]);
        let commit = ["commit", "--quiet", "--allow-empty", "--message=Next"];
        self.git(&[&["-C", "widgets"], &commit[..]].concat());
        self.git(&["-C", "widgets", "rev-parse", "HEAD"])
    }

    /// The commit that the server's `main` is at.
    pub fn server(&self) -> String {
        self.rig.bitbucket.commit(REPOSITORY, "main")
    }

    /// How often the helper was asked to `get`, `store` and `erase` for Bitbucket since the
    /// last call.
    pub fn asked(&self) -> [usize; 3] {
        let path = self.rig.home.path().join("trace");
        let trace = fs::read_to_string(&path).unwrap_or_default();
        if !trace.is_empty() {
            fs::remove_file(path).expect("a file in the home");
        }
        ["get", "store", "erase"]
            .map(|operation| trace.matches(&format!(" git asks: {operation} ")).count())
    }

    /// The secrets that were sent, without repetitions in a row.
    pub fn sent(&self) -> Vec<String> {
        let requests = self.rig.requests();
        let logins = requests
            .into_iter()
            .filter_map(|request| request.authorization);
        let mut secrets: Vec<String> = logins.map(|login| login.secret).collect();
        secrets.dedup();
        secrets
    }
}
