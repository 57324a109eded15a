//! Whether we run in a step of Bitbucket Pipelines, where an agent answers for Git's own clone.

/// The URL of the clone's own repository: over http, to which a proxy of the agent's adds the
/// login.
const ORIGIN: &str = "BITBUCKET_GIT_HTTP_ORIGIN";

/// What Bitbucket Pipelines sets where its own clone is authenticated already.
const PIPELINES: [&str; 2] = ["BITBUCKET_BUILD_NUMBER", ORIGIN];

/// Whether this is a step of Bitbucket Pipelines.
pub fn is_pipelines() -> bool {
    PIPELINES
        .iter()
        .all(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether this URL is the one that the agent of Bitbucket Pipelines adds the login to.
pub fn is_origin(url: &str) -> bool {
    let bare = |url: &str| {
        let url = url.trim_end_matches('/');
        url.strip_suffix(".git").unwrap_or(url).to_owned()
    };
    is_pipelines() && std::env::var(ORIGIN).is_ok_and(|origin| bare(&origin) == bare(url))
}
