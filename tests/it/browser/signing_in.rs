//! The way in: through a push, by `login`, by pasting an address, and what goes wrong on it.

use super::{CLIENT, SECRET, file, prepare, scene, sign_in, token_requests, value};
use crate::rig::oauth::WRONG_CLIENT;
use crate::rig::scene::{REQUEST, URL};
use crate::rig::terminal::Terminal;
use crate::rig::{Fault, Git, Rig, Surface, gits, wait_for};

fn push(rig: &Rig, git: &Git) -> Terminal {
    rig.terminal(git, &["push", "origin", "topic"])
}

/// Nothing but the server, Git and the store has seen them.
fn assert_unseen(rig: &Rig, text: &str) {
    let grant = rig.bitbucket.world().oauth.grant().clone();
    for secret in [&*grant.access, &*grant.refresh, SECRET, "&code="] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The page that the browser shows at the end, which says this. The browser writes it by itself.
fn page(rig: &Rig, text: &str) -> String {
    wait_for("the last page", || {
        Some(file(rig, "page")).filter(|page| page.contains(text))
    })
}

/// The main promise: Enter at the first push, and nothing ever after.
#[test]
fn a_first_push_signs_in_with_the_browser() {
    for git in gits() {
        let rig = scene(&git);
        prepare(&rig, &git);
        let mut terminal = push(&rig, &git);
        terminal.expect("Press Enter to use your browser, or paste an API token");
        terminal.expect_prompt("Password for 'https://bitbucket.org': ");
        terminal.send_line("");
        terminal.expect("You are signed in to bitbucket.org as alice.");
        let ended = terminal.finish().expect_success();
        assert_unseen(&rig, &ended.transcript);
        assert_unseen(&rig, &file(&rig, "opened"));
        let page = page(&rig, "You are signed in");
        assert_unseen(&rig, &page);
        assert_eq!(token_requests(&rig), 1);

        rig.forget_requests();
        rig.git(&git, &["fetch", "origin"]).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

#[test]
fn a_pasted_token_works_as_ever() {
    let git = &gits()[0];
    let rig = scene(git);
    prepare(&rig, git);
    let token = crate::rig::tokens::api_token(1);
    let mut terminal = push(&rig, git);
    terminal.expect_prompt("Password for 'https://bitbucket.org': ");
    terminal.send_line(&token);
    terminal.finish().expect_success();
    assert_eq!(
        (token_requests(&rig), file(&rig, "opened")),
        (0, String::new())
    );
}

#[test]
fn what_git_gets_has_an_end_and_nothing_that_renews_it() {
    let git = &gits()[0];
    let rig = scene(git);
    sign_in(&rig, git);
    rig.forget_requests();
    let answer = rig.helper("get", REQUEST).expect_success().stdout;
    let grant = rig.bitbucket.world().oauth.grant().clone();
    assert_eq!(value(&answer, "username"), Some("x-token-auth"));
    assert_eq!(value(&answer, "password"), Some(&*grant.access));
    assert!(value(&answer, "password_expiry_utc").is_some());
    assert_eq!(value(&answer, "oauth_refresh_token"), None);
    assert_eq!(rig.requests().len(), 0);
    let status = rig.helper_with(git, &["status"], "").expect_success();
    assert_unseen(&rig, &status.stdout);
    for line in [
        "alice (browser sign-in)  fetch and push  renewed",
        "; renewed by itself\n",
        "  scopes: account, repository, repository:write\n",
    ] {
        assert!(status.stdout.contains(line), "{status:?}");
    }
    let checked = rig
        .helper_with(git, &["status", "--check"], "")
        .expect_success();
    assert!(checked.stdout.contains("still accepted"), "{checked:?}");
}

/// Where no browser opens, the address is printed, and the one it ends on is pasted.
#[test]
fn without_a_browser_an_address_is_pasted() {
    let git = &gits()[0];
    let mut rig = scene(git);
    rig.home.set("BROWSER", "");
    let mut command = rig.home.command(git, "git-credential-bitbucket");
    command.args(["login", "--web"]);
    let mut terminal = Terminal::open(&command);
    terminal.expect("Open this address in a browser");
    terminal.expect_prompt("Address: ");
    let printed = terminal.transcript();
    let address = printed.lines().find(|line| line.starts_with("https://"));
    let address = address.expect("an address").to_owned();
    for wrong in [
        "hello",
        "http://127.0.0.1/callback?state=other&code=x",
        &address,
    ] {
        terminal.send_line(wrong);
        terminal.expect_prompt("Address: ");
    }
    // The browser is on another machine, where nobody listens.
    let reply = crate::rig::curl::curl(&rig, crate::rig::curl::Login::None, &address, &[]);
    terminal.send_line(reply.header("location").expect("an address"));
    terminal.expect("You are signed in to bitbucket.org as alice.");
    let ended = terminal.finish().expect_success();
    assert_unseen(&rig, &ended.transcript);
    assert_eq!(file(&rig, "opened"), "");
}

#[test]
fn a_wait_can_be_given_up() {
    let git = &gits()[0];
    let rig = scene(git);
    let mut command = rig.home.command(git, "git-credential-bitbucket");
    command.args(["login", "--no-browser"]);
    let mut terminal = Terminal::open(&command);
    terminal.expect_prompt("Address: ");
    terminal.send("\x03");
    let ended = terminal.finish();
    assert!(ended.code != 0 && ended.sane, "{ended:?}");
    assert!(
        ended.transcript.contains("cancelled; nothing was kept"),
        "{ended:?}"
    );
}

/// Whoever does not agree, and a server that cannot, are told apart; nothing is kept.
#[test]
fn what_goes_wrong_is_said_and_keeps_nothing() {
    let git = &gits()[0];
    let rig = scene(git);
    let login = || rig.helper_with(git, &["login", "--web"], "");
    rig.bitbucket.world().oauth.denies = true;
    let denied = login().expect_failure("no credential was kept");
    assert!(denied.stderr.contains("you did not agree"), "{denied:?}");
    page(&rig, "You did not agree");
    rig.bitbucket.world().oauth.denies = false;
    rig.bitbucket.world().oauth.clients[0].secret = "another".to_owned();
    let refused = login().expect_failure("no credential was kept");
    assert!(
        refused.stderr.contains("its ID or its secret is wrong"),
        "{refused:?}"
    );
    assert!(!refused.stderr.contains(WRONG_CLIENT.1), "{refused:?}");
    rig.bitbucket.world().oauth.clients[0].secret = SECRET.to_owned();
    rig.bitbucket.world().oauth.clients[0].scopes = vec!["account"];
    let lacking = login().expect_failure("no credential was kept");
    assert!(
        lacking.stderr.contains("lacks the scope repository,"),
        "{lacking:?}"
    );
    let status = rig.helper_with(git, &["status"], "").expect_success();
    assert!(status.stdout.contains("Nothing is kept"), "{status:?}");
}

/// The scope that tells whose account it is may be missing, and so may the one to push.
#[test]
fn a_client_with_fewer_scopes_is_no_failure() {
    let git = &gits()[0];
    let rig = scene(git);
    rig.bitbucket.world().oauth.clients[0].scopes = vec!["repository"];
    let done = rig
        .helper_with(git, &["login", "--web"], "")
        .expect_success();
    assert!(
        done.stderr.contains("lacks the scope repository:write"),
        "{done:?}"
    );
    assert!(done.stdout.contains("browser sign-in"), "{done:?}");
    // The next one takes its place.
    rig.bitbucket.world().oauth.scope_field = crate::rig::oauth::ScopeField::Neither;
    rig.helper_with(git, &["login", "--web"], "")
        .expect_success();
    let status = rig.helper_with(git, &["status"], "").expect_success();
    assert_eq!(
        status.stdout.matches("browser sign-in").count(),
        1,
        "{status:?}"
    );
}

#[test]
fn without_a_client_nobody_signs_in_and_the_next_step_is_named() {
    let git = &gits()[0];
    let (rig, _) = Rig::with_alice();
    rig.helper_with(git, &["configure", "--store=file"], "")
        .expect_success();
    let failed = rig.helper_with(git, &["login", "--web"], "");
    let failed = failed.expect_failure("without an OAuth client");
    assert!(
        failed.stderr.contains("configure --oauth-client ID"),
        "{failed:?}"
    );
}

/// A company may roll a client out in Git's configuration; a repository may not.
#[test]
fn git_s_configuration_may_name_the_client() {
    let git = &gits()[0];
    let rig = scene(git);
    rig.helper_with(git, &["configure", "--no-oauth-client"], "")
        .expect_success();
    let section = format!(
        "[credential \"https://bitbucket.org\"]\n\toauthClientId = {CLIENT}\n\
         \toauthClientSecret = {SECRET}\n"
    );
    prepare(&rig, git);
    let local = rig.home.work().join(".git/config");
    let own = std::fs::read_to_string(&local).expect("a configuration");
    std::fs::write(&local, own.clone() + &section).expect("a configuration");
    rig.helper_with(git, &["login", "--web"], "")
        .expect_failure("without an OAuth client");
    std::fs::write(&local, own).expect("a configuration");
    rig.home.add_gitconfig(&section);
    sign_in(&rig, git);
}

/// Forgetting a sign-in ends it at the server, too, and one that cannot be ended is forgotten.
#[test]
fn logout_ends_the_grant() {
    let git = &gits()[0];
    let rig = scene(git);
    sign_in(&rig, git);
    let done = rig.helper_with(git, &["logout"], "").expect_success();
    assert!(
        done.stdout.contains("Ended at bitbucket.org, too."),
        "{done:?}"
    );
    assert!(rig.bitbucket.world().oauth.grant().is_revoked);
    rig.bitbucket.world().oauth.grants.clear();
    sign_in(&rig, git);
    rig.bitbucket.fail(Surface::OAuth, Fault::down(), 1);
    let done = rig
        .helper_with(git, &["logout", "--all"], "")
        .expect_success();
    assert!(
        done.stdout.contains("could not be ended at bitbucket.org"),
        "{done:?}"
    );
    assert!(
        done.stdout.contains("Forgotten: the OAuth client"),
        "{done:?}"
    );
    assert!(!rig.bitbucket.world().oauth.grant().is_revoked);
    let answer = rig.helper("get", REQUEST);
    assert_eq!(value(&answer.stdout, "password"), None);
    assert!(URL.contains("acme/widgets"));
}
