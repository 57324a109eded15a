//! Waits on this machine for the browser to come back. Each connection is heard in a thread of
//! its own, so that one that says nothing keeps nobody waiting; what is not the browser that we
//! sent is told that there is nothing, and the wait goes on.

use super::page::{NOT_FOUND, Page};
use crate::bitbucket::oauth::{Attempt, Callback};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The longest head of a request that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections are heard at once; a browser opens a few ahead of need.
const MOST: usize = 32;

/// A socket at the loopback address.
pub struct Listener {
    socket: TcpListener,
    port: u16,
    /// Each thread holds one clone, so that they can be counted.
    heard: Arc<()>,
    sender: Sender<Arrival>,
    receiver: Receiver<Arrival>,
}

/// The browser, which waits for its page.
pub struct Arrival {
    /// What it brought.
    pub callback: Callback,
    stream: TcpStream,
}

impl Listener {
    /// Listens at this port, 0 for any that is free, and at no other address than 127.0.0.1.
    pub fn begin(port: u16) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        let (sender, receiver) = channel();
        Ok(Self {
            socket,
            port,
            heard: Arc::new(()),
            sender,
            receiver,
        })
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The browser, if it has come back by now. Never waits.
    pub fn look(&self, attempt: &Arc<Attempt>) -> Option<Arrival> {
        while Arc::strong_count(&self.heard) <= MOST {
            let Ok((stream, _)) = self.socket.accept() else {
                break;
            };
            let (attempt, sender) = (attempt.clone(), self.sender.clone());
            let one = self.heard.clone();
            thread::spawn(move || {
                // Whoever hangs up has its reasons.
                let _ = hear(stream, &attempt, &sender);
                drop(one);
            });
        }
        self.receiver.try_recv().ok()
    }
}

fn hear(mut stream: TcpStream, attempt: &Attempt, sender: &Sender<Arrival>) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(&mut stream)?;
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match Callback::of_request(line, attempt) {
        // Nobody waits any more once another one has arrived.
        Some(callback) => drop(sender.send(Arrival { callback, stream })),
        None => stream.write_all(NOT_FOUND.as_bytes())?,
    }
    Ok(())
}

/// Everything up to the empty line that ends a head.
fn read_head(stream: &mut TcpStream) -> io::Result<Zeroizing<Vec<u8>>> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Zeroizing::new(vec![0; LONGEST_HEAD]);
    let mut length = 0;
    while length < LONGEST_HEAD && Instant::now() < deadline {
        match stream.read(&mut head[length..])? {
            0 => break,
            count => length += count,
        }
        if head[..length].windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    head.truncate(length);
    Ok(head)
}

impl Arrival {
    /// Shows the page that ends it.
    pub fn finish(mut self, page: Page) {
        // A browser that has gone needs none.
        let _ = self.stream.write_all(page.response().as_bytes());
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
        // What it still says is heard, or the page could be lost with the connection.
        let _ = self
            .stream
            .set_read_timeout(Some(Duration::from_millis(200)));
        let _ = self.stream.read(&mut [0; 64]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::oauth::{CLOUD, Client, Redirect};
    use crate::secret::Secret;
    use url::Url;

    fn scene() -> (Listener, Arc<Attempt>, String) {
        let client = Client {
            id: "id".into(),
            secret: Secret::copy_of(b"hush"),
            redirect: Redirect::parse(CLOUD.callback).unwrap(),
        };
        let listener = Listener::begin(0).unwrap();
        let attempt = Attempt::new(&client, listener.port()).unwrap();
        let address = Url::parse(&attempt.address(&CLOUD, &client)).unwrap();
        let state = address.query_pairs().find(|(name, _)| name == "state");
        let state = state.unwrap().1.into_owned();
        (listener, Arc::new(attempt), state)
    }

    fn connect(listener: &Listener, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", listener.port())).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn wait(listener: &Listener, attempt: &Arc<Attempt>) -> Arrival {
        loop {
            if let Some(arrival) = listener.look(attempt) {
                return arrival;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn whoever_is_not_the_browser_is_told_so_and_the_wait_goes_on() {
        let (listener, attempt, state) = scene();
        // Says nothing, as browsers do that connect ahead of need.
        let _idle = connect(&listener, "");
        let right = format!("/callback?state={state}&code=abc");
        let strangers: Vec<TcpStream> = [
            "GET /favicon.ico HTTP/1.1\r\n\r\n".to_owned(),
            "GET /callback?state=x&code=abc HTTP/1.1\r\n\r\n".to_owned(),
            format!("POST {right} HTTP/1.1\r\n\r\n"),
            "\r\n\r\n".to_owned(),
        ]
        .iter()
        .map(|request| connect(&listener, request))
        .collect();
        let mut browser = connect(
            &listener,
            &format!("GET {right} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        );
        let arrival = wait(&listener, &attempt);
        let Callback::Code(code) = &arrival.callback else {
            panic!("no code");
        };
        assert!(*code == Secret::copy_of(b"abc"));
        for mut stranger in strangers {
            let mut answer = String::new();
            stranger.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        }
        let shown = thread::spawn(move || {
            let mut answer = String::new();
            browser.read_to_string(&mut answer).unwrap();
            answer
        });
        arrival.finish(Page::SignedIn);
        let shown = shown.join().unwrap();
        assert!(shown.starts_with("HTTP/1.1 200 ") && shown.contains("You are signed in"));
    }

    #[test]
    fn a_port_that_is_taken_is_an_error_before_any_browser_opens() {
        let (listener, ..) = scene();
        assert!(Listener::begin(listener.port()).is_err());
        let address = listener.socket.local_addr().unwrap();
        assert!(address.ip().is_loopback());
    }
}
