//! `status`: what is kept, where and how well, without a secret and without a question to
//! anyone; with `--check` one question for each entry. It never changes anything.

use crate::rig::terminal::Terminal;
use crate::rig::{Credential, Fault, Git, Kind, Rig, Surface, gits, tokens};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const NOTHING: &str = "Nothing is kept for bitbucket.org in the Secret Service keyring.\n\
    Next: git credential-bitbucket login\n";

/// A time that has passed.
const ENDED: u64 = 1_795_000_000;

fn scene() -> Option<(Rig, Git, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then(|| (rig, gits().remove(0), token))
}

/// Puts an entry into the keychain as we write it.
fn keep(rig: &Rig, account: &str, token: &str, details: &Value) {
    let payload = format!("{token}\n{details}");
    rig.put(&payload, account);
}

/// A text without the ends of its lines, which depend on a terminal's width.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An API token with all that can be known of it, and one of which nothing is known.
fn keep_two(rig: &Rig, token: &str) -> String {
    keep(
        rig,
        "alice",
        token,
        &json!({
            "version": 1, "id": "0123456789abcdef", "kind": "api-token", "reach": "site",
            "username": "alice", "email": "alice@example.com", "aliases": ["alice-old"], "workspaces": [], "default": false,
            "rights": {"read": true, "write": true}, "witness": "acme/widgets",
            "added": 1_795_000_000, "verified": 1_795_000_060,
            "refusals": 1, "refused": 1_795_100_000,
        }),
    );
    let other = tokens::access_token(2);
    rig.bitbucket.issue(Credential::new(
        Kind::RepositoryToken,
        &other,
        "acme/widgets",
        &["repository"],
    ));
    keep(
        rig,
        "x-token-auth@acme/widgets",
        &other,
        &json!({
            "version": 1, "id": "fedcba9876543210", "kind": "access-token",
            "expires": 1_900_000_000, "reach": {"repository": "acme/widgets"}, "rights": {"read": true, "write": false},
            "witness": "acme/widgets", "added": 1_795_000_000,
        }),
    );
    other
}

fn contents(rig: &Rig) -> Vec<String> {
    let items = rig.items();
    let mut secrets: Vec<String> = items.into_iter().map(|item| item.secret).collect();
    secrets.sort();
    secrets
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// No part of a secret that is long enough to mean anything.
#[track_caller]
fn assert_tells_nothing(text: &str, secrets: &[&str]) {
    for secret in secrets {
        for part in secret.as_bytes().windows(8) {
            let part = String::from_utf8_lossy(part);
            assert!(!text.contains(&*part), "{part}: {text}");
        }
    }
}

#[test]
fn nothing_is_kept() {
    let Some((rig, git, _)) = scene() else { return };
    let ended = rig.helper_with(&git, &["status"], "").expect_success();
    assert_eq!((&*ended.stdout, &*ended.stderr), (NOTHING, ""));
    let ended = rig
        .helper_with(&git, &["status", "--json"], "")
        .expect_success();
    let shown = parse(&ended.stdout);
    let expected = json!({
        "version": 1, "store": "the Secret Service keyring", "choice": "auto",
        "state": "open", "variable": null, "token_file": null, "entries": [], "unreadable": 0,
    });
    assert_eq!(shown, expected);
}

#[test]
fn everything_known_is_listed_and_nothing_is_asked() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let other = keep_two(&rig, &token);
    let before = contents(&rig);
    let ended = rig.helper_with(&git, &["status"], "").expect_success();
    let expected = "\
Kept in the Secret Service keyring:

Account                      May             Expires      Verified
acme/widgets (access token)  fetch only      17 Mar 2030  never
  its name is x-token-auth@acme/widgets
alice (API token)            fetch and push  not known    18 Nov 2026
  answers to alice-old, too
  refused on 19 Nov 2026 14:53 UTC
";
    assert_eq!((&*ended.stdout, &*ended.stderr), (expected, ""));
    assert_tells_nothing(&ended.stdout, &[&token, &other]);
    assert_eq!(rig.requests().len(), 0);
    assert_eq!(contents(&rig), before);
}

#[test]
fn json_says_the_same() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let other = keep_two(&rig, &token);
    let ended = rig
        .helper_with(&git, &["status", "--json"], "")
        .expect_success();
    let shown = parse(&ended.stdout);
    let expected = json!({
        "version": 1,
        "store": "the Secret Service keyring",
        "choice": "auto",
        "state": "open",
        "variable": null,
        "token_file": null,
        "unreadable": 0,
        "entries": [
            {
                "account": "x-token-auth@acme/widgets", "title": "acme/widgets (access token)",
                "kind": "access-token", "reach": {"repository": "acme/widgets"},
                "username": null, "email": null, "aliases": [], "workspaces": [], "default": false,
                "rights": {"read": true, "write": false},
                "added": 1_795_000_000, "expires": 1_900_000_000, "verified": null, "refused": null,
            },
            {
                "account": "alice", "title": "alice (API token)",
                "kind": "api-token", "reach": "site",
                "username": "alice", "email": "alice@example.com", "aliases": ["alice-old"], "workspaces": [], "default": false,
                "rights": {"read": true, "write": true},
                "added": 1_795_000_000, "expires": null, "verified": 1_795_000_060, "refused": 1_795_100_000,
            },
        ],
    });
    assert_eq!(shown, expected);
    assert_tells_nothing(&ended.stdout, &[&token, &other]);
    assert_eq!(rig.requests().len(), 0);
}

/// What somebody put there by hand is served, so it is listed; what is not ours is counted.
#[test]
fn bare_and_foreign_items_are_told_apart() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let store = |account: &str, secret: &str| {
        rig.put(secret, account);
    };
    store("x-bitbucket-api-token-auth", &token);
    store("somebody", "hunter2");
    let ended = rig.helper_with(&git, &["status"], "").expect_success();
    let expected = "\
Kept in the Secret Service keyring:

Account    May        Expires    Verified
API token  not known  not known  never
  its name is x-bitbucket-api-token-auth

Besides, 1 item there cannot be read by this version; it is left alone.
";
    assert_eq!(ended.stdout, expected);
}

/// `--check` asks once for each entry, tells the outcomes apart and touches nothing.
#[test]
fn check_asks_once_for_each_and_changes_nothing() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let other = keep_two(&rig, &token);
    let before = contents(&rig);
    let check = |arguments: &[&str]| {
        rig.forget_requests();
        let ended = rig.helper_with(&git, &[&["status", "--check"], arguments].concat(), "");
        assert_tells_nothing(&ended.stdout, &[&token, &other]);
        assert_eq!(rig.requests().len(), 2, "{ended:?}");
        assert_eq!(contents(&rig), before);
        ended
    };
    let ended = check(&[]).expect_success();
    let accepted = "  still accepted\n";
    assert_eq!(
        ended.stdout.matches(accepted).count(),
        2,
        "{}",
        ended.stdout
    );

    rig.bitbucket.revoke(&token);
    let ended = check(&[]).expect_failure("error: 1 of 2 credentials is refused\n");
    assert_eq!(
        ended.stdout.matches(accepted).count(),
        1,
        "{}",
        ended.stdout
    );
    let said = unbroken(&ended.stdout);
    assert!(said.contains(" Bitbucket refused the API token"), "{said}");
    let ended = check(&["--json"]).expect_failure("");
    let shown = parse(&ended.stdout);
    assert_eq!(shown["entries"][0]["check"]["outcome"], "accepted");
    assert_eq!(shown["entries"][1]["check"]["outcome"], "refused");
    let message = shown["entries"][1]["check"]["message"].as_str();
    assert!(
        message.is_some_and(|text| text.contains("API token")),
        "{shown}"
    );

    // Not to know is not to be refused.
    rig.bitbucket.fail(Surface::Git, Fault::down(), 2);
    let ended = check(&[]).expect_success();
    assert_eq!(
        unbroken(&ended.stdout)
            .matches(" could not be verified: ")
            .count(),
        2
    );
}

/// A repository that is gone speaks against no credential.
#[test]
fn check_tells_a_missing_repository_from_a_refusal() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let details = json!({
        "version": 1, "id": "0123456789abcdef", "kind": "api-token", "username": "alice",
        "witness": "acme/gone", "added": 1_795_000_000,
    });
    keep(&rig, "alice", &token, &details);
    let ended = rig.helper_with(&git, &["status", "--check"], "");
    let ended = ended.expect_success();
    let said = unbroken(&ended.stdout);
    assert!(said.contains("Bitbucket shows it no repository"), "{said}");
    assert!(!said.contains("still accepted"), "{said}");
}

/// A locked keychain is neither empty nor broken, and `status` opens no dialog.
#[test]
fn a_locked_keychain_is_said_to_be_locked() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    keep_two(&rig, &token);
    rig.keyring().lock();
    let reason = "the Secret Service keyring is locked; unlock it, then try again";
    assert_fails(&rig, &git, "locked", reason);
    assert!(rig.keyring().is_locked());
}

#[test]
fn a_missing_keychain_is_said_to_be_unreachable() {
    let (rig, _) = Rig::with_alice();
    let reason = "the Secret Service keyring cannot be used: no D-Bus session \
        (DBUS_SESSION_BUS_ADDRESS is not set); where there is none, choose another store \
        (git credential-bitbucket configure --store memory) or put a token into \
        BITBUCKET_TOKEN";
    assert_fails(&rig, &gits()[0], "unreachable", reason);
}

/// What helps where there is no keychain is in force already.
#[test]
fn with_a_variable_no_keychain_is_needed() {
    let (mut rig, token) = Rig::with_alice();
    rig.home.set("BITBUCKET_TOKEN", &token);
    let ended = rig.helper_with(&gits()[0], &["status"], "");
    let expected = "BITBUCKET_TOKEN is set; it comes before anything that is kept.\n\n\
        Nothing else is kept: there is no keychain here.\n";
    assert_eq!(ended.expect_success().stdout, expected);
    let ended = rig.helper_with(&gits()[0], &["status", "--json"], "");
    let shown = parse(&ended.expect_success().stdout);
    assert_eq!(shown["variable"], "BITBUCKET_TOKEN");
    assert_eq!(shown["state"], "unreachable");
}

/// The repository that a person stands in is as good as one that is known.
#[test]
fn check_asks_with_the_repository_of_the_clone_where_it_must() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    keep(
        &rig,
        "alice",
        &token,
        &json!({
            "version": 1, "id": "0123456789abcdef", "kind": "api-token", "reach": "site",
            "username": "alice", "added": 1_795_000_000,
        }),
    );
    let ended = rig.helper_with(&git, &["status", "--check"], "");
    let said = ended.expect_success().stdout;
    assert!(
        unbroken(&said).contains(" could not be verified: neither"),
        "{said}"
    );
    rig.git(&git, &["init", "--quiet"]).expect_success();
    let url = "https://bitbucket.org/acme/widgets.git";
    rig.git(&git, &["remote", "add", "origin", url])
        .expect_success();
    let ended = rig.helper_with(&git, &["status", "--check"], "");
    let said = ended.expect_success().stdout;
    assert!(said.contains("  still accepted\n"), "{said}");
}

/// A browser sign-in is asked about for as long as its access token lives, and not afterwards,
/// whoever renews it: Bitbucket's refusal would say nothing of the sign-in.
#[test]
fn check_asks_about_a_sign_in_until_its_access_token_ends() {
    let Some((rig, git, _)) = scene() else {
        return;
    };
    rig.bitbucket
        .world()
        .oauth
        .add_client("client-id", "secret");
    let token = tokens::oauth_token(76);
    let scopes = ["account", "repository", "repository:write"];
    let credential = Credential::new(Kind::OAuth, &token, "alice", &scopes);
    rig.bitbucket.issue(credential);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let soon = now.as_secs() + 200;
    let own = json!({"client": "client-id"});
    let refused = json!({"client": "client-id", "renewal_refused": 1_795_000_000});
    for (end, further, requests, said) in [
        (soon, &own, 1, "still accepted"),
        (ENDED, &own, 0, "ended, and Git's next question renews it."),
        (
            ENDED,
            &json!({}),
            0,
            "ended, and the helper that brought it renews it.",
        ),
        (
            ENDED,
            &refused,
            0,
            "sign in again: git credential-bitbucket login --web",
        ),
    ] {
        let mut details = json!({
            "version": 1, "id": "3", "kind": "oauth", "username": "alice", "expires": end,
            "added": 1_795_000_000, "verified": 1_795_000_000,
        });
        let further = further.as_object().expect("an object").clone();
        details.as_object_mut().expect("an object").extend(further);
        rig.put(&format!("{token}\n{details}\nrefresh"), "x-token-auth");
        rig.forget_requests();
        let ended = rig.helper_with(&git, &["status", "--check"], "");
        let told = unbroken(&ended.expect_success().stdout);
        assert!(told.contains(said), "{end} {told}");
        assert_eq!(rig.requests().len(), requests, "{end} {told}");
    }
}

#[track_caller]
fn assert_fails(rig: &Rig, git: &Git, state: &str, reason: &str) {
    for arguments in [&["status"][..], &["status", "--check"]] {
        let ended = rig.helper_with(git, arguments, "");
        assert_eq!(ended.code, Some(1));
        assert_eq!(
            (&*ended.stdout, ended.stderr),
            ("", format!("error: {reason}\n"))
        );
    }
    let ended = rig.helper_with(git, &["status", "--json"], "");
    assert_eq!(ended.code, Some(1));
    let shown = parse(&ended.stdout);
    let expected = json!({
        "version": 1, "store": "the Secret Service keyring", "choice": "auto",
        "state": state, "variable": null, "token_file": null, "entries": [], "unreadable": 0,
    });
    assert_eq!(shown, expected);
}

/// What wins over everything that is kept is not passed over in silence.
#[test]
fn a_variable_that_wins_is_named() {
    let Some((mut rig, git, token)) = scene() else {
        return;
    };
    rig.home.set("BITBUCKET_TOKEN", &token);
    let ended = rig.helper_with(&git, &["status"], "").expect_success();
    let expected = "BITBUCKET_TOKEN is set; it comes before anything that is kept.\n\n";
    assert_eq!(ended.stdout, format!("{expected}{NOTHING}"));
    let ended = rig
        .helper_with(&git, &["status", "--json"], "")
        .expect_success();
    let shown = parse(&ended.stdout);
    assert_eq!(shown["variable"], "BITBUCKET_TOKEN");
    assert_tells_nothing(&ended.stdout, &[&token]);
}

/// A person's terminal shows marks in colours, unless they want none.
#[test]
fn colours_are_for_a_terminal_alone() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    let other = keep_two(&rig, &token);
    let shown = |variables: &[(&str, &str)]| {
        let mut command = rig.home.command(&git, "git");
        command.args(["credential-bitbucket", "status"]);
        command.envs(variables.iter().copied());
        let ended = Terminal::with_columns(&command, 80).finish();
        assert_tells_nothing(&ended.screen, &[&token, &other]);
        ended.screen
    };
    let coloured = shown(&[("TERM", "xterm-256color")]);
    assert!(coloured.contains("\u{1b}[1mAccount\u{1b}[0m"), "{coloured}");
    for variables in [
        &[("TERM", "dumb")][..],
        &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
    ] {
        let plain = shown(variables);
        assert!(!plain.contains('\u{1b}'), "{plain}");
        assert!(
            plain.lines().all(|line| line.chars().count() < 80),
            "{plain}"
        );
    }
}

/// Each reading starts Git, which takes longer than all else.
#[test]
fn git_s_configuration_is_read_once() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    keep_two(&rig, &token);
    let real = git.program();
    let script = format!(
        "echo \"$*\" >>\"$HOME/started\"\nexec {} \"$@\"\n",
        real.display()
    );
    rig.home.add_script("bin/git", &script);
    rig.helper_with(&git, &["status"], "").expect_success();
    let started = std::fs::read_to_string(rig.home.path().join("started")).expect("Git started");
    assert_eq!(started.lines().count(), 1, "{started}");
}
