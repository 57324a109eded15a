//! Renewing a browser sign-in: one process at a time, with one request, and what comes of it is
//! written before anybody hears it. Whether it is time is decided in `accounts::renewal`.

use super::session::{Session, explain_failure};
use super::single_flight::{self, Before};
use crate::accounts::Entry;
use crate::accounts::renewal::{Kept, Next, Outcome, Run, next};
use crate::bitbucket::advice::advise_undone;
use crate::bitbucket::oauth::{self, Answered, Tokens};
use crate::bitbucket::{Kind, Site};
use crate::dates::now;
use crate::keychain::Unlock;
use crate::text::{notice, shown};
use crate::trace;

/// What came of a renewal.
pub struct Renewal {
    /// In a word.
    pub outcome: Outcome,
    /// The entry as it is now, if that is known.
    pub entry: Option<Entry>,
    /// Why nothing is known, as whole sentences.
    pub why: Option<String>,
}

impl Renewal {
    fn unknown(why: String) -> Self {
        Self {
            outcome: Outcome::Unknown,
            entry: None,
            why: Some(why),
        }
    }

    fn of(outcome: Outcome, entry: Entry) -> Self {
        Self {
            outcome,
            entry: Some(entry),
            why: None,
        }
    }
}

impl Session {
    /// Renews a sign-in, unless another process has done so. `was_refused`: Git was refused its
    /// access token, however long that would live.
    pub fn renew(&self, entry: &Entry, was_refused: bool) -> Renewal {
        let what = format!("{} could not be renewed", shown(&entry.title()));
        let subject = format!("renewal of {}", entry.details.id);
        let (before, _turn) = single_flight::begin(&subject, || false);
        if before == Before::Busy {
            return Renewal::unknown(format!(
                "{what}: another Git command is still trying. Try again."
            ));
        }
        let found = match self.find_again(entry) {
            Ok(Some(found)) => found,
            Ok(None) => return Renewal::unknown(format!("{what}: it is not kept any more.")),
            Err(why) => return Renewal::unknown(format!("{what}: {why}.")),
        };
        let run = Run {
            was_refused: was_refused && found.secret == entry.secret,
            tried: None,
        };
        match Kept::of(&found).map(|kept| next(&kept, run, now())) {
            Some(Next::Renew) => {}
            // Another process has done it, or has heard that it cannot be done.
            Some(Next::Serve) | None => return Renewal::of(Outcome::Renewed, found),
            Some(Next::SignIn | Next::Wait) => return Renewal::of(Outcome::Refused, found),
        }
        match self.ask_for_renewal(&found) {
            Ok(Answered::Granted(tokens)) => self.keep_renewed(found, &tokens),
            Ok(Answered::Refused(_)) => self.note_refusal(found),
            Ok(Answered::Unknown(why)) => {
                Renewal::unknown(advise_undone(&self.site, &what, why).to_string())
            }
            Err(why) => Renewal::unknown(format!("{what}: {why}.")),
        }
    }

    /// Ends a sign-in at the server that is not kept any more; what is to be said of it. `None`
    /// for what is no sign-in of ours.
    pub fn revoke(&self, entry: &Entry) -> Option<String> {
        let (provider, id) = (self.site.oauth()?, entry.details.client.as_ref()?);
        let refresh = entry.refresh.as_ref()?;
        let (host, title) = (self.site.host(), shown(&entry.title()));
        let what = format!("{title} could not be ended at {host}");
        let outcome = match self.client_named(id) {
            Ok(client) => oauth::revoke(provider, &client, refresh, self.config())
                .map_err(|why| advise_undone(&self.site, &what, why).to_string()),
            Err(reason) => Err(format!("{what}: {reason}.")),
        };
        Some(match outcome {
            Ok(true) => format!("Ended at {host}, too."),
            Ok(false) => format!("{host} goes on knowing it until it is not used for a while."),
            Err(text) => format!("note: {text}"),
        })
    }

    /// The entry as the store has it now.
    fn find_again(&self, entry: &Entry) -> Result<Option<Entry>, String> {
        let vault = self.vault();
        let contents = vault.read(Unlock::Never);
        let contents = contents.map_err(|it| explain_failure(&it, vault.store()))?;
        let mut entries = contents.entries.into_iter();
        Ok(entries.find(|it| it.details.id == entry.details.id))
    }

    fn ask_for_renewal(&self, entry: &Entry) -> Result<Answered, String> {
        let (Some(provider), Some(id), Some(refresh)) =
            (self.site.oauth(), &entry.details.client, &entry.refresh)
        else {
            return Err("nothing renews it".to_owned());
        };
        let client = self.client_named(id).map_err(|reason| reason.to_string())?;
        Ok(oauth::renew(provider, &client, refresh, self.config()))
    }

    /// Writes what came before it is handed out. What cannot be written is handed out all the
    /// same: the server has given the old one up.
    fn keep_renewed(&self, mut found: Entry, tokens: &Tokens) -> Renewal {
        let vault = self.vault();
        let written = vault.change(&found, Unlock::Never, |entry| renewed(entry, tokens));
        let told: &'static str = if written.is_ok() { "kept" } else { "not kept" };
        trace::tell("renewed", &[&told]);
        match written {
            Ok(Some(entry)) => Renewal::of(Outcome::Renewed, entry),
            // Somebody has forgotten it, or signed in anew: it is not brought back.
            Ok(None) => {
                renewed(&mut found, tokens);
                Renewal::of(Outcome::Renewed, found)
            }
            Err(failure) => {
                let why = explain_failure(&failure, vault.store());
                let title = shown(&found.title());
                notice(&format!(
                    "{title} was renewed and could not be kept, so you may have to sign in again: {why}"
                ));
                renewed(&mut found, tokens);
                Renewal::of(Outcome::Renewed, found)
            }
        }
    }

    /// Notes that it was refused, unless somebody who has no part in our locks has renewed it.
    fn note_refusal(&self, mut found: Entry) -> Renewal {
        if let Ok(Some(other)) = self.find_again(&found)
            && other.secret != found.secret
        {
            return Renewal::of(Outcome::Renewed, other);
        }
        found.details.renewal_refused = Some(now());
        // What cannot be noted is asked again.
        let _ = self.vault().change(&found, Unlock::Never, |entry| {
            entry.details.renewal_refused = Some(now());
        });
        Renewal::of(Outcome::Refused, found)
    }
}

/// Puts new tokens in the place of the old ones.
fn renewed(entry: &mut Entry, tokens: &Tokens) {
    entry.secret = tokens.access.duplicate();
    if let Some(refresh) = &tokens.refresh {
        entry.refresh = Some(refresh.duplicate());
    }
    let details = &mut entry.details;
    details.expires = Some(now().saturating_add(tokens.life));
    details.verified = Some(now());
    details.renewal_refused = None;
    (details.refusals, details.refused) = (0, None);
    if let Some(scopes) = &tokens.scopes {
        details.scopes.clone_from(scopes);
        details.rights = tokens.rights();
    }
}

/// The entry that a sign-in makes, not kept yet.
pub fn entry_of(kind: Kind, tokens: &Tokens, client: &str, username: Option<String>) -> Entry {
    let mut entry = Entry::new(kind, tokens.access.duplicate(), now());
    renewed(&mut entry, tokens);
    entry.details.client = Some(client.to_owned());
    entry.details.username = username;
    entry
}

/// Why a sign-in has ended that the server will not renew, and what to do.
pub fn explain_end(entry: &Entry, site: &Site) -> String {
    let (title, host) = (shown(&entry.title()), site.host());
    let why = if entry.refresh.is_none() {
        "and nothing renews it".to_owned()
    } else {
        format!(
            "and {host} does not renew it: nobody used it for three months, it was revoked, or \
             the OAuth client has changed"
        )
    };
    let command = site.web_login_command();
    format!("{title} has ended, {why}; sign in again: {command}")
}
