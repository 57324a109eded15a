//! The chain of credential helpers for a URL: whom Git really runs, in its order, and
//! which line of which file put them there. Git is asked, its rules are not repeated.

use super::{Git, helper_value};
use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use url::Url;

/// How long all helpers together may take to ignore an unknown user.
const PATIENCE: Duration = Duration::from_secs(20);

/// One `helper` line, wherever Git found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The configuration's key, its URL included.
    pub key: String,
    /// What it says; empty removes all helpers before it.
    pub value: String,
    /// The file, or `None` for the environment and `git -c`.
    pub file: Option<PathBuf>,
    /// Counted from 1; `None` if the file does not show it plainly.
    pub line: Option<usize>,
}

impl Setting {
    /// The URL that the setting is limited to.
    pub fn url(&self) -> Option<&str> {
        self.key
            .strip_prefix("credential.")?
            .strip_suffix(".helper")
    }

    /// Whether Git obeys it for `url`.
    pub fn is_about(&self, url: &Url) -> bool {
        self.url()
            .is_none_or(|pattern| super::pattern::applies_to_credentials(pattern, url))
    }

    /// What Git hands to the shell for it, without the operation.
    fn command(&self) -> String {
        match self.value.strip_prefix('!') {
            Some(snippet) => snippet.to_owned(),
            None if crate::platform::is_absolute_command(&self.value) => self.value.clone(),
            None => format!("git credential-{}", self.value),
        }
    }
}

impl std::fmt::Display for Setting {
    /// Where it stands: `FILE:LINE`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(file) = &self.file else {
            return formatter.write_str("the environment (GIT_CONFIG_COUNT) or git -c");
        };
        formatter.write_str(&crate::text::shown(&file.to_string_lossy()))?;
        self.line
            .map_or(Ok(()), |line| write!(formatter, ":{line}"))
    }
}

/// A helper that Git runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Its `helper` value, else the command that was seen.
    pub value: String,
    /// Where that was set.
    pub setting: Option<Setting>,
    /// Whether Git's shell found its program.
    pub found: bool,
}

/// The helpers that Git runs for `url`, in order. They are run: with the operation
/// `erase`, for a user and a password that nobody has, which they ignore. `settings`
/// are those of [`settings`], to tell where each comes from.
pub fn effective(git: &Git, url: &str, settings: &[Setting]) -> anyhow::Result<Vec<Helper>> {
    let helpers = observe(git, url)?;
    Ok(helpers
        .into_iter()
        .map(|(command, found)| {
            let setting = settings
                .iter()
                .rfind(|setting| setting.command() == command)
                .cloned();
            Helper {
                value: setting
                    .as_ref()
                    .map_or(command, |setting| setting.value.clone()),
                setting,
                found,
            }
        })
        .collect())
}

/// The same without running any of them, by Git's rules as we know them: for settings that
/// a repository brings along. Whether a program is there is what `known` says of it.
pub fn unasked(url: &Url, settings: &[Setting], known: &[Helper]) -> Vec<Helper> {
    let mut helpers = Vec::new();
    for setting in settings.iter().filter(|setting| setting.is_about(url)) {
        if setting.value.is_empty() {
            helpers.clear();
            continue;
        }
        let same = known.iter().find(|helper| helper.value == setting.value);
        helpers.push(Helper {
            value: setting.value.clone(),
            setting: Some(setting.clone()),
            found: same.is_none_or(|helper| helper.found),
        });
    }
    helpers
}

/// Every `helper` line that Git reads, in its order.
pub fn settings(git: &Git) -> anyhow::Result<Vec<Setting>> {
    const KEYS: &str = r"^credential\.(.*\.)?helper$";
    let output = git
        .command(&["config", "--null", "--show-origin", "--get-regexp", KEYS])
        .output()
        .context("cannot start git")?;
    // Git exits with 1 if there is none.
    ensure!(
        matches!(output.status.code(), Some(0 | 1)),
        "git cannot read its configuration: {}",
        crate::text::shown(String::from_utf8_lossy(&output.stderr).trim())
    );
    let mut fields = output.stdout.split(|&byte| byte == 0);
    let mut settings = Vec::new();
    while let (Some(origin), Some(entry)) = (fields.next(), fields.next()) {
        let entry = String::from_utf8_lossy(entry);
        let (key, value) = entry.split_once('\n').unwrap_or((&entry, ""));
        let file = origin
            .strip_prefix(b"file:")
            .map(crate::platform::path_from_git);
        settings.push(Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            file: file.map(|file| git.absolute(file)),
            line: None,
        });
    }
    number_lines(&mut settings);
    Ok(settings)
}

/// The first setting behind `ours` that removes it from the chain of `url`. Git is not
/// asked: a pattern may be the repository's, and would have to stand in a command line.
pub fn remover<'a>(url: &Url, ours: &str, settings: &'a [Setting]) -> Option<&'a Setting> {
    let behind = settings
        .iter()
        .rposition(|setting| setting.value == ours)
        .map_or(settings, |ours| &settings[ours + 1..]);
    behind
        .iter()
        .find(|setting| setting.value.is_empty() && setting.is_about(url))
}

/// Finds the line of each setting where a file shows as many as Git read from it.
fn number_lines(settings: &mut [Setting]) {
    let mut files: Vec<_> = settings.iter().filter_map(|one| one.file.clone()).collect();
    files.sort();
    files.dedup();
    for file in files {
        let lines = std::fs::read(&file).map_or_else(|_| Vec::new(), |text| helper_lines(&text));
        let here = || {
            settings
                .iter()
                .filter(|one| one.file.as_ref() == Some(&file))
        };
        if here().count() == lines.len() {
            settings
                .iter_mut()
                .filter(|one| one.file.as_ref() == Some(&file))
                .zip(lines)
                .for_each(|(setting, line)| setting.line = Some(line));
        }
    }
}

/// The numbers of the lines that set a `helper` in a `credential` section.
fn helper_lines(file: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(file);
    let mut inside = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut line = line.trim_start_matches('\u{feff}').trim();
        if let Some(header) = line.strip_prefix('[') {
            let name = header.trim_start().to_ascii_lowercase();
            inside = name
                .strip_prefix("credential")
                .is_some_and(|rest| rest.starts_with([']', ' ', '\t', '.']));
            line = line.rsplit_once(']').map_or("", |(_, rest)| rest).trim();
        }
        let key = line.split(['=', ' ', '\t', '#', ';']).next();
        if inside && key.is_some_and(|key| key.eq_ignore_ascii_case("helper")) {
            found.push(index + 1);
        }
    }
    found
}

/// An event of Git's trace2 target, as far as we need it.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "event")]
    name: String,
    sid: String,
    #[serde(default)]
    argv: Vec<String>,
    #[serde(default)]
    use_shell: bool,
    #[serde(default)]
    code: i64,
}

/// Lets Git reject a credential that nobody has and watches whom it tells: the shell
/// commands without their operation, and whether their program was found.
fn observe(git: &Git, url: &str) -> anyhow::Result<Vec<(String, bool)>> {
    let mut child = git
        .command(&["credential", "reject"])
        .env("GIT_TRACE2_EVENT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start git")?;
    let nobody = nobody()?;
    let message = format!("url={url}/\nusername={nobody}\npassword={nobody}\n\n");
    if let Some(mut stdin) = child.stdin.take() {
        // A Git that dies early says why on its standard error.
        let _ = stdin.write_all(message.as_bytes());
    }
    let watched = child.stderr.take().map(|stderr| watch(&mut child, stderr));
    let (helpers, said) = watched.context("git has no standard error")??;
    let status = child.wait().context("cannot wait for git")?;
    ensure!(
        status.success(),
        "git says: {}",
        crate::text::shown(said.trim())
    );
    Ok(helpers)
}

/// Who is at work, for a sentence.
fn name_of(helper: Option<&(String, bool)>) -> String {
    let Some((command, _)) = helper else {
        return "git".to_owned();
    };
    let value = command.strip_prefix("git credential-").unwrap_or(command);
    helper_value::program(value).map_or_else(
        || "a shell snippet".to_owned(),
        |program| format!("`{}`", crate::text::shown(&program)),
    )
}

/// A user name that nobody has.
fn nobody() -> anyhow::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).context("no random numbers")?;
    Ok(format!("nobody-{:032x}", u128::from_ne_bytes(random)))
}

type Watched = (Vec<(String, bool)>, String);

/// Reads events until Git itself is done, whoever else still holds the pipe. Helpers run
/// one by one, so that all between a start and an end is about that one.
fn watch(git: &mut Child, stderr: impl Read + Send + 'static) -> anyhow::Result<Watched> {
    let deadline = Instant::now() + PATIENCE;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let (mut helpers, mut said, mut top) = (Vec::new(), String::new(), None);
    loop {
        let line = match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let _ = git.kill();
                let _ = git.wait();
                bail!("{} does not come to an end", name_of(helpers.last()));
            }
        };
        let Ok(event) = serde_json::from_str::<Event>(&line) else {
            said.push_str(&line);
            said.push('\n');
            continue;
        };
        if event.sid != *top.get_or_insert_with(|| event.sid.clone()) {
            continue;
        }
        match event.name.as_str() {
            "child_start" if event.use_shell => {
                said.clear();
                let command = event
                    .argv
                    .first()
                    .and_then(|all| all.strip_suffix(" erase"));
                helpers.push((command.unwrap_or_default().to_owned(), true));
            }
            "child_exit" => {
                let missing = matches!(event.code, 126 | 127)
                    || (event.code == 1 && said.contains("is not a git command"));
                if let Some(last) = helpers.last_mut() {
                    last.1 = !missing;
                }
            }
            "atexit" => break,
            _ => {}
        }
    }
    ensure!(
        top.is_some(),
        "git does not tell whom it asks; Git 2.22 or newer does. It says: {}",
        crate::text::shown(said.trim())
    );
    Ok((helpers, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_set_a_helper_are_counted_as_git_counts_them() {
        let file = "[credential]\n\thelper = a\n# helper = no\n[user]\n\thelper = no\n\
            [CREDENTIAL \"https://x\"] HELPER=b\n  helper\n  helperx = no\n\
            [credentials]\nhelper = no\n[credential \"y\"]\nhelper =\n";
        assert_eq!(helper_lines(file.as_bytes()), [2, 6, 7, 12]);
    }

    #[test]
    fn a_value_becomes_the_command_that_git_runs() {
        for (value, command) in [
            ("store --file x", "git credential-store --file x"),
            ("/a b/c", "/a b/c"),
            ("!f() { :; }; f", "f() { :; }; f"),
            ("~/x", "git credential-~/x"),
        ] {
            let setting = Setting {
                key: "credential.helper".into(),
                value: value.into(),
                file: None,
                line: None,
            };
            assert_eq!(setting.command(), command);
        }
    }
}
