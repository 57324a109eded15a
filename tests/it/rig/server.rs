//! A server that plays a Bitbucket: it listens, speaks TLS or not, lets a test's faults meet
//! requests, has real repositories and large objects, and notes whatever its site does not know.
//! Which addresses there are and who is let in says the site: `bitbucket`, `data_center`.

use super::answer::{Answer, Body};
use super::backend::{self, Backend};
use super::certificates::{Certificate, Certificates};
use super::fault::{self, Fault, Planned, Sender, Surface};
use super::lfs::{Call, Lfs};
use super::log::{Authorization, Log, Request};
use super::route::{self, OwnPage, Route};
use super::tap::{Tampering, Tap, Tapped};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What one Bitbucket has of its own.
pub trait Site: Send + Sync + 'static {
    /// An address beside repositories and large objects.
    type Page: OwnPage;

    /// What a request is for; `Err` says what nobody asks such a site. The name is TLS's.
    fn find(
        &self,
        request: &Request,
        headers: &HeaderMap,
        tls_name: Option<&str>,
    ) -> Result<Route<Self::Page>, String>;

    /// Answers at an address of its own; `Err` says why nobody asks so.
    fn page(
        &self,
        page: &Self::Page,
        request: &Request,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Answer, String>;

    /// Decides over a request for a repository: the name of whoever is let in, or the refusal.
    fn admit(
        &self,
        request: &Request,
        surface: Surface,
        repository: &str,
        write: bool,
    ) -> Result<String, Answer>;

    /// Where the large objects lie; `workspace/repository/oid` comes after it.
    fn objects(&self) -> String;

    /// Puts on what every answer has: the right ones, the refusals and a test's own.
    fn dress(&self, answer: Answer, surface: Surface, request: &Request, number: usize) -> Answer;

    /// What it presents from now on.
    fn certificate(&self) -> Certificate;
}

/// The server. It runs until its runtime ends.
pub struct Server<S> {
    pub site: S,
    pub lfs: Arc<Lfs>,
    pub(super) backend: Backend,
    faults: Mutex<Vec<Planned>>,
    /// `None`: it speaks plain HTTP.
    certificates: Option<Certificates>,
    log: Arc<Log>,
}

impl<S: Site> Server<S> {
    /// Listens on a free port of the loopback interface and serves from then on.
    pub async fn start(
        site: S,
        log: Arc<Log>,
        certificates: Option<Certificates>,
        backend: Backend,
        lfs: Arc<Lfs>,
    ) -> io::Result<(Arc<Self>, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = Arc::new(Self {
            site,
            lfs,
            backend,
            faults: Mutex::default(),
            certificates,
            log,
        });
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().connection(stream));
            }
        });
        Ok((server, address))
    }

    fn faults(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Some(certificates) = &self.certificates else {
            return self.serve(stream, None).await;
        };
        let configuration = certificates.configuration(self.site.certificate());
        // Whoever does not trust the certificate, or hangs up, has its reasons.
        let Ok(stream) = TlsAcceptor::from(configuration).accept(stream).await else {
            return;
        };
        let name = stream.get_ref().1.server_name();
        let name = name.unwrap_or_default().to_owned();
        self.serve(stream, Some(&name)).await;
    }

    async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send,
        tls_name: Option<&str>,
    ) {
        let tap = Arc::new(Tap::default());
        let service = service_fn(|request| self.answer(request, tls_name, &tap));
        let io = TokioIo::new(Tapped::new(stream, tap.clone()));
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(io, service)
            .await;
    }

    /// The way of a request; an error closes the connection.
    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        tls_name: Option<&str>,
        tap: &Tap,
    ) -> io::Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let login = route::authorization(&head.headers);
        let seen = seen(&head, login.clone().unwrap_or_default());
        let number = self.log.request(seen.clone());
        let known = login.and_then(|_| self.site.find(&seen, &head.headers, tls_name));
        let route = match known {
            Ok(route) => route,
            Err(reason) => {
                let answer = self.unknown(&reason, &seen);
                self.log.answered(number, answer.status);
                return Ok(answer.into_response());
            }
        };
        let surface = route.surface();
        let dress = |answer| self.site.dress(answer, surface, &seen, number);
        let fault = fault::take(&mut self.faults(), surface, &seen);
        let right = async {
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let answer = self.right_answer(&route, &seen, &head.headers, body).await;
            Ok::<_, io::Error>(dress(answer))
        };
        let response = match fault {
            None => right.await?.into_response(),
            Some(Fault::Held(permit)) => {
                permit.acquire().await.map_err(io::Error::other)?.forget();
                right.await?.into_response()
            }
            Some(Fault::Gzip) => fault::compressed(right.await?).into_response(),
            Some(Fault::Answer(answer)) => dress(answer).into_response(),
            Some(Fault::Redirect(to)) => Answer::text(302, "")
                .header("Location", &to)
                .into_response(),
            Some(Fault::HugeBody) => fault::huge(),
            Some(Fault::Drip) => fault::drip(),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Close) => return Err(io::Error::other("closed on purpose")),
            Some(Fault::CloseWhenDone) => {
                let _ = right.await?;
                return Err(io::Error::other("closed on purpose"));
            }
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

    /// Notes a violation.
    fn unknown(&self, reason: &str, request: &Request) -> Answer {
        let scheme = self.certificates.as_ref().map_or("http", |_| "https");
        self.log.violation(format!(
            "{reason}: {} {scheme}://{}{} {}",
            request.method, request.host, request.path, request.query
        ));
        Answer::text(400, "Unknown to the loopback Bitbucket.")
    }

    /// What Bitbucket would say.
    async fn right_answer(
        &self,
        route: &Route<S::Page>,
        request: &Request,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Answer {
        let admit = |repository: &str, write| {
            let surface = route.surface();
            self.site.admit(request, surface, repository, write)
        };
        let or_unknown = |answer: Result<Answer, String>| {
            answer.unwrap_or_else(|reason| self.unknown(&reason, request))
        };
        match route {
            Route::Page(page) => or_unknown(self.site.page(page, request, headers, &body)),
            Route::Git { repository, write } => match admit(repository, *write) {
                Ok(user) => {
                    let repository = (&**repository, &*user);
                    self.backend.serve(request, headers, body, repository).await
                }
                Err(refusal) => refusal,
            },
            Route::Lfs {
                repository,
                endpoint,
            } => match Call::read(*endpoint, headers, &body) {
                Ok(call) => match admit(repository, call.write) {
                    Ok(_) => {
                        let objects = self.site.objects();
                        self.lfs.serve(&objects, repository, *endpoint, &call)
                    }
                    Err(refusal) => refusal,
                },
                Err(reason) => self.unknown(&reason, request),
            },
            Route::Media(object) => or_unknown(self.lfs.media(object, request, body)),
        }
    }
}

/// A request as the log keeps it.
fn seen(head: &hyper::http::request::Parts, login: Option<Authorization>) -> Request {
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
