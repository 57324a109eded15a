//! What every store goes through: a table of stores, and each suite over each of them. The
//! Secret Service has a session of its own (`super`); killed and crowded it is by the whole
//! program (`nothing_lost`).

use super::conformance::{
    SERVICE, are_all_kept, conformance, faults, many_at_once, payloads, write, write_one_of_many,
};
use super::kernel::{self, Forgotten};
use super::session::{
    KILLS, Peers, again, all_at_once, in_session, is_running, under_each_git, wait_for_all,
    wait_until,
};
use super::{file, memory, pass};
use crate::rig::gpg::Gpg;
use git_credential_bitbucket::keychain::{self, Failure, Store};
use std::any::Any;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// Set where a test runs itself once more, to do one thing.
const TASK: &str = "KEYCHAIN_TEST_TASK";

/// A store to be tried.
struct Tried {
    /// Whether it can be had here; if not, that has been said.
    is_possible: fn() -> bool,
    /// Runs a test of this name in a session that has what the store is made of.
    in_session: fn(&str, fn()),
    /// What must be there before its first call, and is gone with the guard.
    begin: fn() -> Box<dyn Any>,
    open: fn() -> Box<dyn Store>,
    /// The longest payload that it takes, in bytes.
    largest: usize,
    /// So many write to it at once.
    writers: u32,
    /// Makes that it cannot be used, or that it can again.
    spoil: fn(bool),
    /// Whether a failure says that.
    is_spoilt: fn(&Failure) -> bool,
    /// How often a writer is killed; `GCB_TESTS_KILLS` says another number.
    kills: u32,
    /// Within this time of its life.
    life: Duration,
    /// Whether everything may be gone after a kill, as from Git's daemon.
    may_forget: bool,
    /// Waits for what a killed writer has left running.
    settle: fn(),
}

const FILE: Tried = Tried {
    is_possible: || true,
    in_session: |name, body| in_session(name, &Peers::Nobody, body),
    begin: || Box::new(()),
    open: || Box::new(keychain::file()),
    largest: 300_000,
    writers: 64,
    spoil: |is_open| file::set_mode(&file::place(), if is_open { 0o750 } else { 0o700 }),
    is_spoilt: |failure| is_failed(failure, "is open to others; run: chmod 700 "),
    kills: 75,
    life: Duration::from_millis(5),
    may_forget: false,
    settle: || {},
};

const KERNEL: Tried = Tried {
    is_possible: kernel::is_possible,
    begin: || Box::new(Forgotten),
    open: || Box::new(kernel::store()),
    largest: 5_000,
    spoil: |is_open| file::set_mode(&kernel::place(), if is_open { 0o750 } else { 0o700 }),
    kills: 300,
    life: Duration::from_millis(20),
    ..FILE
};

const DAEMON: Tried = Tried {
    in_session: under_each_git,
    open: || Box::new(memory::store()),
    spoil: |is_open| file::set_mode(&memory::place(), if is_open { 0o750 } else { 0o700 }),
    may_forget: true,
    ..FILE
};

const PASS: Tried = Tried {
    is_possible: Gpg::is_possible,
    begin: || Box::new(pass::key("")),
    open: || Box::new(keychain::pass()),
    spoil: |is_gone| {
        let file = |name: &str| pass::root().join(name);
        let (from, to) = if is_gone {
            (".gpg-id", "away")
        } else {
            ("away", ".gpg-id")
        };
        std::fs::rename(file(from), file(to)).unwrap();
    },
    is_spoilt: |failure| matches!(failure, Failure::Missing(reason) if reason.to_string().contains("make one: pass init")),
    // Each write starts a dozen programs.
    kills: 20,
    life: Duration::from_millis(500),
    settle: || wait_until("pass has ended", || !is_running("/pass")),
    ..FILE
};

fn is_failed(failure: &Failure, text: &str) -> bool {
    matches!(failure, Failure::Failed(reason) if reason.to_string().contains(text))
}

impl Tried {
    /// Runs a suite over it, in a session of its own, if it can be had.
    fn run(&self, store: &str, suite: &str, body: fn()) -> bool {
        let is_possible = (self.is_possible)();
        if is_possible {
            (self.in_session)(&format!("suites::{store}::{suite}"), body);
        }
        is_possible
    }

    fn keep_every_promise(&self) {
        let _end = (self.begin)();
        conformance(&*(self.open)(), self.largest);
    }

    fn serve_many_at_once(&self) {
        let _end = (self.begin)();
        many_at_once(self.open);
    }

    /// What is kept while it cannot be used is there when it can again.
    fn tell_a_fault(&self) {
        let _end = (self.begin)();
        let store = (self.open)();
        write(&*store, "alice", "ours");
        (self.spoil)(true);
        faults(&*store, &self.is_spoilt);
        (self.spoil)(false);
        assert_eq!(payloads(&*store, SERVICE, None), ["ours"]);
    }

    /// Each is a process, and none has been there before.
    fn keep_all_from_a_cold_start(&self) {
        if let Ok(number) = std::env::var(TASK) {
            wait_for_all();
            return write_one_of_many(&*(self.open)(), &number);
        }
        let _end = (self.begin)();
        all_at_once(self.writers, TASK);
        are_all_kept(&*(self.open)(), self.writers as usize);
    }

    /// How often it is killed.
    fn kills(&self) -> u32 {
        let all = std::env::var(KILLS);
        all.map_or(self.kills, |all| all.parse().expect("a number"))
    }

    fn survive_kills(&self) {
        let store = (self.open)();
        if std::env::var_os(TASK).is_some() {
            return write_until_killed(&*store);
        }
        let _end = (self.begin)();
        for kill in 0..self.kills() {
            self.kill_a_writer(&*store, self.life * kill / self.kills());
        }
        (self.settle)();
        write(&*store, "alice", "last");
        assert_eq!(payloads(&*store, SERVICE, Some("alice")), ["last"]);
    }

    /// Kills it at this moment; what it said was written is, and the rest is as it was.
    fn kill_a_writer(&self, store: &dyn Store, moment: Duration) {
        write(store, "alice", "ours");
        let mut writer = again(TASK, "").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.rsplit_once("written ")?.1.parse::<u32>().ok());
        let seen = lines.next().unwrap();
        // Not a wait for anything: the point of the kill.
        std::thread::sleep(moment);
        writer.kill().unwrap();
        writer.wait().unwrap();
        let said = lines.last().unwrap_or(seen);
        let kept = payloads(store, SERVICE, None);
        if kept.is_empty() && self.may_forget {
            return report("a killed writer took all along");
        }
        let ours = |number: u32| kept == [number.to_string(), "ours".to_owned()];
        assert!(ours(said) || ours(said + 1), "{said}: {kept:?}");
    }
}

/// Writes rising numbers beside what is kept, and says each that is written.
#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn write_until_killed(store: &dyn Store) {
    for number in 0.. {
        write(store, "counter", &number.to_string());
        println!("written {number}");
    }
}

#[allow(clippy::print_stdout, reason = "worth knowing, not worth failing for")]
fn report(line: &str) {
    println!("{line}");
}

/// A module for each store, in which each suite is a test.
macro_rules! over_each_store {
    ($($store:ident = $tried:ident),* $(,)?) => {$(
        mod $store {
            use super::$tried as TRIED;
            use crate::rig::held;

            fn run(suite: &str, body: fn()) -> bool {
                TRIED.run(stringify!($store), suite, body)
            }

            #[test]
            fn every_promise_is_kept() {
                run("every_promise_is_kept", || TRIED.keep_every_promise());
            }

            #[test]
            fn many_at_once_are_served() {
                run("many_at_once_are_served", || TRIED.serve_many_at_once());
            }

            #[test]
            fn a_fault_is_told_and_loses_nothing() {
                run("a_fault_is_told_and_loses_nothing", || TRIED.tell_a_fault());
            }

            #[test]
            fn all_are_kept_from_a_cold_start() {
                let name = "all_are_kept_from_a_cold_start";
                if run(name, || TRIED.keep_all_from_a_cold_start()) {
                    held(concat!("written at once, from cold, ", stringify!($store)), TRIED.writers);
                }
            }

            #[test]
            fn killed_writers_lose_nothing() {
                if run("killed_writers_lose_nothing", || TRIED.survive_kills()) {
                    held(concat!("killed while writing, ", stringify!($store)), TRIED.kills());
                }
            }
        }
    )*};
}

over_each_store! {
    in_file = FILE,
    in_kernel = KERNEL,
    in_daemon = DAEMON,
    in_pass = PASS,
}
