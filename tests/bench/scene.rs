//! What is measured: a home with one kept token, the release program in it, and the
//! peers that keep the same token in the same keychain.

use super::rig::{Git, Rig, gits};
use super::sample::Case;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";
pub const URL: &str = "https://bitbucket.org/acme/widgets.git";
const FOREIGN: &str = "capability[]=authtype\ncapability[]=state\nprotocol=https\n\
    host=github.com\nwwwauth[]=Basic realm=\"GitHub\"\n\n";
pub const WANTED: &str = "capability[]=authtype\ncapability[]=state\nprotocol=https\n\
    host=bitbucket.org\nwwwauth[]=Basic realm=\"Atlassian Bitbucket\"\n\n";

/// A host that no helper knows anything of.
const ELSEWHERE: &str = "protocol=https\nhost=git.example\n\n";
/// The peer that the targets are about.
pub const LIBSECRET: &str = "libsecret get, stored";

/// Another helper, and the names of what is measured of it.
struct Peer {
    program: PathBuf,
    options: Vec<String>,
    stored: Option<&'static str>,
    foreign: Option<&'static str>,
}

pub struct Scene {
    pub rig: Rig,
    git: Git,
    token: String,
    program: String,
    /// What `get` answered, for a `store` that follows it.
    served: String,
}

impl Scene {
    /// A keychain with one account's token, put there by a clone.
    pub fn new(program: &str) -> Self {
        let mut scene = Self::empty(program);
        scene.log_in();
        let served = scene.rig.helper_with(&scene.git, &["get"], WANTED);
        scene.served = served.expect_success().stdout;
        scene
            .rig
            .home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n");
        scene
            .rig
            .git(&scene.git, &["clone", URL, "widgets"])
            .expect_success();
        scene
    }

    /// A keychain with nothing.
    pub fn empty(program: &str) -> Self {
        let (mut rig, token) = Rig::with_alice();
        assert!(rig.start_keyring(), "no keychain to measure with");
        let link = rig.home.path().join("bin/git-credential-bitbucket");
        fs::remove_file(&link).expect("a link in the home");
        symlink(program, &link).expect("a link in the home");
        Self {
            rig,
            git: gits()[0].clone(),
            token,
            program: program.to_owned(),
            served: String::new(),
        }
    }

    /// A second home, whose keychain has copies of the first one's item under so many
    /// other names.
    pub fn crowded(other: &Self, accounts: usize) -> Self {
        let scene = Self::empty(&other.program);
        let mut items = other.rig.keyring().search(&[("service", SERVICE)]);
        let item = items.pop().expect("the kept token");
        for number in 0..accounts {
            let name = match number {
                0 => "alice".to_owned(),
                _ => format!("alice{number}"),
            };
            let secret = item.secret.replace("\"alice\"", &format!("\"{name}\""));
            let attributes = [("service", SERVICE), ("account", &*name)];
            scene.rig.keyring().store(&item.label, &secret, &attributes);
        }
        scene
    }

    pub fn scratch(&self) -> &Path {
        self.rig.home.path()
    }

    pub fn git(&self) -> &Git {
        &self.git
    }

    pub fn program(&self) -> &str {
        &self.program
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn log_in(&self) {
        let token = format!("{}\n", self.token);
        let arguments = ["login", "--with-token", URL];
        self.rig
            .helper_with(&self.git, &arguments, &token)
            .expect_success();
    }

    pub fn nothing(&self) -> Case {
        self.case("/bin/true", "/bin/true", &[], "")
    }

    pub fn foreign(&self) -> Case {
        self.ours("get, foreign host", "get", FOREIGN)
    }

    pub fn stored(&self) -> Case {
        self.ours("get, stored", "get", WANTED)
    }

    /// The same of a Data Center, whose site the helper line names.
    pub fn stored_at_data_center(&self) -> Case {
        let line = "--data-center=https://git.example.com/bitbucket";
        let item = self.rig.keyring().search(&[("service", SERVICE)]);
        let details = r#"{"version":1,"id":"1","kind":"http-token","username":"jdoe","added":1}"#;
        let service = "git-credential-bitbucket:https://git.example.com/bitbucket";
        let attributes = [("service", service), ("account", "jdoe")];
        let secret = format!("BBDC-{}\n{details}", "x".repeat(44));
        assert!(!item.is_empty(), "a kept token beside it");
        self.rig.keyring().store("Bitbucket", &secret, &attributes);
        let message = WANTED.replace("bitbucket.org", "git.example.com");
        self.case(
            "get, stored, Data Center",
            &self.program,
            &[line, "get"],
            &message,
        )
    }

    pub fn stored_by_name(&self) -> Case {
        let message = WANTED.replace("\n\n", "\nusername=alice\n\n");
        self.ours("get, stored, by name", "get", &message)
    }

    pub fn store_with_state(&self) -> Case {
        let message = format!("capability[]=state\n{}\n", self.store_message(""));
        self.ours("store, just served", "store", &message)
    }

    pub fn store_without_state(&self) -> Case {
        let message = self.store_message("state[]");
        self.ours("store, just served, no state", "store", &message)
    }

    /// What Git says back after `get`, without the lines that begin so.
    fn store_message(&self, without: &str) -> String {
        let mut message = String::from("protocol=https\nhost=bitbucket.org\n");
        for line in self.served.lines() {
            let dropped = line.starts_with("capability") || line.starts_with("continue");
            if !dropped && (without.is_empty() || !line.starts_with(without)) {
                let _ = writeln!(message, "{line}");
            }
        }
        message
    }

    /// What a Git command does: the helper by its name, by its path, and one that ends at once,
    /// which leaves what Git itself takes.
    pub fn fills(&self) -> [Case; 3] {
        let program = self.git.program().to_string_lossy().into_owned();
        let by_path = format!(
            "credential.helper={}",
            self.scratch()
                .join("bin/git-credential-bitbucket")
                .display()
        );
        let nothing = self.scratch().join("bin/git-credential-nothing");
        symlink("/bin/true", nothing).expect("a link in the home");
        [
            (
                "git credential fill, by name",
                "credential.helper=bitbucket",
            ),
            ("git credential fill, by path", &by_path),
            (
                "git credential fill, a helper that ends at once",
                "credential.helper=nothing",
            ),
        ]
        .map(|(name, helper)| {
            let arguments = [
                "-c",
                "credential.helper=",
                "-c",
                helper,
                "credential",
                "fill",
            ];
            self.case(
                name,
                &program,
                &arguments,
                "protocol=https\nhost=bitbucket.org\n\n",
            )
        })
    }

    /// A fetch with our helper, and one with Git's own file.
    pub fn fetches(&self) -> [Case; 2] {
        self.fetches_with(&["fetch"])
    }

    /// The same with these arguments.
    pub fn fetches_with(&self, fetch: &[&str]) -> [Case; 2] {
        let file = self.scratch().join("store");
        fs::write(
            &file,
            format!("https://alice:{}@bitbucket.org\n", self.token),
        )
        .expect("a file in the home");
        let stored = format!("credential.helper=store --file={}", file.display());
        let program = self.git.program().to_string_lossy().into_owned();
        ["credential.helper=bitbucket".to_owned(), stored].map(|helper| {
            let before = ["-C", "widgets", "-c", "credential.helper=", "-c", &helper];
            self.case("git fetch", &program, &[&before, fetch].concat(), "")
        })
    }

    /// Each peer that is here, with the same token where it keeps one.
    pub fn peers(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for peer in self.known_peers() {
            let arguments: Vec<&str> = peer.options.iter().map(String::as_str).collect();
            let name = peer.program.to_string_lossy().into_owned();
            let with = |operation| [arguments.as_slice(), &[operation]].concat();
            if let Some(stored) = peer.stored {
                self.keep_in(&peer.program, &with("store"), &with("get"));
                cases.push(self.case(stored, &name, &with("get"), WANTED));
            }
            if let Some(foreign) = peer.foreign {
                cases.push(self.case(foreign, &name, &with("get"), ELSEWHERE));
            }
        }
        cases
    }

    fn known_peers(&self) -> Vec<Peer> {
        let exec_path = self.rig.git(&self.git, &["--exec-path"]).expect_success();
        let gits_own = |name: &str| Some(Path::new(exec_path.stdout.trim()).join(name));
        let option =
            |name: &str, path: &str| format!("--{name}={}", self.scratch().join(path).display());
        let peer = |program: Option<PathBuf>, options: Vec<String>, stored, foreign| {
            let program = program.filter(|program| program.exists())?;
            Some(Peer {
                program,
                options,
                stored,
                foreign,
            })
        };
        [
            peer(
                gits_own("git-credential-store"),
                vec![option("file", "store")],
                Some("credential-store get, stored"),
                None,
            ),
            peer(
                gits_own("git-credential-cache"),
                vec![option("socket", "run/cache")],
                Some("credential-cache get, stored"),
                None,
            ),
            peer(
                built("git-credential-libsecret"),
                vec![],
                Some(LIBSECRET),
                Some("libsecret get, foreign"),
            ),
            peer(
                built("bin/git-credential-oo7"),
                vec![],
                Some("oo7 get, stored"),
                Some("oo7 get, foreign"),
            ),
            peer(
                on_path("git-credential-oauth"),
                vec![],
                None,
                Some("oauth get, foreign"),
            ),
            peer(
                on_path("git-credential-manager"),
                vec![],
                Some("GCM get, stored"),
                Some("GCM get, foreign"),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// # Panics
    /// If the peer does not hand out what it was given: its time would mean nothing.
    fn keep_in(&self, program: &Path, store: &[&str], get: &[&str]) {
        let run = |arguments: &[&str], input: &str| {
            let mut command = self.rig.home.command(&self.git, program);
            command.args(arguments);
            self.rig.run(command, input.as_bytes())
        };
        let keep = format!(
            "protocol=https\nhost=bitbucket.org\nusername=alice\npassword={}\n\n",
            self.token
        );
        run(store, &keep);
        let got = run(get, WANTED);
        assert!(
            got.stdout.contains(&self.token),
            "{}: {got:?}",
            program.display()
        );
    }

    /// The largest resident set of one run, in KiB, as GNU time tells it.
    pub fn peak_memory(&self, case: &Case) -> u64 {
        let prepared = case.prepare();
        let mut command = self.rig.home.command(&self.git, "/usr/bin/time");
        command
            .args(["-f", "%M"])
            .arg(prepared.get_program())
            .args(prepared.get_args())
            .stdin(fs::File::open(&case.input).expect("the input is there"))
            .stdout(Stdio::null());
        let output = command.output().expect("GNU time starts");
        let text = String::from_utf8_lossy(&output.stderr);
        text.trim().parse().expect("a number")
    }

    /// The machine and the programs, in one line.
    pub fn versions(&self) -> String {
        let peers = std::env::var("GCB_BENCH_VERSIONS").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        format!(
            "{}, git {}, {}, {peers}, load {load} at the start.",
            machine(),
            self.git,
            keyring_version(),
        )
    }

    fn ours(&self, name: &'static str, operation: &str, input: &str) -> Case {
        self.ours_with(name, &[operation], input)
    }

    /// Our program with these arguments.
    pub fn ours_with(&self, name: &'static str, arguments: &[&str], input: &str) -> Case {
        let program = self.program.clone();
        self.case(name, &program, arguments, input)
    }

    fn case(&self, name: &'static str, program: &str, arguments: &[&str], input: &str) -> Case {
        let file = tempfile::Builder::new()
            .prefix("input")
            .tempfile_in(self.scratch())
            .expect("a file in the home");
        let (_, file) = file.keep().expect("a file that stays");
        fs::write(&file, input).expect("a file in the home");
        let mut environment = self.rig.home.environment(&self.git);
        environment.set("GIT_TERMINAL_PROMPT", "0");
        let program = program.to_owned();
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        Case {
            name,
            command: Box::new(move || {
                let mut command = environment.command(&program);
                command.args(&arguments);
                command
            }),
            input: file,
        }
    }
}

impl Drop for Scene {
    /// Git's cache would wait for its quarter of an hour.
    fn drop(&mut self) {
        let socket = self.scratch().join("run/cache");
        if socket.exists() {
            let mut command = self.rig.home.command(&self.git, "git");
            command
                .args(["credential-cache", "--socket"])
                .arg(socket)
                .arg("exit");
            self.rig.run(command, b"");
        }
    }
}

fn built(name: &str) -> Option<PathBuf> {
    Some(Path::new(&std::env::var_os("GCB_BENCH_PEERS")?).join(name))
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

/// The processor and the kernel.
pub fn machine() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    format!(
        "{processor}, {} cores, Linux {}",
        std::thread::available_parallelism().map_or(1, usize::from),
        kernel.trim(),
    )
}

fn keyring_version() -> String {
    let output = Command::new("gnome-keyring-daemon")
        .arg("--version")
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.lines().next().unwrap_or_default().replace(':', "")
}
