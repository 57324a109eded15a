//! The OAuth client that a person or a company has made, and where it lets the browser come
//! back to. Which one is in use is decided in `helper`.

use crate::secret::Secret;
use url::{Host, Url};

/// A client that can sign people in.
pub struct Client {
    /// Its name for the server; no secret.
    pub id: String,
    /// What it proves itself with.
    pub secret: Secret,
    /// Where the browser comes back to.
    pub redirect: Redirect,
}

/// Where the browser comes back to: always this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `127.0.0.1` or `localhost`, which are different names to the server.
    host: String,
    /// The port to listen at; `None` for any that is free.
    port: Option<u16>,
    /// With a slash before it.
    path: String,
}

impl Redirect {
    /// Reads the value of a setting. `None` unless it is an `http` address of this machine.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let host = match url.host()? {
            Host::Domain("localhost") => "localhost",
            Host::Ipv4(address) if address.octets() == [127, 0, 0, 1] => "127.0.0.1",
            _ => return None,
        };
        let is_plain = url.scheme() == "http"
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        is_plain.then(|| Self {
            host: host.to_owned(),
            port: url.port(),
            path: url.path().to_owned(),
        })
    }

    /// The port to listen at; 0 for any that is free.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(0)
    }

    /// The address as it is set at the server, without a port where any will do.
    pub fn registered(&self) -> String {
        match self.port {
            Some(port) => self.address(port),
            None => format!("http://{}{}", self.host, self.path),
        }
    }

    /// The path that the browser asks for.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole address once somebody listens at this port.
    pub fn address(&self, port: u16) -> String {
        format!("http://{}:{port}{}", self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::Redirect;

    #[test]
    fn the_browser_comes_back_to_this_machine_only() {
        for (text, address) in [
            ("http://127.0.0.1", Some("http://127.0.0.1:9/")),
            (
                "http://127.0.0.1/callback",
                Some("http://127.0.0.1:9/callback"),
            ),
            ("http://localhost:34106/", Some("http://localhost:9/")),
            (" http://LOCALHOST/a/b ", Some("http://localhost:9/a/b")),
            ("https://127.0.0.1/callback", None),
            ("http://127.0.0.2/", None),
            ("http://[::1]/", None),
            ("http://example.com/", None),
            ("http://localhost.example.com/", None),
            ("http://user@localhost/", None),
            ("http://localhost/?code=x", None),
            ("localhost:8080", None),
            ("", None),
        ] {
            let found = Redirect::parse(text).map(|it| it.address(9));
            assert_eq!(found.as_deref(), address, "{text}");
        }
        for (text, port) in [("http://127.0.0.1/", 0), ("http://localhost:34106/", 34106)] {
            assert_eq!(Redirect::parse(text).map(|it| it.port()), Some(port));
            assert_eq!(
                Redirect::parse(text).map(|it| it.registered()).as_deref(),
                Some(text)
            );
        }
    }
}
