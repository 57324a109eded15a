//! Texts of others never command the terminal (CVE-2024-52005, CVE-2024-50349): whatever
//! the keychain, the server, a remote, the configuration or the environment says, what we
//! print has no control character but the end of a line, and nothing turns the order of
//! letters around or hides them.
#![cfg(target_os = "linux")]

use crate::rig::answer::Answer;
use crate::rig::scene::SERVICE;
use crate::rig::{Fault, Finished, Rig, Surface, gits, tokens};
use serde_json::json;

const MESSAGE: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";
/// Clears a screen, rings, turns around, hides, ends a line by other means.
const TRICK: &str = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{200b}\u{2028}\r\u{8}\u{2066}\u{e0041}";

#[track_caller]
fn is_harmless(finished: &Finished) {
    for text in [&finished.stdout, &finished.stderr] {
        let trick = |c: char| c != '\n' && (c.is_control() || TRICK.contains(c) && !c.is_ascii());
        assert!(!text.contains(trick), "{finished:#?}");
    }
}

/// Puts an entry into the keychain of which every part is a trick.
fn plant(rig: &Rig, account: &str, token: &str, reach: &serde_json::Value) {
    let trick = format!("x{TRICK}");
    let details = json!({
        "version": 1, "id": trick, "kind": "api-token", "reach": reach, "username": trick,
        "email": trick, "aliases": [trick], "workspaces": [trick], "witness": trick,
        "added": 1, "refusals": 1, "refused": 1, "expires": 2, trick.as_str(): trick,
    });
    let attributes = [("service", SERVICE), ("account", account)];
    let payload = format!("{token}\n{details}");
    rig.keyring().store(&trick, &payload, &attributes);
}

#[test]
fn what_is_kept_is_shown_spelled_out() {
    let Some((rig, token)) = scene() else { return };
    let trick = format!("x{TRICK}");
    plant(&rig, "one", &token, &json!("site"));
    plant(
        &rig,
        "two",
        &tokens::api_token(2),
        &json!({ "workspace": trick }),
    );
    plant(
        &rig,
        "three",
        &tokens::api_token(3),
        &json!({ "repository": trick }),
    );
    let refused = format!("{MESSAGE}password={token}\nwwwauth[]=Basic\n\n");
    let mut spelled_out = 0;
    for (arguments, input) in [
        (&["status"][..], ""),
        (&["status", "--check"], ""),
        (&["logout"], ""),
        (&["logout", &trick], ""),
        (&["default", &trick], ""),
        (&["login", &trick], ""),
        (&["login", "--username", &trick, "--repository", &trick], ""),
        (&["login", "--with-token", "--kind", &trick], ""),
        (&[&trick], ""),
        (&["get"], &format!("{MESSAGE}\n")),
        (&["get"], &format!("{MESSAGE}username=bob\n\n")),
        (&["erase"], &refused),
        (&["erase"], &format!("{MESSAGE}\n")),
        (&["logout", "--all"], ""),
    ] {
        let finished = rig.helper_with(&gits()[0], arguments, input);
        if finished.stdout.contains("username=") {
            // Git gets the name as it is kept, or nothing.
            continue;
        }
        is_harmless(&finished);
        spelled_out += usize::from((finished.stdout + &finished.stderr).contains("\\u{1b}[2J"));
    }
    assert!(spelled_out >= 5, "{spelled_out}");
    rig.take_violations();
}

fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then_some((rig, token))
}

#[test]
fn what_a_server_says_is_not_repeated() {
    let Some((rig, token)) = scene() else { return };
    let said = format!("{TRICK} too many failed {TRICK}");
    let user = json!({ "username": format!("x{TRICK}"), "account_id": TRICK });
    let detail = json!({ "granted": [TRICK], "required": [TRICK] });
    let scopes = json!({ "error": { "message": TRICK, "detail": detail } });
    for url in [
        "https://bitbucket.org/acme/widgets",
        "https://bitbucket.org",
    ] {
        for status in [200, 301, 401, 403, 404, 410, 429, 500, 599] {
            for body in [said.clone(), user.to_string(), scopes.to_string()] {
                for surface in [Surface::Git, Surface::Rest] {
                    let answer = Answer::text(status, &body).header("x-oauth-scopes", "a\tb");
                    rig.bitbucket.fail(surface, Fault::Answer(answer), 4);
                }
                let login = ["login", "--with-token", "--email=alice@example.com", url];
                is_harmless(&rig.helper_with(&gits()[0], &login, &token));
                rig.bitbucket.recover();
            }
        }
    }
    rig.take_violations();
}

#[test]
fn what_the_configuration_and_the_environment_say_is_spelled_out() {
    let trick = format!("x{TRICK}").replace('\r', "");
    let login = [
        "login",
        "--with-token",
        "https://bitbucket.org/acme/widgets",
    ];
    for (variable, value) in [
        ("GIT_SSL_CAINFO", &*trick),
        ("GIT_SSL_CAINFO", &format!("/{trick}")),
        ("GIT_HTTP_PROXY_AUTHMETHOD", &trick),
        ("BITBUCKET_TOKEN", &trick),
        ("BITBUCKET_TOKEN_KIND", &trick),
        ("GIT_CONFIG_GLOBAL", &format!("/{trick}/config")),
        ("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path=/{trick}")),
        ("DBUS_SESSION_BUS_ADDRESS", &trick),
    ] {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        // In a folder of that name, with a helper of that name beside us.
        rig.home.add_gitconfig(&format!(
            "[credential]\n\thelper = \"{trick}\"\n\
             [credential \"https://bitbucket.org\"]\n\thelper = \"{trick}\"\n"
        ));
        let folder = rig.home.add_file(&format!("work/{trick}/file"), "");
        rig.home.set(variable, value);
        for (arguments, input) in [
            (&["configure"][..], ""),
            (&["configure", "--local"], ""),
            (&login, &*token),
            (&["get"], &format!("{MESSAGE}\n")),
            (&["status", "--check"], ""),
            (&["unconfigure"], ""),
        ] {
            let mut command = rig.without_terminal(&gits()[0], "git-credential-bitbucket");
            command
                .args(arguments)
                .current_dir(folder.parent().expect("a folder"));
            let finished = rig.run(command, input.as_bytes());
            if !finished.stdout.contains("username=") {
                is_harmless(&finished);
            }
        }
        rig.take_violations();
    }
}
