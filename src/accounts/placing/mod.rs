//! What becomes of a credential that comes, and of those that are kept: one pure table over
//! pairs, tested row by row. Reading and writing are in `vault`, answering in `selection`.

use super::{Entry, Reach};
use crate::bitbucket::Kind;

/// How a credential that comes and one that is kept stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meeting {
    /// Different accounts, or different places: they do not touch each other.
    Apart,
    /// The same secret for the same places: one entry, which knows what both knew.
    Same,
    /// The same secret for other places: two entries, but whose it is holds for both.
    Elsewhere,
    /// A person has put the kept one in place of this one, which does not come back.
    Former,
    /// The new one takes the place of the kept one.
    Replaces,
    /// Either could be meant: both stay.
    Beside,
}

/// Whether two secrets are of one account, for the same places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OneAccount {
    /// No: their names for Git differ, or their places.
    Other,
    /// The names are equal, but they are no account's.
    Perhaps,
    /// One place has one holder.
    Holder,
    /// The account's own name is known, and the same.
    Account,
}

/// Whether two entries are of one account, for the same places.
pub(super) fn one_account(one: &Entry, other: &Entry) -> OneAccount {
    let (details, others) = (&one.details, &other.details);
    if one.git_username() != other.git_username() || !details.reach.equals(&others.reach) {
        return OneAccount::Other;
    }
    if details.kind.is_sign_in() || others.kind.is_sign_in() {
        return one_sign_in(one, other);
    }
    if !one.belongs_to_place() && !other.belongs_to_place() {
        return match (&details.username, &others.username) {
            (Some(_), Some(_)) => OneAccount::Account,
            _ => OneAccount::Perhaps,
        };
    }
    match details.reach {
        Reach::Repository(_) => OneAccount::Holder,
        // Two projects' tokens may both be kept for their workspace.
        Reach::Workspace(_) if details.witness.is_some() && details.witness == others.witness => {
            OneAccount::Holder
        }
        Reach::Workspace(_) | Reach::Site => OneAccount::Perhaps,
    }
}

/// The same of browser sign-ins, which all have one name for Git. Without the scope that tells
/// whose they are, they are taken for one account's, or each sign-in would leave one behind.
fn one_sign_in(one: &Entry, other: &Entry) -> OneAccount {
    let (details, others) = (&one.details, &other.details);
    if details.kind != others.kind {
        return OneAccount::Other;
    }
    match (&details.username, &others.username) {
        (Some(one), Some(other)) if one != other => OneAccount::Other,
        (Some(_), None) | (None, Some(_)) => OneAccount::Perhaps,
        _ => OneAccount::Account,
    }
}

/// Whether both are one account's, for the same places, be they of different kinds.
pub(super) fn is_one_person(one: &Entry, other: &Entry) -> bool {
    let (details, others) = (&one.details, &other.details);
    let is_known = details.username.is_some() && details.username == others.username;
    is_known && details.reach.equals(&others.reach)
}

/// Whether both may be one account's, for the same places.
pub fn is_alike(one: &Entry, other: &Entry) -> bool {
    one_account(one, other) != OneAccount::Other || is_one_person(one, other)
}

/// What a person entered, or the server confirmed, never gives way to what was merely seen
/// to work. Equal names are not always equal accounts: then both stay.
fn meeting(kept: &Entry, new: &Entry) -> Meeting {
    if kept.secret == new.secret {
        return if kept.details.reach.overlaps(&new.details.reach) {
            Meeting::Same
        } else {
            Meeting::Elsewhere
        };
    }
    let (seen, vouched) = (new.details.seen, kept.is_vouched_for());
    match one_account(kept, new) {
        _ if seen && kept.has_replaced(&new.secret) => Meeting::Former,
        OneAccount::Other => Meeting::Apart,
        // Whatever is said of an app password, a token answers before it.
        _ if new.details.kind == Kind::AppPassword && kept.details.kind != Kind::AppPassword => {
            Meeting::Beside
        }
        OneAccount::Holder | OneAccount::Account if !seen => Meeting::Replaces,
        // Git saw both work, this one later.
        OneAccount::Account if !vouched => Meeting::Replaces,
        OneAccount::Perhaps | OneAccount::Holder | OneAccount::Account => Meeting::Beside,
    }
}

/// What is done with a new entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Placing {
    /// It is not written.
    LeftOut,
    /// It is written.
    Written {
        /// The kept ones with the same secret: they become one with it.
        same: Vec<usize>,
        /// The kept ones with the same secret for other places.
        elsewhere: Vec<usize>,
        /// The kept ones whose place it takes.
        replaces: Vec<usize>,
    },
}

/// What a person said of a new entry and of those that are kept.
pub enum Wish<'a> {
    /// Nothing: what is known of them decides.
    Unstated,
    /// It is for the same account as this one, and takes its place.
    InPlaceOf(&'a Entry),
    /// It takes nobody's place.
    Beside,
}

/// Decides over a new entry beside all that are kept.
pub(super) fn place(kept: &[Entry], new: &Entry, wish: &Wish) -> Placing {
    let all = |wanted: Meeting| -> Vec<usize> {
        let meets = |index: &usize| meeting(&kept[*index], new) == wanted;
        (0..kept.len()).filter(meets).collect()
    };
    if !all(Meeting::Former).is_empty() {
        return Placing::LeftOut;
    }
    let same = all(Meeting::Same);
    let replaces = match wish {
        Wish::Beside => Vec::new(),
        // Seen once more, it takes no place but its own.
        Wish::Unstated if new.details.seen && !same.is_empty() => Vec::new(),
        Wish::Unstated => all(Meeting::Replaces),
        Wish::InPlaceOf(former) => {
            let is_former = |index: &usize| {
                let kept = &kept[*index];
                kept.details.id == former.details.id && kept.secret == former.secret
            };
            let meets = |index: &usize| meeting(&kept[*index], new) == Meeting::Replaces;
            let goes = |index: &usize| is_former(index) || meets(index);
            (0..kept.len()).filter(goes).collect()
        }
    };
    Placing::Written {
        same,
        elsewhere: all(Meeting::Elsewhere),
        replaces,
    }
}

/// What would be kept if a new one came, the new one last. `None` if it would stay away.
pub fn kept_with(kept: &[Entry], new: &Entry) -> Option<Vec<Entry>> {
    let Placing::Written { same, replaces, .. } = place(kept, new, &Wish::Unstated) else {
        return None;
    };
    let stays = |index: &usize| !same.contains(index) && !replaces.contains(index);
    let stays = (0..kept.len()).filter(stays);
    let mut all: Vec<Entry> = stays.map(|index| kept[index].duplicate()).collect();
    let mut new = new.duplicate();
    for index in same {
        new.take_over_knowledge(&kept[index]);
    }
    new.tell_apart(&all);
    all.push(new);
    Some(all)
}

/// The one kept token that the new one may be meant to replace. Where the owner of either is not
/// known, only a person can tell, so the caller asks.
pub fn may_renew<'a>(kept: &'a [Entry], new: &Entry) -> Option<&'a Entry> {
    match renewable(kept, new)[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// All that a new one may be the renewal of.
pub fn renewable<'a>(kept: &'a [Entry], new: &Entry) -> Vec<&'a Entry> {
    let is_possible = |kept: &&Entry| {
        let (old, details) = (&kept.details, &new.details);
        let is_denied = |name: &String| details.denied.contains(name);
        kept.secret != new.secret
            && details.kind == Kind::ApiToken
            && !kept.belongs_to_place()
            && old.reach.equals(&details.reach)
            && (old.username.is_none() || details.username.is_none())
            && !old.username.as_ref().is_some_and(is_denied)
    };
    kept.iter().filter(is_possible).collect()
}

#[cfg(test)]
mod tests;
