//! The loopback Bitbucket and its proxy, which know no system; the rest of the rig is
//! for Unix.
#![allow(
    dead_code,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "written for the rig, of which this is a part"
)]

#[path = "../it/rig/answer.rs"]
pub mod answer;
#[path = "../it/rig/backend.rs"]
pub mod backend;
#[path = "../it/rig/bitbucket.rs"]
pub mod bitbucket;
#[path = "../it/rig/bomb.rs"]
pub mod bomb;
#[path = "../it/rig/certificates.rs"]
pub mod certificates;
#[path = "../it/rig/fault.rs"]
pub mod fault;
#[path = "../it/rig/lfs.rs"]
pub mod lfs;
#[path = "../it/rig/log.rs"]
pub mod log;
#[path = "../it/rig/oauth/mod.rs"]
pub mod oauth;
#[path = "../it/rig/proxy.rs"]
pub mod proxy;
#[path = "../it/rig/route.rs"]
pub mod route;
#[path = "../it/rig/rules.rs"]
pub mod rules;
#[path = "../it/rig/run.rs"]
pub mod run;
#[path = "../it/rig/server.rs"]
pub mod server;
#[path = "../it/rig/tap.rs"]
pub mod tap;
#[path = "../it/rig/tokens.rs"]
pub mod tokens;
#[path = "../it/rig/world.rs"]
pub mod world;

use bitbucket::Bitbucket;
use certificates::Authority;
use log::Log;
use proxy::Proxy;
use std::sync::Arc;
use tokio::runtime::Runtime;
use world::{Credential, Kind};

/// A running server; whatever Bitbucket does not know makes the test fail at the end.
pub struct Server {
    pub bitbucket: Arc<Bitbucket>,
    pub proxy: Proxy,
    pub log: Arc<Log>,
    /// The certificate of its authority.
    pub authority: String,
    pub runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let log = Arc::new(Log::default());
        let authority = Authority::new();
        let pem = authority.pem.clone();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("cloud");
        let (bitbucket, proxy) = runtime
            .block_on(bitbucket::start(&log, &authority, root))
            .unwrap();
        Self {
            bitbucket,
            proxy,
            log,
            authority: pem,
            runtime,
            _folder: folder,
        }
    }

    /// The user `alice` and an API token of hers that the REST API knows.
    pub fn with_alice() -> (Self, String) {
        let server = Self::start();
        let token = tokens::api_token(1);
        server
            .bitbucket
            .add_user("alice", "alice@example.com", "correct horse");
        let scopes = [
            "read:repository:bitbucket",
            "write:repository:bitbucket",
            "read:user:bitbucket",
        ];
        server
            .bitbucket
            .issue(Credential::new(Kind::ApiToken, &token, "alice", &scopes));
        (server, token)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let violations = self.log.take_violations();
            assert!(violations.is_empty(), "{violations:#?}");
        }
    }
}
