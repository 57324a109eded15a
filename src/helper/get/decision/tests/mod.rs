//! Every decision of a `get`, as a table. A row has what Git asks for, what is known, and the
//! step that follows; the words are those of [`Scene::add`].

mod scene;

use crate::accounts::Entry;
use crate::bitbucket::Kind;
use crate::secret::Secret;
use scene::{NOW, Scene};

/// What Git asks for, what is known, and what comes next.
type CaseRow = (&'static str, &'static str, &'static str);

fn check(rows: &[CaseRow]) {
    for (wanted, known, expected) in rows {
        let found = Scene::new(wanted, known).next();
        assert_eq!(found, *expected, "{wanted} | {known}");
    }
}

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
            "kept=alice nobody turn read",
            "tell NobodyThere",
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

/// What a step can find out, in the words of [`Scene::add`].
fn outcomes(step: &str) -> Vec<String> {
    let name = step.rsplit(' ').next().unwrap_or_default();
    let outcomes: &[&str] = match step {
        "look at variables" => &[
            "variable=nothing",
            "variable=token",
            "variable=app-password",
        ],
        "look at the file" => &["file=nothing", "file=token", "file=unusable"],
        "check" | "check daily" => &["word=accepted", "word=refused", "word=unknown"],
        "read" => &[
            "kept=",
            "kept=alice",
            "kept=alice!",
            "kept=alice,bob",
            "missing",
            "locked",
        ],
        "people?" => &[
            "terminal",
            "program",
            "nobody",
            "nobody others",
            "terminal gave-up",
        ],
        "place?" => &["nowhere", "at=acme/widgets"],
        "turn?" => &["turn", "asked", "gone", "busy"],
        "read again" => &[
            "read",
            "read kept=",
            "read kept=alice,bob",
            "read kept=bob!",
        ],
        "choose store" => &["kept=", "kept=alice!", "locked", "nobody", "cancelled"],
        "explain" => &["explained"],
        _ if step.starts_with("read again") => &["read NAME:left", "read kept=bob!", "read kept="],
        _ if step.starts_with("ask") => &["NAME:accepted", "NAME:refused", "NAME:unknown"],
        _ if step.starts_with("replace") => &["read kept=", "read kept=dave"],
        _ if step.starts_with("choose") => &["yes=bob", "cancelled"],
        _ if step.starts_with("agree") => &["yes=NAME", "no", "cancelled"],
        _ if step.starts_with("sign in") => {
            &["pasted", "pasted=unverified", "cancelled", "unheard"]
        }
        _ => &[],
    };
    let named = |outcome: &&str| outcome.replace("NAME", name);
    outcomes.iter().map(named).collect()
}

/// Whatever the steps find out, a run ends, and soon; no step comes twice in a row.
#[test]
fn every_run_ends() {
    for wanted in [
        "",
        "name=carol",
        "submodule path=acme/widgets",
        "back=alice",
        "pipelines",
    ] {
        let mut open = vec![("unlooked".to_owned(), String::new(), 0)];
        while let Some((known, last, length)) = open.pop() {
            let step = Scene::new(wanted, &known).next();
            assert_ne!(step, last, "{wanted} | {known}");
            assert!(length < 16, "{wanted} | {known}");
            let paths = outcomes(&step).into_iter();
            open.extend(paths.map(|it| (format!("{known} {it}"), step.clone(), length + 1)));
        }
    }
}
