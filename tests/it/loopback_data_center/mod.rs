//! The loopback Data Center alone, without our program, with curl and plain Git: who is let in,
//! who is refused, with which words, and what its administrator switches.
#![cfg(target_os = "linux")]

mod captcha;
mod git;
mod git_rules;
mod oauth;
mod places;
mod rest_rules;
mod switches;
mod unknown;

use crate::rig::curl::{Login, Reply, curl};
use crate::rig::data_center::{DataCenter, Right, Token};
use crate::rig::tokens::{data_center_token, oauth_token};
use crate::rig::{Repository, Rig};
use std::sync::Arc;

const BASE: &str = "https://git.acme.example/bitbucket";
const TOKEN_NAME: &str = "x-token-auth";

/// Jane writes `acme/widgets`, her own `~jdoe/notes` and `acme/open` (public); a user of another
/// company's directory, `j@corp.example`, reads the first.
struct Scene {
    rig: Rig,
    server: Arc<DataCenter>,
    /// Of `jdoe`, to push.
    user: String,
    /// Of the project `ACME`, to push.
    project: String,
    /// Of `acme/widgets`, to push.
    repository: String,
    /// Of `jdoe`, by OAuth, to push.
    oauth: String,
}

impl Scene {
    fn new() -> Self {
        Self::at(BASE)
    }

    fn at(base: &str) -> Self {
        let (rig, server, user) = Rig::with_data_center(base);
        server.add_user("j@corp.example", "battery staple");
        let repository = Repository::private().writer("jdoe");
        server.add_repository("~jdoe/notes", repository.clone());
        server.add_repository("acme/open", Repository::public().writer("jdoe"));
        server.add_repository("acme/widgets", repository.reader("j@corp.example"));
        server.add_repository("other/secret", Repository::private());
        let [project, repository] = [2, 3].map(data_center_token);
        let oauth = oauth_token(1);
        server.issue(Token::of_project(&project, "ACME", Right::Write));
        server.issue(Token::of_repository(
            &repository,
            "acme/widgets",
            Right::Write,
        ));
        server.issue(Token::oauth(&oauth, "jdoe", Right::Write));
        Self {
            rig,
            server,
            user,
            project,
            repository,
            oauth,
        }
    }

    /// Asks as Git does first for `acme/widgets`.
    fn ask_git(&self, login: Login, write: bool) -> Reply {
        self.ask_for("acme/widgets", login, write)
    }

    fn ask_for(&self, repository: &str, login: Login, write: bool) -> Reply {
        curl(
            &self.rig,
            login,
            &self.server.references(repository, write),
            &[],
        )
    }

    fn ask_rest(&self, login: Login, resource: &str) -> Reply {
        curl(&self.rig, login, &self.server.rest(resource), &[])
    }
}

/// The address that says what a server is.
const PROPERTIES: &str = "application-properties";
