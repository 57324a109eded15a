//! A credential that one of Git's own helpers has: a `git credential-cache` daemon, or the
//! helper of a platform's keychain. Asking for it, removing it, putting it back. Which
//! helpers there are is `searches::helper_programs`' business.

use super::super::machine::Surroundings;
use super::super::place::{GitUse, HelperName, KEYCHAIN, PlaceKind, SecretPlace};
use super::bytes::Bytes;
use super::{RemovalOutcome, RestoreOutcome};
use crate::git::child::{self, Limits, Unanswering};
use crate::git::{Git, Scope};
use crate::platform;
use crate::secret::Secret;
use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const CACHE: PlaceKind = PlaceKind {
    id: "cache-daemon",
    words: "git credential-cache ({file})",
    git_use: GitUse::Helper(HelperName::Whole("cache")),
};

/// How long a daemon may take to answer.
const LIMITS: Limits = Limits {
    patience: Duration::from_secs(3),
    longest: 64 * 1024,
};

/// What a daemon may tell of a credential, and hears again when it is to forget it.
const KEYS: [&str; 6] = [
    "username",
    "password",
    "authtype",
    "credential",
    "password_expiry_utc",
    "oauth_refresh_token",
];

/// One secret that a helper has.
#[derive(Clone, Serialize, Deserialize)]
pub(in super::super) struct HelperCredential {
    program: HelperProgram,
    /// The credential as Git's programs tell it to each other.
    message: Bytes,
}

/// A helper that can be asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum HelperProgram {
    Cache {
        socket: PathBuf,
        /// The helper's `--timeout`, for putting it back.
        timeout: Option<String>,
    },
    /// Its name in `credential.helper`.
    Keychain(String),
}

/// The helpers of the keychains, wherever they are found.
pub(in super::super) const KEYCHAIN_HELPERS: [(&str, &str); 2] = [
    ("osxkeychain", "git-credential-osxkeychain"),
    ("wincred", "git-credential-wincred"),
];

impl HelperProgram {
    pub fn place(&self) -> SecretPlace {
        match self {
            Self::Cache { socket, .. } => SecretPlace::file(&CACHE, socket),
            Self::Keychain(name) => {
                let mut helpers = KEYCHAIN_HELPERS.iter();
                let program = helpers.find(|(known, _)| known == name);
                let program = program.map_or("another helper", |(_, program)| program);
                SecretPlace::named(&KEYCHAIN, program)
            }
        }
    }

    /// Whether it can have anything: a daemon that is gone has nothing.
    pub fn is_there(&self) -> bool {
        match self {
            Self::Cache { socket, .. } => platform::is_socket_of_ours(socket),
            Self::Keychain(_) => true,
        }
    }

    /// What it has for a host, a path and a name.
    pub fn ask(
        &self,
        surroundings: Surroundings,
        host: &str,
        path: Option<&str>,
        name: Option<&str>,
    ) -> anyhow::Result<Option<HelperAnswer>> {
        let line = |key: &str, value: &str| format!("{key}={value}\n");
        let path = path.map_or(String::new(), |path| line("path", path));
        let name = name.map_or(String::new(), |name| line("username", name));
        let beginning = format!("capability[]=authtype\nprotocol=https\nhost={host}\n{path}");
        let question = format!("{beginning}{name}\n");
        let answer = run(surroundings, self, "get", question.as_bytes())?;
        let answer = understood(beginning.as_bytes(), answer.expose());
        Ok(answer.map(|answer| HelperAnswer {
            username: answer.username,
            secret: answer.secret,
            credential: HelperCredential {
                program: self.clone(),
                message: answer.message,
            },
        }))
    }

    /// What Git is started with.
    fn arguments(&self, operation: &str) -> Vec<OsString> {
        match self {
            Self::Cache { socket, timeout } => {
                let timeout = timeout.as_ref().filter(|_| operation == "store");
                let timeout = timeout.map(|seconds| format!("--timeout={seconds}").into());
                let mut arguments = vec!["credential-cache".into(), "--socket".into()];
                arguments.push(socket.clone().into_os_string());
                arguments.extend(timeout);
                arguments.push(operation.into());
                arguments
            }
            Self::Keychain(name) => vec![format!("credential-{name}").into(), operation.into()],
        }
    }
}

/// What a helper has.
pub(in super::super) struct HelperAnswer {
    pub username: Option<String>,
    pub secret: Secret,
    pub credential: HelperCredential,
}

/// An answer of a helper's.
struct Understood {
    username: Option<String>,
    secret: Secret,
    /// The whole credential.
    message: Bytes,
}

/// Reads an answer to a question that began like this, as the credential does then.
fn understood(begin: &[u8], answer: &[u8]) -> Option<Understood> {
    let mut message = begin.to_vec();
    let (mut username, mut password, mut credential) = (None, None, None);
    for line in answer.split(|&byte| byte == b'\n') {
        let Some(equals) = line.iter().position(|&byte| byte == b'=') else {
            continue;
        };
        let (key, value) = (&line[..equals], &line[equals + 1..]);
        if KEYS.iter().any(|known| known.as_bytes() == key) {
            message.extend_from_slice(line);
            message.push(b'\n');
        }
        match key {
            b"username" => username = Some(String::from_utf8_lossy(value).into_owned()),
            b"password" => password = Some(Secret::copy_of(value)),
            b"credential" => credential = Some(Secret::copy_of(value)),
            _ => {}
        }
    }
    message.push(b'\n');
    let message = Secret::new(message);
    let secret = password
        .or(credential)
        .filter(|secret| !secret.is_empty())?;
    Some(Understood {
        username,
        secret,
        message: Bytes::of(message.expose()),
    })
}

impl HelperCredential {
    pub fn remove(&self, surroundings: Surroundings) -> anyhow::Result<RemovalOutcome> {
        if !self.is_there(surroundings)? {
            return Ok(RemovalOutcome::AlreadyGone);
        }
        run(
            surroundings,
            &self.program,
            "erase",
            self.message.as_slice(),
        )?;
        ensure!(
            !self.is_there(surroundings)?,
            "{} did not forget it",
            self.program.place()
        );
        Ok(RemovalOutcome::Done)
    }

    pub fn restore(&self, surroundings: Surroundings) -> anyhow::Result<RestoreOutcome> {
        // A daemon would forget that one. Whatever there is besides, the secret counts.
        if let Some(now) = self.now(surroundings)? {
            let ours = understood(b"", self.message.as_slice());
            return Ok(if ours.is_some_and(|ours| ours.secret == now.secret) {
                RestoreOutcome::AlreadyThere
            } else {
                RestoreOutcome::replaced()
            });
        }
        run(
            surroundings,
            &self.program,
            "store",
            self.message.as_slice(),
        )?;
        ensure!(
            self.is_there(surroundings)?,
            "{} did not take it",
            self.program.place()
        );
        Ok(RestoreOutcome::Done)
    }

    /// Whether the helper has exactly this.
    fn is_there(&self, surroundings: Surroundings) -> anyhow::Result<bool> {
        let now = self.now(surroundings)?;
        Ok(now.is_some_and(|now| now.message == self.message))
    }

    /// What the helper has for its host, path and name.
    fn now(&self, surroundings: Surroundings) -> anyhow::Result<Option<Understood>> {
        if !self.program.is_there() {
            return Ok(None);
        }
        let begin = self.lines(&["capability", "protocol", "host", "path"]);
        let name = self.lines(&["username"]);
        let question = Secret::new([begin.expose(), name.expose(), b"\n"].concat());
        let answer = run(surroundings, &self.program, "get", question.expose())?;
        Ok(understood(begin.expose(), answer.expose()))
    }

    /// How closely it says what it is for. What says less comes back first: a daemon would
    /// forget what says more.
    pub fn precision(&self) -> usize {
        let lines = self.lines(&["path", "username"]);
        let ends = lines.expose().iter().filter(|&&byte| byte == b'\n');
        ends.count()
    }

    /// The lines with these keys. Some put the token where the name belongs.
    fn lines(&self, keys: &[&str]) -> Secret {
        let lines = self
            .message
            .as_slice()
            .split_inclusive(|&byte| byte == b'\n');
        let wanted = lines.filter(|line| keys.iter().any(|key| line.starts_with(key.as_bytes())));
        Secret::new(wanted.collect::<Vec<_>>().concat())
    }
}

/// Runs Git with the helper; what it says comes back. The secret goes through pipes.
fn run(
    surroundings: Surroundings,
    program: &HelperProgram,
    operation: &str,
    input: &[u8],
) -> anyhow::Result<Secret> {
    let git = Git::new(surroundings.context, Scope::Global)?;
    let mut command = git.command(&[]);
    command.args(program.arguments(operation));
    match child::answer(command, input, LIMITS) {
        Ok(ended) => Ok(ended.stdout),
        Err(Unanswering::TooLate(patience)) => {
            bail!("it did not answer within {} s", patience.as_secs())
        }
        Err(why) => Err(why.into()),
    }
}
