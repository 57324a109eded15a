//! What may stand between our name and the operation in `credential.helper`: the store, its
//! time-out, the token file or command, whether variables count. Read the same way from Git's
//! command line and from its configuration.

use super::{helper_line, site_options};
use crate::bitbucket::{Site, is_credential};
use crate::git::{Config, Setting, shell};
use crate::keychain::{CHOICES, Choice, REMEMBERED};
use crate::text::shown;
use std::iter;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Names a [`Choice`].
pub const STORE: &str = "--store";
/// Names a file that holds a token.
pub const TOKEN_FILE: &str = "--token-file";
/// Names a command that prints a token.
pub const TOKEN_COMMAND: &str = "--token-command";
/// Whose token that is, for kinds that need a user name.
pub const USERNAME: &str = "--username";
/// How long [`Choice::Memory`] remembers, in seconds.
pub const TIMEOUT: &str = "--timeout";

/// No variable of the environment counts; it takes no value.
pub const IGNORE_ENVIRONMENT: &str = "--ignore-environment";

/// All that take a value.
const NAMES: [&str; 5] = [STORE, TOKEN_FILE, TOKEN_COMMAND, USERNAME, TIMEOUT];

/// Where credentials come from and where they go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The store, if one was named.
    pub store: Option<Choice>,
    /// The file that is read in place of any store; absolute.
    pub token_file: Option<PathBuf>,
    /// The command that is run in place of any store.
    pub token_command: Option<String>,
    /// The user name that goes with what the file or the command has.
    pub username: Option<String>,
    /// How long `memory` remembers, in seconds, if that was said.
    pub timeout: Option<u32>,
    /// Whether the variables that hold a credential, or say something of one, are passed over.
    pub ignore_environment: bool,
}

impl Options {
    /// Reads options in either spelling, `--store=NAME` or `--store NAME`; those of a later
    /// version are passed over. The error says what is wrong.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            if word == IGNORE_ENVIRONMENT {
                options.ignore_environment = true;
            }
            if !NAMES.contains(&name) {
                continue;
            }
            let value = value
                .or_else(|| words.next().map(String::as_str))
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("{name} names nothing"))?;
            let first = match name {
                STORE => options.store.replace(parse_store(value)?).is_none(),
                TOKEN_FILE => options.token_file.replace(parse_path(value)?).is_none(),
                TOKEN_COMMAND => {
                    let command = parse_command(value)?;
                    options.token_command.replace(command).is_none()
                }
                USERNAME => options.username.replace(value.to_owned()).is_none(),
                _ => options.timeout.replace(parse_timeout(value)?).is_none(),
            };
            if !first {
                return Err(format!("{name} is there twice"));
            }
        }
        options.ensure_consistent()?;
        Ok(options)
    }

    /// Whether each can be had beside the others. The error says what is wrong.
    pub fn ensure_consistent(&self) -> Result<(), String> {
        let store = (STORE, self.store.is_some());
        let places = iter::once(store).chain(self.sources());
        let mut named = places.filter(|(_, is_named)| *is_named);
        if let (Some((first, _)), Some((second, _))) = (named.next(), named.next()) {
            return Err(format!("{first} and {second} exclude each other"));
        }
        if self.username.is_some() && !self.names_a_source() {
            let options = self.sources().map(|(option, _)| option);
            return Err(format!("{USERNAME} is for {}", options.join(" and ")));
        }
        if self.timeout.is_some() && self.choice().remembers().is_none() {
            return Err(format!(
                "{TIMEOUT} is for {STORE}={}",
                Choice::with_timeout()
            ));
        }
        Ok(())
    }

    /// What the last of these lines that names us for this site says; what cannot be read is
    /// dropped. None if there is no such line.
    pub fn of_last<'a>(
        lines: impl DoubleEndedIterator<Item = &'a Setting>,
        site: &Site,
    ) -> Option<Self> {
        let mut lines = lines.filter(|line| site_options::is_for(line, site));
        let ours = lines.next_back()?;
        Some(Self::parse(&helper_line::options(&ours.value)).unwrap_or_default())
    }

    /// Those of the helper line that Git obeys for `url`: of several that name us the last.
    /// None if there is no such line.
    pub fn in_force(config: &Config, url: &Url) -> Result<Self, String> {
        let lines = config.helpers(url);
        let ours = lines
            .iter()
            .rfind(|line| helper_line::names_us(&line.value));
        ours.map_or_else(
            || Ok(Self::default()),
            |line| Self::parse(&helper_line::options(&line.value)),
        )
    }

    /// What a person asks for, where `before` is in force: without a word of where credentials
    /// come from and go, that stays.
    #[must_use]
    pub fn or_as_before(self, before: &Self) -> Self {
        if self.names_a_place() {
            return self;
        }
        // Each by its name, here and below, so that none is forgotten when one more comes.
        let Self {
            store: _,
            token_file: _,
            token_command: _,
            username: _,
            timeout: _,
            ignore_environment,
        } = self;
        Self {
            ignore_environment: ignore_environment || before.ignore_environment,
            ..before.clone()
        }
    }

    /// These with another store: what goes with a place for credentials is not carried over, and
    /// everything else stays.
    #[must_use]
    pub fn with_store(&self, store: Choice) -> Self {
        if self.store == Some(store) {
            return self.clone();
        }
        let Self {
            store: _,
            token_file: _,
            token_command: _,
            username: _,
            timeout: _,
            ignore_environment,
        } = *self;
        Self {
            ignore_environment,
            ..store.into()
        }
    }

    /// Whether they say where credentials come from or go.
    pub fn names_a_place(&self) -> bool {
        let Self {
            store,
            token_file,
            token_command,
            username,
            timeout,
            ignore_environment: _,
        } = self;
        store.is_some()
            || token_file.is_some()
            || token_command.is_some()
            || username.is_some()
            || timeout.is_some()
    }

    /// Each option that names a source in place of any store, and whether it is there.
    fn sources(&self) -> [(&'static str, bool); 2] {
        [
            (TOKEN_FILE, self.token_file.is_some()),
            (TOKEN_COMMAND, self.token_command.is_some()),
        ]
    }

    fn names_a_source(&self) -> bool {
        self.sources().iter().any(|(_, is_named)| *is_named)
    }

    /// Why a repository's configuration cannot say this, if it cannot: `--local` then.
    pub fn local_fault(&self) -> Option<String> {
        let Self {
            store: _,
            token_file: _,
            token_command,
            username: _,
            timeout: _,
            ignore_environment: _,
        } = self;
        token_command.as_ref().map(|_| {
            format!(
                "{TOKEN_COMMAND} is not for --local: a repository's configuration runs no command; \
                 leave --local out"
            )
        })
    }

    /// The store that these options mean. With a source in its place nothing is kept.
    pub fn choice(&self) -> Choice {
        match self.store {
            Some(choice) => choice,
            None if self.names_a_source() => Choice::None,
            None => Choice::Auto,
        }
    }

    /// How long a store remembers that forgets.
    pub fn remembered(&self) -> Duration {
        let stated = self.timeout.map(u64::from).map(Duration::from_secs);
        stated.unwrap_or(self.choice().remembers().unwrap_or(REMEMBERED))
    }

    /// How they are written after our name, with a blank before each; quoted for the shell.
    pub fn written(&self) -> anyhow::Result<Vec<u8>> {
        let Self {
            store,
            token_file,
            token_command,
            username,
            timeout,
            ignore_environment,
        } = self;
        let mut written = Vec::new();
        if let Some(choice) = store {
            written.extend(format!(" {STORE}={}", choice.row().name).into_bytes());
        }
        if let Some(seconds) = timeout {
            written.extend(format!(" {TIMEOUT}={seconds}").into_bytes());
        }
        if let Some(path) = token_file {
            written.extend(format!(" {TOKEN_FILE}=").into_bytes());
            written.extend(shell::quote(&crate::platform::path_for_shell(path))?);
        }
        if let Some(command) = token_command {
            written.extend(format!(" {TOKEN_COMMAND}=").into_bytes());
            written.extend(shell::quote_text(command)?);
        }
        if let Some(name) = username {
            written.extend(format!(" {USERNAME}=").into_bytes());
            written.extend(shell::quote(name.as_bytes())?);
        }
        if *ignore_environment {
            written.extend(format!(" {IGNORE_ENVIRONMENT}").into_bytes());
        }
        Ok(written)
    }
}

impl From<Choice> for Options {
    fn from(choice: Choice) -> Self {
        Self {
            store: Some(choice),
            ..Self::default()
        }
    }
}

/// What is wrong with the line in force, and the one next step.
pub fn explain(fault: &str) -> String {
    format!(
        "credential.helper cannot be read: {fault}; set it anew: git credential-bitbucket configure"
    )
}

/// What may be shown of a `helper` value: its program, and options that are ours. Anything
/// else may be a secret.
pub fn displayed(value: &str) -> String {
    if value.is_empty() {
        return "the empty `helper =`".to_owned();
    }
    let Some(program) = shell::program(value) else {
        return "a shell snippet".to_owned();
    };
    let words = helper_line::options(value);
    let options = helper_line::names_us(value)
        .then(|| Options::parse(&words).ok())
        .flatten()
        .filter(|options| options.token_file.as_deref().is_none_or(is_harmless))
        .filter(|options| {
            let name = options.username.as_deref().map(Path::new);
            name.is_none_or(is_harmless)
        });
    let site = options
        .as_ref()
        .and_then(|_| site_options::site(&words).ok());
    let mut options = options.filter(|_| site.is_some()).unwrap_or_default();
    // Whatever may stand in it.
    let command = options.token_command.take().map(|_| " --token-command=…");
    let site = site.and_then(|site| site_options::written(&site).ok());
    let options = [
        site.unwrap_or_default(),
        options.written().unwrap_or_default(),
    ]
    .concat();
    let options = String::from_utf8_lossy(&options);
    let command = command.unwrap_or_default();
    format!("`{}{command}{}`", repeatable(&program), shown(&options))
}

/// The program of a command, for a sentence: what comes behind it may be a secret.
pub fn program_of(command: &str) -> String {
    match shell::program(command.trim_start_matches('!')) {
        Some(program) => format!("`{}`", repeatable(&program)),
        None => "the command".to_owned(),
    }
}

fn is_harmless(path: &Path) -> bool {
    let path = path.to_string_lossy();
    shell::is_plain(&path) && !path.split('/').any(is_credential)
}

/// Whether these words can be options of a helper line: each begins with `--` or is the
/// value of the one before it.
pub fn are_options<'a>(words: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut is_value = false;
    for word in words {
        if !is_value && !word.starts_with(b"--") {
            return false;
        }
        let mut names = NAMES.iter().chain(&site_options::WITH_VALUE);
        is_value = !is_value && names.any(|name| name.as_bytes() == word);
    }
    true
}

fn parse_store(name: &str) -> Result<Choice, String> {
    Choice::named(name).ok_or_else(|| {
        let names: Vec<_> = CHOICES.iter().map(|row| row.name).collect();
        format!(
            "there is no store {}; there are {}",
            repeatable(name),
            names.join(", ")
        )
    })
}

/// Seconds, at least one.
pub fn parse_timeout(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|&seconds| seconds > 0)
        .ok_or_else(|| {
            format!(
                "{TIMEOUT} needs a number of seconds, 1 or more, which {} is not",
                repeatable(text)
            )
        })
}

/// Git starts us in whatever folder it works on: only an absolute path means one file.
pub fn parse_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(format!(
            "{TOKEN_FILE} needs an absolute path, which {} is not",
            repeatable(text)
        ))
    }
}

/// A line for the shell that fetches a token, and does not have one in it.
pub fn parse_command(text: &str) -> Result<String, String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    if text.split(|it| !is_part(it)).any(is_credential) {
        return Err(format!(
            "{TOKEN_COMMAND} has a token in it, which everyone can see; name a command that \
             fetches it"
        ));
    }
    if text.trim().is_empty() || text.contains(['\n', '\r', '\0']) {
        return Err(format!("{TOKEN_COMMAND} needs a command of one line"));
    }
    Ok(text.trim().to_owned())
}

/// A word for a message, unless somebody has put a secret there.
fn repeatable(word: &str) -> String {
    let bare = word.trim_start_matches('-');
    if is_credential(bare) || bare.split([':', '/', '@']).any(is_credential) {
        "(a secret)".to_owned()
    } else {
        shown(word)
    }
}

#[cfg(test)]
mod tests;
