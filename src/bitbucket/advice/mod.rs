//! What people are told about a verdict: what happened, why, and the one next step. The
//! texts stand in `outcomes`; here is what they are filled with. No text of a server's
//! is repeated.

use super::kind::{KINDS, Kind};
use super::outcomes::{Row, Uncertainty, fill};
use super::site::{CLOUD, Repository, Site};
use super::verdict::Verdict;
use crate::network::Trouble;
use crate::text::shown;

#[cfg(test)]
mod tests;

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// What happened and why, in whole sentences.
    pub message: String,
    /// What to do, in a whole sentence; empty if there is nothing to do.
    pub next_step: String,
}

impl std::fmt::Display for Advice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)?;
        if self.next_step.is_empty() {
            return Ok(());
        }
        write!(formatter, " {}", self.next_step)
    }
}

/// The message for a verdict on a credential of this kind, which was verified at this site, for
/// this repository, if any.
pub fn advise(
    site: &Site,
    verdict: &Verdict,
    kind: Option<Kind>,
    repository: Option<&Repository>,
) -> Advice {
    let particulars = Particulars {
        site,
        kind,
        repository,
        ..Particulars::of(verdict)
    };
    particulars.advise(verdict)
}

/// The message where a site cannot be asked about anything.
pub fn advise_unasked(site: &Site, why: Uncertainty) -> Advice {
    advise_undone(site, "Bitbucket cannot be asked", why)
}

/// The message where something else than verifying did not work.
pub fn advise_undone(site: &Site, what: &str, why: Uncertainty) -> Advice {
    let verdict = Verdict::Unknown(why);
    let mut particulars = Particulars::of(&verdict);
    particulars.site = site;
    particulars.unverified = Some(what);
    particulars.advise(&verdict)
}

/// The message for a secret that was not sent; `name` is what it looks like.
pub fn advise_unsent(site: &Site, row: &Row, name: &str) -> Advice {
    let particulars = Particulars {
        site,
        named: name,
        ..Particulars::default()
    };
    particulars.fill(row)
}

/// How to create a credential that works at a site, in one sentence: another of the same kind if
/// that still exists, else one of the usual kind.
pub fn how_to_create(site: &Site, kind: Option<Kind>) -> String {
    if kind.is_some_and(Kind::is_sign_in) {
        return format!("Sign in again: {}", site.web_login_command());
    }
    format!("Create {}.", recipe(site, kind))
}

/// What to create, and where.
fn recipe(site: &Site, kind: Option<Kind>) -> String {
    let of_site = site.kinds().iter().copied();
    let mut fitting = of_site.filter(|it| !matches!(it, Kind::AppPassword | Kind::Password));
    let usual = site.kinds()[0];
    let kind = fitting.find(|it| Some(*it) == kind).unwrap_or(usual);
    let (facts, page) = (kind.facts(), site.token_page());
    let (what, read, write) = (facts.with_article, facts.read_scope, facts.write_scope);
    match kind {
        Kind::AccessToken => format!(
            "{what} with the scopes {read} and {write} in the settings of the repository, \
             project or workspace"
        ),
        Kind::HttpToken | Kind::Password => format!(
            "{what} with the permission to write repositories ({write}; {read} is enough to \
             clone and fetch) at {page}, or in the settings of the repository or project"
        ),
        Kind::ApiToken | Kind::AppPassword | Kind::OAuth | Kind::DataCenterOAuth => format!(
            "{what} at {page} with the button \"Create API token with scopes\", the app \
             Bitbucket and the scopes {read} and {write}"
        ),
    }
}

/// What stands for the words in braces.
#[derive(Clone, Copy)]
pub(super) struct Particulars<'a> {
    pub site: &'a Site,
    pub kind: Option<Kind>,
    /// What could not be done, if it is not about a credential.
    pub unverified: Option<&'a str>,
    pub repository: Option<&'a Repository>,
    pub username: Option<&'a str>,
    pub missing: &'a [&'static str],
    pub status: u16,
    /// Seconds.
    pub retry_after: Option<u64>,
    /// A setting, or another service's token.
    pub named: &'a str,
}

impl Default for Particulars<'_> {
    fn default() -> Self {
        Self {
            site: &CLOUD,
            kind: None,
            unverified: None,
            repository: None,
            username: None,
            missing: &[],
            status: 0,
            retry_after: None,
            named: "",
        }
    }
}

impl<'a> Particulars<'a> {
    /// What a verdict itself tells.
    fn of(verdict: &'a Verdict) -> Self {
        let mut particulars = Self {
            username: verdict
                .accepted()
                .and_then(|accepted| accepted.username.as_deref()),
            ..Self::default()
        };
        match verdict {
            Verdict::Lacking(_, missing) => particulars.missing = missing,
            Verdict::Unknown(Uncertainty::Server {
                status,
                retry_after,
            }) => {
                particulars.status = *status;
                particulars.retry_after = *retry_after;
            }
            Verdict::Unknown(Uncertainty::Unexpected(status)) => particulars.status = *status,
            Verdict::Unknown(Uncertainty::Network(Trouble::BadSetting(setting))) => {
                particulars.named = setting;
            }
            _ => {}
        }
        particulars
    }

    /// A verdict without a row is told in no words; a test sees to it that none is.
    fn advise(&self, verdict: &Verdict) -> Advice {
        let row = verdict.row(self.kind);
        row.map(|row| self.fill(row)).unwrap_or_default()
    }

    pub(super) fn fill(&self, row: &Row) -> Advice {
        let fill = |template| fill(template, |word| self.particular(word));
        Advice {
            message: fill(row.message),
            next_step: fill(row.next_step),
        }
    }

    fn particular(&self, word: &str) -> String {
        let name = self.kind.map_or("credential", |kind| kind.facts().name);
        match word {
            "kind" => name.to_owned(),
            "who" => match self.username {
                Some(username) => format!("The {name} of {}", shown(username)),
                None => format!("The {name}"),
            },
            "unverified" => match self.unverified {
                Some(instead) => instead.to_owned(),
                None => format!("The {name} could not be verified"),
            },
            "here" => self
                .repository
                .map_or_else(String::new, |it| format!(" {it}")),
            "create" => how_to_create(self.site, self.kind),
            "create_token" => how_to_create(self.site, None),
            "recipe" => recipe(self.site, self.kind),
            "product" => self.site.name().to_owned(),
            "site" => self.site.host().to_owned(),
            "url" => self.site.url().to_owned(),
            "hosts" => self.site.asked_hosts().to_owned(),
            "missing" => self.missing(),
            "status" => self.status.to_string(),
            "again" => match self.retry_after {
                Some(seconds) if seconds > 0 => format!("Try again in {seconds} seconds."),
                _ => "Try again later.".to_owned(),
            },
            "setting" | "foreign" => shown(self.named),
            _ => String::new(),
        }
    }

    /// Each missing scope with what it is for.
    fn missing(&self) -> String {
        let scopes = self.missing.iter().map(|scope| {
            let purpose = if KINDS.iter().any(|row| row.write_scope == *scope) {
                "to push"
            } else {
                "to clone and fetch"
            };
            format!("{scope} ({purpose})")
        });
        scopes.collect::<Vec<_>>().join(" and ")
    }
}
