//! A repository may come from anybody, its configuration included. It decides neither
//! where a secret goes, nor which program we run, nor how TLS is checked: every command of
//! ours that touches a secret is run in one that tries, and where the environment leads to it.
#![cfg(target_os = "linux")]

use crate::rig::scene::URL;
use crate::rig::{Finished, Git, Rig, gits, tokens};
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const MESSAGE: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";

/// Where a secret would go if a repository could say so.
struct Thief {
    url: String,
    visits: Arc<AtomicUsize>,
}

impl Thief {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let visits = Arc::new(AtomicUsize::new(0));
        let counter = visits.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                // Whoever connects is hung up on once it has said something.
                let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
                let _ = stream.read(&mut [0; 64]);
            }
        });
        Self { url, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

struct Scene {
    rig: Rig,
    git: Git,
    token: String,
    thief: Thief,
    /// All that a configuration could do to get at a secret or at us.
    hostile: String,
}

impl Scene {
    /// The folder for work is a repository whose configuration is hostile.
    fn new(git: &Git) -> Option<Self> {
        let (rig, token) = Rig::with_alice_and_keychain()?;
        let thief = Thief::start();
        let hostile = hostile(&rig, &thief);
        for arguments in [
            &["init", "--quiet", "."][..],
            &["init", "--quiet", "--bare", "bare.git"],
            &["remote", "add", "origin", URL],
            &["config", "include.path", "included"],
            &["config", "extensions.worktreeConfig", "true"],
        ] {
            rig.git(git, arguments).expect_success();
        }
        rig.home.add_file("work/.git/config.worktree", &hostile);
        rig.home.add_file("work/.git/included", &hostile);
        for file in ["work/.git/config", "work/bare.git/config"] {
            let old = fs::read_to_string(rig.home.path().join(file)).expect("a configuration");
            rig.home.add_file(file, &(old + &hostile));
        }
        Some(Self {
            rig,
            git: git.clone(),
            token,
            thief,
            hostile,
        })
    }

    /// Where a program of the repository's would leave its name.
    fn mark(&self) -> PathBuf {
        self.rig.home.path().join("ran")
    }

    /// Runs our program in this folder below the one for work, with these variables.
    fn run(&self, folder: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Finished {
        let program = "git-credential-bitbucket";
        let mut command = self.rig.without_terminal(&self.git, program);
        command.args(arguments).envs(variables.iter().copied());
        command.current_dir(self.rig.home.work().join(folder));
        let login = format!("username=alice\npassword={}\n", self.token);
        let input = match arguments[0] {
            "login" => self.token.clone(),
            "erase" => format!("{MESSAGE}{login}wwwauth[]=Basic\n"),
            "store" => format!(
                "{MESSAGE}username=alice\npassword={}\n",
                tokens::api_token(7)
            ),
            _ => MESSAGE.to_owned(),
        };
        self.rig.run(command, input.as_bytes())
    }

    /// Whatever touches a secret reaches Bitbucket by the person's own way and no other,
    /// and no program of the repository's runs.
    #[track_caller]
    fn holds(&self, folder: &str, variables: &[(&str, &str)]) {
        for (arguments, asks) in [
            (&["login", "--with-token", URL][..], true),
            (
                &["login", "--with-token", "--email=alice@example.com"],
                true,
            ),
            (&["get"], false),
            (&["status", "--check"], true),
            (&["erase"], true),
            (&["store"], false),
            (&["status"], false),
            (&["logout", "--all"], false),
        ] {
            self.rig.forget_requests();
            let finished = self.run(folder, variables, arguments);
            let case = format!("{folder} {variables:?} {arguments:?}: {finished:#?}");
            assert!(finished.success(), "{case}");
            assert_eq!(self.rig.requests().is_empty(), !asks, "{case}");
            assert_eq!(self.thief.visits(), 0, "{case}");
            assert!(!self.mark().exists(), "{case}");
        }
        // It finds much to complain about here.
        for arguments in [&["doctor", "--offline"][..], &["doctor"]] {
            let finished = self.run(folder, variables, arguments);
            let outcome = (self.thief.visits(), self.mark().exists());
            assert_eq!(outcome, (0, false), "{folder} {variables:?} {finished:#?}");
        }
        let kept = self.rig.items();
        assert!(kept.is_empty(), "{folder} {variables:?}");
    }
}

fn hostile(rig: &Rig, thief: &Thief) -> String {
    let mark = rig.home.path().join("ran");
    let mark = mark.display();
    let program = rig
        .home
        .add_script("work/evil", &format!("echo \"$0 $@\" >>'{mark}'\n"));
    let program = program.display();
    let authority = rig.home.add_file("work/evil.pem", "no certificate");
    let authority = authority.display();
    let thief = &thief.url;
    let http = format!(
        "\tproxy = {thief}\n\tproxyAuthMethod = ntlm\n\tsslVerify = false\n\
         \tsslCAInfo = {authority}\n\tsslCAPath = {authority}\n"
    );
    format!(
        "[http]\n{http}[http \"https://bitbucket.org\"]\n{http}[http \"{URL}\"]\n{http}\
         [http \"https://api.bitbucket.org/2.0/user\"]\n{http}\
         [url \"{thief}/\"]\n\tinsteadOf = https://bitbucket.org/\n\
         \tinsteadOf = https://api.bitbucket.org/\n\tpushInsteadOf = https://bitbucket.org/\n\
         [core]\n\taskPass = {program}\n\tsshCommand = {program}\n\tgitProxy = {program}\n\
         \tfsmonitor = {program}\n\teditor = {program}\n\tpager = {program}\n\
         [credential]\n\thelper = bitbucket\n\
         [credential \"https://bitbucket.org.helper=!{program} #\"]\n\thelper =\n\
         [credential]\n\thelper =\n\thelper = !{program}\n\
         [credential \"https://bitbucket.org\"]\n\thelper = {program}\n\
         [alias]\n\tconfig = !{program}\n[pager]\n\tconfig = {program}\n\
         [trace2]\n\teventTarget = {mark}\n\tnormalTarget = {mark}\n"
    )
}

#[test]
fn a_repository_s_configuration_decides_nothing() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.holds(".", &[]);
        scene.holds("bare.git", &[]);
        let directory = scene.rig.home.work().join(".git");
        scene.holds("..", &[("GIT_DIR", &directory.to_string_lossy())]);
        scene.holds("..", &[("GIT_DIR", "work/.git"), ("GIT_WORK_TREE", "work")]);
        scene.holds(
            "bare.git",
            &[("GIT_COMMON_DIR", "../.git"), ("GIT_DIR", ".")],
        );
        // What Git itself does not obey when it fetches or pushes.
        scene.holds(".", &[("GIT_CONFIG", ".git/config")]);
        scene.holds(
            ".",
            &[("GIT_CONFIG", &directory.join("config").to_string_lossy())],
        );

        // The controls: the person may redirect us, and such a program would run.
        let person = [
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "http.proxy"),
            ("GIT_CONFIG_VALUE_0", &scene.thief.url),
        ];
        let login = scene.run(".", &person, &["login", "--with-token", URL]);
        assert!(!login.success() && scene.thief.visits() > 0, "{login:#?}");
        let mut command = scene.rig.without_terminal(&git, "git");
        command.args(["credential", "fill"]);
        scene.rig.run(command, MESSAGE.as_bytes());
        assert!(scene.mark().exists());
    }
}

/// A folder of the person's that is named from where we happen to be is not the person's.
#[test]
fn relative_homes_and_configurations_are_not_the_person_s() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        let home = &scene.rig.home;
        home.add_file("work/.gitconfig", &scene.hostile);
        home.add_file("work/git/config", &scene.hostile);
        let proxy = scene.rig.proxy.url();
        let authority = home.authority();
        let way = [
            ("HTTPS_PROXY", &*proxy),
            ("GIT_SSL_CAINFO", &authority.to_string_lossy()),
        ];
        for variables in [
            &[("HOME", ".")][..],
            &[("HOME", "../work")],
            &[("XDG_CONFIG_HOME", ".")],
            &[("GIT_CONFIG_GLOBAL", ".gitconfig")],
            &[
                ("GIT_CONFIG_SYSTEM", ".gitconfig"),
                ("GIT_CONFIG_NOSYSTEM", "0"),
            ],
        ] {
            scene.holds(".", &[&way, variables].concat());
        }
    }
}

/// Editors and browsers are Git's and the desktop's affair, not ours. Of programs that ask we
/// run the person's, by an absolute path, and only to ask: not where it depends on the folder.
#[test]
fn programs_that_the_environment_names_are_not_run() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        let names = [
            "GIT_ASKPASS",
            "SSH_ASKPASS",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_EDITOR",
            "EDITOR",
            "GIT_PAGER",
            "PAGER",
            "BROWSER",
            "GIT_PROXY_COMMAND",
            "GIT_EXTERNAL_DIFF",
        ];
        let program = scene.rig.home.work().join("evil");
        for value in ["./evil", "evil", &program.to_string_lossy()] {
            scene.holds(".", &names.map(|name| (name, value)));
        }
        for variables in [
            &[("GIT_ASKPASS", "./evil")][..],
            &[("GIT_ASKPASS", "evil"), ("PATH", ".:/usr/bin:/bin")],
            &[("SSH_ASKPASS", "work/evil")],
            // The repository's own `core.askPass`.
            &[],
        ] {
            let asked = scene.run(".", variables, &["get"]);
            let outcome = (&*asked.stdout, scene.mark().exists());
            assert_eq!(outcome, ("", false), "{variables:?}");
        }
    }
}
