//! The rig of the integration tests: a loopback Bitbucket behind a proxy, a fresh home,
//! every Git of the machine, a private keychain, a terminal. Whatever a test does that
//! Bitbucket does not know makes it fail when its rig ends.
#![allow(
    clippy::missing_panics_doc,
    reason = "a rig that cannot be built fails the test"
)]

pub mod answer;
pub mod backend;
pub mod bitbucket;
pub mod bomb;
pub mod bus;
pub mod certificates;
pub mod curl;
pub mod data_center;
pub mod environment;
pub mod fault;
pub mod foreign;
pub mod gits;
pub mod gpg;
pub mod home;
pub mod keepassxc;
pub mod kept;
pub mod keyring;
pub mod lfs;
pub mod log;
pub mod oauth;
pub mod programs;
pub mod promises;
pub mod proxy;
pub mod python;
pub mod random;
pub mod route;
pub mod rules;
pub mod run;
pub mod scene;
pub mod secret_service;
pub mod server;
pub mod superproject;
pub mod tap;
pub mod terminal;
pub mod tokens;
pub mod world;

pub use certificates::Certificate;
pub use fault::{Fault, Sender, Surface};
pub use gits::{Git, gits};
pub use promises::held;
pub use proxy::Mood;
pub use run::{Finished, wait_for, wait_until};
pub use world::{Credential, Demand, Kind, Repository, State};

use bitbucket::Bitbucket;
use certificates::Authority;
use git_credential_bitbucket::keychain::{self, Store as _};
use home::Home;
use keyring::Keyring;
use log::{Log, Request};
use proxy::Proxy;
use std::sync::Arc;
use tempfile::TempDir;
use terminal::Terminal;
use tokio::runtime::Runtime;

/// The scopes an API token needs for Git.
pub const GIT_SCOPES: [&str; 2] = ["read:repository:bitbucket", "write:repository:bitbucket"];

/// Everything a test needs, one field per part.
pub struct Rig {
    pub bitbucket: Arc<Bitbucket>,
    pub proxy: Proxy,
    /// Once [`Rig::start_keyring`] has started it. It ends before its home does.
    keyring: Option<Keyring>,
    pub home: Home,
    log: Arc<Log>,
    authority: Authority,
    /// `None` once it has been shut down.
    runtime: Option<Runtime>,
    /// A folder for each server's repositories.
    repositories: TempDir,
}

impl Rig {
    /// A running server without users or repositories, and a home that reaches it.
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let log = Arc::new(Log::default());
        let authority = Authority::new();
        let repositories = TempDir::new().expect("a folder for temporary files");
        let root = repositories.path().join("cloud");
        let (bitbucket, proxy) = runtime
            .block_on(bitbucket::start(&log, &authority, root))
            .expect("a free port");
        Self {
            home: Home::new(&proxy.url(), &authority.pem),
            keyring: None,
            bitbucket,
            proxy,
            log,
            authority,
            runtime: Some(runtime),
            repositories,
        }
    }

    /// The usual scene: the user `alice` (alice@example.com), her private repository
    /// `acme/widgets`, and an API token of hers for Git, which is returned.
    pub fn with_alice() -> (Self, String) {
        let rig = Self::new();
        let token = tokens::api_token(1);
        rig.bitbucket
            .add_user("alice", "alice@example.com", "correct horse");
        rig.bitbucket
            .add_repository("acme/widgets", Repository::private().writer("alice"));
        rig.bitbucket.issue(Credential::new(
            Kind::ApiToken,
            &token,
            "alice",
            &GIT_SCOPES,
        ));
        (rig, token)
    }

    /// Starts a keychain of this home and tells every child its address. False: its
    /// programs are missing, which is allowed and has been printed; the test returns.
    #[must_use]
    pub fn start_keyring(&mut self) -> bool {
        self.start_keyring_by(Keyring::start)
    }

    /// The same without a default keyring, nor any other.
    #[must_use]
    pub fn start_keyring_without_default(&mut self) -> bool {
        self.start_keyring_by(Keyring::start_without_default)
    }

    fn start_keyring_by(&mut self, start: fn(&Home) -> Keyring) -> bool {
        if !Keyring::is_possible() {
            return false;
        }
        let keyring = start(&self.home);
        self.home.set("DBUS_SESSION_BUS_ADDRESS", &keyring.address);
        self.keyring = Some(keyring);
        true
    }

    /// The running keychain.
    pub fn keyring(&self) -> &Keyring {
        self.keyring.as_ref().expect("a started keychain")
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("a runtime until the end")
    }

    /// Runs Git in the folder for work, without a terminal, to its end.
    pub fn git(&self, git: &Git, arguments: &[&str]) -> Finished {
        let mut command = self.without_terminal(git, "git");
        command.args(arguments);
        self.run(command, b"")
    }

    /// Runs Git in the folder for work on a terminal.
    pub fn terminal(&self, git: &Git, arguments: &[&str]) -> Terminal {
        let mut command = self.home.command(git, "git");
        command.args(arguments);
        Terminal::open(&command)
    }

    /// Runs our program as Git does, without a terminal: `operation` is `get`, ...
    pub fn helper(&self, operation: &str, input: &str) -> Finished {
        self.helper_with(&gits()[0], &[operation], input)
    }

    /// Runs our program under this Git.
    pub fn helper_with(&self, git: &Git, arguments: &[&str], input: &str) -> Finished {
        let mut command = self.without_terminal(git, "git-credential-bitbucket");
        command.args(arguments);
        self.run(command, input.as_bytes())
    }

    /// Runs any command to its end within bounds.
    pub fn run(&self, command: std::process::Command, input: &[u8]) -> Finished {
        run::run(self.runtime(), command, input)
    }

    /// A command in a session of its own, so that nothing can ask on the terminal of
    /// whoever runs the tests.
    pub fn without_terminal(&self, git: &Git, program: &str) -> std::process::Command {
        let mut command = self.home.command(git, "setsid");
        command.args(["--wait", program]);
        command
    }

    /// Everything the server has been asked.
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests()
    }

    /// What the server has been asked by anyone but Git.
    pub fn requests_not_from_git(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| !request.is_from_git());
        requests
    }

    /// What the proxy has been asked for, as `host:port`.
    pub fn connects(&self) -> Vec<String> {
        self.log.connects()
    }

    /// Forgets the requests and connects seen so far.
    pub fn forget_requests(&self) {
        self.log.clear();
    }

    /// What happened that Bitbucket does not know; forgiven by taking it.
    pub fn take_violations(&self) -> Vec<String> {
        self.log.take_violations()
    }

    /// Makes the proxy refuse connections, or accept them again.
    pub fn set_proxy_down(&mut self, down: bool) {
        let runtime = self.runtime.as_ref().expect("a runtime until the end");
        if down {
            runtime.block_on(self.proxy.go_down());
        } else {
            runtime
                .block_on(self.proxy.come_back())
                .expect("the port is free again");
        }
    }

    /// Ends the rig; dropping it does the same.
    pub fn finish(self) {
        self.check();
    }

    /// # Panics
    /// If anything happened that Bitbucket does not know.
    fn check(&self) {
        let violations = self.take_violations();
        assert!(
            violations.is_empty(),
            "unknown to the loopback Bitbucket: {violations:#?}"
        );
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // A test that fails already has its own text.
        if !std::thread::panicking() {
            self.check();
        }
    }
}

/// How the store `memory` is called where the kernel keeps it.
pub const IN_KERNEL: &str = "the kernel's keyring";

/// How the store `memory` is called here: it depends on what the kernel allows.
pub fn memory_name() -> &'static str {
    keychain::memory(keychain::REMEMBERED).name()
}
