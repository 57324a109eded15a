//! Default deny: which requests the server knows at all. Whatever is not listed here
//! fails the test that sent it.

use super::fault::Surface;
use super::lfs::{self, Endpoint, MEDIA_HOST};
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
    /// Git LFS of one repository.
    Lfs {
        /// `workspace/repository`, without `.git`.
        repository: String,
        endpoint: Endpoint,
    },
    /// `workspace/repository/oid` at the host of large objects.
    Media(String),
}

impl Route {
    pub fn surface(&self) -> Surface {
        match self {
            Self::User => Surface::Rest,
            Self::Git { .. } => Surface::Git,
            Self::Lfs { .. } | Self::Media(_) => Surface::Lfs,
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

const LFS_HEADERS: [&str; 9] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "transfer-encoding",
];

/// Finds the route, or says what is unknown about the request.
pub fn find(request: &Request, headers: &HeaderMap) -> Result<Route, String> {
    let route = match request.host.as_str() {
        "api.bitbucket.org" => rest(request),
        "bitbucket.org" => git(request),
        MEDIA_HOST => media(request),
        _ => None,
    }
    .ok_or("unknown route, method or query")?;
    let known: &[&str] = match route {
        Route::User => &REST_HEADERS,
        Route::Git { .. } => &GIT_HEADERS,
        Route::Lfs { .. } | Route::Media(_) => &LFS_HEADERS,
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

fn is_repository(text: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && !text.starts_with('.')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    let parts = text.split_once('/');
    parts.is_some_and(|(workspace, name)| plain(workspace) && plain(name))
}

fn media(request: &Request) -> Option<Route> {
    let object = request.path.strip_prefix('/')?;
    let (repository, oid) = object.rsplit_once('/')?;
    let known = ["GET", "PUT"].contains(&&*request.method) && request.query.is_empty();
    (known && is_repository(repository) && lfs::is_digest(oid))
        .then(|| Route::Media(object.to_owned()))
}

fn git(request: &Request) -> Option<Route> {
    let (repository, action) = request.path.strip_prefix('/')?.split_once(".git/")?;
    if !is_repository(repository) {
        return None;
    }
    let lfs = |endpoint| {
        Some(Route::Lfs {
            repository: repository.to_owned(),
            endpoint,
        })
    };
    let write = match (&*request.method, action, &*request.query) {
        ("GET", "info/refs", "service=git-upload-pack") | ("POST", "git-upload-pack", "") => false,
        ("GET", "info/refs", "service=git-receive-pack") | ("POST", "git-receive-pack", "") => true,
        ("POST", "info/lfs/objects/batch", "") => return lfs(Endpoint::Batch),
        ("POST", "info/lfs/locks/verify", "") => return lfs(Endpoint::VerifyLocks),
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
