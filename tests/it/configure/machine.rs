//! The rig: a home, the program on `PATH`, and one of the gits.

use crate::rig::programs;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::cli::configure::{self, Arguments};
use git_credential_bitbucket::cli::unconfigure;
use git_credential_bitbucket::git::Context;
use git_credential_bitbucket::setup::line_options::Options;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const GLOBAL: Arguments = Arguments {
    system: false,
    local: false,
    dry_run: false,
};
pub const SYSTEM: Arguments = Arguments {
    system: true,
    ..GLOBAL
};
pub const LOCAL: Arguments = Arguments {
    local: true,
    ..GLOBAL
};

/// A home with the program in a folder on `PATH`, and one of the gits.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub context: Context,
}

pub fn gits() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let mut gits: Vec<_> = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .filter_map(|folder| folder.join("git").canonicalize().ok())
        .collect();
    gits.sort();
    gits.dedup();
    assert!(!gits.is_empty(), "no git on PATH");
    gits
}

pub fn with_every_git(test: impl Fn(Machine)) {
    for git in gits() {
        test(Machine::new(&git, "bin"));
    }
}

impl Machine {
    pub fn new(git: &Path, programs: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("configure")
            .tempdir()
            .unwrap();
        let root = folder.path().canonicalize().unwrap();
        let bin = root.join(programs);
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir(root.join("home")).unwrap();
        let executable = bin.join("git-credential-bitbucket");
        let built = env!("CARGO_BIN_EXE_git-credential-bitbucket");
        programs::copy(Path::new(built), &executable);
        let path = std::env::join_paths([
            bin.as_path(),
            git.parent().unwrap(),
            Path::new("/usr/bin"),
            Path::new("/bin"),
        ]);
        let environment: BTreeMap<OsString, OsString> = [
            ("HOME", root.join("home").into()),
            ("PATH", path.unwrap()),
            ("GIT_CONFIG_SYSTEM", root.join("system").into()),
        ]
        .map(|(name, value): (_, OsString)| (name.into(), value))
        .into();
        let context = Context {
            environment,
            executable,
            git: git.to_owned(),
            directory: root.join("home"),
        };
        Self { folder, context }
    }

    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.context.environment.insert(name.into(), value.into());
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    pub fn gitconfig(&self) -> PathBuf {
        self.home().join(".gitconfig")
    }

    pub fn try_configure(&self, arguments: Arguments) -> Result<String, String> {
        self.try_configure_with(arguments, &Options::default())
    }

    /// With a store.
    pub fn try_configure_with(
        &self,
        arguments: Arguments,
        options: &Options,
    ) -> Result<String, String> {
        let mut out = Vec::new();
        configure::run(&self.context, &CLOUD, arguments, options, &mut out)
            .map(|()| String::from_utf8(out).unwrap())
            .map_err(|error| format!("{error:#}"))
    }

    pub fn configure(&self, arguments: Arguments) -> String {
        self.try_configure(arguments).unwrap()
    }

    pub fn unconfigure(&self, arguments: Arguments) -> String {
        let mut out = Vec::new();
        unconfigure::run(&self.context, Some(&CLOUD), arguments, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    pub fn git(&self, arguments: &[&str]) {
        assert!(self.try_git(arguments), "git {arguments:?}");
    }

    pub fn try_git(&self, arguments: &[&str]) -> bool {
        Command::new(&self.context.git)
            .args(arguments)
            .env_clear()
            .envs(&self.context.environment)
            .current_dir(&self.context.directory)
            .output()
            .unwrap()
            .status
            .success()
    }

    /// The commands that Git really runs for Bitbucket, from its human-readable trace:
    /// another source than the one that the product reads.
    pub fn chain(&self) -> Vec<String> {
        let mut child = Command::new(&self.context.git)
            .args(["credential", "reject"])
            .env_clear()
            .envs(&self.context.environment)
            .env("GIT_TRACE", "1")
            .current_dir(&self.context.directory)
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(
            &mut child.stdin.take().unwrap(),
            b"protocol=https\nhost=bitbucket.org\nusername=a\npassword=b\n\n",
        )
        .unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stderr)
            .lines()
            .filter_map(|line| {
                let (_, command) = line.split_once("trace: run_command: '")?;
                Some(command.strip_suffix(" erase'").unwrap().to_owned())
            })
            .collect()
    }

    /// The path of our program as the value of `credential.helper`, which a shell reads.
    pub fn own_path(&self) -> String {
        as_word(&self.context.executable)
    }

    /// The same as it stands in a file of settings.
    pub fn own_path_in_file(&self) -> String {
        self.own_path().replace('\\', "\\\\")
    }
}

/// A path as a word of a shell: the folder for temporary files may have blanks.
pub fn as_word(path: &Path) -> String {
    path.to_str().unwrap().replace(' ', "\\ ")
}

/// No lock and no draft is left beside a file.
pub fn assert_no_litter(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().unwrap_or_default();
        assert!(
            ending != "lock" && ending != "bitbucket",
            "{}",
            path.display()
        );
    }
}

pub fn read(path: &Path) -> String {
    String::from_utf8(fs::read(path).unwrap()).unwrap()
}
