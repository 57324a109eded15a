//! Settings of editors that keep Git from asking us. No secret is looked for in them.

use super::finding::Finding;
use super::messages;
use super::survey::Survey;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file of an editor's that is read, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

pub(super) fn editors(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in settings_folders(survey) {
        findings.extend(jetbrains(&folder.join("JetBrains")));
        for name in ["Code", "VSCodium", "Code - OSS", "Cursor"] {
            findings.extend(vscode(
                survey,
                name,
                &folder.join(name).join("User/settings.json"),
            ));
        }
    }
    findings
}

/// Where programs with windows keep their settings.
fn settings_folders(survey: &Survey) -> Vec<PathBuf> {
    let variable = |name| {
        survey
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
            (!on).then(|| Finding::new(&messages::EDITOR_JETBRAINS, &particulars))
        })
        .collect()
}

/// The file may have comments, so that it is read by lines.
fn vscode(survey: &Survey, name: &str, file: &Path) -> Option<Finding> {
    let text = read(file)?;
    let off = text.lines().map(str::trim_start).any(|line| {
        let rest = line.strip_prefix("\"git.useIntegratedAskPass\"");
        rest.is_some_and(|rest| rest.trim_start_matches([':', ' ']).starts_with("false"))
    });
    let particulars = [
        ("name", name),
        ("file", &*file.to_string_lossy()),
        ("login", &*survey.session.site.login_command()),
    ];
    off.then(|| Finding::new(&messages::EDITOR_VSCODE, &particulars))
}

fn read(file: &Path) -> Option<String> {
    let found = fs::metadata(file).ok()?;
    (found.is_file() && found.len() <= LONGEST_FILE)
        .then(|| fs::read_to_string(file).ok())
        .flatten()
}
