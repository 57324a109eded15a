//! `login`: the same as at a push, outside Git.
#![cfg(target_os = "linux")]

mod replacement;

use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{self, Credential, Fault, Finished, GIT_SCOPES, Kind, Rig, Surface, gits, tokens};

const WIDGETS: &str = "https://bitbucket.org/acme/widgets";

/// An empty keychain; `None` where none can be had.
fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then_some((rig, token))
}

fn run(rig: &Rig, arguments: &[&str], input: &str) -> Finished {
    rig.helper_with(&gits()[0], arguments, input)
}

#[test]
fn on_a_terminal_it_asks_verifies_and_keeps() {
    let Some((rig, _)) = scene() else { return };
    let token = tokens::api_token(2);
    let scopes = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &token, "alice", &scopes));
    let mut command = rig.home.command(&gits()[0], "git-credential-bitbucket");
    command.arg("login");
    let mut terminal = rig::terminal::Terminal::open(&command);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    terminal.expect("E-mail of your Atlassian account");
    terminal.send_line("alice@example.com");
    terminal.expect("When does it expire?");
    terminal.send_line("yesterday");
    terminal.expect("Not understood");
    // What is typed before a question does not answer it.
    terminal.expect("When does it expire?");
    terminal.send_line("90d");
    terminal.expect("Kept in the Secret Service keyring: alice (API token)");
    terminal.finish().expect_success();
    assert_eq!(rig.labels(), ["Bitbucket: alice (API token)"]);
}

#[test]
fn a_token_from_standard_input_is_verified_with_a_repository_or_an_address() {
    let Some((rig, token)) = scene() else { return };
    let done = run(
        &rig,
        &["login", "--with-token", WIDGETS],
        &format!("{token}\r\n"),
    );
    assert_eq!(
        done.expect_success().stdout,
        "Kept in the Secret Service keyring: API token\n"
    );
    let other = tokens::api_token(2);
    let scopes = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &other, "alice", &scopes));
    run(
        &rig,
        &["login", "--with-token", "--email", "alice@example.com"],
        &other,
    )
    .expect_success();
    assert_eq!(rig.requests_not_from_git().len(), 2);
    let mut labels = rig.labels();
    labels.sort();
    assert_eq!(
        labels,
        ["Bitbucket: API token", "Bitbucket: alice (API token)"]
    );
}

/// Like a push there: the repository to verify with need not be typed.
#[test]
fn in_a_clone_its_repository_is_verified_with() {
    let Some((rig, token)) = scene() else { return };
    let other = tokens::access_token(2);
    rig.bitbucket.issue(Credential::new(
        Kind::RepositoryToken,
        &other,
        "acme/widgets",
        &["repository", "repository:write"],
    ));
    let git = &gits()[0];
    rig.git(git, &["init", "--quiet"]).expect_success();
    rig.git(git, &["remote", "add", "origin", WIDGETS])
        .expect_success();
    for (token, title) in [
        (&token, "API token"),
        (&other, "acme/widgets (access token)"),
    ] {
        let done = run(&rig, &["login", "--with-token"], token).expect_success();
        let expected = format!("Kept in the Secret Service keyring: {title}\n");
        assert_eq!(done.stdout, expected);
        let requests = rig.requests_not_from_git();
        let path = &requests[0].path;
        assert!(path.starts_with("/acme/widgets"), "{path}");
        rig.forget_requests();
    }
    // What was stated says where else to ask.
    run(
        &rig,
        &["login", "--with-token", "--workspace=other"],
        &token,
    )
    .expect_failure("use --email");
    let email = ["login", "--with-token", "--email=alice@example.com"];
    run(&rig, &email, &token).expect_success();
    let requests = rig.requests_not_from_git();
    assert!(requests.iter().all(|one| one.host == "api.bitbucket.org"));
}

/// There it would be waited for without a word, and be shown.
#[test]
fn a_token_for_a_pipe_is_not_read_from_a_terminal() {
    let (rig, _) = Rig::with_alice();
    let mut command = rig.home.command(&gits()[0], "git-credential-bitbucket");
    command.args(["login", "--with-token"]);
    let ended = rig::terminal::Terminal::open(&command).finish();
    let said = "leave --with-token out";
    assert!(ended.transcript.contains(said), "{}", ended.transcript);
    assert_eq!(ended.code, 1);
}

#[test]
fn what_was_not_verified_is_not_kept() {
    let Some((rig, token)) = scene() else { return };
    run(&rig, &["login", "--with-token"], &token).expect_failure("use --email");
    rig.bitbucket.fail(Surface::Git, Fault::down(), 1);
    run(&rig, &["login", "--with-token", WIDGETS], &token)
        .expect_failure("Bitbucket has trouble of its own (status 503)");
    rig.bitbucket.revoke(&token);
    run(&rig, &["login", "--with-token", WIDGETS], &token).expect_failure("no credential was kept");
    assert_eq!(rig.labels(), [""; 0]);
}

#[test]
fn what_cannot_be_a_token_is_refused_unsent() {
    let Some((rig, token)) = scene() else { return };
    for (input, said) in [
        ("hunter2\n", "looks like an account password"),
        (
            "ghp_0123456789012345678901234567890123456",
            "a GitHub personal access token",
        ),
        (&token[..token.len() - 1], "cut off or mistyped"),
        ("0123456789abcdefABCD", "Is this an app password"),
        ("", "standard input holds no token"),
        ("\u{feff}\r\n\n", "standard input holds no token"),
        ("$BITBUCKET_TOKEN\n", "holds the name of a variable"),
        (&format!("Bearer {token}\n"), "holds a header"),
        (&format!("export TOKEN={token}\n"), "holds the assignment"),
        (&format!("\"{token}\"\n"), "holds quotation marks"),
        ("A\0T\0A\0T\0", "UTF-16"),
        ("${{ secrets.TOKEN }}", "holds the name of a variable"),
        ("$(cat token)", "holds a command"),
        ("op://Private/Bitbucket/token", "holds an address"),
        (
            &format!("{{\n  \"token\": \"{token}\"\n}}\n"),
            "holds other text beside the token; leave nothing but the token there",
        ),
        (&format!("{token};\n"), "holds other text beside the token"),
    ] {
        run(&rig, &["login", "--with-token", WIDGETS], input).expect_failure(said);
    }
    assert_eq!(rig.requests().len(), 0);
    assert_eq!(rig.labels(), [""; 0]);
}

#[test]
fn a_stated_kind_needs_no_question() {
    let Some((rig, _)) = scene() else { return };
    rig.bitbucket.world().switches.app_passwords_removed = false;
    let secret = "0123456789abcdefABCD";
    let scopes = ["Repositories: Read", "Repositories: Write"];
    rig.bitbucket
        .issue(Credential::new(Kind::AppPassword, secret, "alice", &scopes));
    let arguments = ["login", "--with-token", "--kind", "app-password", WIDGETS];
    run(&rig, &arguments, secret).expect_failure("an app password needs --username, too");
    let arguments = [
        "login",
        "--with-token",
        "--kind=app-password",
        "--username=alice",
        WIDGETS,
    ];
    run(&rig, &arguments, secret).expect_success();
    assert_eq!(rig.labels(), ["Bitbucket: alice (app password)"]);
    // Nor does a token of a form that is not known yet.
    let unknown = tokens::oauth_token(6);
    let scopes = ["repository", "repository:write"];
    rig.bitbucket.issue(Credential::new(
        Kind::RepositoryToken,
        &unknown,
        "acme/widgets",
        &scopes,
    ));
    let arguments = ["login", "--with-token", "--kind=access-token", WIDGETS];
    run(&rig, &arguments, &unknown).expect_success();
    assert_eq!(rig.labels().len(), 2);
}

#[test]
fn bad_addresses_change_nothing() {
    let Some((rig, token)) = scene() else { return };
    let unknown = "is no address of a repository at Bitbucket; \
        write it as https://bitbucket.org/WORKSPACE/REPOSITORY";
    for (url, said) in [
        (
            "https://alice:secret@bitbucket.org",
            "the URL contains a secret",
        ),
        ("http://bitbucket.org", unknown),
        ("https://bitbucket.org:8443", unknown),
        ("https://bitbucket.org.evil.test", unknown),
        ("https://www.bitbucket.org/acme/widgets", unknown),
        ("git@bitbucket.org:acme/widgets.git", unknown),
        ("acme/widgets", unknown),
        (
            "https://bitbucket.org/acme/workspace/projects/WID",
            "is the page of a workspace or a project; name one of its repositories, as \
             https://bitbucket.org/acme/REPOSITORY, and for a token that is for all of the \
             workspace add --workspace acme",
        ),
        ("https://bitbucket.org/acme", "is the page of a workspace"),
        (
            "https://bitbucket.org/account/settings/",
            "is not the page of a repository",
        ),
        (
            "alice:secret@bitbucket.org/acme/widgets",
            "That is no address",
        ),
    ] {
        run(&rig, &["login", "--with-token", url], &token).expect_failure(said);
    }
    for workspace in ["acme/widgets", WIDGETS, "me@acme", "the acme", ""] {
        let arguments = ["login", "--with-token", "--workspace", workspace, WIDGETS];
        run(&rig, &arguments, &token).expect_failure("name the workspace alone, as acme");
    }
    assert_eq!(rig.requests().len(), 0);
    assert_eq!(rig.labels(), [""; 0]);
}

#[test]
fn beside_a_token_file_it_says_what_is_served() {
    let (rig, token) = Rig::with_alice();
    let arguments = ["configure", "--token-file", "token"];
    run(&rig, &arguments, "").expect_success();
    run(&rig, &["login", "--with-token", WIDGETS], &token).expect_failure(
        "/token is served and nothing else; put a token that works into that file, or run: ",
    );
}

#[test]
fn without_a_terminal_it_says_how_to_go_on() {
    let Some((rig, _)) = scene() else { return };
    run(&rig, &["login"], "").expect_failure("--with-token");
}

/// A token that the server says is another's is not kept under the name that was stated, and
/// a name that it says nothing about is.
#[test]
fn a_stated_name_is_kept_unless_the_server_denies_it() {
    let Some((rig, token)) = scene() else { return };
    rig.bitbucket.add_user("bob", "bob@example.com", "x y");
    let login = ["login", "--with-token", "--username=bob", WIDGETS];
    let ended = run(&rig, &login, &token);
    let ended = ended.expect_failure("it is an API token of another account than bob.");
    assert!(ended.stderr.contains("lower case count), or none."));
    assert_eq!(rig.labels(), [""; 0]);
    // By its address, the server names nobody where a scope is missing.
    let login = [
        "login",
        "--with-token",
        "--username=alice",
        "--email=alice@example.com",
    ];
    let done = run(&rig, &login, &token).expect_success();
    let kept = "Kept in the Secret Service keyring: alice (API token)\n";
    assert_eq!(done.stdout, kept);
    // One for reading only is asked about under the name.
    let read = tokens::api_token(7);
    let scopes = &GIT_SCOPES[..1];
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &read, "alice", scopes));
    let login = ["login", "--with-token", "--username=bob", WIDGETS];
    run(&rig, &login, &read).expect_failure("it is an API token of another account than bob.");
    assert_eq!(rig.labels(), ["Bitbucket: alice (API token)"]);
}
