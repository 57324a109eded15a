//! A company's own server, where an administrator has made an incoming link: the way in, what Git
//! gets, and renewing, which names the redirect once more.

use super::{CLIENT, SECRET, add_browser, file, value};
use crate::rig::data_center::DataCenter;
use crate::rig::oauth::Client;
use crate::rig::scene::CHALLENGE;
use crate::rig::{Git, Rig, gits, wait_for};
use std::net::TcpListener;
use std::sync::Arc;

const BASE: &str = "https://git.acme.example:8443/bitbucket";
const REQUEST: &str = "protocol=https\nhost=git.acme.example:8443\n\
    path=bitbucket/scm/acme/widgets.git\n";

/// A port that was free a moment ago: the server wants the one that the link names.
fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    socket.local_addr().expect("a bound socket").port()
}

/// A Data Center with a link, and a home that knows it and has a browser.
fn scene(git: &Git, scopes: &[&'static str]) -> (Rig, Arc<DataCenter>) {
    let (mut rig, server, _) = Rig::with_data_center(BASE);
    let callback = format!("http://127.0.0.1:{}/callback", free_port());
    server.world().oauth.clients.push(Client {
        id: CLIENT.to_owned(),
        secret: SECRET.to_owned(),
        callback: Some(callback.clone()),
        scopes: scopes.to_vec(),
    });
    let arguments = [
        "configure",
        "--data-center",
        BASE,
        "--store=file",
        "--oauth-client",
        CLIENT,
        "--with-secret",
    ];
    let done = rig.helper_with(git, &arguments, SECRET).expect_success();
    let next = format!("Next: git credential-bitbucket login --web {BASE}");
    assert!(done.stdout.contains(&next), "{done:?}");
    rig.home.add_gitconfig(&format!(
        "[credential \"{BASE}\"]\n\toauthRedirectURL = {callback}\n"
    ));
    add_browser(&mut rig);
    (rig, server)
}

const BOTH: [&str; 2] = ["REPO_READ", "REPO_WRITE"];

fn token_requests(rig: &Rig) -> usize {
    let mut requests = rig.requests();
    requests.retain(|it| it.path.ends_with("/rest/oauth2/latest/token"));
    requests.len()
}

/// As Git asks, by the line that `configure` has written.
fn ask(rig: &Rig, operation: &str, input: &str) -> String {
    let arguments = ["--data-center", BASE, "--store=file", operation];
    let done = rig.helper_with(&gits()[0], &arguments, input);
    done.expect_success().stdout
}

fn get(rig: &Rig) -> String {
    ask(rig, "get", REQUEST)
}

/// Nothing but the server, Git and the store has seen them.
fn assert_unseen(server: &DataCenter, text: &str) {
    let grant = server.world().oauth.grant().clone();
    for secret in [&*grant.access, &*grant.refresh, SECRET, "&code="] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Enter at the first push; then nothing, until the token ends, and one renewal.
#[test]
fn a_first_push_signs_in_with_the_browser() {
    for git in gits() {
        let (rig, server) = scene(&git, &BOTH);
        let remote = server.remote("acme/widgets");
        for arguments in [
            &["init", "--quiet", "--initial-branch=topic", "."][..],
            &["remote", "add", "origin", &remote],
            &["commit", "--quiet", "--allow-empty", "--message=Change"],
        ] {
            rig.git(&git, arguments).expect_success();
        }
        let mut terminal = rig.terminal(&git, &["push", "origin", "topic"]);
        terminal.expect("Press Enter to use your browser, or paste an HTTP access token");
        terminal.expect_prompt("Password for 'https://git.acme.example:8443': ");
        terminal.send_line("");
        terminal.expect("You are signed in to git.acme.example:8443 as jdoe.");
        let ended = terminal.finish().expect_success();
        let opened = file(&rig, "opened");
        let scopes = "&scope=PUBLIC_REPOS+REPO_READ+REPO_WRITE";
        assert!(opened.contains(scopes), "{opened}");
        let page = wait_for("the last page", || {
            Some(file(&rig, "page")).filter(|page| page.contains("You are signed in"))
        });
        for text in [&ended.transcript, &opened, &page] {
            assert_unseen(&server, text);
        }
        assert_eq!(token_requests(&rig), 1);

        rig.forget_requests();
        rig.git(&git, &["fetch", "origin"]).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 0, "{git}");
        let answer = get(&rig);
        let before = value(&answer, "password").expect("a token").to_owned();
        assert_eq!(value(&answer, "username"), Some("OAUTH_USERNAME"));
        assert_eq!(value(&answer, "oauth_refresh_token"), None);

        // As Git does that was refused.
        let refused = format!("{REQUEST}{CHALLENGE}username=OAUTH_USERNAME\npassword={before}\n\n");
        ask(&rig, "erase", &refused);
        rig.git(&git, &["fetch", "origin"]).expect_success();
        assert_eq!(token_requests(&rig), 1, "{git}");
        let answer = get(&rig);
        let access = server.world().oauth.grant().access.clone();
        assert_eq!(value(&answer, "password"), Some(&*access));
        assert_ne!(access, before);
        let status = ["status", "--json", "--site", BASE];
        let status = rig.helper_with(&git, &status, "").expect_success().stdout;
        let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
        let entries = status["entries"].as_array().expect("a list");
        assert_eq!(entries.len(), 1, "{status}");
        assert_eq!(entries[0]["kind"], "data-center-oauth");
    }
}

/// What the link, its scopes and its secret may lack is said in the words of a Data Center.
#[test]
fn what_a_link_lacks_is_said() {
    let git = &gits()[0];
    let (rig, server) = scene(git, &["REPO_READ"]);
    let login = || rig.helper_with(git, &["login", "--web", BASE], "");
    let done = login().expect_success();
    assert!(
        done.stderr.contains("lacks the scope REPO_WRITE"),
        "{done:?}"
    );
    let status = rig
        .helper_with(git, &["status", "--site", BASE], "")
        .expect_success();
    assert!(status.stdout.contains("jdoe"), "{status:?}");
    server.world().oauth.grants.clear();
    server.world().oauth.clients[0].secret = "another".to_owned();
    let refused = login().expect_failure("no credential was kept");
    let command = format!("configure --oauth-client ID --data-center {BASE}");
    assert!(refused.stderr.contains(&command), "{refused:?}");
    // None is known: the command for this server is named.
    let forget = ["configure", "--data-center", BASE, "--no-oauth-client"];
    rig.helper_with(git, &forget, "").expect_success();
    let failed = login().expect_failure("without an OAuth client");
    assert!(failed.stderr.contains(&command), "{failed:?}");
}

/// The server has no request for it: it is forgotten here, and that is said.
#[test]
fn logout_forgets_it_here() {
    let git = &gits()[0];
    let (rig, server) = scene(git, &BOTH);
    rig.helper_with(git, &["login", "--web", BASE], "")
        .expect_success();
    rig.forget_requests();
    let done = rig
        .helper_with(git, &["logout", "--site", BASE], "")
        .expect_success();
    assert!(done.stdout.contains("goes on knowing it"), "{done:?}");
    assert_eq!(rig.requests().len(), 0);
    assert!(!server.world().oauth.grant().is_revoked);
    assert_eq!(value(&get(&rig), "password"), None);
}
