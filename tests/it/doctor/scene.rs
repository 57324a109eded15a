//! A machine whose way to Bitbucket is all right, before a test spoils it.

pub use crate::rig::scene::{SERVICE, URL};
use crate::rig::terminal::Terminal;
use crate::rig::{Credential, Finished, GIT_SCOPES, Git, Kind, Rig, gits, tokens};
use serde_json::Value;
use std::cell::RefCell;

/// A client of the tests', and what proves it.
pub const CLIENT: &str = "client-id";
const SECRET: &str = "the-secret-of-the-client-of-these-tests";

/// Of the sign-in that [`Scene::keep_sign_in`] keeps.
const REFRESH: &str = "0123456789-the-refresh-token-of-these-tests";

pub struct Scene {
    pub rig: Rig,
    pub git: Git,
    /// Alice's API token; kept by [`Scene::healthy`].
    pub token: String,
    /// No output may have a part of these.
    pub secrets: Vec<String>,
    /// The options of the cache daemons that have been started.
    caches: RefCell<Vec<String>>,
}

impl Drop for Scene {
    /// The daemons would outlive their home.
    fn drop(&mut self) {
        for option in self.caches.take() {
            if !std::thread::panicking() {
                self.git(&["credential-cache", &option, "exit"]);
            }
        }
    }
}

impl Scene {
    /// Nothing configured, nothing kept. `None` where no keychain can be had.
    pub fn bare() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        let scene = rig.start_keyring().then(|| Self {
            rig,
            git: gits().remove(0),
            secrets: vec![token.clone()],
            caches: RefCell::default(),
            token,
        })?;
        Some(scene)
    }

    /// Configured, in a clone, alice's token kept.
    pub fn healthy() -> Option<Self> {
        let scene = Self::bare()?;
        scene.run(&["configure"]).expect_success();
        scene.keep("");
        scene.clone_with(URL);
        Some(scene)
    }

    /// Keeps alice's token with these details besides the usual ones.
    pub fn keep(&self, details: &str) {
        let payload = format!(
            r#"{}
{{"version":1,"id":"1","kind":"api-token","username":"alice","added":1795000000,"verified":1795000000,"witness":"acme/widgets"{details}}}"#,
            self.token
        );
        self.rig.put(&payload, "alice");
    }

    /// A repository with this remote.
    pub fn clone_with(&self, url: &str) {
        self.git(&["init", "--quiet", "."]);
        self.git(&["config", "remote.origin.url", url]);
    }

    /// Another token of alice's that works.
    pub fn issue(&self, token: &str) -> String {
        let credential = Credential::new(Kind::ApiToken, token, "alice", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        token.to_owned()
    }

    /// A token of alice's that may not push.
    pub fn issue_for_reading(&self) -> String {
        let token = tokens::api_token(70);
        let scopes = ["read:repository:bitbucket"];
        let credential = Credential::new(Kind::ApiToken, &token, "alice", &scopes);
        self.rig.bitbucket.issue(credential);
        token
    }

    /// A token that works, of somebody who has nothing to do with this repository.
    pub fn issue_to_a_stranger(&self) -> String {
        let token = tokens::api_token(71);
        self.rig
            .bitbucket
            .add_user("mallory", "mallory@example.com", "battery staple");
        let credential = Credential::new(Kind::ApiToken, &token, "mallory", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        token
    }

    /// Keeps an app password of alice's that was confirmed before they were removed.
    pub fn keep_app_password(&self) {
        let details = r#"{"version":1,"id":"2","kind":"app-password","username":"alice","added":1780000000,"verified":1780000000}"#;
        let payload = format!("{}\n{details}", tokens::app_password(72));
        self.rig.put(&payload, "alice");
    }

    /// An OAuth client that the server knows, and the store does.
    pub fn add_client(&self) {
        self.rig.bitbucket.world().oauth.add_client(CLIENT, SECRET);
        let arguments = ["configure", "--oauth-client", CLIENT, "--with-secret"];
        let done = self.rig.helper_with(&self.git, &arguments, SECRET);
        done.expect_success();
    }

    /// Keeps nothing but a browser sign-in of alice's, whose access token ends at this time and
    /// may do this, with further details.
    pub fn keep_sign_in(&mut self, end: u64, scopes: &[&'static str], details: &str) {
        self.run(&["logout", "--all"]).expect_success();
        let token = tokens::oauth_token(75);
        let credential = Credential::new(Kind::OAuth, &token, "alice", scopes);
        self.rig.bitbucket.issue(credential);
        let payload = format!(
            r#"{token}
{{"version":1,"id":"3","kind":"oauth","username":"alice","added":1795000000,"verified":1795000000,"expires":{end}{details}}}
{REFRESH}"#
        );
        self.rig.put(&payload, "x-token-auth");
        self.secrets.extend([token, REFRESH.to_owned()]);
    }

    /// An app password of alice's, which Bitbucket knows and does not take any more.
    pub fn issue_app_password(&self, password: &str) {
        let scopes = ["Repositories: Write"];
        let credential = Credential::new(Kind::AppPassword, password, "alice", &scopes);
        self.rig.bitbucket.issue(credential);
    }

    /// Puts alice's secret into Git's cache, where an option may say which.
    pub fn cache(&self, option: &str, secret: &str) {
        let mut command = self.rig.without_terminal(&self.git, "git");
        command.args(["credential-cache", option, "store"]);
        let input =
            format!("protocol=https\nhost=bitbucket.org\nusername=alice\npassword={secret}\n\n");
        self.rig.run(command, input.as_bytes()).expect_success();
        self.caches.borrow_mut().push(option.to_owned());
    }

    pub fn terminal(&self, arguments: &[&str]) -> Terminal {
        let mut command = self.rig.home.command(&self.git, "git-credential-bitbucket");
        command.args(arguments);
        Terminal::open(&command)
    }

    pub fn git(&self, arguments: &[&str]) {
        self.rig.git(&self.git, arguments).expect_success();
    }

    /// Appends to the person's own configuration.
    pub fn settings(&self, text: &str) {
        self.rig.home.add_gitconfig(text);
    }

    /// Has Git ask us with `--token-file`; only the file `token` exists.
    pub fn serve_file(&self, name: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let token = self.rig.home.add_file("token", &self.token);
        let mode = std::fs::Permissions::from_mode(0o600);
        assert!(std::fs::set_permissions(token, mode).is_ok());
        let file = self.rig.home.path().join(name);
        let file = file.to_string_lossy();
        self.run(&["configure", "--token-file", &file])
            .expect_success();
    }

    /// Has what this command prints served; `~/token` has the token.
    pub fn serve_command(&self, command: &str) {
        self.rig.home.add_file("token", &self.token);
        self.run(&["configure", "--token-command", command])
            .expect_success();
    }

    pub fn run(&self, arguments: &[&str]) -> Finished {
        let finished = self.rig.helper_with(&self.git, arguments, "");
        self.assert_tells_nothing(&finished.stdout);
        self.assert_tells_nothing(&finished.stderr);
        finished
    }

    pub fn doctor(&self, arguments: &[&str]) -> Finished {
        self.run(&[&["doctor"], arguments].concat())
    }

    /// What `doctor --json` prints.
    #[track_caller]
    pub fn report(&self, arguments: &[&str]) -> Value {
        let finished = self.doctor(&[&["--json"], arguments].concat());
        let report: Value = serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{error}: {finished:#?}"));
        assert_eq!(report["healthy"], finished.success(), "{finished:#?}");
        report
    }

    /// No part of a secret that is long enough to mean anything.
    #[track_caller]
    pub fn assert_tells_nothing(&self, text: &str) {
        for secret in &self.secrets {
            for part in secret.as_bytes().windows(8.min(secret.len())) {
                let part = String::from_utf8_lossy(part);
                // Every token of a kind begins like that.
                let everybody_s = secret.starts_with(&*part) && part.starts_with("AT");
                assert!(everybody_s || !text.contains(&*part), "{part}: {text}");
            }
        }
    }

    pub fn write(&self, path: &str, text: &str) {
        self.rig.home.add_file(path, text);
    }
}

/// The findings of a report with this name.
pub fn with_id<'a>(report: &'a Value, id: &str) -> Vec<&'a Value> {
    let findings = report["findings"].as_array().map_or(&[][..], |all| all);
    findings.iter().filter(|it| it["id"] == id).collect()
}
