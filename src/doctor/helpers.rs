//! The first steps: Git, this program, and whom Git asks.

use super::finding::Finding;
use super::rows;
use super::scene::Scene;
use crate::git::chain::Helper;
use crate::platform;
use crate::setup::helper_line::{self, NAME};
use crate::setup::options::displayed;
use std::path::PathBuf;

/// What the program's file is called.
const PROGRAM: &str = "git-credential-bitbucket";

pub(super) fn git(scene: &Scene) -> Vec<Finding> {
    let version = scene.machine.git.ask(&["version"]).unwrap_or_default();
    let version = version.to_string_lossy();
    let version = version.strip_prefix("git version ").unwrap_or(&version);
    let path = scene.machine.surroundings.context.git.to_string_lossy();
    vec![Finding::new(
        &rows::GIT,
        &[("version", version), ("path", &path)],
    )]
}

pub(super) fn program(scene: &Scene) -> Vec<Finding> {
    let context = scene.machine.surroundings.context;
    let path = context.executable.to_string_lossy();
    let version = env!("CARGO_PKG_VERSION");
    let mut findings = vec![Finding::new(
        &rows::PROGRAM,
        &[("version", version), ("path", &path)],
    )];
    let own = context.executable.canonicalize().ok();
    let exec_path = scene.machine.git.ask(&["--exec-path"]).ok();
    let search = context.variable("PATH").map(std::env::split_paths);
    let search: Vec<PathBuf> = exec_path
        .clone()
        .into_iter()
        .chain(search.into_iter().flatten())
        .collect();
    if let Some(first) = first_in(&search)
        && first.canonicalize().ok() != own
    {
        let path = first.to_string_lossy();
        findings.push(Finding::new(&rows::PROGRAM_OTHER, &[("path", &path)]));
    }
    let by_name = scene
        .chain
        .as_deref()
        .unwrap_or_default()
        .iter()
        .any(|helper| helper.found && helper.value.split(' ').next() == Some(NAME));
    let desktop = platform::DESKTOP_PATH.iter().map(PathBuf::from);
    let desktop: Vec<PathBuf> = exec_path.into_iter().chain(desktop).collect();
    if by_name && desktop.len() > 1 && first_in(&desktop).is_none() {
        findings.push(Finding::new(&rows::PROGRAM_HIDDEN, &[]));
    }
    findings
}

fn first_in(folders: &[PathBuf]) -> Option<PathBuf> {
    let file = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    folders
        .iter()
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| platform::is_program(path))
}

pub(super) fn chain(scene: &Scene) -> Vec<Finding> {
    let helpers = match &scene.chain {
        Ok(helpers) => helpers,
        Err(error) => {
            let reason = format!("{error:#}");
            let reason = reason.trim_end_matches('.');
            return vec![Finding::new(&rows::CHAIN_UNKNOWN, &[("reason", reason)])];
        }
    };
    let ours = helpers
        .iter()
        .position(|helper| helper_line::names_us(&helper.value));
    let mut findings = vec![match ours {
        Some(ours) if helpers[ours].found => about(&rows::CHAIN, &helpers[ours]),
        Some(ours) => about(&rows::CHAIN_NOT_FOUND, &helpers[ours]),
        None => without_us(scene),
    }];
    for (index, helper) in helpers.iter().enumerate() {
        if helper_line::names_us(&helper.value) {
            continue;
        }
        findings.push(match ours {
            _ if !helper.found => about(&rows::CHAIN_OTHER_NOT_FOUND, helper),
            Some(ours) if index > ours => about(&rows::CHAIN_AFTER, helper),
            _ => about(&rows::CHAIN_BEFORE, helper),
        });
    }
    findings.extend(from_repository(scene));
    findings
}

fn about(row: &rows::DoctorRow, helper: &Helper) -> Finding {
    let particulars = [
        ("value", &*displayed(&helper.value)),
        ("place", &*helper.place),
    ];
    Finding::new(row, &particulars)
}

/// Why Git does not ask us.
fn without_us(scene: &Scene) -> Finding {
    let lines = &scene.machine.lines;
    let remover = lines
        .helper_lines()
        .rfind(|line| helper_line::names_us(&line.value))
        .and_then(|ours| lines.remover(&scene.url(), &ours.value));
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
        None => Finding::new(&rows::CHAIN_WITHOUT_US, &[]),
    }
}

/// Helpers that the repository brings along.
fn from_repository(scene: &Scene) -> Vec<Finding> {
    let url = scene.url();
    let lines = scene.machine.lines.iter().filter(|line| {
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
