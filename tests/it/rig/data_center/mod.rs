//! The loopback Data Center: a Bitbucket at a company's own address, at any port and below any
//! path, with mirrors, and with what its administrators switch. What is let in is in `rules`,
//! what is known at all in `route`, the words in `answer`; how a request is served is in
//! `rig::server`, which Bitbucket Cloud shares.
//!
//! A test uses:
//!
//! ```text
//! let (rig, server, token) = Rig::with_data_center("https://git.acme.example/bitbucket");
//! let server = rig.start_data_center("https://git.acme.example:8443");  // no user, nothing in it
//! let plain  = rig.start_data_center("http://git.acme.example:7990");   // without TLS
//! let mirror = rig.start_mirror(&server, "https://mirror.acme.example");
//!
//! server.url()                             the base: scheme, host, port, path
//! server.remote("acme/widgets")            {base}/scm/acme/widgets.git
//! server.references("acme/widgets", true)  what a push asks first
//! server.rest("application-properties")    {base}/rest/api/latest/application-properties
//! server.add_user("jdoe", "her password"), add_repository(path, Repository), expect_name(name)
//! server.issue(Token::of_user(&secret, "jdoe", Right::Write))     of_project, of_repository, oauth
//! server.set_state(&secret, State::Expired), revoke(&secret)
//! server.world().switches                  Basic off, CAPTCHA, rate limit, licence, ...
//! server.failed_logins(&secret)            how often this secret was a failed login
//! server.failed_logins_in_all()            the same of any secret
//! server.demand_captcha("jdoe"), solve_captcha("jdoe")
//! server.commit("acme/widgets", "main"), directory(path), lfs.contents()
//! server.fail(Surface, Fault, times), fail_logins, fail_for, recover     as of Bitbucket Cloud
//! ```
//!
//! `rig.requests()`, `rig.connects()` and the violations are those of all servers together; a
//! request's `host` has the port, unless it is the scheme's own.

pub mod answer;
mod route;
mod rules;
pub mod world;

pub use world::{Gateway, InBand, Kind, Right, Token, World};

use super::answer::Answer;
use super::backend::Backend;
use super::certificates::Certificate;
use super::fault::Surface;
use super::log::Request;
use super::oauth;
use super::route::Route;
use super::server::{Server, Site};
use super::world::{Repository, State};
use super::{Rig, tokens};
use hyper::HeaderMap;
use hyper::body::Bytes;
use route::Page;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// The server that plays a Bitbucket Data Center.
pub type DataCenter = Server<Instance>;

/// What one address of a Data Center has of its own.
pub struct Instance {
    /// The base, without a slash at its end.
    url: String,
    /// As in the header `Host`.
    authority: String,
    /// Empty, or from a slash on.
    path: String,
    is_mirror: bool,
    /// A mirror's is that of its primary.
    world: Arc<Mutex<World>>,
}

impl Instance {
    fn new(url: &Url, is_mirror: bool, world: Arc<Mutex<World>>) -> Self {
        let host = url.host_str().expect("an address with a host");
        Self {
            url: url.as_str().trim_end_matches('/').to_owned(),
            authority: url
                .port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            path: url.path().trim_end_matches('/').to_owned(),
            is_mirror,
            world,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for Instance {
    type Page = Page;

    fn find(
        &self,
        request: &Request,
        headers: &HeaderMap,
        tls_name: Option<&str>,
    ) -> Result<Route<Page>, String> {
        let host = &request.host;
        let name = host.split(':').next();
        if *host != self.authority || (tls_name.is_some() && tls_name != name) {
            return Err(format!("unknown host {host} under TLS {tls_name:?}"));
        }
        match &request.authorization {
            Some(login) if login.scheme == "Basic" && !self.world().knows_name(&login.user) => {
                return Err(format!("unknown user name {:?}", login.user));
            }
            _ => {}
        }
        let shows_page = self.world().switches.shows_page();
        let route = route::find(&self.path, request, shows_page)?;
        // What is passed on by a proxy without a tunnel bears a word for the proxy.
        let more: &[&str] = match tls_name {
            None => &["proxy-connection"],
            Some(_) => &[],
        };
        // A browser may send whatever it likes.
        if route != Route::Page(Page::Authorize) {
            super::route::check_headers(route.surface(), headers, more)?;
        }
        Ok(route)
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
            Page::Authorize => oauth::authorize(&mut *world, request),
            Page::Tokens => oauth::token(&mut *world, login, headers, body),
            page => Ok(rules::page(&mut world, page, request, self)),
        }
    }

    fn admit(
        &self,
        request: &Request,
        surface: Surface,
        repository: &str,
        write: bool,
    ) -> Result<String, Answer> {
        let asked = rules::Asked {
            request,
            surface,
            repository,
            write,
        };
        rules::repository(&mut self.world(), &asked, self)
    }

    fn objects(&self) -> String {
        format!("{}/rest/git-lfs/storage", self.url)
    }

    fn dress(&self, answer: Answer, surface: Surface, request: &Request, number: usize) -> Answer {
        let world = self.world();
        // A gateway's answers are not Bitbucket's.
        if world.switches.gateway.is_some() {
            return answer;
        }
        answer::dress(answer, surface, request, number, &world)
    }

    fn certificate(&self) -> Certificate {
        self.world().switches.certificate
    }
}

impl Server<Instance> {
    /// The server's data, to look at and to change while it runs.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.site.world()
    }

    /// The base: scheme, host, port and path, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.site.url
    }

    /// The address to clone from.
    pub fn remote(&self, repository: &str) -> String {
        format!("{}/scm/{repository}.git", self.url())
    }

    /// The address that a fetch (or, with `write`, a push) asks first.
    pub fn references(&self, repository: &str, write: bool) -> String {
        let service = if write { "receive" } else { "upload" };
        let remote = self.remote(repository);
        format!("{remote}/info/refs?service=git-{service}-pack")
    }

    /// An address of the REST API.
    pub fn rest(&self, resource: &str) -> String {
        format!("{}/rest/api/latest/{resource}", self.url())
    }

    /// Adds a user, who may not do anything yet. The password works by Basic.
    pub fn add_user(&self, name: &str, password: &str) {
        self.world()
            .users
            .push((name.to_owned(), password.to_owned()));
    }

    /// Adds `project/repository`, with one commit on `main`. Both names are in lower case;
    /// requests may come in any.
    pub fn add_repository(&self, path: &str, repository: Repository) {
        assert_eq!(path, path.to_ascii_lowercase(), "the case of a repository");
        self.backend.create(path);
        self.world()
            .repositories
            .insert(path.to_owned(), repository);
    }

    /// Issues a token.
    pub fn issue(&self, token: Token) {
        self.world().tokens.push(token);
    }

    /// # Panics
    /// If no such token was issued.
    pub fn set_state(&self, secret: &str, state: State) {
        let mut world = self.world();
        let token = world.tokens.iter_mut().find(|token| token.secret == secret);
        token.expect("an issued token").state = state;
    }

    pub fn revoke(&self, secret: &str) {
        self.set_state(secret, State::Revoked);
    }

    /// Allows requests with a user name that belongs to nobody.
    pub fn expect_name(&self, name: &str) {
        self.world().expected_names.insert(name.to_owned());
    }

    /// How many logins with this secret have failed, under whatever name and scheme.
    pub fn failed_logins(&self, secret: &str) -> usize {
        let world = self.world();
        let failed = world.failed.iter();
        failed.filter(|failed| failed.secret == secret).count()
    }

    /// How many logins have failed.
    pub fn failed_logins_in_all(&self) -> usize {
        self.world().failed.len()
    }

    /// As after five failed logins: whoever signs in as this user has to solve a CAPTCHA.
    pub fn demand_captcha(&self, user: &str) {
        let strikes = &mut self.world().strikes;
        strikes.insert(user.to_owned(), World::STRIKES);
    }

    /// The user has signed in by browser.
    pub fn solve_captcha(&self, user: &str) {
        self.world().strikes.remove(user);
    }
}

impl Rig {
    /// Starts a Data Center without users or repositories at this base, which the proxy leads to
    /// from now on: `https://git.acme.example/bitbucket`, or with a port, or `http:`.
    pub fn start_data_center(&self, url: &str) -> Arc<DataCenter> {
        let name = url.replace(['/', ':'], "_");
        let backend = Backend::new(self.repositories.path().join(name));
        let site = (false, Arc::default());
        self.start_instance(url, site, backend, Arc::default())
    }

    /// Starts a mirror: what it has is that of its primary.
    pub fn start_mirror(&self, primary: &DataCenter, url: &str) -> Arc<DataCenter> {
        let site = (true, primary.site.world.clone());
        self.start_instance(url, site, primary.backend.clone(), primary.lfs.clone())
    }

    fn start_instance(
        &self,
        url: &str,
        (is_mirror, world): (bool, Arc<Mutex<World>>),
        backend: Backend,
        lfs: Arc<super::lfs::Lfs>,
    ) -> Arc<DataCenter> {
        let url = Url::parse(url).expect("an address");
        let host = url.host_str().expect("an address with a host");
        let secure = url.scheme() == "https";
        let certificates = secure.then(|| self.authority.certificates(&[host]));
        let site = Instance::new(&url, is_mirror, world);
        let starting = Server::start(site, self.log.clone(), certificates, backend, lfs);
        let (server, address) = self.runtime().block_on(starting).expect("a free port");
        let scheme = if secure { "" } else { "http://" };
        let port = url.port_or_known_default().expect("a port");
        self.proxy.lead(&format!("{scheme}{host}:{port}"), address);
        server
    }

    /// The usual scene of a Data Center: the user `jdoe`, her private repository `acme/widgets`,
    /// and a token of hers that may push, which is returned.
    pub fn with_data_center(url: &str) -> (Self, Arc<DataCenter>, String) {
        let rig = Self::new();
        let server = rig.start_data_center(url);
        let token = tokens::data_center_token(1);
        server.add_user("jdoe", "correct horse");
        server.add_repository("acme/widgets", Repository::private().writer("jdoe"));
        server.issue(Token::of_user(&token, "jdoe", Right::Write));
        (rig, server, token)
    }
}
