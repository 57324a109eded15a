//! The program `pass`: found by its absolute path, started without our variables, Git's
//! repository and, where nobody is there, any dialog; and what its end means.

use super::status;
use crate::git::child::{self, Limits, PATIENCE, Unanswering};
use crate::git::program;
use crate::keychain::{Failure, Unlock};
use crate::platform;
use crate::reason::Reason;
use crate::secret::Secret;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

/// The longest entry that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// What every gpg is told: to say in words for programs what happened.
const FOR_PROGRAMS: &str = "--status-fd=2";

/// What a gpg is told besides where nobody is there: to ask nothing, nor let its agent ask.
const FOR_NOBODY: &str = "--batch --no-tty --pinentry-mode=error";

/// Where it is; `None` if it is in no folder of `PATH` that has an absolute path.
pub fn find() -> Option<PathBuf> {
    platform::find_in_path("pass")
}

/// Runs it and returns what it says. `arguments` never hold a secret, `input` may.
pub fn run(arguments: &[&str], input: &[u8], unlock: Unlock) -> Result<Secret, Failure> {
    if unlock == Unlock::Never && changes(arguments) && signs() {
        // Git would have the commit signed, by a gpg that asks.
        return Err(Failure::Locked);
    }
    let Some(mut command) = command(unlock) else {
        return Err(Failure::Missing("its program, pass, is not on PATH".into()));
    };
    command.args(arguments);
    let limits = Limits {
        // Nobody is asked; but it starts a dozen programs, and the machine may be busy.
        patience: unlock.limit().max(PATIENCE),
        longest: LONGEST,
    };
    match child::exchange(command, input, limits) {
        Ok(ended) if ended.status.success() => Ok(ended.stdout),
        Ok(ended) => Err(status::meaning(&ended.stderr)),
        Err(Unanswering::TooLate(_)) if unlock == Unlock::Ask => Err(Failure::Locked),
        Err(Unanswering::TooLate(patience)) => Err(Failure::Unreachable(Reason::new(
            format!(
                "pass did not come to an end within {} s",
                patience.as_secs()
            ),
            "try it yourself: pass ls",
        ))),
        Err(Unanswering::TooMuch) => Err(Failure::Failed("the entry is too long".into())),
        Err(Unanswering::Failed(error)) => Err(Failure::Unreachable(
            format!("its program, pass, does not start: {error}").into(),
        )),
    }
}

fn changes(arguments: &[&str]) -> bool {
    arguments.first() != Some(&"show")
}

/// Whether its changes are committed with a signature.
fn signs() -> bool {
    let Ok(root) = super::root() else {
        return false;
    };
    if !root.join(".git").exists() {
        return false;
    }
    ["pass.signcommits", "commit.gpgsign"].iter().any(|key| {
        let Some(mut git) = program::find().map(|git| program::command(&git)) else {
            return false;
        };
        program::untie(&mut git);
        git.arg("-C").arg(&root);
        git.args(["config", "--type=bool", "--get", key]);
        let ended = child::answer(git, b"", Limits::default());
        ended.is_ok_and(|ended| ended.stdout.expose_text() == Some("true\n"))
    })
}

fn command(unlock: Unlock) -> Option<Command> {
    let mut command = program::command(&find()?);
    program::untie(&mut command);
    let root = super::root().ok()?;
    command
        .current_dir(&root)
        .env("PASSWORD_STORE_DIR", &root)
        .env("PASSWORD_STORE_GPG_OPTS", gpg_options(unlock));
    if let Some(path) = absolute_folders(std::env::var_os("PATH").as_deref()) {
        command.env("PATH", path);
    }
    if unlock == Unlock::Ask && std::env::var_os("GPG_TTY").is_none() {
        command.envs(platform::terminal_name().map(|terminal| ("GPG_TTY", terminal)));
    }
    Some(command)
}

/// What the person has set for gpg, and ours.
fn gpg_options(unlock: Unlock) -> OsString {
    let mut options = std::env::var_os("PASSWORD_STORE_GPG_OPTS").unwrap_or_default();
    let ours = match unlock {
        Unlock::Ask => vec![FOR_PROGRAMS],
        Unlock::Never => vec![FOR_PROGRAMS, FOR_NOBODY],
    };
    for option in ours {
        options.push(" ");
        options.push(option);
    }
    options
}

/// No program of the current folder is run by it.
fn absolute_folders(path: Option<&OsStr>) -> Option<OsString> {
    let folders = std::env::split_paths(path?).filter(|folder| folder.is_absolute());
    std::env::join_paths(folders).ok()
}
