//! What the loopback Data Center knows: users, tokens, repositories, failed logins, and the
//! switches of its administrator. Data only; `rules` decides over it.

use crate::rig::certificates::Certificate;
use crate::rig::log::Authorization;
use crate::rig::oauth::{Grantor, OAuth};
use crate::rig::world::{Repository, State};
use std::collections::{BTreeMap, BTreeSet};

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HTTP access token of this user.
    User(String),
    /// An HTTP access token of the project with this key.
    Project(String),
    /// An HTTP access token of this `project/repository`.
    Repository(String),
    /// An OAuth access token of this user.
    OAuth(String),
}

/// What a token may do, each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    Read,
    Write,
    Admin,
}

/// A token that the server has issued.
#[derive(Clone)]
pub struct Token {
    pub kind: Kind,
    pub secret: String,
    pub right: Right,
    pub state: State,
}

impl Token {
    pub fn of_user(secret: &str, user: &str, right: Right) -> Self {
        Self::new(secret, Kind::User(user.to_owned()), right)
    }

    pub fn of_project(secret: &str, key: &str, right: Right) -> Self {
        Self::new(secret, Kind::Project(key.to_ascii_lowercase()), right)
    }

    pub fn of_repository(secret: &str, path: &str, right: Right) -> Self {
        Self::new(secret, Kind::Repository(path.to_ascii_lowercase()), right)
    }

    pub fn oauth(secret: &str, user: &str, right: Right) -> Self {
        Self::new(secret, Kind::OAuth(user.to_owned()), right)
    }

    fn new(secret: &str, kind: Kind, right: Right) -> Self {
        Self {
            kind,
            secret: secret.to_owned(),
            right,
            state: State::Active,
        }
    }
}

/// What stands before the server and wants a person to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// 302 to its page.
    Redirecting,
    /// 200 with its page.
    Showing,
}

/// How the server is out of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// 503.
    Unavailable,
    /// 200 with a page for people.
    Page,
}

/// How Git is told that it may not push: by a status, or by a line in a 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBand {
    Yes,
    No,
}

/// On which answers `X-AUSERNAME` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserHeader {
    WhoHasSignedIn,
    /// On all: whoever is not signed in is `anonymous`.
    Everybody,
    /// On none, since something on the way takes it off.
    TakenOff,
}

/// A bucket of requests for each user, which nothing refills but the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many it lets through: 60 is the documentation's example.
    pub size: u32,
    /// Of the 429, in seconds.
    pub retry_after: Option<u32>,
}

/// The state of the site, to be flipped while it runs.
#[derive(Clone, Debug)]
pub struct Switches {
    /// "Allow basic authentication on API calls"; a fresh 10.x has it off.
    pub basic: bool,
    /// Whether a project's or a repository's token passes by Basic as `x-token-auth`.
    pub token_name: bool,
    /// Whether five failed logins of a user demand a CAPTCHA.
    pub captcha: bool,
    /// What REST answers then: 401 or 403.
    pub captcha_status: u16,
    pub limit: Option<Limit>,
    /// Set: pushes are refused, in this way.
    pub licence_expired: Option<InBand>,
    pub gateway: Option<Gateway>,
    pub outage: Option<Outage>,
    /// What `application-properties` answers to a Bearer that is nobody's: 200, as to anybody,
    /// or 401.
    pub bad_bearer_status: u16,
    pub user_header: UserHeader,
    /// Of `application-properties`.
    pub version: &'static str,
    /// For connections from now on.
    pub certificate: Certificate,
}

impl Switches {
    /// Whether a page for people answers, with a 200, whatever is asked.
    pub fn shows_page(&self) -> bool {
        self.gateway == Some(Gateway::Showing) || self.outage == Some(Outage::Page)
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            basic: true,
            token_name: true,
            captcha: true,
            captcha_status: 401,
            limit: None,
            licence_expired: None,
            gateway: None,
            outage: None,
            bad_bearer_status: 200,
            user_header: UserHeader::WhoHasSignedIn,
            version: "9.4.0",
            certificate: Certificate::Right,
        }
    }
}

/// A login that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Whose it counts as; a secret that is nobody's counts as nobody's.
    pub user: Option<String>,
    pub secret: String,
}

/// Everything the server knows.
pub struct World {
    /// Name and password.
    pub users: Vec<(String, String)>,
    pub tokens: Vec<Token>,
    /// By `project/repository`, in lower case.
    pub repositories: BTreeMap<String, Repository>,
    /// User names that belong to nobody and that this test sends on purpose.
    pub expected_names: BTreeSet<String>,
    pub switches: Switches,
    /// Every login that failed, in order.
    pub failed: Vec<Failed>,
    /// Failed logins of a user since the last CAPTCHA was solved.
    pub(super) strikes: BTreeMap<String, u32>,
    /// What is gone of each user's bucket.
    pub spent: BTreeMap<String, u32>,
    /// Its incoming links.
    pub oauth: OAuth,
}

impl Default for World {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            tokens: Vec::new(),
            repositories: BTreeMap::new(),
            expected_names: BTreeSet::new(),
            switches: Switches::default(),
            failed: Vec::new(),
            strikes: BTreeMap::new(),
            spent: BTreeMap::new(),
            oauth: OAuth::of_data_center(),
        }
    }
}

impl Grantor for World {
    fn oauth(&mut self) -> &mut OAuth {
        &mut self.oauth
    }

    fn issue(&mut self, access: &str, user: &str, scopes: &[&'static str]) {
        let right = if scopes.contains(&"REPO_WRITE") {
            Right::Write
        } else {
            Right::Read
        };
        self.tokens.push(Token::oauth(access, user, right));
    }

    fn end(&mut self, tokens: &[String]) {
        for token in &mut self.tokens {
            if tokens.contains(&token.secret) {
                token.state = State::Revoked;
            }
        }
    }
}

/// Who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// As in `X-AUSERNAME`, not encoded.
    pub name: String,
    pub kind: Kind,
    pub right: Right,
}

impl World {
    /// After so many failed logins the next one meets a CAPTCHA.
    pub const STRIKES: u32 = 5;

    /// The name of a project's or a repository's token, by Basic.
    pub const TOKEN_NAME: &'static str = "x-token-auth";
    /// The name of an OAuth token, by Basic.
    pub const OAUTH_NAME: &'static str = "OAUTH_USERNAME";

    pub fn token(&self, secret: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.secret == secret)
    }

    /// Whether a request may carry this name; any other fails the test.
    pub fn knows_name(&self, name: &str) -> bool {
        [Self::TOKEN_NAME, Self::OAUTH_NAME].contains(&name)
            || self.expected_names.contains(name)
            || self.is_user(name)
    }

    fn is_user(&self, name: &str) -> bool {
        self.users.iter().any(|(user, _)| user == name)
    }

    /// As whom a login counts where it fails: by the name, else by the token's owner.
    pub fn user_of(&self, login: &Authorization) -> Option<String> {
        if self.is_user(&login.user) {
            return Some(login.user.clone());
        }
        match &self.token(&login.secret)?.kind {
            Kind::User(user) | Kind::OAuth(user) => Some(user.clone()),
            Kind::Project(_) | Kind::Repository(_) => None,
        }
    }

    /// Notes a failed login.
    pub fn note_failed(&mut self, login: &Authorization) {
        let user = self.user_of(login);
        if let Some(user) = &user {
            *self.strikes.entry(user.clone()).or_default() += 1;
        }
        self.failed.push(Failed {
            user,
            secret: login.secret.clone(),
        });
    }

    pub fn must_solve_captcha(&self, login: &Authorization) -> bool {
        let user = self.user_of(login).filter(|_| self.switches.captcha);
        user.and_then(|user| self.strikes.get(&user))
            .is_some_and(|strikes| *strikes >= Self::STRIKES)
    }

    /// Whom a login is, if it is right.
    pub fn principal(&self, login: &Authorization) -> Option<Principal> {
        let basic = login.scheme == "Basic";
        let is_user = |(name, password): &&(String, String)| {
            basic && *name == login.user && *password == login.secret
        };
        if let Some((name, _)) = self.users.iter().find(is_user) {
            return Some(Principal {
                name: name.clone(),
                kind: Kind::User(name.clone()),
                right: Right::Admin,
            });
        }
        let token = self.token(&login.secret)?;
        let by_name = match &token.kind {
            Kind::User(user) => login.user == *user,
            Kind::Project(_) | Kind::Repository(_) => {
                self.switches.token_name && login.user == Self::TOKEN_NAME
            }
            Kind::OAuth(_) => login.user == Self::OAUTH_NAME,
        };
        if token.state != State::Active || (basic && !by_name) {
            return None;
        }
        Some(Principal {
            name: self.name_of(token),
            kind: token.kind.clone(),
            right: token.right,
        })
    }

    /// A service user's name has the number of what it serves.
    fn name_of(&self, token: &Token) -> String {
        match &token.kind {
            Kind::User(user) | Kind::OAuth(user) => user.clone(),
            Kind::Project(key) => {
                let mut keys: Vec<_> = self.repositories.keys().map(|path| project(path)).collect();
                keys.dedup();
                let number = keys.iter().position(|found| found == key);
                format!("access-token-user/1/{}", 41 + number.unwrap_or(0))
            }
            Kind::Repository(path) => {
                let number = self.repositories.keys().position(|found| found == path);
                format!("access-token-user/2/{}", 11754 + number.unwrap_or(0))
            }
        }
    }

    /// Whether there is a repository there that somebody may read, or write.
    pub fn has_access(&self, whose: Option<&Principal>, path: &str, write: bool) -> bool {
        let Some(repository) = self.repositories.get(path) else {
            return false;
        };
        let Some(principal) = whose else {
            return repository.public && !write;
        };
        let enough = !write || principal.right >= Right::Write;
        enough
            && match &principal.kind {
                Kind::Project(key) => project(path) == key,
                Kind::Repository(own) => own == path,
                Kind::User(user) | Kind::OAuth(user) => {
                    repository.writers.contains(user)
                        || (!write && (repository.public || repository.readers.contains(user)))
                }
            }
    }
}

fn project(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}
