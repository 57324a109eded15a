//! What goes wrong on purpose: faults that a test asks the server to produce.

use super::answer::{Answer, Body};
use super::log::Request;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Where a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    Git,
    Rest,
    /// Large objects, beside the repository and at their own host.
    Lfs,
    /// The pages and the endpoints of OAuth.
    OAuth,
}

/// A fault. The rest of the request's fate is decided by it alone.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This answer instead of the right one: a stray 401, 503, 429 with `Retry-After` ...
    Answer(Answer),
    /// A redirect (302) to this address.
    Redirect(String),
    /// No answer at all, the connection stays open.
    Hang,
    /// A 200 whose body never ends, one byte now and then.
    Drip,
    /// A 200 whose head arrives one byte now and then.
    SlowHead,
    /// These bytes in TLS, and then the connection is cut.
    Raw(Vec<u8>),
    /// Bytes that are not HTTP.
    Garbage,
    /// The connection is closed without an answer.
    Close,
    /// The same, after the server has done what was asked.
    CloseWhenDone,
    /// A 200 with a body of 64 MiB.
    HugeBody,
    /// The right answer, its body compressed although nobody need have asked for it.
    Gzip,
    /// The right answer as of the moment when the test gives the permit.
    Held(Arc<Semaphore>),
}

/// Whose requests a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Anybody,
    /// Anybody with a login; Git's first request has none.
    Login,
    /// Git itself, with a login.
    GitLogin,
    /// Anybody but Git.
    Helper,
}

impl Sender {
    fn sent(self, request: &Request) -> bool {
        match self {
            Self::Anybody => true,
            Self::Login => request.authorization.is_some(),
            Self::GitLogin => request.is_from_git() && request.authorization.is_some(),
            Self::Helper => !request.is_from_git(),
        }
    }
}

impl Fault {
    pub fn status(status: u16, text: &str) -> Self {
        Self::Answer(Answer::text(status, text))
    }

    /// 401 as for an unknown secret; a good one meets it, too (BCLOUD-24107).
    pub fn stray_refusal() -> Self {
        Self::status(401, super::answer::NO_ACCESS_OR_GONE)
    }

    pub fn down() -> Self {
        Self::status(503, "Service Unavailable")
    }

    /// 200 with this header of 10 MiB.
    pub fn long_header() -> Self {
        let value = "x".repeat(10 << 20);
        Self::Raw(format!("HTTP/1.1 200 OK\r\nX-Long: {value}\r\n\r\n").into())
    }

    /// A 200 without a length, cut off before TLS says that it is at its end.
    pub fn truncated() -> Self {
        Self::Raw(b"HTTP/1.1 200 OK\r\n\r\n001e# service=git-upload-pack\n".to_vec())
    }

    /// The frames SETTINGS and GOAWAY of HTTP/2, which nobody agreed on (RFC 9113, 6.5, 6.8).
    pub fn http2_reset() -> Self {
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        Self::Raw([&settings[..], &goaway].concat())
    }

    /// A 200 whose header and body are not UTF-8.
    pub fn invalid_text() -> Self {
        let head = b"HTTP/1.1 200 OK\r\nX-Text: \xff\xfe\r\nContent-Length: 4\r\n\r\n";
        Self::Raw([&head[..], b"\xff\xfe\xc0\x80"].concat())
    }

    /// A 200 of 200 KiB that unpacks to 32 MiB.
    pub fn compression_bomb() -> Self {
        Self::Raw(super::bomb::answer())
    }

    /// 429; `retry_after` in seconds or as an HTTP date.
    pub fn rate_limited(retry_after: &str) -> Self {
        Self::Answer(Answer::text(429, "Rate limit exceeded").header("Retry-After", retry_after))
    }
}

/// A fault in waiting.
pub struct Planned {
    pub surface: Surface,
    pub fault: Fault,
    /// How many requests it still meets.
    pub left: usize,
    pub sender: Sender,
}

/// Takes the fault that meets this request, if any.
pub fn take(planned: &mut Vec<Planned>, surface: Surface, request: &Request) -> Option<Fault> {
    let position = planned
        .iter()
        .position(|plan| plan.surface == surface && plan.sender.sent(request))?;
    let plan = &mut planned[position];
    plan.left = plan.left.saturating_sub(1);
    if plan.left == 0 {
        return Some(planned.remove(position).fault);
    }
    Some(plan.fault.clone())
}

/// A 200 of a length nobody wants.
pub fn huge() -> Response<Body> {
    Answer::text(200, "").with_body(Huge { left: 1024 }.boxed())
}

/// A 200 without an end.
pub fn drip() -> Response<Body> {
    let timer = tokio::time::interval(Duration::from_millis(100));
    Answer::text(200, "").with_body(Drip { timer }.boxed())
}

/// The same answer as a gzip stream of stored blocks (RFC 1951, 3.2.4; RFC 1952).
pub fn compressed(mut answer: Answer) -> Answer {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks = answer.body.chunks(0xffff);
    let last = blocks.len().saturating_sub(1);
    for (number, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).expect("a chunk's length");
        stream.push(u8::from(number == last));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(crc32fast::hash(&answer.body).to_le_bytes());
    stream.extend(
        u32::try_from(answer.body.len())
            .expect("a short body")
            .to_le_bytes(),
    );
    answer.body = stream;
    answer.header("Content-Encoding", "gzip")
}

static BLOCK: [u8; 65536] = [b'x'; 65536];

/// So many blocks.
struct Huge {
    left: usize,
}

impl hyper::body::Body for Huge {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&BLOCK)))))
    }
}

struct Drip {
    timer: tokio::time::Interval,
}

impl hyper::body::Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.timer.poll_tick(context));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}
