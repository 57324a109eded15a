//! The dialogue that turns what a person pastes into a verified credential. Used by a
//! `get` that finds nothing and by `login`; where it is kept is the caller's business.

use super::account_question::agree_on_name;
use super::browser::BrowserSignIn;
use super::renewal::entry_of;
use super::session::Session;
use crate::accounts::{Entry, Reach, answers_to, may_renew};
use crate::bitbucket::oauth::Client;
use crate::bitbucket::{
    Accepted, Candidate, GitName, Holder, Kind, Repository, RestScheme, Shape, Verdict,
    account_name, advice, advise, shape_advice,
};
use crate::dates::now;
use crate::git::{self, is_submodule};
use crate::keychain::Unlock;
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

    /// The account's name, asked for once. Without the scope that tells it, nobody is named.
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

    /// Asks for what verifying needs, verifies, and says what came of it.
    fn verify(&mut self, kind: Kind, secret: &Secret) -> Result<Option<SignedIn>, Unsuccessful> {
        let username = self.find_username(kind)?;
        let email = self.find_email(kind)?;
        let mut entry = Entry::new(kind, secret.duplicate(), now());
        entry.details.reach = self.reach.clone().unwrap_or_default();
        let presumed = username.is_none().then(|| self.presumed_name(&entry));
        let asked = username.clone().or(presumed.flatten());
        let host = self.session.site.host();
        let waiting = self.person.wait(&format!("Asking {host} about it"));
        let verdict = self.session.verify(&Candidate {
            site: &self.session.site,
            kind: Some(kind),
            secret,
            username: asked.as_deref(),
            email: email.as_deref(),
            repository: self.repository,
        });
        drop(waiting);
        self.explain(&verdict, kind);
        if !verdict.serves() {
            return Ok(None);
        }
        entry.details.email = email;
        if kind.facts().git_name == GitName::Own {
            entry.details.username = username;
        }
        let is_agreed = self.complete(&mut entry, &verdict, asked.as_deref())?;
        Ok(is_agreed.then_some(SignedIn { entry, verdict }))
    }

    /// The account's name, asked for only where nothing works without it. An e-mail address
    /// is none, but all there is if nobody can be asked.
    fn find_username(&mut self, kind: Kind) -> Result<Option<String>, Unsuccessful> {
        let given = self.account_name().map(str::to_owned);
        // A Data Center's may look like an address.
        let may_have_at = kind == Kind::Password;
        let is_name = |name: &String| may_have_at || !name.contains('@');
        let usable = given.as_ref().is_some_and(is_name);
        if usable || kind.facts().git_name != GitName::Own {
            return Ok(given);
        }
        match self.ask_for_username() {
            Err(Unsuccessful::Nobody) if given.is_some() => Ok(given),
            answer => answer.map(Some),
        }
    }

    /// Whose it may be if nobody said: the only account for the same places, whose token it
    /// may renew. The server tells.
    fn presumed_name(&self, new: &Entry) -> Option<String> {
        let kept = self.session.vault().read(Unlock::Never).ok()?.entries;
        let former = may_renew(&kept, new)?;
        former.details.username.clone()
    }

    /// The e-mail address, asked for only where nothing else can verify the token.
    fn find_email(&mut self, kind: Kind) -> Result<Option<String>, Unsuccessful> {
        if self.repository.is_some() || kind.facts().rest != RestScheme::Email {
            return Ok(None);
        }
        let in_url = self.username.filter(|name| name.contains('@'));
        if let Some(email) = self.email.or(in_url) {
            return Ok(Some(email.to_owned()));
        }
        let question = "E-mail of your Atlassian account, to verify the token (Enter skips):";
        match self.person.ask(question) {
            Ok(typed) => Ok(Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty())),
            // Then it stays unverified, which the verdict says.
            Err(Unanswered::Nobody) => Ok(None),
            Err(Unanswered::Cancelled) => Err(Unsuccessful::Cancelled),
        }
    }

    fn explain(&mut self, verdict: &Verdict, kind: Kind) {
        let advice = advise(&self.session.site, verdict, Some(kind), self.repository);
        self.person.tell(&advice.to_string());
    }

    /// Fills in what the verdict tells: the confirmed name, rights, and reach. False: it is
    /// another account's than the one that was asked for, and that was not agreed to.
    fn complete(
        &mut self,
        entry: &mut Entry,
        verdict: &Verdict,
        asked: Option<&str>,
    ) -> Result<bool, Unsuccessful> {
        let Some(accepted) = verdict.accepted() else {
            return Ok(true);
        };
        let stated = self.account_name().filter(|name| !name.contains('@'));
        let details = &mut entry.details;
        details.verified = Some(details.added);
        details.witness = self.repository.map(ToString::to_string);
        details.rights = accepted.rights;
        if let Some(name) = &accepted.username {
            details.username = Some(name.clone());
        } else if accepted.denied {
            details.denied.extend(asked.map(str::to_owned));
        } else if details.kind == Kind::ApiToken {
            // Nobody spoke against it.
            details.username = stated.map(str::to_owned);
        }
        if let Some(reach) = &self.reach {
            details.reach = reach.clone();
        } else if let (true, Some(repository)) = (entry.belongs_to_place(), self.repository) {
            let reach = self.find_reach(repository, accepted.holder)?;
            entry.details.reach = reach;
        }
        match self.username.and_then(account_name) {
            Some(wanted) if !answers_to(entry, wanted) => {
                self.agree(entry, wanted, accepted.denied)
            }
            _ => Ok(true),
        }
    }

    /// Asks whether it may answer for a name that is not its account's, as far as anybody knows.
    fn agree(
        &mut self,
        entry: &mut Entry,
        wanted: &str,
        denied: bool,
    ) -> Result<bool, Unsuccessful> {
        let host = self.session.site.host();
        if denied {
            let (name, what) = (shown(wanted), entry.details.kind.facts().with_article);
            self.person.tell(&format!(
                "{host} says that it is {what} of another account than {name}."
            ));
        }
        let agreed = agree_on_name(self.person, entry, wanted, host);
        match agreed {
            Err(Unanswered::Nobody) if denied => Ok(false),
            agreed => Ok(agreed?),
        }
    }

    /// What an access token is kept for. It belongs to a repository, a project or a
    /// workspace; the server does not always say to which.
    fn find_reach(
        &mut self,
        repository: &Repository,
        holder: Option<Holder>,
    ) -> Result<Reach, Unsuccessful> {
        let workspace = || Reach::Workspace(repository.workspace.clone());
        match holder {
            Some(Holder::Repository) => return Ok(Reach::repository(repository)),
            Some(Holder::Workspace) => return Ok(workspace()),
            Some(Holder::Project) | None => {}
        }
        let question = format!(
            "Use it for the whole workspace {}, and not only for {repository}?",
            repository.workspace
        );
        match self.person.confirm(&question) {
            Ok(true) => Ok(workspace()),
            // That it serves this repository is known.
            Ok(false) | Err(Unanswered::Nobody) => Ok(Reach::repository(repository)),
            Err(Unanswered::Cancelled) => Err(Unsuccessful::Cancelled),
        }
    }

    /// The account that was asked for; a placeholder is nobody's.
    fn account_name(&self) -> Option<&str> {
        self.username.and_then(account_name)
    }

    fn ask_for_username(&mut self) -> Result<String, Unsuccessful> {
        let host = self.session.site.host();
        let answer = self.person.ask_username(Subject { host, path: None })?;
        let answer = answer.trim().to_owned();
        if answer.is_empty() {
            return Err(Unsuccessful::Cancelled);
        }
        Ok(answer)
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

#[cfg(test)]
mod tests;
