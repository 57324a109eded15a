//! The way to the servers: a proxy that knows only their names, and by CONNECT or, where one
//! speaks plain HTTP, by passing requests on. Whoever asks it for anything else fails the test.

use super::log::Log;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The proxy. It can go down and come back on the same port.
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    log: Arc<Log>,
    /// Where each server listens: by `host:port`, and by `http://host:port` those without TLS.
    servers: Mutex<BTreeMap<String, SocketAddr>>,
    mood: Mutex<Mood>,
}

/// How the proxy treats a connection to a name it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Serving,
    /// It wants this Basic login, `user:password` (407).
    DemandingLogin(String),
    /// It answers with this status instead of connecting.
    Refusing(u16),
    /// It says nothing.
    Silent,
}

impl Proxy {
    pub async fn start(log: Arc<Log>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let shared = Arc::new(Shared {
            log,
            servers: Mutex::default(),
            mood: Mutex::default(),
        });
        Ok(Self {
            address: listener.local_addr()?,
            listening: Some(tokio::spawn(shared.clone().listen(listener))),
            shared,
        })
    }

    /// `http://127.0.0.1:<port>`, as for `http.proxy`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a server known: `host:port`, or `http://host:port` of one without TLS.
    pub fn lead(&self, target: &str, server: SocketAddr) {
        let known = self.shared.servers().insert(target.to_owned(), server);
        assert!(known.is_none(), "two servers at {target}");
    }

    /// For connections from now on.
    pub fn set_mood(&self, mood: Mood) {
        *self.shared.mood() = mood;
    }

    /// Stops listening: new connections are refused.
    pub async fn go_down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // The port is closed only once the task is gone; being aborted is no error.
            let _ = listening.await;
        }
    }

    /// Listens again on the same port.
    pub async fn come_back(&mut self) -> io::Result<()> {
        if self.listening.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            self.listening = Some(tokio::spawn(self.shared.clone().listen(listener)));
        }
        Ok(())
    }
}

impl Shared {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let this = self.clone();
            // A client that hangs up ends its own tunnel and nothing else.
            tokio::spawn(async move { this.tunnel(stream).await.ok() });
        }
    }

    async fn tunnel(&self, mut client: TcpStream) -> io::Result<()> {
        let head = read_head(&mut client).await?;
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next(), words.next().unwrap_or_default());
        let plain = plain_target(target);
        let key = plain.as_deref().unwrap_or(target);
        let server = self.servers().get(key).copied();
        let Some(server) = server.filter(|_| plain.is_some() != (method == Some("CONNECT"))) else {
            self.log.connect(target);
            self.log
                .violation(format!("the proxy was asked for {method:?} {target}"));
            return refuse(&mut client, "403 Forbidden", "").await;
        };
        self.log.connect(key.trim_start_matches("http://"));
        let mood = self.mood().clone();
        match mood {
            Mood::Serving => {}
            Mood::DemandingLogin(login) if has_login(&head, &login) => {}
            Mood::DemandingLogin(_) => {
                let demand = "Proxy-Authenticate: Basic realm=\"proxy\"\r\n";
                return refuse(&mut client, "407 Proxy Authentication Required", demand).await;
            }
            Mood::Refusing(status) => {
                return refuse(&mut client, &format!("{status} Refused"), "").await;
            }
            Mood::Silent => std::future::pending().await,
        }
        let mut server = TcpStream::connect(server).await?;
        if plain.is_some() {
            server.write_all(head.as_bytes()).await?;
        } else {
            let answer = b"HTTP/1.1 200 Connection established\r\n\r\n";
            client.write_all(answer).await?;
        }
        copy_bidirectional(&mut client, &mut server).await?;
        Ok(())
    }

    fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn servers(&self) -> MutexGuard<'_, BTreeMap<String, SocketAddr>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `http://host:port` of an address that shall be passed on; `None` of a CONNECT's.
fn plain_target(target: &str) -> Option<String> {
    let authority = target.strip_prefix("http://")?.split('/').next()?;
    let port = if authority.contains(':') { "" } else { ":80" };
    Some(format!("http://{authority}{port}"))
}

fn has_login(head: &str, login: &str) -> bool {
    let expected = format!("Basic {}", BASE64_STANDARD.encode(login));
    head.lines().any(|line| {
        line.split_once(": ").is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value == expected
        })
    })
}

/// Reads up to the empty line, at most 64 KiB.
async fn read_head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 65536 {
        head.push(client.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn refuse(client: &mut TcpStream, status: &str, header: &str) -> io::Result<()> {
    let answer =
        format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n");
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}
