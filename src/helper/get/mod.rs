//! `get`: answers from what other sources supply or from the store, else asks a person, else
//! says what to do. `decision` has what comes next; here it is carried out, and what comes of
//! it is added to what is known.

mod answer;
mod askpass;
mod decision;
mod known;
mod no_credential;
mod server;
mod shadow;
mod step;
mod terminal;

use super::account_question::{agree_on_name, choose_one};
use super::notes::Notes;
use super::pipelines::is_pipelines;
use super::session::Session;
use super::single_flight::{self, Before, Turn};
use super::source::{Inquiry, READERS};
use super::store_question;
use crate::accounts::{Contents, Entry};
use crate::bitbucket::Repository;
use crate::dates::now;
use crate::git::is_submodule;
use crate::keychain::Failure;
use crate::prompt::{Askpass, Person, Terminal, Unanswered};
use crate::protocol::{Answer, Request, is_printable};
use crate::text::{notice, shown};
use crate::trace;
use decision::next;
use known::{Agreement, Contact, GetRequest, Heard, Known, Looked, OurTurn, People, Place, Stored};
use step::Step;

/// One `get` for one of our sites.
struct Get<'a> {
    request: &'a Request,
    wanted: GetRequest<'a>,
    session: Session,
    known: Known,
    terminal: Option<Terminal>,
    askpass: Option<Askpass>,
    turn: Option<Turn>,
}

/// The answer to a request for the session's site.
pub fn get(request: &Request, session: Session) -> Answer {
    let path = request.path.as_deref();
    let repository = path.and_then(|path| session.site.repository(path));
    let mut get = Get {
        request,
        wanted: GetRequest {
            is_submodule: is_submodule(),
            is_pipelines: is_pipelines(),
            ..GetRequest::of(request, repository, now())
        },
        session,
        known: Known::default(),
        terminal: None,
        askpass: None,
        turn: None,
    };
    let mut last = None;
    loop {
        let step = next(&get.known, &get.wanted);
        trace::tell("step", &[&step]);
        // A step that finds out nothing would come again for ever.
        if last.as_ref() == Some(&step) {
            return Answer::Silence;
        }
        last = Some(step.clone());
        match step {
            Step::Serve(credential, serving) => return get.serve(credential, serving),
            Step::End(end) => return get.end(end),
            Step::Look(index) => get.look(index),
            Step::CheckSource { index, is_daily } => get.check_source(index, is_daily),
            Step::LookBehind(index) => get.look_behind(index),
            Step::ReadStore => get.read_store(),
            Step::FindPeople => get.find_people(),
            Step::FindPlace => drop(get.place()),
            Step::TakeTurn => get.take_turn(),
            Step::ReadAgain(about) => get.read_again(about),
            Step::AskServer { index, was_refused } => get.ask_server(index, was_refused),
            Step::Renew { index, was_refused } => get.renew(index, was_refused),
            Step::ExplainSignIn { index, has_ended } => get.explain_sign_in(index, has_ended),
            Step::Replace(index) => get.replace(index),
            Step::ChooseAccount(equal) => get.choose_account(&equal),
            Step::AgreeOnName(index) => get.agree_on_name(index),
            Step::SignIn(Contact::Program) => get.ask_by_program(),
            Step::SignIn(_) => get.ask_on_terminal(),
            Step::ChooseStore => get.choose_store(),
            Step::Explain => get.explain(),
            Step::PassOver(indices) => get.pass_over(&indices),
        }
    }
}

impl Get<'_> {
    fn look(&mut self, index: usize) {
        let inquiry = Inquiry {
            session: &self.session,
            username: self.wanted.username(),
            path: self.request.path.as_deref(),
        };
        let supply = READERS.get(index).and_then(|it| (it.look)(&inquiry));
        if let Some(Err(reason)) = supply.as_ref().map(|supply| &supply.credential) {
            trace::tell("environment", &[&"unusable"]);
            notice(&reason.to_string());
        }
        self.known.sources.push(Looked {
            supply,
            word: None,
            is_compared: false,
        });
    }

    fn read_store(&mut self) {
        let (only_name, now) = (self.wanted.only_name(), self.wanted.now);
        let vault = self.session.vault();
        let read = |unlock| match only_name {
            Some(name) => {
                let contents = vault.read_named(name, unlock)?;
                match contents.entries.as_slice() {
                    // More than serving it may be needed.
                    [entry] if entry.must_be_checked(now) => vault.read(unlock),
                    _ => Ok(contents),
                }
            }
            None => vault.read(unlock),
        };
        let outcome = self.session.unlocking(read);
        self.note_stored(outcome);
    }

    fn note_stored(&mut self, outcome: Result<Contents, Failure>) {
        self.known.stored = match outcome {
            Ok(contents) => {
                trace::tell("entries", &[&contents.entries.len()]);
                self.known.unreadable = contents.unreadable;
                let mut entries = contents.entries;
                entries.retain(|entry| !self.known.passed_over.contains(&entry.secret));
                Stored::Entries(entries)
            }
            Err(failure) => Stored::Unreadable {
                is_replaceable: self.session.may_choose(&failure),
                failure,
            },
        };
    }

    /// The entries that can be read.
    fn entries(&self) -> &[Entry] {
        match &self.known.stored {
            Stored::Entries(entries) => entries,
            Stored::Unread | Stored::Unreadable { .. } => &[],
        }
    }

    fn entry_mut(&mut self, index: usize) -> Option<&mut Entry> {
        match &mut self.known.stored {
            Stored::Entries(entries) => entries.get_mut(index),
            Stored::Unread | Stored::Unreadable { .. } => None,
        }
    }

    fn find_people(&mut self) {
        self.terminal = self.session.person();
        if self.terminal.is_none() {
            self.askpass = self.session.askpass();
        }
        self.known.people = Some(People {
            contact: match (&self.terminal, &self.askpass) {
                (Some(terminal), _) if terminal.is_for_logins_only() => Contact::LoginOnly,
                (Some(_), _) => Contact::Terminal,
                (None, Some(_)) => Contact::Program,
                (None, None) => Contact::Nobody,
            },
            others_may_answer: self.session.others_may_answer(),
            gave_up: self.wanted.is_submodule && Notes::read().cancelled_here(now()),
        });
    }

    /// The repository that Git works on, which may take a look at its configuration.
    fn place(&mut self) -> Option<Repository> {
        if self.known.place == Place::NotFound {
            let found = self.session.repository(self.request.path.as_deref());
            self.known.place = found.map_or(Place::Nowhere, Place::Repository);
        }
        match &self.known.place {
            Place::Repository(place) => Some(place.clone()),
            Place::NotFound | Place::Nowhere => None,
        }
    }

    /// What one process at a time asks about.
    fn subject(&self) -> String {
        let account = self.wanted.username().unwrap_or_default();
        format!("{} {account}", self.session.site.url())
    }

    /// Waits for processes that ask about the same account.
    fn take_turn(&mut self) {
        let subject = self.subject();
        let is_attended = || match &self.known.people {
            Some(people) => people.contact != Contact::Nobody,
            None => self.session.somebody_is_there(),
        };
        let (before, turn) = single_flight::begin(&subject, is_attended);
        self.turn = turn;
        self.known.turn = Some(OurTurn {
            before,
            has_read: false,
        });
    }

    /// Reads the store again, since another process may have asked about `about`, or a
    /// person.
    fn read_again(&mut self, about: Option<usize>) {
        let Some(turn) = &mut self.known.turn else {
            return;
        };
        turn.has_read = true;
        let before = turn.before;
        let doubted = about.and_then(|index| self.entries().get(index));
        let doubted = doubted.map(|entry| entry.secret.duplicate());
        match self.session.read_again() {
            Ok(contents) => self.note_stored(Ok(contents)),
            // Where the other's answer cannot be read, it is as if nothing was kept.
            Err(_) if doubted.is_none() && before == Before::Asked => {
                self.known.stored = Stored::Entries(Vec::new());
            }
            Err(_) => {}
        }
        // What the other process left there was not refused.
        if let Some(secret) = doubted
            && self.entries().iter().any(|entry| entry.secret == secret)
        {
            let verdict = None;
            self.known.heard.push(Heard { secret, verdict });
        }
    }

    fn choose_account(&mut self, equal: &[usize]) {
        let (Some(place), Stored::Entries(entries)) = (self.place(), &mut self.known.stored) else {
            return;
        };
        let Some(terminal) = &mut self.terminal else {
            return;
        };
        let target = format!("{}/{place}", self.session.site.host());
        let accounts: Vec<&Entry> = equal.iter().map(|&index| &entries[index]).collect();
        let Ok(choice) = choose_one(terminal, &target, &accounts) else {
            self.known.unanswered = Some(Unanswered::Cancelled);
            return;
        };
        let entry = &mut entries[equal[choice]];
        entry.details.choose_for(&place.workspace);
        entry.details.seen = false;
        let what = format!("The choice for {}", place.workspace);
        self.session.keep(terminal, entry, &what);
        self.known.agreement = Some(Agreement::Entry(equal[choice]));
    }

    fn agree_on_name(&mut self, index: usize) {
        let (Some(wanted), Stored::Entries(entries), Some(terminal)) = (
            self.wanted.username(),
            &mut self.known.stored,
            &mut self.terminal,
        ) else {
            return;
        };
        let (entry, host) = (&mut entries[index], self.session.site.host());
        match agree_on_name(terminal, entry, wanted, host) {
            Ok(true) => {
                self.session.keep(terminal, entry, "Your answer");
                self.known.agreement = Some(Agreement::Entry(index));
            }
            Ok(false) => self.known.agreement = Some(Agreement::None),
            Err(_) => self.known.unanswered = Some(Unanswered::Cancelled),
        }
    }

    /// Asks once which store to use, and reads what that holds.
    fn choose_store(&mut self) {
        let (Stored::Unreadable { failure, .. }, Some(terminal)) =
            (&self.known.stored, &mut self.terminal)
        else {
            return;
        };
        match store_question::ask(&self.session, terminal, failure) {
            Ok(()) => {
                let vault = self.session.vault();
                let outcome = self.session.unlocking(|unlock| vault.read(unlock));
                self.note_stored(outcome);
            }
            Err(Unanswered::Cancelled) => {
                self.note_end_of_question();
                if let Some(terminal) = &mut self.terminal {
                    terminal.tell("Cancelled; nothing was kept.");
                }
                self.known.unanswered = Some(Unanswered::Cancelled);
            }
            Err(Unanswered::Nobody) => {
                if let Some(people) = &mut self.known.people {
                    people.contact = Contact::Nobody;
                }
            }
        }
    }

    /// Says why nothing can be read. Where Git goes on without us, once a day is enough.
    fn explain(&mut self) {
        self.known.is_explained = true;
        let Stored::Unreadable { failure, .. } = &self.known.stored else {
            return;
        };
        let others =
            self.known.people.as_ref().is_some_and(|people| {
                people.contact != Contact::Terminal && people.others_may_answer
            });
        if others && failure.is_no_place() {
            let notes = Notes::read();
            if notes.missed_lately(now()) {
                return;
            }
            notes.note_missing(now());
        }
        notice(&self.with_causes(&self.session.explain(failure)));
    }

    /// Says that these entries cannot be told to Git, and does as if they were not there.
    fn pass_over(&mut self, indices: &[usize]) {
        let address = self.address();
        let Stored::Entries(entries) = &mut self.known.stored else {
            return;
        };
        for &index in indices.iter().rev() {
            let entry = entries.remove(index);
            let why = if is_printable(entry.secret.expose()) {
                "its user name is missing, or cannot be told to Git"
            } else {
                "it has a line end or a NUL character inside, which Git cannot be told"
            };
            notice(&format!(
                "{} is passed over: {why}; to enter it anew, run: git credential-bitbucket login \
                 {address}",
                shown(&entry.title()),
            ));
            self.known.passed_over.push(entry.secret);
        }
        // It names an entry by its place.
        self.known.agreement = None;
    }

    /// Git goes on with the next submodule: it must not ask again what was just given up.
    fn note_end_of_question(&self) {
        if self.wanted.is_submodule {
            Notes::read().note_cancellation(now());
        }
    }
}
