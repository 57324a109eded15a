//! One secret that lies elsewhere, with what its form and the server tell of it. How it stands
//! with it is decided in `standing`, whether it is kept in `keeping`.

use super::places::{FoundSecret, GitUse};
use super::secret_form::SecretForm;
use crate::bitbucket::{
    Advice, Kind, Repository, Site, Verdict, account_name, advise, is_credential,
};

/// A secret that lies elsewhere, judged.
pub(super) struct OtherSecret {
    pub found: FoundSecret,
    pub form: SecretForm,
    /// What the server says; never of a password.
    pub verdict: Option<Verdict>,
}

impl OtherSecret {
    pub fn of(found: FoundSecret) -> Self {
        Self {
            form: SecretForm::of(&found),
            found,
            verdict: None,
        }
    }

    /// The repository that it is for by its place.
    pub fn repository(&self) -> Option<Repository> {
        self.found.path.as_deref().and_then(Repository::from_path)
    }

    /// Whether it is the environment's, which is told of as a variable.
    pub fn is_our_variable(&self) -> bool {
        let place = &self.found.place;
        place.kind.git_use == GitUse::Variable && place.name.starts_with("BITBUCKET_")
    }

    /// As which kind of token Bitbucket may be asked about it, if it may.
    pub fn sent_as(&self) -> Option<Kind> {
        match self.form {
            SecretForm::Token(kind) if !self.may_be_for_another_service() => Some(kind),
            _ => None,
        }
    }

    /// Whether it is a variable that does not say that it is for Bitbucket: other products of
    /// Atlassian's have tokens of the same form.
    fn may_be_for_another_service(&self) -> bool {
        let place = &self.found.place;
        let says_bitbucket = place.name.to_ascii_uppercase().contains("BITBUCKET");
        place.kind.git_use == GitUse::Variable && !says_bitbucket
    }

    /// What the server says of it.
    pub fn advice(&self, site: &Site) -> Advice {
        let kind = match self.form {
            SecretForm::Token(kind) => Some(kind),
            _ => None,
        };
        let advice = self.verdict.as_ref();
        let advice = advice.map(|verdict| advise(site, verdict, kind, None));
        advice.unwrap_or_default()
    }

    /// What it is and whose, for a sentence.
    pub fn what(&self) -> String {
        let what = self.form.what();
        let name = self.found.username.as_deref().filter(|name| {
            !name.is_empty() && account_name(name).is_some() && !is_credential(name)
        });
        name.map_or_else(
            || what.to_owned(),
            |name| format!("{what} of {}", crate::text::shown(name)),
        )
    }
}
