//! GNOME Keyring without a default keyring, as in WSL, on servers and after an automatic
//! login: it is told as what it is, and somebody who is there is asked what to do.

use super::desktop::{Desktop, shows_a_dialog, type_into_dialog};
use super::{CONFIGURED, login as entry};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Rig, gits};

/// With the repository, so that a token is verified with it.
const REQUEST: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";
const STATE: &str = "the Secret Service has no default keyring, so it can keep no new token";
const QUESTION: &str = "Where shall Bitbucket tokens be kept instead?";

fn rig() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.home.add_gitconfig(CONFIGURED);
    rig.start_keyring_without_default().then_some((rig, token))
}

/// The same, with a screen for its dialogs.
fn on_desktop() -> Option<(Rig, String, Desktop)> {
    let (mut rig, token) = Rig::with_alice();
    let desktop = Desktop::start(&mut rig)?;
    rig.start_keyring_without_default()
        .then_some((rig, token, desktop))
}

/// Git's question, with a person at the terminal.
fn get(rig: &Rig) -> Terminal {
    rig.home.add_file("work/request", &format!("{REQUEST}\n"));
    let mut command = rig.home.command(&gits()[0], "sh");
    command.args(["-c", "git credential-bitbucket get <request >answer"]);
    Terminal::open(&command)
}

fn answer(rig: &Rig) -> String {
    let path = rig.home.work().join("answer");
    std::fs::read_to_string(path).expect("a file of the test")
}

#[test]
fn every_command_tells_it_alike_and_what_helps() {
    let Some((rig, token)) = rig() else { return };
    let git = gits()[0].clone();
    let got = rig.helper("get", &format!("{REQUEST}\n"));
    assert_eq!(got.stdout, "quit=1\n");
    assert_eq!(got.stderr.lines().count(), 1, "{got:?}");
    let stored = rig.helper("store", &entry("alice", &token));
    let status = rig.helper_with(&git, &["status"], "");
    let login = [
        "login",
        "--with-token",
        "https://bitbucket.org/acme/widgets.git",
    ];
    let kept = rig.helper_with(&git, &login, &token);
    for ended in [&got, &stored, &status, &kept] {
        assert!(ended.stderr.contains(STATE), "{ended:?}");
    }
    for ended in [&got, &status, &kept] {
        assert!(
            ended.stderr.contains("create one")
                && ended.stderr.contains("configure --store memory"),
            "{ended:?}"
        );
    }
    assert!(!status.success() && !kept.success());
    let status = rig.helper_with(&git, &["status", "--json"], "");
    let state = "\"state\": \"no-default-keyring\"";
    assert!(status.stdout.contains(state), "{status:?}");
    let doctor = rig.helper_with(&git, &["doctor"], "");
    let row = "The Secret Service has no default keyring";
    assert!(doctor.stdout.contains(row), "{doctor:?}");
    assert!(!doctor.stdout.contains("is open"), "{doctor:?}");
    assert!(!doctor.success());
    // The way out is one: from then on nobody is asked.
    let configure = ["configure", "--store", "memory"];
    rig.helper_with(&git, &configure, "").expect_success();
    rig.helper_with(&git, &login, &token).expect_success();
    let got = rig.git(
        &git,
        &["ls-remote", "https://bitbucket.org/acme/widgets.git"],
    );
    assert_eq!(got.expect_success().stderr, "");
}

#[test]
fn without_a_screen_a_person_is_asked_for_another_store() {
    let Some((rig, token)) = rig() else { return };
    let mut terminal = get(&rig);
    terminal.expect(QUESTION);
    terminal.expect("Number [1]: ");
    terminal.send_line("file");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    let said = terminal.finish().expect_success().transcript;
    assert!(!said.contains("keyring: "), "{said}");
    assert!(answer(&rig).contains(&format!("password={token}\n")));
    let terminal = get(&rig);
    assert_eq!(terminal.finish().expect_success().transcript, "");
}

#[test]
fn on_a_desktop_the_service_creates_one_and_keeps_the_token() {
    let Some((rig, token, _desktop)) = on_desktop() else {
        return;
    };
    let mut terminal = get(&rig);
    terminal.expect("Number [1]: ");
    terminal.send_line("");
    type_into_dialog(&rig, &[("type", "test"), ("key", "Tab"), ("type", "test")]);
    type_into_dialog(&rig, &[("key", "Return")]);
    terminal.expect("The Secret Service has its default keyring now.");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    let said = terminal.finish().expect_success().transcript;
    assert!(
        said.contains("kept in the Secret Service keyring"),
        "{said}"
    );
    assert_ne!(rig.keyring().default_collection().as_str(), "/");
    assert_eq!(get(&rig).finish().expect_success().transcript, "");
    assert!(answer(&rig).contains(&format!("password={token}\n")));
}

#[test]
fn a_closed_dialog_leads_back_to_the_question() {
    let Some((rig, token, _desktop)) = on_desktop() else {
        return;
    };
    let mut terminal = get(&rig);
    terminal.expect("Number [1]: ");
    terminal.send_line("keyring");
    type_into_dialog(&rig, &[("key", "Escape")]);
    terminal.expect("No keyring was created: its dialog was closed, or not shown.");
    terminal.expect("Number [1]: ");
    terminal.send_line("none");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&token);
    terminal.finish().expect_success();
    assert_eq!(rig.keyring().default_collection().as_str(), "/");
}

#[test]
fn with_nobody_there_no_dialog_is_shown() {
    let (mut rig, _) = Rig::with_alice();
    let Some(_desktop) = Desktop::start(&mut rig) else {
        return;
    };
    if !rig.start_keyring_without_default() {
        return;
    }
    let got = rig.helper("get", &format!("{REQUEST}\n"));
    assert_eq!(got.stdout, "quit=1\n");
    assert!(got.stderr.contains(STATE), "{got:?}");
    assert!(!shows_a_dialog(&rig));
}
