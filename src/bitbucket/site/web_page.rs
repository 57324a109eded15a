//! What a page of Bitbucket's web site is about, so that an address copied from the browser
//! can be understood. What Git sends is never read by this.

use super::Repository;

/// What a page is about.
#[derive(Debug, PartialEq, Eq)]
pub enum WebPage {
    /// The front page.
    Site,
    /// A repository, or a part of one: a pull request, a branch, a file.
    Repository(Repository),
    /// A workspace or a project in it; its name.
    Workspace(String),
    /// Something else, or nothing of Bitbucket's.
    Other,
}

/// The first names of paths that are no workspaces.
const NO_WORKSPACES: [&str; 8] = [
    "account",
    "blog",
    "dashboard",
    "product",
    "repo",
    "site",
    "snippets",
    "socialauth",
];

impl WebPage {
    /// Reads the path of the address.
    pub fn of_path(path: &str) -> Self {
        let path = path.trim_matches('/');
        let mut segments = path.split('/');
        let first = segments.next().unwrap_or_default();
        if path.is_empty() {
            Self::Site
        } else if NO_WORKSPACES.contains(&first) {
            Self::Other
        } else if matches!(segments.next(), None | Some("workspace")) {
            // A workspace has the same form of name as a repository.
            Repository::from_path(&format!("{first}/any"))
                .map_or(Self::Other, |it| Self::Workspace(it.workspace))
        } else {
            Repository::from_path(path).map_or(Self::Other, Self::Repository)
        }
    }
}

impl WebPage {
    /// The same for a Data Center.
    pub fn of_data_center(path: &str) -> Self {
        let path = path.trim_matches('/');
        let segments: Vec<_> = path.split('/').collect();
        let of_names = |owner: &str, name: &str| {
            let found = Repository::from_path(&format!("{owner}/{name}"));
            found.map_or(Self::Other, Self::Repository)
        };
        match segments[..] {
            [""] => Self::Site,
            ["scm", owner, name, ..] | ["projects", owner, "repos", name, ..] => {
                of_names(owner, name)
            }
            ["users", owner, "repos", name, ..] => of_names(&format!("~{owner}"), name),
            ["projects", owner, ..] => Repository::from_path(&format!("{owner}/any"))
                .map_or(Self::Other, |it| Self::Workspace(it.workspace)),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_about_what_its_path_says() {
        let workspace = || WebPage::Workspace("acme".to_owned());
        let widgets = || Repository::from_path("acme/widgets").map(WebPage::Repository);
        for (path, expected) in [
            ("", Some(WebPage::Site)),
            ("/", Some(WebPage::Site)),
            ("/acme/widgets", widgets()),
            ("/acme/widgets.git", widgets()),
            ("/acme/widgets/src/main/README.md", widgets()),
            ("/acme/widgets/pull-requests/12/diff", widgets()),
            ("/acme/widgets/admin/access-tokens", widgets()),
            ("/acme", Some(workspace())),
            ("/acme/", Some(workspace())),
            ("/acme/workspace/overview", Some(workspace())),
            ("/acme/workspace/projects/WID", Some(workspace())),
            ("/acme/workspace/settings/access-tokens", Some(workspace())),
            ("/account/settings/", Some(WebPage::Other)),
            ("/dashboard/overview", Some(WebPage::Other)),
            ("/%7Bacme%7D", Some(WebPage::Other)),
            ("/acme/%7Bwidgets%7D", Some(WebPage::Other)),
            ("/acme/../widgets", Some(WebPage::Other)),
        ] {
            assert_eq!(Some(WebPage::of_path(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_data_center_has_other_pages() {
        let project = || WebPage::Workspace("ACME".to_owned());
        let page = |name| Repository::from_path(name).map(WebPage::Repository);
        for (path, expected) in [
            ("/", Some(WebPage::Site)),
            ("/scm/acme/widgets.git", page("acme/widgets")),
            ("/projects/ACME/repos/widgets", page("ACME/widgets")),
            (
                "/projects/ACME/repos/widgets/pull-requests/3",
                page("ACME/widgets"),
            ),
            ("/users/alice/repos/dots/browse", page("~alice/dots")),
            ("/projects/ACME", Some(project())),
            ("/projects/ACME/settings", Some(project())),
            ("/projects", Some(WebPage::Other)),
            ("/dashboard", Some(WebPage::Other)),
            ("/acme/widgets", Some(WebPage::Other)),
            ("/projects/ACME/repos/%7B", Some(WebPage::Other)),
        ] {
            assert_eq!(Some(WebPage::of_data_center(path)), expected, "{path}");
        }
    }
}
