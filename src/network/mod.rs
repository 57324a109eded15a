//! HTTPS as Git's user configured it: proxy, certificates, deadlines. Knows no
//! Bitbucket: it sends one request and says what came back or what went wrong.

mod certificates;
mod client;
mod settings;
mod trouble;

pub use client::Client;
pub use settings::{Settings, Sources};
pub use trouble::Trouble;

use crate::secret::Secret;
use std::time::Duration;

/// How a request proves who sends it.
pub enum Authorization<'a> {
    /// Not at all.
    Nobody,
    /// HTTP Basic.
    Basic(&'a str, &'a Secret),
    /// `Authorization: Bearer`.
    Bearer(&'a Secret),
}

/// What a server answered, its body capped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, values as text; unreadable ones are left out.
    pub headers: Vec<(String, String)>,
    /// The start of the body, at most [`LONGEST_BODY`] bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// For tests: an answer with these headers and this body.
    #[cfg(test)]
    pub(crate) fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Self {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.into(),
        }
    }

    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// How much of a body is read, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;

/// How long a connection may take: name, proxy and TLS together.
pub const LONGEST_CONNECT: Duration = Duration::from_secs(3);
