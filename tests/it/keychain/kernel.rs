//! The store `memory` in the kernel's keyring: where it is, and what it does where the kernel
//! says no.

use super::conformance::{SERVICE, faults, item, items, payloads, sign_ins_come_back_whole, write};
use super::session::{Peers, again, folder, in_session, name, path_of, processes_with, wait_until};
use crate::rig::programs;
use git_credential_bitbucket::keychain::{Failure, REMEMBERED, Store, Unlock, memory};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Set where a test runs itself once more, to do one thing.
const TASK: &str = "KEYCHAIN_TEST_TASK";

/// How `memory` calls itself here, and where the kernel refuses.
const KERNEL: &str = "the kernel's keyring";
const DAEMON: &str = "Git's credential cache";

pub fn store() -> impl Store {
    memory(REMEMBERED)
}

pub fn place() -> PathBuf {
    folder().join(".cache/git-credential-bitbucket/memory")
}

/// Whether the kernel lets us use it; else the test is skipped, and that is said.
pub fn is_possible() -> bool {
    let is_possible = store().name() == KERNEL;
    if !is_possible {
        programs::say_skipped(KERNEL);
    }
    is_possible
}

/// Runs the body in a session of its own, and leaves nothing in the kernel.
fn in_kernel(name: &str, body: fn()) {
    if is_possible() {
        in_session(name, &Peers::Nobody, body);
    }
}

/// What is kept is charged to the user who runs the tests.
pub struct Forgotten;

impl Drop for Forgotten {
    fn drop(&mut self) {
        for service in [
            SERVICE,
            "git-credential-bitbucket:https://bitbucket.example",
        ] {
            for kept in store()
                .items(service, None, Unlock::Never)
                .unwrap_or_default()
            {
                let _ = store().delete(service, &kept, Unlock::Never);
            }
        }
    }
}

#[test]
fn it_is_in_no_file_and_no_process() {
    in_kernel("kernel::it_is_in_no_file_and_no_process", || {
        let _end = Forgotten;
        write(&store(), "alice", "ours");
        // No daemon, no socket, and nothing of a secret in a file.
        assert!(processes_with(place().to_str().unwrap()).is_empty());
        let mut files: Vec<_> = fs::read_dir(place())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files, ["key", "lock"]);
    });
}

#[test]
fn it_forgets_after_its_time() {
    in_kernel("kernel::it_forgets_after_its_time", || {
        let _end = Forgotten;
        let forgetful = memory(Duration::from_secs(1));
        write(&forgetful, "alice", "ours");
        wait_until("it forgets", || {
            payloads(&forgetful, SERVICE, None).is_empty()
        });
        // For as long as ever: on a busy machine a second is over soon.
        write(&store(), "alice", "new");
        assert_eq!(payloads(&store(), SERVICE, None), ["new"]);
    });
}

/// A login's end ends its processes and its keyrings; this one is none of the login's.
#[test]
fn it_outlives_whoever_wrote() {
    in_kernel("kernel::it_outlives_whoever_wrote", || {
        if std::env::var_os(TASK).is_some() {
            return write(&store(), "alice", "ours");
        }
        let _end = Forgotten;
        let mut login = Command::new("setsid");
        login.arg("--wait").arg(std::env::current_exe().unwrap());
        login.args([&*path_of(&name()), "--exact", "--nocapture"]);
        assert!(login.env(TASK, "").status().unwrap().success());
        assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
    });
}

/// Two containers may share a kernel and a user's number: what is kept belongs to a folder.
#[test]
fn another_folder_has_another_key() {
    in_kernel("kernel::another_folder_has_another_key", || {
        if std::env::var_os(TASK).is_some() {
            return assert!(items(&store(), SERVICE, None).is_empty());
        }
        let _end = Forgotten;
        write(&store(), "alice", "ours");
        let other = folder().join("other");
        let status = again(TASK, "").env("XDG_CACHE_HOME", other).status();
        assert!(status.unwrap().success());
        assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
    });
}

#[test]
fn a_folder_that_is_not_ours_alone_is_refused() {
    in_kernel("kernel::a_folder_that_is_not_ours_alone_is_refused", || {
        let _end = Forgotten;
        let refused = |reason: &str| {
            faults(
                &store(),
                &|failure| matches!(failure, Failure::Failed(text) if text.to_string().contains(reason)),
            );
        };
        write(&store(), "alice", "ours");
        fs::set_permissions(place(), fs::Permissions::from_mode(0o750)).unwrap();
        refused("is open to others; run: chmod 700 ");
        fs::set_permissions(place(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
        let key = fs::read(place().join("key")).unwrap();
        fs::write(place().join("key"), "damaged").unwrap();
        refused("damaged; remove '");
        fs::write(place().join("key"), key).unwrap();
        assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
    });
}

/// Runs the body as a user whose quota nobody else uses.
fn as_ordinary_user(name: &str, body: fn()) {
    let is_inside = std::env::var_os(TASK).is_some();
    if !is_inside && !rustix::process::geteuid().is_root() {
        return programs::say_skipped("root");
    }
    let outside = || {
        let user = 100_000 + std::process::id();
        chown(folder(), Some(user), Some(user)).unwrap();
        let program = folder().join("test");
        programs::copy(&std::env::current_exe().unwrap(), &program);
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}"));
        command.arg(format!("--regid={user}"));
        command.arg("--clear-groups").arg(program);
        command.args([&*path_of(&self::name()), "--exact", "--nocapture"]);
        assert!(command.env(TASK, "").status().unwrap().success());
    };
    in_kernel(name, if is_inside { body } else { outside });
}

/// An ordinary user may keep 20,000 bytes in the kernel: what does not fit any more is said,
/// and what was there stays.
#[test]
fn a_quota_that_is_used_up_is_said_and_loses_nothing() {
    let name = "kernel::a_quota_that_is_used_up_is_said_and_loses_nothing";
    as_ordinary_user(name, use_quota_up);
}

/// Also where there is no room for the old beside the new.
#[test]
fn the_longest_sign_in_fits_an_ordinary_user_s_quota() {
    let name = "kernel::the_longest_sign_in_fits_an_ordinary_user_s_quota";
    as_ordinary_user(name, || {
        let _end = Forgotten;
        sign_ins_come_back_whole(&store());
    });
}

fn use_quota_up() {
    let _end = Forgotten;
    let long = "x".repeat(1000);
    let full = (0..).find_map(|number| {
        let item = item(&format!("user{number}"), &long);
        let failure = store().write(SERVICE, &item, Unlock::Never).err()?;
        Some((number, failure))
    });
    let (many, failure) = full.unwrap();
    assert!(many > 5, "{many}");
    let is_said =
        matches!(&failure, Failure::Failed(reason) if reason.to_string().contains("quota"));
    assert!(is_said, "{failure:?}");
    assert_eq!(payloads(&store(), SERVICE, None).len(), many);
    // Less always fits.
    let kept = items(&store(), SERVICE, Some("user0")).remove(0);
    super::conformance::delete(&store(), &kept);
    assert_eq!(payloads(&store(), SERVICE, None).len(), many - 1);
    write(&store(), "user1", "short");
    assert_eq!(payloads(&store(), SERVICE, Some("user1")), ["short"]);
}

/// As in most containers.
#[test]
fn where_the_kernel_refuses_git_s_daemon_keeps_it() {
    if !programs::present("strace", &["strace"]) {
        return;
    }
    let name = "kernel::where_the_kernel_refuses_git_s_daemon_keeps_it";
    in_session(name, &Peers::Nobody, || {
        if std::env::var_os(TASK).is_some() {
            assert_eq!(store().name(), DAEMON);
            write(&store(), "alice", "ours");
            return assert_eq!(payloads(&store(), SERVICE, None), ["ours"]);
        }
        for error in ["EPERM", "ENOSYS", "EOPNOTSUPP"] {
            let mut command = Command::new("strace");
            command.args(["--follow-forks", "--daemonize=grandchild", "--quiet=all"]);
            command.args(["--output=/dev/null", "--trace=keyctl,add_key,request_key"]);
            command.arg(format!("--inject=keyctl,add_key,request_key:error={error}"));
            command.arg(std::env::current_exe().unwrap());
            command.args([&*path_of(&self::name()), "--exact", "--nocapture"]);
            assert!(command.env(TASK, "").status().unwrap().success(), "{error}");
            assert_eq!(processes_with(place().to_str().unwrap()).len(), 1);
        }
        assert!(!place().join("key").exists());
    });
}
