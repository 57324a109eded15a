//! When a browser sign-in is served, renewed, or ends.

use super::check;
use super::scene::Scene;

#[test]
fn a_browser_sign_in_is_renewed_in_time() {
    check(&[
        ("", "kept=alice%301", "alice%301 Usual"),
        ("name=alice", "kept=alice%301", "alice%301 Usual"),
        ("", "kept=alice%300", "renew alice%300"),
        ("", "kept=alice%-5", "renew alice%-5"),
        // What lives is served, whatever came of it.
        ("", "kept=alice%300 renewal=refused", "alice%300 Usual"),
        ("", "kept=alice%300 renewal=unknown", "alice%300 Usual"),
        ("", "kept=alice%300r", "alice%300r Usual"),
        ("", "kept=alice%1x", "alice%1x Usual"),
    ]);
}

#[test]
fn only_the_end_of_a_sign_in_asks_a_person() {
    let (dead, over) = (
        "kept=alice%0 renewal=refused",
        "kept=alice%0 renewal=unknown",
    );
    let with = |known: &str, more: &str| format!("{known} {more}");
    for (known, expected) in [
        (with(dead, ""), "explain end of alice%0"),
        (with("kept=alice%0r", ""), "explain end of alice%0r"),
        (with("kept=alice%0x", ""), "explain end of alice%0x"),
        (with(dead, "explained"), "people?"),
        (with(dead, "explained terminal"), "turn?"),
        (
            with(dead, "explained terminal turn read"),
            "sign in: Terminal",
        ),
        (
            with(dead, "explained program turn read"),
            "sign in: Program",
        ),
        (with(dead, "explained nobody"), "Quit"),
        (with(dead, "explained nobody others"), "Silence"),
        // An outage is nobody's end.
        (with(over, ""), "explain wait of alice%0"),
        (with(over, "explained terminal"), "Quit"),
        (with(over, "explained terminal others"), "Silence"),
        (with(over, "explained nobody"), "Quit"),
    ] {
        assert_eq!(Scene::new("", &known).next(), expected, "{known}");
    }
    // A submodule's is the same sign-in.
    let known = with(dead, "explained terminal turn read");
    assert_eq!(Scene::new("submodule", &known).next(), "sign in: Terminal");
}

#[test]
fn a_sign_in_that_git_was_refused_is_renewed_once_and_then_asked_about() {
    check(&[
        (
            "back=alice%900",
            "kept=alice%900",
            "renew refused alice%900",
        ),
        // By now there is another one.
        ("back=alice%900", "kept=alice%901", "alice%901 Usual"),
        ("back=alice%900", "kept=alice%900 renewal=refused", "turn?"),
        (
            "back=alice%900",
            "kept=alice%900 renewal=refused turn",
            "ask once about alice%900",
        ),
        (
            "back=alice%900x",
            "kept=alice%900x turn",
            "ask once about alice%900x",
        ),
        (
            "back=alice%900",
            "kept=alice%900 renewal=refused turn alice%900:accepted",
            "alice%900 OnceMore",
        ),
        (
            "back=alice%900",
            "kept=alice%900 renewal=unknown turn alice%900:unknown",
            "alice%900 OnceMore",
        ),
        // It is never removed.
        (
            "back=alice%900",
            "kept=alice%900 renewal=refused turn alice%900:refused",
            "explain end of alice%900",
        ),
        (
            "back=alice%900",
            "kept=alice%900 renewal=unknown turn alice%900:refused",
            "explain wait of alice%900",
        ),
    ]);
}

#[test]
fn nobody_chooses_between_a_token_and_a_sign_in_of_one_account() {
    check(&[
        ("", "kept=alice,alice%900 at=acme/widgets", "alice Usual"),
        ("", "kept=alice,bob%900 at=acme/widgets", "people?"),
    ]);
}
