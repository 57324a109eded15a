//! Asking the server about what is offered and what is stored, and what comes of that.

use super::Get;
use super::known::{Heard, Looked, Renewed, Stored};
use crate::accounts::{Entry, is_alike};
use crate::bitbucket::{Verdict, advise};
use crate::dates::now;
use crate::helper::notes::{Notes, Word};
use crate::helper::renewal::{Renewal, explain_end};
use crate::helper::source::{self, Supply};
use crate::helper::{coming_expiry, single_flight};
use crate::keychain::Unlock;
use crate::text::notice;
use crate::trace;

impl Get<'_> {
    /// Asks the server about what a source supplies, daily or since Git was refused.
    pub(super) fn check_source(&mut self, index: usize, is_daily: bool) {
        let place = self.place();
        let Some(Looked {
            supply:
                Some(Supply {
                    source,
                    credential: Ok(entry),
                }),
            word,
            ..
        }) = self.known.sources.get_mut(index)
        else {
            return;
        };
        let check = || {
            let verdict = self.session.recheck(entry, place.as_ref());
            if verdict.is_refused_for_good() {
                let kind = entry.details.kind;
                let advice = advise(&self.session.site, &verdict, Some(kind), place.as_ref());
                let (name, next) = (kind.facts().name, source.next_step());
                let text = format!("the {name} in {source} is passed over: {advice} {next}");
                notice(text.trim_end());
            }
            Word::of(&verdict)
        };
        let found = if is_daily {
            check_daily(entry, check)
        } else {
            check()
        };
        if found == Word::Refused {
            trace::tell("environment", &[&"passed over"]);
        }
        *word = Some(found);
    }

    pub(super) fn ask_server(&mut self, index: usize, was_refused: bool) {
        let place = self.place();
        let Some(entry) = self.entries().get(index) else {
            return;
        };
        let question = || self.session.recheck(entry, place.as_ref());
        let verdict = if was_refused {
            question()
        } else {
            Verdict::of_up_to_two(question)
        };
        let heard = Heard {
            secret: entry.secret.duplicate(),
            verdict: Some(verdict),
        };
        if !was_refused && heard.is_accepted() {
            self.note_acceptance(index);
        }
        self.known.heard.push(heard);
    }

    fn note_acceptance(&mut self, index: usize) {
        if let Some(entry) = self.entry_mut(index) {
            coming_expiry::drop_date(entry);
            entry.details.verified = Some(now());
        }
        if let Some(entry) = self.entries().get(index) {
            // If that fails, the server is asked again next time.
            let _ = self.session.vault().update(entry, Unlock::Never);
        }
    }

    /// Renews a sign-in. What is known of it by then takes the entry's place.
    pub(super) fn renew(&mut self, index: usize, was_refused: bool) {
        let Some(entry) = self.entries().get(index) else {
            return;
        };
        let id = entry.details.id.clone();
        let Renewal {
            outcome,
            entry,
            why,
        } = self.session.renew(entry, was_refused);
        if let (Some(new), Some(place)) = (entry, self.entry_mut(index)) {
            *place = new;
        }
        self.known.renewals.push(Renewed { id, outcome, why });
    }

    /// Says why a sign-in cannot be served.
    pub(super) fn explain_sign_in(&mut self, index: usize, has_ended: bool) {
        self.known.is_explained = true;
        let Some(entry) = self.entries().get(index) else {
            return;
        };
        let mut renewals = self.known.renewals.iter();
        let tried = renewals.find(|it| it.id == entry.details.id);
        match tried.and_then(|it| it.why.as_deref()) {
            Some(why) if !has_ended => notice(why),
            _ => notice(&explain_end(entry, &self.session.site)),
        }
    }

    /// Removes what the server refused. Where another process has put a newer one by now,
    /// that is looked at.
    pub(super) fn replace(&mut self, index: usize) {
        let place = self.place();
        let Stored::Entries(entries) = &mut self.known.stored else {
            return;
        };
        let entry = entries.remove(index);
        if let Some(turn) = &mut self.known.turn {
            turn.has_read = true;
        }
        let heard = self.known.heard.iter().find(|it| it.secret == entry.secret);
        let verdict = heard.and_then(|it| it.verdict.as_ref());
        let text = verdict.and_then(|it| self.session.discard(&entry, it, place.as_ref()));
        let is_ours = text.is_some();
        if let Some(text) = text {
            notice(&text);
        }
        let is_another = |it: &Entry| it.secret != entry.secret && is_alike(it, &entry);
        match self.session.vault().read(Unlock::Never) {
            // Another of the same account may be left, or have been put there by now.
            Ok(mut left) if !is_ours || left.entries.iter().any(is_another) => {
                left.entries.retain(|it| it.secret != entry.secret);
                self.note_stored(Ok(left));
            }
            _ => self.known.refused = Some(entry),
        }
    }
}

/// What the server said of an app password lately, or says now.
fn check_daily(entry: &Entry, check: impl FnOnce() -> Word) -> Word {
    let known = || Notes::read().checked_lately(&entry.secret, now());
    if let Some(word) = known() {
        return word;
    }
    let (_, _turn) = single_flight::begin(source::ID, || false);
    if let Some(word) = known() {
        return word;
    }
    let word = check();
    Notes::read().note_check(&entry.secret, word, now());
    word
}
