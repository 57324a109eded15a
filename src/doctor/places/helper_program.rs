//! Secrets that Git's own helpers get for us: those that a running `git credential-cache`
//! daemon has in memory, and those that `osxkeychain` and `wincred` keep in the platform's
//! keychain. They are asked about our hosts only, and no daemon is started to ask.

use super::bytes::Bytes;
use super::config_files::remote;
use super::helper_words;
use super::search::Search;
use super::set_aside::Origin;
use super::{Found, Place, Removed, Restored, Surroundings};
use crate::bitbucket::{Site, shape, static_names};
use crate::git::{Git, Scope};
use crate::platform;
use crate::secret::Secret;
use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// For how many names and paths it is asked, each time by a process.
const MOST_NAMES: usize = 20;
const MOST_PATHS: usize = 4;

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
pub(super) struct Answered {
    program: Program,
    /// The credential as Git's programs tell it to each other.
    message: Bytes,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Program {
    Cache {
        socket: PathBuf,
        /// The helper's `--timeout`, for putting it back.
        timeout: Option<String>,
    },
    /// Its name in `credential.helper`.
    Keychain(String),
}

/// The helpers of the keychains, wherever they are found.
const KEYCHAINS: [(&str, &str); 2] = [
    ("osxkeychain", "git-credential-osxkeychain"),
    ("wincred", "git-credential-wincred"),
];

impl Program {
    fn place(&self) -> Place {
        match self {
            Self::Cache { socket, .. } => Place::CacheDaemon {
                socket: socket.clone(),
            },
            Self::Keychain(name) => Place::Keyring {
                program: KEYCHAINS
                    .iter()
                    .find(|(known, _)| known == name)
                    .map_or("another helper", |(_, program)| program),
            },
        }
    }

    /// Whether it can have anything: a daemon that is gone has nothing.
    fn is_there(&self) -> bool {
        match self {
            Self::Cache { socket, .. } => platform::is_socket_of_ours(socket),
            Self::Keychain(_) => true,
        }
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

/// Asks every helper that may have something.
pub(super) fn search(search: &mut Search) {
    let sockets = sockets(search);
    let caches = sockets.into_iter().map(|(socket, timeout, brought_along)| {
        let program = Program::Cache { socket, timeout };
        (program, brought_along)
    });
    let shell = search.shell();
    let keychains = KEYCHAINS.iter().filter(|(name, _)| {
        let mut helpers = search.lines.helper_lines();
        platform::KEYCHAIN_HELPER == Some(name)
            || helpers.any(|line| helper_words::of_helper(&line.value, name, &shell).is_some())
    });
    let keychains = keychains.map(|(name, _)| (Program::Keychain((*name).to_owned()), false));
    let programs: Vec<_> = caches.chain(keychains).collect();
    for (program, brought_along) in programs {
        if !program.is_there() {
            continue;
        }
        let before = search.found.len();
        if let Err(error) = ask_all(search, &program) {
            search.trouble(&program.place().to_string(), format!("{error:#}"));
        }
        for found in &mut search.found[before..] {
            found.brought_along = brought_along;
        }
    }
}

/// A helper tells of one credential at a time, and not for which path it is, so it is asked
/// for each name and each path that is known; for any path last.
fn ask_all(search: &mut Search, program: &Program) -> anyhow::Result<()> {
    let known = search
        .found
        .iter()
        .filter_map(|found| found.username.clone());
    let is_a_line = |text: &String| !text.contains(['\n', '\0']);
    let known: BTreeSet<_> = known.filter(is_a_line).collect();
    let fixed = static_names().map(str::to_owned);
    let usernames: Vec<_> = fixed.chain(known).take(MOST_NAMES).collect();
    let remotes: BTreeSet<_> = search.lines.iter().filter_map(remote).collect();
    for host in Site::names() {
        let paths = remotes.iter().filter(|remote| remote.0 == host);
        let paths = paths.map(|(_, path)| path.clone()).filter(is_a_line);
        let paths: Vec<_> = paths.take(MOST_PATHS).map(Some).chain([None]).collect();
        for path in &paths {
            ask(search, program, (host, path.as_deref()), None)?;
            for name in &usernames {
                ask(search, program, (host, path.as_deref()), Some(name))?;
            }
        }
    }
    Ok(())
}

/// Where daemons listen: Git's two places, and those that a helper names; their timeouts,
/// and whether only a repository names them.
fn sockets(search: &mut Search) -> Vec<(PathBuf, Option<String>, bool)> {
    let mut named = Vec::new();
    let mut default_timeout = None;
    for (helper, brought_along) in search.helpers() {
        let Some(words) = helper_words::of_helper(&helper, "cache", &search.shell()) else {
            continue;
        };
        match words {
            Ok(words) => {
                let timeout = helper_words::option(&words, "--timeout");
                match helper_words::option(&words, "--socket") {
                    Some(socket) => named.push((search.absolute(socket), timeout, brought_along)),
                    None => default_timeout = timeout,
                }
            }
            Err(reason) => search.trouble("credential.helper = cache", reason),
        }
    }
    let old = search
        .home
        .as_ref()
        .map(|home| home.join(".git-credential-cache/socket"));
    let new = search.folder("XDG_CACHE_HOME", ".cache", "git/credential/socket");
    let default = old.into_iter().chain(new);
    let mut all: Vec<_> = default
        .map(|socket| (socket, default_timeout.clone(), false))
        .collect();
    for one in named {
        if !all.iter().any(|(other, ..)| *other == one.0) {
            all.push(one);
        }
    }
    all
}

fn ask(
    search: &mut Search,
    program: &Program,
    (host, path): (&str, Option<&str>),
    name: Option<&String>,
) -> anyhow::Result<()> {
    let line = |key: &str, value: &str| format!("{key}={value}\n");
    let path_line = path.map_or(String::new(), |path| line("path", path));
    let name = name.map_or(String::new(), |name| line("username", name));
    let begin = format!("capability[]=authtype\nprotocol=https\nhost={host}\n{path_line}");
    let question = format!("{begin}{name}\n");
    let answer = run(search.surroundings, program, "get", question.as_bytes())?;
    let Some((username, secret, message)) = understood(begin.as_bytes(), answer.expose()) else {
        return Ok(());
    };
    let place = program.place();
    // For any path, it may tell again what it has for one.
    let is_known = search.found.iter().any(|other| {
        (&other.place, &*other.host, &other.username) == (&place, host, &username)
            && (other.path.as_deref() == path || other.secret == secret)
    });
    if !is_known {
        search.found.push(Found {
            place,
            host: host.to_owned(),
            path: path.map(str::to_owned),
            username,
            shape: shape(&secret.trimmed()),
            secret,
            fixed: None,
            brought_along: false,
            origin: Origin::Helper(Answered {
                program: program.clone(),
                message,
            }),
        });
    }
    Ok(())
}

/// The name, the secret and the whole credential.
type Understood = (Option<String>, Secret, Bytes);

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
    Some((username, secret, Bytes::of(message.expose())))
}

impl Answered {
    pub fn remove(&self, surroundings: &Surroundings) -> anyhow::Result<Removed> {
        if !self.is_there(surroundings)? {
            return Ok(Removed::AlreadyGone);
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
        Ok(Removed::Done)
    }

    pub fn restore(&self, surroundings: &Surroundings) -> anyhow::Result<Restored> {
        // A daemon would forget that one. Whatever there is besides, the secret counts.
        if let Some((_, secret, _)) = self.now(surroundings)? {
            let ours = understood(b"", self.message.as_slice());
            return Ok(if ours.is_some_and(|(_, ours, _)| ours == secret) {
                Restored::AlreadyThere
            } else {
                Restored::replaced()
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
        Ok(Restored::Done)
    }

    /// Whether the helper has exactly this.
    fn is_there(&self, surroundings: &Surroundings) -> anyhow::Result<bool> {
        let now = self.now(surroundings)?;
        Ok(now.is_some_and(|(_, _, now)| now == self.message))
    }

    /// What the helper has for its host, path and name.
    fn now(&self, surroundings: &Surroundings) -> anyhow::Result<Option<Understood>> {
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
    surroundings: &Surroundings,
    program: &Program,
    operation: &str,
    input: &[u8],
) -> anyhow::Result<Secret> {
    let git = Git::new(&surroundings.context, Scope::Global)?;
    let mut command = git.command(&[]);
    let mut child = command
        .args(program.arguments(operation))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start git")?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not listen answers nothing.
        let _ = stdin.write_all(input);
    }
    let (sender, receiver) = channel();
    let stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut answer = Vec::with_capacity(4096);
        let read = stdout.map(|stdout| stdout.take(64 * 1024).read_to_end(&mut answer));
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(read.is_some().then(|| Secret::new(answer)));
    });
    let answer = receiver.recv_timeout(PATIENCE).ok().flatten();
    if answer.is_none() {
        let _ = child.kill();
    }
    child.wait().context("cannot wait for git")?;
    answer.with_context(|| {
        let seconds = PATIENCE.as_secs();
        format!("it did not answer within {seconds} s")
    })
}
