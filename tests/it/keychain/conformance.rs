//! What every store promises, whatever is behind it.

use git_credential_bitbucket::{
    accounts::Entry,
    bitbucket::{Kind, site::CLOUD},
    keychain::{Deletion, Failure, Item, Kept, Store, Unlock},
    secret::Secret,
};

pub const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";

pub fn item(account: &str, payload: &str) -> Item {
    Item {
        account: account.to_owned(),
        label: format!("Bitbucket: {account}"),
        payload: Secret::copy_of(payload.as_bytes()),
    }
}

pub fn write(store: &dyn Store, account: &str, payload: &str) {
    store
        .write(SERVICE, &item(account, payload), Unlock::Never)
        .unwrap();
}

pub fn items(store: &dyn Store, service: &str, account: Option<&str>) -> Vec<Kept> {
    store.items(service, account, Unlock::Never).unwrap()
}

/// What is kept, sorted.
pub fn payloads(store: &dyn Store, service: &str, account: Option<&str>) -> Vec<String> {
    texts(&items(store, service, account))
}

fn texts(items: &[Kept]) -> Vec<String> {
    let mut texts: Vec<_> = items
        .iter()
        .map(|kept| kept.payload.expose_text().unwrap().to_owned())
        .collect();
    texts.sort();
    texts
}

pub fn delete(store: &dyn Store, kept: &Kept) -> Deletion {
    store.delete(SERVICE, kept, Unlock::Never).unwrap()
}

/// The promises of [`Store`], tried on an empty store that takes payloads of `largest` bytes.
pub fn conformance(store: &dyn Store, largest: usize) {
    nothing_is_an_empty_list(store);
    writing_replaces_one_account_only(store);
    one_named_comes_alone_else_all(store);
    services_are_apart(store);
    deleting_compares(store);
    sign_ins_come_back_whole(store);
    any_text_comes_back_as_it_was(store, largest);
}

fn nothing_is_an_empty_list(store: &dyn Store) {
    assert!(payloads(store, SERVICE, None).is_empty());
    assert!(payloads(store, SERVICE, Some("alice")).is_empty());
}

fn writing_replaces_one_account_only(store: &dyn Store) {
    write(store, "alice", "a1");
    write(store, "bob", "b1");
    write(store, "alice", "a2");
    assert_eq!(payloads(store, SERVICE, None), ["a2", "b1"]);
    assert_eq!(payloads(store, SERVICE, Some("alice")), ["a2"]);
    assert_eq!(payloads(store, SERVICE, Some("bob")), ["b1"]);
    assert!(payloads(store, SERVICE, Some("ali")).is_empty());
    assert!(payloads(store, SERVICE, Some("Alice")).is_empty());
}

fn one_named_comes_alone_else_all(store: &dyn Store) {
    let found = |account| {
        texts(
            &store
                .item_else_all(SERVICE, account, Unlock::Never)
                .unwrap(),
        )
    };
    assert_eq!(found("alice"), ["a2"]);
    assert_eq!(found("bob"), ["b1"]);
    assert_eq!(found("carol"), ["a2", "b1"]);
}

fn services_are_apart(store: &dyn Store) {
    let other = "git-credential-bitbucket:https://bitbucket.example";
    store
        .write(other, &item("alice", "other"), Unlock::Never)
        .unwrap();
    assert_eq!(payloads(store, SERVICE, None), ["a2", "b1"]);
    assert_eq!(payloads(store, other, None), ["other"]);
    let stranger = items(store, other, None).remove(0);
    assert_eq!(delete(store, &stranger), Deletion::Unchanged);
    assert_eq!(payloads(store, other, None), ["other"]);
}

fn deleting_compares(store: &dyn Store) {
    let mut alice = items(store, SERVICE, Some("alice")).remove(0);
    write(store, "alice", "a3");
    assert_eq!(delete(store, &alice), Deletion::Unchanged);
    assert_eq!(payloads(store, SERVICE, None), ["a3", "b1"]);
    alice = items(store, SERVICE, Some("alice")).remove(0);
    assert_eq!(delete(store, &alice), Deletion::Deleted);
    assert_eq!(delete(store, &alice), Deletion::Unchanged);
    assert_eq!(payloads(store, SERVICE, None), ["b1"]);
}

/// What a browser brings is long: both tokens, in each length that has been seen, and more.
pub fn sign_ins_come_back_whole(store: &dyn Store) {
    let token = |first: u8, length: usize| {
        let letters = (b'a'..=b'z').cycle().skip(usize::from(first - b'a'));
        Secret::new(letters.take(length).collect())
    };
    for length in [60, 1_900, 2_600, 6_000] {
        let (access, refresh) = (token(b'a', length), token(b'k', length));
        let mut entry = Entry::new(Kind::OAuth, access.duplicate(), 0);
        entry.refresh = Some(refresh.duplicate());
        let mut item = item("x-token-auth", "");
        item.payload = entry.to_payload();
        store.write(SERVICE, &item, Unlock::Never).unwrap();
        let kept = items(store, SERVICE, Some("x-token-auth")).remove(0);
        let read = Entry::from_payload(&kept.payload, &CLOUD).unwrap();
        assert!(read.secret == access, "{length}");
        assert!(read.refresh == Some(refresh), "{length}");
    }
    let kept = items(store, SERVICE, Some("x-token-auth")).remove(0);
    assert_eq!(delete(store, &kept), Deletion::Deleted);
}

fn any_text_comes_back_as_it_was(store: &dyn Store, largest: usize) {
    let long = "x".repeat(largest);
    for payload in [
        "\u{e9}\u{20ac}\u{1f511}",
        "two\nlines\n",
        "{\"a\":1}",
        &long,
    ] {
        write(store, "p\u{e9}r\u{fa} \u{1f511}", payload);
        assert_eq!(
            payloads(store, SERVICE, Some("p\u{e9}r\u{fa} \u{1f511}")),
            [payload]
        );
    }
}

/// Many processes at once, each with a store of its own: nothing fails, nothing is lost.
pub fn many_at_once(open: fn() -> Box<dyn Store>) {
    std::thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                let store = open();
                write(&*store, &format!("own{number}"), "kept");
                write(&*store, "shared", &format!("of {number}"));
                for kept in items(&*store, SERVICE, Some("shared")) {
                    delete(&*store, &kept);
                }
            });
        }
    });
    let store = open();
    for number in 0..8 {
        let account = format!("own{number}");
        assert_eq!(payloads(&*store, SERVICE, Some(&account)), ["kept"]);
    }
    write(&*store, "shared", "last");
    assert_eq!(payloads(&*store, SERVICE, Some("shared")), ["last"]);
}

/// Payload and account of one of many.
pub fn write_one_of_many(store: &dyn Store, number: &str) {
    write(store, &format!("own{number}"), &format!("kept{number}"));
}

/// All of so many are kept, each with its own payload.
pub fn are_all_kept(store: &dyn Store, many: usize) {
    let mut expected: Vec<_> = (0..many).map(|number| format!("kept{number}")).collect();
    expected.sort();
    assert_eq!(payloads(store, SERVICE, None), expected);
}

/// What a store promises while it cannot be used, for a reason that `right` knows: no call
/// succeeds, none is "absent", and each ends within its bounds.
pub fn faults(store: &dyn Store, right: &dyn Fn(&Failure) -> bool) {
    let kept = Kept {
        handle: "/nowhere".to_owned(),
        payload: Secret::copy_of(b"ours"),
    };
    for unlock in [Unlock::Never, Unlock::Ask] {
        let mut failures = vec![store.items(SERVICE, None, unlock).err()];
        // With a person there the way is the same; a silent peer costs time for each call.
        if unlock == Unlock::Never {
            failures.extend([
                store.items(SERVICE, Some("alice"), unlock).err(),
                store.write(SERVICE, &item("alice", "new"), unlock).err(),
                store.delete(SERVICE, &kept, unlock).err(),
            ]);
        }
        for failure in failures {
            assert!(
                failure.as_ref().is_some_and(right),
                "{unlock:?}: {failure:?}"
            );
        }
    }
}
