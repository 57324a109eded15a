//! Where secrets must never turn up, and what must never run: attacks as their users would
//! meet them, on Bitbucket Cloud and on a company's own server.

use crate::rig::data_center::DataCenter;
use crate::rig::scene::{CONFIGURED, REQUEST, URL};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Fault, Git, Rig, Sender, Surface, gits, wait_until};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const SERVER: &str = "https://git.acme.example/bitbucket";

/// A home that is configured for a site, with a keychain in which nothing is.
struct Scene {
    rig: Rig,
    /// Of whoever may push to the repository.
    token: String,
    url: String,
    /// What Git says of the repository.
    request: String,
    /// What Git's line has after our name.
    options: Vec<String>,
    name: &'static str,
    /// `None` for Bitbucket Cloud.
    server: Option<Arc<DataCenter>>,
}

impl Scene {
    /// One for each site; none if the test may be skipped.
    fn each() -> impl Iterator<Item = Self> {
        [Self::cloud, Self::data_center]
            .into_iter()
            .map_while(|make| make())
    }

    fn cloud() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        rig.start_keyring().then(|| Self {
            rig,
            token,
            url: URL.to_owned(),
            request: REQUEST.to_owned(),
            options: Vec::new(),
            name: "alice",
            server: None,
        })
    }

    fn data_center() -> Option<Self> {
        let (mut rig, server, token) = Rig::with_data_center(SERVER);
        let configure = ["configure", "--offline", "--data-center", SERVER];
        rig.helper_with(&gits()[0], &configure, "").expect_success();
        rig.start_keyring().then(|| Self {
            rig,
            token,
            url: server.remote("acme/widgets"),
            request: "protocol=https\nhost=git.acme.example\n\
                      path=bitbucket/scm/acme/widgets.git\n"
                .to_owned(),
            options: vec![format!("--data-center={SERVER}")],
            name: "jdoe",
            server: Some(server),
        })
    }

    /// Our arguments where Git asks for `get`, `store` or `erase`.
    fn asking<'a>(&'a self, operation: &'a str) -> Vec<&'a str> {
        let options = self.options.iter().map(String::as_str);
        options.chain([operation]).collect()
    }

    /// Git has seen the token to work.
    fn keep(&self) {
        let served = format!(
            "{}username={}\npassword={}\n\n",
            self.request, self.name, self.token
        );
        let git = &gits()[0];
        self.rig
            .helper_with(git, &self.asking("store"), &served)
            .expect_success();
    }

    /// Has the site answer Git with a redirect; asked about the token, it says nothing.
    fn redirect_git(&self, to: &str, before_login: bool) {
        let redirect = Fault::Redirect(to.to_owned());
        let sender = if before_login {
            Sender::Anybody
        } else {
            Sender::Login
        };
        let silence = Fault::stray_refusal();
        if let Some(server) = &self.server {
            server.fail_for(sender, Surface::Git, redirect, 9);
            server.fail(Surface::Rest, silence, 9);
        } else {
            let server = &self.rig.bitbucket;
            server.fail_for(sender, Surface::Git, redirect, 9);
            server.fail(Surface::Rest, silence, 9);
        }
    }

    fn recover(&self) {
        match &self.server {
            Some(server) => server.recover(),
            None => self.rig.bitbucket.recover(),
        }
    }

    /// How many items the keychain holds of ours.
    fn kept(&self) -> usize {
        let site = self
            .server
            .as_ref()
            .map_or("https://bitbucket.org", |it| it.url());
        let service = format!("git-credential-bitbucket:{site}");
        self.rig.keyring().search(&[("service", &service)]).len()
    }

    fn revoke(&self) {
        match &self.server {
            Some(server) => server.revoke(&self.token),
            None => self.rig.bitbucket.revoke(&self.token),
        }
    }

    /// Something to push.
    fn prepare_push(&self, git: &Git) {
        for arguments in [
            &["init", "--quiet", "--initial-branch=topic", "."][..],
            &["remote", "add", "origin", &self.url],
            &["commit", "--quiet", "--allow-empty", "--message=First"],
        ] {
            self.rig.git(git, arguments).expect_success();
        }
    }
}

/// For every Git one of each site.
fn scenes() -> impl Iterator<Item = (Git, Scene)> {
    gits()
        .into_iter()
        .flat_map(|git| Scene::each().map(move |scene| (git.clone(), scene)))
}

/// Every file below the home that contains this, but for the keychain's own.
fn files_with(rig: &Rig, text: &str) -> String {
    let mut command = Command::new("grep");
    command
        .args([
            "-rlaF",
            "--exclude-dir=keyrings",
            "--devices=skip",
            "-e",
            text,
        ])
        .arg(rig.home.path());
    rig.run(command, b"").stdout
}

/// S19: neither standard error nor Git's traces nor a file in the home tells the token,
/// whether it is typed, served or refused.
#[test]
fn s19_no_output_no_trace_and_no_file_tells_it() {
    for (git, mut scene) in scenes() {
        let git = &git;
        scene.prepare_push(git);
        let (rig, token) = (&mut scene.rig, &scene.token);
        for name in [
            "TRACE",
            "TRACE2",
            "TRACE2_EVENT",
            "TRACE_CURL",
            "TRACE_PACKET",
            "TRACE_SETUP",
        ] {
            let file = rig.home.path().join(name);
            rig.home.set(&format!("GIT_{name}"), file);
        }
        rig.home
            .set("GIT_TRACE2_ENV_VARS", "BITBUCKET_TOKEN_KIND,PATH");
        rig.home.set("RUST_BACKTRACE", "full");
        rig.home.set("RUST_LOG", "trace");
        rig.home.set("ZBUS_LOG", "trace");
        let mut terminal = rig.terminal(git, &["push", "origin", "topic"]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(token);
        let first = terminal.finish().expect_success();
        let second = rig
            .git(git, &["push", "origin", "topic:second"])
            .expect_success();
        scene.revoke();
        let (rig, token) = (&scene.rig, &scene.token);
        let third = rig.git(git, &["push", "origin", "topic:third"]);
        assert!(!third.success());
        for text in [
            &first.transcript,
            &second.stderr,
            &second.stdout,
            &third.stderr,
            &third.stdout,
        ] {
            assert!(!text.contains(token), "{text}");
        }
        assert_eq!(files_with(rig, token), "", "{git}");
        // The search does find what is there: Git's trace names our program.
        assert!(!files_with(rig, "git-credential-bitbucket").is_empty());
    }
}

/// S19: programs that we start are told nothing, in no argument and no variable.
#[test]
fn s19_no_child_is_told() {
    let git = &gits()[0];
    for scene in Scene::each() {
        let (rig, token) = (&scene.rig, &scene.token);
        let record = rig.home.add_file("record", "");
        let text = format!(
            "{{ echo started; env; echo \"$@\"; }} >>'{}'\nexec '{}' \"$@\"\n",
            record.display(),
            git.program().display()
        );
        rig.home.add_script("recorder/git", &text);
        let path = format!("{}/recorder:/usr/bin:/bin", rig.home.path().display());
        let program = rig.home.path().join("bin/git-credential-bitbucket");
        let program = program.to_string_lossy();
        let refused = format!(
            "username={}\npassword={token}\nwwwauth[]=Basic\n{}",
            scene.name, scene.request
        );
        for (arguments, input) in [
            (&["login", "--with-token", &scene.url][..], &**token),
            (&scene.asking("erase"), &*refused),
        ] {
            let mut command = rig.without_terminal(git, &program);
            command.args(arguments).env("PATH", &path);
            rig.run(command, input.as_bytes()).expect_success();
            let recorded = fs::read_to_string(&record).expect("a file in the home");
            assert!(recorded.contains("started"), "{arguments:?}");
            assert!(!recorded.contains(token), "{arguments:?}: {recorded}");
            rig.home.add_file("record", "");
        }
    }
}

/// S19: no core file and no looks into the process, from before it reads its first byte.
#[test]
fn s19_the_process_cannot_be_dumped() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    rig.home.give_to_ordinary_user();
    let start = |program: &str| -> Waiting {
        let script = format!("ulimit -S -c \"$(ulimit -H -c)\"; exec {program}");
        let mut command = rig.home.command(git, "sh");
        command.args(["-c", &script]);
        Waiting(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{error}")),
        )
    };
    let other = start("cat");
    other.wait_until_it_runs("cat");
    let ours = start("git-credential-bitbucket get");
    ours.wait_until_it_runs("git-credential-");
    // Not before its `main` has begun; a process that never gets there fails here.
    wait_until("the limit is 0", || ours.core_limits() == ["0", "0"]);
    wait_until("it belongs to root alone", || ours.owner() == 0);
    // The control: an ordinary process of the same start is open to its user.
    if rustix::process::geteuid().is_root() {
        assert_ne!(other.owner(), 0);
        assert_ne!(other.core_limits(), ["0", "0"]);
    }
    rig.finish();
}

/// A child that waits for its input.
struct Waiting(Child);

impl Waiting {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.0.id())).unwrap_or_default()
    }

    /// Soft and hard.
    fn core_limits(&self) -> Vec<String> {
        let limits = self.read("limits");
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"));
        line.unwrap_or_default()
            .split_whitespace()
            .take(2)
            .map(str::to_owned)
            .collect()
    }

    /// Whom the kernel lets look into it.
    fn owner(&self) -> u32 {
        fs::metadata(format!("/proc/{}/environ", self.0.id())).map_or(u32::MAX, |file| file.uid())
    }

    fn wait_until_it_runs(&self, name: &str) {
        wait_until(name, || self.read("comm").starts_with(name));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Its input ends, and so does it; killed already is killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// S23: programs that lie in the repository are not ours to run, whatever `PATH` says
/// (CVE-2020-26233).
#[test]
fn s23_programs_of_the_current_folder_are_not_run() {
    for (git, scene) in scenes() {
        let git = &git;
        scene.prepare_push(git);
        let (rig, token) = (&scene.rig, &scene.token);
        let mark = rig.home.path().join("ran");
        let text = format!("echo \"$0\" >>'{}'\n", mark.display());
        for name in [
            "git",
            "git.exe",
            "xdg-open",
            "secret-tool",
            "dbus-launch",
            "sh",
        ] {
            rig.home.add_script(&format!("work/{name}"), &text);
            rig.home.add_script(&format!("work/bin/{name}"), &text);
        }
        let program = rig.home.path().join("bin/git-credential-bitbucket");
        let program = program.to_string_lossy();
        let login = [&*program, "login", "--with-token", &scene.url];
        let system = format!("{}:/usr/bin:/bin", git.directory.display());
        for (path, exec_path) in [
            (format!(".:bin:./bin::{system}"), None),
            (format!(".:{system}"), Some(".")),
            (format!(".:{system}"), Some("")),
            // None that can be trusted: then without what Git's configuration says.
            (".:bin:".to_owned(), Some("bin")),
        ] {
            // Started by its full name: only what it starts itself goes by PATH.
            let mut command = rig.home.command(git, "/usr/bin/setsid");
            command.arg("--wait").args(login).env("PATH", &path);
            if let Some(exec_path) = exec_path {
                command.env("GIT_EXEC_PATH", exec_path);
            }
            rig.run(command, token.as_bytes());
            let mut command = rig.home.command(git, "/usr/bin/setsid");
            command.args(["--wait", &program]).args(scene.asking("get"));
            command.env("PATH", &path);
            rig.run(command, scene.request.as_bytes());
            assert!(!mark.exists(), "{path} {exec_path:?}");
        }
        // And they would have run where such a PATH is searched.
        let mut command = rig.home.command(git, "/usr/bin/env");
        command.arg("git").env("PATH", format!(".:{system}"));
        rig.run(command, b"").expect_success();
        assert!(mark.exists());
    }
}

/// S25: whoever listens after us hears what Git must tell every helper, and no more.
#[test]
fn s25_a_later_helper_learns_nothing_more_than_what_git_tells_all() {
    for (git, scene) in scenes() {
        let git = &git;
        let (rig, token, url) = (&scene.rig, &scene.token, &*scene.url);
        let heard = rig.home.add_file("heard", "");
        rig.home.add_gitconfig(&format!(
            "\thelper = \"!f() {{ echo operation=$1; cat; }} >>'{}'; f\"\n",
            heard.display()
        ));
        let mut terminal = rig.terminal(git, &["ls-remote", url]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(token);
        terminal.finish().expect_success();
        rig.git(git, &["ls-remote", url]).expect_success();
        let heard = fs::read_to_string(heard).expect("a file in the home");
        let values = |key: &str| -> BTreeSet<String> {
            let lines = heard.lines().filter_map(|line| line.split_once('='));
            let values = lines.filter(|(found, _)| *found == key);
            values.map(|(_, value)| value.to_owned()).collect()
        };
        let keys: BTreeSet<&str> = heard
            .lines()
            .filter_map(|line| Some(line.split_once('=')?.0))
            .collect();
        let allowed = [
            "operation",
            "capability[]",
            "protocol",
            "host",
            "path",
            "username",
            "password",
            "password_expiry_utc",
            // As a Data Center's token is sent where Git can.
            "authtype",
            "credential",
            "wwwauth[]",
            "state[]",
            "continue",
        ];
        for key in keys {
            assert!(allowed.contains(&key), "{key}: {heard}");
        }
        // We answered, so it was never asked; it was told what worked.
        assert_eq!(values("operation"), BTreeSet::from(["store".to_owned()]));
        let secrets = &values("password") | &values("credential");
        assert_eq!(secrets, BTreeSet::from([token.clone()]));
        for state in values("state[]") {
            assert!(
                state.starts_with("bitbucket:1:") && !state.contains(&**token),
                "{state}"
            );
        }
    }
}

/// S26: `quit` stands alone, also where the environment or a lock decides.
#[test]
fn s26_quit_only_without_a_credential() {
    let Some(mut scene) = Scene::cloud() else {
        return;
    };
    let (rig, token) = (&mut scene.rig, &scene.token);
    let answer = |rig: &Rig| rig.helper("get", REQUEST).expect_success().stdout;
    let credential = format!("username=x-bitbucket-api-token-auth\npassword={token}\n");
    rig.home.set("BITBUCKET_TOKEN", "hunter2");
    assert_eq!(answer(rig), "quit=1\n");
    rig.home.set("BITBUCKET_TOKEN", token);
    assert_eq!(answer(rig), credential);
    rig.home.unset("BITBUCKET_TOKEN");
    rig.put(token, "x-bitbucket-api-token-auth");
    assert_eq!(answer(rig), credential);
    rig.keyring().lock();
    assert_eq!(answer(rig), "quit=1\n");
    // One that only Git may run.
    rig.home.set("GIT_ASKPASS", "./ask");
    assert_eq!(answer(rig), "");
}

/// S28: bitbucket.org sends Git elsewhere: the other host gets neither an answer of ours nor
/// what bitbucket.org had got, and we end no command that is not about it. A client that
/// forwards the login itself (CVE-2026-41506, GHSA-9857-6mw7-fq2m, GHSA-jrcm-326h-gpp8)
/// can only be given less: a token, never a password, for no longer and no more than needed.
#[test]
fn s28_a_redirect_to_another_host_gets_nothing() {
    for (git, scene) in scenes() {
        let git = &git;
        scene.keep();
        let rig = &scene.rig;
        // A host that the proxy knows; to us it is as foreign as any.
        let other = rig.start_data_center("https://code.beta.example");
        let elsewhere = match &scene.server {
            Some(_) => other.references("acme/widgets", false),
            None => "https://api.bitbucket.org/acme/widgets.git/info/refs?service=git-upload-pack"
                .to_owned(),
        };
        for before_login in [true, false] {
            rig.forget_requests();
            scene.redirect_git(&elsewhere, before_login);
            let url = &*scene.url;
            let ended = rig.git(git, &["-c", "http.followRedirects=true", "ls-remote", url]);
            let name = format!("{git} {url} {before_login}");
            assert!(!ended.success(), "{name}: {ended:?}");
            // Git may take the other's 401 for one of ours; that costs no token.
            let told = ended
                .stderr
                .lines()
                .filter(|line| line.starts_with("bitbucket: "));
            let is_harmless = |line: &str| line.contains("so it was kept");
            assert!(
                told.into_iter().all(is_harmless),
                "{name}: {}",
                ended.stderr
            );
            assert!(
                !ended.stderr.contains("told us to quit"),
                "{name}: {}",
                ended.stderr
            );
            let requests = rig.requests();
            let there: Vec<_> = requests
                .iter()
                .filter(|request| elsewhere.contains(&format!("//{}/", request.host)))
                .collect();
            assert!(!there.is_empty(), "{name}: {requests:#?}");
            assert!(
                there.iter().all(|request| request.authorization.is_none()),
                "{name}: {there:#?}"
            );
            scene.recover();
            rig.take_violations();
        }
        assert_eq!(scene.kept(), 1);
    }
}
