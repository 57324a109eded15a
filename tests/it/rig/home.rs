//! A fresh home folder, and the environment of every child: cleared first, so that
//! nothing of whoever runs the tests has a say.

use super::environment::{Environment, ORDINARY_USER};
use super::gits::{Git, gits};
use super::programs;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The program under test, as Cargo built it.
pub const HELPER: &str = env!("CARGO_BIN_EXE_git-credential-bitbucket");

/// A person's folders, gone with the test.
pub struct Home {
    directory: TempDir,
    /// Whether the folder with our program is on PATH.
    pub helper_on_path: bool,
    ordinary_user: bool,
    variables: BTreeMap<OsString, OsString>,
}

impl Home {
    /// A home whose Git goes through the proxy and trusts the authority.
    pub fn new(proxy: &str, authority: &str) -> Self {
        let home = Self {
            directory: new_folder(),
            helper_on_path: true,
            ordinary_user: false,
            variables: BTreeMap::new(),
        };
        for name in [
            "bin",
            "run",
            "tmp",
            "work",
            "no-authorities",
            ".config",
            ".cache",
            ".local",
            ".local/share",
            ".local/state",
        ] {
            create_private(&home.path().join(name));
        }
        fs::write(home.authority(), authority).expect("a file in the home");
        link(
            Path::new(HELPER),
            &home.path().join("bin/git-credential-bitbucket"),
        );
        let authority = home.authority();
        // Without a folder of its own, a Git with GnuTLS reads all the system's certificates for
        // each connection, which takes it longer than all else. An empty one adds nothing.
        let config = format!(
            "[user]\n\tname = Alice\n\temail = alice@example.com\n\
             [init]\n\tdefaultBranch = main\n\
             [http]\n\tproxy = {proxy}\n\tsslCAInfo = {}\n\tsslCAPath = {}\n",
            authority.display(),
            home.path().join("no-authorities").display()
        );
        fs::write(home.path().join(".gitconfig"), config).expect("a file in the home");
        home
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where tests clone to: a folder in the home.
    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// The authority's certificate, as for `http.sslCAInfo` or `--cacert`.
    pub fn authority(&self) -> PathBuf {
        self.path().join("authority.pem")
    }

    /// The global configuration of Git.
    pub fn gitconfig(&self) -> String {
        fs::read_to_string(self.path().join(".gitconfig")).expect("a file in the home")
    }

    /// Appends to the global configuration of Git.
    pub fn add_gitconfig(&self, text: &str) {
        let config = self.gitconfig() + text;
        fs::write(self.path().join(".gitconfig"), config).expect("a file in the home");
    }

    /// Writes a shell script into the home, at this path below it, and returns where it is.
    pub fn add_script(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("the home")).expect("a folder in the home");
        programs::write(&path, &format!("#!/bin/sh\n{text}"));
        self.hand_over(&path);
        path
    }

    /// Writes a file into the home, at this path below it, and returns where it is.
    pub fn add_file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("the home")).expect("a folder in the home");
        fs::write(&path, text).expect("a file in the home");
        self.hand_over(&path);
        path
    }

    /// Gives a new file, and the folders on the way to it, to whom the home is given already:
    /// under a strict umask only its owner could read it.
    fn hand_over(&self, path: &Path) {
        if self.ordinary_user && path.starts_with(self.path()) {
            let inside = path.ancestors().take_while(|it| *it != self.path());
            inside.for_each(change_owner);
        }
    }

    /// Sets a variable for every child from now on.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables
            .insert(name.into(), value.as_ref().to_owned());
    }

    /// What was set; empty if nothing was.
    pub fn variable(&self, name: &str) -> String {
        let value = self.variables.get(OsStr::new(name));
        value.map_or_else(String::new, |value| value.to_string_lossy().into_owned())
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.remove(OsStr::new(name));
    }

    /// The whole environment of a child under this Git.
    pub fn environment(&self, git: &Git) -> Environment {
        let inside = |name: &str| self.path().join(name).into_os_string();
        let mut variables: BTreeMap<OsString, OsString> = [
            ("HOME", self.path().as_os_str().to_owned()),
            ("PATH", self.search_path(git)),
            ("XDG_RUNTIME_DIR", inside("run")),
            ("XDG_CONFIG_HOME", inside(".config")),
            ("XDG_CACHE_HOME", inside(".cache")),
            ("XDG_DATA_HOME", inside(".local/share")),
            ("XDG_STATE_HOME", inside(".local/state")),
            ("TMPDIR", inside("tmp")),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
        ]
        .map(|(name, value)| (name.into(), value))
        .into();
        variables.extend(self.variables.clone());
        Environment {
            variables,
            directory: self.work(),
            ordinary_user: self.ordinary_user,
        }
    }

    /// Our program, then this Git, then the system's programs.
    fn search_path(&self, git: &Git) -> OsString {
        let helper = self.helper_on_path.then(|| self.path().join("bin"));
        let system = ["/usr/bin", "/bin"].map(PathBuf::from);
        let folders = helper
            .into_iter()
            .chain([git.directory.clone()])
            .chain(system);
        std::env::join_paths(folders).expect("folders without a colon")
    }

    /// A command in this environment, in the folder for work.
    pub fn command(&self, git: &Git, program: impl AsRef<OsStr>) -> Command {
        self.environment(git).command(program)
    }

    /// Gives everything here to an ordinary user, as whom every child runs from now on.
    /// Nothing to do where the tests run as one already.
    pub fn give_to_ordinary_user(&mut self) {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let helper = self.path().join("bin/git-credential-bitbucket");
        // What the link leads to may lie where nobody else may look.
        fs::remove_file(&helper).expect("a link in the home");
        programs::copy(Path::new(HELPER), &helper);
        give(self.path());
        self.ordinary_user = true;
    }
}

/// A folder for temporary files. Its path is as long wherever those lie, down to folders of 14
/// characters: where messages break their lines is compared.
fn new_folder() -> TempDir {
    const LENGTH: usize = "/run/user/1000/gcb".len() + 6;
    let parent = std::env::temp_dir();
    let fixed = parent.join("gcb").as_os_str().len();
    tempfile::Builder::new()
        .prefix("gcb")
        .rand_bytes(LENGTH.saturating_sub(fixed).max(6))
        .tempdir_in(parent)
        .expect("a folder for temporary files")
}

/// What the store `memory` keeps would outlive its home, as it outlives a terminal.
impl Drop for Home {
    fn drop(&mut self) {
        let place = ".cache/git-credential-bitbucket/memory/socket";
        let socket = self.path().join(place);
        if socket.with_file_name("key").exists() {
            let mut ours = self.command(&gits()[0], "git-credential-bitbucket");
            ours.args(["logout", "--all", "--store=memory"]);
            // What is not there any more cannot be forgotten.
            let _ = ours.output();
        }
        if socket.exists() {
            let mut git = self.command(&gits()[0], "git");
            git.args(["credential-cache", "--socket"]).arg(socket);
            // What has ended by itself cannot be ended.
            let _ = git.arg("exit").output();
        }
    }
}

fn create_private(path: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .mode(0o700)
        .create(path)
        .expect("a folder in the home");
}

fn link(target: &Path, link: &Path) {
    std::os::unix::fs::symlink(target, link).expect("a link in the home");
}

fn change_owner(path: &Path) {
    std::os::unix::fs::lchown(path, Some(ORDINARY_USER), Some(ORDINARY_USER))
        .expect("root may give things away");
}

fn give(path: &Path) {
    change_owner(path);
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("a folder in the home") {
            give(&entry.expect("an entry of it").path());
        }
    }
}
