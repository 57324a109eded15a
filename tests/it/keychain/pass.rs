//! The store `pass`, with the real program, a real gpg and its agent.

use super::conformance::{SERVICE, delete, faults, item, items, payloads, write};
use super::session::{Peers, again, folder, in_session};
use crate::rig::gpg::{Gpg, PASSPHRASE, Pinentry};
use git_credential_bitbucket::keychain::{Deletion, Failure, Store, Unlock, pass};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Set where a test runs itself once more, to do one thing.
const TASK: &str = "KEYCHAIN_TEST_TASK";

pub fn root() -> PathBuf {
    folder().join(".password-store")
}

fn with_pass(name: &str, body: fn()) {
    // A task may have taken the programs away.
    if std::env::var_os(TASK).is_some() || Gpg::is_possible() {
        in_session(name, &Peers::Nobody, body);
    }
}

/// A key with this passphrase, or none.
pub fn key(passphrase: &str) -> Gpg {
    Gpg::set_up(&folder(), passphrase, |program| Command::new(program))
}

/// What a program of the session says.
fn said(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    let ended = command.args(arguments).stdin(Stdio::null()).output();
    let ended = ended.unwrap();
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stdout).unwrap()
}

/// The secret is the first line, where pass and all that goes with it look for it.
#[test]
fn pass_itself_reads_what_is_kept() {
    with_pass("pass::pass_itself_reads_what_is_kept", || {
        let _key = key("");
        write(&pass(), "alice@acme/widgets", "a token\n{\"kind\":1}");
        let name = "git-credential-bitbucket/bitbucket.org/alice@acme%2Fwidgets";
        assert_eq!(said("pass", &["show", name]), "a token\n{\"kind\":1}");
        let file = fs::read(root().join(format!("{name}.gpg"))).unwrap();
        assert!(!file.windows(7).any(|bytes| bytes == b"a token"));
        // What a person wrote there by hand is found as well.
        let mut insert = Command::new("sh");
        insert.args([
            "-c",
            "echo other | pass insert -e git-credential-bitbucket/bitbucket.org/bob",
        ]);
        assert!(insert.stdout(Stdio::null()).status().unwrap().success());
        assert_eq!(payloads(&pass(), SERVICE, Some("bob")), ["other\n"]);
    });
}

/// Its Git repository gets what pass itself commits, whatever Git runs us.
#[test]
fn its_repository_has_every_change() {
    with_pass("pass::its_repository_has_every_change", || {
        if std::env::var_os(TASK).is_some() {
            write(&pass(), "alice", "ours");
            let kept = items(&pass(), SERVICE, None).remove(0);
            assert_eq!(delete(&pass(), &kept), Deletion::Deleted);
            return;
        }
        let _key = key("");
        said("git", &["config", "--global", "user.name", "Alice"]);
        said(
            "git",
            &["config", "--global", "user.email", "alice@example.com"],
        );
        said("pass", &["git", "init", "--quiet"]);
        let other = folder().join("other");
        said("git", &["init", "--quiet", other.to_str().unwrap()]);
        let mut writer = again(TASK, "");
        writer
            .env("GIT_DIR", other.join(".git"))
            .env("GIT_WORK_TREE", &other);
        writer
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "user.name");
        writer.env("GIT_CONFIG_VALUE_0", "Mallory");
        assert!(writer.status().unwrap().success());
        let log = said("pass", &["git", "log", "--format=%an: %s"]);
        let last = "Alice: Remove git-credential-bitbucket/bitbucket.org/alice from store.";
        assert_eq!(log.lines().next(), Some(last), "{log}");
        assert!(!log.contains("Mallory"), "{log}");
        assert_eq!(said("pass", &["git", "status", "--porcelain"]), "");
        assert!(!other.join("git-credential-bitbucket").exists());
    });
}

#[test]
fn locked_dismissed_and_a_missing_key_are_told_apart() {
    let name = "pass::locked_dismissed_and_a_missing_key_are_told_apart";
    with_pass(name, || {
        let key = key(PASSPHRASE);
        write(&pass(), "alice", "ours");
        key.lock();
        let never = |store: &dyn Store| store.items(SERVICE, None, Unlock::Never).err();
        assert_eq!(never(&pass()), Some(Failure::Locked));
        let kept = |payload: &str| git_credential_bitbucket::keychain::Kept {
            handle: "git-credential-bitbucket/bitbucket.org/alice".to_owned(),
            payload: git_credential_bitbucket::secret::Secret::copy_of(payload.as_bytes()),
        };
        let deleted = pass().delete(SERVICE, &kept("ours"), Unlock::Never);
        assert_eq!(deleted, Err(Failure::Locked));
        assert!(!key.dialog_was_shown());
        // To write it takes no passphrase; what is there was not read.
        write(&pass(), "bob", "new");
        let ask = || pass().items(SERVICE, None, Unlock::Ask);
        assert_eq!(ask().err(), Some(Failure::Dismissed));
        assert!(key.dialog_was_shown());
        key.answers(&Pinentry::Typed("wrong"));
        assert_eq!(ask().err(), Some(Failure::Dismissed));
        key.answers(&Pinentry::Typed(PASSPHRASE));
        assert_eq!(ask().unwrap().len(), 2);
        // The agent knows it now.
        assert_eq!(payloads(&pass(), SERVICE, None), ["new", "ours"]);
        key.remove_key();
        for unlock in [Unlock::Never, Unlock::Ask] {
            let failure = pass().items(SERVICE, None, unlock).err();
            let is_said = matches!(&failure, Some(Failure::Failed(reason)) if reason.why.contains("not on this machine"));
            assert!(is_said, "{failure:?}");
        }
    });
}

/// A commit that is signed would have a dialog of its own.
#[test]
fn where_nobody_is_no_commit_is_signed() {
    with_pass("pass::where_nobody_is_no_commit_is_signed", || {
        let key = key(PASSPHRASE);
        said("git", &["config", "--global", "user.name", "Alice"]);
        said(
            "git",
            &["config", "--global", "user.email", "alice@example.com"],
        );
        said(
            "git",
            &["config", "--global", "user.signingkey", "alice@example.com"],
        );
        said("pass", &["git", "init", "--quiet"]);
        said("git", &["config", "--global", "commit.gpgSign", "true"]);
        key.lock();
        let written = pass().write(SERVICE, &item("alice", "ours"), Unlock::Never);
        assert_eq!(written, Err(Failure::Locked));
        assert!(!key.dialog_was_shown());
        key.answers(&Pinentry::Typed(PASSPHRASE));
        let written = pass().write(SERVICE, &item("alice", "ours"), Unlock::Ask);
        assert_eq!(written, Ok(()));
        assert!(said("pass", &["git", "log", "-1", "--format=%G?"]).starts_with(['G', 'U']));
    });
}

#[test]
fn without_the_program_or_a_store_it_is_missing() {
    let name = "pass::without_the_program_or_a_store_it_is_missing";
    with_pass(name, || {
        let missing = |reason: &str| {
            faults(
                &pass(),
                &|failure| matches!(failure, Failure::Missing(text) if text.to_string().contains(reason)),
            );
        };
        if std::env::var_os(TASK).is_some() {
            return missing("its program, pass, is not on PATH; install it");
        }
        missing("(no file .gpg-id); make one: pass init");
        let status = again(TASK, "").env("PATH", "/nowhere").status();
        assert!(status.unwrap().success());
    });
}

/// A relative folder would be one of whatever repository we run in.
#[test]
fn nothing_of_the_current_folder_is_used() {
    with_pass("pass::nothing_of_the_current_folder_is_used", || {
        if std::env::var_os(TASK).is_some() {
            let failure = pass().items(SERVICE, None, Unlock::Never).err();
            return assert!(
                matches!(failure, Some(Failure::Unreachable(_))),
                "{failure:?}"
            );
        }
        let status = again(TASK, "").env("PASSWORD_STORE_DIR", "store").status();
        assert!(status.unwrap().success());
    });
}
