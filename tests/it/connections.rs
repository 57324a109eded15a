//! Whom we talk to, and when: a day of use makes exactly the requests of the table in
//! `docs/SECURITY.md`, counted by the server and by the proxy that everything goes through
//! (the rig fails whatever asks it for another host). Nothing is sent before its form was
//! judged, and nothing ever without TLS.

#![cfg(target_os = "linux")]

use crate::rig::scene::{REQUEST, SERVICE, URL};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{self, Credential, Fault, Git, Kind, Repository, Rig, Sender, Surface};
use crate::rig::{gits, held, superproject, tokens};

const GIT_HOST: &str = "bitbucket.org";
const API_HOST: &str = "api.bitbucket.org";

/// One row of the document's table.
struct Step {
    /// What a person does, as the document says it.
    what: &'static str,
    act: fn(&mut Day),
    /// How many connections Git makes of its own.
    git: usize,
    /// To which host each request of ours goes; those to one host share a connection.
    ours: &'static [&'static str],
}

#[rustfmt::skip]
const DAY: &[Step] = &[
    Step { what: "`configure`", act: |day| day.run(&["configure"], ""), git: 0, ours: &[] },
    Step { what: "the first push, a token is pasted", act: Day::first_push, git: 1, ours: &[GIT_HOST] },
    Step { what: "every later push and fetch", act: Day::pushes_and_fetches, git: 10, ours: &[] },
    Step { what: "a clone", act: Day::clone, git: 1, ours: &[] },
    Step { what: "a clone with three submodules", act: Day::clone_submodules, git: 4, ours: &[] },
    Step { what: "Git is answered 401 although the token is good", act: Day::stray_refusal, git: 1, ours: &[GIT_HOST] },
    Step { what: "`status`", act: |day| day.run(&["status"], ""), git: 0, ours: &[] },
    Step { what: "`status --check`, for each credential", act: |day| day.run(&["status", "--check"], ""), git: 0, ours: &[GIT_HOST] },
    Step { what: "`doctor --offline`", act: |day| day.run(&["doctor", "--offline"], ""), git: 0, ours: &[] },
    Step { what: "`git credential reject`, with the secret", act: Day::reject_filled, git: 0, ours: &[GIT_HOST] },
    Step { what: "`git credential reject`, without the secret", act: Day::reject, git: 0, ours: &[] },
    Step { what: "a push to `https://alice@bitbucket.org/…`, a token is pasted", act: Day::push_with_name, git: 1, ours: &[GIT_HOST, GIT_HOST] },
    Step { what: "`logout`", act: |day| day.run(&["logout"], ""), git: 0, ours: &[] },
    Step { what: "`login` with a repository's URL", act: |day| day.login(&[URL]), git: 0, ours: &[GIT_HOST] },
    Step { what: "`login` with `--email`, without a repository", act: |day| day.login(&["--email=alice@example.com"]), git: 0, ours: &[API_HOST] },
    Step { what: "`login` with a token that may only read", act: Day::login_reader, git: 0, ours: &[GIT_HOST, GIT_HOST] },
    Step { what: "`login` with an access token", act: Day::login_access_token, git: 0, ours: &[GIT_HOST, API_HOST] },
    Step { what: "a token past its stated date, once", act: Day::past_its_date, git: 2, ours: &[GIT_HOST] },
    Step { what: "an app password, kept or of the environment, once a day", act: Day::app_password, git: 2, ours: &[GIT_HOST] },
    Step { what: "`unconfigure`", act: |day| day.run(&["unconfigure"], ""), git: 0, ours: &[] },
];

struct Day {
    rig: Rig,
    git: Git,
    token: String,
    commits: usize,
}

impl Day {
    /// `None` where no keychain can be had.
    fn begin(git: &Git) -> Option<Self> {
        let (rig, token) = Rig::with_alice_and_keychain()?;
        for part in ["acme/whole", "acme/one", "acme/two", "acme/three"] {
            let private = Repository::private().writer("alice");
            rig.bitbucket.add_repository(part, private);
        }
        let day = Self {
            rig,
            git: git.clone(),
            token,
            commits: 0,
        };
        day.git(&["init", "--quiet", "--initial-branch=topic", "."]);
        day.git(&["remote", "add", "origin", URL]);
        day.make_submodules();
        Some(day)
    }

    fn git(&self, arguments: &[&str]) {
        self.rig.git(&self.git, arguments).expect_success();
    }

    fn run(&self, arguments: &[&str], input: &str) {
        self.rig
            .helper_with(&self.git, arguments, input)
            .expect_success();
    }

    fn commit(&mut self) {
        self.commits += 1;
        let message = format!("--message={}", self.commits);
        self.git(&["commit", "--quiet", "--allow-empty", &message]);
    }

    /// Pushes to a URL with the token pasted.
    fn paste(&mut self, url: &str) {
        self.commit();
        let mut terminal = self.rig.terminal(&self.git, &["push", url, "topic"]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&self.token);
        terminal.finish().expect_success();
    }

    fn first_push(&mut self) {
        self.paste(URL);
    }

    fn push_with_name(&mut self) {
        // Git tries the name without a password before it asks.
        self.rig.bitbucket.expect_name("alice");
        self.paste("https://alice@bitbucket.org/acme/widgets.git");
    }

    fn pushes_and_fetches(&mut self) {
        for _ in 0..5 {
            self.commit();
            self.git(&["push", "--quiet", "origin", "topic"]);
            self.git(&["fetch", "--quiet", "origin"]);
        }
    }

    fn clone(&mut self) {
        self.git(&["clone", "--quiet", URL, "clone"]);
    }

    fn clone_submodules(&mut self) {
        let url = "https://bitbucket.org/acme/whole.git";
        self.git(&["clone", "--quiet", "--recurse-submodules", url, "whole"]);
    }

    fn stray_refusal(&mut self) {
        let fault = Fault::stray_refusal();
        self.rig
            .bitbucket
            .fail_for(Sender::GitLogin, Surface::Git, fault, 1);
        if self.git.has_capabilities() {
            self.git(&["fetch", "--quiet", "origin"]);
            return;
        }
        // What Git 2.41 and newer says after a fetch that failed.
        let input = format!(
            "{REQUEST}username=x-bitbucket-api-token-auth\npassword={}\nwwwauth[]=Basic\n\n",
            self.token
        );
        self.run(&["erase"], &input);
        self.rig.bitbucket.recover();
        self.git(&["fetch", "--quiet", "origin"]);
    }

    fn reject(&mut self) {
        self.reject_with("");
    }

    fn reject_filled(&mut self) {
        self.reject_with(&format!("password={}\n", self.token));
    }

    fn reject_with(&self, secret: &str) {
        let mut command = self.rig.without_terminal(&self.git, "git");
        command.args(["credential", "reject"]);
        let input = format!("{REQUEST}{secret}\n");
        self.rig.run(command, input.as_bytes()).expect_success();
    }

    fn login(&self, arguments: &[&str]) {
        let all = [&["login", "--with-token"], arguments].concat();
        self.run(&all, &self.token);
    }

    fn login_reader(&mut self) {
        let reader = tokens::api_token(7);
        let credential = Credential::new(
            Kind::ApiToken,
            &reader,
            "alice",
            &["read:repository:bitbucket"],
        );
        self.rig.bitbucket.issue(credential);
        self.run(&["login", "--with-token", URL], &reader);
    }

    fn login_access_token(&mut self) {
        let token = tokens::access_token(9);
        let scopes = ["repository:write"];
        let credential = Credential::new(Kind::RepositoryToken, &token, "acme/widgets", &scopes);
        self.rig.bitbucket.issue(credential);
        self.run(&["login", "--with-token", URL], &token);
    }

    fn past_its_date(&mut self) {
        self.run(&["logout", "--all"], "");
        let details = r#"{"version":1,"id":"1","kind":"api-token","added":1,"expires":2}"#;
        let attributes = [
            ("service", SERVICE),
            ("account", "x-bitbucket-api-token-auth"),
        ];
        let payload = format!("{}\n{details}", self.token);
        self.rig.keyring().store("Bitbucket", &payload, &attributes);
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["fetch", "--quiet", "origin"]);
    }

    fn app_password(&mut self) {
        let password = tokens::app_password(8);
        let scopes = ["Repositories: Read", "Repositories: Write"];
        let credential = Credential::new(Kind::AppPassword, &password, "alice", &scopes);
        self.rig.bitbucket.issue(credential);
        self.rig.bitbucket.world().switches.app_passwords_removed = false;
        self.rig.home.set("BITBUCKET_APP_PASSWORD", &password);
        self.rig.home.set("BITBUCKET_USERNAME", "alice");
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["fetch", "--quiet", "origin"]);
        self.rig.home.unset("BITBUCKET_APP_PASSWORD");
    }

    /// `acme/whole` gets three submodules, without a server.
    fn make_submodules(&self) {
        let parts = ["one", "two", "three"].map(|part| {
            let commit = self.rig.bitbucket.commit(&format!("acme/{part}"), "main");
            (format!("https://bitbucket.org/acme/{part}.git"), commit)
        });
        let there = self.rig.bitbucket.directory("acme/whole");
        superproject::push(&self.rig, &self.git, &parts, &there.to_string_lossy());
    }
}

#[test]
fn a_day_makes_exactly_these_connections() {
    for git in gits() {
        let Some(mut day) = Day::begin(&git) else {
            return;
        };
        for step in DAY {
            day.rig.forget_requests();
            (step.act)(&mut day);
            let requests = day.rig.requests_not_from_git();
            let hosts: Vec<&str> = requests.iter().map(|request| &*request.host).collect();
            assert_eq!(hosts, step.ours, "{git}, {}: {requests:#?}", step.what);
            for request in &requests {
                assert_eq!(request.method, "GET", "{request:?}");
                assert!(request.authorization.is_some(), "{request:?}");
            }
            let mut expected = vec![format!("{GIT_HOST}:443"); step.git];
            let mut ours = step.ours.to_vec();
            ours.dedup();
            expected.extend(ours.iter().map(|host| format!("{host}:443")));
            let mut connects = day.rig.connects();
            connects.sort();
            expected.sort();
            assert_eq!(connects, expected, "{git}, {}", step.what);
        }
        held("a step of a day makes its connections only", DAY.len());
    }
}

/// The document's table is this one.
#[test]
fn the_document_lists_them() {
    let document = include_str!("../../docs/SECURITY.md");
    for Step { what, ours, .. } in DAY {
        let groups = ours.chunk_by(|one, other| one == other);
        let groups = groups.map(|group| format!("{} to `{}`", group.len(), group[0]));
        let requests = match groups.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        };
        let row = format!("| {what} | {requests} |\n");
        assert!(document.contains(&row), "docs/SECURITY.md lacks: {row}");
    }
    let rows = document
        .lines()
        .skip_while(|line| !line.starts_with("| what you do |"))
        .take_while(|line| line.starts_with('|'));
    assert_eq!(rows.count(), DAY.len() + 2, "one row for each step");
}

/// What has not the form of a Bitbucket credential is not sent at all, not even to find
/// out; a form that nobody knows is sent only after a yes.
#[test]
fn nothing_is_sent_before_its_form_was_judged() {
    let git = &gits()[0];
    let (mut rig, token) = Rig::with_alice();
    if !rig.start_keyring() {
        return;
    }
    let damaged = format!("{}00000000", &token[..token.len() - 8]);
    let unknown = "0123456789".repeat(8);
    let old = tokens::old_app_password(3);
    for (secret, question) in [
        ("correct horse", ""),
        ("hunter2", ""),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", ""),
        ("glpat-0123456789abcdefghij", ""),
        ("BBDC-0123456789abcdefghijABCDEFGHIJ012345678", ""),
        (&*damaged, "[y/N]"),
        (&unknown, "[y/N]"),
        (&old, "[y/N]"),
    ] {
        let mut command = rig.home.command(git, "git-credential-bitbucket");
        command.args(["login", URL]);
        let mut terminal = rig::terminal::Terminal::open(&command);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(secret);
        if !question.is_empty() {
            terminal.expect(question);
            terminal.send_line("n");
        }
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line("");
        assert_ne!(terminal.finish().code, 0, "{secret}");
        rig.helper_with(git, &["login", "--with-token", URL], secret)
            .expect_failure("");
        // A stated kind is an answer to a question, and no reason to send what needs none.
        if question.is_empty() {
            for kind in ["api-token", "access-token", "app-password"] {
                let kind = format!("--kind={kind}");
                let login = ["login", "--with-token", "--username=alice", &kind, URL];
                rig.helper_with(git, &login, secret).expect_failure("");
            }
        }
        assert_eq!(rig.connects(), [""; 0], "{secret}");
    }
    // The control: what has the form is.
    rig.helper_with(git, &["login", "--with-token", URL], &token)
        .expect_success();
    assert_eq!(rig.connects().len(), 1);
}

/// `http` is not ours, whoever asks and whatever is kept.
#[test]
fn nothing_is_sent_without_tls() {
    let git = &gits()[0];
    let (mut rig, token) = Rig::with_alice();
    if !rig.start_keyring() {
        return;
    }
    let plain = REQUEST.replace("https", "http");
    rig.helper_with(git, &["login", "--with-token", URL], &token)
        .expect_success();
    rig.forget_requests();
    rig.home.set("BITBUCKET_TOKEN", &token);
    let login = format!("{plain}username=alice\npassword={token}\nwwwauth[]=Basic\n\n");
    for operation in ["get", "store", "erase"] {
        let ended = rig.helper_with(git, &[operation], &login);
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""));
    }
    for url in [
        "http://bitbucket.org/acme/widgets",
        "http://bitbucket.org:443/acme/widgets",
        "https://bitbucket.org:8443/acme/widgets",
        "https://bitbucket.org.evil.example/acme/widgets",
    ] {
        rig.helper_with(git, &["login", "--with-token", url], &token)
            .expect_failure("error: ");
    }
    assert_eq!(rig.connects(), [""; 0]);
    let items = rig.items();
    assert_eq!(items.len(), 1);
}
