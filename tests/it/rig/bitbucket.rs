//! The loopback Bitbucket Cloud: it speaks for bitbucket.org, api.bitbucket.org and the host of
//! large objects, and refuses what they refuse. What is let in is in `rules`, what is known at
//! all in `route`; how a request is served is in `server`.

use super::answer::Answer;
use super::backend::Backend;
use super::certificates::{Authority, Certificate};
use super::fault::Surface;
use super::lfs::MEDIA_HOST;
use super::log::{Authorization, Log, Request};
use super::oauth;
use super::proxy::Proxy;
use super::route::{self, OAUTH, OwnPage, Route};
use super::rules;
use super::server::{Server, Site};
use super::world::{Credential, Repository, State, User, World};
use hyper::HeaderMap;
use hyper::body::Bytes;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The names it speaks for.
pub const HOSTS: [&str; 3] = ["bitbucket.org", "api.bitbucket.org", MEDIA_HOST];

/// The server that plays Bitbucket Cloud.
pub type Bitbucket = Server<Cloud>;

/// What Bitbucket Cloud has of its own.
#[derive(Default)]
pub struct Cloud {
    world: Mutex<World>,
}

impl Cloud {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host is a known one and the same in TLS and HTTP; the user is known.
    fn check_names(&self, request: &Request, tls_name: &str) -> Result<(), String> {
        if !HOSTS.contains(&&*request.host) || request.host != tls_name {
            return Err(format!(
                "unknown host {} under TLS {tls_name}",
                request.host
            ));
        }
        match &request.authorization {
            Some(login) if login.scheme == "Basic" && !self.knows_name(login, &request.path) => {
                Err(format!("unknown user name {:?}", login.user))
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody may call themselves so there: a client of OAuth at its pages only.
    fn knows_name(&self, login: &Authorization, path: &str) -> bool {
        let world = self.world();
        world.knows_name(&login.user)
            || (path.starts_with(OAUTH) && world.oauth.client(&login.user).is_some())
    }
}

/// An address beside repositories and large objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `GET https://api.bitbucket.org/2.0/user`
    User,
    /// `GET https://bitbucket.org/site/oauth2/authorize`
    Authorize,
    /// `POST https://bitbucket.org/site/oauth2/access_token`
    Token,
    /// `POST https://bitbucket.org/site/oauth2/revoke`
    Revoke,
}

impl OwnPage for Page {
    fn surface(&self) -> Surface {
        match self {
            Self::User => Surface::Rest,
            Self::Authorize | Self::Token | Self::Revoke => Surface::OAuth,
        }
    }
}

impl Site for Cloud {
    type Page = Page;

    fn find(
        &self,
        request: &Request,
        headers: &HeaderMap,
        tls_name: Option<&str>,
    ) -> Result<Route<Page>, String> {
        self.check_names(request, tls_name.unwrap_or_default())?;
        route::find(request, headers)
    }

    fn page(
        &self,
        page: &Page,
        request: &Request,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Answer, String> {
        let mut world = self.world();
        let login = request.authorization.as_ref();
        match page {
            Page::User => Ok(rules::user(&world, login)),
            Page::Authorize => oauth::authorize(&mut *world, request),
            Page::Token => oauth::token(&mut *world, login, headers, body),
            Page::Revoke => oauth::revoke(&mut *world, login, body),
        }
    }

    fn admit(
        &self,
        request: &Request,
        _: Surface,
        repository: &str,
        write: bool,
    ) -> Result<String, Answer> {
        let login = request.authorization.as_ref();
        rules::git(&self.world(), login, repository, write)
    }

    fn objects(&self) -> String {
        format!("https://{MEDIA_HOST}")
    }

    /// Realms vary; nobody may rely on them.
    fn dress(&self, answer: Answer, _: Surface, _: &Request, number: usize) -> Answer {
        match (answer.status, number % 2) {
            (401, 0) => answer.header("WWW-Authenticate", "Basic realm=\"Bitbucket.org HTTP\""),
            (401, _) => answer
                .header("WWW-Authenticate", "Basic realm=\"Atlassian\"")
                .header(
                    "WWW-Authenticate",
                    "BitbucketCustom realm=\"Bitbucket.org HTTP\"",
                ),
            _ => answer,
        }
    }

    fn certificate(&self) -> Certificate {
        self.world().switches.certificate
    }
}

/// Starts the server and a proxy that leads to it by its names.
pub async fn start(
    log: &Arc<Log>,
    authority: &Authority,
    repositories: PathBuf,
) -> io::Result<(Arc<Bitbucket>, Proxy)> {
    let proxy = Proxy::start(log.clone()).await?;
    let (bitbucket, address) = Server::start(
        Cloud::default(),
        log.clone(),
        Some(authority.certificates(&HOSTS)),
        Backend::new(repositories),
        Arc::default(),
    )
    .await?;
    for host in HOSTS {
        proxy.lead(&format!("{host}:443"), address);
    }
    Ok((bitbucket, proxy))
}

impl Server<Cloud> {
    /// The server's data, to look at and to change while it runs.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.site.world()
    }

    /// Adds an account.
    pub fn add_user(&self, username: &str, email: &str, password: &str) {
        self.world().users.push(User {
            username: username.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
        });
    }

    /// Adds `workspace/repository`, with one commit on `main`.
    pub fn add_repository(&self, path: &str, repository: Repository) {
        self.backend.create(path);
        self.world()
            .repositories
            .insert(path.to_owned(), repository);
    }

    /// Issues a credential.
    pub fn issue(&self, credential: Credential) {
        self.world().credentials.push(credential);
    }

    /// # Panics
    /// If no such credential was issued.
    pub fn set_state(&self, secret: &str, state: State) {
        let mut world = self.world();
        let credential = world
            .credentials
            .iter_mut()
            .find(|credential| credential.secret == secret);
        credential.expect("an issued credential").state = state;
    }

    pub fn revoke(&self, secret: &str) {
        self.set_state(secret, State::Revoked);
    }

    /// Allows requests with a user name that belongs to nobody.
    pub fn expect_name(&self, name: &str) {
        self.world().expected_names.insert(name.to_owned());
    }
}
