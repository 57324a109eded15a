//! The programs themselves: Git, and this one.

use super::finding::Finding;
use super::messages;
use super::survey::Survey;
use crate::platform;
use crate::setup::helper_line::{NAME, PROGRAM};
use std::path::PathBuf;

pub(super) fn git(survey: &Survey) -> Vec<Finding> {
    let version = survey.machine.git.ask(&["version"]).unwrap_or_default();
    let version = version.to_string_lossy();
    let version = version.strip_prefix("git version ").unwrap_or(&version);
    let path = survey.machine.surroundings.context.git.to_string_lossy();
    vec![Finding::new(
        &messages::GIT,
        &[("version", version), ("path", &path)],
    )]
}

pub(super) fn program(survey: &Survey) -> Vec<Finding> {
    let context = survey.machine.surroundings.context;
    let path = context.executable.to_string_lossy();
    let version = env!("CARGO_PKG_VERSION");
    let mut findings = vec![Finding::new(
        &messages::PROGRAM,
        &[("version", version), ("path", &path)],
    )];
    let own = context.executable.canonicalize().ok();
    let exec_path = survey.machine.git.ask(&["--exec-path"]).ok();
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
        findings.push(Finding::new(&messages::PROGRAM_OTHER, &[("path", &path)]));
    }
    let by_name = survey
        .chain
        .as_deref()
        .unwrap_or_default()
        .iter()
        .any(|helper| helper.found && helper.value.split(' ').next() == Some(NAME));
    let desktop = platform::DESKTOP_PATH.iter().map(PathBuf::from);
    let desktop: Vec<PathBuf> = exec_path.into_iter().chain(desktop).collect();
    if by_name && desktop.len() > 1 && first_in(&desktop).is_none() {
        findings.push(Finding::new(&messages::PROGRAM_HIDDEN, &[]));
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
