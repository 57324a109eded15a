//! Which of several accounts is meant.

use super::check;

#[test]
fn among_several_accounts_a_person_chooses_once() {
    let wanted = "path=acme/widgets";
    check(&[
        (wanted, "kept=alice,bob", "place?"),
        ("", "kept=alice,bob", "place?"),
        ("", "kept=alice,bob nowhere", "alice Usual"),
        ("", "kept=alice!,bob nowhere", "turn?"),
        (wanted, "kept=alice,bob at=acme/widgets", "people?"),
        (
            wanted,
            "kept=alice,bob at=acme/widgets nobody",
            "alice UnmarkedOnce",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets program",
            "alice UnmarkedOnce",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets login-only",
            "alice UnmarkedOnce",
        ),
        (wanted, "kept=alice,bob at=acme/widgets terminal", "turn?"),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal turn",
            "read again",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal turn read",
            "choose alice,bob",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal gone",
            "Quit",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal busy",
            "tell Busy",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal turn read yes=bob",
            "bob Usual",
        ),
        (
            wanted,
            "kept=alice,bob at=acme/widgets terminal turn read cancelled",
            "GiveUp",
        ),
    ]);
}

#[test]
fn what_was_chosen_or_confirmed_before_is_chosen() {
    let wanted = "path=acme/widgets";
    check(&[
        // One was chosen for the workspace before; without a path the directory tells.
        (wanted, "kept=alice,bob*acme", "bob*acme Usual"),
        ("", "kept=alice,bob*acme at=acme/widgets", "bob*acme Usual"),
        ("", "kept=alice,bob*acme! at=acme/widgets", "turn?"),
        // One alone was confirmed with this very repository.
        (
            wanted,
            "kept=alice,bob+acme/widgets at=acme/widgets",
            "bob+acme/widgets Usual",
        ),
        (
            wanted,
            "kept=alice,bob+acme/other at=acme/widgets",
            "people?",
        ),
        (
            wanted,
            "kept=a+acme/widgets,b+acme/widgets at=acme/widgets",
            "people?",
        ),
        (
            "",
            "kept=a*acme,b+acme/widgets at=acme/widgets",
            "a*acme Usual",
        ),
    ]);
}

#[test]
fn an_account_answers_for_another_name_only_if_a_person_agrees() {
    check(&[
        ("name=carol", "kept=alice", "people?"),
        ("name=carol", "kept=alice terminal", "turn?"),
        ("name=carol", "kept=alice terminal turn", "read again"),
        (
            "name=carol",
            "kept=alice,bob terminal turn read",
            "agree on alice",
        ),
        ("name=carol", "kept=alice terminal gone", "Quit"),
        (
            "name=carol",
            "kept=alice terminal turn read yes=alice",
            "alice Usual",
        ),
        (
            "name=carol",
            "kept=alice terminal turn read no",
            "sign in: Terminal",
        ),
        (
            "name=carol",
            "kept=alice terminal turn read cancelled",
            "GiveUp",
        ),
        // A program is asked for a credential only.
        (
            "name=carol",
            "kept=alice program turn read",
            "sign in: Program",
        ),
        (
            "name=carol",
            "kept=alice login-only turn read",
            "sign in: LoginOnly",
        ),
        (
            "name=carol",
            "kept=alice nobody turn read",
            "tell NobodyThere",
        ),
    ]);
}
