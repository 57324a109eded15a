//! Whether we run in a step of Bitbucket Pipelines, where an agent answers for Git's own clone.

/// What Bitbucket Pipelines sets where its own clone is authenticated already.
const PIPELINES: [&str; 2] = ["BITBUCKET_BUILD_NUMBER", "BITBUCKET_GIT_HTTP_ORIGIN"];

/// Whether this is a step of Bitbucket Pipelines.
pub fn is_pipelines() -> bool {
    PIPELINES
        .iter()
        .all(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
