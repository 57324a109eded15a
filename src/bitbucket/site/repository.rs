//! What a repository is called, wherever it lies.

use crate::trace::Harmless;

/// A repository on a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The workspace's or the project's name in URLs.
    pub workspace: String,
    /// The repository's name in URLs, without `.git`.
    pub name: String,
}

impl Repository {
    /// Reads `workspace/repository[.git][/…]` as Git sends it in `path`. `None` unless
    /// both names consist of what Bitbucket allows: letters, digits, `_`, `-`, `.`. On a Data
    /// Center the first is a project, or a person as `~name`. Nor of a path that climbs anywhere.
    pub fn from_path(path: &str) -> Option<Self> {
        if climbs(path) {
            return None;
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.trim_matches('/').split('/');
        let workspace = segments.next()?;
        let name = segments.next()?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        let allowed = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        let owner = workspace.strip_prefix('~').unwrap_or(workspace);
        (allowed(owner) && allowed(name)).then(|| Self {
            workspace: workspace.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The path of the repository in its remote: `workspace/name.git`.
    pub fn path(&self) -> String {
        format!("{}/{}.git", self.workspace, self.name)
    }
}

/// Whether a path has a segment `.` or `..`: whoever sends it leaves those out first, so that it
/// leads elsewhere than it begins.
pub(super) fn climbs(path: &str) -> bool {
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

impl std::fmt::Display for Repository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.workspace, self.name)
    }
}

/// Two plain names.
impl Harmless for Repository {
    fn tell(&self, line: &mut String) {
        line.push_str(&self.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_two_plain_names() {
        for (path, expected) in [
            ("acme/widgets.git", Some("acme/widgets")),
            ("acme/widgets", Some("acme/widgets")),
            ("/acme/widgets.git/", Some("acme/widgets")),
            ("acme/widgets.git/info/lfs", Some("acme/widgets")),
            ("acme/widgets.git?x", Some("acme/widgets")),
            ("acme/w.i_d-g.git", Some("acme/w.i_d-g")),
            ("~alice/widgets.git", Some("~alice/widgets")),
            ("~/widgets.git", None),
            ("~~alice/widgets.git", None),
            ("a~b/widgets.git", None),
            ("acme/~widgets.git", None),
            ("acme", None),
            ("acme/", None),
            ("", None),
            ("acme/../x", None),
            // Whoever sends it goes another way than it begins.
            ("acme/widgets/../../beta/app", None),
            ("acme/widgets.git/./info", None),
            ("acme/widgets?/../../beta/app", None),
            ("acme/widgets#/../../beta/app", None),
            ("acme/widgets/%2E%2e/%2e./beta/app", None),
            ("acme/widgets/..\\app", None),
            ("acme/widgets/...", Some("acme/widgets")),
            ("acme/.git", None),
            ("acme/per\u{fa}.git", None),
            ("a b/c", None),
            ("acme/w%2e", None),
        ] {
            let found = Repository::from_path(path);
            let remote = found.as_ref().map(Repository::path);
            assert_eq!(remote, expected.map(|name| format!("{name}.git")), "{path}");
            let found = found.map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
