//! Why Git does not ask us, although our line is written: what is in the way, and what to do
//! about it. Decided from what Git reads and whom it asks; nothing is read here.

use super::helper_line;
use super::line_options::displayed;
use crate::git::Config;
use crate::git::chain::Helper;
use std::fmt::{self, Display, Formatter};
use url::Url;

/// What is in the way. It is displayed as a reason and the begin of a next step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Git does not read the file that was written.
    Unread {
        /// Its path, as it is shown.
        file: String,
    },
    /// An empty `helper =` behind our line.
    Emptied {
        /// Where it stands.
        place: String,
    },
    /// Nobody is asked, and no line says why.
    Nobody,
    /// Another helper is asked first.
    Before {
        /// What of its value may be shown.
        value: String,
        /// Where that was set.
        place: String,
    },
    /// A line names us, by a name or a path that leads nowhere.
    NotFound {
        /// What of its value may be shown.
        value: String,
        /// Where that was set.
        place: String,
    },
    /// Git did not tell.
    Untold(String),
}

impl Obstacle {
    /// The first thing that keeps Git from asking us first; `None` if nothing does. `ours` is
    /// the value that was written into `file`, and `helpers` are those that Git runs for `url`.
    pub fn find(
        config: &Config,
        helpers: &[Helper],
        ours: &str,
        url: &Url,
        file: &str,
    ) -> Option<Self> {
        let first = helpers.first();
        if let Some(first) = first.filter(|first| helper_line::names_us(&first.value)) {
            return (!first.found).then(|| Self::NotFound {
                value: displayed(&first.value),
                place: first.place.clone(),
            });
        }
        if !config.helper_lines().any(|line| *line.value == ours) {
            return Some(Self::Unread {
                file: file.to_owned(),
            });
        }
        if let Some(remover) = config.remover(url, ours) {
            return Some(Self::Emptied {
                place: remover.to_string(),
            });
        }
        Some(first.map_or(Self::Nobody, |first| Self::Before {
            value: displayed(&first.value),
            place: first.place.clone(),
        }))
    }
}

impl Display for Obstacle {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { file } => write!(
                formatter,
                "Git does not read {file}. Look for GIT_CONFIG_NOSYSTEM and GIT_CONFIG_GLOBAL \
                 in your environment, or use another scope"
            ),
            Self::Emptied { place } => write!(
                formatter,
                "the empty `helper =` in {place} removes every helper before it. \
                 Remove that line"
            ),
            Self::Nobody => formatter
                .write_str("Git asks no helper at all. Look at `git config --list --show-origin`"),
            Self::Before { value, place } => {
                write!(
                    formatter,
                    "{value} in {place} is asked first. Remove that line"
                )
            }
            Self::NotFound { value, place } => write!(
                formatter,
                "Git cannot start {value}, set in {place}. Install the program there, or remove \
                 that line"
            ),
            Self::Untold(reason) => write!(formatter, "{reason}. Repair that"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: &str = "credential.helper";
    const OURS: &str = "credential.https://bitbucket.org.helper";

    fn helper(value: &str, found: bool) -> Helper {
        Helper {
            value: value.to_owned(),
            place: "/c:3".to_owned(),
            found,
        }
    }

    fn find(lines: &[(&str, &str)], helpers: &[(&str, bool)]) -> Option<String> {
        let settings: Vec<_> = lines
            .iter()
            .map(|(key, value)| ("global", *key, *value))
            .collect();
        let helpers: Vec<_> = helpers
            .iter()
            .map(|(value, found)| helper(value, *found))
            .collect();
        let url = Url::parse("https://bitbucket.org").unwrap();
        let config = Config::of(&settings);
        Obstacle::find(&config, &helpers, "bitbucket", &url, "/home/a/.gitconfig")
            .map(|obstacle| obstacle.to_string())
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "one table")]
    fn what_is_in_the_way_is_named() {
        for (lines, helpers, expected) in [
            (
                &[(OURS, ""), (OURS, "bitbucket")][..],
                &[("bitbucket", true)][..],
                None,
            ),
            // Whoever is asked after us is not in the way.
            (
                &[(OURS, "bitbucket"), (ANY, "store")],
                &[("bitbucket", true), ("store", true)],
                None,
            ),
            // Another line that names us is as good as ours.
            (
                &[(OURS, "bitbucket")],
                &[("/x/git-credential-bitbucket", true)],
                None,
            ),
            (
                &[(OURS, "bitbucket")],
                &[("bitbucket", false)],
                Some(
                    "Git cannot start `bitbucket`, set in /c:3. Install the program there, or \
                    remove that line",
                ),
            ),
            (
                &[(ANY, "store")],
                &[("store", true)],
                Some(
                    "Git does not read /home/a/.gitconfig. Look for GIT_CONFIG_NOSYSTEM and \
                    GIT_CONFIG_GLOBAL in your environment, or use another scope",
                ),
            ),
            (
                &[],
                &[],
                Some(
                    "Git does not read /home/a/.gitconfig. Look for GIT_CONFIG_NOSYSTEM and \
                    GIT_CONFIG_GLOBAL in your environment, or use another scope",
                ),
            ),
            (
                &[(OURS, "bitbucket"), (ANY, ""), (ANY, "store")],
                &[("store", true)],
                Some(
                    "the empty `helper =` in /config removes every helper before it. Remove \
                    that line",
                ),
            ),
            (
                &[(OURS, "bitbucket"), (ANY, "")],
                &[],
                Some(
                    "the empty `helper =` in /config removes every helper before it. Remove \
                    that line",
                ),
            ),
            // Emptied for another host only, and still nobody: Git knows why, we do not.
            (
                &[
                    (OURS, "bitbucket"),
                    ("credential.https://other.test.helper", ""),
                ],
                &[],
                Some("Git asks no helper at all. Look at `git config --list --show-origin`"),
            ),
            (
                &[(ANY, "store --file x"), (OURS, "bitbucket")],
                &[("store --file x", true), ("bitbucket", true)],
                Some("`store` in /c:3 is asked first. Remove that line"),
            ),
            (
                &[(ANY, "!secret"), (OURS, "bitbucket")],
                &[("!secret", true), ("bitbucket", true)],
                Some("a shell snippet in /c:3 is asked first. Remove that line"),
            ),
        ] {
            assert_eq!(
                find(lines, helpers).as_deref(),
                expected,
                "{lines:?} {helpers:?}"
            );
        }
    }

    #[test]
    fn what_git_does_not_tell_is_to_be_repaired() {
        let obstacle = Obstacle::Untold("git says: no".to_owned());
        assert_eq!(obstacle.to_string(), "git says: no. Repair that");
    }
}
