//! What becomes of a credential that comes, and of those that are kept: one pure table over
//! pairs, tested row by row. Reading and writing are in `vault`, answering in `selection`.

use super::entry::{Entry, Reach};
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
pub(super) enum Login {
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
pub(super) fn login(one: &Entry, other: &Entry) -> Login {
    let (details, others) = (&one.details, &other.details);
    if one.git_username() != other.git_username() || !details.reach.equals(&others.reach) {
        return Login::Other;
    }
    if details.kind != Kind::AccessToken && others.kind != Kind::AccessToken {
        return match (&details.username, &others.username) {
            (Some(_), Some(_)) => Login::Account,
            _ => Login::Perhaps,
        };
    }
    match details.reach {
        Reach::Repository(_) => Login::Holder,
        // Two projects' tokens may both be kept for their workspace.
        Reach::Workspace(_) if details.witness.is_some() && details.witness == others.witness => {
            Login::Holder
        }
        Reach::Workspace(_) | Reach::Site => Login::Perhaps,
    }
}

/// Whether both may be one account's, for the same places.
pub fn is_alike(one: &Entry, other: &Entry) -> bool {
    login(one, other) != Login::Other
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
    match login(kept, new) {
        _ if seen && kept.has_replaced(&new.secret) => Meeting::Former,
        Login::Other => Meeting::Apart,
        // Whatever is said of an app password, a token answers before it.
        _ if new.details.kind == Kind::AppPassword && kept.details.kind != Kind::AppPassword => {
            Meeting::Beside
        }
        Login::Holder | Login::Account if !seen => Meeting::Replaces,
        // Git saw both work, this one later.
        Login::Account if !vouched => Meeting::Replaces,
        Login::Perhaps | Login::Holder | Login::Account => Meeting::Beside,
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

/// Decides over a new entry beside all that are kept.
pub(super) fn place(kept: &[Entry], new: &Entry) -> Placing {
    let with = |wanted: Meeting| -> Vec<usize> {
        let meets = |index: &usize| meeting(&kept[*index], new) == wanted;
        (0..kept.len()).filter(meets).collect()
    };
    if !with(Meeting::Former).is_empty() {
        return Placing::LeftOut;
    }
    let same = with(Meeting::Same);
    // Seen once more, it takes no place but its own.
    let replaces = if new.details.seen && !same.is_empty() {
        Vec::new()
    } else {
        with(Meeting::Replaces)
    };
    Placing::Written {
        same,
        elsewhere: with(Meeting::Elsewhere),
        replaces,
    }
}

#[cfg(test)]
mod tests;
