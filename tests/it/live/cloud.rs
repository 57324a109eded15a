//! Bitbucket Cloud: everything as expected, and everything different.

use super::person::{Answer, answer, browse, end, hidden, shown, start, start_with};
use super::report::Report;
use crate::rig::log::Request;
use crate::rig::oauth::ScopeField;
use crate::rig::terminal::{Ended, Terminal};
use crate::rig::{Credential, Fault, GIT_SCOPES, Kind, Repository, Rig, Surface, gits, tokens};

pub const REPOSITORY: &str = "zebrafinch/quokka";
const E_MAIL: &str = "wombat.canary@numbat.example";
const USERNAME: &str = "wombat_canary";
const CLIENT: &str = "client-of-the-wombat";
const SECRET: &str = "secret-of-the-client-of-the-wombat";

/// What nobody may read in a report.
const NAMES: [&str; 6] = [
    "zebrafinch",
    "quokka",
    "wombat",
    "numbat",
    "canary",
    "127.0.0.1",
];

/// The tokens of the person, in the order of the questions.
pub struct Secrets {
    pub api: String,
    reading: String,
    plain: String,
    repository: String,
    project: String,
    workspace: String,
    app_password: String,
}

impl Secrets {
    fn all(&self) -> [&str; 8] {
        [
            &self.api,
            &self.reading,
            &self.plain,
            &self.repository,
            &self.project,
            &self.workspace,
            &self.app_password,
            SECRET,
        ]
    }
}

/// A person who has one of everything.
pub fn scene() -> (Rig, Secrets) {
    let rig = Rig::new();
    let secrets = Secrets {
        api: tokens::api_token(1),
        reading: tokens::api_token(2),
        plain: tokens::api_token(3),
        repository: tokens::access_token(4),
        project: tokens::access_token(5),
        workspace: tokens::access_token(6),
        app_password: tokens::app_password(7),
    };
    rig.bitbucket.add_user(USERNAME, E_MAIL, "correct horse");
    rig.bitbucket.add_repository(
        REPOSITORY,
        Repository::private().writer(USERNAME).in_project("ZEB"),
    );
    let everything = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    let access = ["repository", "repository:write"];
    let old = ["Repositories: Read", "Repositories: Write"];
    for (kind, secret, owner, scopes) in [
        (Kind::ApiToken, &secrets.api, USERNAME, &everything[..]),
        (Kind::ApiToken, &secrets.reading, USERNAME, &GIT_SCOPES[..1]),
        (Kind::ApiToken, &secrets.plain, USERNAME, &[]),
        (
            Kind::RepositoryToken,
            &secrets.repository,
            REPOSITORY,
            &access,
        ),
        (Kind::ProjectToken, &secrets.project, "ZEB", &access),
        (
            Kind::WorkspaceToken,
            &secrets.workspace,
            "zebrafinch",
            &access,
        ),
        (Kind::AppPassword, &secrets.app_password, USERNAME, &old),
    ] {
        rig.bitbucket
            .issue(Credential::new(kind, secret, owner, scopes));
    }
    let mut world = rig.bitbucket.world();
    world.oauth.add_client(CLIENT, SECRET);
    USERNAME.clone_into(&mut world.oauth.user);
    world.switches.git_takes_bearer = true;
    drop(world);
    (rig, secrets)
}

/// What the person answers before anything is sent.
fn answers(secrets: &Secrets) -> [Answer; 13] {
    [
        shown(
            "Address of a private repository",
            "https://bitbucket.org/zebrafinch/quokka",
        ),
        shown("E-mail address", E_MAIL),
        shown("Username", USERNAME),
        hidden("API token with scopes", &secrets.api),
        hidden("API token that may only read", &secrets.reading),
        hidden("API token made without scopes", &secrets.plain),
        hidden("Access token of the repository", &secrets.repository),
        hidden("Access token of its project", &secrets.project),
        hidden("Access token of its workspace", &secrets.workspace),
        hidden("App password", &secrets.app_password),
        shown("its ID", CLIENT),
        hidden("its secret", SECRET),
        shown("its callback URL", ""),
    ]
}

/// The same of a person who has an API token alone.
pub fn with_one_token(token: &str) -> [Answer; 11] {
    [
        shown(
            "Address of a private repository",
            "https://bitbucket.org/zebrafinch/quokka",
        ),
        shown("E-mail address", ""),
        shown("Username", ""),
        hidden("API token with scopes", token),
        hidden("API token that may only read", ""),
        hidden("API token made without scopes", ""),
        hidden("Access token of the repository", ""),
        hidden("Access token of its project", ""),
        hidden("Access token of its workspace", ""),
        hidden("App password", ""),
        shown("its ID", ""),
    ]
}

/// What the person does with the browser: refuses once, agrees twice, looks at two pages.
fn sit_before_the_browser(rig: &Rig, terminal: &mut Terminal) {
    rig.bitbucket.world().oauth.denies = true;
    browse(rig, terminal, "REFUSE");
    rig.bitbucket.world().oauth.denies = false;
    // The first one's code is spent on a wrong verifier.
    for _ in 0..2 {
        browse(rig, terminal, "AGREE");
    }
    for seen in ["y", "n"] {
        terminal.expect_late("Invalid redirect_uri\"?");
        terminal.expect(": ");
        terminal.send_line(seen);
    }
}

/// What was asked, the person's browser aside.
fn sent(rig: &Rig) -> Vec<Request> {
    let mut requests = rig.requests();
    requests.retain(|request| !request.user_agent.starts_with("curl/"));
    requests
}

/// Nothing that was made is there any more, and nothing is told that nobody may know.
#[track_caller]
fn check(rig: &Rig, secrets: &Secrets, ended: &Ended, report: &Report) {
    let branches = std::fs::read_dir(rig.bitbucket.directory(REPOSITORY).join("refs/heads"));
    let branches: Vec<_> = branches.expect("branches").flatten().collect();
    assert_eq!(branches.len(), 1, "{branches:?}");
    assert!(
        rig.bitbucket
            .world()
            .oauth
            .grants
            .iter()
            .all(|it| it.is_revoked)
    );
    assert_eq!(sent(rig).len(), report.requests(), "{}", report.text);
    assert!(report.requests() <= 60, "{}", report.text);
    report.has_none_of(&NAMES);
    for secret in secrets.all() {
        report.has_nothing_of(secret);
        assert!(!ended.transcript.contains(secret), "{}", ended.transcript);
    }
    let world = rig.bitbucket.world();
    for grant in &world.oauth.grants {
        report.has_nothing_of(&grant.access);
        report.has_nothing_of(&grant.refresh);
    }
}

#[test]
fn all_is_as_expected() {
    for git in gits() {
        let (rig, secrets) = scene();
        let Some(mut terminal) = start_with(&rig, &git) else {
            return;
        };
        answer(&mut terminal, &answers(&secrets));
        sit_before_the_browser(&rig, &mut terminal);
        let (ended, report) = end(&rig, terminal);
        check(&rig, &secrets, &ended, &report);
        assert_eq!(report.with("different"), [""; 0], "{}", report.text);
        // What no program asks.
        let never = ["B19", "B20", "O23", "O24", "O25"];
        assert_eq!(report.with("skipped"), never, "{}", report.text);
        assert_eq!(ended.code, 0, "{}", ended.transcript);
        assert_eq!(report.with("as expected").len(), 48, "{}", report.text);
    }
}

/// The server as other reports have it: each row that asks about it says so.
#[test]
fn what_is_different_is_told() {
    let (rig, secrets) = scene();
    {
        let mut world = rig.bitbucket.world();
        world.switches.app_passwords_removed = false;
        world.switches.scope_headers = false;
        world.oauth.scope_field = ScopeField::Scopes;
        world.oauth.checks_verifier = false;
        world.oauth.error_status = 401;
        world.oauth.grace = false;
        world.oauth.lock_out = 0;
        world.oauth.token_length = 7000;
    }
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    answer(&mut terminal, &answers(&secrets));
    rig.bitbucket.world().oauth.denies = true;
    browse(&rig, &mut terminal, "REFUSE");
    rig.bitbucket.world().oauth.denies = false;
    browse(&rig, &mut terminal, "AGREE");
    let (ended, report) = end(&rig, terminal);
    check(&rig, &secrets, &ended, &report);
    let expected = [
        "B1", "B5", "B7", "B9", "B17", "B18", "O3", "O5", "O7", "O12",
    ];
    assert_eq!(report.with("different"), expected, "{}", report.text);
    // A former refresh token that is refused may be the begin of a lock-out: it ends there, and
    // the sign-in is ended all the same.
    assert!(
        report.result("O13").contains("locked out"),
        "{}",
        report.text
    );
    assert_eq!(ended.code, 1, "{}", ended.transcript);
    assert!(report.text.contains("### O3: "), "{}", report.text);
}

/// A server that answers everything in a way that nobody knows: no row takes that for what it
/// expects, and nothing is repeated.
#[test]
fn nothing_unknown_is_taken_for_expected() {
    let (rig, secrets) = scene();
    let teapot = || Fault::status(418, "wombat@numbat.example likes zebrafinch/quokka");
    for surface in [Surface::Git, Surface::Rest, Surface::OAuth] {
        rig.bitbucket.fail(surface, teapot(), 1000);
    }
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    answer(&mut terminal, &answers(&secrets));
    for wish in ["REFUSE", "AGREE"] {
        terminal.expect_late(wish);
        terminal.expect("Address (hidden): ");
        terminal.send_line("");
    }
    // The second agreement, as the first brought nothing; then the two pages.
    terminal.expect_late("AGREE");
    terminal.expect("Address (hidden): ");
    terminal.send_line("s");
    for seen in ["n", "y"] {
        terminal.expect_late("Invalid redirect_uri\"?");
        terminal.expect(": ");
        terminal.send_line(seen);
    }
    let (ended, report) = end(&rig, terminal);
    check(&rig, &secrets, &ended, &report);
    let as_expected = report.with("as expected");
    // What of our program needs no server.
    assert_eq!(as_expected, ["P1", "P8"], "{}", report.text);
}
