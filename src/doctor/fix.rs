//! Doing what was planned, and taking it back. What is removed is set aside and read back
//! before; so a run that was killed at any point can simply be repeated.

use super::aside::Aside;
use super::places::{Removed, Restored, Surroundings};
use super::plan::{self, Action, place_of};
use super::scene::{Judgement, Scene, Server};
use super::{State, report};
use crate::accounts::{Entry, Reach, Vault};
use crate::bitbucket::{GitName, Holder, Kind, Verdict};
use crate::git::{Context, chain};
use crate::helper::{Session, explain_failure, now};
use crate::keychain::{Failure, Unlock};
use crate::text::shown;
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use std::io::Write;

/// What `--fix` may do, and how it asks.
pub struct Healing<'a> {
    /// Whether good tokens leave the places where they lie.
    pub moving: bool,
    /// Asks once whether to do what was shown. Fails where nobody can be asked.
    pub agreed: &'a mut dyn FnMut() -> Result<bool>,
    /// Makes Git ask us.
    pub configure: &'a mut dyn FnMut(&mut dyn Write) -> Result<()>,
}

/// Looks, asks Bitbucket, shows what is to be done, and does it. Fails if anything fails, or
/// if a push would not be authenticated afterwards.
pub fn fix(
    context: &Context,
    session: &Session,
    unicode: bool,
    healing: &mut Healing,
    output: &mut dyn Write,
) -> Result<()> {
    // The one moment for a dialog.
    session
        .unlocking(|unlock| session.vault().read(unlock))
        .map_err(|failure| explained(session, &failure))
        .context("nothing was changed, since what is removed could not be set aside")?;
    let scene = Scene::look(context, session, true, Unlock::Never)?;
    report(&scene)?.print_troubles(unicode, output)?;
    if !matches!(scene.server, Server::Answers(_)) {
        bail!("nothing was changed, since Bitbucket could not be asked");
    }
    let plan = plan::plan(&scene, healing.moving);
    if plan.is_empty() {
        writeln!(output, "Nothing is to be done.")?;
    } else {
        plan::show(&scene, &plan, output)?;
        output.flush()?;
        ensure!((healing.agreed)()?, "nothing was changed");
        writeln!(output)?;
        carry_out(&scene, &plan, healing, output)?;
    }
    let after = report(&Scene::look(context, session, true, Unlock::Never)?)?;
    writeln!(output)?;
    for finding in after.findings.iter().filter(|it| it.state == State::Bad) {
        finding.print(unicode, output)?;
    }
    after.print_end(output)?;
    ensure!(after.healthy, "{}", super::NOT_HEALTHY);
    Ok(())
}

/// Does all that can be done, and says what could not.
fn carry_out(
    scene: &Scene,
    plan: &[Action],
    healing: &mut Healing,
    output: &mut dyn Write,
) -> Result<()> {
    let aside = Aside::new(scene.session.store());
    let mut failures = 0;
    for (number, action) in plan.iter().enumerate() {
        let outcome = match *action {
            Action::Copy(index) => copy(scene, index),
            Action::Configure => (healing.configure)(&mut Vec::new()).map(|()| "configured"),
            Action::Remove(index) => remove(scene, index, Some(&aside)),
            Action::Discard(index) => remove(scene, index, None),
            Action::Forget(index) => forget(scene, index),
        };
        match outcome {
            Ok(done) => writeln!(output, "{}. Done: {done}.", number + 1)?,
            Err(error) => {
                failures += 1;
                let what = plan::describe(scene, *action);
                writeln!(output, "{}. Not done: {what} {error:#}.", number + 1)?;
            }
        }
        output.flush()?;
    }
    ensure!(
        failures == 0,
        "{failures} of {} could not be done",
        plan.len()
    );
    Ok(())
}

/// Keeps a token and reads it back.
fn copy(scene: &Scene, index: usize) -> Result<&'static str> {
    let vault = scene.session.vault();
    let entry = entry_of(scene, index).context("it is no token that is known here")?;
    keep(&vault, &entry).map_err(|failure| explained(scene.session, &failure))?;
    let contents = vault.read(Unlock::Never);
    let contents = contents.map_err(|failure| explained(scene.session, &failure))?;
    ensure!(
        contents
            .entries
            .iter()
            .any(|kept| kept.secret == entry.secret),
        "{} does not give back what was put there",
        vault.store_name()
    );
    Ok("kept")
}

/// Never in the place of another that is kept under the same account.
fn keep(vault: &Vault, entry: &Entry) -> Result<(), Failure> {
    let kept = vault.read(Unlock::Never)?.entries;
    if kept.iter().any(|other| other.account() == entry.account()) {
        return Err(Failure::Failed(
            "another token is kept for that account already; see `status`".to_owned(),
        ));
    }
    vault.keep(entry, Unlock::Never)
}

/// The entry for a token that the server accepted.
fn entry_of(scene: &Scene, index: usize) -> Option<Entry> {
    let one = &scene.elsewhere[index];
    let Judgement::Token(kind) = one.judgement else {
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
    let place = place_of(scene, index);
    details.witness = place.as_ref().map(ToString::to_string);
    if let (Kind::AccessToken, Some(place)) = (kind, &place) {
        details.reach = match accepted.holder {
            Some(Holder::Workspace) => Reach::Workspace(place.workspace.clone()),
            _ => Reach::repository(place),
        };
    }
    Some(entry)
}

fn remove(scene: &Scene, index: usize, aside: Option<&Aside>) -> Result<&'static str> {
    let found = &scene.elsewhere[index].found;
    if let Some(aside) = aside {
        let content = found
            .set_aside()
            .context("it cannot be removed from here")?;
        aside.keep(&content, &found.secret)?;
    }
    Ok(match (found.remove(&scene.surroundings)?, aside) {
        (Removed::AlreadyGone, _) => "it was gone already",
        (Removed::Done, Some(_)) => "set aside and removed",
        (Removed::Done, None) => "removed",
    })
}

fn forget(scene: &Scene, index: usize) -> Result<&'static str> {
    let removed = scene
        .session
        .vault()
        .remove(&scene.entries()[index], Unlock::Never);
    removed.map_err(|failure| explained(scene.session, &failure))?;
    Ok("forgotten")
}

fn explained(session: &Session, failure: &Failure) -> anyhow::Error {
    anyhow!(explain_failure(failure, session.vault().store_name()))
}

/// Puts back what was set aside. Fails if something could not be put back; that stays set
/// aside.
pub fn undo(context: &Context, session: &Session, output: &mut dyn Write) -> Result<()> {
    let aside = Aside::new(session.store());
    session
        .unlocking(|unlock| session.vault().read(unlock))
        .map_err(|failure| explained(session, &failure))?;
    let entries = aside.all()?;
    if entries.is_empty() {
        writeln!(output, "Nothing is set aside.")?;
        return Ok(());
    }
    let git = crate::git::Git::new(context, crate::git::Scope::Global)?;
    let helpers = chain::settings(&git).unwrap_or_default();
    let surroundings = Surroundings {
        context: context.clone(),
        helpers: helpers.into_iter().map(|one| one.value).collect(),
        unlock: Unlock::Never,
    };
    let mut left = 0;
    for entry in &entries {
        let place = shown(entry.content.whereabouts());
        let said = match entry.content.restore(&surroundings) {
            Ok(Restored::Done) => format!("Back: {place}."),
            Ok(Restored::AlreadyThere) => format!("There already: {place}."),
            Ok(Restored::NoPlace(reason)) => {
                left += 1;
                writeln!(output, "Not back: {place}. {}", shown(&reason))?;
                continue;
            }
            Err(error) => {
                left += 1;
                writeln!(
                    output,
                    "Not back: {place}. {}.",
                    shown(&format!("{error:#}"))
                )?;
                continue;
            }
        };
        aside.forget(entry)?;
        writeln!(output, "{said}")?;
    }
    ensure!(left == 0, "{left} of {} stay set aside", entries.len());
    Ok(())
}
