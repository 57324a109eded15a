//! The chain of credential helpers for a URL: whom Git really runs, in its order, and
//! which line of which file put them there. Git is asked, its rules are not repeated.

use super::child::PATIENCE;
use super::{Config, Git, shell};
use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Instant;
use url::Url;

/// The longest trace that is read, in bytes.
const LONGEST_TRACE: u64 = 4 * 1024 * 1024;

/// A helper that Git runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Its `helper` value, else the command that was seen.
    pub value: String,
    /// Where that was set, for a sentence.
    pub place: String,
    /// Whether Git's shell found its program.
    pub found: bool,
}

/// The helpers that Git runs for `url`, in order. They are run: with the operation
/// `erase`, for a user and a password that nobody has, which they ignore. `config` is what
/// [`Config::list`] read, to tell where each comes from.
pub fn effective(git: &Git, url: &str, config: &Config) -> anyhow::Result<Vec<Helper>> {
    let helpers = observe(git, url)?;
    Ok(helpers
        .into_iter()
        .map(|(command, found)| named(command, found, config))
        .collect())
}

/// A command that was seen, with the last line that makes it.
fn named(command: String, found: bool, config: &Config) -> Helper {
    match config
        .helper_lines()
        .rfind(|line| command_of(&line.value) == command)
    {
        Some(line) => Helper {
            value: line.value.to_string(),
            place: line.to_string(),
            found,
        },
        None => Helper {
            value: command,
            place: "an unknown place".to_owned(),
            found,
        },
    }
}

/// The same without running any of them, by Git's rules as we know them: for settings that
/// a repository brings along. Whether a program is there is what `known` says of it.
pub fn unasked(url: &Url, config: &Config, known: &[Helper]) -> Vec<Helper> {
    let helpers = config.helpers(url).into_iter();
    helpers
        .map(|setting| {
            let same = known.iter().find(|helper| helper.value == *setting.value);
            Helper {
                value: setting.value.to_string(),
                place: setting.to_string(),
                found: same.is_none_or(|helper| helper.found),
            }
        })
        .collect()
}

/// What Git hands to the shell for a `helper` value, without the operation.
fn command_of(value: &str) -> String {
    match value.strip_prefix('!') {
        Some(snippet) => snippet.to_owned(),
        None if crate::platform::is_absolute_command(value) => value.to_owned(),
        None => format!("git credential-{value}"),
    }
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
    shell::program(value).map_or_else(
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
        for line in BufReader::new(stderr.take(LONGEST_TRACE))
            .split(b'\n')
            .map_while(Result::ok)
        {
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
    fn a_value_becomes_the_command_that_git_runs() {
        for (value, command) in [
            ("store --file x", "git credential-store --file x"),
            ("/a b/c", "/a b/c"),
            ("!f() { :; }; f", "f() { :; }; f"),
            ("~/x", "git credential-~/x"),
        ] {
            assert_eq!(command_of(value), command);
        }
    }

    #[test]
    fn a_helper_that_was_seen_has_the_place_of_the_last_line_that_makes_it() {
        let config = Config::of(&[
            ("system", "credential.helper", "store"),
            ("global", "credential.https://x.test.helper", "/a/b --c"),
            ("global", "core.pager", "less"),
        ]);
        for (command, value, place) in [
            ("git credential-store", "store", "/config"),
            ("/a/b --c", "/a/b --c", "/config"),
            (
                "git credential-cache",
                "git credential-cache",
                "an unknown place",
            ),
            (
                "git credential-less",
                "git credential-less",
                "an unknown place",
            ),
        ] {
            let found = named(command.to_owned(), true, &config);
            assert_eq!((&*found.value, &*found.place), (value, place), "{command}");
        }
    }

    #[test]
    fn what_is_not_run_is_found_where_it_was_seen_or_never_tried() {
        let config = Config::of(&[
            ("global", "credential.helper", "gone"),
            ("global", "credential.helper", "store"),
            ("local", "credential.helper", "evil"),
        ]);
        let known = [("gone", false), ("store", true)].map(|(value, found)| Helper {
            value: value.to_owned(),
            place: String::new(),
            found,
        });
        let url = Url::parse("https://bitbucket.org").unwrap();
        let all = unasked(&url, &config, &known);
        let all: Vec<_> = all.iter().map(|it| (&*it.value, it.found)).collect();
        assert_eq!(all, [("gone", false), ("store", true), ("evil", true)]);
    }
}
