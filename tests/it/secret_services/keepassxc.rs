//! `KeePassXC` in the place of GNOME Keyring.

use super::{CONFIGURED, REQUEST, login};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Rig, bus, gits, keepassxc, programs, tokens};
use std::process::Child;
use std::time::{Duration, Instant};

/// How long it may take until it is open.
const PATIENCE: Duration = Duration::from_secs(30);

/// Both gone with this.
struct Service {
    bus: Child,
    program: Child,
}

impl Service {
    /// `None` where it cannot be had.
    fn start(rig: &mut Rig) -> Option<Self> {
        let possible = programs::present("keyring", &["dbus-daemon", "dbus-send"])
            && programs::present("keepassxc", &keepassxc::PROGRAMS);
        if !possible {
            return None;
        }
        let bus = bus::start(rig);
        let environment = rig.home.environment(&gits()[0]);
        let program = keepassxc::start(rig.home.path(), &|name| environment.command(name));
        let deadline = Instant::now() + PATIENCE;
        while is_locked(rig) {
            assert!(Instant::now() < deadline, "the database never opens");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { bus, program })
    }
}

/// Also where it does not answer yet.
fn is_locked(rig: &Rig) -> bool {
    let mut question = rig.home.command(&gits()[0], "dbus-send");
    question.args(["--session", "--print-reply"]);
    let answer = question.args(keepassxc::IS_LOCKED).output();
    let answer = answer.expect("dbus-send").stdout;
    !String::from_utf8_lossy(&answer).contains("boolean false")
}

impl Service {
    /// Whether `KeePassXC` has ended by itself.
    fn has_died(&mut self) -> bool {
        !matches!(self.program.try_wait(), Ok(None))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.bus] {
            // Killed already is killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_token_is_pasted_once_and_then_everything_pushes() {
    for git in gits() {
        let (mut rig, token) = Rig::with_alice();
        let Some(_service) = Service::start(&mut rig) else {
            return;
        };
        rig.home.add_gitconfig(CONFIGURED);
        let url = "https://bitbucket.org/acme/widgets.git";
        let mut terminal = rig.terminal(&git, &["clone", url, "widgets"]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        let ended = terminal.finish().expect_success();
        assert!(
            !ended.transcript.contains("not kept"),
            "{}",
            ended.transcript
        );
        let commit = [
            "-C",
            "widgets",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "one",
        ];
        rig.git(&git, &commit).expect_success();
        rig.forget_requests();
        let push = ["-C", "widgets", "push", "origin", "HEAD"];
        rig.git(&git, &push).expect_success();
        assert!(rig.requests_not_from_git().is_empty());
        // A refused one goes, although nobody is there to confirm it.
        rig.bitbucket.revoke(&token);
        rig.git(&git, &["-C", "widgets", "fetch"]);
        let answer = rig.helper("get", &format!("{REQUEST}\n"));
        assert!(!answer.stdout.contains(&token), "{}", answer.stdout);
    }
}

/// One after the other, by the lock: `KeePassXC` itself cannot bear many changes at once. Now and
/// then it crashes all the same under load; what is not kept then is said, and the round is played
/// again.
#[test]
fn many_stores_at_once_all_count() {
    const ROUNDS: u32 = 5;
    for _ in 0..ROUNDS {
        match many_stores_at_once() {
            Some(true) | None => return,
            Some(false) => {}
        }
    }
    panic!("KeePassXC died in each of {ROUNDS} rounds");
}

/// Whether `KeePassXC` survived it; then all count. `None` where it cannot be had.
fn many_stores_at_once() -> Option<bool> {
    const MANY: u64 = 8;
    let (mut rig, _) = Rig::with_alice();
    let mut service = Service::start(&mut rig)?;
    let token = |number: u64| tokens::api_token(100 + number);
    let store = |number: u64| {
        let login = login(&format!("user{number}"), &token(number));
        let ended = rig.helper("store", &login);
        (ended.stdout, ended.stderr)
    };
    let said: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..MANY)
            .map(|number| scope.spawn(move || store(number)))
            .collect();
        let ended = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended.map(|ended| ended.expect("it ends")).collect()
    });
    let answers: Vec<_> = (0..MANY)
        .map(|number| {
            let question = format!("{REQUEST}username=user{number}\n\n");
            rig.helper("get", &question).stdout
        })
        .collect();
    if service.has_died() {
        return Some(false);
    }
    for (number, (said, answer)) in (0..MANY).zip(said.iter().zip(&answers)) {
        assert_eq!((&*said.0, &*said.1), ("", ""), "user{number}");
        assert!(answer.contains(&token(number)), "user{number}: {answer}");
    }
    Some(true)
}
