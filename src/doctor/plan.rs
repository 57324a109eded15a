//! What `--fix` would do, shown before anything is done.

use super::aside::KEPT_FOR;
use super::elsewhere::{can_be_healed, is_another_s};
use super::scene::{Judgement, Scene};
use crate::bitbucket::{Kind, Repository, Verdict};
use crate::git::helper_value;
use crate::text::{shown, wrapped};
use std::io::{self, Write};

/// One thing to do. Numbers are those of the scene.
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
pub(super) fn plan(scene: &Scene, moving: bool) -> Vec<Action> {
    let mut plan = Vec::new();
    let accepted: Vec<usize> = (0..scene.elsewhere.len())
        .filter(|&index| is_usable(scene, index))
        .collect();
    for &index in &accepted {
        let secret = scene.elsewhere[index].found.secret.trimmed();
        let kept = scene.entries().iter().any(|entry| entry.secret == secret);
        let planned = plan.iter().any(|action| {
            matches!(action, Action::Copy(other)
                if scene.elsewhere[*other].found.secret.trimmed() == secret)
        });
        if !kept && !planned {
            plan.push(Action::Copy(index));
        }
    }
    if needs_configuration(scene) {
        plan.push(Action::Configure);
    }
    for (index, one) in scene.elsewhere.iter().enumerate() {
        let moved = moving && accepted.contains(&index) && one.found.fixed.is_none();
        match one.judgement {
            _ if one.is_our_variable() => {}
            Judgement::Password(_) if can_be_healed(one) => plan.push(Action::Discard(index)),
            Judgement::Token(_) if moved || can_be_healed(one) => plan.push(Action::Remove(index)),
            _ => {}
        }
    }
    let refused = |verdict: &Verdict| matches!(verdict, Verdict::Refused(it) if it.is_final());
    let verdicts = scene.verdicts.iter().enumerate();
    plan.extend(
        verdicts
            .filter(|(_, verdict)| refused(verdict))
            .map(|(index, _)| Action::Forget(index)),
    );
    plan
}

/// Whether Bitbucket accepts it, Git can use it, and it is known under which name.
fn is_usable(scene: &Scene, index: usize) -> bool {
    let one = &scene.elsewhere[index];
    let Judgement::Token(kind) = one.judgement else {
        return false;
    };
    let accepted = one
        .verdict
        .as_ref()
        .is_some_and(|verdict| verdict.accepted().is_some() && verdict.serves());
    let named = kind != Kind::AppPassword || one.found.username.is_some();
    // What an access token is good for is known from the repository that it was tried with.
    let placed = kind != Kind::AccessToken || place_of(scene, index).is_some();
    accepted && named && placed && !one.is_our_variable() && !is_another_s(one)
}

/// The repository with which a secret was tried.
pub(super) fn place_of(scene: &Scene, index: usize) -> Option<Repository> {
    let path = scene.elsewhere[index].found.path.as_deref();
    path.and_then(Repository::from_path)
        .or_else(|| scene.repository())
}

/// Whether Git does not ask us first, and `configure` can change that: not what a
/// repository brings along.
fn needs_configuration(scene: &Scene) -> bool {
    let Ok(chain) = &scene.chain else {
        return false;
    };
    let first = chain.first();
    let reached = first.is_some_and(|first| first.found && helper_value::names_us(&first.value));
    let url = scene.url();
    let repository_s = scene.lines.iter().any(|line| {
        line.key == "helper" && line.is_the_repository_s() && line.is_about_credentials_of(&url)
    });
    !reached && !repository_s
}

/// Shows it to a person.
pub(super) fn show(scene: &Scene, plan: &[Action], output: &mut dyn Write) -> io::Result<()> {
    let store = scene.session.vault().store_name();
    writeln!(output, "\nThis is to be done:")?;
    for (number, action) in plan.iter().enumerate() {
        let text = format!("   {}", describe(scene, *action));
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
pub(super) fn describe(scene: &Scene, action: Action) -> String {
    let store = scene.session.vault().store_name();
    let at = |index: usize| {
        let one = &scene.elsewhere[index];
        (one.what(), one.found.whereabouts(), one.is_dead())
    };
    match action {
        Action::Copy(index) => {
            let (what, place, _) = at(index);
            format!("Keep {what} in {store}: it lies in {place}, and Bitbucket accepts it.")
        }
        Action::Configure => {
            "Make Git ask git-credential-bitbucket about bitbucket.org, as `configure` does."
                .to_owned()
        }
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
            let title = shown(&scene.entries()[index].title());
            format!("Forget {title}, which is kept in {store}: Bitbucket refuses it.")
        }
    }
}
