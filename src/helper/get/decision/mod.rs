//! What a `get` does next: one pure function over what is known so far and what Git asks
//! for. Nothing is read, asked or served here; that is `get`'s, step by step.

use super::known::{Agreement, Contact, GetRequest, Known, OurTurn, People, Place, Stored};
use super::step::{Credential, End, NoCredential, Serving, Step};
use crate::accounts::renewal::{self, Kept, Next, Run};
use crate::accounts::{Entry, Reach, Selection, Wanted, fits, select};
use crate::bitbucket::{Kind, Verdict};
use crate::helper::notes::Word;
use crate::helper::single_flight::Before;
use crate::helper::source::READERS;
use crate::prompt::Unanswered;

#[cfg(test)]
mod tests;

/// Decides over the next step. What is stored and cannot be told to Git is not served: with it,
/// a `get` would end without a word.
pub fn next(known: &Known, wanted: &GetRequest) -> Step {
    let step = next_of_all(known, wanted);
    let (Step::Serve(Credential::Entry(chosen), _), Stored::Entries(entries)) =
        (&step, &known.stored)
    else {
        return step;
    };
    if wanted.can_be_told(&entries[*chosen]) {
        return step;
    }
    let is_chosen = |index: usize| index == *chosen || fits(&entries[index], &wanted.account());
    let goes = |index: &usize| is_chosen(*index) && !wanted.can_be_told(&entries[*index]);
    Step::PassOver((0..entries.len()).filter(goes).collect())
}

/// First what other sources supply, then what is stored, then what a person may do.
fn next_of_all(known: &Known, wanted: &GetRequest) -> Step {
    if let Some(pasted) = &known.pasted {
        return Step::Serve(Credential::Pasted, pasted.serving);
    }
    if known.unanswered == Some(Unanswered::Cancelled) {
        return Step::End(End::GiveUp);
    }
    if let Some(step) = from_sources(known, wanted) {
        return step;
    }
    match &known.stored {
        Stored::Unread => Step::ReadStore,
        Stored::Entries(entries) => from_entries(known, wanted, entries),
        Stored::Unreadable { is_replaceable, .. } => without_store(known, wanted, *is_replaceable),
    }
}

/// The first source that has a credential, unless the server is known to refuse that:
/// a dead variable in some profile must not beat a good entry in the store.
fn from_sources(known: &Known, wanted: &GetRequest) -> Option<Step> {
    let is_first = wanted.mark.is_none();
    for index in 0..READERS.len() {
        let Some(looked) = known.sources.get(index) else {
            return Some(Step::Look(index));
        };
        let Some(supply) = &looked.supply else {
            continue;
        };
        let entry = match &supply.credential {
            Ok(entry) if looked.word != Some(Word::Refused) => entry,
            // Where it was asked for by name, nothing else is served in its place.
            _ if supply.source.is_alone() => return Some(needs_people(known, stop)),
            _ => continue,
        };
        let was_refused = (wanted.mark.as_ref()).is_some_and(|mark| mark.matches(&entry.secret));
        // Git never erases what is answered with 410, so an app password is checked first.
        let is_daily = entry.details.kind == Kind::AppPassword && !was_refused;
        return Some(if looked.word.is_none() && (was_refused || is_daily) {
            Step::CheckSource { index, is_daily }
        } else if supply.source.may_belong_to_another_program() && !looked.is_compared && is_first {
            Step::LookBehind(index)
        } else {
            Step::Serve(Credential::Source(index), Serving::Usual)
        });
    }
    None
}

fn from_entries(known: &Known, wanted: &GetRequest, entries: &[Entry]) -> Step {
    if let Some(Agreement::Entry(index)) = known.agreement {
        return Step::Serve(Credential::Entry(index), Serving::Usual);
    }
    if let Some(index) = wanted.refused_entry(entries) {
        return from_entry(known, wanted, entries, index, Serving::OnceMore);
    }
    let selection = match select_here(known, wanted, entries) {
        Ok(selection) => selection,
        Err(step) => return step,
    };
    match selection {
        Selection::Entry(index) => from_entry(known, wanted, entries, index, Serving::Usual),
        Selection::Several(equal) => from_several(known, wanted, entries, &equal),
        Selection::OtherNames(others) if !wanted.is_submodule && known.agreement.is_none() => {
            from_other_name(known, wanted, entries, others[0])
        }
        Selection::OtherNames(_) | Selection::Nothing => sign_in(known, wanted, entries),
    }
}

/// Which entry answers. Without a path the folder tells whether one that is limited to a place
/// may: it is served only where the request is known to lie within.
fn select_here(known: &Known, wanted: &GetRequest, entries: &[Entry]) -> Result<Selection, Step> {
    let account = wanted.account();
    let selection = select(entries, &account);
    let is_limited = |index: &usize| entries[*index].details.reach != Reach::Site;
    let needs_place = match &selection {
        _ if wanted.has_path => false,
        Selection::Entry(index) => is_limited(index),
        Selection::Several(equal) => equal.iter().any(is_limited),
        Selection::OtherNames(_) | Selection::Nothing => false,
    };
    let repository = match &known.place {
        _ if !needs_place => return Ok(selection),
        Place::NotFound => return Err(Step::FindPlace),
        Place::Repository(place) => Some(place),
        Place::Nowhere => None,
    };
    let here = Wanted {
        repository,
        is_elsewhere: repository.is_none(),
        ..account
    };
    Ok(select(entries, &here))
}

/// Serves an entry, unless the server refuses it. The server is asked where Git was refused,
/// which Bitbucket also does with good tokens now and then (BCLOUD-24107), and past a stated
/// date: the server decides then, not the date.
fn from_entry(
    known: &Known,
    wanted: &GetRequest,
    entries: &[Entry],
    index: usize,
    serving: Serving,
) -> Step {
    let entry = &entries[index];
    let was_refused = serving == Serving::OnceMore;
    if let Some(step) = from_sign_in(known, wanted, entry, index, was_refused) {
        return step;
    }
    let heard = known.heard.iter().find(|it| it.secret == entry.secret);
    let verdict = heard.and_then(|it| it.verdict.as_ref());
    if verdict.is_some_and(Verdict::is_refused_for_good) {
        return Step::Replace(index);
    }
    if heard.is_some() || !(was_refused || entry.must_be_checked(wanted.now)) {
        return Step::Serve(Credential::Entry(index), serving);
    }
    match known.turn {
        None => Step::TakeTurn,
        // Another process has asked about it, or still does.
        Some(OurTurn {
            before: Before::Asked | Before::Cancelled | Before::Busy,
            has_read: false,
        }) => Step::ReadAgain(Some(index)),
        Some(_) => Step::AskServer { index, was_refused },
    }
}

/// What comes before a browser sign-in is served; `None` if nothing does. It is never removed
/// here: what is refused may be renewed again in a while, and a new sign-in takes its place.
fn from_sign_in(
    known: &Known,
    wanted: &GetRequest,
    entry: &Entry,
    index: usize,
    was_refused: bool,
) -> Option<Step> {
    let kept = Kept::of(entry)?;
    let tried = known.renewals.iter().find(|it| it.id == entry.details.id);
    let run = Run {
        was_refused,
        tried: tried.map(|it| it.outcome),
    };
    let has_ended = match renewal::next(&kept, run, wanted.now) {
        Next::Serve => return None,
        Next::Renew => return Some(Step::Renew { index, was_refused }),
        Next::Wait => false,
        Next::SignIn => true,
    };
    let heard = known.heard.iter().find(|it| it.secret == entry.secret);
    let verdict = heard.map(|it| it.verdict.as_ref());
    let is_refused = verdict.is_some_and(|it| it.is_some_and(Verdict::is_refused_for_good));
    // Git was refused what would live on, which also happens to good ones: the server is asked.
    if was_refused && !is_refused {
        return None;
    }
    if !known.is_explained {
        return Some(Step::ExplainSignIn { index, has_ended });
    }
    Some(needs_people(known, |people| match people.contact {
        Contact::Terminal | Contact::Program if has_ended => sign_in(known, wanted, &[]),
        _ => stop(people),
    }))
}

/// Several accounts fit and nothing chooses between them: a person is asked once for each
/// workspace. With nobody to ask it is the one that worked last.
fn from_several(known: &Known, wanted: &GetRequest, entries: &[Entry], equal: &[usize]) -> Step {
    let place = match &known.place {
        Place::NotFound => return Step::FindPlace,
        Place::Nowhere => return from_entry(known, wanted, entries, equal[0], Serving::Usual),
        Place::Repository(place) => place,
    };
    // Without a path only the directory tells, which selecting does not look at.
    let is_chosen = |index: &&usize| entries[**index].details.is_chosen_for(&place.workspace);
    let is_confirmed = |index: &&usize| entries[**index].details.is_confirmed_with(place);
    let mut confirmed = equal.iter().filter(is_confirmed);
    let only_confirmed = confirmed.next().filter(|_| confirmed.next().is_none());
    if let Some(&chosen) = equal.iter().find(is_chosen).or(only_confirmed) {
        return from_entry(known, wanted, entries, chosen, Serving::Usual);
    }
    // Without a mark `store` looks it up, and notes that it worked here.
    let unasked = Step::Serve(Credential::Entry(equal[0]), Serving::UnmarkedOnce);
    if wanted.is_submodule {
        return unasked;
    }
    needs_people(known, |people| match people.contact {
        Contact::Terminal => {
            before_question(known, people).unwrap_or(Step::ChooseAccount(equal.to_vec()))
        }
        Contact::LoginOnly | Contact::Program | Contact::Nobody => unasked.clone(),
    })
}

/// Only accounts with other names are stored: one of them may be meant, as after a change of
/// name that old remotes do not know of.
fn from_other_name(known: &Known, wanted: &GetRequest, entries: &[Entry], index: usize) -> Step {
    needs_people(known, |people| match people.contact {
        Contact::Terminal => before_question(known, people).unwrap_or(Step::AgreeOnName(index)),
        Contact::LoginOnly | Contact::Program | Contact::Nobody => sign_in(known, wanted, entries),
    })
}

/// What is stored cannot be read, which is not the same as nothing: the reason is said, then
/// a person may still help, or somebody else.
fn without_store(known: &Known, wanted: &GetRequest, is_replaceable: bool) -> Step {
    if wanted.is_pipelines {
        return Step::End(End::Silence);
    }
    needs_people(known, |people| {
        if is_replaceable && people.contact == Contact::Terminal && !people.gave_up {
            return before_question(known, people).unwrap_or(Step::ChooseStore);
        }
        if !known.is_explained {
            return Step::Explain;
        }
        match people.contact {
            Contact::Nobody => stop(people),
            Contact::Terminal | Contact::LoginOnly | Contact::Program => {
                sign_in(known, wanted, &[])
            }
        }
    })
}

/// Asks a person, with `entries` at hand that do not fit.
fn sign_in(known: &Known, wanted: &GetRequest, entries: &[Entry]) -> Step {
    needs_people(known, |people| {
        // A submodule's URL was chosen by whoever wrote the repository: with accounts at hand
        // that do not fit, it must not talk a person out of another one.
        if wanted.is_submodule && !entries.is_empty() {
            return tell(people, NoCredential::NotForSubmodule);
        }
        // Git goes on with the other submodules, and then comes back to this one.
        if people.gave_up {
            return tell(people, NoCredential::Cancelled);
        }
        if let Some(step) = before_question(known, people) {
            return step;
        }
        match people.contact {
            _ if known.unanswered.is_some() => tell(people, NoCredential::NobodyThere),
            Contact::Nobody => tell(people, NoCredential::NobodyThere),
            contact => Step::SignIn(contact),
        }
    })
}

/// What comes before a person is asked. Another process may have asked about the same
/// account, also between our look into the store and our turn.
fn before_question(known: &Known, people: People) -> Option<Step> {
    let Some(turn) = known.turn else {
        return Some(Step::TakeTurn);
    };
    match turn.before {
        Before::Busy => Some(tell(people, NoCredential::Busy)),
        _ if turn.has_read => None,
        Before::Nothing | Before::Asked => Some(Step::ReadAgain(None)),
        Before::Cancelled => Some(Step::End(End::Quit)),
    }
}

/// There is no credential to give. Whoever may still answer is left to do so.
fn tell(people: People, reason: NoCredential) -> Step {
    Step::End(if people.others_may_answer {
        End::Silence
    } else {
        End::Tell(reason)
    })
}

/// The same, and it was said why.
fn stop(people: People) -> Step {
    Step::End(if people.others_may_answer {
        End::Silence
    } else {
        End::Quit
    })
}

fn needs_people(known: &Known, step: impl FnOnce(People) -> Step) -> Step {
    known.people.map_or(Step::FindPeople, step)
}
