//! Signing in: the dialogue with a person, who pastes a token or uses the browser (`browser`),
//! until there is a credential that the server accepts (`verification`). Used by a `get` that
//! finds nothing and by `login`; where it is kept is the caller's business.

mod browser;
mod by_browser;
mod verification;

use super::session::Session;
use crate::accounts::{Entry, Reach};
use crate::bitbucket::oauth::Client;
use crate::bitbucket::{
    Kind, Repository, Shape, Verdict, account_name, advice, around_token, shape_advice,
};
use crate::git::{self, is_submodule};
use crate::platform;
use crate::prompt::{Person, Subject, Unanswered, password_question};
use crate::protocol::is_printable;
use crate::secret::Secret;
use crate::text::shown;
use crate::trace;

/// How often a person may try within one dialogue.
const TRIES: u32 = 3;

/// What is known before the first question.
pub struct SignIn<'a> {
    /// Where things are verified.
    pub session: &'a Session,
    /// Whom to ask.
    pub person: &'a mut dyn Person,
    /// The repository that Git works on, if known.
    pub repository: Option<&'a Repository>,
    /// The account that was asked for: `user@`.
    pub username: Option<&'a str>,
    /// The kind, if it was stated and need not be read off the shape.
    pub kind: Option<Kind>,
    /// The Atlassian account's e-mail address, if it was stated.
    pub email: Option<&'a str>,
    /// What to keep it for, if that was stated.
    pub reach: Option<Reach>,
    /// The OAuth client to sign in with the browser as, if there is one.
    pub client: Option<&'a Client>,
    /// Whether a browser may be opened, or its address is only printed.
    pub opens_browser: bool,
    /// Whether the page where tokens are made may be opened, for somebody who reads that it can.
    pub offers_page: bool,
}

/// A credential to use.
pub struct SignedIn {
    /// The credential, not kept yet.
    pub entry: Entry,
    /// What the server said: only what it confirmed is kept at once.
    pub verdict: Verdict,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsuccessful {
    /// The person gave up.
    Cancelled,
    /// Three tries were refused.
    Refused,
    /// Nobody can be asked.
    Nobody,
}

impl From<Unanswered> for Unsuccessful {
    fn from(reason: Unanswered) -> Self {
        match reason {
            Unanswered::Cancelled => Self::Cancelled,
            Unanswered::Nobody => Self::Nobody,
        }
    }
}

impl SignIn<'_> {
    /// Asks until a credential is accepted, at most three times.
    pub fn ask(&mut self) -> Result<SignedIn, Unsuccessful> {
        let mut page = self.page_to_open();
        self.introduce(page.is_some());
        let host = self.session.site.host();
        let question = password_question(Subject { host, path: None }, self.account_name());
        let mut refused: Vec<Secret> = Vec::new();
        for attempt in 1..=TRIES {
            let Some(secret) = self.token_or_page(&question, page.take())? else {
                match self.by_browser() {
                    Err(Unsuccessful::Refused) if attempt < TRIES => {
                        self.person.tell("Try again, or press Ctrl-C to give up.");
                        continue;
                    }
                    outcome => return outcome,
                }
            };
            if refused.contains(&secret) {
                self.person
                    .tell("That is the same again, so it was not sent.");
            } else if let Some(accepted) = self.consider(&secret)? {
                return Ok(accepted);
            } else {
                refused.push(secret);
            }
            if attempt < TRIES {
                self.person.tell(match self.client {
                    Some(_) => "Try again, or press Ctrl-C to give up.",
                    None => "Try again, or press Enter to give up.",
                });
            }
        }
        self.person
            .tell("That was the last try; nothing was kept. With a token that works, run the command again.");
        Err(Unsuccessful::Refused)
    }

    /// The page where tokens are made, if Enter opens it: not where that begins a sign-in.
    fn page_to_open(&self) -> Option<String> {
        let is_offered = self.offers_page && self.client.is_none() && platform::has_browser();
        is_offered.then(|| self.session.site.token_page().to_owned())
    }

    /// As [`Self::ask_for_token`]; Enter alone opens the page at first.
    fn token_or_page(
        &mut self,
        question: &str,
        page: Option<String>,
    ) -> Result<Option<Secret>, Unsuccessful> {
        if let Some(page) = page {
            let typed = self.person.ask_optional_secret(question)?;
            if let Some(secret) = typed.map(|typed| typed.trimmed()) {
                return Ok(Some(secret));
            }
            let waiting = self.person.wait("Opening your browser");
            let is_open = platform::open_in_browser(&page, git::command);
            drop(waiting);
            self.person.tell(if is_open {
                "Your browser shows that page now. Create the token there and paste it here, or \
                 press Enter to give up."
            } else {
                "No browser could be opened, so open that page yourself. Paste the token here, or \
                 press Enter to give up."
            });
        }
        self.ask_for_token(question)
    }

    /// A token; `None` if the browser is wanted instead, which Enter alone says.
    fn ask_for_token(&mut self, question: &str) -> Result<Option<Secret>, Unsuccessful> {
        let typed = if self.client.is_some() {
            self.person.ask_optional_secret(question)?
        } else {
            Some(self.person.ask_secret(question)?)
        };
        match typed.map(|typed| typed.trimmed()) {
            Some(secret) if secret.is_empty() => Err(Unsuccessful::Cancelled),
            typed => Ok(typed),
        }
    }

    /// Judges one secret by its shape, then by the server. `None`: it cannot be used,
    /// and the person was told why.
    pub fn consider(&mut self, secret: &Secret) -> Result<Option<SignedIn>, Unsuccessful> {
        match self.judge(secret)? {
            Some(kind) => self.verify(kind, secret),
            None => Ok(None),
        }
    }

    fn introduce(&mut self, opens_page: bool) {
        let host = self.session.site.host();
        let repository = self.repository.map(|place| {
            if is_submodule() {
                // Nobody typed it: the whole URL shows where the question comes from.
                let address = self.session.site.address(&place.to_string());
                format!(" for the submodule {address}")
            } else {
                format!(" for {place}")
            }
        });
        let user = self.account_name();
        let user = user.map(|name| format!(" as {}", shown(name)));
        let what = self.session.site.kinds()[0].facts().with_article;
        let how = match self.client {
            Some(_) => format!(
                "Press Enter to use your browser, or paste {what} as the password; it stays \
                 invisible."
            ),
            None => format!(
                "Paste {what} as the password; it stays invisible. None yet? {}{}",
                advice::how_to_create(&self.session.site, None),
                if opens_page {
                    " Enter alone opens that page in your browser."
                } else {
                    ""
                }
            ),
        };
        self.person.tell(&format!(
            "Sign in to {host}{}{}.\n{how}",
            repository.unwrap_or_default(),
            user.unwrap_or_default(),
        ));
    }

    /// Decides over the shape, before anything is sent. `None`: not to be used.
    fn judge(&mut self, secret: &Secret) -> Result<Option<Kind>, Unsuccessful> {
        let shape = self.session.site.shape(secret);
        trace::tell("pasted", &[&shape]);
        if !is_printable(secret.expose()) {
            self.person.tell(shape_advice::BROKEN);
            return Ok(None);
        }
        if let Some(mistake) = around_token(secret) {
            let why = mistake.explanation().why;
            let text = format!("This {why}, so it was not sent. Paste the token alone.");
            self.person.tell(&text);
            return Ok(None);
        }
        if let Some(reason) = shape_advice::refusal(&self.session.site, shape) {
            self.person.tell(&reason);
            return Ok(None);
        }
        // Who states the kind has answered every doubt.
        if self.kind.is_none()
            && let Some(question) = shape_advice::doubt(shape, self.session.site.host())
            && !self.person.confirm(&question)?
        {
            return Ok(None);
        }
        match (shape, self.kind) {
            // But what the form says is not overruled.
            (Shape::Known(kind) | Shape::Damaged(kind), _) | (_, Some(kind)) => Ok(Some(kind)),
            (Shape::PerhapsAppPassword, None) => Ok(Some(Kind::AppPassword)),
            (_, None) => self.ask_for_kind(),
        }
    }

    fn ask_for_kind(&mut self) -> Result<Option<Kind>, Unsuccessful> {
        let kinds = self.session.site.kinds().iter();
        let kinds: Vec<_> = kinds.map(|kind| kind.facts().id).collect();
        if let [_] = kinds[..] {
            return Ok(Some(self.session.site.kinds()[0]));
        }
        let question = format!("What is it: {}? [{}]:", kinds.join(", "), kinds[0]);
        let answer = self.person.ask(&question)?;
        let kind = match answer.trim() {
            "" => Some(self.session.site.kinds()[0]),
            id => Kind::with_id(id).filter(|kind| self.session.site.kinds().contains(kind)),
        };
        if kind.is_none() {
            self.person.tell("That is none of these; nothing was sent.");
        }
        Ok(kind)
    }

    /// The account that was asked for; a placeholder is nobody's.
    fn account_name(&self) -> Option<&str> {
        self.username.and_then(account_name)
    }
}

#[cfg(test)]
mod tests;
