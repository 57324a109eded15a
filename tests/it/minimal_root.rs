//! A root file system with nothing but Git and our program, as in the smallest container: it
//! pushes from there. `GCB_TESTS_STATIC` may name the static program, an absolute path, which
//! `.ci/release` builds and tries; else it is the one that was built, with its libraries.
//! `GCB_TESTS_ROOT` names a root that `.ci/try-packages` or `.ci/try-wheels` has made, with a Git
//! of its own and our program as its package manager has installed it.

#![cfg(target_os = "linux")]

use crate::rig::environment::Environment;
use crate::rig::gpg::Gpg;
use crate::rig::home::HELPER;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Finished, Git, Rig, gits, programs};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the script `$1` in this folder as the root, with the devices that every container has, and
/// where there is a place for it, what a whole system shows of its processes.
const ENTER: &str = "
for device in null urandom tty; do
    mount --bind /dev/$device dev/$device
done
[ ! -d proc ] || mount -t proc proc proc
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

/// What `pass` and its gpg start.
const FOR_PASS: [&str; 21] = [
    "base64",
    "basename",
    "bash",
    "cat",
    "cp",
    "dirname",
    "env",
    "find",
    "getopt",
    "gpg",
    "gpg-agent",
    "grep",
    "head",
    "mkdir",
    "mv",
    "rm",
    "rmdir",
    "sed",
    "sort",
    "tail",
    "tr",
];

const MAKE_KEY: &str = "
mkdir -m 700 /home/.gnupg
gpg --batch --quiet --passphrase '' --quick-generate-key alice@example.com future-default default never
pass init alice@example.com
";

/// The rig, and a folder that is the root of all programs that run in it.
struct Root {
    rig: Rig,
    token: String,
    git: Git,
    folder: PathBuf,
}

impl Root {
    /// A root where Git asks our program, called with these options.
    fn new(git: &Git, options: &str) -> Self {
        let (rig, token) = Rig::with_alice();
        let root = Self {
            folder: rig.home.path().join("root"),
            git: git.clone(),
            rig,
            token,
        };
        root.add_home(&section(options));
        for device in ["null", "urandom", "tty"] {
            root.write(&format!("/dev/{device}"), "");
        }
        root.add_programs();
        root
    }

    /// A root that was made, with its own Git in `/usr/bin`.
    fn made(folder: PathBuf) -> Self {
        let (rig, token) = Rig::with_alice();
        let mut git = gits()[0].clone();
        git.directory = "/usr/bin".into();
        let root = Self {
            rig,
            token,
            git,
            folder,
        };
        root.add_home("");
        root
    }

    /// A person's configuration, with this behind it.
    fn add_home(&self, section: &str) {
        let pem = fs::read_to_string(self.rig.home.authority()).expect("the authority");
        self.write("/home/authority.pem", &pem);
        let configuration = format!(
            "[user]\n\tname = Alice\n\temail = alice@example.com\n\
             [http]\n\tproxy = {}\n\tsslCAInfo = /home/authority.pem\n{section}",
            self.rig.proxy.url()
        );
        self.write("/home/.gitconfig", &configuration);
    }

    /// Our program, Git, its part for HTTPS, the shell through which it runs helpers, and the
    /// libraries of them all.
    fn add_programs(&self) {
        let ours = Path::new("/bin/git-credential-bitbucket");
        let folder = self.rig.git(&self.git, &["--exec-path"]).expect_success();
        let https = Path::new(folder.stdout.trim()).join("git-remote-https");
        let dynamic = vec![self.git.program(), https, "/bin/sh".into()];
        if let Some(program) = std::env::var_os("GCB_TESTS_STATIC") {
            programs::copy(Path::new(&program), &self.path(ours));
        } else {
            programs::copy(Path::new(HELPER), &self.path(ours));
            self.add_libraries(&[HELPER.into()]);
        }
        self.add(&dynamic);
    }

    /// Programs where they are on this machine.
    fn add(&self, all: &[PathBuf]) {
        for program in all {
            programs::copy(program, &self.path(program));
        }
        self.add_libraries(all);
    }

    fn add_libraries(&self, all: &[PathBuf]) {
        let libraries: BTreeSet<PathBuf> = all
            .iter()
            .flat_map(|program| self.libraries(program))
            .collect();
        for library in libraries {
            programs::copy(&library, &self.path(&library));
        }
    }

    /// `pass`, and a key for it that was made here.
    fn add_pass(&self) {
        let find = |name: &&str| {
            let folders = ["/usr/bin", "/bin"].map(Path::new);
            let mut paths = folders.map(|folder| folder.join(name)).into_iter();
            paths.find(|path| path.exists()).expect(name)
        };
        self.add(&FOR_PASS.iter().map(find).collect::<Vec<_>>());
        let pass = find(&"pass");
        programs::copy(&pass, &self.path(&pass));
        self.run(MAKE_KEY, &[]).expect_success();
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

    /// Runs a script in the root, without a terminal. What it leaves running ends with it.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Finished {
        let command = self.command(&["setsid", "--wait"], script, variables);
        self.rig.run(command, b"")
    }

    /// Runs it on a terminal.
    fn open(&self, script: &str) -> Terminal {
        Terminal::open(&self.command(&["env"], script, &[]))
    }

    fn command(&self, start: &[&str], script: &str, variables: &[(&str, &str)]) -> Command {
        // The first is where `.ci/try-wheels` installs.
        let path = format!(
            "/opt/program/bin:{}:/bin:/usr/bin:/usr/sbin",
            self.git.directory.display()
        );
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
        let mut command = environment.command(start[0]);
        command.args(&start[1..]);
        command.args(["unshare", "--mount", "--pid", "--kill-child"]);
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        command.args(["sh", "-euc", ENTER, "sh", script]);
        command
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

/// Git asks our program, called with these options.
fn section(options: &str) -> String {
    format!(
        "[credential \"https://bitbucket.org\"]\n\
         \thelper =\n\thelper = bitbucket{options}\n\tuseHttpPath = true\n"
    )
}

#[test]
fn the_environment_pushes() {
    for git in gits() {
        let root = Root::new(&git, "");
        let said = root.push_twice("", &[("BITBUCKET_TOKEN", &root.token)]);
        assert_eq!(said, "", "{git}");
    }
}

#[test]
fn a_mounted_file_pushes() {
    for git in gits() {
        let root = Root::new(&git, " --token-file=/run/secrets/bitbucket");
        root.write("/run/secrets/bitbucket", &root.token);
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(root.path("/run/secrets/bitbucket"), private).expect("a file of ours");
        assert_eq!(root.push_twice("", &[]), "", "{git}");
    }
}

#[test]
fn the_memory_pushes() {
    for git in gits() {
        let root = Root::new(&git, " --store=memory");
        root.write("/home/pasted", &root.token);
        let login = "git credential-bitbucket login --with-token \
                     https://bitbucket.org/acme/widgets.git </home/pasted >/dev/null\n";
        let said = root.push_twice(login, &[]);
        assert_eq!(said, "bitbucket: The API token is valid.\n", "{git}");
    }
}

/// One question, at the first push; the next one is in a container that was started anew.
#[test]
fn pass_pushes_after_one_question() {
    if !Gpg::is_possible() {
        return;
    }
    for git in gits() {
        let root = Root::new(&git, " --store=pass");
        root.add_pass();
        let mut terminal = root.open(PUSH_TWICE);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&root.token);
        terminal.expect("It is kept in the password store (pass); you will not be asked again.");
        let said = terminal.finish().expect_success().transcript;
        assert_eq!(said.matches(SECRET_QUESTION).count(), 1, "{said}");
        let pushed = root.rig.bitbucket.commit("acme/widgets", "topic");
        assert!(said.trim_end().ends_with(&pushed), "{said}");
        let again = "cd work; git commit --quiet --allow-empty --message=Third
            git push --quiet origin topic";
        let ended = root.run(again, &[]).expect_success();
        assert_eq!(ended.stderr, "", "{git}");
        assert_ne!(root.rig.bitbucket.commit("acme/widgets", "topic"), pushed);
    }
}

/// As a person installed it: the program is found on PATH, configured by its own command, and
/// pushes with the token that it was given.
#[test]
#[ignore = ".ci/try-packages and .ci/try-wheels make the root"]
fn a_root_where_it_was_installed_pushes() {
    let folder = std::env::var_os("GCB_TESTS_ROOT").expect("a root with our program");
    let root = Root::made(folder.into());
    root.write("/home/pasted", &root.token);
    let before = "git credential-bitbucket configure --store file >/dev/null
        git credential-bitbucket login --with-token \
            https://bitbucket.org/acme/widgets.git </home/pasted >/dev/null
        rm /home/pasted\n";
    let said = root.push_twice(before, &[]);
    assert_eq!(said, "bitbucket: The API token is valid.\n");
}
