//! What we ask Git itself: its configuration, the remotes of the repository it runs in,
//! the helpers it would run. Finds Git without ever searching the current directory
//! (CVE-2020-26233). Knows no Bitbucket: it returns values and URLs, others judge them.

mod askpass;
pub mod chain;
pub mod child;
mod config;
pub mod config_file;
pub(crate) mod config_text;
pub mod context;
mod pattern;
pub(crate) mod program;
pub mod shell;

pub use askpass::AskpassSetting;
pub use config::{Config, Setting, boolean};
pub use context::{Context, Git, Scope};
pub use program::{command, find, is_configuration_outside, shell_command};

use percent_encoding::percent_decode_str;
use url::Url;

/// The user whom a URL names, as Git tells helpers: without its escapes (`alice%40example.com`).
pub fn user_in(url: &Url) -> Option<String> {
    let name = percent_decode_str(url.username()).decode_utf8().ok()?;
    Some(name.into_owned()).filter(|name| !name.is_empty())
}

/// Whether Git works on a submodule, whose URL no person typed (git(1)).
pub fn is_submodule() -> bool {
    std::env::var_os("GIT_PROTOCOL_FROM_USER").is_some_and(|value| value == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_without_escapes() {
        for (url, expected) in [
            ("https://bitbucket.org/a/b", None),
            ("https://@bitbucket.org/a/b", None),
            ("https://alice@bitbucket.org/a/b", Some("alice")),
            (
                "https://alice%40acme.test@bitbucket.org",
                Some("alice@acme.test"),
            ),
            (
                "https://alice@acme.test@bitbucket.org",
                Some("alice@acme.test"),
            ),
            ("https://%61lice:x@bitbucket.org", Some("alice")),
            ("https://%ff@bitbucket.org", None),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(user_in(&url).as_deref(), expected, "{url}");
        }
    }
}
