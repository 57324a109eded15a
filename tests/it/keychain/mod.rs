//! The keychain's promises against a real GNOME Keyring in a private D-Bus session,
//! and the faults of buses and services around it.
#![cfg(all(unix, not(target_os = "macos")))]

mod conformance;
mod daemons;
mod file;
#[cfg(target_os = "linux")]
mod kernel;
mod memory;
mod pass;
mod session;
#[cfg(target_os = "linux")]
mod suites;

use crate::rig::{keepassxc, programs};
use conformance::{
    SERVICE, conformance, delete, faults, item, items, many_at_once, payloads, write,
};
use git_credential_bitbucket::keychain::{Deletion, Failure, Store, Unlock, platform};
use session::{Peers, calls_of, dialog_was_shown, in_session, lock, secret_tool};

#[test]
fn the_secret_service_keeps_every_promise() {
    in_session(
        "the_secret_service_keeps_every_promise",
        &Peers::Keyring,
        || conformance(&platform(), 300_000),
    );
}

#[test]
fn keepassxc_keeps_every_promise() {
    if !programs::present("keepassxc", &keepassxc::PROGRAMS) {
        return;
    }
    in_session("keepassxc_keeps_every_promise", &Peers::KeePassXc, || {
        conformance(&platform(), 300_000);
    });
}

#[test]
fn reading_is_four_calls_and_nothing_else() {
    in_session(
        "reading_is_four_calls_and_nothing_else",
        &Peers::Keyring,
        || {
            let store = platform();
            write(&store, "alice", "ours");
            let calls = calls_of(|| assert_eq!(payloads(&store, SERVICE, None), ["ours"]));
            assert_eq!(calls, ["Hello", "SearchItems", "OpenSession", "GetSecrets"]);
        },
    );
}

#[test]
fn duplicates_never_block_and_a_write_ends_them() {
    in_session(
        "duplicates_never_block_and_a_write_ends_them",
        &Peers::Keyring,
        || {
            let store = platform();
            let duplicate = [
                "store",
                "--label=old",
                "service",
                SERVICE,
                "account",
                "alice",
            ];
            write(&store, "alice", "ours");
            secret_tool(&[&duplicate[..], &["extra", "1"]].concat(), "older");
            secret_tool(&[&duplicate[..], &["extra", "2"]].concat(), "oldest");
            assert_eq!(payloads(&store, SERVICE, None), ["older", "oldest", "ours"]);
            write(&store, "alice", "new");
            assert_eq!(payloads(&store, SERVICE, None), ["new"]);
        },
    );
}

#[test]
fn other_programs_see_ours_and_keep_theirs() {
    in_session(
        "other_programs_see_ours_and_keep_theirs",
        &Peers::Keyring,
        || {
            let store = platform();
            secret_tool(
                &[
                    "store",
                    "--label=mail",
                    "service",
                    "mail",
                    "account",
                    "alice",
                ],
                "theirs",
            );
            write(&store, "alice", "ours");
            let shown = secret_tool(&["search", "--all", "service", SERVICE], "");
            for line in [
                "label = Bitbucket: alice",
                "secret = ours",
                "attribute.account = alice",
            ] {
                assert!(shown.contains(line), "{shown}");
            }
            let kept = items(&store, SERVICE, None).remove(0);
            assert_eq!(delete(&store, &kept), Deletion::Deleted);
            assert_eq!(
                secret_tool(&["search", "--all", "service", SERVICE], ""),
                ""
            );
            assert_eq!(secret_tool(&["lookup", "service", "mail"], ""), "theirs");
        },
    );
}

#[test]
fn locked_is_neither_absent_nor_asked_about_when_nobody_is_there() {
    in_session(
        "locked_is_neither_absent_nor_asked_about_when_nobody_is_there",
        &Peers::Keyring,
        || {
            let store = platform();
            write(&store, "alice", "ours");
            let kept = items(&store, SERVICE, None).remove(0);
            lock();
            for account in [None, Some("alice"), Some("nobody")] {
                let found = store.items(SERVICE, account, Unlock::Never);
                assert_eq!(found.err(), Some(Failure::Locked), "{account:?}");
            }
            let written = store.write(SERVICE, &item("alice", "new"), Unlock::Never);
            assert_eq!(written, Err(Failure::Locked));
            let deleted = store.delete(SERVICE, &kept, Unlock::Never);
            assert_eq!(deleted, Err(Failure::Locked));
            assert!(!dialog_was_shown());
        },
    );
}

#[test]
fn locked_asks_when_a_person_is_there() {
    in_session(
        "locked_asks_when_a_person_is_there",
        &Peers::Keyring,
        || {
            let store = platform();
            write(&store, "alice", "ours");
            lock();
            let found = store.items(SERVICE, None, Unlock::Ask);
            assert_eq!(found.err(), Some(Failure::Dismissed));
            assert!(dialog_was_shown());
        },
    );
}

#[test]
fn no_session_is_unreachable() {
    in_session("no_session_is_unreachable", &Peers::Nobody, || {
        missing_because("no D-Bus session");
    });
}

#[test]
fn a_session_beyond_a_local_socket_is_never_used() {
    in_session(
        "a_session_beyond_a_local_socket_is_never_used",
        &Peers::Remote,
        || missing_because("names no Unix socket"),
    );
}

#[test]
fn writers_readers_and_deleters_at_once_neither_fail_nor_lose() {
    in_session(
        "writers_readers_and_deleters_at_once_neither_fail_nor_lose",
        &Peers::Keyring,
        || many_at_once(|| Box::new(platform())),
    );
}

#[test]
fn a_session_without_the_service_is_unreachable() {
    in_session(
        "a_session_without_the_service_is_unreachable",
        &Peers::BusAlone,
        || {
            missing_because("no Secret Service on the D-Bus session");
        },
    );
}

#[test]
fn a_service_that_never_starts_is_unreachable() {
    in_session(
        "a_service_that_never_starts_is_unreachable",
        &Peers::SlowStarter,
        || unreachable_because("did not answer within 3 s"),
    );
}

#[test]
fn a_bus_that_never_speaks_is_unreachable() {
    in_session(
        "a_bus_that_never_speaks_is_unreachable",
        &Peers::MuteBus,
        || unreachable_because("did not answer within 3 s"),
    );
}

#[test]
fn a_service_without_a_default_keyring_is_neither_empty_nor_locked() {
    in_session(
        "a_service_without_a_default_keyring_is_neither_empty_nor_locked",
        &Peers::NoDefaultKeyring,
        || {
            faults(&platform(), &|failure| {
                *failure == Failure::NoDefaultKeyring
            });
        },
    );
}

/// Not there at all, which another store may replace.
fn missing_because(reason: &str) {
    faults(
        &platform(),
        &|failure| matches!(failure, Failure::Missing(text) if text.to_string().contains(reason)),
    );
}

/// There, and silent: nothing takes its place.
fn unreachable_because(reason: &str) {
    faults(
        &platform(),
        &|failure| matches!(failure, Failure::Unreachable(text) if text.to_string().contains(reason)),
    );
}
