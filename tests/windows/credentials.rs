//! The Credential Manager: what every store promises, the limit of one credential, what
//! else is there, and what other programs keep for Git.

use crate::conformance::{
    SERVICE, conformance, delete, faults, item, items, many_at_once, payloads, write,
};
use crate::home::alone;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::doctor::places::{Machine, Surroundings, find};
use git_credential_bitbucket::git::Context;
use git_credential_bitbucket::keychain::{
    Deletion, Failure, Item, Kept, Store, Unlock, foreign, platform,
};
use keyring_core::Entry;
use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;

/// The most bytes of one credential of Windows.
const LARGEST: usize = 2560;

/// Everything in the Credential Manager, by its name.
fn all() -> Vec<(String, Entry)> {
    assert!(keyring::Entry::store_status().is_ok());
    let found = Entry::search(&HashMap::new()).unwrap();
    let mut all: Vec<_> = found
        .into_iter()
        .map(|entry| {
            let name = entry.get_attributes().unwrap().remove("target_name");
            (name.unwrap(), entry)
        })
        .collect();
    all.sort_by(|one, two| one.0.cmp(&two.0));
    all
}

/// The names of everything in the Credential Manager, sorted.
pub fn names() -> Vec<String> {
    all().into_iter().map(|(name, _)| name).collect()
}

/// Empties the Credential Manager, which belongs to the tests.
pub fn forget_all() {
    for (_, entry) in all() {
        entry.delete_credential().unwrap();
    }
}

/// A credential under this name, as any other program would write it.
fn credential(name: &str, user: &str) -> Entry {
    assert!(keyring::Entry::store_status().is_ok());
    let modifiers = HashMap::from([("target", name), ("persistence", "Local")]);
    let entry = Entry::new_with_modifiers("other", "other", &modifiers).unwrap();
    entry.set_secret(b"").unwrap();
    entry
        .update_attributes(&HashMap::from([("username", user)]))
        .unwrap();
    entry
}

#[test]
fn the_credential_manager_keeps_every_promise() {
    let _alone = alone();
    conformance(&platform(), 32 * LARGEST);
}

#[test]
fn writers_readers_and_deleters_at_once_neither_fail_nor_lose() {
    let _alone = alone();
    many_at_once(|| Box::new(Guarded(platform())));
}

/// Wine's calls look twice, for the size and for the content, and crash if something is
/// written in between; so they take turns here, one by one, in any order.
struct Guarded<S>(S);

static TURN: Mutex<()> = Mutex::new(());

impl<S: Store> Store for Guarded<S> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        let _turn = TURN.lock().unwrap();
        self.0.items(service, account, unlock)
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        let _turn = TURN.lock().unwrap();
        self.0.write(service, item, unlock)
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        let _turn = TURN.lock().unwrap();
        self.0.delete(service, kept, unlock)
    }
}

#[test]
fn an_entry_stays_on_this_machine_under_its_own_name() {
    let _alone = alone();
    write(&platform(), "alice@acme/widgets", "token");
    let name = format!("{SERVICE}/alice@acme/widgets");
    assert_eq!(names(), [&*name]);
    let attributes = all()[0].1.get_attributes().unwrap();
    for (key, value) in [
        ("target_name", &*name),
        ("username", "alice@acme/widgets"),
        ("comment", "Bitbucket: alice@acme/widgets"),
        ("persistence", "Local"),
    ] {
        assert_eq!(attributes[key], value);
    }
}

#[test]
fn nothing_is_lost_at_the_limit_of_one_credential() {
    let _alone = alone();
    let store = platform();
    for (length, credentials) in [
        (1, 1),
        (LARGEST - 1, 1),
        (LARGEST, 1),
        (LARGEST + 1, 3),
        (2 * LARGEST, 3),
        (2 * LARGEST + 1, 4),
        (32 * LARGEST, 33),
        // Smaller again: no part of the former one stays.
        (LARGEST + 1, 3),
        (1, 1),
    ] {
        let payload: String = ('a'..='z').cycle().take(length).collect();
        write(&store, "alice", &payload);
        assert_eq!(payloads(&store, SERVICE, None), [payload], "{length}");
        assert_eq!(names().len(), credentials, "{length}");
    }
}

#[test]
fn what_is_too_large_leaves_what_was_there() {
    let _alone = alone();
    let store = platform();
    let former = "f".repeat(LARGEST + 1);
    write(&store, "alice", &former);
    let too_large = item("alice", &"x".repeat(32 * LARGEST + 1));
    let failure = store.write(SERVICE, &too_large, Unlock::Never).unwrap_err();
    let Failure::Failed(reason) = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(
        reason.why,
        "it takes 81920 bytes in one entry, and this one has 81921"
    );
    assert_eq!(payloads(&store, SERVICE, None), [former]);
    assert_eq!(names().len(), 3);
}

/// What a process leaves behind that ends between its parts and their head.
#[test]
fn a_broken_off_write_changes_nothing_and_goes_with_its_entry() {
    let _alone = alone();
    let store = platform();
    for former in ["short", &"l".repeat(LARGEST + 1)] {
        write(&store, "alice", former);
        write(&store, "bob@acme/alice", "bob's");
        let before = names().len();
        for number in 0..2 {
            credential(&format!("{SERVICE}#0123456789abcdef.{number}/alice"), "");
        }
        assert_eq!(payloads(&store, SERVICE, None).len(), 2);
        assert_eq!(payloads(&store, SERVICE, Some("alice")), [former]);
        write(&store, "bob@acme/alice", &"b".repeat(LARGEST + 1));
        assert_eq!(names().len(), before + 4);
        let kept = items(&store, SERVICE, Some("alice")).remove(0);
        assert_eq!(delete(&store, &kept), Deletion::Deleted);
        assert!(names().iter().all(|name| name.ends_with("bob@acme/alice")));
        let kept = items(&store, SERVICE, None).remove(0);
        assert_eq!(delete(&store, &kept), Deletion::Deleted);
        assert!(names().is_empty());
    }
}

#[test]
fn an_entry_without_one_of_its_parts_is_neither_absent_nor_shorter() {
    let _alone = alone();
    let store = platform();
    write(&store, "alice", &"l".repeat(3 * LARGEST));
    let (_, part) = all().remove(1);
    part.delete_credential().unwrap();
    for account in [None, Some("alice")] {
        let failure = store.items(SERVICE, account, Unlock::Never).err();
        let Some(Failure::Failed(reason)) = failure else {
            panic!("{account:?}: {failure:?}");
        };
        assert!(reason.why.contains(&format!("{SERVICE}/alice")), "{reason}");
    }
    assert!(payloads(&store, SERVICE, Some("bob")).is_empty());
    // It can be replaced.
    write(&store, "alice", "new");
    assert_eq!(payloads(&store, SERVICE, None), ["new"]);
}

/// Windows gives no way to break it; Wine keeps its key in the registry.
#[test]
fn a_credential_manager_that_cannot_answer_is_not_an_empty_one() {
    let _alone = alone();
    write(&platform(), "alice", "ours");
    let _broken = Broken::new();
    faults(
        &platform(),
        &|failure| matches!(failure, Failure::Failed(text) if text.to_string().contains("1015")),
    );
}

/// Wine's key is no key, as long as this lives: `ERROR_REGISTRY_CORRUPT`.
struct Broken;

impl Broken {
    fn new() -> Self {
        let broken = Self;
        registry(&["add", KEYS, "/v", "EncryptionKey", "/d", "no", "/f"]);
        broken
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        registry(&["delete", KEYS, "/f"]);
    }
}

const KEYS: &str = "HKCU\\Software\\Wine\\Credential Manager";

fn registry(arguments: &[&str]) {
    let output = Command::new("reg").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_only_looks_like_ours_is_left_alone() {
    let _alone = alone();
    let store = platform();
    let others = [
        "git-credential-bitbucket:https://bitbucket.org.evil.test/alice".to_owned(),
        "git-credential-bitbucket:https://bitbucketXorg/alice".to_owned(),
        format!("x{SERVICE}/alice"),
        format!("alice.{SERVICE}"),
        SERVICE.to_owned(),
        "git:https://bitbucket.org".to_owned(),
    ];
    for name in &others {
        credential(name, "alice").set_secret(b"theirs").unwrap();
    }
    assert!(payloads(&store, SERVICE, None).is_empty());
    write(&store, "alice", "ours");
    assert_eq!(payloads(&store, SERVICE, None), ["ours"]);
    let kept = items(&store, SERVICE, None).remove(0);
    assert_eq!(delete(&store, &kept), Deletion::Deleted);
    for (name, entry) in all() {
        assert_eq!(entry.get_secret().unwrap(), b"theirs", "{name}");
    }
    assert_eq!(names().len(), others.len());
}

#[test]
fn what_other_programs_keep_for_git_is_read_and_never_touched() {
    let _alone = alone();
    for (name, user, password) in [
        // Git Credential Manager, for one account and for a second one.
        ("git:https://bitbucket.org", "alice", "gcm"),
        ("git:https://bob@bitbucket.org", "bob", "gcm two"),
        // wincred, with its further lines, and with a path.
        (
            "git:https://carol@bitbucket.org",
            "",
            "wincred\r\noauth_refresh_token=r",
        ),
        (
            "git:https://dave@bitbucket.org/acme/widgets",
            "dave",
            "p\u{e4}th",
        ),
        ("git:https://BitBucket.org:443", "erin", "case"),
        // The second secret of a sign-in, which is none for Git.
        ("git:https://bitbucket.org/refresh_token", "alice", "other"),
        // Others' hosts.
        ("git:https://github.com", "alice", "other"),
        ("git:https://bitbucket.org.evil.test", "alice", "other"),
        ("git:https://bitbucket.org@evil.test", "alice", "other"),
        ("git:https://bitbucket.org:8443", "alice", "other"),
        ("git:http://bitbucket.org", "alice", "other"),
        (
            "LegacyGeneric:target=git:https://bitbucket.org",
            "alice",
            "other",
        ),
    ] {
        credential(name, user).set_password(password).unwrap();
    }
    // In no form that either of them writes.
    credential("git:https://odd@bitbucket.org", "odd")
        .set_secret(b"odd")
        .unwrap();
    write(&platform(), "alice", "ours");
    let before = snapshot();
    let mut found: Vec<_> = foreign("bitbucket.org", Unlock::Never)
        .unwrap()
        .into_iter()
        .map(|found| {
            let password = found.password.expose_text().unwrap().to_owned();
            (found.username, password)
        })
        .collect();
    found.sort();
    let expected = [
        ("alice", "gcm"),
        ("bob", "gcm two"),
        ("carol", "wincred"),
        ("dave", "p\u{e4}th"),
        ("erin", "case"),
    ];
    assert_eq!(
        found,
        expected.map(|(user, password)| (user.to_owned(), password.to_owned()))
    );
    assert_eq!(snapshot(), before);
}

/// The doctor reads them as they are, and changes nothing.
#[test]
fn what_others_keep_for_git_is_told_and_stays() {
    let _alone = alone();
    forget_all();
    for (name, user, password) in [
        ("git:https://bitbucket.org", "alice", "gcm"),
        ("git:https://bitbucket.org/refresh_token", "alice", "other"),
        (
            "git:https://dave@bitbucket.org/acme/widgets",
            "",
            "p\u{e4}th",
        ),
    ] {
        credential(name, user).set_password(password).unwrap();
    }
    let before = snapshot();
    let context = Context::of_process().unwrap();
    let surroundings = Surroundings {
        site: &CLOUD,
        context: &context,
        unlock: Unlock::Never,
    };
    let (found, _) = find(&Machine::read(surroundings).unwrap());
    let mut told: Vec<_> = found
        .iter()
        .filter(|one| one.place.kind.id == "keyring")
        .map(|one| {
            assert!(one.fixed.is_some() && one.backup().is_none());
            one.remove(surroundings).unwrap();
            let (name, path) = (one.username.as_deref(), one.path.as_deref());
            (name.unwrap(), path, one.secret.expose_text().unwrap())
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("alice", None, "gcm"),
            ("dave", Some("acme/widgets"), "p\u{e4}th"),
        ]
    );
    assert_eq!(snapshot(), before);
}

/// Every credential with all that can be read of it.
fn snapshot() -> Vec<String> {
    all()
        .into_iter()
        .map(|(name, entry)| {
            let mut attributes: Vec<_> = entry.get_attributes().unwrap().into_iter().collect();
            attributes.sort();
            format!("{name} {:?} {attributes:?}", entry.get_secret().unwrap())
        })
        .collect()
}
