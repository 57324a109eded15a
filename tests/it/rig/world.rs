//! What the loopback Bitbucket knows: users, credentials, repositories, and the switches
//! a test flips. Data only; `rules` decides over it.

use super::certificates::Certificate;
use super::oauth::OAuth;
use std::collections::{BTreeMap, BTreeSet};

/// An Atlassian account.
#[derive(Clone)]
pub struct User {
    pub username: String,
    pub email: String,
    /// The account's password: refused everywhere, with a text of its own.
    pub password: String,
}

/// What a secret is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ApiToken,
    AppPassword,
    RepositoryToken,
    ProjectToken,
    WorkspaceToken,
    OAuth,
}

impl Kind {
    /// Every scope that a kind can have; any other name is a mistake of the test.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::ApiToken => &[
                "read:repository:bitbucket",
                "write:repository:bitbucket",
                "admin:repository:bitbucket",
                "read:user:bitbucket",
                "read:pullrequest:bitbucket",
                "read:jira-work",
            ],
            Self::AppPassword => &["Repositories: Read", "Repositories: Write", "Account: Read"],
            _ => &["repository", "repository:write", "account", "pullrequest"],
        }
    }

    /// The scopes that let Git read, any one of which suffices.
    pub fn reading(self) -> &'static [&'static str] {
        match self {
            Self::ApiToken => &["read:repository:bitbucket"],
            Self::AppPassword => &["Repositories: Read", "Repositories: Write"],
            _ => &["repository", "repository:write"],
        }
    }

    /// The scope that lets Git write, beside one for reading.
    pub fn writing(self) -> &'static str {
        match self {
            Self::ApiToken => "write:repository:bitbucket",
            Self::AppPassword => "Repositories: Write",
            _ => "repository:write",
        }
    }

    /// The scope of `GET /2.0/user`.
    pub fn user_scope(self) -> &'static str {
        match self {
            Self::ApiToken => "read:user:bitbucket",
            Self::AppPassword => "Account: Read",
            _ => "account",
        }
    }

    /// Whether it belongs to a resource instead of a user.
    pub fn is_access_token(self) -> bool {
        matches!(
            self,
            Self::RepositoryToken | Self::ProjectToken | Self::WorkspaceToken
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    Revoked,
    Expired,
}

/// A credential that the server has issued.
#[derive(Clone)]
pub struct Credential {
    pub kind: Kind,
    pub secret: String,
    /// The user name; for access tokens `workspace/repository`, the project or the workspace.
    pub owner: String,
    /// An API token with none was created without scopes.
    pub scopes: Vec<&'static str>,
    pub state: State,
}

impl Credential {
    /// # Panics
    /// If the kind has no such scope.
    pub fn new(kind: Kind, secret: &str, owner: &str, scopes: &[&'static str]) -> Self {
        for scope in scopes {
            assert!(
                kind.scopes().contains(scope),
                "unknown scope {scope} for {kind:?}"
            );
        }
        Self {
            kind,
            secret: secret.to_owned(),
            owner: owner.to_owned(),
            scopes: scopes.to_vec(),
            state: State::Active,
        }
    }

    /// An API token without scopes, or with another product's only, is none to Bitbucket.
    pub fn is_for_bitbucket(&self) -> bool {
        let ours = |scope: &&str| self.kind != Kind::ApiToken || scope.ends_with(":bitbucket");
        self.scopes.iter().any(ours)
    }

    pub fn may_read(&self) -> bool {
        self.has_any(self.kind.reading())
    }

    pub fn may_write(&self) -> bool {
        self.may_read() && self.has_any(&[self.kind.writing()])
    }

    pub fn may_see_user(&self) -> bool {
        !self.kind.is_access_token() && self.has_any(&[self.kind.user_scope()])
    }

    fn has_any(&self, scopes: &[&str]) -> bool {
        self.scopes.iter().any(|scope| scopes.contains(scope))
    }
}

/// A repository; its content lies on disk.
#[derive(Clone, Default)]
pub struct Repository {
    pub project: String,
    pub public: bool,
    pub readers: BTreeSet<String>,
    pub writers: BTreeSet<String>,
}

impl Repository {
    pub fn private() -> Self {
        Self::default()
    }

    pub fn public() -> Self {
        Self {
            public: true,
            ..Self::default()
        }
    }

    pub fn in_project(mut self, key: &str) -> Self {
        key.clone_into(&mut self.project);
        self
    }

    pub fn reader(mut self, username: &str) -> Self {
        self.readers.insert(username.to_owned());
        self
    }

    pub fn writer(mut self, username: &str) -> Self {
        self.writers.insert(username.to_owned());
        self
    }
}

/// How much a 403 of the REST API tells of the scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Arrays,
    Text,
    Missing,
}

/// What a workspace can demand beyond a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    AllowedAddress,
    TwoStepVerification,
}

/// The state of the site, to be flipped while it runs.
#[derive(Clone)]
pub struct Switches {
    /// True since 2026-07-28.
    pub app_passwords_removed: bool,
    /// What the workspace demands and nobody here fulfils.
    pub demand: Option<Demand>,
    /// The status of "too many failed attempts": 429 or 403.
    pub too_many_failures: Option<u16>,
    /// What a repository without access answers: 403 or 404.
    pub no_access_status: u16,
    pub scope_headers: bool,
    pub scope_detail: Detail,
    /// Whether Git may send an OAuth token as Bearer, too, which our program never does.
    pub git_takes_bearer: bool,
    /// For connections from now on.
    pub certificate: Certificate,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            app_passwords_removed: true,
            demand: None,
            too_many_failures: None,
            no_access_status: 404,
            scope_headers: true,
            scope_detail: Detail::Arrays,
            git_takes_bearer: false,
            certificate: Certificate::Right,
        }
    }
}

/// Everything the server knows.
#[derive(Default)]
pub struct World {
    pub users: Vec<User>,
    pub credentials: Vec<Credential>,
    /// By `workspace/repository`.
    pub repositories: BTreeMap<String, Repository>,
    /// User names that belong to nobody and that this test sends on purpose.
    pub expected_names: BTreeSet<String>,
    pub switches: Switches,
    pub oauth: OAuth,
}

impl World {
    /// The static user names of Git.
    pub const STATIC_NAMES: [&'static str; 2] = ["x-token-auth", "x-bitbucket-api-token-auth"];

    pub fn credential(&self, secret: &str) -> Option<&Credential> {
        self.credentials
            .iter()
            .find(|credential| credential.secret == secret)
    }

    /// Whether a request may carry this name; any other fails the test.
    pub fn knows_name(&self, name: &str) -> bool {
        Self::STATIC_NAMES.contains(&name)
            || self.expected_names.contains(name)
            || self
                .users
                .iter()
                .any(|user| user.username == name || user.email == name)
    }

    pub fn is_account_password(&self, secret: &str) -> bool {
        self.users.iter().any(|user| user.password == secret)
    }

    pub fn email_of(&self, username: &str) -> Option<&str> {
        self.users
            .iter()
            .find(|user| user.username == username)
            .map(|user| user.email.as_str())
    }

    /// Whether the credential's owner has a right to the repository, scopes aside.
    pub fn has_access(&self, credential: &Credential, path: &str, write: bool) -> bool {
        let Some(repository) = self.repositories.get(path) else {
            return false;
        };
        let owner = &credential.owner;
        match credential.kind {
            Kind::RepositoryToken => owner == path,
            Kind::ProjectToken => *owner == repository.project,
            Kind::WorkspaceToken => path.split('/').next() == Some(owner),
            _ if write => repository.writers.contains(owner),
            _ => {
                repository.public
                    || repository.writers.contains(owner)
                    || repository.readers.contains(owner)
            }
        }
    }
}
