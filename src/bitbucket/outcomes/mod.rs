//! What is said of each outcome of asking the server, and what becomes of the credential: four
//! tables, not sent, accepted, refused, left open. No answer is recognised here; which status or
//! text means what is a row in `status_codes`. `docs/troubleshooting.md` is held equal to the tables,
//! and a test plays every cause.

mod accepted;
mod data_center;
mod refused;
mod refused_kept;
#[cfg(test)]
mod tests;
mod uncertain;
mod unsent;

use super::kind::Kind;
use super::rights::Rights;

pub use data_center::PASSWORD_TYPED as PASSWORD_TYPED_FOR_SERVER;
pub use refused::Refusal;
pub use uncertain::{DOWN, LIMITED, Uncertainty};
pub use unsent::{FOREIGN_TYPED, PASSWORD_TYPED};

/// What becomes of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A new one is kept, and one kept before stays.
    Kept,
    /// A new one is not kept; one kept before stays.
    NotKept,
    /// A new one is not kept; one kept before is removed.
    Removed,
    /// A new one is kept once Git reports that it worked; one kept before stays.
    Open,
    /// Like [`Self::Open`], but a kept one stays however often Git is refused: the answer is not
    /// about the credential.
    LeftAlone,
}

/// What is told of one outcome. In the texts, words in braces stand for particulars.
#[derive(Debug)]
pub struct Row {
    /// Its name, for tests.
    pub id: &'static str,
    /// The only kind it is for.
    pub kind: Option<Kind>,
    /// What leads to it, each by name.
    pub causes: &'static [&'static str],
    /// What the server says, or that it says nothing.
    pub answer: &'static str,
    /// What happened and why, in at most two sentences.
    pub message: &'static str,
    /// The next step, in one sentence; empty if there is nothing to do.
    pub next_step: &'static str,
    /// What becomes of the credential; the same for all kinds.
    pub fate: Fate,
}

impl Row {
    const fn new(id: &'static str, fate: Fate) -> Self {
        Self {
            id,
            kind: None,
            causes: &[],
            answer: "nothing",
            message: "",
            next_step: "",
            fate,
        }
    }

    /// What is said of a credential that was accepted with these rights.
    pub fn of_verified(rights: Rights) -> &'static Self {
        accepted::verified(rights)
    }

    /// The same, where so many scopes are missing.
    pub fn of_lacking(rights: Rights, missing: usize) -> &'static Self {
        accepted::lacking(rights, missing)
    }

    /// What is said of a refusal of a credential of this kind.
    pub fn of_refusal(refusal: Refusal, kind: Option<Kind>) -> Option<&'static Self> {
        let rows = data_center::REFUSED.iter().chain(refused::ROWS);
        first(rows, &refusal, kind)
    }

    /// What is said where nobody can say whether a credential of this kind is good.
    pub fn of_uncertainty(why: &Uncertainty, kind: Option<Kind>) -> Option<&'static Self> {
        let rows = data_center::UNKNOWN.iter().chain(uncertain::ROWS);
        first(rows, &why.without_particulars(), kind)
    }

    fn is_for(&self, kind: Option<Kind>) -> bool {
        self.kind.is_none() || self.kind == kind
    }
}

fn first<Key: PartialEq + 'static>(
    mut rows: impl Iterator<Item = &'static (Key, Row)>,
    key: &Key,
    kind: Option<Kind>,
) -> Option<&'static Row> {
    let found = rows.find(|(about, row)| about == key && row.is_for(kind));
    found.map(|(_, row)| row)
}

/// Every row that a Data Center brings besides, in the order of its documented table.
pub fn rows_of_data_center() -> impl Iterator<Item = &'static Row> {
    let refused = data_center::REFUSED.iter().map(|(_, row)| row);
    let unknown = data_center::UNKNOWN.iter().map(|(_, row)| row);
    let typed = [&data_center::PASSWORD_TYPED].into_iter();
    typed.chain(refused).chain(unknown)
}

/// Every row of Bitbucket Cloud's, in the order of the documented table. Most of them hold for a
/// Data Center, too.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let (unsent, accepted) = (unsent::ROWS.into_iter(), accepted::ROWS.into_iter());
    let refused = refused::ROWS.iter().map(|(_, row)| row);
    let unknown = uncertain::ROWS.iter().map(|(_, row)| row);
    unsent.chain(accepted).chain(refused).chain(unknown)
}

/// Puts particulars in place of the words in braces. What they bring is not read again.
pub fn fill(template: &str, particular: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&particular(name));
        rest = after;
    }
    text + rest
}
