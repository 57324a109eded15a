//! A home, a script to run and what it may use; a stand-in for the program and one for cargo.

use crate::rig::programs;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const NAME: &str = "git-credential-bitbucket";

/// Notes and says how it was called; fails when called as `$FAIL`.
pub const PROGRAM: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
printf 'called with %s\n' "$*"
[ "$*" != "$FAIL" ]
"#;

/// Notes how it was called, and builds the program above unless `$FAIL` is `build`.
pub const CARGO: &str = r#"#!/bin/sh
printf 'cargo %s\n' "$*" >>"$CALLS"
[ "$FAIL" != build ] || exit 101
release=$5/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}release
mkdir -p "$release" && cp ../program "$release/git-credential-bitbucket"
"#;

/// A home, a copy of the script in a folder of its own, and a PATH of the tools it may use.
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// Everything but the program and cargo.
    pub fn empty() -> Self {
        let sandbox = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["home", "release", "tools", "elsewhere"] {
            fs::create_dir(sandbox.path(folder)).unwrap();
        }
        let tools = [
            "cat",
            "chmod",
            "cmp",
            "cp",
            "dirname",
            "git",
            "mkdir",
            "mv",
            "rm",
            "rmdir",
            "sed",
            "sha256sum",
            "uname",
        ];
        for tool in tools {
            symlink(find(tool).unwrap(), sandbox.path("tools").join(tool)).unwrap();
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
        programs::copy(&script, &sandbox.path("release/install.sh"));
        sandbox
    }

    /// As a release is unpacked: the program lies beside the script.
    pub fn release() -> Self {
        let sandbox = Self::empty();
        sandbox.release_program(NAME, PROGRAM);
        sandbox
    }

    /// Puts a program of this name beside the script, and into the list of checksums.
    pub fn release_program(&self, name: &str, content: &str) {
        self.write(&format!("release/{name}"), content);
        let listed = Command::new("sha256sum")
            .arg(name)
            .current_dir(self.path("release"))
            .output()
            .unwrap();
        let list = self.path("release/SHA256SUMS");
        let others = fs::read_to_string(&list).unwrap_or_default();
        let others = others
            .lines()
            .filter(|line| !line.ends_with(&format!("  {name}")));
        let mut lines: Vec<_> = others.collect();
        let listed = String::from_utf8(listed.stdout).unwrap();
        lines.push(listed.trim_end());
        fs::write(list, lines.join("\n") + "\n").unwrap();
    }

    /// As the source is checked out: there is no program, but cargo.
    pub fn source() -> Self {
        let sandbox = Self::empty();
        sandbox.write("release/Cargo.toml", "");
        sandbox.write("program", PROGRAM);
        sandbox.write("tools/cargo", CARGO);
        sandbox
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes an executable file, never through a link to one of this machine's tools.
    pub fn write(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        assert!(!path.is_symlink(), "{relative} is a real tool");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        programs::write(&path, content);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("release/install.sh"));
        self.prepare(&mut command);
        command.args(arguments);
        command
    }

    pub fn prepare(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", self.path("tools"))
            .env("CALLS", self.path("calls"))
            .env("FAIL", "nothing")
            .current_dir(self.path("elsewhere"));
    }

    /// Runs the script to its successful end; what it said.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        succeed(&mut self.command(arguments))
    }

    /// The calls of the programs that stand in, one a line.
    pub fn calls(&self) -> String {
        fs::read_to_string(self.path("calls")).unwrap_or_default()
    }

    /// What lies in the home.
    pub fn home(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        list(&self.path("home"), &mut found);
        found
    }
}

/// Every path below `folder`, with the content if it is a file.
pub fn list(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
            found.insert(path, Vec::new());
        } else {
            let content = fs::read(&path).unwrap();
            found.insert(path, content);
        }
    }
}

/// The program of this name on PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    programs::find(name.as_ref(), &std::env::var_os("PATH")?)
}

pub fn succeed(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8(stdout).unwrap();
    let complaint = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{status}: {said}{complaint}");
    assert_eq!(complaint, "");
    said
}

/// Runs a command that has to fail; what it complained of.
pub fn fail(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}
