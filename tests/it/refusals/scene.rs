//! What these tests start from: alice's verified token is kept, and there is something
//! to push.

pub use crate::rig::scene::{CAPABLE_REQUEST, CHALLENGE, URL};
use crate::rig::terminal::Terminal;
use crate::rig::{Credential, Finished, GIT_SCOPES, Git, Kind, Repository, Rig, tokens};

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    /// Alice's token.
    pub token: String,
}

impl Scene {
    /// `None` where no keychain can be had.
    pub fn new(git: &Git) -> Option<Self> {
        let (rig, token) = Rig::with_alice_and_keychain()?;
        let scene = Self {
            rig,
            git: git.clone(),
            token,
        };
        scene.helper(&["configure"], "").expect_success();
        scene.log_in("alice", &scene.token, URL);
        scene.git(&["init", "--quiet", "--initial-branch=topic"]);
        scene.git(&["remote", "add", "origin", URL]);
        scene.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
        Some(scene)
    }

    /// Keeps a credential under a name that the server confirms.
    pub fn log_in(&self, username: &str, secret: &str, url: &str) {
        let username = format!("--username={username}");
        self.helper(&["login", "--with-token", &username, url], secret)
            .expect_success();
        self.rig.forget_requests();
    }

    /// Another user who may read, and a token of hers that is kept, too.
    pub fn add_bob(&self) -> String {
        let token = tokens::api_token(50);
        let widgets = Repository::private().writer("alice").writer("bob");
        self.rig.bitbucket.add_user("bob", "bob@example.com", "x y");
        self.rig
            .bitbucket
            .world()
            .repositories
            .insert("acme/widgets".into(), widgets);
        let credential = Credential::new(Kind::ApiToken, &token, "bob", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        self.log_in("bob", &token, URL);
        token
    }

    /// A newer token of alice's that nobody has typed yet.
    pub fn issue_newer(&self) -> String {
        let token = tokens::api_token(2);
        let credential = Credential::new(Kind::ApiToken, &token, "alice", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        token
    }

    pub fn helper(&self, arguments: &[&str], input: &str) -> Finished {
        self.rig.helper_with(&self.git, arguments, input)
    }

    /// `get`, `store` or `erase` with these lines after [`CAPABLE_REQUEST`].
    pub fn ask(&self, operation: &str, lines: &str) -> Finished {
        self.helper(&[operation], &format!("{CAPABLE_REQUEST}{lines}\n"))
            .expect_success()
    }

    fn git(&self, arguments: &[&str]) {
        self.rig.git(&self.git, arguments).expect_success();
    }

    /// A push with nobody there.
    pub fn push(&self) -> Finished {
        self.rig.git(&self.git, &["push", "origin", "topic"])
    }

    pub fn push_on_terminal(&self) -> Terminal {
        self.rig.terminal(&self.git, &["push", "origin", "topic"])
    }

    #[track_caller]
    pub fn assert_pushed(&self) {
        let head = self.rig.git(&self.git, &["rev-parse", "HEAD"]);
        let there = self.rig.bitbucket.commit("acme/widgets", "topic");
        assert_eq!(there, head.expect_success().stdout.trim());
    }

    /// The only entry, its secret included.
    pub fn payload(&self) -> String {
        self.rig.payloads().concat()
    }

    /// How often we asked the server since the scene was set.
    pub fn questions(&self) -> usize {
        self.rig.requests_not_from_git().len()
    }
}

/// What Git brings to `store` and `erase`.
pub fn login(secret: &str) -> String {
    format!("username=alice\npassword={secret}\n")
}

/// The value of `key` in an answer.
pub fn value<'a>(answer: &'a Finished, key: &str) -> Option<&'a str> {
    let mut lines = answer.stdout.lines();
    lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}
