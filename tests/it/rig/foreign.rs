//! A host that is nobody's site.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

/// A server that demands a login whatever it is asked.
pub struct Foreign {
    pub url: String,
    heads: Receiver<String>,
}

impl Foreign {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, heads) = channel();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = [0; 8192];
                let length = stream.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).to_lowercase();
                let answer = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                              Content-Length: 0\r\nConnection: close\r\n\r\n";
                // Whoever hangs up has heard enough; the test's end ends us.
                let _ = stream.write_all(answer.as_bytes());
                if sender.send(head).is_err() {
                    return;
                }
            }
        });
        Self { url, heads }
    }

    /// The heads of all requests so far, in lower case.
    pub fn heard(&self) -> Vec<String> {
        self.heads.try_iter().collect()
    }
}
