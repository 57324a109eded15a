//! The loopback Bitbucket: an HTTPS server that speaks for bitbucket.org, api.bitbucket.org
//! and the host of large objects, and refuses what they refuse. Here is the way of a request;
//! what is let in is in `rules`, what is known at all in `route`.

use super::answer::{Answer, Body};
use super::backend::{self, Backend};
use super::certificates::{Authority, HOSTS};
use super::fault::{self, Fault, Planned, Sender, Surface};
use super::lfs::{Call, Lfs};
use super::log::{Log, Request};
use super::route::{self, Route};
use super::rules;
use super::tap::{Tampering, Tap, Tapped};
use super::world::{Credential, Repository, State, User, World};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The server. It runs until its runtime ends.
pub struct Bitbucket {
    world: Mutex<World>,
    faults: Mutex<Vec<Planned>>,
    authority: Authority,
    log: Arc<Log>,
    backend: Backend,
    pub lfs: Lfs,
}

impl Bitbucket {
    /// Listens on a free port of the loopback interface and serves from then on.
    pub async fn start(
        log: Arc<Log>,
        authority: Authority,
        repositories: PathBuf,
    ) -> io::Result<(Arc<Self>, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = Arc::new(Self {
            world: Mutex::default(),
            faults: Mutex::default(),
            authority,
            log,
            backend: Backend::new(repositories),
            lfs: Lfs::default(),
        });
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().connection(stream));
            }
        });
        Ok((server, address))
    }

    /// The server's data, to look at and to change while it runs.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Plans a fault for the next `times` requests of a surface.
    pub fn fail(&self, surface: Surface, fault: Fault, times: usize) {
        self.fail_for(Sender::Anybody, surface, fault, times);
    }

    /// Plans a fault for the next `times` requests that carry a login.
    pub fn fail_logins(&self, surface: Surface, fault: Fault, times: usize) {
        self.fail_for(Sender::Login, surface, fault, times);
    }

    /// Plans a fault for the next `times` requests of this sender.
    pub fn fail_for(&self, sender: Sender, surface: Surface, fault: Fault, times: usize) {
        if times > 0 {
            self.faults().push(Planned {
                surface,
                fault,
                left: times,
                sender,
            });
        }
    }

    /// Drops every planned fault.
    pub fn recover(&self) {
        self.faults().clear();
    }

    /// The repository's folder on disk.
    pub fn directory(&self, repository: &str) -> PathBuf {
        self.backend.directory(repository)
    }

    /// The commit that a branch of the repository is at.
    pub fn commit(&self, repository: &str, branch: &str) -> String {
        let reference = format!("refs/heads/{branch}");
        backend::git(
            &self.directory(repository),
            &["rev-parse", "--verify", &reference],
        )
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let certificate = self.world().switches.certificate;
        let acceptor = TlsAcceptor::from(self.authority.configuration(certificate));
        // Whoever does not trust the certificate, or hangs up, has its reasons.
        let Ok(stream) = acceptor.accept(stream).await else {
            return;
        };
        let name = stream
            .get_ref()
            .1
            .server_name()
            .unwrap_or_default()
            .to_owned();
        let tap = Arc::new(Tap::default());
        let service = service_fn(|request| self.answer(request, &name, &tap));
        let io = TokioIo::new(Tapped::new(stream, tap.clone()));
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(io, service)
            .await;
    }

    /// The way of a request; an error closes the connection.
    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        tls_name: &str,
        tap: &Tap,
    ) -> io::Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let login = route::authorization(&head.headers);
        let seen = seen(&head, login.clone().unwrap_or_default());
        let number = self.log.request(seen.clone());
        let known = login
            .and_then(|_| self.check_names(&seen, tls_name))
            .and_then(|()| route::find(&seen, &head.headers));
        let route = match known {
            Ok(route) => route,
            Err(reason) => {
                let answer = self.unknown(&reason, &seen);
                self.log.answered(number, answer.status);
                return Ok(answer.into_response());
            }
        };
        let fault = fault::take(&mut self.faults(), route.surface(), &seen);
        let right = async {
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let answer = self.right_answer(&route, &seen, &head.headers, body).await;
            Ok::<_, io::Error>(with_realm(answer, number))
        };
        let response = match fault {
            None => right.await?.into_response(),
            Some(Fault::Held(permit)) => {
                permit.acquire().await.map_err(io::Error::other)?.forget();
                right.await?.into_response()
            }
            Some(Fault::Gzip) => fault::compressed(right.await?).into_response(),
            Some(Fault::Answer(answer)) => with_realm(answer, number).into_response(),
            Some(Fault::Redirect(to)) => Answer::text(302, "")
                .header("Location", &to)
                .into_response(),
            Some(Fault::HugeBody) => fault::huge(),
            Some(Fault::Drip) => fault::drip(),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Close) => return Err(io::Error::other("closed on purpose")),
            Some(Fault::Garbage) => {
                tap.tamper(Tampering::Spoil);
                Answer::text(200, "").into_response()
            }
            Some(Fault::SlowHead) => {
                tap.tamper(Tampering::drip());
                Answer::text(200, "").into_response()
            }
            Some(Fault::Raw(bytes)) => {
                tap.tamper(Tampering::Replace(bytes));
                Answer::text(200, "")
                    .header("Connection", "close")
                    .into_response()
            }
        };
        self.log.answered(number, response.status().as_u16());
        Ok(response)
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
            Some(login) if login.scheme == "Basic" && !self.world().knows_name(&login.user) => {
                Err(format!("unknown user name {:?}", login.user))
            }
            _ => Ok(()),
        }
    }

    /// Notes a violation.
    fn unknown(&self, reason: &str, request: &Request) -> Answer {
        self.log.violation(format!(
            "{reason}: {} https://{}{} {}",
            request.method, request.host, request.path, request.query
        ));
        Answer::text(400, "Unknown to the loopback Bitbucket.")
    }

    /// What Bitbucket would say.
    async fn right_answer(
        &self,
        route: &Route,
        request: &Request,
        headers: &HeaderMap,
        body: hyper::body::Bytes,
    ) -> Answer {
        let login = request.authorization.as_ref();
        let may = |repository: &str, write| rules::git(&self.world(), login, repository, write);
        match route {
            Route::User => rules::user(&self.world(), login),
            Route::Git { repository, write } => match may(repository, *write) {
                Ok(user) => self.backend.serve(request, headers, body, &user).await,
                Err(refusal) => refusal,
            },
            Route::Lfs {
                repository,
                endpoint,
            } => match Call::read(*endpoint, headers, &body) {
                Ok(call) => match may(repository, call.write) {
                    Ok(_) => self.lfs.serve(repository, *endpoint, &call),
                    Err(refusal) => refusal,
                },
                Err(reason) => self.unknown(&reason, request),
            },
            Route::Media(object) => self
                .lfs
                .media(object, request, body)
                .unwrap_or_else(|reason| self.unknown(&reason, request)),
        }
    }
}

/// A request as the log keeps it.
fn seen(head: &hyper::http::request::Parts, login: Option<super::log::Authorization>) -> Request {
    let header = |name| {
        head.headers
            .get(name)
            .and_then(|value: &hyper::header::HeaderValue| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    Request {
        host: header("host"),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: login,
        user_agent: header("user-agent"),
        status: 0,
    }
}

/// Realms vary; nobody may rely on them.
fn with_realm(answer: Answer, number: usize) -> Answer {
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
