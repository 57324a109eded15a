//! The questions on a console of Windows, which Wine makes of a terminal. `tests/windows/run`
//! builds the program and runs this.
#![cfg(target_os = "linux")]

use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Credential, Kind, Rig, gits, tokens};
use std::fs;
use std::process::Command;

/// Runs the program under Wine with these arguments, with the proxy and the authority. A
/// shell of Windows redirects, since Wine's console reads what it gets as standard input.
fn program(rig: &Rig, arguments: &str) -> Command {
    let program = std::env::var("GCB_WINDOWS_PROGRAM").unwrap();
    let script = format!("@\"Z:{}\" {arguments}\r\n", program.replace('/', "\\"));
    fs::write(rig.home.work().join("run.cmd"), script).unwrap();
    let mut command = rig.home.command(&gits()[0], "wine");
    command.args(["cmd", "/d", "/c", "run.cmd"]);
    for name in ["WINEPREFIX", "WINEDEBUG", "WINEDLLOVERRIDES"] {
        command.env(name, std::env::var_os(name).unwrap());
    }
    let authority = format!("Z:{}", rig.home.authority().display());
    command
        .env("HTTPS_PROXY", rig.proxy.url())
        .env("GIT_SSL_CAINFO", authority);
    command
}

/// What Wine itself tells the terminal, such as where the cursor goes, is taken out.
fn readable(transcript: &str) -> String {
    let mut readable = String::new();
    let mut characters = transcript.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.find(char::is_ascii_alphabetic);
        } else {
            readable.push(character);
        }
    }
    readable
}

#[test]
#[ignore = "needs Wine: tests/windows/run"]
fn a_token_is_asked_for_on_the_console_and_never_shown() {
    let rig = Rig::new();
    let token = tokens::api_token(7);
    rig.bitbucket
        .add_user("alice", "alice@example.com", "correct horse");
    let scopes = [
        "read:repository:bitbucket",
        "write:repository:bitbucket",
        "read:user:bitbucket",
    ];
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &token, "alice", &scopes));
    // Whatever an earlier run left.
    Terminal::open(&program(&rig, "logout --all")).finish();
    // Standard input and output belong to Git.
    let message = "protocol=https\r\nhost=bitbucket.org\r\n\r\n";
    fs::write(rig.home.work().join("message"), message).unwrap();
    let get = "get <message >answer";
    let mut terminal = Terminal::open(&program(&rig, get));
    // The terminal is Wine's only once the program reads from its console.
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    terminal.expect("characters received.");
    terminal.expect("E-mail of your Atlassian account");
    terminal.send_line("alice@example.com");
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.transcript);
    let shown = readable(&ended.transcript);
    assert!(!shown.contains(&token[..8]), "{shown}");
    assert!(shown.contains("alice@example.com"), "{shown}");
    let answer = format!("username=alice\npassword={token}\n");
    let answered = || fs::read_to_string(rig.home.work().join("answer")).unwrap();
    assert_eq!(answered(), answer);

    // It is kept: the next time asks nobody, neither here nor there.
    rig.forget_requests();
    let ended = Terminal::open(&program(&rig, get)).finish();
    assert_eq!(ended.code, 0, "{}", ended.transcript);
    assert!(!readable(&ended.transcript).contains(SECRET_QUESTION));
    assert_eq!(answered(), answer);
    assert!(rig.connects().is_empty());

    // Ctrl-C ends it, and nothing is answered.
    let ended = Terminal::open(&program(&rig, "logout --all")).finish();
    assert_eq!(ended.code, 0, "{}", ended.transcript);
    let mut terminal = Terminal::open(&program(&rig, get));
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send("\x03");
    terminal.finish();
    assert_eq!(answered(), "");
}
