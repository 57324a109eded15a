//! Whom Git asks about Bitbucket, and which settings say so.

use super::finding::Finding;
use super::first_answer::name_of;
use super::messages;
use super::survey::Survey;
use crate::git::chain::Helper;
use crate::git::child::{self, Limits};
use crate::git::shell;
use crate::setup::helper_line;
use crate::setup::line_options::displayed;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(super) fn chain(survey: &Survey) -> Vec<Finding> {
    let helpers = match &survey.chain {
        Ok(helpers) => helpers,
        Err(error) => {
            let reason = format!("{error:#}");
            let reason = reason.trim_end_matches('.');
            let particulars = [("site", survey.session.site.host()), ("reason", reason)];
            return vec![Finding::new(&messages::CHAIN_UNKNOWN, &particulars)];
        }
    };
    let ours = helpers
        .iter()
        .position(|helper| helper_line::names_us(&helper.value));
    let mut findings = vec![match ours {
        Some(ours) if helpers[ours].found => about(survey, &messages::CHAIN, &helpers[ours]),
        Some(ours) => about(survey, &messages::CHAIN_NOT_FOUND, &helpers[ours]),
        None => without_us(survey),
    }];
    for (index, helper) in helpers.iter().enumerate() {
        if helper_line::names_us(&helper.value) {
            continue;
        }
        findings.push(match ours {
            _ if !helper.found => about(survey, &messages::CHAIN_OTHER_NOT_FOUND, helper),
            Some(ours) if index > ours => about(survey, &messages::CHAIN_AFTER, helper),
            _ => about(survey, &messages::CHAIN_BEFORE, helper),
        });
        findings.extend(old_manager(survey, helper));
    }
    findings.extend(from_repository(survey));
    findings
}

fn about(survey: &Survey, row: &messages::DoctorRow, helper: &Helper) -> Finding {
    let particulars = [
        ("site", survey.session.site.host()),
        ("value", &*displayed(&helper.value)),
        ("place", &*helper.place),
    ];
    Finding::new(row, &particulars)
}

/// Git Credential Manager, unless it is new enough to sign in.
fn old_manager(survey: &Survey, helper: &Helper) -> Option<Finding> {
    if !helper.found || !["manager", "manager-core"].contains(&&*name_of(helper)) {
        return None;
    }
    let version = manager_version(survey, helper);
    let is_old = |text: &String| major(text).is_none_or(|major| major < 3);
    if !version.as_ref().is_none_or(is_old) {
        return None;
    }
    let version = version.map(|text| format!(" {text}")).unwrap_or_default();
    let particulars = [
        ("value", &*displayed(&helper.value)),
        ("place", &*helper.place),
        ("version", &*version),
        ("login", &*survey.session.site.login_command()),
    ];
    Some(Finding::new(&messages::CHAIN_OLD_MANAGER, &particulars))
}

/// What it says of itself. It is started only if the person's own settings name it.
fn manager_version(survey: &Survey, helper: &Helper) -> Option<String> {
    let mut own = survey.machine.lines.helper_lines();
    own.find(|line| *line.value == *helper.value && !line.is_repository_local())?;
    let program = shell::program(&helper.value)?;
    let git = &survey.machine.git;
    let command = if Path::new(&program).is_absolute() {
        let like = git.command(&[]);
        let mut command = Command::new(program);
        command.arg("--version").env_clear().stdin(Stdio::null());
        command.envs(
            like.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        command
    } else {
        git.command(&[&format!("credential-{}", name_of(helper)), "--version"])
    };
    let limits = Limits {
        patience: Duration::from_secs(10),
        longest: 4096,
    };
    let said = child::run(command, limits).ok()?;
    let text = said.stdout.expose_text()?;
    let word = text.split(['\n', '+', ' ']).next()?.trim();
    major(word).map(|_| word.to_owned())
}

/// 2 of `2.7.3`
fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
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
                messages::CONFIGURE
            };
            let particulars = [("place", &*remover.to_string()), ("step", step)];
            Finding::new(&messages::CHAIN_CUT, &particulars)
        }
        None => Finding::new(
            &messages::CHAIN_WITHOUT_US,
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
            Finding::new(&messages::CHAIN_REPOSITORY, &particulars)
        })
        .collect()
}
