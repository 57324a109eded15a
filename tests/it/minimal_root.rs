//! A root file system with nothing but Git and the static program, as in the smallest
//! container: it pushes from there. `GCB_TESTS_STATIC` names the program, an absolute path;
//! `.ci/release` builds it.

#![cfg(target_os = "linux")]

use crate::rig::environment::Environment;
use crate::rig::{self, Finished, Git, Rig, gits};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Runs the script `$1` in this folder as the root, with the devices that every container has.
const ENTER: &str = "
mount --bind /dev/null dev/null
mount --bind /dev/urandom dev/urandom
exec chroot . /bin/sh -euc \"$1\"
";

const PUSH_TWICE: &str = "
git init --quiet --template= --initial-branch=topic work
cd work
git remote add origin https://bitbucket.org/acme/widgets.git
for message in First Next; do
    git commit --quiet --allow-empty --message=$message
    git push --quiet origin topic
done
git rev-parse HEAD
";

/// The rig, and a folder that is the root of all programs that run in it.
struct Root {
    rig: Rig,
    token: String,
    git: Git,
    folder: PathBuf,
}

impl Root {
    /// A root where Git asks the static program, called with these options. `None`: there is
    /// no such program, which has been said.
    fn new(git: &Git, options: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("GCB_TESTS_STATIC") else {
            rig::programs::say_skipped("the static program (GCB_TESTS_STATIC)");
            return None;
        };
        let (rig, token) = Rig::with_alice();
        let root = Self {
            folder: rig.home.path().join("root"),
            git: git.clone(),
            rig,
            token,
        };
        let pem = fs::read_to_string(root.rig.home.authority()).expect("the authority");
        root.write("/home/authority.pem", &pem);
        root.write("/home/.gitconfig", &root.configuration(options));
        root.write("/dev/null", "");
        root.write("/dev/urandom", "");
        root.copy(Path::new(&program), "/bin/git-credential-bitbucket");
        root.add_git();
        Some(root)
    }

    fn configuration(&self, options: &str) -> String {
        format!(
            "[user]\n\tname = Alice\n\temail = alice@example.com\n\
             [http]\n\tproxy = {}\n\tsslCAInfo = /home/authority.pem\n\
             [credential \"https://bitbucket.org\"]\n\
             \thelper =\n\thelper = bitbucket{options}\n\tuseHttpPath = true\n",
            self.rig.proxy.url()
        )
    }

    /// Git, its part for HTTPS, the shell through which it runs helpers, and their libraries.
    fn add_git(&self) {
        let folder = self.rig.git(&self.git, &["--exec-path"]).expect_success();
        let https = Path::new(folder.stdout.trim()).join("git-remote-https");
        let programs = [self.git.program(), https, "/bin/sh".into()];
        let libraries: BTreeSet<PathBuf> = programs
            .iter()
            .flat_map(|program| self.libraries(program))
            .collect();
        for path in programs.iter().chain(&libraries) {
            self.copy(path, path);
        }
    }

    /// The libraries of a program, with the one that loads them.
    fn libraries(&self, program: &Path) -> Vec<PathBuf> {
        let mut command = self.rig.home.command(&self.git, "ldd");
        command.arg(program);
        let said = self.rig.run(command, b"").expect_success().stdout;
        said.split_whitespace()
            .filter(|word| word.starts_with('/'))
            .map(PathBuf::from)
            .collect()
    }

    /// Where a path of the root lies; its folder is there afterwards.
    fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        let relative = inside.as_ref().strip_prefix("/").expect("absolute");
        let path = self.folder.join(relative);
        fs::create_dir_all(path.parent().expect("the root")).expect("a folder in the root");
        path
    }

    fn write(&self, inside: &str, text: &str) {
        fs::write(self.path(inside), text).expect("a file in the root");
    }

    fn copy(&self, from: &Path, inside: impl AsRef<Path>) {
        fs::copy(from, self.path(inside)).expect("a program in the root");
    }

    /// Runs a script in the root, without a terminal. What it leaves running ends with it.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Finished {
        let path = format!("{}:/bin:/usr/bin:/usr/sbin", self.git.directory.display());
        let mut variables: Vec<_> = variables.to_vec();
        variables.extend([("HOME", "/home"), ("PATH", &path)]);
        let environment = Environment {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            directory: self.folder.clone(),
            ordinary_user: false,
        };
        let mut command = environment.command("setsid");
        command.args(["--wait", "unshare", "--mount", "--pid", "--kill-child"]);
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        command.args(["sh", "-euc", ENTER, "sh", script]);
        self.rig.run(command, b"")
    }

    /// Pushes twice after this; the server has what was pushed. What was said on the way.
    #[track_caller]
    fn push_twice(&self, before: &str, variables: &[(&str, &str)]) -> String {
        let ended = self.run(&format!("{before}{PUSH_TWICE}"), variables);
        let ended = ended.expect_success();
        let pushed = self.rig.bitbucket.commit("acme/widgets", "topic");
        assert_eq!(pushed, ended.stdout.trim(), "{}", self.git);
        ended.stderr
    }
}

#[test]
fn the_environment_pushes() {
    for git in gits() {
        let Some(root) = Root::new(&git, "") else {
            return;
        };
        let said = root.push_twice("", &[("BITBUCKET_TOKEN", &root.token)]);
        assert_eq!(said, "", "{git}");
    }
}

#[test]
fn a_mounted_file_pushes() {
    for git in gits() {
        let Some(root) = Root::new(&git, " --token-file=/run/secrets/bitbucket") else {
            return;
        };
        root.write("/run/secrets/bitbucket", &root.token);
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(root.path("/run/secrets/bitbucket"), private).expect("a file of ours");
        assert_eq!(root.push_twice("", &[]), "", "{git}");
    }
}

#[test]
fn the_memory_pushes() {
    for git in gits() {
        let Some(root) = Root::new(&git, " --store=memory") else {
            return;
        };
        root.write("/home/pasted", &root.token);
        let login = "git credential-bitbucket login --with-token \
                     https://bitbucket.org/acme/widgets.git </home/pasted >/dev/null\n";
        let said = root.push_twice(login, &[]);
        assert_eq!(said, "bitbucket: The API token is valid.\n", "{git}");
        // The container is gone, and with it what it remembered.
        let ended = root.run("cd work && git push --quiet origin topic:other", &[]);
        ended.expect_failure("no credential is kept for");
    }
}
