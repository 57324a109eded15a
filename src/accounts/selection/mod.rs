//! Which entry answers a request: one pure function, tested as a table.

use super::placing::{OneAccount, is_one_person, one_account};
use super::{Entry, Reach};
use crate::bitbucket::{Kind, Repository, account_name};
use crate::trace::Harmless;

/// What a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// `user@` of the URL or `credential.username`; a placeholder there chooses nothing.
    pub username: Option<&'a str>,
    /// The repository, if the request names one.
    pub repository: Option<&'a Repository>,
    /// Whether it names something else, or nobody knows what: what is limited to a place
    /// answers only where the request is known to lie within.
    pub is_elsewhere: bool,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Selection {
    /// This entry answers.
    Entry(usize),
    /// These fit equally well, and nothing chooses between them; the best known comes first,
    /// then what may push, then what worked last.
    Several(Vec<usize>),
    /// Only accounts with other names are kept: a person may agree to one of them.
    OtherNames(Vec<usize>),
    /// Nothing fits.
    Nothing,
}

impl Harmless for Selection {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Entry(_) => "one",
            Self::Several(_) => "several",
            Self::OtherNames(_) => "other names only",
            Self::Nothing => "none",
        });
    }
}

/// How well an entry fits the wanted name; the order is the preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameFit {
    /// Its own name is unknown, or it belongs to no account: answers any name that the server
    /// has not denied it.
    Any,
    /// A person agreed to this name.
    Agreed,
    /// Its own name.
    Own,
}

/// Chooses among the entries that fit, by the first of these in which they differ; the order is
/// that of `Preference`:
///
/// 1. a token before an app password;
/// 2. the most specific reach;
/// 3. the name that fits best;
/// 4. what was confirmed with this very repository, then what was entered or confirmed at all;
/// 5. the account that was chosen for the workspace before;
/// 6. the default.
///
/// Never an account with another known name.
pub fn select(entries: &[Entry], wanted: &Wanted) -> Selection {
    let reachable = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| in_reach(entry, wanted));
    let mut fitting: Vec<(Preference, usize)> = reachable
        .clone()
        .filter_map(|(index, entry)| Some((preference(entry, wanted)?, index)))
        .collect();
    leave_out_merely_seen(&mut fitting);
    if let Some((best, _)) = fitting.iter().max() {
        let equal = fitting.iter().filter(|(preference, _)| preference == best);
        return among(entries, equal.map(|(_, index)| *index).collect());
    }
    let others: Vec<usize> = match wanted.username.and_then(account_name) {
        None => Vec::new(),
        Some(_) => reachable.map(|(index, _)| index).collect(),
    };
    if others.is_empty() {
        Selection::Nothing
    } else {
        Selection::OtherNames(others)
    }
}

/// Whether this entry may answer the request at all.
pub fn fits(entry: &Entry, wanted: &Wanted) -> bool {
    in_reach(entry, wanted) && preference(entry, wanted).is_some()
}

/// Whether `name` (from `store`, `erase` or a person) means this entry: the same rule by
/// which `get` would answer that name.
pub fn answers_to(entry: &Entry, name: &str) -> bool {
    name_fit(entry, name).is_some()
}

/// Whether `name` is this entry's own, or was agreed on for it; not whether it could be.
pub fn is_called(entry: &Entry, name: &str) -> bool {
    matches!(name_fit(entry, name), Some(NameFit::Own | NameFit::Agreed))
}

fn in_reach(entry: &Entry, wanted: &Wanted) -> bool {
    let reach = &entry.details.reach;
    match wanted.repository {
        Some(repository) => reach.covers(repository),
        None => !wanted.is_elsewhere || *reach == Reach::Site,
    }
}

/// Sorts the equal ones, best known and widest first, and drops each that another one can stand
/// for.
fn among(entries: &[Entry], mut equal: Vec<usize>) -> Selection {
    equal.sort_by_key(|&index| std::cmp::Reverse(standing(&entries[index])));
    let mut distinct: Vec<usize> = Vec::new();
    for index in equal {
        let stands_for_it = |&better: &usize| stands_for(&entries[better], &entries[index]);
        if !distinct.iter().any(stands_for_it) {
            distinct.push(index);
        }
    }
    match distinct[..] {
        [only] => Selection::Entry(only),
        _ => Selection::Several(distinct),
    }
}

/// How well an entry is known, whether it may push, when it last worked.
fn standing(entry: &Entry) -> (bool, u8, u64) {
    let write = match entry.details.rights.write {
        Some(true) => 2,
        None => 1,
        Some(false) => 0,
    };
    let last = entry.details.last_known_good();
    (entry.is_well_known(), write, last)
}

/// Whether `better` answers wherever `other` would: both are one account's, or `other` may be
/// anybody's, and is not well known.
fn stands_for(better: &Entry, other: &Entry) -> bool {
    match one_account(better, other) {
        // A token and a browser sign-in of one account: nobody has to choose between them.
        OneAccount::Other => is_one_person(better, other),
        OneAccount::Holder | OneAccount::Account => true,
        OneAccount::Perhaps => better.is_well_known() && !other.is_well_known(),
    }
}

/// How well an entry is known; the order is the preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// Git said that it worked, and nobody that it may push.
    Seen,
    /// A person entered it, or the server said that it may push.
    WellKnown,
    /// The same, with the very repository that is wanted.
    Confirmed,
}

/// What decides, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    /// Bitbucket has removed app passwords, and Git never reports the answer it gives them.
    token: bool,
    specific: u8,
    name: NameFit,
    trust: Trust,
    chosen_for_workspace: bool,
    default: bool,
}

/// An entry that Git only saw working does not answer where another entry with as good a name was
/// confirmed: a token out of a URL may be for reading only.
fn leave_out_merely_seen(fitting: &mut Vec<(Preference, usize)>) {
    let confirmed = |(it, _): &&(Preference, usize)| it.token && it.trust == Trust::Confirmed;
    let names = fitting.iter().filter(confirmed).map(|(it, _)| it.name);
    if let Some(name) = names.max() {
        fitting.retain(|(it, _)| it.trust > Trust::Seen || it.name > name);
    }
}

fn preference(entry: &Entry, wanted: &Wanted) -> Option<Preference> {
    let details = &entry.details;
    let width = match details.reach {
        Reach::Site => 0,
        Reach::Workspace(_) => 1,
        Reach::Repository(_) => 2,
    };
    let repository = wanted.repository;
    let confirmed_here = repository.is_some_and(|place| details.is_confirmed_with(place));
    Some(Preference {
        token: details.kind != Kind::AppPassword,
        // Without a path the widest entry is the likeliest to fit.
        specific: match repository {
            Some(_) => width,
            None => 2 - width,
        },
        name: match wanted.username {
            Some(name) => name_fit(entry, name)?,
            None => NameFit::Any,
        },
        trust: match (entry.is_well_known(), confirmed_here) {
            (true, true) => Trust::Confirmed,
            (true, false) => Trust::WellKnown,
            (false, _) => Trust::Seen,
        },
        chosen_for_workspace: repository
            .is_some_and(|place| details.is_chosen_for(&place.workspace)),
        default: details.default,
    })
}

fn name_fit(entry: &Entry, name: &str) -> Option<NameFit> {
    let details = &entry.details;
    if details.username.as_deref() == Some(name) || details.email.as_deref() == Some(name) {
        Some(NameFit::Own)
    } else if details.aliases.iter().any(|alias| alias == name) {
        Some(NameFit::Agreed)
    } else if account_name(name).is_none() {
        Some(NameFit::Any)
    } else {
        let is_denied = details.denied.iter().any(|denied| denied == name);
        (details.username.is_none() && !is_denied).then_some(NameFit::Any)
    }
}

#[cfg(test)]
mod tests;
