//! GNOME Keyring, locked, on a desktop where its own dialog is shown.

use super::desktop::{Desktop, answer_dialog, shows_a_dialog};
use super::{REQUEST, login};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Rig, gits, terminal::Terminal};

/// Alice's token is kept, and the keyring is locked.
struct Locked {
    rig: Rig,
    token: String,
    _desktop: Desktop,
}

impl Locked {
    fn new() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        let desktop = Desktop::start(&mut rig)?;
        if !rig.start_keyring() {
            return None;
        }
        rig.helper("store", &login("alice", &token))
            .expect_success();
        rig.keyring().lock();
        rig.home.add_file("work/request", &format!("{REQUEST}\n"));
        Some(Self {
            rig,
            token,
            _desktop: desktop,
        })
    }

    /// Git's question, with a person at the terminal.
    fn get(&self) -> Terminal {
        let mut command = self.rig.home.command(&gits()[0], "sh");
        command.args(["-c", "git-credential-bitbucket get <request >answer"]);
        Terminal::open(&command)
    }

    fn answer(&self) -> String {
        let path = self.rig.home.work().join("answer");
        std::fs::read_to_string(path).expect("a file of the test")
    }

    /// Nothing was lost: unlocked by its password, the same is served.
    fn assert_kept(&self) {
        self.rig.keyring().unlock();
        let answer = self.rig.helper("get", &format!("{REQUEST}\n"));
        assert!(answer.stdout.contains(&self.token));
    }
}

#[test]
fn whoever_types_the_password_into_the_dialog_is_served() {
    let Some(scene) = Locked::new() else { return };
    let terminal = scene.get();
    answer_dialog(&scene.rig, "test", "Return");
    let ended = terminal.finish().expect_success();
    assert_eq!(ended.transcript, "");
    assert!(
        scene
            .answer()
            .contains(&format!("password={}\n", scene.token))
    );
    assert!(!scene.rig.keyring().is_locked());
    assert!(scene.rig.requests().is_empty());
}

#[test]
fn a_dismissed_dialog_is_said_and_nothing_is_lost() {
    let Some(scene) = Locked::new() else { return };
    let mut terminal = scene.get();
    answer_dialog(&scene.rig, "tes", "Escape");
    terminal.expect("stays locked, since its dialog was closed or could not be shown");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send("\x03");
    terminal.finish();
    assert_eq!(scene.answer(), "quit=1\n");
    assert!(scene.rig.keyring().is_locked());
    scene.assert_kept();
}

#[test]
fn with_nobody_there_no_dialog_is_shown() {
    let Some(scene) = Locked::new() else { return };
    let ended = scene.rig.helper("get", &format!("{REQUEST}\n"));
    assert_eq!(ended.stdout, "quit=1\n");
    let expected = "bitbucket: the Secret Service keyring is locked; unlock it, then try again\n";
    assert_eq!(ended.stderr, expected);
    assert!(!shows_a_dialog(&scene.rig));
    assert!(scene.rig.keyring().is_locked());
    scene.assert_kept();
}
