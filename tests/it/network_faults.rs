//! The client against servers that are wrong below HTTP: names, times, sizes, silence.

use git_credential_bitbucket::network::{
    Authorization, Client, LONGEST_BODY, Response, Settings, Trouble,
};
use git_credential_bitbucket::secret::Secret;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

const YEARS: (i32, i32) = (2000, 4000);

/// A TLS server on the loopback interface that gives every connection the same bytes.
struct Server {
    _runtime: Runtime,
    port: u16,
    settings: Settings,
    _folder: tempfile::TempDir,
}

impl Server {
    fn new(answer: impl Into<Vec<u8>>) -> Self {
        Self::with_certificate("localhost", YEARS, answer)
    }

    /// Its certificate, for this name and from one year to another, is trusted.
    fn with_certificate(name: &str, years: (i32, i32), answer: impl Into<Vec<u8>>) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        parameters.not_before = date_time_ymd(years.0, 1, 1);
        parameters.not_after = date_time_ymd(years.1, 1, 1);
        let certificate = parameters.self_signed(&key).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions of the provider")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("a certificate that fits its key");
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, certificate.pem()).expect("a file");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        runtime.spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(tls)),
            answer.into(),
        ));
        Self {
            _runtime: runtime,
            port,
            settings: Settings {
                authorities: vec![authority],
                ..Settings::default()
            },
            _folder: folder,
        }
    }

    fn client(&self, patience: Duration) -> Client {
        Client::new(&self.settings, Instant::now() + patience).expect("a client")
    }

    fn ask(&self) -> Result<Response, Trouble> {
        get(&self.client(Duration::from_secs(10)), &self.url())
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/", self.port)
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, answer: Vec<u8>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, answer) = (acceptor.clone(), answer.clone());
        tokio::spawn(async move {
            let mut stream = acceptor.accept(stream).await.ok()?;
            // One read takes the whole request; its content does not matter here.
            let read = stream.read(&mut [0; 4096]).await.ok()?;
            if read == 0 {
                return None;
            }
            stream.write_all(&answer).await.ok()?;
            stream.shutdown().await.ok()
        });
    }
}

fn get(client: &Client, url: &str) -> Result<Response, Trouble> {
    let secret = Secret::copy_of(b"secret");
    client.get(url, &[], &Authorization::Basic("alice", &secret))
}

#[test]
fn an_answer_arrives_with_its_headers() {
    let server = Server::new("HTTP/1.1 418 x\r\nX-Some: One\r\nX-Bad: \u{e9}\r\n\r\nshort");
    let answer = server.ask().unwrap();
    assert_eq!(answer.status, 418);
    assert_eq!(answer.header("x-some"), Some("One"));
    assert_eq!(answer.header("x-bad"), None, "unreadable ones are left out");
    assert_eq!(answer.body, b"short");
}

#[test]
fn certificates_are_checked_for_name_and_time() {
    let ok = "HTTP/1.1 200 OK\r\n\r\n";
    for (name, years, expected) in [
        ("localhost", YEARS, None),
        ("bitbucket.org", YEARS, Some(Trouble::WrongName)),
        ("localhost", (2000, 2001), Some(Trouble::WrongTime)),
        ("localhost", (3000, 4000), Some(Trouble::WrongTime)),
    ] {
        let server = Server::with_certificate(name, years, ok);
        assert_eq!(server.ask().err(), expected, "{name} {years:?}");
    }
    // The platform's authorities do not know this one.
    let server = Server::new(ok);
    let client = Client::new(
        &Settings::default(),
        Instant::now() + Duration::from_secs(10),
    );
    let trouble = client.and_then(|client| get(&client, &server.url())).err();
    assert_eq!(trouble, Some(Trouble::UntrustedCertificate));
}

#[test]
fn answers_without_bounds_are_cut_or_dropped() {
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(10 * LONGEST_BODY));
    assert_eq!(Server::new(long).ask().unwrap().body.len(), LONGEST_BODY);
    let line = format!("X: {}\r\n", "x".repeat(1000));
    let many = line.repeat(10_000);
    for answer in [
        format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
        format!(
            "HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n",
            "x".repeat(10_000_000)
        ),
        "HTTP/1.1 200 OK\r\nContent-Le".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_owned(),
        "SSH-2.0-OpenSSH\r\n".to_owned(),
        String::new(),
    ] {
        let start: String = answer.chars().take(60).collect();
        assert_eq!(
            Server::new(answer).ask().err(),
            Some(Trouble::Broken),
            "{start}"
        );
    }
}

#[test]
fn one_deadline_serves_all_requests() {
    let server = Server::new("HTTP/1.1 200 OK\r\n\r\n");
    let client = server.client(Duration::ZERO);
    assert_eq!(get(&client, &server.url()).err(), Some(Trouble::TimedOut));
}

#[test]
fn a_handshake_that_nobody_answers_ends() {
    // Connections wait in the backlog: nobody ever accepts one.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", silent.local_addr().unwrap().port());
    let client = Server::new("").client(Duration::from_secs(1));
    assert_eq!(get(&client, &url).err(), Some(Trouble::TimedOut));
}

#[test]
fn what_cannot_be_reached_is_named() {
    let client = Server::new("").client(Duration::from_secs(10));
    // Bound and not listening: nobody else can get this port.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = closed.local_addr().unwrap().port();
    for (url, expected) in [
        (format!("https://127.0.0.1:{port}/"), Trouble::NotConnected),
        (
            "https://no-such-host.invalid/".to_owned(),
            Trouble::NameNotFound,
        ),
        ("http://localhost/".to_owned(), Trouble::Broken),
    ] {
        assert_eq!(get(&client, &url).err(), Some(expected), "{url}");
    }
}

#[test]
fn a_proxy_that_refuses_or_talks_nonsense_is_named() {
    for answer in [
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "",
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            read
        });
        let settings = Settings {
            proxy: Some(Secret::copy_of(proxy.as_bytes())),
            ..Settings::default()
        };
        let client = Client::new(&settings, Instant::now() + Duration::from_secs(10)).unwrap();
        let trouble = get(&client, "https://bitbucket.org/").err();
        assert_eq!(trouble, Some(Trouble::ProxyRefused), "{answer}");
        assert!(thread.join().unwrap() > 0);
    }
}
