//! What comes before the store.

use super::check;

#[test]
fn other_sources_come_before_the_store() {
    check(&[
        ("", "unlooked", "look at variables"),
        ("", "variable=nothing", "look at the file"),
        ("", "variable=unusable", "look at the file"),
        // What it hides is looked for once; what is ours alone hides nothing by mistake.
        ("", "variable=token", "look behind"),
        ("", "variable=token behind", "variable Usual"),
        ("", "own=token", "variable Usual"),
        ("", "variable=nothing file=nothing", "run the command"),
        ("", "variable=nothing file=nothing command=nothing", "read"),
        ("", "variable=unusable file=nothing command=nothing", "read"),
        (
            "",
            "variable=nothing file=nothing command=token",
            "command Usual",
        ),
        ("", "variable=unusable file=token", "file Usual"),
        // Git came back: the server is asked, and only its refusal passes it over.
        ("back-variable", "variable=token", "check"),
        (
            "back-variable",
            "variable=token word=accepted",
            "variable Usual",
        ),
        (
            "back-variable",
            "variable=token word=no-access",
            "variable Usual",
        ),
        (
            "back-variable",
            "variable=token word=unknown",
            "variable Usual",
        ),
        (
            "back-variable",
            "variable=token word=refused",
            "look at the file",
        ),
        (
            "back-variable",
            "variable=token word=refused file=nothing command=nothing",
            "read",
        ),
        // It came back with something else.
        ("back=alice", "variable=token", "variable Usual"),
        // An app password is checked once a day.
        ("", "variable=app-password", "check daily"),
        ("", "variable=app-password word=accepted", "look behind"),
        (
            "",
            "variable=app-password word=accepted behind",
            "variable Usual",
        ),
        (
            "",
            "variable=app-password word=unknown behind",
            "variable Usual",
        ),
        ("", "variable=app-password word=refused", "look at the file"),
        ("back-variable", "variable=app-password", "check"),
    ]);
}

#[test]
fn beside_a_token_file_or_command_nothing_else_is_served() {
    check(&[
        (
            "",
            "variable=nothing file=nothing command=unusable",
            "people?",
        ),
        (
            "",
            "variable=nothing file=nothing command=unusable terminal",
            "Quit",
        ),
        ("", "variable=nothing file=unusable", "people?"),
        ("", "variable=nothing file=unusable terminal", "Quit"),
        (
            "",
            "variable=nothing file=unusable nobody others",
            "Silence",
        ),
        (
            "",
            "variable=nothing file=token word=refused nobody",
            "Quit",
        ),
        (
            "",
            "variable=nothing file=token word=accepted",
            "file Usual",
        ),
    ]);
}
