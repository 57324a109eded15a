//! What is said where there is no credential to give: why, and the command that helps.

use super::Get;
use super::step::NoCredential;
use crate::bitbucket::Kind;
use crate::helper::source::environment;
use crate::text::shown;

impl Get<'_> {
    /// Why there is no credential, and what to do.
    pub(super) fn what_to_do(&self, reason: NoCredential) -> String {
        let reason = match reason {
            NoCredential::NobodyThere => "nobody can be asked",
            NoCredential::Busy => "another Git command is still asking for it",
            NoCredential::Cancelled => "the question was cancelled",
            NoCredential::NotForSubmodule => "no account that is kept fits this submodule",
        };
        if !self.session.choice().keeps() {
            return format!(
                "no credential is at hand for {}: nothing is kept (--store=none), and {reason}; \
                 put a token into {}",
                self.session.site.host(),
                environment::TOKEN
            );
        }
        let place = self.address();
        let whose = match self.wanted.username() {
            Some(name) => format!("no credential of {}", shown(name)),
            None => "no credential".to_owned(),
        };
        format!(
            "{whose} is kept for {place}, and {reason}; run: git credential-bitbucket login {place}{}",
            self.name_option()
        )
    }

    /// Has `login` keep it under the name that was asked for, unless that is a submodule's,
    /// which nobody here chose. Only a name that means nothing to a shell stands in a command
    /// to copy.
    fn name_option(&self) -> String {
        let is_word = |name: &&str| {
            name.starts_with(|it: char| it.is_ascii_alphanumeric())
                && name
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || "._-".contains(it))
        };
        self.wanted
            .stated_name
            .filter(|name| {
                is_word(name) && Kind::with_static_name(name).is_none() && !self.wanted.is_submodule
            })
            .map_or_else(String::new, |name| format!(" --username {name}"))
    }

    /// What `login` may be called with.
    pub(super) fn address(&self) -> String {
        let url = self.session.site.url();
        match &self.wanted.repository {
            Some(repository) => format!("{url}/{repository}"),
            None => url.to_owned(),
        }
    }
}
