//! Whatever a keychain may do: an end within bounds, one line, nothing deleted.

use super::scene::{REQUEST, Scene, login, password};
use super::service::{Manner, Service};
use crate::rig::keyring::Item;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Finished, Rig, held, tokens};
use std::time::{Duration, Instant};

/// What is asked of us, and the calls it needs besides those that all need.
const OPERATIONS: [(&str, &str); 5] = [
    ("get", ""),
    ("store", "SetSecret"),
    ("store another", "CreateItem"),
    ("erase", "Delete"),
    ("status", ""),
];

/// A service that keeps alice's token. `None` where no bus can be had.
fn with_alice() -> Option<(Rig, Service, String)> {
    let (mut rig, token) = Rig::with_alice();
    let service = Service::start(&mut rig)?;
    rig.helper("store", &format!("{REQUEST}{}\n", login("alice", &token)))
        .expect_success();
    Some((rig, service, token))
}

fn perform(rig: &Rig, operation: &str) -> Finished {
    let lines = match operation {
        "store" => login("alice", &tokens::api_token(2)),
        "store another" => login("bob", &tokens::api_token(2)),
        "erase" => "username=alice\n".to_owned(),
        _ => String::new(),
    };
    let operation = operation.split(' ').next().unwrap_or_default();
    rig.helper(operation, &format!("{REQUEST}{lines}\n"))
}

/// The one line in which `operation` says `reason`, and what goes with it.
#[track_caller]
fn assert_said(operation: &str, ended: &Finished, reasons: &[&str]) {
    let text = &ended.stderr;
    let any = reasons.iter().any(|reason| text.contains(reason));
    assert!(any, "{operation}: {text}");
    assert_eq!(text.lines().count(), 1, "{operation}: {text}");
    let (code, stdout) = match operation {
        "get" => (0, "quit=1\n"),
        "status" => (1, ""),
        _ => (0, ""),
    };
    assert_eq!((ended.code, &*ended.stdout), (Some(code), stdout));
}

#[test]
fn a_service_at_its_worst_loses_nothing() {
    const NONSENSE: &str = "the Secret Service answered nonsense";
    const GONE: &str = "the Secret Service does not answer (";
    // Between its end and its return nobody has its name.
    const ABSENT: &str = "no Secret Service on the D-Bus session (";
    const MUTE: &str = "the Secret Service did not answer within 3 s";
    let Some((rig, service, token)) = with_alice() else {
        return;
    };
    let before = service.items();
    assert_eq!(before.len(), 1);
    let (mut tried, mut longest) = (0, Duration::ZERO);
    let full = "org.freedesktop.DBus.Error.NoSpace";
    let locked = "org.freedesktop.Secret.Error.IsLocked";
    for member in [
        "OpenSession",
        "SearchItems",
        "GetSecrets",
        "SetSecret",
        "CreateItem",
        "Delete",
    ] {
        for (manner, reasons) in [
            (Manner::Silent(member), &[MUTE][..]),
            (Manner::Nonsense(member), &[NONSENSE]),
            (
                Manner::Refusing(member, full),
                &["the Secret Service refused (no)"],
            ),
            (Manner::Refusing(member, locked), &["is locked; unlock it"]),
            (Manner::Restarting(member), &[GONE, ABSENT]),
        ] {
            for (operation, own) in OPERATIONS {
                if ["SetSecret", "CreateItem", "Delete"].contains(&member) && own != member {
                    continue;
                }
                service.set(manner);
                let start = Instant::now();
                let ended = perform(&rig, operation);
                longest = longest.max(start.elapsed());
                assert_said(operation, &ended, reasons);
                assert_eq!(service.items(), before, "{operation} {manner:?}");
                tried += 1;
                service.set(Manner::Right);
                // One that restarts takes a moment.
                while perform(&rig, "get").stdout == "quit=1\n" {
                    assert!(start.elapsed() < crate::rig::run::LONGEST, "never back");
                }
            }
        }
    }
    let answer = perform(&rig, "get");
    assert_eq!(password(&answer), Some(&*token));
    held(
        &format!("a keychain's failures lose nothing (longest wait {longest:.1?})"),
        tried,
    );
}

/// A screen saver locks the keyring between the search and the reading of what it found.
#[test]
fn what_is_locked_while_it_is_read_is_not_taken_for_absent() {
    let Some((rig, service, _)) = with_alice() else {
        return;
    };
    let before = service.items();
    for (operation, _) in OPERATIONS {
        service.set(Manner::Locking("GetSecrets"));
        let ended = perform(&rig, operation);
        assert_said(operation, &ended, &["is locked; unlock it"]);
        assert_eq!(service.items(), before, "{operation}");
    }
    service.set(Manner::Locking("GetSecrets"));
    let question = "protocol=https\nhost=bitbucket.org\nusername=alice\n\n";
    assert_said(
        "get",
        &rig.helper("get", question),
        &["is locked; unlock it"],
    );
    service.set(Manner::Locking("GetSecrets"));
    let git = crate::rig::gits()[0].clone();
    rig.helper_with(&git, &["logout", "--all"], "")
        .expect_failure("is locked; unlock it");
    assert_eq!(service.items(), before);
}

/// GNOME Keyring makes a record of each client before its first call, or a moment too late.
/// Then it dies if the call is to open a session, and every keyring is locked afterwards.
#[test]
fn a_keyring_that_does_not_know_us_yet_is_not_killed() {
    let Some((rig, service, token)) = with_alice() else {
        return;
    };
    service.set(Manner::Unacquainted);
    let kept = || service.items().iter().filter(|it| !it.0.is_empty()).count();
    assert_eq!(kept(), 1);
    let answer = perform(&rig, "get");
    assert_eq!(password(&answer), Some(&*token));
    for (operation, left) in [("status", 1), ("store another", 2), ("erase", 1)] {
        let ended = perform(&rig, operation).expect_success();
        assert_eq!(kept(), left, "{operation}: {ended:?}");
    }
    assert_eq!(service.deaths(), 0);
}

/// Many processes before a locked keychain: one dialog for all.
#[test]
fn one_dialog_is_shown_for_many() {
    let Some((rig, service, _)) = with_alice() else {
        return;
    };
    let git = crate::rig::gits()[0].clone();
    let before = service.items();
    service.set(Manner::Dismissed);
    rig.home.add_file("work/request", &format!("{REQUEST}\n"));
    let mut command = rig.home.command(&git, "sh");
    command.args([
        "-c",
        "for n in 1 2 3 4 5 6 7 8; do git-credential-bitbucket get <request >said.$n & done; wait",
    ]);
    let mut terminal = crate::rig::terminal::Terminal::open(&command);
    terminal.expect_prompt(SECRET_QUESTION);
    for _ in 1..8 {
        terminal.expect("asking for the same credential");
    }
    terminal.send("\x03");
    terminal.finish();
    assert_eq!(service.dialogs(), 1);
    assert_eq!(service.items(), before);
}

/// A person is there and unlocks: the answer is what was kept.
#[test]
fn a_keychain_that_a_person_unlocks_answers() {
    let Some((rig, service, token)) = with_alice() else {
        return;
    };
    let git = crate::rig::gits()[0].clone();
    let before = service.items();
    service.set(Manner::Attended);
    rig.home.add_file("work/request", &format!("{REQUEST}\n"));
    let mut command = rig.home.command(&git, "sh");
    command.args(["-c", "git-credential-bitbucket get <request >answer"]);
    let ended = crate::rig::terminal::Terminal::open(&command)
        .finish()
        .expect_success();
    assert_eq!(ended.transcript, "");
    let answer = std::fs::read_to_string(rig.home.work().join("answer")).unwrap_or_default();
    assert!(answer.contains(&format!("password={token}\n")));
    assert_eq!(service.dialogs(), 1);
    assert_eq!(service.items(), before);
}

/// A person is there, but not at the dialog: it is closed within a minute.
#[test]
#[ignore = "takes a minute"]
fn a_dialog_that_nobody_answers_ends() {
    let Some((rig, service, _)) = with_alice() else {
        return;
    };
    let git = crate::rig::gits()[0].clone();
    let before = service.items();
    service.set(Manner::Unattended);
    let newer = login("alice", &tokens::api_token(2));
    rig.home
        .add_file("work/request", &format!("{REQUEST}{newer}\n"));
    let mut command = rig.home.command(&git, "sh");
    command.args(["-c", "exec git-credential-bitbucket store <request"]);
    let start = Instant::now();
    let ended = crate::rig::terminal::Terminal::open(&command).finish();
    let waited = start.elapsed();
    assert_eq!(
        ended.expect_success().transcript,
        "bitbucket: the API token was not kept: the Secret Service keyring is locked; unlock \
         it, then try again\n"
    );
    assert_eq!(service.dialogs(), 1);
    assert_eq!(service.items(), before);
    held(
        &format!("a dialog that nobody answers ends (waited {waited:.1?})"),
        1,
    );
}

/// Entries that we did not write like this: each is left alone, and none keeps us from
/// the others.
#[test]
fn entries_of_other_forms_are_left_alone() {
    let Some(scene) = Scene::new() else { return };
    let older = format!(
        "{}\n{{\"version\":1,\"id\":\"1\",\"kind\":\"api-token\",\"username\":\"old\",\"added\":5}}",
        tokens::api_token(20)
    );
    let newer = format!(
        "{}\n{{\"version\":2,\"id\":\"2\",\"kind\":\"api-token\",\"username\":\"new\",\"added\":5,\"colour\":\"blue\"}}",
        tokens::api_token(21)
    );
    let unknown = "opaque\n{\"version\":3,\"id\":\"3\",\"kind\":\"passkey\",\"added\":5}";
    let foreign = [
        ("nonsense", "hunter2"),
        ("cut", "ATAT"),
        ("empty", "\n{}"),
        ("unknown", unknown),
        ("older", &*older),
        ("newer", &*newer),
    ];
    let service = super::scene::SERVICE;
    for (account, secret) in foreign {
        let attributes = [("service", service), ("account", account)];
        scene.rig.keyring().store("Bitbucket", secret, &attributes);
    }
    let items = || -> Vec<_> {
        let content = |item: Item| (item.attributes["account"].clone(), item.secret);
        scene.rig.items().into_iter().map(content).collect()
    };
    let before = items();
    assert_eq!(before.len(), foreign.len());
    for (name, seed) in [("old", 20), ("new", 21)] {
        let answer = scene.ask("get", &format!("username={name}\n"));
        assert_eq!(password(&answer), Some(&*tokens::api_token(seed)));
    }
    let status = scene.run(&["status"], "").expect_success();
    assert!(
        status
            .stdout
            .contains("4 items there cannot be read by this version")
    );
    scene.ask("store", &login("alice", &scene.token));
    let answer = scene.ask("get", "username=alice\n");
    assert_eq!(password(&answer), Some(&*scene.token));
    scene.ask("erase", "username=alice\n");
    assert_eq!(items(), before);
    held("entries of other forms stay", foreign.len());
}

/// Two items where one should be: the secret that works is found, and a `store` ends it.
#[test]
fn two_entries_for_one_account_lose_nothing() {
    let Some(scene) = Scene::new() else { return };
    let service = super::scene::SERVICE;
    scene.ask("store", &login("alice", &scene.token));
    let account = scene.rig.items()[0].attributes["account"].clone();
    let twin = [("service", service), ("account", &account), ("extra", "1")];
    scene
        .rig
        .keyring()
        .store("Bitbucket", &scene.rig.items()[0].secret, &twin);
    assert_eq!(scene.rig.secrets().len(), 2);
    let answer = scene.ask("get", "");
    assert_eq!(password(&answer), Some(&*scene.token));
    let newer = scene.issue(2);
    scene.ask("store", &login("alice", &newer));
    assert_eq!(scene.rig.secrets(), [newer]);
}

/// A home in which nothing can be written: what is kept is served, kept and forgotten.
#[test]
fn a_read_only_home_loses_nothing() {
    let (mut rig, token) = Rig::with_alice();
    rig.home.give_to_ordinary_user();
    if !rig.start_keyring() {
        return;
    }
    let git = crate::rig::gits()[0].clone();
    let set = |mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        for folder in ["", ".cache", ".config", "work"] {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(rig.home.path().join(folder), mode).expect("a folder");
        }
    };
    set(0o500);
    let scene = Scene::in_keychain_of(rig, git, token);
    scene.ask("store", &login("alice", &scene.token));
    let answer = scene.ask("get", "");
    assert_eq!(password(&answer), Some(&*scene.token));
    let before = scene.rig.home.gitconfig();
    let failed = scene.run(&["configure"], "");
    assert!(
        !failed.success() && failed.stderr.contains(".gitconfig"),
        "{failed:#?}"
    );
    assert_eq!(scene.rig.home.gitconfig(), before);
    assert_eq!(scene.rig.secrets(), [&*scene.token]);
    scene.ask("erase", "username=alice\n");
    assert_eq!(scene.rig.secrets(), [""; 0]);
}
