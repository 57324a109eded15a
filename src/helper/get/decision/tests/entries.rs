//! Which entry is served without further questions, and which is not.

use super::check;
use super::scene::{NOW, Scene};
use crate::accounts::Entry;
use crate::bitbucket::Kind;
use crate::secret::Secret;

/// Without a path the folder tells, and is looked at only where that matters.
#[test]
fn what_is_limited_is_served_only_within() {
    let only = "kept=@acme/widgets";
    let both = "kept=alice,@acme/widgets";
    check(&[
        ("", only, "place?"),
        (
            "",
            "kept=@acme/widgets at=acme/widgets",
            "@acme/widgets Usual",
        ),
        ("", "kept=@acme/widgets at=acme/gadgets", "people?"),
        ("", "kept=@acme/widgets nowhere", "people?"),
        ("path=acme/widgets", only, "@acme/widgets Usual"),
        ("path=acme/gadgets", only, "people?"),
        ("path=evil/../acme/widgets", only, "people?"),
        ("path=acme/wid%67ets", only, "people?"),
        ("path=evil/../acme/widgets", both, "alice Usual"),
        ("path=acme/.app", both, "alice Usual"),
        ("", both, "alice Usual"),
        ("name=x-token-auth", both, "alice Usual"),
        ("name=x-token-auth", only, "place?"),
    ]);
}

#[test]
fn what_fits_is_served_without_further_questions() {
    check(&[
        ("", "kept=alice", "alice Usual"),
        ("name=alice", "kept=bob,alice", "alice Usual"),
        (
            "path=acme/widgets",
            "kept=alice,@acme/widgets",
            "@acme/widgets Usual",
        ),
        ("submodule path=acme/widgets", "kept=alice", "alice Usual"),
        ("pipelines", "kept=alice", "alice Usual"),
        // The placeholder that we served is nobody's wish the second time.
        (
            "name=x-token-auth back=@acme/widgets",
            "kept=alice",
            "alice Usual",
        ),
    ]);
}

/// A placeholder in a remote is nobody's account, in the first round as in the second.
#[test]
fn a_placeholder_chooses_no_account() {
    for name in [
        "name=x-token-auth",
        "name=x-bitbucket-api-token-auth",
        "name=OAUTH_USERNAME",
    ] {
        for (known, expected) in [
            ("kept=alice", "alice Usual"),
            ("kept=@acme/widgets at=acme/widgets", "@acme/widgets Usual"),
            ("kept=alice,bob", "place?"),
            (
                "kept=alice,bob at=acme/widgets turn read terminal",
                "choose alice,bob",
            ),
            ("kept= turn read terminal", "sign in: Terminal"),
        ] {
            check(&[(name, known, expected)]);
        }
        let scene = Scene::new(name, "");
        assert_eq!(scene.wanted().username(), None, "{name}");
        // Git asks for no name where the remote has one.
        let asked = scene.wanted().name_in_question().map(str::to_owned);
        assert_eq!(asked.as_deref(), name.strip_prefix("name="));
        let back = format!("{name} back=alice");
        let scene = Scene::new(&back, "");
        assert_eq!(scene.wanted().name_in_question(), None, "{name}");
    }
}

/// With one that no line of Git's can hold, a `get` would end in silence.
#[test]
fn what_cannot_be_told_is_passed_over() {
    check(&[
        ("", "kept=~a", "pass over ~a"),
        ("name=~a", "kept=~a,bob", "pass over ~a"),
        ("name=bob", "kept=~a,bob", "bob Usual"),
        ("path=acme/widgets", "kept=~a,@acme/~", "pass over ~a"),
        (
            "path=acme/widgets",
            "kept=alice,@acme/widgets",
            "@acme/widgets Usual",
        ),
        // All that fit at once, also where a person or the server was asked about one.
        ("", "kept=~a,bob,~b nowhere", "pass over ~a,~b"),
        ("", "kept=~a,bob at=acme/widgets yes=~a", "pass over ~a"),
        ("back=~a", "kept=~a turn ~a:left", "pass over ~a"),
        ("", "kept=~a! turn ~a:unknown", "pass over ~a"),
        ("name=alice", "kept=bob yes=bob", "bob Usual"),
    ]);
}

/// An app password goes under its account's name, which Git may know.
#[test]
fn without_a_user_name_nothing_can_be_told() {
    for (kind, stated, own, expected) in [
        (Kind::ApiToken, "", None, true),
        (Kind::AccessToken, "", None, true),
        (Kind::AppPassword, "", None, false),
        (Kind::AppPassword, "name=x-token-auth", None, false),
        (Kind::AppPassword, "name=alice", None, true),
        (Kind::AppPassword, "", Some("alice"), true),
        (Kind::AppPassword, "name=alice", Some("al\nice"), false),
        (Kind::ApiToken, "", Some("alice\0"), false),
        (Kind::ApiToken, "", Some(""), false),
    ] {
        let mut entry = Entry::new(kind, Secret::copy_of(b"secret"), NOW);
        entry.details.username = own.map(str::to_owned);
        let scene = Scene::new(stated, "");
        let found = scene.wanted().can_be_told(&entry);
        assert_eq!(found, expected, "{kind:?} {stated} {own:?}");
    }
}

#[test]
fn a_name_alone_decides_only_if_nothing_else_does() {
    for (words, only) in [
        ("name=alice", Some("alice")),
        ("", None),
        ("name=alice path=acme/widgets", None),
        ("name=alice back=alice", None),
        ("name=alice@example.com", None),
        ("name=x-token-auth", None),
    ] {
        let scene = Scene::new(words, "");
        assert_eq!(scene.wanted().only_name(), only, "{words}");
    }
}
