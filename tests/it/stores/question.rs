//! No keychain and none named: a person is asked once, and the answer is remembered in
//! their own Git configuration. A keychain that is there is never replaced.

use super::scene::{REQUEST, Scene, answer, ours};
use crate::rig::gpg::{Gpg, PASSPHRASE, Pinentry};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Fault, Rig, Sender, Surface, bus, gits, memory_name};
use std::os::unix::net::UnixListener;

/// What every question begins with.
const QUESTION: &str = "Where shall Bitbucket tokens be kept instead?";

fn answers<'a>(choice: &'a str, token: &'a str) -> [(&'static str, &'a str); 2] {
    [("Number [1]: ", choice), (SECRET_QUESTION, token)]
}

#[test]
fn it_is_asked_once_and_remembered() {
    for git in gits() {
        for (typed, name, place) in [
            ("", "memory", Some(memory_name())),
            ("2", "file", Some("the credential file")),
            ("none", "none", None),
        ] {
            let scene = Scene::configured(&git, &[]);
            let ended = scene.push_on_terminal(&answers(typed, &scene.token));
            let said = ended.expect_success().transcript;
            assert!(said.contains("no D-Bus session") && said.contains(QUESTION));
            let option = format!("--store={name}\n");
            let config = scene.rig.home.gitconfig();
            assert!(config.contains(&option) && said.contains(&option), "{said}");
            let Some(place) = place else {
                let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
                assert!(!ended.expect_success().transcript.contains(QUESTION));
                continue;
            };
            assert!(said.contains(&format!("It is kept in {place}")), "{said}");
            assert_eq!(scene.push().expect_success().stderr, "");
            // The way back is the same as ever.
            scene.ours(&["unconfigure"]).expect_success();
            assert!(!scene.rig.home.gitconfig().contains("credential"));
        }
    }
}

/// What a person has set up is encrypted and lasts: it comes first.
#[test]
fn pass_is_offered_first_where_it_is_set_up() {
    if !Gpg::is_possible() {
        return;
    }
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        let gpg = scene.set_up_pass(PASSPHRASE);
        // To write needs no passphrase; what Git confirms then is compared with what is kept.
        gpg.answers(&Pinentry::Typed(PASSPHRASE));
        let ended = scene.push_on_terminal(&answers("", &scene.token));
        let said = ended.expect_success().transcript;
        assert!(
            said.contains("  1. pass: encrypted with your GPG key"),
            "{said}"
        );
        assert!(
            said.contains("It is kept in the password store (pass)"),
            "{said}"
        );
        // With nobody there no dialog is shown for what cannot be opened.
        // A Git that does not hand our mark back has had it read: that took a dialog.
        let _ = gpg.dialog_was_shown();
        gpg.lock();
        let ended = scene.push().expect_failure("told us to quit");
        assert!(ended.stderr.contains("is locked"), "{}", ended.stderr);
        assert!(!gpg.dialog_was_shown());
        assert_eq!(scene.push_on_terminal(&[]).expect_success().transcript, "");
        assert!(gpg.dialog_was_shown());
        assert_eq!(scene.push().expect_success().stderr, "");
    }
}

/// Where Git's configuration cannot be written, the answer is remembered all the same.
#[test]
fn it_is_asked_once_even_if_it_cannot_be_noted_in_git_s_configuration() {
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        let lock = scene.rig.home.path().join(".gitconfig.lock");
        std::fs::write(&lock, "somebody's").expect("a lock");
        let before = scene.rig.home.gitconfig();
        let ended = scene.push_on_terminal(&answers("file", &scene.token));
        let said = ended.expect_success().transcript;
        assert!(
            said.contains("Remembered, but not in Git's configuration"),
            "{said}"
        );
        assert_eq!(scene.rig.home.gitconfig(), before);
        assert_eq!(scene.push().expect_success().stderr, "");
        let status = scene.ours(&["status"]).expect_success().stdout;
        assert!(status.contains("the credential file"), "{status}");
        let doctor = scene.ours(&["doctor"]).stdout;
        assert!(doctor.contains("The credential file is open."), "{doctor}");
        assert!(doctor.contains("would be authenticated"), "{doctor}");
        // What a person names counts, `auto` too.
        std::fs::remove_file(&lock).expect("no lock");
        scene.ours(&["configure", "--store=auto"]).expect_success();
        let ended = scene.push_on_terminal(&answers("none", &scene.token));
        assert!(ended.expect_success().transcript.contains(QUESTION));
    }
}

/// Git has read its configuration before it asked us: what it tells us afterwards goes to
/// the place that was named meanwhile.
#[test]
fn the_same_command_keeps_what_only_git_can_confirm() {
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        scene
            .rig
            .bitbucket
            .fail_for(Sender::Helper, Surface::Git, Fault::down(), 9);
        let ended = scene.push_on_terminal(&answers("memory", &scene.token));
        let said = ended.expect_success().transcript;
        assert!(!said.contains("is kept"), "{said}");
        assert_eq!(scene.push().expect_success().stderr, "");
    }
}

/// A line that a person wrote by hand is replaced by ours behind it; a typed command asks
/// as well, before it asks for a token.
#[test]
fn login_asks_before_it_asks_for_a_token() {
    for git in gits() {
        let scene = Scene::new(&git);
        let line = "[credential]\n\thelper = bitbucket\n";
        scene.rig.home.add_gitconfig(line);
        let arguments = [
            "credential-bitbucket",
            "login",
            "https://bitbucket.org/acme/widgets",
        ];
        let mut terminal = scene.rig.terminal(&git, &arguments);
        answer(
            &mut terminal,
            &[
                ("Number [1]: ", "9"),
                ("Number [1]: ", "file"),
                (SECRET_QUESTION, &scene.token),
                ("if unknown): ", ""),
            ],
        );
        let said = terminal.finish().expect_success().transcript;
        assert!(said.contains("Type a number from 1 to 3."), "{said}");
        assert!(said.contains("Kept in the credential file:"), "{said}");
        assert_eq!(scene.push().expect_success().stderr, "");
        let config = scene.rig.home.gitconfig();
        assert!(config.contains(line), "{config}");
    }
}

/// Whoever gives up gives up the whole: nothing is noted, and Git does not go on to ask.
#[test]
fn giving_up_changes_nothing() {
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        let before = scene.rig.home.gitconfig();
        let arguments = ["ls-remote", super::scene::URL];
        let mut terminal = scene.rig.terminal(&git, &arguments);
        terminal.expect("Number [1]: ");
        terminal.send("\x04");
        let ended = terminal.finish();
        assert!(ended.code != 0 && ended.sane, "{ended:#?}");
        assert!(ended.transcript.contains("Cancelled; nothing was kept."));
        assert!(!ended.transcript.contains("Username for"));
        assert_eq!(scene.rig.home.gitconfig(), before);
    }
}

/// What cannot be noted is used all the same, and said.
#[test]
fn a_configuration_that_cannot_be_written_is_said() {
    for git in gits() {
        for (choice, cache, said_then, place) in [
            (
                "memory",
                None,
                "Remembered, but not in Git's configuration: ",
                memory_name(),
            ),
            // Nor anywhere else.
            (
                "file",
                Some("no-folder"),
                "That could not be noted, so you will be asked again: ",
                "the credential file",
            ),
        ] {
            let mut scene = Scene::configured(&git, &[]);
            let config = scene.rig.home.path().join(".gitconfig");
            // A relative name would be a file of whatever folder we run in.
            let file = scene
                .rig
                .home
                .add_file("fixed/config", &scene.rig.home.gitconfig());
            std::fs::remove_file(&config).expect("a file of the home");
            scene.rig.home.set("GIT_CONFIG_GLOBAL", &file);
            std::fs::write(file.with_file_name("config.lock"), "").expect("a file of the home");
            if let Some(cache) = cache {
                let cache = scene.rig.home.add_file(cache, "");
                scene.rig.home.set("XDG_CACHE_HOME", cache);
            }
            let ended = scene.push_on_terminal(&answers(choice, &scene.token));
            let said = ended.expect_success().transcript;
            assert!(said.contains(said_then), "{said}");
            assert!(said.contains(&format!("It is kept in {place}")), "{said}");
        }
    }
}

/// Locked, slow or silent is not missing: nobody is asked for another place.
#[test]
fn a_keychain_that_is_there_is_not_replaced() {
    for git in gits() {
        let mut scene = Scene::configured(&git, &[]);
        if !scene.rig.start_keyring() {
            return;
        }
        scene.rig.keyring().lock();
        let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
        let said = ended.expect_success().transcript;
        assert!(!said.contains(QUESTION), "{said}");
        assert!(said.contains("It is not kept"), "{said}");

        let socket = scene.rig.home.path().join("run/deaf");
        let _listener = UnixListener::bind(&socket).expect("a socket in the home");
        let address = bus::address(&socket);
        scene.rig.home.set("DBUS_SESSION_BUS_ADDRESS", &address);
        let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
        let said = ended.expect_success().transcript;
        assert!(said.contains("did not answer within 3 s"), "{said}");
        assert!(!said.contains(QUESTION), "{said}");
        assert!(said.contains("It is not kept"), "{said}");
    }
}

/// A place that was named and cannot be used is not replaced either.
#[test]
fn what_was_named_is_not_replaced() {
    for git in gits() {
        let scene = Scene::configured(&git, &["--store=keychain"]);
        let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
        let said = ended.expect_success().transcript;
        assert!(said.contains("no D-Bus session"), "{said}");
        assert!(!said.contains(QUESTION), "{said}");
        assert!(said.contains("It is not kept"), "{said}");
    }
}

/// Nobody there: nothing is kept. A command that fails for it says so each time; where
/// somebody else answers Git, once a day is enough.
#[test]
fn unattended_nothing_is_kept_and_said_once() {
    for git in gits() {
        let mut scene = Scene::configured(&git, &[]);
        for _ in 0..2 {
            let ended = scene.push().expect_failure("told us to quit");
            let lines = ours(&ended.stderr);
            assert_eq!(lines.len(), 1, "{}", ended.stderr);
            assert!(lines[0].contains("configure --store memory"), "{lines:?}");
        }
        let text = format!(
            "case $1 in Username*) echo alice ;; *) echo {} ;; esac\n",
            scene.token
        );
        let askpass = scene.rig.home.add_script("askpass", &text);
        scene.rig.home.set("GIT_ASKPASS", &askpass);
        let said = [(); 3].map(|()| scene.push().expect_success().stderr);
        assert!(said[0].contains("no D-Bus session"), "{said:?}");
        assert_eq!(ours(&said[0]).len(), 1, "{said:?}");
        assert_eq!(said[1..], ["", ""]);
        scene.assert_in_no_file(&scene.token, |path| path == askpass);
    }
}

/// Parallel processes ask once; the others find the answer where it was noted.
#[test]
fn who_waits_finds_the_answer() {
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        let command = |rig: &Rig| {
            let mut command = rig.home.command(&git, "sh");
            let text = format!(
                "git ls-remote {url} >/dev/null & git ls-remote {url} >/dev/null & wait",
                url = super::scene::URL
            );
            command.args(["-c", &text]);
            command
        };
        let mut terminal = Terminal::open(&command(&scene.rig));
        answer(&mut terminal, &answers("memory", &scene.token));
        let said = terminal.finish().expect_success().transcript;
        assert_eq!(said.matches(QUESTION).count(), 1, "{said}");
        assert_eq!(said.matches(SECRET_QUESTION).count(), 1, "{said}");
        let ended = scene
            .rig
            .helper_with(&git, &["--store=memory", "get"], REQUEST);
        assert!(ended.expect_success().stdout.contains(&scene.token));
    }
}
