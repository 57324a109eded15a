//! Whether a secret that lies elsewhere is to be kept: decided here once, for the report and
//! for `--fix`. What heals must not make weaker what worked, so a new one is compared with what
//! is kept by what would answer Git then, and what is held back says why. Nothing is written here.

use super::first_answer::{self, Answerer};
use super::secret_form::SecretForm;
use super::standing::Fact;
use super::survey::Survey;
use crate::accounts::{Entry, Reach, Selection, Wanted, kept_with, select};
use crate::bitbucket::{GitName, Holder, Kind, Repository, Verdict};
use crate::dates::now;
use crate::text::shown;

/// What becomes of a secret that lies elsewhere, as far as keeping it goes.
pub(super) enum Keeping {
    /// Bitbucket does not accept it, or was not asked.
    NotGood,
    /// It is kept already.
    Already,
    /// It is to be kept, as this.
    New(Box<Entry>),
    /// It is good, and not kept.
    HeldBack(HeldBack),
}

/// Why a good secret is not kept. Names of others are titles, as people call them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// It lies in a repository's own settings, or where only those point to.
    Repository,
    /// It is an app password without a user name.
    Nameless,
    /// For which repository it is, nobody knows.
    Placeless,
    /// It may not push, and another may.
    Weaker(String),
    /// It is another account's, and would make a question of what one answers now.
    Ambiguous(String),
    /// Another is kept that would answer in its stead.
    Taken(String),
}

impl HeldBack {
    /// Why, for the middle of a sentence.
    pub fn reason(&self) -> String {
        match self {
            Self::Repository => "it lies in a repository's own settings, and whoever made those \
                                 may have put it there"
                .to_owned(),
            Self::Nameless => "no user name goes with it".to_owned(),
            Self::Placeless => {
                "for which repository it is, cannot be found out from here".to_owned()
            }
            Self::Weaker(other) => format!("it may not push, and {} may", shown(other)),
            Self::Ambiguous(other) => format!(
                "it is for another account than {}, which answers Git without a question now",
                shown(other)
            ),
            Self::Taken(other) => format!("{} answers in its stead", shown(other)),
        }
    }

    /// What a person does who wants it kept all the same; `login` is the command that keeps it.
    pub fn step(&self, login: &str) -> String {
        match self {
            Self::Repository => {
                format!("If it is yours, keep it yourself, with: {login}")
            }
            Self::Placeless => "Run this in a clone of its repository.".to_owned(),
            Self::Nameless | Self::Ambiguous(_) | Self::Taken(_) => {
                format!("To use it, keep it yourself, with: {login}")
            }
            Self::Weaker(_) => "If nothing else needs it, remove it there.".to_owned(),
        }
    }
}

/// All decisions.
pub(super) struct AllKeeping {
    /// One for each secret of the survey.
    pub each: Vec<Keeping>,
    /// What would be kept once all that is new is, and what is refused is gone.
    pub entries: Vec<Entry>,
}

/// Decides over all that lies elsewhere: what answers Git now first, then what may push.
pub(super) fn all(survey: &Survey) -> AllKeeping {
    let indices = 0..survey.secrets.len();
    let mut each: Vec<Keeping> = indices
        .clone()
        .map(|index| by_itself(survey, index))
        .collect();
    let mut entries: Vec<Entry> = survey
        .entries()
        .iter()
        .enumerate()
        .filter(|(index, _)| survey.standing(*index).fact != Fact::Refused)
        .map(|(_, entry)| entry.duplicate())
        .collect();
    let first = first_answer::first(survey);
    let mut order: Vec<usize> = indices.collect();
    order.sort_by_key(|&index| match &each[index] {
        Keeping::New(entry) => (!may_push(entry), first != Answerer::Elsewhere(index)),
        _ => (true, true),
    });
    let here = survey.remote.as_ref().and_then(|it| it.repository.clone());
    let name = survey.username().map(|(_, name)| name);
    for index in order {
        let Keeping::New(new) = &each[index] else {
            continue;
        };
        let is_kept_by_now = entries.iter().any(|entry| entry.secret == new.secret);
        if is_kept_by_now {
            each[index] = Keeping::Already;
            continue;
        }
        let works = |entry: &Entry| may_push_now(survey, entry);
        let requests = Requests::about(&entries, new, here.as_ref(), name.as_deref());
        match beside(&entries, new, works, &requests) {
            Err(reason) => each[index] = Keeping::HeldBack(reason),
            Ok(_) if !may_push(new) && first_answer::has_unseen_helper(survey) => {
                let other = "what another helper of Git's has".to_owned();
                each[index] = Keeping::HeldBack(HeldBack::Weaker(other));
            }
            Ok(then) => entries = then,
        }
    }
    AllKeeping { each, entries }
}

/// By its own rights.
fn may_push(entry: &Entry) -> bool {
    entry.details.rights.write != Some(false)
}

/// By what the server says of it now, if it is kept.
fn may_push_now(survey: &Survey, entry: &Entry) -> bool {
    let mut kept = survey.entries().iter();
    let index = kept.position(|kept| kept.secret == entry.secret);
    index.map_or_else(|| may_push(entry), |index| survey.standing(index).may_push)
}

/// What Git may ask for, as far as it matters to a new entry and those that are kept.
struct Requests {
    names: Vec<Option<String>>,
    places: Vec<Option<Repository>>,
}

impl Requests {
    fn about(kept: &[Entry], new: &Entry, here: Option<&Repository>, name: Option<&str>) -> Self {
        let all = || kept.iter().chain([new]);
        let own = all().filter_map(|entry| entry.details.username.clone());
        let witnesses = all().filter_map(|entry| entry.details.witness.as_deref());
        let witnesses = witnesses.filter_map(Repository::from_path);
        let names = own.chain(name.map(str::to_owned)).map(Some);
        let places = witnesses.chain(here.cloned()).map(Some);
        Self {
            names: [None].into_iter().chain(names).collect(),
            places: [None].into_iter().chain(places).collect(),
        }
    }

    fn each(&self) -> impl Iterator<Item = Wanted<'_>> {
        self.names.iter().flat_map(|name| {
            self.places.iter().map(|place| Wanted {
                username: name.as_deref(),
                repository: place.as_ref(),
                is_elsewhere: false,
            })
        })
    }
}

/// What would be kept with the new one, unless that makes something weaker that works, or the
/// new one would never answer.
fn beside(
    kept: &[Entry],
    new: &Entry,
    may_push_now: impl Fn(&Entry) -> bool,
    requests: &Requests,
) -> Result<Vec<Entry>, HeldBack> {
    let taken = |entry: &Entry| HeldBack::Taken(entry.title());
    let Some(then) = kept_with(kept, new) else {
        return Err(HeldBack::Taken(
            "what a person has put in its place".to_owned(),
        ));
    };
    let is_gone = |entry: &&Entry| !then.iter().any(|one| one.secret == entry.secret);
    if let Some(gone) = kept.iter().find(is_gone) {
        return Err(taken(gone));
    }
    let mut rival = None;
    let mut answers = false;
    for wanted in requests.each() {
        let (before, after) = (winners(kept, &wanted), winners(&then, &wanted));
        if !after.iter().any(|entry| entry.secret == new.secret) {
            rival = rival.or_else(|| before.first().map(|entry| taken(entry)));
            continue;
        }
        match before[..] {
            [best, ..] if may_push_now(best) && !may_push(new) => {
                return Err(HeldBack::Weaker(best.title()));
            }
            [only] if may_push_now(only) && after.len() > 1 => {
                return Err(HeldBack::Ambiguous(only.title()));
            }
            _ => answers = true,
        }
    }
    match rival {
        Some(rival) if !answers => Err(rival),
        _ => Ok(then),
    }
}

/// What may answer.
fn winners<'a>(entries: &'a [Entry], wanted: &Wanted) -> Vec<&'a Entry> {
    let chosen = match select(entries, wanted) {
        Selection::Entry(index) => vec![index],
        Selection::Several(all) => all,
        Selection::OtherNames(_) | Selection::Nothing => Vec::new(),
    };
    chosen.into_iter().map(|index| &entries[index]).collect()
}

/// What follows from a secret alone.
fn by_itself(survey: &Survey, index: usize) -> Keeping {
    let one = &survey.secrets[index];
    let SecretForm::Token(kind) = one.form else {
        return Keeping::NotGood;
    };
    let verdict = one.verdict.as_ref();
    let is_good = verdict.is_some_and(|it| it.accepted().is_some() && it.serves());
    if !is_good || one.is_our_variable() || survey.placed(one).may_be_another_hosts() {
        return Keeping::NotGood;
    }
    let secret = one.found.secret.trimmed();
    if survey.entries().iter().any(|entry| entry.secret == secret) {
        return Keeping::Already;
    }
    let origin = TokenOrigin {
        kind,
        brought_along: one.found.brought_along,
        is_named: one.found.username.is_some(),
        is_placed: place_of(survey, index).is_some(),
    };
    match origin.held_back() {
        Some(reason) => Keeping::HeldBack(reason),
        None => entry_of(survey, index).map_or(Keeping::NotGood, |it| Keeping::New(Box::new(it))),
    }
}

/// Where a good token comes from.
#[derive(Clone, Copy)]
struct TokenOrigin {
    kind: Kind,
    brought_along: bool,
    is_named: bool,
    is_placed: bool,
}

impl TokenOrigin {
    /// Why it is not kept, whatever else is.
    fn held_back(self) -> Option<HeldBack> {
        match self {
            // Nothing is ever kept for one clone alone, and whoever makes a repository does not
            // decide for all clones of the one that it claims to be.
            Self {
                brought_along: true,
                ..
            } => Some(HeldBack::Repository),
            Self {
                kind: Kind::AppPassword,
                is_named: false,
                ..
            } => Some(HeldBack::Nameless),
            // What an access token is good for is known from the repository that it was tried with.
            Self {
                kind: Kind::AccessToken,
                is_placed: false,
                ..
            } => Some(HeldBack::Placeless),
            _ => None,
        }
    }
}

/// Whether an entry is the same secret, for all that it is good for where it lies.
pub(super) fn stands_in(survey: &Survey, index: usize, entry: &Entry) -> bool {
    let secret = survey.secrets[index].found.secret.trimmed();
    entry.secret == secret && entry.details.reach.includes(&served(survey, index))
}

/// For which repositories it serves where it lies: all that it reaches, unless it lies there
/// for some.
fn served(survey: &Survey, index: usize) -> Reach {
    let one = &survey.secrets[index];
    let accepted = one.verdict.as_ref().and_then(Verdict::accepted);
    let holder = accepted.and_then(|accepted| accepted.holder);
    let reached = match (holder, place_of(survey, index)) {
        (Some(Holder::Repository), Some(place)) => Reach::repository(&place),
        (Some(Holder::Workspace), Some(place)) => Reach::Workspace(place.workspace),
        // Which repositories a project has is not known.
        _ => Reach::Site,
    };
    let there = Reach::of_path(one.found.path.as_deref());
    if there.includes(&reached) {
        reached
    } else {
        there
    }
}

/// The repository with which a secret was tried.
fn place_of(survey: &Survey, index: usize) -> Option<Repository> {
    let path = survey.secrets[index].found.path.as_deref();
    path.and_then(Repository::from_path)
        .or_else(|| survey.repository())
}

/// The entry for a token that the server accepted. Nobody entered it: what a person did, or
/// confirms with `login`, comes before it.
fn entry_of(survey: &Survey, index: usize) -> Option<Entry> {
    let one = &survey.secrets[index];
    let SecretForm::Token(kind) = one.form else {
        return None;
    };
    let accepted = one.verdict.as_ref().and_then(Verdict::accepted)?;
    let mut entry = Entry::new(kind, one.found.secret.trimmed(), now());
    let details = &mut entry.details;
    let name = one.found.username.as_deref();
    let name = name.filter(|name| !name.is_empty());
    details.seen = true;
    details.email = name.filter(|name| name.contains('@')).map(str::to_owned);
    details.username.clone_from(&accepted.username);
    if accepted.denied {
        details.denied.extend(name.map(str::to_owned));
    }
    if kind.facts().git_name == GitName::Own && details.username.is_none() {
        details.username = name.map(str::to_owned);
    }
    details.rights = accepted.rights;
    let place = place_of(survey, index);
    details.witness = place.as_ref().map(ToString::to_string);
    let is_bound = one.found.place.kind.git_use == super::places::GitUse::Url;
    if let Some(place) = &place
        && (kind == Kind::AccessToken || accepted.holder.is_some() || is_bound)
    {
        details.reach = match accepted.holder {
            Some(Holder::Workspace) if !is_bound => Reach::Workspace(place.workspace.clone()),
            _ => Reach::repository(place),
        };
    }
    Some(entry)
}

#[cfg(test)]
mod tests;
