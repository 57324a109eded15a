//! The store `memory` where the kernel refuses its keyring, in Git's cache daemon: every
//! promise under each Git, whatever happens to that daemon.

use super::conformance::{
    SERVICE, conformance, faults, item, items, many_at_once, payloads, write,
};
use super::session::{
    Peers, again, folder, in_session, name, path_of, processes_with, signal, under_each_git,
    wait_until,
};
use crate::rig::programs;
use git_credential_bitbucket::keychain::{Failure, REMEMBERED, Store, Unlock, cache_daemon};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Set where a test runs itself once more, to do one thing.
const TASK: &str = "KEYCHAIN_TEST_TASK";

pub fn store() -> impl Store {
    cache_daemon(REMEMBERED)
}

pub fn place() -> PathBuf {
    folder().join(".cache/git-credential-bitbucket/memory")
}

fn socket() -> PathBuf {
    place().join("socket")
}

/// The daemons of this session.
fn daemons() -> Vec<u32> {
    processes_with(socket().to_str().unwrap())
}

/// The only one.
fn daemon() -> u32 {
    let all = daemons();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

/// Kills the daemon, and is done when it is gone.
fn kill_daemon() {
    let process = daemon();
    signal("KILL", process);
    wait_until("the daemon is gone", || daemons().is_empty());
}

#[test]
fn many_at_once_have_one_daemon() {
    under_each_git("memory::many_at_once_have_one_daemon", || {
        many_at_once(|| Box::new(store()));
        daemon();
    });
}

#[test]
fn memory_forgets_after_its_time() {
    under_each_git("memory::memory_forgets_after_its_time", || {
        let forgetful = cache_daemon(Duration::from_secs(1));
        write(&forgetful, "alice", "ours");
        wait_until("it forgets", || {
            payloads(&forgetful, SERVICE, None).is_empty()
        });
        // For as long as ever: on a busy machine a second is over soon.
        write(&store(), "alice", "new");
        assert_eq!(payloads(&store(), SERVICE, None), ["new"]);
    });
}

#[test]
fn a_killed_daemon_has_forgotten_and_a_write_starts_another() {
    under_each_git(
        "memory::a_killed_daemon_has_forgotten_and_a_write_starts_another",
        || {
            let store = store();
            for payload in ["first", "second"] {
                write(&store, "alice", payload);
                assert_eq!(payloads(&store, SERVICE, None), [payload]);
                kill_daemon();
                assert!(socket().exists(), "the socket is stale");
                assert!(payloads(&store, SERVICE, None).is_empty());
            }
        },
    );
}

#[test]
fn reading_starts_no_program() {
    under_each_git("memory::reading_starts_no_program", || {
        let store = store();
        if std::env::var_os(TASK).is_some() {
            return assert_eq!(payloads(&store, SERVICE, None), ["ours"]);
        }
        write(&store, "alice", "ours");
        let reader = again(TASK, "").env("PATH", "/nowhere").status();
        assert!(reader.unwrap().success());
    });
}

#[test]
fn the_daemon_knows_nothing_of_its_caller() {
    under_each_git("memory::the_daemon_knows_nothing_of_its_caller", || {
        if std::env::var_os(TASK).is_some() {
            return write(&store(), "alice", "a secret of ours");
        }
        let writer = again(TASK, "")
            .env("BITBUCKET_TOKEN", "a token")
            .env("GIT_TRACE", folder().join("trace"))
            .env("GIT_DIR", folder())
            .status();
        assert!(writer.unwrap().success());
        let about = PathBuf::from(format!("/proc/{}", daemon()));
        let environment = fs::read_to_string(about.join("environ")).unwrap();
        let mut names: Vec<_> = environment
            .split_terminator('\0')
            .map(|variable| variable.split('=').next().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME", "PATH"]
        );
        assert_eq!(fs::read_link(about.join("cwd")).unwrap(), place());
        let arguments = fs::read_to_string(about.join("cmdline")).unwrap();
        assert!(!arguments.contains("secret"), "{arguments}");
        // What whoever runs the tests left open for all its children is not ours.
        let inherited = descriptors("/proc/self/fd".as_ref());
        for leads_to in descriptors(&about.join("fd")) {
            let harmless = leads_to == "/dev/null" || leads_to.starts_with("socket:");
            assert!(harmless || inherited.contains(&leads_to), "{leads_to}");
        }
        assert!(!folder().join("trace").exists());
    });
}

/// What a process has open.
fn descriptors(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().flatten();
    all.filter_map(|entry| fs::read_link(entry.path()).ok())
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_silent_daemon_is_unreachable() {
    under_each_git("memory::a_silent_daemon_is_unreachable", || {
        write(&store(), "alice", "ours");
        signal("STOP", daemon());
        faults(
            &store(),
            &|failure| matches!(failure, Failure::Unreachable(text) if text.to_string().contains("in time; end the process git ")),
        );
    });
}

/// A socket at the daemon's place whose other end says this to everybody.
fn answer_everybody(answer: &'static [u8]) {
    write(&store(), "alice", "ours");
    kill_daemon();
    fs::remove_file(socket()).unwrap();
    let listener = UnixListener::bind(socket()).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 1 {
                line.clear();
            }
            stream.write_all(answer).unwrap();
        }
    });
}

#[test]
fn nonsense_is_refused_and_never_taken_for_nothing() {
    under_each_git(
        "memory::nonsense_is_refused_and_never_taken_for_nothing",
        || {
            for (answer, reason) in [
                (&b"what?"[..], "nonsense; end it with: git "),
                (b"\0\n", "nonsense"),
                (b"username=all\npassword=abc", "nonsense"),
                (b"password=abc\n", "damaged"),
                (b"password=\n", "damaged"),
                (b"password=git-credential-bitbucket:1 ab\n", "damaged"),
                (
                    b"password=git-credential-bitbucket:2 00000000\n",
                    "another version",
                ),
            ] {
                answer_everybody(answer);
                faults(
                    &store(),
                    &|failure| matches!(failure, Failure::Failed(text) if text.to_string().contains(reason)),
                );
                fs::remove_file(socket()).unwrap();
            }
        },
    );
}

#[test]
fn a_folder_that_is_not_ours_alone_is_refused() {
    under_each_git("memory::a_folder_that_is_not_ours_alone_is_refused", || {
        let refused = |reason: &str| {
            faults(
                &store(),
                &|failure| matches!(failure, Failure::Failed(text) if text.to_string().contains(reason)),
            );
        };
        write(&store(), "alice", "ours");
        for mode in [0o750, 0o701, 0o770] {
            fs::set_permissions(place(), fs::Permissions::from_mode(mode)).unwrap();
            refused("is open to others; run: chmod 700 ");
        }
        fs::set_permissions(place(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
        let moved = folder().join("moved");
        fs::rename(place(), &moved).unwrap();
        symlink(&moved, place()).unwrap();
        refused("is a link");
        fs::remove_file(place()).unwrap();
        fs::write(place(), "").unwrap();
        refused("something else in its place");
    });
}

/// Whether nothing is kept, and writing fails for a reason of the environment that has `text`.
fn cannot_start_because(text: &str) {
    assert!(items(&store(), SERVICE, None).is_empty());
    let written = store().write(SERVICE, &item("alice", "new"), Unlock::Never);
    let expected =
        matches!(&written, Err(Failure::Unreachable(reason)) if reason.to_string().contains(text));
    assert!(expected, "{written:?}");
}

#[test]
fn without_a_git_that_can_it_is_unreachable() {
    let name = "memory::without_a_git_that_can_it_is_unreachable";
    in_session(name, &Peers::Nobody, || {
        if let Ok(reason) = std::env::var(TASK) {
            return cannot_start_because(&reason);
        }
        let programs = folder().join("programs");
        fs::create_dir(&programs).unwrap();
        let git = programs.join("git");
        for (script, reason) in [
            ("", "git, is not on PATH"),
            ("echo no socket support >&2; exit 128", "no socket support"),
            ("exit 0", "its daemon ended (exit status: 0)"),
            ("exec /bin/sleep 600", "did not start in time"),
        ] {
            if !script.is_empty() {
                programs::write(&git, &format!("#!/bin/sh\n{script}\n"));
            }
            let status = again(TASK, reason).env("PATH", &programs).status();
            assert!(status.unwrap().success(), "{reason}");
        }
        assert!(daemons().is_empty());
    });
}

/// The address of a socket has some 100 bytes, and a home may be deeper than that.
#[test]
fn a_home_too_deep_for_sockets_is_as_good_as_any() {
    let name = "memory::a_home_too_deep_for_sockets_is_as_good_as_any";
    under_each_git(name, || {
        let deep = folder().join(".cache").join("deep".repeat(30));
        if std::env::var_os(TASK).is_none() {
            fs::create_dir_all(&deep).unwrap();
            let status = again(TASK, "").env("XDG_CACHE_HOME", &deep).status();
            return assert!(status.unwrap().success());
        }
        let here = std::env::current_dir().unwrap();
        conformance(&store(), 3_000);
        many_at_once(|| Box::new(store()));
        assert_eq!(std::env::current_dir().unwrap(), here);
        assert_eq!(processes_with(deep.to_str().unwrap()).len(), 1);
    });
}

/// What a shell runs on the terminal: one of our writers, and a daemon that Git starts as
/// it always does, for comparison. Then it waits for a line.
const ON_A_TERMINAL: &str = r#"
"$0" "$1" --exact --nocapture >"$HOME/writer" 2>&1
printf 'protocol=https\nhost=example.com\nusername=a\npassword=b\n' |
    git credential-cache --timeout=600 --socket "$HOME/.cache/plain/socket" store
echo started
read -r line
"#;

/// Runs it, then does something to the terminal. Whether the plain daemon ends of that is
/// what shows that it would have ended ours.
fn survives(end: fn(&mut dyn std::io::Write)) {
    if std::env::var_os(TASK).is_some() {
        return write(&store(), "alice", "ours");
    }
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", ON_A_TERMINAL]);
    shell.arg(std::env::current_exe().unwrap());
    shell.arg(path_of(&name()));
    shell.env(TASK, "");
    let mut shell = pair.slave.spawn_command(shell).unwrap();
    drop(pair.slave);
    let mut keyboard = pair.master.take_writer().unwrap();
    let screen = BufReader::new(pair.master.try_clone_reader().unwrap());
    let shown: Vec<_> = screen
        .lines()
        .map(|line| line.unwrap())
        .take_while(|line| line.trim() != "started")
        .collect();
    assert!(shown.is_empty(), "{shown:?}");
    let plain = folder().join(".cache/plain/socket");
    let plain = || processes_with(plain.to_str().unwrap());
    assert_eq!(plain().len(), 1);
    assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
    end(&mut keyboard);
    drop((keyboard, pair.master));
    shell.wait().unwrap();
    wait_until("a plain daemon dies of it", || plain().is_empty());
    assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
    daemon();
}

#[test]
fn the_daemon_survives_its_terminal() {
    under_each_git("memory::the_daemon_survives_its_terminal", || {
        survives(|_| {});
    });
}

#[test]
fn the_daemon_survives_ctrl_c() {
    under_each_git("memory::the_daemon_survives_ctrl_c", || {
        survives(|keyboard| keyboard.write_all(b"\x03").unwrap());
    });
}

/// As the message says that has nonsense for its reason.
#[test]
fn git_itself_ends_it() {
    under_each_git("memory::git_itself_ends_it", || {
        write(&store(), "alice", "ours");
        let mut git = Command::new("git");
        git.arg("credential-cache")
            .arg("--socket")
            .arg(socket())
            .arg("exit");
        git.stdin(Stdio::null());
        assert!(git.status().unwrap().success());
        wait_until("it ends", || daemons().is_empty());
        assert!(payloads(&store(), SERVICE, None).is_empty());
    });
}
