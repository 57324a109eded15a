//! What is said where there is no credential to give: why, and the command that helps.

use super::Get;
use super::step::NoCredential;
use crate::helper::single_flight::who_asks;
use crate::helper::source::environment;
use crate::text::shown;

impl Get<'_> {
    /// Why there is no credential, and what to do.
    pub(super) fn what_to_do(&self, reason: NoCredential) -> String {
        // Nobody may see the other question.
        let step = match reason {
            NoCredential::Busy => "answer it there, or run",
            _ => "run",
        };
        let (nobody, is_empty) = match reason {
            NoCredential::NobodyThere => (self.session.forbids_questions(), self.empty_variable()),
            _ => (None, None),
        };
        let reason = match (reason, nobody) {
            (NoCredential::NobodyThere, Some(what)) => {
                format!("nobody can be asked ({what} forbids it)")
            }
            (NoCredential::NobodyThere, None) => "nobody can be asked".to_owned(),
            (NoCredential::Busy, _) => format!(
                "another Git command{} is still asking for it",
                who_asks(&self.subject())
            ),
            (NoCredential::Cancelled, _) => "the question was cancelled".to_owned(),
            (NoCredential::NotForSubmodule, _) => {
                "no account that is kept fits this submodule".to_owned()
            }
        };
        let empty = is_empty.map(|name| format!("{name} is empty, "));
        let reason = format!("{}and {reason}", empty.unwrap_or_default());
        if !self.session.choice().keeps() {
            return format!(
                "no credential is at hand for {}: nothing is kept (--store=none), {reason}; \
                 put a token into {}",
                self.session.site.host(),
                is_empty.unwrap_or(environment::TOKEN)
            );
        }
        let place = self.address();
        let whose = match self.wanted.username() {
            Some(name) => format!("no credential of {}", shown(name)),
            None => "no credential".to_owned(),
        };
        // They may be what is looked for.
        let readable = match self.known.unreadable {
            0 => "",
            _ => " that this version can read",
        };
        // Whoever sets a variable is no person at a terminal.
        let next = match is_empty {
            Some(name) => format!("put a token into {name}"),
            None => format!(
                "{step}: git credential-bitbucket login {place}{}",
                self.name_option()
            ),
        };
        format!("{whose}{readable} is kept for {place}, {reason}; {next}")
    }

    /// What is said of the store, after what else is to blame that nothing is served.
    pub(super) fn with_causes(&self, text: &str) -> String {
        match self.empty_variable() {
            Some(name) => format!("{name} is empty, and {text}"),
            None => text.to_owned(),
        }
    }

    /// The variable that was meant to hold a token.
    fn empty_variable(&self) -> Option<&'static str> {
        environment::empty_variable(&self.session.options)
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
            .username()
            .filter(|name| is_word(name) && !self.wanted.is_submodule)
            .map_or_else(String::new, |name| format!(" --username {name}"))
    }

    /// What `login` may be called with.
    pub(super) fn address(&self) -> String {
        let site = &self.session.site;
        match &self.wanted.repository {
            Some(repository) => site.address(&repository.to_string()),
            None => site.url().to_owned(),
        }
    }
}
