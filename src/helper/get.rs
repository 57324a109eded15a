//! `get`: answers from the keychain, else asks a person, else says what to do.

mod askpass;
mod provided;
mod terminal;
mod turn;
mod without;

use super::choice::{agree_on_name, choose_one};
use super::environment;
use super::expiry;
use super::notes::Notes;
use super::session::{Session, is_submodule, now};
use super::single_flight::Turn;
use super::state::{self, Mark};
use crate::accounts::{Contents, Entry, Selection, Vault, Wanted, fits, is_alike, select};
use crate::bitbucket::{Kind, Refusal, Repository, Verdict};
use crate::keychain::{Failure, Unlock};
use crate::protocol::{Answer, Request, Served};
use crate::text::{notice, shown};
use crate::trace;
use std::cell::OnceCell;

/// One `get` for one of our sites.
struct Get<'a> {
    request: &'a Request,
    session: Session,
    /// From `path`; what Git's directory tells is looked up only before verifying.
    repository: Option<Repository>,
    /// Once it is our turn to ask a person or the server.
    turn: OnceCell<Turn>,
}

/// The answer to a request for the session's site.
pub fn get(request: &Request, session: Session) -> Answer {
    let path = request.path.as_deref();
    let get = Get {
        request,
        repository: path.and_then(|path| session.site.repository(path)),
        session,
        turn: OnceCell::new(),
    };
    if let Some(answer) = get.answer_from_environment() {
        return answer;
    }
    let vault = get.session.vault();
    let read = |unlock| match get.only_name() {
        Some(name) => read_named(&vault, name, unlock),
        None => vault.read(unlock),
    };
    match get.session.unlocking(read) {
        Ok(contents) => get.choose(contents.entries),
        Err(failure) => get.do_without_keychain(&failure),
    }
}

/// The named account's entry, or all where more than serving it may be needed.
fn read_named(vault: &Vault, name: &str, unlock: Unlock) -> Result<Contents, Failure> {
    let contents = vault.read_named(name, unlock)?;
    match contents.entries.as_slice() {
        [entry] if entry.must_be_checked(now()) => vault.read(unlock),
        _ => Ok(contents),
    }
}

impl Get<'_> {
    /// The name that alone decides which entry answers, if it is an account's: no path may
    /// choose a narrower one, and nothing was refused that others might replace.
    fn only_name(&self) -> Option<&str> {
        let name = self.request.username()?;
        let is_plain = !name.contains('@') && Kind::with_static_name(name).is_none();
        (is_plain && self.repository.is_none() && Mark::of(self.request).is_none()).then_some(name)
    }

    fn recheck(&self, entry: &Entry) -> Verdict {
        self.session.recheck(entry, self.place().as_ref())
    }

    /// The repository that Git works on, which may take a look at its configuration.
    fn place(&self) -> Option<Repository> {
        self.session.repository(self.request.path.as_deref())
    }

    /// Answers with one of these, or asks for another. If Git asks once more about one
    /// that we served, that was refused.
    fn choose(&self, entries: Vec<Entry>) -> Answer {
        let served = Mark::of(self.request).and_then(|mark| {
            let wanted = Wanted {
                username: self.request.username(),
                ..self.wanted()
            };
            entries
                .iter()
                .position(|entry| mark.is_of(entry) && fits(entry, &wanted))
        });
        if served.is_some() {
            trace::tell("git was refused", &[&"with what was served"]);
        }
        match served {
            Some(index) => self.give_second_chance(entries, index),
            None => self.choose_anew(entries),
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            username: self.username(),
            repository: self.repository.as_ref(),
        }
    }

    /// Whom Git asks for. When it comes back, a name that belongs to no account is the one
    /// that we served, and nobody's wish.
    fn username(&self) -> Option<&str> {
        let ours = Mark::of(self.request).is_some();
        let is_static = |name: &str| Kind::with_static_name(name).is_some();
        let name = self.request.username();
        name.filter(|name| !(ours && is_static(name)))
    }

    fn choose_anew(&self, mut entries: Vec<Entry>) -> Answer {
        let selection = select(&entries, &self.wanted());
        trace::tell("selection", &[&selection, &"of", &entries.len()]);
        match selection {
            Selection::Entry(index) => self.serve_kept(entries, index),
            Selection::Several(equal) => self.choose_account(entries, &equal),
            Selection::OtherNames(_) if is_submodule() => self.sign_in(&entries, None),
            Selection::OtherNames(others) => self.ask_for_name(&mut entries, others[0]),
            Selection::Nothing => self.sign_in(&entries, None),
        }
    }

    /// The answer that hands out an entry. With `again`, Git is to come back on a 401
    /// (`continue=1`); never twice in a row.
    fn serve(&self, entry: &Entry, again: bool) -> Answer {
        let name = entry.git_username().or_else(|| self.request.username());
        match name {
            Some(name) => Answer::Credential(Served {
                username: name.to_owned(),
                password: entry.secret.duplicate(),
                password_expiry_utc: entry.details.expires.filter(|&time| time > now()),
                state: state::mark(entry),
                r#continue: again,
            }),
            None => Answer::Silence,
        }
    }

    /// The same, and Git may come back unless it has done so already.
    fn serve_anew(&self, entry: &Entry) -> Answer {
        self.serve(entry, Mark::of(self.request).is_none())
    }

    /// Serves an entry that nothing speaks against. Past its stated date the server, not
    /// the date, decides.
    fn serve_kept(&self, mut entries: Vec<Entry>, index: usize) -> Answer {
        let mut entry = entries.swap_remove(index);
        if !entry.must_be_checked(now()) {
            expiry::warn(&entry);
            return self.serve_anew(&entry);
        }
        if let Some(answer) = self.wait_for_verdict(&entry, Self::serve_anew) {
            return answer;
        }
        let mut verdict = self.recheck(&entry);
        // Git has been refused nothing yet, so a 401 without a reason is the first.
        if verdict == Verdict::Refused(Refusal::Invalid) {
            verdict = self.recheck(&entry);
        }
        if verdict.is_refused_for_good() {
            return self.replace(&entry, &verdict, &entries);
        }
        if verdict.accepted().is_some() {
            expiry::drop_date(&mut entry);
            entry.details.verified = Some(now());
            // If that fails, the server is asked again next time.
            let _ = self.session.vault().update(&entry, Unlock::Never);
        }
        self.serve_anew(&entry)
    }

    /// What we served was answered with 401, which Bitbucket also gives to good tokens
    /// now and then (BCLOUD-24107): the server is asked once.
    fn give_second_chance(&self, mut entries: Vec<Entry>, index: usize) -> Answer {
        let entry = entries.swap_remove(index);
        if let Some(answer) = self.wait_for_verdict(&entry, Self::serve_under_static_name) {
            return answer;
        }
        let verdict = self.recheck(&entry);
        if verdict.is_refused_for_good() {
            return self.replace(&entry, &verdict, &entries);
        }
        self.serve_under_static_name(&entry)
    }

    /// Removes what the server refused and asks for another, with `others` at hand. Where
    /// another process has put a newer one by now, that is served.
    fn replace(&self, entry: &Entry, verdict: &Verdict, others: &[Entry]) -> Answer {
        let place = self.place();
        if let Some(text) = self.session.discard(entry, verdict, place.as_ref()) {
            notice(&text);
            return match self.session.vault().read(Unlock::Never) {
                Ok(left) if left.entries.iter().any(|other| is_alike(other, entry)) => {
                    self.choose_anew(left.entries)
                }
                _ => self.sign_in(others, Some(entry)),
            };
        }
        match self.session.vault().read(Unlock::Never) {
            Ok(contents) => self.choose_anew(contents.entries),
            Err(_) => self.sign_in(others, Some(entry)),
        }
    }

    /// The same once more, but under the name that needs no account's: the account may
    /// have been renamed.
    fn serve_under_static_name(&self, entry: &Entry) -> Answer {
        let mut answer = self.serve(entry, false);
        if let Answer::Credential(served) = &mut answer
            && let Some(name) = entry.details.kind.git_username(None)
        {
            name.clone_into(&mut served.username);
        }
        answer
    }

    /// Several accounts fit and nothing chooses between them: a person is asked once for
    /// each workspace. With nobody to ask it is the one that worked last.
    fn choose_account(&self, mut entries: Vec<Entry>, equal: &[usize]) -> Answer {
        let Some(place) = self.place() else {
            return self.serve_kept(entries, equal[0]);
        };
        let is_chosen = |index: &&usize| entries[**index].details.is_chosen_for(&place.workspace);
        let is_confirmed = |index: &&usize| entries[**index].details.is_confirmed_with(&place);
        // Without a path only the directory tells, which selecting does not look at.
        let mut confirmed = equal.iter().filter(is_confirmed);
        let only_confirmed = confirmed.next().filter(|_| confirmed.next().is_none());
        if let Some(&chosen) = equal.iter().find(is_chosen).or(only_confirmed) {
            return self.serve_kept(entries, chosen);
        }
        let Some(mut terminal) = self.session.person().filter(|_| !is_submodule()) else {
            // Without a mark `store` looks it up, and notes that it worked here.
            return self.serve_unmarked(&entries[equal[0]]);
        };
        if let Some(answer) = self.wait_for_others() {
            return answer;
        }
        let accounts: Vec<&Entry> = equal.iter().map(|&index| &entries[index]).collect();
        let target = format!("{}/{place}", self.session.site.host());
        match choose_one(&mut terminal, &target, &accounts) {
            Ok(choice) => {
                let entry = &mut entries[equal[choice]];
                entry.details.choose_for(&place.workspace);
                entry.details.seen = false;
                let what = format!("The choice for {}", place.workspace);
                self.session.keep(&mut terminal, entry, &what);
                self.serve_anew(entry)
            }
            Err(_) => self.give_up(),
        }
    }

    fn serve_unmarked(&self, entry: &Entry) -> Answer {
        let mut answer = self.serve(entry, false);
        if let Answer::Credential(served) = &mut answer {
            served.state = None;
        }
        answer
    }

    /// Only accounts with other names are kept: one of them may be meant, as after a
    /// change of name that old remotes do not know of.
    fn ask_for_name(&self, entries: &mut [Entry], index: usize) -> Answer {
        let (Some(wanted), Some(mut terminal)) = (self.username(), self.session.person()) else {
            return self.sign_in(entries, None);
        };
        if let Some(answer) = self.wait_for_others() {
            return answer;
        }
        let host = self.session.site.host();
        match agree_on_name(&mut terminal, &mut entries[index], wanted, host) {
            Ok(true) => {
                self.session
                    .keep(&mut terminal, &entries[index], "Your answer");
                self.serve_anew(&entries[index])
            }
            Ok(false) => self.sign_in(entries, None),
            Err(_) => self.give_up(),
        }
    }

    /// Asks a person, with `entries` at hand that do not fit and in place of one that was
    /// refused.
    fn sign_in(&self, entries: &[Entry], refused: Option<&Entry>) -> Answer {
        // A submodule's URL was chosen by whoever wrote the repository: with accounts
        // at hand that do not fit, it must not talk a person out of another one.
        if is_submodule() && !entries.is_empty() {
            return self.say_what_to_do("no account that is kept fits this submodule");
        }
        // Git goes on with the other submodules, and then comes back to this one.
        if is_submodule() && Notes::read().cancelled_here(now()) {
            return self.say_what_to_do("the question was cancelled");
        }
        if let Some(answer) = self.wait_for_others() {
            return answer;
        }
        match (self.session.person(), self.session.askpass()) {
            (Some(mut terminal), _) => self.ask_on_terminal(&mut terminal, entries, refused),
            (None, Some(askpass)) => self.ask_by_program(&askpass, entries, refused),
            (None, None) => self.say_what_to_do("nobody can be asked"),
        }
    }

    /// What was just pasted. Unverified, it has no mark: Git's `store` must not take it for
    /// something kept.
    fn serve_accepted(&self, entry: &Entry, verdict: &Verdict) -> Answer {
        let mut answer = self.serve_anew(entry);
        if let (None, Answer::Credential(served)) = (verdict.accepted(), &mut answer) {
            served.state = None;
        }
        answer
    }

    /// There is no credential to give. Whoever may still answer is left to do so; else
    /// Git stops here, with the command that helps.
    fn say_what_to_do(&self, reason: &str) -> Answer {
        if self.session.others_may_answer() {
            return Answer::Silence;
        }
        if !self.session.choice().keeps() {
            let host = self.session.site.host();
            notice(&format!(
                "no credential is at hand for {host}: nothing is kept (--store=none), and \
                 {reason}; put a token into {}",
                environment::TOKEN
            ));
            return Answer::Quit;
        }
        let place = self.address();
        let whose = match self.username() {
            Some(name) => format!("no credential of {}", shown(name)),
            None => "no credential".to_owned(),
        };
        notice(&format!(
            "{whose} is kept for {place}, and {reason}; run: git credential-bitbucket login {place}{}",
            self.name_option()
        ));
        Answer::Quit
    }

    /// Has `login` keep it under the name that was asked for, unless that is a submodule's,
    /// which nobody here chose. Only a name that means nothing to a shell stands in a command
    /// to copy.
    fn name_option(&self) -> String {
        let is_word = |name: &&str| {
            name.starts_with(|it: char| it.is_ascii_alphanumeric())
                && name
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || "._-".contains(it))
        };
        self.request
            .username()
            .filter(|name| {
                is_word(name) && Kind::with_static_name(name).is_none() && !is_submodule()
            })
            .map_or_else(String::new, |name| format!(" --username {name}"))
    }

    /// What `login` may be called with.
    fn address(&self) -> String {
        let url = self.session.site.url();
        match &self.repository {
            Some(repository) => format!("{url}/{repository}"),
            None => url.to_owned(),
        }
    }
}

/// Git goes on with the next submodule: it must not ask again what was just given up.
fn note_end_of_question() {
    if is_submodule() {
        Notes::read().note_cancellation(now());
    }
}
