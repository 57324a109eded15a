//! Whether Bitbucket accepts a credential, found out with at most two requests that
//! change nothing there. What an answer means is the table in `status_codes`; which questions are
//! asked, and in which order: `cloud`, `data_center`. Here is how they are sent.

mod candidate;
mod cloud;
mod data_center;

pub use candidate::Candidate;

use super::kind::Kind;
use super::outcomes::{Refusal, Uncertainty};
use super::site::Product;
use super::status_codes::{Meaning, Surface, meaning};
use super::verdict::Verdict;
use crate::git::Config;
use crate::network::{Authorization, Client, Response, Settings, Trouble};
use crate::trace;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};
use url::Url;

/// How long one verification may take, all of its requests together.
pub const LONGEST_VERIFICATION: Duration = Duration::from_secs(10);

/// One request. Whoever sends it follows no redirects.
pub struct Question<'a> {
    /// Whose answer it will be.
    pub surface: Surface,
    /// Always on the candidate's site or its API.
    pub url: String,
    /// Who asks.
    pub authorization: Authorization<'a>,
}

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
    inquire(candidate, ask, true)
}

/// [`recheck`] with whoever can answer a [`Question`].
pub fn recheck_with(candidate: &Candidate<'_>, ask: &mut Ask<'_>) -> Verdict {
    inquire(candidate, ask, false)
}

fn inquire(candidate: &Candidate<'_>, ask: &mut Ask<'_>, wants_rights: bool) -> Verdict {
    // No application credential has other bytes: nothing else is worth sending.
    let is_plain = candidate.secret.expose().iter().all(u8::is_ascii_graphic);
    let may_be_strange = candidate.kind == Some(Kind::Password);
    if candidate.secret.is_empty() || !is_plain && !may_be_strange {
        return Verdict::Refused(Refusal::Invalid);
    }
    if let Some(mistake) = candidate.mistaken_name() {
        return Verdict::Unknown(mistake);
    }
    let mut inquiry = Inquiry { candidate, ask };
    let outcome = match (candidate.site.product(), candidate.repository) {
        (Product::DataCenter, _) => inquiry.at_data_center(wants_rights),
        (Product::Cloud, Some(repository)) if wants_rights => inquiry.over_git(repository),
        (Product::Cloud, Some(repository)) => inquiry.once_over_git(repository),
        (Product::Cloud, None) => inquiry.over_rest(),
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
        let product = self.candidate.site.product();
        let meaning = meaning(product, surface, self.candidate.kind(), &response);
        trace::tell("that means", &[&meaning]);
        Ok(ReadAnswer { meaning, response })
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

fn unexpected(answer: &ReadAnswer) -> Verdict {
    Verdict::Unknown(Uncertainty::Unexpected(answer.response.status))
}

fn nothing_to_ask() -> Verdict {
    Verdict::Unknown(Uncertainty::NothingToAsk)
}

#[cfg(test)]
mod tests;
