//! Doing what was planned, and taking it back. What is removed is set aside and read back
//! before; so a run that was killed at any point can simply be repeated.

use super::backups::{self, Backups, KEPT_FOR, SearchedStore};
use super::keeping;
use super::places::{Backup, RemovalOutcome, RestoreOutcome, Surroundings};
use super::plan::{self, Action, Plan};
use super::survey::{Server, Survey};
use super::{FindingState, Progress, Unhealthy, look, report};
use crate::accounts::Entry;
use crate::git::Context;
use crate::helper::{Session, explain_failure, source};
use crate::keychain::{Failure, Unlock};
use crate::output_style::OutputStyle;
use crate::setup;
use crate::text::shown;
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use std::io::Write;

/// What `--fix` may do, and how it asks.
pub struct Healing<'a> {
    /// Whether good tokens leave the places where they lie.
    pub moving: bool,
    /// Asks once whether to do what was shown. Fails where nobody can be asked.
    pub agreed: &'a mut dyn FnMut() -> Result<bool>,
    /// How whoever waits is told what goes on.
    pub progress: Progress<'a>,
}

/// Looks, asks Bitbucket, shows what is to be done, and does it. Fails if anything fails, or
/// if a push would not be authenticated afterwards.
pub fn fix(
    context: &Context,
    session: &Session,
    style: OutputStyle,
    healing: &mut Healing,
    output: &mut dyn Write,
) -> Result<()> {
    // The one moment for a dialog.
    session
        .unlocking(|unlock| session.vault().read(unlock))
        .map_err(|failure| explained(session, &failure))
        .context("nothing was changed, since what is removed could not be set aside")?;
    let survey = look(context, session, true, &healing.progress)?;
    report(&survey)?.print_troubles(style, output)?;
    if !matches!(survey.server, Server::Answers(_)) {
        bail!("nothing was changed, since Bitbucket could not be asked");
    }
    let (plan, left_out) = possible(session, plan::plan(&survey, healing.moving));
    if plan.is_empty() && left_out > 0 {
        bail!("nothing was changed, since {}", cannot_set_aside(session));
    } else if plan.is_empty() {
        writeln!(output, "There is nothing to fix from here.")?;
        plan::show_left(&plan, output)?;
    } else {
        plan::show(&survey, &plan, output)?;
        output.flush()?;
        ensure!((healing.agreed)()?, "nothing was changed");
        writeln!(output)?;
        carry_out(&survey, &plan, output)?;
    }
    let again = Progress {
        announce: &|_| (),
        ..healing.progress
    };
    let after = report(&look(context, session, true, &again)?)?;
    writeln!(output)?;
    for finding in after
        .findings
        .iter()
        .filter(|it| it.state == FindingState::Bad)
    {
        finding.print(style, output)?;
    }
    after.print_end(output)?;
    ensure!(
        left_out == 0,
        "{left_out} more {} not done, since {}",
        if left_out == 1 { "was" } else { "were" },
        cannot_set_aside(session)
    );
    ensure!(after.healthy, Unhealthy);
    Ok(())
}

/// What can be done of a plan, and how much cannot: where nothing stays for long enough,
/// only what is deleted without a backup.
fn possible(session: &Session, mut plan: Plan) -> (Plan, usize) {
    let all = plan.len();
    if !session.choice().is_durable() {
        let is_possible = |action: &Action| matches!(action, Action::Discard(_));
        plan.actions.retain(is_possible);
    }
    let left_out = all - plan.len();
    if left_out > 0 {
        // It was for all of it.
        plan.then.clear();
    }
    (plan, left_out)
}

/// Why, and what to do.
fn cannot_set_aside(session: &Session) -> String {
    let (what, step) = match source::named(&session.options) {
        Some(alone) => (
            alone.option().to_owned(),
            "remove it yourself from where it lies",
        ),
        None => (
            format!("--store={}", session.choice().row().name),
            "name another store with: git credential-bitbucket configure --store keychain",
        ),
    };
    format!("{what} cannot keep for {KEPT_FOR} days what is set aside; {step}")
}

/// Does all that can be done, and says what could not.
fn carry_out(survey: &Survey, plan: &Plan, output: &mut dyn Write) -> Result<()> {
    let backups = Backups::new(survey.session.store(), &survey.session.site);
    let mut failures = 0;
    for (number, action) in plan.actions.iter().enumerate() {
        let outcome = match *action {
            Action::Copy(index) => copy(survey, plan.entry(index)),
            Action::Configure => {
                setup::configure(survey.machine.surroundings.context, &survey.session.site)
                    .map(|()| "configured")
            }
            Action::Remove(index) => remove(survey, index, Some(&backups)),
            Action::Discard(index) => remove(survey, index, None),
            Action::Forget(index) => forget(survey, index),
        };
        match outcome {
            Ok(done) => writeln!(output, "{}. Done: {done}.", number + 1)?,
            Err(error) => {
                failures += 1;
                let what = plan::describe(survey, *action);
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
fn copy(survey: &Survey, entry: Option<&Entry>) -> Result<&'static str> {
    let entry = entry.context("it is no token that is known here")?;
    let vault = survey.session.vault();
    let written = vault.keep_unless_changed(survey.entries(), entry, Unlock::Never);
    let written = written.map_err(|failure| explained(survey.session, &failure))?;
    ensure!(written, "Another is kept for that account by now");
    ensure_kept(survey, |kept| kept.secret == entry.secret)?;
    Ok("kept")
}

fn ensure_kept(survey: &Survey, is_it: impl Fn(&Entry) -> bool) -> Result<()> {
    let vault = survey.session.vault();
    let contents = vault.read(Unlock::Never);
    let contents = contents.map_err(|failure| explained(survey.session, &failure))?;
    ensure!(
        contents.entries.iter().any(is_it),
        "it is not in {}",
        vault.store_name()
    );
    Ok(())
}

fn remove(survey: &Survey, index: usize, backups: Option<&Backups>) -> Result<&'static str> {
    let one = &survey.secrets[index];
    let found = &one.found;
    if !survey.standing_of(one).is_dead() {
        ensure_kept(survey, |kept| keeping::stands_in(survey, index, kept))?;
    }
    if let Some(backups) = backups {
        let content = found.backup().context("it cannot be removed from here")?;
        backups.keep(&content, found)?;
    }
    Ok(
        match (found.remove(survey.machine.surroundings)?, backups) {
            (RemovalOutcome::AlreadyGone, _) => "it was gone already",
            (RemovalOutcome::Done, Some(_)) => "set aside and removed",
            (RemovalOutcome::Done, None) => "removed",
        },
    )
}

fn forget(survey: &Survey, index: usize) -> Result<&'static str> {
    let removed = survey
        .session
        .vault()
        .remove(&survey.entries()[index], Unlock::Never);
    removed.map_err(|failure| explained(survey.session, &failure))?;
    Ok("forgotten")
}

fn explained(session: &Session, failure: &Failure) -> anyhow::Error {
    anyhow!(explain_failure(failure, session.vault().store()))
}

/// Puts back what was set aside, in whichever store. Fails if something could not be put
/// back, which stays set aside, or if a store cannot be read.
pub fn undo(context: &Context, session: &Session, output: &mut dyn Write) -> Result<()> {
    let searched = backups::everywhere(session);
    let troubles: Vec<_> = searched.iter().filter_map(SearchedStore::trouble).collect();
    let missing = searched.iter().any(|it| it.kept.is_err());
    let surroundings = Surroundings {
        site: &session.site,
        context,
        unlock: Unlock::Never,
    };
    let (mut all, mut left) = (0, 0);
    for one in searched {
        let (store, entries) = one.entries(&session.site)?;
        all += entries.len();
        for entry in &entries {
            match restored(&entry.content, surroundings) {
                Ok(said) => {
                    Backups::new(&*store, &session.site).forget(entry)?;
                    writeln!(output, "{said}")?;
                }
                Err(said) => {
                    left += 1;
                    writeln!(output, "{said}")?;
                }
            }
        }
    }
    ensure!(left == 0, "{left} of {all} stay set aside");
    if let Some(reason) = troubles.first() {
        bail!("more may be set aside: {reason}");
    }
    match (all, missing) {
        (0, false) => writeln!(output, "Nothing is set aside.")?,
        (0, true) => writeln!(output, "Nothing is set aside; there is no keychain here.")?,
        _ => {}
    }
    Ok(())
}

/// What to say of it: it is back, or it is not.
fn restored(content: &Backup, surroundings: Surroundings) -> Result<String, String> {
    let place = shown(content.whereabouts());
    match content.restore(surroundings) {
        Ok(RestoreOutcome::Done) => Ok(format!("Back: {place}.")),
        Ok(RestoreOutcome::AlreadyThere) => Ok(format!("There already: {place}.")),
        Ok(RestoreOutcome::NoPlace(reason)) => {
            Err(format!("Not back: {place}. {}", shown(&reason)))
        }
        Err(error) => {
            let reason = shown(&format!("{error:#}"));
            Err(format!("Not back: {place}. {reason}."))
        }
    }
}
