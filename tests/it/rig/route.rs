//! Default deny: which requests the server knows at all. Whatever is not listed here
//! fails the test that sent it.

use super::bitbucket::Page;
use super::fault::Surface;
use super::lfs::{self, Endpoint, MEDIA_HOST};
use super::log::{Authorization, Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// An address beside repositories and large objects.
pub trait OwnPage: Send + Sync {
    fn surface(&self) -> Surface;
}

/// Where a request goes; `P` is an address of the site's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<P> {
    Page(P),
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

impl<P: OwnPage> Route<P> {
    pub fn surface(&self) -> Surface {
        match self {
            Self::Page(page) => page.surface(),
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

const FORM_HEADERS: [&str; 7] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
];

/// What is said of a request to nowhere.
pub const UNKNOWN: &str = "unknown route, method or query";

/// Finds the route, or says what is unknown about the request.
pub fn find(request: &Request, headers: &HeaderMap) -> Result<Route<Page>, String> {
    let route = match request.host.as_str() {
        "api.bitbucket.org" => rest(request),
        "bitbucket.org" => oauth(request).or_else(|| git(request)),
        MEDIA_HOST => media(request),
        _ => None,
    }
    .ok_or(UNKNOWN)?;
    // A browser may send whatever it likes.
    if route != Route::Page(Page::Authorize) {
        check_headers(route.surface(), headers, &[])?;
    }
    Ok(route)
}

/// The headers are those that clients of this surface send, or one of `more`.
pub fn check_headers(surface: Surface, headers: &HeaderMap, more: &[&str]) -> Result<(), String> {
    let known: &[&str] = match surface {
        Surface::Rest => &REST_HEADERS,
        Surface::Git => &GIT_HEADERS,
        Surface::Lfs => &LFS_HEADERS,
        Surface::OAuth => &FORM_HEADERS,
    };
    for name in headers.keys().map(hyper::header::HeaderName::as_str) {
        if !known.contains(&name) && name != "user-agent" && !more.contains(&name) {
            return Err(format!("unknown header {name}"));
        }
        if headers.get_all(name).iter().count() > 1 && name != "accept" {
            return Err(format!("header {name} more than once"));
        }
    }
    Ok(())
}

fn rest(request: &Request) -> Option<Route<Page>> {
    (request.method == "GET" && request.path == "/2.0/user" && request.query.is_empty())
        .then_some(Route::Page(Page::User))
}

/// The folder of OAuth's pages; no workspace is called so.
pub const OAUTH: &str = "/site/oauth2/";

fn oauth(request: &Request) -> Option<Route<Page>> {
    let page = request.path.strip_prefix(OAUTH)?;
    let page = match (&*request.method, page) {
        ("GET", "authorize") => Page::Authorize,
        ("POST", "access_token") if request.query.is_empty() => Page::Token,
        ("POST", "revoke") if request.query.is_empty() => Page::Revoke,
        _ => return None,
    };
    Some(Route::Page(page))
}

fn is_repository(text: &str) -> bool {
    let parts = text.split_once('/');
    parts.is_some_and(|(workspace, name)| is_name(workspace) && is_name(name))
}

/// Whether it may be the name of a workspace, a project or a repository.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn media(request: &Request) -> Option<Route<Page>> {
    let object = request.path.strip_prefix('/')?;
    let (repository, _) = object.rsplit_once('/')?;
    if !is_repository(repository) {
        return None;
    }
    stored(request, object)
}

/// Taking or handing out a large object, `workspace/repository/oid`.
pub fn stored<P>(request: &Request, object: &str) -> Option<Route<P>> {
    let (_, oid) = object.rsplit_once('/')?;
    let known = ["GET", "PUT"].contains(&&*request.method) && request.query.is_empty();
    (known && lfs::is_digest(oid)).then(|| Route::Media(object.to_owned()))
}

fn git(request: &Request) -> Option<Route<Page>> {
    let (repository, action) = request.path.strip_prefix('/')?.split_once(".git/")?;
    if !is_repository(repository) {
        return None;
    }
    repository_action(request, repository, action)
}

/// What is done to a repository, by Git or by Git LFS; `action` is what comes after `.git/`.
pub fn repository_action<P>(request: &Request, repository: &str, action: &str) -> Option<Route<P>> {
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
