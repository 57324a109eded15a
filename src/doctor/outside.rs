//! What lies around Git: the network, the clock, editors, the manual page.

use super::finding::Finding;
use super::rows;
use super::scene::{Scene, Server};
use crate::bitbucket::{Uncertainty, advise_unasked};
use crate::network::Trouble;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// From this difference on a clock is called wrong, in seconds.
const TOLERANCE: u64 = 5 * 60;

/// The longest file of an editor's that is read, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

pub(super) fn network(scene: &Scene) -> Vec<Finding> {
    match &scene.server {
        Server::NotAsked => {
            let setting = scene.session.setting_in_the_way();
            let setting = setting.map(Uncertainty::Network);
            let trouble = setting.map(|it| trouble(&rows::NETWORK_SETTING, it));
            let not_asked = Finding::new(&rows::NETWORK_NOT_ASKED, &[]);
            trouble.into_iter().chain([not_asked]).collect()
        }
        Server::Silent(
            why @ Uncertainty::Network(Trouble::BadSetting(_) | Trouble::VerificationDisabled),
        ) => {
            vec![trouble(&rows::NETWORK_SETTING, why.clone())]
        }
        Server::Silent(why) => vec![trouble(&rows::NETWORK_SILENT, why.clone())],
        Server::Answers(times) => {
            let network = Finding::new(&rows::NETWORK, &[]);
            let clock = times.map(|(theirs, ours)| clock(theirs, ours));
            [network].into_iter().chain(clock).collect()
        }
    }
}

fn trouble(row: &rows::DoctorRow, why: Uncertainty) -> Finding {
    let advice = advise_unasked(why);
    let particulars = [("reason", &*advice.message), ("step", &*advice.next_step)];
    Finding::new(row, &particulars)
}

fn clock(theirs: u64, ours: u64) -> Finding {
    let difference = theirs.abs_diff(ours);
    if difference < TOLERANCE {
        return Finding::new(&rows::CLOCK, &[]);
    }
    let span = match difference {
        0..7200 => format!("{} minutes", difference / 60),
        7200..172_800 => format!("{} hours", difference / 3600),
        _ => format!("{} days", difference / 86_400),
    };
    let direction = if ours > theirs { "ahead of" } else { "behind" };
    let particulars = [("difference", &*span), ("direction", direction)];
    Finding::new(&rows::CLOCK_WRONG, &particulars)
}

pub(super) fn editors(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in settings_folders(scene) {
        findings.extend(jetbrains(&folder.join("JetBrains")));
        for name in ["Code", "VSCodium", "Code - OSS", "Cursor"] {
            findings.extend(vscode(name, &folder.join(name).join("User/settings.json")));
        }
    }
    findings
}

/// Where programs with windows keep their settings.
fn settings_folders(scene: &Scene) -> Vec<PathBuf> {
    let variable = |name| {
        scene
            .machine
            .surroundings
            .context
            .variable(name)
            .map(PathBuf::from)
    };
    let home = variable("HOME");
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    let linux = variable("XDG_CONFIG_HOME").or_else(|| below(".config"));
    [
        linux,
        below("Library/Application Support"),
        variable("APPDATA"),
    ]
    .into_iter()
    .flatten()
    .filter(|folder| folder.is_absolute())
    .collect()
}

/// Every product of this maker whose switch is off, as it is from the start. Of several
/// versions the newest counts.
fn jetbrains(folder: &Path) -> Vec<Finding> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut versions: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("options").is_dir())
        .collect();
    versions.sort();
    let product = |path: &Path| {
        let name = path.file_name().unwrap_or(OsStr::new("")).to_string_lossy();
        name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.')
            .to_owned()
    };
    let newest = versions.iter().enumerate().filter(|(index, path)| {
        versions
            .get(index + 1)
            .is_none_or(|next| product(next) != product(path))
    });
    newest
        .filter_map(|(_, path)| {
            let file = path.join("options/git.xml");
            let text = read(&file).unwrap_or_default();
            let on = text.lines().any(|line| {
                line.contains("\"USE_CREDENTIAL_HELPER\"") && line.contains("value=\"true\"")
            });
            let particulars = [
                ("name", &*product(path)),
                ("file", &*file.to_string_lossy()),
            ];
            (!on).then(|| Finding::new(&rows::EDITOR_JETBRAINS, &particulars))
        })
        .collect()
}

/// The file may have comments, so that it is read by lines.
fn vscode(name: &str, file: &Path) -> Option<Finding> {
    let text = read(file)?;
    let off = text.lines().map(str::trim_start).any(|line| {
        let rest = line.strip_prefix("\"git.useIntegratedAskPass\"");
        rest.is_some_and(|rest| rest.trim_start_matches([':', ' ']).starts_with("false"))
    });
    let particulars = [("name", name), ("file", &*file.to_string_lossy())];
    off.then(|| Finding::new(&rows::EDITOR_VSCODE, &particulars))
}

fn read(file: &Path) -> Option<String> {
    let found = fs::metadata(file).ok()?;
    (found.is_file() && found.len() <= LONGEST_FILE)
        .then(|| fs::read_to_string(file).ok())
        .flatten()
}

/// Where `man` looks without further settings, and beside us.
pub(super) fn manual(scene: &Scene) -> Vec<Finding> {
    let own = scene
        .machine
        .surroundings
        .context
        .executable
        .canonicalize()
        .ok();
    let beside = own
        .as_deref()
        .and_then(|path| Some(path.parent()?.parent()?.join("share/man")));
    let configured = scene
        .machine
        .surroundings
        .context
        .variable("MANPATH")
        .map(std::env::split_paths);
    let search = scene
        .machine
        .surroundings
        .context
        .variable("PATH")
        .map(std::env::split_paths);
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
        || Finding::new(&rows::MANUAL_MISSING, &[]),
        |path| Finding::new(&rows::MANUAL, &[("path", &path.to_string_lossy())]),
    )]
}
