//! Whether Bitbucket accepts a credential, found out with at most two requests that
//! change nothing there. What an answer means is the table in `answers`; here is only the
//! order of the questions.

use super::answers::{Meaning, Surface, meaning};
use super::catalogue::{Refusal, Uncertainty};
use super::claims::{holder, rights, scopes, username};
use super::kind::{Facts, GitName, Holder, Kind, RestScheme};
use super::placeholder::account_name;
use super::rights::Rights;
use super::site::{Repository, Site};
use super::verdict::{Accepted, Verdict};
use crate::git::Config;
use crate::network::{Authorization, Client, Response, Settings, Trouble};
use crate::secret::Secret;
use crate::trace;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};
use url::Url;

/// How long one verification may take, all of its requests together.
pub const LONGEST_VERIFICATION: Duration = Duration::from_secs(10);

/// What is to be verified, and what helps.
pub struct Candidate<'a> {
    /// Where it would be sent.
    pub site: &'a Site,
    /// Its kind; `None` is a shape nobody knows, which needs a username.
    pub kind: Option<Kind>,
    /// The credential itself.
    pub secret: &'a Secret,
    /// The account that was asked for or is known; a static Git name counts as none.
    pub username: Option<&'a str>,
    /// The Atlassian account's e-mail address, which REST wants with an API token.
    pub email: Option<&'a str>,
    /// The repository that Git is about to use, if it is known.
    pub repository: Option<&'a Repository>,
}

/// One request. Whoever sends it follows no redirects.
pub struct Question<'a> {
    /// Whose answer it will be.
    pub surface: Surface,
    /// Always on the candidate's site or its API.
    pub url: String,
    /// Who asks.
    pub authorization: Authorization<'a>,
}

/// The services of Git's surface.
const PUSH: &str = "git-receive-pack";
const FETCH: &str = "git-upload-pack";

/// Verifies over the network as Git is configured, within [`LONGEST_VERIFICATION`].
/// Reads certificates and resolves names; starts no process.
pub fn verify(candidate: &Candidate<'_>, config: &Config) -> Verdict {
    let deadline = Instant::now() + LONGEST_VERIFICATION;
    verify_by(candidate, &|url| Settings::of(url, config), deadline)
}

/// Asks one question about a credential that was accepted before: is it still? Its rights and
/// its name are not looked at again. (Where a gateway answers that one, a second.)
pub fn recheck(candidate: &Candidate<'_>, config: &Config) -> Verdict {
    let deadline = Instant::now() + LONGEST_VERIFICATION;
    over_network(&|url| Settings::of(url, config), deadline, &mut |ask| {
        recheck_with(candidate, ask)
    })
}

/// The same with settings from elsewhere and another deadline.
pub fn verify_by(
    candidate: &Candidate<'_>,
    settings: &dyn Fn(&Url) -> Result<Settings, Trouble>,
    deadline: Instant,
) -> Verdict {
    over_network(settings, deadline, &mut |ask| verify_with(candidate, ask))
}

/// Whoever can answer a [`Question`].
type Ask<'a> = dyn FnMut(Question<'_>) -> Result<Response, Trouble> + 'a;

fn over_network(
    settings: &dyn Fn(&Url) -> Result<Settings, Trouble>,
    deadline: Instant,
    find_out: &mut dyn FnMut(&mut Ask<'_>) -> Verdict,
) -> Verdict {
    // One connection for each host serves all questions.
    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    find_out(&mut |question| {
        let url = Url::parse(&question.url).map_err(|_| Trouble::Broken)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = match clients.entry(host) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Client::new(&settings(&url)?, deadline)?),
        };
        client.get(&question.url, &[], &question.authorization)
    })
}

/// Verifies with whoever can answer a [`Question`].
pub fn verify_with(candidate: &Candidate<'_>, ask: &mut Ask<'_>) -> Verdict {
    inquire(candidate, ask, |inquiry, repository| {
        inquiry.over_git(repository)
    })
}

/// [`recheck`] with whoever can answer a [`Question`].
pub fn recheck_with(candidate: &Candidate<'_>, ask: &mut Ask<'_>) -> Verdict {
    inquire(candidate, ask, |inquiry, repository| {
        inquiry.once_over_git(repository)
    })
}

fn inquire(
    candidate: &Candidate<'_>,
    ask: &mut Ask<'_>,
    over_git: impl Fn(&mut Inquiry<'_, '_>, &Repository) -> Inquired,
) -> Verdict {
    // No application credential has other bytes: nothing else is worth sending.
    if candidate.secret.is_empty() || !candidate.secret.expose().iter().all(u8::is_ascii_graphic) {
        return Verdict::Refused(Refusal::Invalid);
    }
    if let Some(mistake) = candidate.mistaken_name() {
        return Verdict::Unknown(mistake);
    }
    let mut inquiry = Inquiry { candidate, ask };
    let outcome = match candidate.repository {
        Some(repository) => over_git(&mut inquiry, repository),
        None => inquiry.over_rest(),
    };
    let verdict = outcome.unwrap_or_else(|ending| ending);
    trace::tell("verdict", &[&verdict]);
    verdict
}

struct Inquiry<'a, 'b> {
    candidate: &'a Candidate<'b>,
    ask: &'a mut Ask<'b>,
}

/// One answer, read.
struct ReadAnswer {
    meaning: Meaning,
    response: Response,
}

/// Both sides are verdicts: `Err` is one that leaves nothing more to ask.
type Inquired = Result<Verdict, Verdict>;

impl Inquiry<'_, '_> {
    /// Asks Git's own surface, with the rights to push first: that sends no data.
    fn over_git(&mut self, repository: &Repository) -> Inquired {
        let candidate = self.candidate;
        let name = candidate.git_name().ok_or_else(nothing_to_ask)?;
        let push = self.git(repository, PUSH, name)?;
        match push.meaning {
            Meaning::Allowed => Ok(self.may_push(repository, &push)),
            // The token was recognised, so that the second question is also about the name.
            Meaning::LacksScope if candidate.asks_for_name() => {
                let own = candidate.username().unwrap_or(name);
                let fetch = self.git(repository, FETCH, own)?;
                Ok(candidate.may_not_push_as(own, &push, &fetch))
            }
            // 403 or 404: recognised, but not let in for pushing. Reading may still do.
            Meaning::LacksScope | Meaning::Refused(Refusal::NoAccess) | Meaning::Forbidden => {
                let fetch = self.git(repository, FETCH, name)?;
                Ok(candidate.may_not_push(&push, &fetch))
            }
            _ => Ok(push.ending()),
        }
    }

    /// Asks Git's own surface whether the credential is still accepted at all.
    fn once_over_git(&mut self, repository: &Repository) -> Inquired {
        let name = self.candidate.git_name().ok_or_else(nothing_to_ask)?;
        let push = self.git(repository, PUSH, name)?;
        Ok(match push.meaning {
            Meaning::Allowed | Meaning::LacksScope => Verdict::Verified(Accepted::default()),
            // 403 that speaks of the repository: recognised, but not allowed here.
            Meaning::Refused(Refusal::NoAccess) if push.response.status == 403 => {
                Verdict::Verified(Accepted::default())
            }
            // Any other may be a gateway's that lets nobody push and knows nothing of the
            // credential; of fetching Bitbucket itself may say that it refuses it.
            Meaning::Forbidden => {
                let fetch = self.git(repository, FETCH, name)?;
                match fetch.meaning {
                    Meaning::Refused(_) => fetch.ending(),
                    _ => push.ending(),
                }
            }
            _ => push.ending(),
        })
    }

    /// The credential may push. A second request tells whether an API token belongs to
    /// the account that was asked for (it asks for pushing again, since a public
    /// repository lets anybody fetch), and what an access token is bound to.
    fn may_push(&mut self, repository: &Repository, push: &ReadAnswer) -> Verdict {
        let candidate = self.candidate;
        let answer = match candidate.username().filter(|_| candidate.asks_for_name()) {
            Some(name) => self.git(repository, PUSH, name).map(|it| it.meaning),
            None => Ok(Meaning::Allowed),
        };
        let confirmed = answer == Ok(Meaning::Allowed);
        let includes = |kind: Kind| kind.facts().write_includes_read;
        let read = candidate.kind().is_none_or(includes).then_some(true);
        let said = scopes(&push.response).map(|names| rights(&names));
        candidate.accepted(Accepted {
            rights: Rights {
                read: said.and_then(|said| said.read).or(read),
                write: Some(true),
            },
            username: candidate.own_name().filter(|_| confirmed),
            denied: answer == Ok(Meaning::Refused(Refusal::Invalid)),
            holder: holder(&push.response).or_else(|| self.holder_over_rest()),
        })
    }

    /// What an access token is bound to, which Git's surface does not say.
    fn holder_over_rest(&mut self) -> Option<Holder> {
        let candidate = self.candidate;
        if candidate.kind() != Some(Kind::AccessToken) {
            return None;
        }
        let authorization = candidate.rest_authorization()?;
        let url = candidate.site.whose_url().to_owned();
        let answer = self.question(Surface::Rest, url, authorization).ok()?;
        holder(&answer.response)
    }

    /// Asks the REST API who this is.
    fn over_rest(&mut self) -> Inquired {
        let candidate = self.candidate;
        let authorization = candidate.rest_authorization().ok_or_else(nothing_to_ask)?;
        let by_email = matches!(authorization, Authorization::Basic(name, _) if is_email(name));
        let url = candidate.site.whose_url().to_owned();
        let answer = self.question(Surface::Rest, url, authorization)?;
        if !matches!(
            answer.meaning,
            Meaning::Allowed | Meaning::LacksScope | Meaning::Valid
        ) {
            return Ok(match answer.meaning {
                // The address may have changed: that says nothing of the token.
                Meaning::Refused(Refusal::Invalid) if by_email => {
                    Verdict::Refused(Refusal::AddressOrToken)
                }
                _ => answer.ending(),
            });
        }
        let named = scopes(&answer.response).map(|names| rights(&names));
        let accepted = Accepted {
            rights: named.unwrap_or_default(),
            username: username(&answer.response),
            denied: false,
            holder: holder(&answer.response),
        };
        Ok(candidate.accepted(accepted))
    }

    fn git(
        &mut self,
        repository: &Repository,
        service: &str,
        name: &str,
    ) -> Result<ReadAnswer, Verdict> {
        let remote = self.candidate.site.remote(repository);
        let url = format!("{remote}/info/refs?service={service}");
        let authorization = Authorization::Basic(name, self.candidate.secret);
        self.question(Surface::Git, url, authorization)
    }

    fn question(
        &mut self,
        surface: Surface,
        url: String,
        authorization: Authorization<'_>,
    ) -> Result<ReadAnswer, Verdict> {
        let response = (self.ask)(Question {
            surface,
            url,
            authorization,
        })
        .map_err(|trouble| Verdict::Unknown(Uncertainty::Network(trouble)))?;
        let meaning = meaning(surface, self.candidate.kind(), &response);
        trace::tell("that means", &[&meaning]);
        Ok(ReadAnswer { meaning, response })
    }
}

impl<'a> Candidate<'a> {
    fn kind(&self) -> Option<Kind> {
        self.kind.or_else(|| Kind::with_static_name(self.username?))
    }

    /// The username, unless it is a static name, which belongs to no account, or an
    /// e-mail address, which old remotes may have.
    fn username(&self) -> Option<&'a str> {
        let name = self.username.and_then(account_name);
        name.filter(|name| !name.is_empty() && !is_email(name))
    }

    /// The e-mail address, wherever it was given.
    fn email(&self) -> Option<&'a str> {
        self.email.or(self.username.filter(|name| is_email(name)))
    }

    /// A name that cannot be right where it was given, if the question depends on it.
    fn mistaken_name(&self) -> Option<Uncertainty> {
        let facts = self.kind().map(Kind::facts);
        let by_username = facts.is_none_or(|facts| facts.git_name == GitName::Own);
        let by_email = facts.is_some_and(|facts| facts.rest == RestScheme::Email);
        if by_username && self.username.is_some_and(is_email) {
            return Some(Uncertainty::EmailAsUsername);
        }
        let asks_rest = self.repository.is_none();
        (by_email && asks_rest && self.email().is_some_and(|email| !is_email(email)))
            .then_some(Uncertainty::UsernameAsEmail)
    }

    /// The name for the first question: the static one if there is one, so that a wrong
    /// username cannot make a good token look bad.
    fn git_name(&self) -> Option<&'a str> {
        match self.kind().map(|kind| kind.facts().git_name) {
            Some(GitName::OwnOr(fixed) | GitName::Static(fixed)) => Some(fixed),
            Some(GitName::Own) | None => self.username(),
        }
    }

    /// The username that belongs to the credential once the server accepted both.
    fn own_name(&self) -> Option<String> {
        match self.kind().map(|kind| kind.facts().git_name) {
            Some(GitName::Static(_)) => None,
            _ => self.username().map(str::to_owned),
        }
    }

    fn rest_authorization(&self) -> Option<Authorization<'a>> {
        match self.kind().map(|kind| kind.facts().rest) {
            Some(RestScheme::Email) => Some(Authorization::Basic(self.email()?, self.secret)),
            Some(RestScheme::Bearer) => Some(Authorization::Bearer(self.secret)),
            Some(RestScheme::Username) | None => {
                Some(Authorization::Basic(self.username()?, self.secret))
            }
        }
    }

    fn facts(&self) -> &'static Facts {
        self.kind().unwrap_or(Kind::AccessToken).facts()
    }

    /// Whether a static name was asked under first, and the account's is known.
    fn asks_for_name(&self) -> bool {
        self.kind() == Some(Kind::ApiToken) && self.username().is_some()
    }

    /// Reads the answers to both questions of Git's surface, the second under the account's
    /// name. A token that was recognised a moment ago and is refused now is another's.
    fn may_not_push_as(&self, name: &str, push: &ReadAnswer, fetch: &ReadAnswer) -> Verdict {
        let accepted = |read, denied: bool| Accepted {
            rights: Rights {
                read,
                write: Some(false),
            },
            username: Some(name.to_owned()).filter(|_| !denied),
            denied,
            holder: None,
        };
        let lacking = |accepted| Verdict::Lacking(accepted, vec![self.facts().write_scope]);
        match fetch.meaning {
            Meaning::Allowed => lacking(accepted(Some(true), false)),
            Meaning::Refused(Refusal::Invalid) => lacking(accepted(None, true)),
            _ => self.may_not_push(push, fetch),
        }
    }

    /// Reads the answers to both questions of Git's surface.
    fn may_not_push(&self, push: &ReadAnswer, fetch: &ReadAnswer) -> Verdict {
        let facts = self.facts();
        let accepted = |read, write| Accepted {
            rights: Rights {
                read: Some(read),
                write,
            },
            // The static name was used: it confirms nobody's.
            username: self
                .own_name()
                .filter(|_| self.kind() != Some(Kind::ApiToken)),
            denied: false,
            holder: holder(&push.response),
        };
        match fetch.meaning {
            // A public repository answers this to anybody; but a credential that was not
            // recognised would have met a 401 before. Only if the server spoke of scopes
            // is one to blame.
            Meaning::Allowed if push.meaning == Meaning::LacksScope => {
                Verdict::Lacking(accepted(true, Some(false)), vec![facts.write_scope])
            }
            // The 403 may be a gateway's, and the repository public.
            Meaning::Allowed if push.meaning == Meaning::Forbidden => unexpected(push),
            Meaning::Allowed => Verdict::Verified(accepted(true, Some(false))),
            // Which of the two is missing, Git's surface does not say.
            Meaning::LacksScope => Verdict::Lacking(
                accepted(false, facts.write_includes_read.then_some(false)),
                vec![facts.read_scope, facts.write_scope],
            ),
            // Recognised a moment ago and now not: Bitbucket is known for stray 401s.
            Meaning::Refused(Refusal::Invalid) if push.meaning != Meaning::Forbidden => {
                unexpected(fetch)
            }
            _ => fetch.ending(),
        }
    }

    /// The verdict on rights that the server stated by naming scopes.
    fn accepted(&self, accepted: Accepted) -> Verdict {
        let facts = self.facts();
        let missing: Vec<_> = [
            (accepted.rights.read, facts.read_scope),
            (accepted.rights.write, facts.write_scope),
        ]
        .into_iter()
        .filter(|(right, _)| *right == Some(false))
        .map(|(_, scope)| scope)
        .collect();
        if missing.is_empty() {
            Verdict::Verified(accepted)
        } else {
            Verdict::Lacking(accepted, missing)
        }
    }
}

impl ReadAnswer {
    /// The verdict on an answer after which nothing more is asked.
    fn ending(&self) -> Verdict {
        match &self.meaning {
            Meaning::Refused(refusal) => Verdict::Refused(*refusal),
            Meaning::Unknown(why) => Verdict::Unknown(why.clone()),
            Meaning::Allowed | Meaning::LacksScope | Meaning::Valid | Meaning::Forbidden => {
                unexpected(self)
            }
        }
    }
}

/// Neither is a username with an `@` possible nor an address without.
fn is_email(name: &str) -> bool {
    name.contains('@')
}

fn unexpected(answer: &ReadAnswer) -> Verdict {
    Verdict::Unknown(Uncertainty::Unexpected(answer.response.status))
}

fn nothing_to_ask() -> Verdict {
    Verdict::Unknown(Uncertainty::NothingToAsk)
}

#[cfg(test)]
mod tests;
