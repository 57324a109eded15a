//! HTTPS as Git's user configured it: proxy, certificates, deadlines. Knows no
//! Bitbucket: it sends one GET and says what came back or what went wrong.

use crate::secret::Secret;

/// How a request proves who sends it.
pub enum Authorization<'a> {
    /// HTTP Basic.
    Basic(&'a str, &'a Secret),
    /// `Authorization: Bearer`.
    Bearer(&'a Secret),
}

/// What a server answered, its body capped.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, values as text; unreadable ones are left out.
    pub headers: Vec<(String, String)>,
    /// The start of the body, at most [`LONGEST_BODY`] bytes.
    pub body: Vec<u8>,
}

/// How much of a body is read, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The deadline passed.
    TimedOut,
    /// The server's name does not resolve.
    NameNotFound,
    /// No connection to the server (or none at all).
    NotConnected,
    /// The proxy cannot be reached.
    ProxyUnreachable,
    /// The proxy asks for a login (407).
    ProxyLogin,
    /// The proxy refused to connect to the server; its status.
    ProxyRefused(u16),
    /// The certificate is not signed by an authority that is trusted here.
    UntrustedCertificate,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is not valid at this clock's time.
    WrongTime,
    /// Git is configured not to verify certificates: nothing is sent then.
    VerificationDisabled,
    /// The configured certificate or proxy setting cannot be used; the text names it.
    BadSetting(String),
    /// The connection broke or the answer was not HTTP.
    Broken,
}
