//! What a child starts with: its variables, its folder, its user. Nothing is inherited.

use super::programs;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

/// The user and group `nobody`, an ordinary user on every system.
pub const ORDINARY_USER: u32 = 65534;

/// The start of every child.
#[derive(Clone, Debug)]
pub struct Environment {
    pub variables: BTreeMap<OsString, OsString>,
    pub directory: PathBuf,
    /// Whether root gives up its rights first.
    pub ordinary_user: bool,
}

impl Environment {
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables
            .insert(name.into(), value.as_ref().to_owned());
    }

    /// A command that starts in this environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.build(&[], program.as_ref())
    }

    /// The same for a daemon: it ends with the thread that starts it, at the latest.
    pub fn daemon(&self, program: &str) -> Command {
        self.build(&["--pdeathsig=KILL"], program.as_ref())
    }

    /// `options` are those of `setpriv`.
    fn build(&self, options: &[&str], program: &OsStr) -> Command {
        let user = [
            format!("--reuid={ORDINARY_USER}"),
            format!("--regid={ORDINARY_USER}"),
            "--clear-groups".to_owned(),
        ];
        let user = if self.ordinary_user { &user[..] } else { &[] };
        let path = self.variables.get(OsStr::new("PATH"));
        let mut command = if user.is_empty() && options.is_empty() {
            programs::command(program, path)
        } else {
            let mut command = programs::command("setpriv".as_ref(), path);
            command.args(user).args(options).arg("--").arg(program);
            command
        };
        command
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.directory);
        command
    }
}
