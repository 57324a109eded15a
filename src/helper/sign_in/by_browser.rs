//! Signing in by the browser, from the first word to the entry that is made of it: `browser` brings
//! the tokens, here it is found out whose they are.

use super::browser::BrowserSignIn;
use super::{SignIn, SignedIn, Unsuccessful};
use crate::accounts::answers_to;
use crate::bitbucket::{Accepted, Candidate, Kind, Verdict, account_name};
use crate::helper::account_question::agree_on_name;
use crate::helper::renewal::entry_of;
use crate::secret::Secret;
use crate::text::shown;

impl SignIn<'_> {
    /// Signs in with the browser, and finds out whose account it is.
    pub fn by_browser(&mut self) -> Result<SignedIn, Unsuccessful> {
        let (Some(client), Some(provider)) = (self.client, self.session.site.oauth()) else {
            return Err(Unsuccessful::Nobody);
        };
        let tokens = BrowserSignIn {
            session: self.session,
            person: self.person,
            provider,
            client,
            opens: self.opens_browser,
        }
        .run()?;
        let accepted = Accepted {
            rights: tokens.rights(),
            username: self.whose(provider.kind, &tokens.access),
            ..Accepted::default()
        };
        let mut entry = entry_of(
            provider.kind,
            &tokens,
            &client.id,
            accepted.username.clone(),
        );
        entry.details.reach = self.reach.clone().unwrap_or_default();
        let host = self.session.site.host();
        let (text, serves) = told(provider.kind, &accepted, host);
        self.person.tell(&text);
        if !serves {
            return Err(Unsuccessful::Refused);
        }
        let wanted = self.username.and_then(account_name);
        if let Some(wanted) = wanted
            && !answers_to(&entry, wanted)
            && !agree_on_name(self.person, &mut entry, wanted, host)?
        {
            return Err(Unsuccessful::Refused);
        }
        let verdict = Verdict::Verified(accepted);
        Ok(SignedIn { entry, verdict })
    }

    /// Asks the server for the account's name. A token without that scope gets none.
    fn whose(&mut self, kind: Kind, token: &Secret) -> Option<String> {
        let host = self.session.site.host();
        let waiting = self.person.wait(&format!("Asking {host} who you are"));
        let verdict = self.session.verify(&Candidate {
            site: &self.session.site,
            kind: Some(kind),
            secret: token,
            username: None,
            email: None,
            repository: None,
        });
        drop(waiting);
        verdict.accepted().and_then(|it| it.username.clone())
    }
}

/// What is said of a browser sign-in, and whether Git can use it.
fn told(kind: Kind, accepted: &Accepted, host: &str) -> (String, bool) {
    let who = match &accepted.username {
        Some(name) => format!("You are signed in to {host} as {}", shown(name)),
        None => format!("You are signed in to {host}"),
    };
    let facts = kind.facts();
    let (read, write) = (facts.read_scope, facts.write_scope);
    let remedy = "Add it to the client's scopes, then sign in again.";
    match (accepted.rights.read, accepted.rights.write) {
        (Some(false), _) => (
            format!(
                "{who}, but the OAuth client lacks the scope {read}, without which Git reads \
                 nothing, so nothing was kept. {remedy}"
            ),
            false,
        ),
        (_, Some(false)) => (
            format!(
                "{who}, to fetch and not to push: the OAuth client lacks the scope {write}. \
                 {remedy}"
            ),
            true,
        ),
        _ => (format!("{who}."), true),
    }
}
