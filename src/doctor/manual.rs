//! Whether `man` finds our page.

use super::finding::Finding;
use super::messages;
use super::survey::Survey;
use std::path::PathBuf;

/// Where `man` looks without further settings, and beside us.
pub(super) fn manual(survey: &Survey) -> Vec<Finding> {
    let context = &survey.machine.surroundings.context;
    let own = context.executable.canonicalize().ok();
    let beside = own
        .as_deref()
        .and_then(|path| Some(path.parent()?.parent()?.join("share/man")));
    let configured = context.variable("MANPATH").map(std::env::split_paths);
    let search = context.variable("PATH").map(std::env::split_paths);
    let from_path = search
        .into_iter()
        .flatten()
        .filter_map(|folder| Some(folder.parent()?.join("share/man")));
    let usual = ["/usr/local/share/man", "/usr/share/man"].map(PathBuf::from);
    let page = beside
        .into_iter()
        .chain(configured.into_iter().flatten())
        .chain(from_path)
        .chain(usual)
        .flat_map(|folder| {
            ["", ".gz"].map(|end| folder.join(format!("man1/git-credential-bitbucket.1{end}")))
        })
        .find(|path| path.is_file());
    vec![page.map_or_else(
        || Finding::new(&messages::MANUAL_MISSING, &[]),
        |path| Finding::new(&messages::MANUAL, &[("path", &path.to_string_lossy())]),
    )]
}
