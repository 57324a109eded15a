//! The answer that Git gets: a credential, or how a `get` ends without one.

use super::Get;
use super::step::{Credential, End, Serving};
use crate::accounts::Entry;
use crate::dates::now;
use crate::helper::{coming_expiry, mark};
use crate::protocol::{Answer, Served};
use crate::secret::Secret;
use crate::text::notice;
use crate::trace;

impl Get<'_> {
    pub(super) fn serve(&self, credential: Credential, serving: Serving) -> Answer {
        let entry = match credential {
            Credential::Source(index) => {
                trace::tell("environment", &[&"served"]);
                let looked = self.known.sources.get(index);
                let supply = looked.and_then(|looked| looked.supply.as_ref());
                supply.and_then(|supply| supply.credential.as_deref().ok())
            }
            Credential::Entry(index) => self.entries().get(index),
            Credential::Pasted => self.known.pasted.as_ref().map(|pasted| &pasted.entry),
        };
        let Some(entry) = entry else {
            return Answer::Silence;
        };
        let is_usual = matches!(
            (credential, serving),
            (Credential::Entry(_), Serving::Usual)
        );
        if is_usual && self.known.is_unasked() {
            coming_expiry::warn(entry, &self.session.site.login_command());
        }
        self.answer(entry, serving)
    }

    /// The answer that hands out an entry. Git may come back (`continue=1`) unless it has done
    /// so already.
    fn answer(&self, entry: &Entry, serving: Serving) -> Answer {
        let is_bearer = entry.details.kind.facts().is_bearer;
        let own_name = match serving {
            // At a Data Center another name would be another failed login.
            Serving::OnceMore if !is_bearer => entry.details.kind.git_username(None),
            _ => None,
        };
        // The placeholder is for tokens that are known to be nobody's.
        let is_unsure = is_bearer && !entry.belongs_to_place();
        let stated = self.wanted.username();
        let known = entry.details.username.as_deref();
        let name = own_name
            .or(known.or(stated).filter(|_| is_unsure))
            .or_else(|| entry.git_username())
            .or(stated);
        let Some(name) = name else {
            return Answer::Silence;
        };
        let is_marked = matches!(serving, Serving::Usual | Serving::OnceMore);
        let is_first = self.wanted.mark.is_none();
        let asked = self.wanted.username().filter(|asked| *asked != name);
        Answer::Credential(Served {
            username: name.to_owned(),
            password: entry.secret.duplicate(),
            bearer: is_bearer,
            // What another helper brought goes back as it came: Git passes on what renews it.
            password_expiry_utc: entry
                .details
                .expires
                .filter(|&time| time > now() || entry.is_lent()),
            oauth_refresh_token: entry
                .refresh
                .as_ref()
                .filter(|_| entry.is_lent())
                .map(Secret::duplicate),
            state: mark::mark_of_round(entry, !is_first, asked).filter(|_| is_marked),
            r#continue: is_first && matches!(serving, Serving::Usual | Serving::Unmarked),
        })
    }

    pub(super) fn end(&self, end: End) -> Answer {
        match end {
            End::Silence => return Answer::Silence,
            End::Quit => {}
            End::GiveUp => {
                if let Some(turn) = &self.turn {
                    turn.cancel();
                }
            }
            End::Tell(reason) => notice(&self.what_to_do(reason)),
        }
        Answer::Quit
    }
}
