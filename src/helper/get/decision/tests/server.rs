//! When the server is asked, and what its word does.

use super::check;
use super::scene::Scene;

#[test]
fn past_its_date_the_server_decides() {
    check(&[
        ("", "kept=alice!", "turn?"),
        ("", "kept=alice! turn", "ask about alice"),
        ("", "kept=alice! turn alice:accepted", "alice Usual"),
        ("", "kept=alice! turn alice:unknown", "alice Usual"),
        ("", "kept=alice! turn alice:no-access", "alice Usual"),
        ("", "kept=alice! turn alice:refused", "replace alice"),
        // Another process asks about it: what it leaves in the store was not refused.
        ("", "kept=alice! asked", "read again about alice"),
        ("", "kept=alice! gone", "read again about alice"),
        ("", "kept=alice! busy", "read again about alice"),
        ("", "kept=alice! asked read alice:left", "alice Usual"),
        ("", "kept=alice! busy read alice:left", "alice Usual"),
        // It put another there whose date has passed as well.
        ("", "kept=bob! asked read", "ask about bob"),
        ("", "kept=bob! turn alice:refused", "ask about bob"),
        (
            "name=alice",
            "kept=alice!,bob turn alice:refused",
            "replace alice",
        ),
    ]);
}

#[test]
fn what_git_was_refused_gets_a_second_chance() {
    check(&[
        ("back=alice", "kept=alice", "turn?"),
        ("back=alice", "kept=alice turn", "ask once about alice"),
        (
            "back=alice",
            "kept=alice turn alice:accepted",
            "alice OnceMore",
        ),
        (
            "back=alice",
            "kept=alice turn alice:unknown",
            "alice OnceMore",
        ),
        (
            "back=alice",
            "kept=alice turn alice:refused",
            "replace alice",
        ),
        ("back=alice", "kept=alice asked", "read again about alice"),
        (
            "back=alice",
            "kept=alice asked read alice:left",
            "alice OnceMore",
        ),
        // It is gone: whatever fits now is served.
        ("back=alice", "kept=bob asked read", "bob Usual"),
        ("back=alice", "kept=bob turn read", "bob Usual"),
        ("back=alice", "kept= turn read nobody", "tell NobodyThere"),
        // The mark of one that is not for this name.
        ("back=alice name=bob", "kept=alice,bob", "bob Usual"),
        // Among several accounts it is the one that was served.
        ("back=bob", "kept=alice,bob turn", "ask once about bob"),
    ]);
}

#[test]
fn only_what_neither_a_person_nor_the_server_judged_is_unasked() {
    for (known, expected) in [
        ("kept=alice", true),
        ("kept=alice turn read", true),
        ("kept=alice yes=alice", false),
        ("kept=alice no", false),
        ("kept=alice alice:accepted", false),
        ("kept=alice alice:left", false),
    ] {
        assert_eq!(
            Scene::new("", known).known.is_unasked(),
            expected,
            "{known}"
        );
    }
}

#[test]
fn only_the_server_s_word_is_an_acceptance() {
    for (word, expected) in [
        ("accepted", true),
        ("left", false),
        ("unknown", false),
        ("refused", false),
        ("no-access", false),
    ] {
        let known = format!("kept=alice alice:{word}");
        let heard = &Scene::new("", &known).known.heard[0];
        assert_eq!(heard.is_accepted(), expected, "{word}");
    }
}
