//! When a person is asked, and who is not.

use super::check;

#[test]
fn where_nothing_is_kept_a_person_is_asked_in_turn() {
    check(&[
        ("", "kept=", "people?"),
        ("", "kept= terminal", "turn?"),
        ("", "kept= program", "turn?"),
        // Even where nobody is: another command may be asking at its terminal.
        ("", "kept= nobody", "turn?"),
        // The race: another process may have asked and ended between our look into the store
        // and our turn.
        ("", "kept= terminal turn", "read again"),
        ("", "kept=alice terminal turn read", "alice Usual"),
        ("", "kept= terminal turn read", "sign in: Terminal"),
        ("", "kept= program turn read", "sign in: Program"),
        ("", "kept= login-only turn read", "sign in: LoginOnly"),
        ("", "kept= nobody turn read", "tell NobodyThere"),
        ("", "kept= nobody others turn read", "Silence"),
        ("", "kept= terminal asked", "read again"),
        ("", "kept= terminal asked read", "sign in: Terminal"),
        // Who cancels cancels for all who wait.
        ("", "kept= terminal gone", "Quit"),
        ("", "kept= terminal busy", "tell Busy"),
        ("", "kept= nobody others busy", "Silence"),
        // What comes of the question.
        ("", "kept= terminal turn read pasted", "pasted Usual"),
        (
            "",
            "kept= terminal turn read pasted=unverified",
            "pasted Unmarked",
        ),
        ("", "kept= terminal turn read cancelled", "GiveUp"),
        ("", "kept= terminal turn read unheard", "tell NobodyThere"),
        ("", "kept= nobody others turn read unheard", "Silence"),
        // After a refusal the store was read.
        (
            "back=alice",
            "kept= terminal turn read alice:refused",
            "sign in: Terminal",
        ),
    ]);
}

#[test]
fn no_submodule_talks_a_person_out_of_another_account() {
    check(&[
        (
            "submodule path=acme/widgets",
            "kept= terminal turn read",
            "sign in: Terminal",
        ),
        (
            "submodule path=acme/widgets",
            "kept=@acme/other nobody",
            "tell NotForSubmodule",
        ),
        (
            "submodule path=acme/widgets",
            "kept=@acme/other terminal",
            "tell NotForSubmodule",
        ),
        (
            "submodule path=acme/widgets",
            "kept=@acme/other nobody others",
            "Silence",
        ),
        ("submodule name=carol", "kept=alice", "people?"),
        (
            "submodule name=carol",
            "kept=alice terminal",
            "tell NotForSubmodule",
        ),
        ("submodule", "kept= terminal gave-up", "tell Cancelled"),
        ("submodule", "kept= terminal others gave-up", "Silence"),
        (
            "submodule path=acme/widgets",
            "kept=alice,bob at=acme/widgets",
            "alice UnmarkedOnce",
        ),
    ]);
}

#[test]
fn without_a_store_a_person_may_still_help() {
    check(&[
        ("pipelines", "missing", "Silence"),
        ("pipelines", "locked", "Silence"),
        ("", "missing", "people?"),
        ("", "missing terminal", "turn?"),
        ("", "missing terminal turn", "read again"),
        ("", "missing terminal turn read", "choose store"),
        ("", "missing terminal gone", "Quit"),
        ("", "missing terminal busy", "tell Busy"),
        ("", "missing terminal turn read cancelled", "GiveUp"),
        ("submodule", "missing terminal gave-up", "explain"),
        (
            "submodule",
            "missing terminal gave-up explained",
            "tell Cancelled",
        ),
        // No store of these can be chosen in its place.
        ("", "locked terminal", "explain"),
        ("", "locked terminal explained", "turn?"),
        (
            "",
            "locked terminal explained turn read",
            "sign in: Terminal",
        ),
        (
            "",
            "locked terminal explained turn read unheard",
            "tell NobodyThere",
        ),
        ("", "locked program explained turn read", "sign in: Program"),
        ("", "missing program", "explain"),
        ("", "missing login-only", "explain"),
        (
            "",
            "missing login-only explained turn read",
            "sign in: LoginOnly",
        ),
        (
            "",
            "missing program explained turn read",
            "sign in: Program",
        ),
        ("", "missing nobody", "explain"),
        ("", "missing nobody explained", "Quit"),
        ("", "missing nobody others explained", "Silence"),
        ("", "locked nobody others explained", "Silence"),
    ]);
}
