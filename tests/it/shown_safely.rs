//! The promise: no character that a terminal obeys, or that hides or turns other text,
//! gets from a URL, a server, a keychain or a person's answer to any stream of ours.
#![cfg(target_os = "linux")]

use crate::rig::answer::Answer;
use crate::rig::scene::SERVICE;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{
    Credential, Fault, Finished, GIT_SCOPES, Git, Kind, Rig, Sender, Surface, gits, tokens,
};
use serde_json::json;

/// A colour, a title, a bell; a carriage return; text from right to left; nothing wide;
/// a tag, a line of another kind, a blank that is none.
const TRICKS: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\r\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{e0041}\u{2028}\u{a0}\u{85}z";
/// Some of what is left of it.
const HARMLESS: &str = "x\\u{1b}[31m\\u{1b}]0;t\\u{7}";

/// From right to left, and nothing wide.
const TURNED: &str = "x\u{202e}\u{200b}z";
const TURNED_SAFELY: &str = "x\\u{202e}\\u{200b}z";

/// # Panics
/// If a terminal would obey anything in it.
#[track_caller]
fn assert_plain(text: &str) {
    let tricky = |character: &char| {
        (character.is_control() && !"\n\r".contains(*character))
            || (TRICKS.contains(*character) && !character.is_ascii())
    };
    // The rest of a line that begins anew would cover what stands there.
    let text = text.replace("\r\n", "\n");
    assert_eq!(text.chars().find(tricky), None, "{text:?}");
    assert!(!text.contains('\r'), "{text:?}");
}

#[track_caller]
fn assert_finished_plain(ended: &Finished) {
    assert_plain(&ended.stdout);
    assert_plain(&ended.stderr);
}

fn scene() -> Option<(Rig, Git, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then(|| (rig, gits().remove(0), token))
}

fn keep(rig: &Rig, account: &str, details: &serde_json::Value) {
    let payload = format!("{}\n{details}", tokens::api_token(5));
    let attributes = [("service", SERVICE), ("account", account)];
    rig.keyring().store(TRICKS, &payload, &attributes);
}

fn ours(rig: &Rig, git: &Git, arguments: &[&str]) -> Terminal {
    let mut command = rig.home.command(git, "git-credential-bitbucket");
    command.args(arguments);
    Terminal::open(&command)
}

/// A request as Git would send it for a URL that somebody made up. With a control
/// character it counts as broken, and nothing at all is said.
#[test]
fn the_user_and_the_path_of_a_url() {
    let Some((rig, _, _)) = scene() else { return };
    for (user, path, said) in [
        (TURNED, "acme/widgets.git", TURNED_SAFELY),
        ("alice", TURNED, "no credential of alice"),
        (TRICKS, "acme/widgets.git", ""),
        ("alice", TRICKS, ""),
    ] {
        let request =
            format!("protocol=https\nhost=bitbucket.org\nusername={user}\npath={path}\n\n");
        let ended = rig.helper("get", &request);
        assert_finished_plain(&ended);
        assert!(ended.stderr.contains(said), "{ended:?}");
        assert_eq!(ended.stderr.is_empty(), said.is_empty(), "{ended:?}");
    }
}

#[test]
fn the_same_through_git() {
    for git in gits() {
        let Some((rig, ..)) = scene() else { return };
        rig.home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n\tuseHttpPath = true\n");
        rig.bitbucket.expect_name(TURNED);
        let url = "https://x%e2%80%ae%e2%80%8bz@bitbucket.org/acme/widgets.git";
        let mut terminal = rig.terminal(&git, &["ls-remote", url]);
        terminal.expect(&format!(
            "Sign in to bitbucket.org for acme/widgets as {TURNED_SAFELY}."
        ));
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send("\x03");
        assert_plain(&terminal.finish().transcript);
    }
}

#[test]
fn what_a_person_types_and_passes() {
    let Some((rig, git, token)) = scene() else {
        return;
    };
    rig.bitbucket.expect_name(TRICKS);
    for arguments in [
        &["login", "--with-token", TRICKS][..],
        &["login", "--with-token", &format!("https://{TRICKS}.test/")],
        &[
            "login",
            "--with-token",
            "--username",
            TRICKS,
            "--kind=app-password",
        ],
        &["login", "--with-token", "--kind", TRICKS],
        &["login", "--with-token", "--expires", TRICKS],
        &["login", "--with-token", "--repository", TRICKS],
        &["logout", TRICKS],
        &["default", TRICKS],
    ] {
        assert_finished_plain(&rig.helper_with(&git, arguments, &token));
    }
    let url = format!("https://{}@bitbucket.org/", "x%1b[31m%e2%80%ae");
    let mut terminal = ours(&rig, &git, &["login", &url]);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send("\x03");
    assert_plain(&terminal.finish().transcript);
}

/// What the keychain holds, under labels and accounts that somebody else may have written.
#[test]
fn what_is_kept() {
    let Some((rig, git, _)) = scene() else { return };
    for (account, name) in [("alice", TRICKS), (TRICKS, "bob")] {
        keep(
            &rig,
            account,
            &json!({
                "version": 1, "id": account, "kind": "api-token", "username": name, "added": 1,
                "email": TRICKS, "aliases": [TRICKS], "reach": {"workspace": TRICKS},
            }),
        );
    }
    rig.bitbucket.expect_name(TRICKS);
    let status = rig.helper_with(&git, &["status"], "").expect_success();
    assert!(status.stdout.contains(HARMLESS), "{status:?}");
    assert_finished_plain(&status);
    assert_finished_plain(&rig.helper_with(&git, &["status", "--check"], ""));
    let listed = rig.helper_with(&git, &["logout"], "");
    assert!(listed.stderr.contains(HARMLESS), "{listed:?}");
    assert_finished_plain(&listed);
    assert_finished_plain(&rig.helper_with(&git, &["default", TRICKS], ""));
    let all = rig.helper_with(&git, &["logout", "--all"], "");
    assert_finished_plain(&all.expect_success());
}

#[test]
fn an_account_s_name_in_a_question() {
    for git in gits() {
        let Some((rig, _, _)) = scene() else { return };
        rig.home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n\tuseHttpPath = true\n");
        for account in ["alice", "bob"] {
            let name = format!("{account}{TRICKS}");
            keep(
                &rig,
                account,
                &json!({
                    "version": 1, "id": account, "kind": "api-token", "username": name, "added": 1,
                }),
            );
        }
        let url = "https://bitbucket.org/acme/widgets.git";
        let mut terminal = rig.terminal(&git, &["ls-remote", url]);
        terminal.expect(HARMLESS);
        terminal.expect("Number [1]: ");
        terminal.send("\x03");
        assert_plain(&terminal.finish().transcript.replace("^C", ""));
    }
}

/// A name that looks like none is taken from no server.
#[test]
fn the_name_and_the_words_of_a_server() {
    let Some((rig, git, _)) = scene() else { return };
    let token = tokens::api_token(6);
    rig.bitbucket.issue(Credential::new(
        Kind::ApiToken,
        &token,
        "alice",
        &GIT_SCOPES,
    ));
    let arguments = ["login", "--with-token", "--email=alice@example.com"];
    for (status, text) in [
        (
            200,
            json!({"username": TRICKS, "account_id": "1"}).to_string(),
        ),
        (403, TRICKS.to_owned()),
        (401, TRICKS.to_owned()),
        (500, TRICKS.to_owned()),
    ] {
        let answer = Answer::text(status, &text).header("Retry-After", "\u{9b}31m");
        rig.bitbucket
            .fail_for(Sender::Helper, Surface::Rest, Fault::Answer(answer), 1);
        let ended = rig.helper_with(&git, &arguments, &token);
        assert_finished_plain(&ended);
        assert!(!(ended.stdout + &ended.stderr).contains("[31m"), "{status}");
        let items = rig.items();
        for item in items {
            assert!(!item.secret.contains("[31m"), "{}", item.label);
            assert_plain(&item.label);
        }
    }
}
