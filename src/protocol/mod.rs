//! Git's credential message as `git-credential(1)` defines it: pure functions from
//! bytes to [`Request`] and from [`Answer`] to bytes. No I/O, no Bitbucket, no policy.

mod answer;
mod request;

/// The scheme of HTTP in which a token is sent alone, without a name.
const BEARER: &str = "Bearer";

pub use answer::{Answer, Served, Unprintable, capabilities, is_printable, write};
pub use request::{
    Capabilities, LONGEST_LINE, LONGEST_MESSAGE, Malformed, Request, is_ended, parse,
};
