//! Default deny: which requests the server knows at all. Whatever is not listed here
//! fails the test that sent it.

use super::fault::Surface;
use super::log::{Authorization, Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET https://api.bitbucket.org/2.0/user`
    User,
    /// Smart HTTP of one repository.
    Git {
        /// `workspace/repository`, without `.git`.
        repository: String,
        /// Whether it is receive-pack.
        write: bool,
    },
}

impl Route {
    pub fn surface(&self) -> Surface {
        match self {
            Self::User => Surface::Rest,
            Self::Git { .. } => Surface::Git,
        }
    }
}

/// Header names that each surface knows, in lower case.
const REST_HEADERS: [&str; 7] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "host",
    "user-agent",
];
const GIT_HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "git-protocol",
    "host",
    "pragma",
    "transfer-encoding",
];

/// Finds the route, or says what is unknown about the request.
pub fn find(request: &Request, headers: &HeaderMap) -> Result<Route, String> {
    let route = match request.host.as_str() {
        "api.bitbucket.org" => rest(request),
        "bitbucket.org" => git(request),
        _ => None,
    }
    .ok_or("unknown route, method or query")?;
    let known: &[&str] = match route {
        Route::User => &REST_HEADERS,
        Route::Git { .. } => &GIT_HEADERS,
    };
    for name in headers.keys().map(hyper::header::HeaderName::as_str) {
        if !known.contains(&name) && name != "user-agent" {
            return Err(format!("unknown header {name}"));
        }
        if headers.get_all(name).iter().count() > 1 && name != "accept" {
            return Err(format!("header {name} more than once"));
        }
    }
    Ok(route)
}

fn rest(request: &Request) -> Option<Route> {
    (request.method == "GET" && request.path == "/2.0/user" && request.query.is_empty())
        .then_some(Route::User)
}

fn git(request: &Request) -> Option<Route> {
    let (repository, action) = request.path.strip_prefix('/')?.split_once(".git/")?;
    let (workspace, name) = repository.split_once('/')?;
    let plain = |text: &str| {
        !text.is_empty()
            && !text.starts_with('.')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    if !plain(workspace) || !plain(name) {
        return None;
    }
    let write = match (&*request.method, action, &*request.query) {
        ("GET", "info/refs", "service=git-upload-pack") | ("POST", "git-upload-pack", "") => false,
        ("GET", "info/refs", "service=git-receive-pack") | ("POST", "git-receive-pack", "") => true,
        _ => return None,
    };
    Some(Route::Git {
        repository: repository.to_owned(),
        write,
    })
}

/// Decodes the login; `Err` says what is wrong with its form.
pub fn authorization(headers: &HeaderMap) -> Result<Option<Authorization>, String> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| "unreadable Authorization")?;
    let (scheme, rest) = value
        .split_once(' ')
        .ok_or("Authorization without a scheme")?;
    let (user, secret) = match scheme {
        "Bearer" => (String::new(), rest.to_owned()),
        "Basic" => {
            let decoded = BASE64_STANDARD
                .decode(rest)
                .map_err(|_| "Basic without base64")?;
            let text = String::from_utf8(decoded).map_err(|_| "Basic without UTF-8")?;
            let (user, secret) = text.split_once(':').ok_or("Basic without a colon")?;
            (user.to_owned(), secret.to_owned())
        }
        _ => return Err(format!("unknown scheme {scheme}")),
    };
    Ok(Some(Authorization {
        scheme: scheme.to_owned(),
        user,
        secret,
    }))
}
