//! Whom Git asks about Bitbucket, and which settings say so.

use super::finding::Finding;
use super::rows;
use super::survey::Survey;
use crate::git::chain::Helper;
use crate::setup::helper_line;
use crate::setup::options::displayed;

pub(super) fn chain(survey: &Survey) -> Vec<Finding> {
    let helpers = match &survey.chain {
        Ok(helpers) => helpers,
        Err(error) => {
            let reason = format!("{error:#}");
            let reason = reason.trim_end_matches('.');
            let particulars = [("site", survey.session.site.host()), ("reason", reason)];
            return vec![Finding::new(&rows::CHAIN_UNKNOWN, &particulars)];
        }
    };
    let ours = helpers
        .iter()
        .position(|helper| helper_line::names_us(&helper.value));
    let mut findings = vec![match ours {
        Some(ours) if helpers[ours].found => about(survey, &rows::CHAIN, &helpers[ours]),
        Some(ours) => about(survey, &rows::CHAIN_NOT_FOUND, &helpers[ours]),
        None => without_us(survey),
    }];
    for (index, helper) in helpers.iter().enumerate() {
        if helper_line::names_us(&helper.value) {
            continue;
        }
        findings.push(match ours {
            _ if !helper.found => about(survey, &rows::CHAIN_OTHER_NOT_FOUND, helper),
            Some(ours) if index > ours => about(survey, &rows::CHAIN_AFTER, helper),
            _ => about(survey, &rows::CHAIN_BEFORE, helper),
        });
    }
    findings.extend(from_repository(survey));
    findings
}

fn about(survey: &Survey, row: &rows::DoctorRow, helper: &Helper) -> Finding {
    let particulars = [
        ("site", survey.session.site.host()),
        ("value", &*displayed(&helper.value)),
        ("place", &*helper.place),
    ];
    Finding::new(row, &particulars)
}

/// Why Git does not ask us.
fn without_us(survey: &Survey) -> Finding {
    let lines = &survey.machine.lines;
    let remover = lines
        .helper_lines()
        .rfind(|line| helper_line::names_us(&line.value))
        .and_then(|ours| lines.remover(&survey.url(), &ours.value));
    match remover {
        Some(remover) => {
            let step = if remover.is_repository_local() && remover.file.is_some() {
                "Remove that line, which belongs to this repository."
            } else {
                rows::CONFIGURE
            };
            let particulars = [("place", &*remover.to_string()), ("step", step)];
            Finding::new(&rows::CHAIN_CUT, &particulars)
        }
        None => Finding::new(
            &rows::CHAIN_WITHOUT_US,
            &[("site", survey.session.site.host())],
        ),
    }
}

/// Helpers that the repository brings along.
fn from_repository(survey: &Survey) -> Vec<Finding> {
    let url = survey.url();
    let lines = survey.machine.lines.iter().filter(|line| {
        line.key == "helper" && line.is_repository_local() && line.is_about_credentials_of(&url)
    });
    let lines: Vec<_> = lines.collect();
    // Before a line of ours the empty one is the work of `configure --local`.
    let ends_with_us = lines
        .last()
        .is_some_and(|line| helper_line::names_us(&line.value));
    lines
        .into_iter()
        .filter(|line| {
            !(helper_line::names_us(&line.value) || ends_with_us && line.value.is_empty())
        })
        .map(|line| {
            let particulars = [
                ("value", &*displayed(&line.value)),
                ("place", &*line.place()),
            ];
            Finding::new(&rows::CHAIN_REPOSITORY, &particulars)
        })
        .collect()
}
