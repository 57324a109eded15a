//! What `--fix` would do, shown before anything is done.

use super::backups::KEPT_FOR;
use super::places::{FoundSecret, GitUse};
use super::secret_form::SecretForm;
use super::settings::path_not_sent;
use super::standing::{Fact, TakingAway};
use super::survey::Survey;
use crate::accounts::{Entry, Reach};
use crate::bitbucket::{GitName, Holder, Kind, Repository, Verdict};
use crate::dates::now;
use crate::setup::helper_line;
use crate::text::{shown, wrapped};
use std::io::{self, Write};

/// One thing to do. Numbers are those of the survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Keep a token that lies elsewhere.
    Copy(usize),
    /// Make Git ask us.
    Configure,
    /// Set aside, then remove what lies elsewhere.
    Remove(usize),
    /// Remove an account password, which is kept nowhere.
    Discard(usize),
    /// Remove an entry of ours that Bitbucket refuses.
    Forget(usize),
}

/// In the order in which it is done: what helps first, so that a run that is killed has
/// lost nothing.
pub(super) fn plan(survey: &Survey, moving: bool) -> Vec<Action> {
    let copies = copies(survey);
    // Only what is kept by then may leave, where we answer in its stead.
    let may_leave = |index: usize| {
        let mut kept = survey.entries().iter();
        let mut copies = copies.iter().map(|(_, entry)| entry);
        let stands_in = |entry: &Entry| stands_in(survey, index, entry);
        moving
            && survey.secrets[index].found.host == survey.session.site.host()
            && is_usable(survey, index)
            && (kept.any(stands_in) || copies.any(stands_in))
    };
    let mut plan: Vec<Action> = copies
        .iter()
        .map(|(index, _)| Action::Copy(*index))
        .collect();
    if needs_configuration(survey) {
        plan.push(Action::Configure);
    }
    for (index, one) in survey.secrets.iter().enumerate() {
        plan.extend(match survey.placed(one).taking_away(may_leave(index)) {
            Some(TakingAway::SetAside) => Some(Action::Remove(index)),
            Some(TakingAway::Discard) => Some(Action::Discard(index)),
            None => None,
        });
    }
    let indices = 0..survey.entries().len();
    plan.extend(
        indices
            .filter(|&index| is_refused(survey, index))
            .map(Action::Forget),
    );
    plan
}

/// What is to be kept: of each secret one, and of each account one. What is kept under an
/// account and works is never replaced.
fn copies(survey: &Survey) -> Vec<(usize, Entry)> {
    let mut copies: Vec<(usize, Entry)> = Vec::new();
    for index in 0..survey.secrets.len() {
        if !is_usable(survey, index) || is_kept(survey, index) {
            continue;
        }
        let Some(entry) = entry_of(survey, index) else {
            continue;
        };
        let account = entry.account();
        let works = |other: usize| !is_refused(survey, other);
        let mut kept = survey.entries().iter().enumerate();
        let taken = kept.any(|(other, kept)| kept.account() == account && works(other))
            || copies.iter().any(|(_, copy)| copy.account() == account);
        if !taken {
            copies.push((index, entry));
        }
    }
    copies
}

fn is_kept(survey: &Survey, index: usize) -> bool {
    let secret = survey.secrets[index].found.secret.trimmed();
    survey.entries().iter().any(|entry| entry.secret == secret)
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

/// Whether Bitbucket refuses an entry of ours.
fn is_refused(survey: &Survey, index: usize) -> bool {
    survey.standing(index).fact == Fact::Refused
}

/// The entry for a token that the server accepted.
pub(super) fn entry_of(survey: &Survey, index: usize) -> Option<Entry> {
    let one = &survey.secrets[index];
    let SecretForm::Token(kind) = one.form else {
        return None;
    };
    let accepted = one.verdict.as_ref().and_then(Verdict::accepted)?;
    let mut entry = Entry::new(kind, one.found.secret.trimmed(), now());
    let details = &mut entry.details;
    let name = one
        .found
        .username
        .as_deref()
        .filter(|name| !name.is_empty());
    details.email = name.filter(|name| name.contains('@')).map(str::to_owned);
    details.username.clone_from(&accepted.username);
    if kind.facts().git_name == GitName::Own && details.username.is_none() {
        details.username = name.map(str::to_owned);
    }
    details.rights = accepted.rights;
    details.verified = Some(details.added);
    let brought_along = one.found.brought_along;
    let place = if brought_along {
        Some(brought_for(survey, &one.found)?)
    } else {
        place_of(survey, index)
    };
    details.witness = place.as_ref().map(ToString::to_string);
    let is_bound = brought_along || one.found.place.kind.git_use == GitUse::Url;
    if let Some(place) = &place
        && (kind == Kind::AccessToken || is_bound)
    {
        details.reach = match accepted.holder {
            Some(Holder::Workspace) if !is_bound => Reach::Workspace(place.workspace.clone()),
            _ => Reach::repository(place),
        };
    }
    Some(entry)
}

/// For which repository a token may be kept that a repository brings along. Whoever made
/// that decides for it only, and not for whoever clones it.
fn brought_for(survey: &Survey, found: &FoundSecret) -> Option<Repository> {
    let own = survey.remote.as_ref()?.repository.clone()?;
    let there = Reach::of_path(found.path.as_deref());
    let is_own = there.includes(&Reach::repository(&own));
    (is_own && found.fixed.is_none()).then_some(own)
}

/// Whether Bitbucket accepts it, Git can use it, and it is known under which name.
fn is_usable(survey: &Survey, index: usize) -> bool {
    let one = &survey.secrets[index];
    let SecretForm::Token(kind) = one.form else {
        return false;
    };
    let accepted = one
        .verdict
        .as_ref()
        .is_some_and(|verdict| verdict.accepted().is_some() && verdict.serves());
    let named = kind != Kind::AppPassword || one.found.username.is_some();
    // What an access token is good for is known from the repository that it was tried with.
    let placed = kind != Kind::AccessToken || place_of(survey, index).is_some();
    accepted
        && named
        && placed
        && !one.is_our_variable()
        && !survey.placed(one).may_be_another_hosts()
}

/// The repository with which a secret was tried.
fn place_of(survey: &Survey, index: usize) -> Option<Repository> {
    let path = survey.secrets[index].found.path.as_deref();
    path.and_then(Repository::from_path)
        .or_else(|| survey.repository())
}

/// Whether Git does not ask us first, or not with the path, and `configure` can change that:
/// not what a repository brings along.
fn needs_configuration(survey: &Survey) -> bool {
    let Ok(chain) = &survey.chain else {
        return false;
    };
    let first = chain.first();
    let reached = first.is_some_and(|first| first.found && helper_line::names_us(&first.value));
    let url = survey.url();
    let repository_s = |key: &str| {
        survey.machine.lines.iter().any(|line| {
            line.key == key && line.is_repository_local() && line.is_about_credentials_of(&url)
        })
    };
    let sends_path = path_not_sent(survey).is_none();
    (!reached && !repository_s("helper")) || (!sends_path && !repository_s("usehttppath"))
}

/// Shows it to a person.
pub(super) fn show(survey: &Survey, plan: &[Action], output: &mut dyn Write) -> io::Result<()> {
    let store = survey.session.vault().store_name();
    writeln!(output, "\nThis is to be done:")?;
    for (number, action) in plan.iter().enumerate() {
        let text = format!("   {}", describe(survey, *action));
        let text = wrapped(&text, super::finding::WIDTH);
        writeln!(output, "{}. {}", number + 1, text.trim_start())?;
    }
    let has = |wanted: fn(&Action) -> bool| plan.iter().any(wanted);
    let mut notes = String::new();
    if has(|action| matches!(action, Action::Remove(_))) {
        notes = format!(
            "\nWhat is set aside stays in {store} for {KEPT_FOR} days. To have it back: git \
             credential-bitbucket doctor --undo"
        );
    }
    if has(|action| matches!(action, Action::Discard(_))) {
        notes.push_str("\nPasswords are set aside nowhere: what is removed of them is gone.");
    }
    if !notes.is_empty() {
        writeln!(output, "{}", wrapped(&notes, super::finding::WIDTH))?;
    }
    Ok(())
}

/// One action as a sentence.
pub(super) fn describe(survey: &Survey, action: Action) -> String {
    let store = survey.session.vault().store_name();
    let at = |index: usize| {
        let one = &survey.secrets[index];
        (
            one.what(),
            one.found.whereabouts(),
            survey.standing_of(one).is_dead(),
        )
    };
    match action {
        Action::Copy(index) => {
            let (what, place, _) = at(index);
            format!("Keep {what} in {store}: it lies in {place}, and Bitbucket accepts it.")
        }
        Action::Configure => format!(
            "Make Git ask git-credential-bitbucket about {}, as `configure` does.",
            survey.session.site.host()
        ),
        Action::Remove(index) => {
            let (what, place, dead) = at(index);
            let why = if dead {
                "Bitbucket refuses it"
            } else {
                "it is kept elsewhere by then"
            };
            format!("Set aside {what} and remove it from {place}: {why}.")
        }
        Action::Discard(index) => {
            let (what, place, _) = at(index);
            format!("Remove {what} from {place}: Bitbucket takes none.")
        }
        Action::Forget(index) => {
            let title = shown(&survey.entries()[index].title());
            format!("Forget {title}, which is kept in {store}: Bitbucket refuses it.")
        }
    }
}
