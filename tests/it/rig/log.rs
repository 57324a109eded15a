//! What the server and the proxy saw, and what nobody may do there (violations).

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The credential part of a request, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// `Basic` or `Bearer`.
    pub scheme: String,
    /// Empty with Bearer.
    pub user: String,
    pub secret: String,
}

/// One request to one of the two hosts.
#[derive(Clone, Debug)]
pub struct Request {
    pub host: String,
    pub method: String,
    pub path: String,
    pub query: String,
    pub authorization: Option<Authorization>,
    pub user_agent: String,
    /// The status answered; 0 while there is none.
    pub status: u16,
}

impl Request {
    /// Whether Git itself sent it.
    pub fn is_from_git(&self) -> bool {
        self.user_agent.starts_with("git/")
    }
}

#[derive(Default)]
struct Entries {
    requests: Vec<Request>,
    connects: Vec<String>,
    violations: Vec<String>,
}

/// Shared by the server, the proxy and the test.
#[derive(Default)]
pub struct Log(Mutex<Entries>);

impl Log {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request and returns its number for [`Log::answered`].
    pub fn request(&self, request: Request) -> usize {
        let requests = &mut self.entries().requests;
        requests.push(request);
        requests.len() - 1
    }

    pub fn answered(&self, number: usize, status: u16) {
        if let Some(request) = self.entries().requests.get_mut(number) {
            request.status = status;
        }
    }

    /// Notes what a client asked the proxy for, as `host:port`.
    pub fn connect(&self, target: &str) {
        self.entries().connects.push(target.to_owned());
    }

    pub fn violation(&self, text: String) {
        self.entries().violations.push(text);
    }

    pub fn requests(&self) -> Vec<Request> {
        self.entries().requests.clone()
    }

    pub fn connects(&self) -> Vec<String> {
        self.entries().connects.clone()
    }

    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.entries().violations)
    }

    /// Forgets requests and connects, not violations.
    pub fn clear(&self) {
        let mut entries = self.entries();
        entries.requests.clear();
        entries.connects.clear();
    }
}
