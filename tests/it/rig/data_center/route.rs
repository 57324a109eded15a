//! Default deny: which requests a Data Center knows at all. Whatever is not listed here fails
//! the test that sent it.

use crate::rig::fault::Surface;
use crate::rig::log::Request;
use crate::rig::route::{self, OwnPage, Route, UNKNOWN};

/// An address beside repositories and large objects. Each is only asked with `GET`, but the one
/// that has another before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// `{base}/rest/api/latest/application-properties`
    Properties,
    /// `{base}/rest/api/latest/users?limit=1`
    Users,
    /// `{base}/rest/api/latest/projects/P/repos/R`, as `p/r`
    Repository(String),
    /// `{base}/rest/access-tokens/latest/users/U`
    AccessTokens,
    /// `{base}/rest/oauth2/latest/authorize`
    Authorize,
    /// `POST {base}/rest/oauth2/latest/token`
    Tokens,
    /// `{base}/plugins/...`, where tokens are not taken
    Plugins,
}

impl OwnPage for Page {
    fn surface(&self) -> Surface {
        match self {
            Self::Authorize | Self::Tokens => Surface::OAuth,
            _ => Surface::Rest,
        }
    }
}

/// Finds the route below a base path, or says what is unknown about the request. A page for
/// people, where Git wants its protocol, has Git ask like of a folder of files.
pub fn find(base: &str, request: &Request, shows_page: bool) -> Result<Route<Page>, String> {
    let path = request.path.strip_prefix(base).ok_or(UNKNOWN)?;
    let found = if let Some(rest) = path.strip_prefix("/scm/") {
        repository(request, rest, shows_page)
    } else if let Some(object) = path.strip_prefix("/rest/git-lfs/storage/") {
        route::stored(request, object)
    } else {
        page(request, path).map(Route::Page)
    };
    Ok(found.ok_or(UNKNOWN)?)
}

/// `project/repository` in lower case, if it may be one; `~user` is a project.
fn name(text: &str) -> Option<String> {
    let (project, repository) = text.split_once('/')?;
    let owner = project.strip_prefix('~').unwrap_or(project);
    (route::is_name(owner) && route::is_name(repository)).then(|| text.to_ascii_lowercase())
}

fn repository(request: &Request, rest: &str, shows_page: bool) -> Option<Route<Page>> {
    let (path, action) = rest.split_once(".git/")?;
    let repository = name(path)?;
    if shows_page && action == "HEAD" {
        let write = false;
        return Some(Route::Git { repository, write });
    }
    route::repository_action(request, &repository, action)
}

fn page(request: &Request, path: &str) -> Option<Page> {
    match (&*request.method, path, &*request.query) {
        ("GET", "/rest/oauth2/latest/authorize", _) => return Some(Page::Authorize),
        ("POST", "/rest/oauth2/latest/token", "") => return Some(Page::Tokens),
        _ => {}
    }
    if request.method != "GET" {
        return None;
    }
    if path.starts_with("/plugins/") {
        return Some(Page::Plugins);
    }
    if let Some(user) = path.strip_prefix("/rest/access-tokens/latest/users/") {
        let known = request.query.is_empty() && route::is_name(user);
        return known.then_some(Page::AccessTokens);
    }
    let resource = path.strip_prefix("/rest/api/latest/")?;
    match (resource, &*request.query) {
        ("application-properties", "") => Some(Page::Properties),
        ("users", "limit=1") => Some(Page::Users),
        (_, "") => {
            let (project, repository) =
                resource.strip_prefix("projects/")?.split_once("/repos/")?;
            name(&format!("{project}/{repository}")).map(Page::Repository)
        }
        _ => None,
    }
}
