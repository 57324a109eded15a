//! The credentials that we answer with: those of the environment, and what is kept.

use super::finding::Finding;
use super::first_answer;
use super::messages;
use super::standing::Fact;
use super::survey::Survey;
use crate::accounts::renewal::{self, Prospect};
use crate::accounts::{Entry, Reach};
use crate::bitbucket::advise;
use crate::dates::{day, moment};
use crate::helper::source::{self, Supply, environment};
use crate::reason::Reason;
use crate::text::shown;

pub(super) fn entries(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    if survey.session.fault.is_some() {
        return findings;
    }
    let supplies = &survey.supplies;
    let mut faults = supplies
        .iter()
        .filter_map(|it| it.credential.as_ref().err());
    if let Some(first) = source::in_force(supplies) {
        findings.push(source_finding(survey, first));
    } else if let Some(reason) = faults.next() {
        findings.push(Finding::new(
            &messages::VARIABLE_UNUSABLE,
            &[("reason", &reason.to_string())],
        ));
    }
    let alone = findings.is_empty();
    let options = &survey.session.options;
    for (row, name) in [
        (
            &messages::VARIABLE_EMPTY,
            environment::empty_variable(options),
        ),
        (
            &messages::VARIABLE_IGNORED,
            environment::ignored_variable(options),
        ),
    ] {
        findings.extend(name.map(|name| Finding::new(row, &[("name", name)])));
    }
    let Ok(kept) = &survey.kept else {
        return findings;
    };
    let login = survey.session.site.login_command();
    let site = ("site", survey.session.site.host());
    let keeps = survey.session.choice().keeps();
    if kept.entries.is_empty() && alone && keeps {
        findings.push(Finding::new(
            &messages::KEPT_NOTHING,
            &[site, ("login", &login)],
        ));
    }
    for index in 0..kept.entries.len() {
        findings.push(entry_finding(survey, index));
        findings.extend(not_here(survey, index));
    }
    if kept.unreadable > 0 {
        let count = kept.unreadable.to_string();
        findings.push(Finding::new(
            &messages::KEPT_UNREADABLE,
            &[site, ("count", &count)],
        ));
    }
    findings
}

/// What comes before the store, or in its place.
fn source_finding(survey: &Survey, supply: &Supply) -> Finding {
    let source = &supply.source;
    let name = source.name();
    if let Err(reason) = &supply.credential {
        let step = reason.next_or(source.remedy());
        let particulars = [("reason", &*reason.why), ("step", step)];
        let row =
            messages::of_source(source.id(), "-unusable").unwrap_or(&messages::VARIABLE_UNUSABLE);
        return Finding::new(row, &particulars);
    }
    let (standing, reason) = survey.source_standing(source);
    if standing.may_push {
        return Finding::new(&messages::VARIABLE, &[("name", source.option())]);
    }
    let hidden = first_answer::kept(survey).filter(|_| !source.is_alone());
    let hidden = hidden.map(|index| survey.entries()[index].title());
    let row = match &hidden {
        Some(_) => &messages::VARIABLE_SHADOWS,
        None => messages::of_source(source.id(), "-refused").unwrap_or(&messages::VARIABLE_REFUSED),
    };
    let title = hidden.unwrap_or_default();
    let particulars = [("name", name), ("title", &title), ("reason", &reason)];
    Finding::new(row, &particulars)
}

/// Why a kept one is not served in this repository.
fn not_here(survey: &Survey, index: usize) -> Option<Finding> {
    let entry = &survey.entries()[index];
    let remote = survey.remote.as_ref()?;
    let place = match &entry.details.reach {
        Reach::Site => return None,
        Reach::Workspace(place) | Reach::Repository(place) => place,
    };
    let covers = |repository| entry.details.reach.covers(repository);
    let is_served = remote.repository.as_ref().is_some_and(covers);
    let particulars = [("title", &*entry.title()), ("reach", &**place)];
    (!is_served).then(|| Finding::new(&messages::KEPT_NOT_HERE, &particulars))
}

fn entry_finding(survey: &Survey, index: usize) -> Finding {
    let (entry, standing) = (&survey.entries()[index], survey.standing(index));
    let details = &entry.details;
    let verdict = survey.verdicts.get(index);
    let site = &survey.session.site;
    let advice = verdict.map(|verdict| advise(site, verdict, Some(details.kind), None));
    let advice = standing.advice(site, advice.unwrap_or_default());
    let seen = details.verified.map_or_else(
        || "Bitbucket was never asked about it".to_owned(),
        |time| format!("Bitbucket accepted it on {}", day(time)),
    );
    let date = match standing.fact {
        Fact::Ending(end) => moment(end).unwrap_or_default(),
        _ => standing.date().map(day).unwrap_or_default(),
    };
    let (reason, step) = match prospect(survey, entry) {
        Some(reason) if standing.is_about_renewal() => {
            (reason.why.into_owned(), reason.next.into_owned())
        }
        _ => (advice.message, advice.next_step),
    };
    Finding::new(
        standing.kept_row(),
        &[
            ("title", &entry.title()),
            ("seen", &seen),
            ("date", &date),
            ("scope", details.kind.facts().write_scope),
            ("reason", &reason),
            ("step", &step),
            ("login", &renewal::sign_in_again(site, entry)),
        ],
    )
}

/// What becomes of a browser sign-in once its access token has ended, and the next step if a
/// person has to do something.
fn prospect(survey: &Survey, entry: &Entry) -> Option<Reason> {
    let site = &survey.session.site;
    let host = site.host();
    let again = renewal::sign_in_again(site, entry);
    Some(match Prospect::of(entry)? {
        Prospect::ByItself if survey.lacks_client(entry) => {
            let id = entry.details.client.as_deref().unwrap_or_default();
            Reason::new(
                format!(
                    "the OAuth client {} that it came from is not known here",
                    shown(id)
                ),
                site.client_command(),
            )
        }
        Prospect::ByItself => "Git's next question renews it".into(),
        Prospect::ByAnotherHelper => "the helper that brought it renews it".into(),
        Prospect::Refused(time) => Reason::new(
            format!("{host} refused to renew it on {}", day(time)),
            again,
        ),
        Prospect::Never => Reason::new("nothing renews it", again),
    })
}

#[cfg(test)]
mod tests {
    use super::messages;
    use crate::helper::source::Source;

    #[test]
    fn every_source_has_its_rows() {
        for source in Source::one_of_each() {
            for fault in ["-unusable", "-refused"] {
                let row = messages::of_source(source.id(), fault);
                let id = row.map_or("none", |row| row.id);
                assert_eq!(id, format!("{}{fault}", source.id()));
            }
        }
    }
}
