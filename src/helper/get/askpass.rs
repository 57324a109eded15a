//! Asking a person by way of a program, as editors have it. Such a program shows nothing but
//! the question, so there is one try, and nothing is asked but a name and a password.

use super::Get;
use super::known::Pasted;
use super::step::Serving;
use crate::accounts::Entry;
use crate::bitbucket::{Kind, Shape, Verdict, is_of_oauth};
use crate::dates::now;
use crate::helper::sign_in::{SignIn, SignedIn};
use crate::prompt::{Listener, Subject, Unanswered};
use crate::secret::Secret;
use crate::text::notice;
use crate::trace;

/// What was answered.
struct GivenLogin {
    username: Option<String>,
    secret: Secret,
}

impl Get<'_> {
    /// Asks once.
    pub(super) fn ask_by_program(&mut self) {
        trace::tell("askpass", &[&"asks"]);
        let login = match self.ask_for_login() {
            Ok(login) => login,
            Err(unanswered) => {
                self.known.unanswered = Some(unanswered);
                if unanswered == Unanswered::Cancelled {
                    self.note_end_of_question();
                    // The dialog was closed, or could not be shown: the program does not tell.
                    notice(&format!(
                        "Cancelled, since no answer came; nothing was kept. To sign in in a \
                         terminal, run: git credential-bitbucket login {}",
                        self.address()
                    ));
                }
                return;
            }
        };
        if let Some(name) = &login.username
            && self.session.site.shape(&login.secret) == Shape::Unrecognised
            && is_of_oauth(name)
        {
            return self.hand_on(login.secret);
        }
        self.consider(&login);
    }

    /// Judges and verifies what was answered.
    fn consider(&mut self, login: &GivenLogin) {
        let repository = self.place();
        let mut listener = Listener::default();
        let outcome = SignIn {
            session: &self.session,
            person: &mut listener,
            repository: repository.as_ref(),
            username: login.username.as_deref(),
            // Nobody can insist that what looks damaged is right, so it is not sent: it may be an
            // account's password.
            kind: None,
            email: None,
            reach: None,
            client: None,
            opens_browser: false,
            offers_page: false,
        }
        .consider(&login.secret);
        let Ok(Some(SignedIn { mut entry, verdict })) = outcome else {
            listener.repeat_all();
            // The first words are those by which editors know that they must ask again.
            notice(&format!(
                "Authentication failed; nothing was kept. To try again in a terminal, run: \
                 git credential-bitbucket login {}",
                self.address()
            ));
            self.note_end_of_question();
            self.known.unanswered = Some(Unanswered::Cancelled);
            return;
        };
        if !is_unrestricted(&verdict) {
            listener.repeat();
        }
        self.inherit(&mut entry);
        if verdict.accepted().is_some()
            && let Err(text) = self.session.try_to_keep(&entry, "It")
        {
            notice(&text);
        }
        self.note_pasted(entry, &verdict);
    }

    /// A short-lived OAuth token, as build servers answer with: no person pastes one under this
    /// name. Neither judged nor kept; without a mark, `store` leaves it alone.
    fn hand_on(&mut self, secret: Secret) {
        self.known.pasted = Some(Pasted {
            entry: Entry::new(Kind::AccessToken, secret, now()),
            serving: Serving::UnmarkedOnce,
        });
    }

    /// Git's two questions; the first is spared if the name is known, or if a token was
    /// given for one.
    fn ask_for_login(&self) -> Result<GivenLogin, Unanswered> {
        let askpass = self.askpass.as_ref().ok_or(Unanswered::Nobody)?;
        let subject = Subject {
            host: self.request.host.as_deref().unwrap_or_default(),
            path: self.request.path.as_deref(),
        };
        let name = match self.wanted.name_in_question() {
            Some(name) => Secret::copy_of(name.as_bytes()),
            None => askpass.ask_username(subject)?.trimmed(),
        };
        let Some(username) = name.expose_text().filter(|name| !name.is_empty()) else {
            return Err(Unanswered::Cancelled);
        };
        if is_secret(self.session.site.shape(&name), username) {
            return Ok(GivenLogin {
                username: None,
                secret: name,
            });
        }
        let secret = askpass.ask_password(subject, username)?.trimmed();
        if secret.is_empty() {
            return Err(Unanswered::Cancelled);
        }
        Ok(GivenLogin {
            username: Some(username.to_owned()),
            secret,
        })
    }
}

/// Another service's secrets have this many characters or more; `sk-miller` is a name.
const SHORTEST_FOREIGN: usize = 20;

/// Whether what was given for a name is a secret, which the second question would show.
fn is_secret(shape: Shape, text: &str) -> bool {
    match shape {
        Shape::Known(_) | Shape::Damaged(_) => true,
        // No token has an `@`, and every address has.
        _ if text.contains('@') => false,
        Shape::Foreign(_) => text.len() >= SHORTEST_FOREIGN,
        Shape::Unrecognised => true,
        Shape::PerhapsAppPassword | Shape::AccountPassword => false,
    }
}

/// Whether there is nothing to warn of.
fn is_unrestricted(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Verified(accepted) => accepted.rights.write != Some(false),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;
    use crate::bitbucket::{Accepted, Refusal, Rights};

    /// What is given for a name must not be shown by the second question if it is a secret.
    #[test]
    fn a_secret_given_for_a_name_is_known_for_one() {
        let long = "0123456789".repeat(5);
        for (text, expected) in [
            ("alice", false),
            ("alice@example.com", false),
            ("x-token-auth", false),
            ("ATATT3xFfGF0-cut-off", true),
            ("ATBBhunter2", true),
            ("ghp_0123456789012345", true),
            ("sk-miller", false),
            ("correct horse", false),
            (&*long, true),
            (&*format!("{long}@example.com"), false),
        ] {
            let shape = CLOUD.shape(&Secret::copy_of(text.as_bytes()));
            assert_eq!(is_secret(shape, text), expected, "{text}");
        }
    }

    #[test]
    fn only_a_token_that_may_push_needs_no_word() {
        let rights = |write| {
            Verdict::Verified(Accepted {
                rights: Rights {
                    read: Some(true),
                    write,
                },
                ..Accepted::default()
            })
        };
        for (verdict, expected) in [
            (rights(Some(true)), true),
            (rights(None), true),
            (rights(Some(false)), false),
            (Verdict::Lacking(Accepted::default(), vec!["x"]), false),
            (Verdict::Refused(Refusal::Invalid), false),
        ] {
            assert_eq!(is_unrestricted(&verdict), expected, "{verdict:?}");
        }
    }
}
