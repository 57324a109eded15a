//! What a URL after `login` says: the repository to verify with, and perhaps a user. One that has
//! a secret, or is no page of a repository at the site, is refused with the form to write.

use crate::bitbucket::{Repository, Site, WebPage};
use crate::git::user_in;
use crate::text::shown;
use anyhow::{Result, bail, ensure};
use url::Url;

/// What the URL says.
#[derive(Default)]
pub(super) struct Target {
    pub(super) repository: Option<Repository>,
    pub(super) username: Option<String>,
}

/// A repository nobody has.
const EXAMPLE: &str = "WORKSPACE/REPOSITORY";

pub(super) fn parse_target(site: &Site, text: &str) -> Result<Target> {
    let url = Url::parse(text).ok();
    ensure!(
        url.as_ref().is_none_or(|url| url.password().is_none()),
        "the URL contains a secret, which everyone can see in the list of processes; use --with-token"
    );
    let Some(url) = url.filter(|url| site.is_at(url)) else {
        // What stands between `:` and `@` may be a secret.
        let typed = match text.rsplit_once('@') {
            Some((before, _)) if before.contains(':') => "That".to_owned(),
            _ => shown(text),
        };
        bail!(
            "{typed} is no address of a repository at Bitbucket; write it as {}",
            site.address(EXAMPLE)
        );
    };
    let repository = match site.web_page(url.path()) {
        WebPage::Site => None,
        WebPage::Repository(repository) => Some(repository),
        WebPage::Workspace(name) => bail!(
            "{url} is the page of a workspace or a project; name one of its repositories, as {}, and for a token that is for all of the workspace add --workspace {name}",
            site.address(&format!("{name}/REPOSITORY"))
        ),
        WebPage::Other => bail!(
            "{url} is not the page of a repository; write it as {}",
            site.address(EXAMPLE)
        ),
    };
    Ok(Target {
        repository,
        username: user_in(&url),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;

    fn target(text: &str) -> Result<String, String> {
        let target = parse_target(&CLOUD, text).map_err(|error| error.to_string())?;
        let repository = target.repository.map(|it| it.to_string());
        Ok(format!(
            "{} {}",
            target.username.as_deref().unwrap_or("-"),
            repository.as_deref().unwrap_or("-")
        ))
    }

    #[test]
    fn an_address_names_a_repository_and_perhaps_a_user() {
        for (text, expected) in [
            ("https://bitbucket.org/acme/widgets", "- acme/widgets"),
            ("https://bitbucket.org/acme/widgets.git", "- acme/widgets"),
            (
                "https://alice@bitbucket.org/acme/widgets.git",
                "alice acme/widgets",
            ),
            (
                "https://BITBUCKET.org:443/acme/widgets/pull-requests/3",
                "- acme/widgets",
            ),
            (
                "https://alice%40example.com@bitbucket.org/acme/widgets",
                "alice@example.com acme/widgets",
            ),
            ("https://bitbucket.org", "- -"),
            ("https://alice@bitbucket.org/", "alice -"),
        ] {
            assert_eq!(target(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_here_is_refused_with_the_form_to_write() {
        for (text, expected) in [
            (
                "https://alice:x@bitbucket.org/acme/widgets",
                "contains a secret",
            ),
            ("alice:x@bitbucket.org/acme/widgets", "That is no address"),
            (
                "git@bitbucket.org:acme/widgets.git",
                "is no address of a repository",
            ),
            (
                "http://bitbucket.org/acme/widgets",
                "is no address of a repository",
            ),
            (
                "https://bitbucket.org.evil.test/a/b",
                "is no address of a repository",
            ),
            (
                "https://bitbucket.org/acme",
                "as https://bitbucket.org/acme/REPOSITORY",
            ),
            (
                "https://bitbucket.org/dashboard/overview",
                "not the page of a repository",
            ),
        ] {
            let said = target(text).unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
            assert!(!said.contains("alice:x"), "{said}");
        }
    }
}
