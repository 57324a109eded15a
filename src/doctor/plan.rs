//! What `--fix` would do, shown before anything is done.

use super::backups::KEPT_FOR;
use super::first_answer::{Answerer, Outlook, Strength};
use super::keeping::{self, AllKeeping, Keeping};
use super::settings::path_not_sent;
use super::standing::{Fact, TakingAway};
use super::survey::Survey;
use crate::accounts::Entry;
use crate::output_style::WIDTH;
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

/// What is to be done, and what is not.
pub(super) struct Plan {
    /// In the order in which it is done: what helps first, so that a run that is killed has
    /// lost nothing.
    pub actions: Vec<Action>,
    /// What is not done, since a push that works would not any more: whole sentences.
    pub left: Vec<String>,
    /// Whom a push would be authenticated with then, as a sentence.
    pub then: String,
    keeping: AllKeeping,
}

/// What may be left out.
#[derive(Clone, Copy)]
struct Extent {
    configures: bool,
    moves: bool,
}

/// All that can be done without making weaker what works.
pub(super) fn plan(survey: &Survey, moving: bool) -> Plan {
    let keeping = keeping::all(survey);
    let wanted = Extent {
        configures: needs_configuration(survey),
        moves: moving,
    };
    let now = Outlook {
        with_unseen: true,
        ..Outlook::now(survey)
    };
    let (_, now) = now.answer();
    let nothing = Extent {
        configures: false,
        moves: false,
    };
    let less = [
        wanted,
        Extent {
            moves: false,
            ..wanted
        },
        Extent {
            configures: false,
            ..wanted
        },
    ];
    let possible = less.into_iter().find(|extent| {
        let actions = actions(survey, &keeping, *extent);
        then(survey, &keeping, &actions).1 >= now
    });
    let extent = possible.unwrap_or(nothing);
    let actions = actions(survey, &keeping, extent);
    let answerer = then(survey, &keeping, &actions).0;
    let mut left = Vec::new();
    if wanted.configures && !extent.configures {
        let login = survey.session.site.login_command();
        left.push(format!(
            "Git is not made to ask git-credential-bitbucket first: what it uses now may push, and \
             what is kept would not. Run: {login}"
        ));
    }
    if wanted.moves && !extent.moves {
        let stay = "Good tokens stay where they lie: without them a push would not work any more.";
        left.push(stay.to_owned());
    }
    let site = survey.session.site.host();
    let then = match answerer.who(survey, &keeping.entries) {
        Some(who) => format!(
            "Then a push to {site} would be authenticated with {}.",
            shown(&who)
        ),
        None => format!("Then a push to {site} still would not be authenticated."),
    };
    Plan {
        actions,
        left,
        then,
        keeping,
    }
}

impl Plan {
    /// What is kept of a secret that lies elsewhere.
    pub fn entry(&self, index: usize) -> Option<&Entry> {
        match self.keeping.each.get(index) {
            Some(Keeping::New(entry)) => Some(entry),
            _ => None,
        }
    }

    /// How many things are to be done.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }
}

/// Who answers once all of it is done, and what that is good for.
fn then(survey: &Survey, keeping: &AllKeeping, actions: &[Action]) -> (Answerer, Strength) {
    let gone = actions.iter().filter_map(|action| match action {
        Action::Remove(index) | Action::Discard(index) => Some(*index),
        Action::Copy(_) | Action::Configure | Action::Forget(_) => None,
    });
    let gone: Vec<usize> = gone.collect();
    Outlook {
        survey,
        entries: &keeping.entries,
        gone: &gone,
        configured: actions.contains(&Action::Configure),
        with_unseen: true,
    }
    .answer()
}

fn actions(survey: &Survey, keeping: &AllKeeping, extent: Extent) -> Vec<Action> {
    let is_new = |index: usize| matches!(keeping.each[index], Keeping::New(_));
    let is_kept = |index: usize| matches!(keeping.each[index], Keeping::New(_) | Keeping::Already);
    // Only what is kept by then may leave, where we answer in its stead.
    let may_leave = |index: usize| {
        let one = &survey.secrets[index];
        let mut kept = keeping.entries.iter();
        (extent.moves || one.found.in_name)
            && one.found.host == survey.session.site.host()
            && is_kept(index)
            && kept.any(|entry| keeping::stands_in(survey, index, entry))
    };
    let secrets = 0..survey.secrets.len();
    // A refused one goes first: it has the key that a new one of the same account gets.
    let refused = (0..survey.entries().len()).filter(|&index| is_refused(survey, index));
    let mut actions: Vec<Action> = refused.map(Action::Forget).collect();
    actions.extend(
        secrets
            .clone()
            .filter(|&index| is_new(index))
            .map(Action::Copy),
    );
    if extent.configures {
        actions.push(Action::Configure);
    }
    for index in secrets {
        let placed = survey.placed(&survey.secrets[index]);
        actions.extend(match placed.taking_away(may_leave(index)) {
            Some(TakingAway::SetAside) => Some(Action::Remove(index)),
            Some(TakingAway::Discard) => Some(Action::Discard(index)),
            None => None,
        });
    }
    actions
}

/// Whether Bitbucket refuses an entry of ours.
fn is_refused(survey: &Survey, index: usize) -> bool {
    survey.standing(index).fact == Fact::Refused
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
pub(super) fn show(survey: &Survey, plan: &Plan, output: &mut dyn Write) -> io::Result<()> {
    let store = survey.session.vault().store_name();
    writeln!(output, "\nThis is to be done:")?;
    for (number, action) in plan.actions.iter().enumerate() {
        let text = format!("   {}", describe(survey, *action));
        let text = wrapped(&text, WIDTH);
        writeln!(output, "{}. {}", number + 1, text.trim_start())?;
    }
    show_left(plan, output)?;
    if !plan.then.is_empty() {
        writeln!(output, "\n{}", wrapped(&plan.then, WIDTH))?;
    }
    let has = |wanted: fn(&Action) -> bool| plan.actions.iter().any(wanted);
    let mut notes = String::new();
    if has(|action| matches!(action, Action::Remove(_))) {
        notes = format!(
            "\nWhat is set aside stays in {store} for {KEPT_FOR} days. To have it back: git \
             credential-bitbucket doctor --undo"
        );
    }
    if has(|action| matches!(action, Action::Discard(_))) {
        notes.push_str("\nPasswords are deleted without a backup.");
    }
    if !notes.is_empty() {
        writeln!(output, "{}", wrapped(&notes, WIDTH))?;
    }
    Ok(())
}

/// Says what is not done, and why.
pub(super) fn show_left(plan: &Plan, output: &mut dyn Write) -> io::Result<()> {
    for sentence in &plan.left {
        writeln!(output, "{}", wrapped(sentence, WIDTH))?;
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
