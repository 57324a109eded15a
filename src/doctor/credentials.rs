//! The credentials that we answer with: those of the environment, and what is kept.

use super::answerer;
use super::finding::Finding;
use super::rows;
use super::survey::Survey;
use crate::bitbucket::advise;
use crate::dates::day;
use crate::helper::{token_file_fault, variable_complaint, variable_in_force};

pub(super) fn entries(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    if survey.session.fault.is_some() {
        return findings;
    }
    if let Some(name) = variable_in_force() {
        findings.push(variable(survey, name));
    } else if survey.session.options.token_file.is_some() {
        findings.push(token_file(survey));
    } else if let Some(reason) = variable_complaint() {
        findings.push(Finding::new(
            &rows::VARIABLE_UNUSABLE,
            &[("reason", &reason.to_string())],
        ));
    }
    let Ok(kept) = &survey.kept else {
        return findings;
    };
    let site = ("site", survey.session.site.host());
    let keeps = survey.session.choice().keeps();
    if kept.entries.is_empty() && findings.is_empty() && keeps {
        findings.push(Finding::new(&rows::KEPT_NOTHING, &[site]));
    }
    findings.extend((0..kept.entries.len()).map(|index| entry_finding(survey, index)));
    if kept.unreadable > 0 {
        let count = kept.unreadable.to_string();
        findings.push(Finding::new(
            &rows::KEPT_UNREADABLE,
            &[site, ("count", &count)],
        ));
    }
    findings
}

fn token_file(survey: &Survey) -> Finding {
    let options = &survey.session.options;
    if let Some(reason) = token_file_fault(options) {
        let step = reason.next_or("put a token into that file");
        let particulars = [("reason", &*reason.why), ("step", step)];
        return Finding::new(&rows::TOKEN_FILE_UNUSABLE, &particulars);
    }
    let (standing, reason) = survey.file_standing();
    if !standing.may_push {
        let file = options.token_file.clone().unwrap_or_default();
        let particulars = [("file", &*file.to_string_lossy()), ("reason", &*reason)];
        return Finding::new(&rows::TOKEN_FILE_REFUSED, &particulars);
    }
    Finding::new(&rows::VARIABLE, &[("name", "--token-file")])
}

fn variable(survey: &Survey, name: &str) -> Finding {
    let (standing, reason) = survey.variable_standing(name);
    let hidden = answerer::kept(survey).map(|index| survey.entries()[index].title());
    let row = match &hidden {
        _ if standing.may_push => &rows::VARIABLE,
        Some(_) => &rows::VARIABLE_SHADOWS,
        None => &rows::VARIABLE_REFUSED,
    };
    let title = hidden.unwrap_or_default();
    let particulars = [("name", name), ("title", &*title), ("reason", &*reason)];
    Finding::new(row, &particulars)
}

fn entry_finding(survey: &Survey, index: usize) -> Finding {
    let (entry, standing) = (&survey.entries()[index], survey.standing(index));
    let details = &entry.details;
    let verdict = survey.verdicts.get(index);
    let advice = verdict.map(|verdict| advise(verdict, Some(details.kind), None));
    let advice = advice.unwrap_or_default();
    let seen = details.verified.map_or_else(
        || "Bitbucket was never asked about it".to_owned(),
        |time| format!("Bitbucket accepted it on {}", day(time)),
    );
    let date = standing.date().map(day).unwrap_or_default();
    Finding::new(
        standing.kept_row(),
        &[
            ("title", &entry.title()),
            ("seen", &seen),
            ("date", &date),
            ("reason", &advice.message),
            ("step", &advice.next_step),
        ],
    )
}
