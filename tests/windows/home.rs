//! A person's profile whose path has a blank and an umlaut, and the environment of every
//! child in it: nothing is inherited but where Windows is.

use crate::loopback::Server;
use crate::loopback::run::{self, Finished};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// The program under test, as Cargo built it.
const HELPER: &str = env!("CARGO_BIN_EXE_git-credential-bitbucket");

/// All homes share one Credential Manager, so that there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Where the Git built for Windows is.
fn git_folder() -> PathBuf {
    std::env::var_os("GCB_WINDOWS_GIT").unwrap().into()
}

/// Holds the Credential Manager, which is empty at first.
pub fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    crate::credentials::forget_all();
    alone
}

/// The profile and its server.
pub struct Home {
    pub server: Server,
    folder: TempDir,
    variables: Vec<(&'static str, OsString)>,
    _alone: MutexGuard<'static, ()>,
}

impl Home {
    /// A home that reaches its server, and the token of `alice`.
    pub fn new() -> (Self, String) {
        let alone = alone();
        let (server, token) = Server::with_alice();
        let folder = tempfile::Builder::new()
            .prefix("J\u{fc}rgen M\u{fc}ller ")
            .tempdir()
            .unwrap();
        let mut home = Self {
            server,
            folder,
            variables: Vec::new(),
            _alone: alone,
        };
        for name in ["bin", "work", "local", "temp"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        fs::copy(HELPER, home.program()).unwrap();
        let authority = home.path().join("authority.pem");
        fs::write(&authority, &home.server.authority).unwrap();
        for name in ["ComSpec", "SystemRoot", "SystemDrive"] {
            if let Some(value) = std::env::var_os(name) {
                home.variables.push((name, value));
            }
        }
        let inside = |name: &str| home.path().join(name).into_os_string();
        let own = [
            ("HOME", home.path().as_os_str().to_owned()),
            ("USERPROFILE", home.path().as_os_str().to_owned()),
            ("LOCALAPPDATA", inside("local")),
            ("TEMP", inside("temp")),
            ("TMP", inside("temp")),
            ("PATH", home.search_path()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("HTTPS_PROXY", home.server.proxy.url().into()),
            ("GIT_SSL_CAINFO", authority.into_os_string()),
        ];
        home.variables.extend(own);
        (home, token)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn program(&self) -> PathBuf {
        self.path().join("bin").join("git-credential-bitbucket.exe")
    }

    /// Our program's folder, then that of the Git built for Windows.
    fn search_path(&self) -> OsString {
        std::env::join_paths([self.path().join("bin"), git_folder()]).unwrap()
    }

    /// A command in this home.
    pub fn command(&self, program: impl Into<PathBuf>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program.into());
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .current_dir(self.path().join("work"));
        command
    }

    /// Runs our program as Git does. Nobody is there.
    pub fn helper(&self, arguments: &[&str], input: &str) -> Finished {
        self.run(self.program(), arguments, input)
    }

    /// Runs Git. Nobody is there.
    pub fn git(&self, arguments: &[&str], input: &str) -> Finished {
        self.run(git_folder().join("git.exe"), arguments, input)
    }

    fn run(&self, program: PathBuf, arguments: &[&str], input: &str) -> Finished {
        let mut command = self.command(program, arguments);
        command.env("GIT_TERMINAL_PROMPT", "0");
        run::run(&self.server.runtime, command, input.as_bytes())
    }

    /// What Git knows from this file alone.
    pub fn gitconfig(&self) -> PathBuf {
        self.path().join(".gitconfig")
    }

    /// Takes our program off `PATH`.
    pub fn hide_program(&mut self) {
        self.set("PATH", git_folder());
    }

    /// Sets a variable for every child from now on.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.unset(name);
        self.variables.push((name, value.into()));
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| *known != name);
    }
}
