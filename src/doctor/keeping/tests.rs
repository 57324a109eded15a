//! The tables: what is held back, and why.

use super::*;
use crate::bitbucket::Rights;
use crate::secret::Secret;

/// `alice w acme/widgets`: whose, whether it may push (`w`, `r`), and the repository with which it
/// was confirmed; `!` before it: a person entered it; `@workspace/name` after it: for that alone.
fn entry(text: &str, number: u64) -> Entry {
    let seen = !text.starts_with('!');
    let words: Vec<&str> = text.trim_start_matches('!').split(' ').collect();
    let secret = Secret::new(format!("secret {number}").into_bytes());
    let mut entry = Entry::new(Kind::ApiToken, secret, 100 + number);
    let details = &mut entry.details;
    details.username = Some(words[0])
        .filter(|name| *name != "-")
        .map(str::to_owned);
    details.rights = Rights {
        read: Some(true),
        write: Some(words[1] == "w"),
    };
    details.witness = words
        .get(2)
        .filter(|it| !it.starts_with('@'))
        .map(|it| (*it).to_owned());
    if let Some(place) = words.iter().find_map(|word| word.strip_prefix('@')) {
        details.reach = Reach::Repository(place.to_owned());
    }
    details.seen = seen;
    entry
}

#[test]
#[rustfmt::skip]
fn a_token_is_kept_only_where_it_makes_nothing_weaker() {
    const HERE: &str = "acme/widgets";
    let weaker = |title: &str| Err(HeldBack::Weaker(title.to_owned()));
    let ambiguous = |title: &str| Err(HeldBack::Ambiguous(title.to_owned()));
    let taken = |title: &str| Err(HeldBack::Taken(title.to_owned()));
    for (kept, new, expected) in [
        // Where nothing is kept, one that reads is better than none.
        (&[][..], "alice w acme/widgets", Ok(1)),
        (&[], "alice r acme/widgets", Ok(1)),
        (&["bob r acme/other"], "alice w acme/widgets", Ok(2)),
        // Limited to a repository it would come before what may push there.
        (&["!alice w acme/other"], "alice r @acme/widgets", weaker("alice (API token)")),
        // Confirmed with that very repository, what a person entered answers all the same.
        (&["!alice w acme/widgets"], "alice r @acme/widgets", taken("alice (API token)")),
        (&["!- w acme/widgets"], "bob r acme/widgets", weaker("API token")),
        (&["bob w acme/widgets"], "alice r acme/widgets", weaker("bob (API token)")),
        // One that may push there, too, takes nothing away.
        (&["!alice w acme/other"], "alice w @acme/widgets", Ok(2)),
        // Another of the same account would never answer, or in place of what works.
        (&["!alice w acme/widgets"], "alice w acme/widgets", taken("alice (API token)")),
        (&["!alice r acme/widgets"], "alice w acme/widgets", taken("alice (API token)")),
        (&["alice w acme/widgets"], "alice w acme/widgets", taken("alice (API token)")),
        // Another account's answers to its own name, beside what a person entered.
        (&["!alice w acme/widgets"], "bob w acme/widgets", Ok(2)),
        // What Git alone vouches for would be as good, and a question the answer.
        (&["alice w acme/widgets"], "bob w acme/widgets", ambiguous("alice (API token)")),
    ] {
        let kept: Vec<Entry> = kept
            .iter()
            .zip(1..)
            .map(|(it, number)| entry(it, number))
            .collect();
        let new_one = entry(new, 9);
        let here = Repository::from_path(HERE);
        let requests = Requests::about(&kept, &new_one, here.as_ref(), None);
        let found = beside(&kept, &new_one, may_push, &requests);
        assert_eq!(found.map(|then| then.len()), expected, "{new}");
    }
}

#[test]
fn what_a_repository_brings_along_is_kept_nowhere() {
    let own = TokenOrigin {
        kind: Kind::ApiToken,
        brought_along: false,
        is_named: false,
        is_placed: false,
    };
    let brought = TokenOrigin {
        brought_along: true,
        is_named: true,
        is_placed: true,
        ..own
    };
    let app_password = TokenOrigin {
        kind: Kind::AppPassword,
        ..own
    };
    let access_token = TokenOrigin {
        kind: Kind::AccessToken,
        ..own
    };
    for (origin, expected) in [
        (own, None),
        (brought, Some(HeldBack::Repository)),
        (app_password, Some(HeldBack::Nameless)),
        (
            TokenOrigin {
                is_named: true,
                ..app_password
            },
            None,
        ),
        (access_token, Some(HeldBack::Placeless)),
        (
            TokenOrigin {
                is_placed: true,
                ..access_token
            },
            None,
        ),
    ] {
        assert_eq!(origin.held_back(), expected);
    }
}

const LOGIN: &str = "git credential-bitbucket login https://git.acme.test";

#[test]
fn what_is_held_back_says_why_and_what_to_do() {
    let who = || "bob (API token)".to_owned();
    for (reason, why, step) in [
        (HeldBack::Repository, "whoever made", LOGIN),
        (HeldBack::Nameless, "no user name", LOGIN),
        (HeldBack::Placeless, "for which repository", "in a clone"),
        (
            HeldBack::Weaker(who()),
            "may not push, and bob (API token) may",
            "remove it there",
        ),
        (
            HeldBack::Ambiguous(who()),
            "another account than bob (API token)",
            "login",
        ),
        (
            HeldBack::Taken(who()),
            "bob (API token) answers in its stead",
            "login",
        ),
    ] {
        assert!(reason.reason().contains(why), "{reason:?}");
        assert!(reason.step(LOGIN).contains(step), "{reason:?}");
    }
}
