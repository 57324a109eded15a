//! What one entry takes over from another: from the same secret that was kept before, from the
//! one in whose place a person puts it, from one that tells whose it is.

use super::Entry;
use crate::fingerprint::{fingerprint, is_fingerprint_of};
use crate::secret::Secret;

/// How many secrets are remembered that were replaced.
const REMEMBERED: usize = 4;

impl Entry {
    /// Takes over what a person agreed to for the entry that this one replaces.
    pub fn inherit<'a>(&mut self, kept: impl IntoIterator<Item = &'a Self>) {
        let account = self.account();
        if let Some(former) = kept.into_iter().find(|entry| entry.account() == account) {
            self.take_over_choices(former);
        }
    }

    /// What a person agreed to or chose for another entry holds for this one.
    fn take_over_choices(&mut self, other: &Self) {
        let (own, other) = (&mut self.details, &other.details);
        add_missing(&mut own.aliases, &other.aliases);
        for workspace in &other.workspaces {
            own.choose_for(workspace);
        }
        own.default |= other.default;
    }

    /// A person says that it is the same account's as another that it takes the place of.
    pub fn renew(&mut self, former: &Self) {
        let (own, former) = (&mut self.details, &former.details);
        better(&mut own.username, former.username.as_ref(), false);
        better(&mut own.email, former.email.as_ref(), false);
    }

    /// Remembers that this one takes the place of another.
    pub(in crate::accounts) fn note_replaced(&mut self, other: &Self) {
        self.take_over_choices(other);
        let former = fingerprint(&other.secret).into_iter();
        let all = former.chain(other.details.former.iter().cloned());
        self.details.former.extend(all);
        self.details.former.truncate(REMEMBERED);
    }

    /// Whether a person has put this one in place of that secret.
    pub(in crate::accounts) fn has_replaced(&self, secret: &Secret) -> bool {
        let mut former = self.details.former.iter();
        former.any(|made| is_fingerprint_of(made, secret))
    }

    /// Takes over what was known of the same secret. What a person said last counts, and what
    /// Git saw counts less than anything that was known before.
    pub(in crate::accounts) fn take_over_knowledge(&mut self, kept: &Self) {
        self.take_over_choices(kept);
        let (new, old) = (&mut self.details, &kept.details);
        let prefer_old = new.seen;
        new.id.clone_from(&old.id);
        better(&mut new.username, old.username.as_ref(), prefer_old);
        better(&mut new.email, old.email.as_ref(), prefer_old);
        better(&mut new.witness, old.witness.as_ref(), prefer_old);
        better(&mut new.rights.read, old.rights.read.as_ref(), prefer_old);
        better(&mut new.rights.write, old.rights.write.as_ref(), prefer_old);
        better(&mut new.expires, old.expires.as_ref(), prefer_old);
        new.verified = new.verified.max(old.verified);
        if old.added > 0 {
            new.added = new.added.min(old.added);
        }
        if prefer_old && !(old.seen && new.reach.includes(&old.reach)) {
            new.reach.clone_from(&old.reach);
        }
        new.refused = new.refused.max(old.refused);
        new.seen &= old.seen;
        add_missing(&mut new.former, &old.former);
        add_missing(&mut new.denied, &old.denied);
        for (name, value) in &old.unknown {
            let entry = new.unknown.entry(name.clone());
            entry.or_insert_with(|| value.clone());
        }
    }

    /// Learns whose the secret is from another entry that has the same; whether that is news.
    pub(in crate::accounts) fn share_owner(&mut self, other: &Self) -> bool {
        let (own, other) = (&mut self.details, &other.details);
        let news = (own.username.is_none() && other.username.is_some())
            || (own.email.is_none() && other.email.is_some());
        let known = own.denied.len();
        add_missing(&mut own.denied, &other.denied);
        better(&mut own.username, other.username.as_ref(), false);
        better(&mut own.email, other.email.as_ref(), false);
        news || own.denied.len() > known
    }
}

fn add_missing(own: &mut Vec<String>, other: &[String]) {
    for text in other {
        if !own.contains(text) {
            own.push(text.clone());
        }
    }
}

/// Fills in what is not known, or puts the old in place of what is.
fn better<T: Clone>(new: &mut Option<T>, old: Option<&T>, prefer_old: bool) {
    if old.is_some() && (prefer_old || new.is_none()) {
        *new = old.cloned();
    }
}
