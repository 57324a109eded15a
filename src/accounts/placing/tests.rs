use super::*;
use crate::secret::Secret;

/// `name, reach, how it came, witness`; the secret is the first word of all, the kind the
/// second: `A api alice - seen -`.
fn entry(text: &str) -> Entry {
    let words: Vec<&str> = text.split(' ').collect();
    let [secret, kind, name, reach, how, witness] = words[..] else {
        panic!("{text}");
    };
    let kind = match kind {
        "api" => Kind::ApiToken,
        "access" => Kind::AccessToken,
        "app" => Kind::AppPassword,
        other => panic!("{other}"),
    };
    let stated = |text: &str| (text != "-").then(|| text.to_owned());
    let mut entry = Entry::new(kind, Secret::copy_of(secret.as_bytes()), 0);
    entry.details.username = stated(name);
    entry.details.witness = stated(witness);
    entry.details.reach = match stated(reach) {
        None => Reach::Site,
        Some(place) if place.contains('/') => Reach::Repository(place),
        Some(place) => Reach::Workspace(place),
    };
    match how {
        "entered" => {}
        "seen" => entry.details.seen = true,
        "confirmed" => {
            entry.details.seen = true;
            entry.details.verified = Some(1);
        }
        other => panic!("{other}"),
    }
    entry
}

/// What is kept, what comes, and how they stand to each other.
const MEETINGS: &str = "\
# One account, known by its name.
A api alice - entered - | B api alice - entered - | Replaces
A api alice - entered - | B api alice - seen - | Beside
A api alice - confirmed - | B api alice - seen - | Beside
A api alice - seen - | B api alice - seen - | Replaces
A api alice - seen - | B api alice - entered - | Replaces
A api alice - confirmed - | B api alice - entered - | Replaces
A api alice acme entered - | B api alice ACME entered - | Replaces
A api alice acme entered - | B api alice ACME seen - | Beside
A app alice - entered - | B app alice - entered - | Replaces
A app alice - entered - | B app alice - seen - | Beside
# Other accounts, other places, other kinds.
A api alice - entered - | B api bob - entered - | Apart
A api alice - entered - | B api Alice - entered - | Apart
A api alice - entered - | B api - - entered - | Apart
A api - - entered - | B api alice - entered - | Apart
A api alice - entered - | B api alice acme entered - | Apart
A api alice acme entered - | B api alice - entered - | Apart
A api alice acme entered - | B api alice acme/x entered - | Apart
A app alice - entered - | B api alice - entered - | Replaces
A app alice - entered - | B api alice - seen - | Beside
A app alice - seen - | B api alice - seen - | Replaces
A api alice - entered - | B app alice - entered - | Beside
A api alice - seen - | B app alice - entered - | Beside
A app alice acme entered - | B api alice - entered - | Apart
A api alice - seen - | B app alice - seen - | Beside
A access - - entered - | B api - - entered - | Apart
# Tokens whose account nobody knows.
A api - - entered - | B api - - entered - | Beside
A api - - entered w/1 | B api - - entered w/1 | Beside
A api - - seen w/1 | B api - - seen w/1 | Beside
A api - - seen w/1 | B api - - entered w/2 | Beside
A api - - entered - | B api - - seen - | Beside
A api - acme entered - | B api - ACME entered - | Beside
A api - acme entered - | B api - - entered - | Apart
# Access tokens: the repository has one holder, a workspace may have several.
A access - a/x entered a/x | B access - a/x entered a/x | Replaces
A access - a/x entered - | B access - A/X entered - | Replaces
A access - a/x entered a/x | B access - a/x seen a/x | Beside
A access - a/x seen a/x | B access - a/x seen a/x | Beside
A access - a/x seen a/x | B access - a/x entered a/x | Replaces
A access - a/x entered - | B access - a/y entered - | Apart
A access - a/x entered - | B access - a entered - | Apart
A access - a entered a/x | B access - a entered a/x | Replaces
A access - a entered a/x | B access - a entered a/y | Beside
A access - a entered - | B access - a entered - | Beside
A access - - entered a/x | B access - - entered a/x | Beside
A access - - seen - | B access - - seen - | Beside
# One secret is one entry, unless it is for places that have nothing in common.
A api alice - entered - | A api alice - seen - | Same
A api - - entered - | A api alice - entered - | Same
A api alice - entered - | A api - - seen - | Same
A api alice - entered - | A api alice acme entered - | Same
A api alice acme entered - | A api alice - entered - | Same
A api alice acme entered - | A api alice ACME entered - | Same
A access - a/x entered - | A access - A/X seen - | Same
A access - a entered - | A access - a/x seen - | Same
A access - a/x entered - | A access - a/y seen - | Elsewhere
A api alice acme entered - | A api alice other entered - | Elsewhere
";

#[test]
fn the_table_of_meetings() {
    for line in MEETINGS.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [kept, new, expected] = columns[..] else {
            panic!("{line}");
        };
        let found = meeting(&entry(kept), &entry(new));
        assert_eq!(format!("{found:?}"), expected, "{line}");
    }
}

#[test]
fn what_a_person_has_replaced_comes_back_only_by_hand() {
    let mut kept = entry("B api alice - entered -");
    kept.note_replaced(&entry("A api alice - entered -"));
    for (new, expected) in [
        ("A api alice - seen -", Meeting::Former),
        ("A api - - seen -", Meeting::Former),
        ("A api alice - entered -", Meeting::Replaces),
        ("C api alice - seen -", Meeting::Beside),
        ("B api alice - seen -", Meeting::Same),
    ] {
        assert_eq!(meeting(&kept, &entry(new)), expected, "{new}");
    }
    let kept = [entry("C api bob - entered -"), kept];
    let former = entry("A api alice - seen -");
    assert_eq!(place(&kept, &former, &Wish::Unstated), Placing::LeftOut);
}

#[test]
fn all_that_are_kept_are_looked_at() {
    let kept = [
        "A api alice - entered -",
        "B api - - entered -",
        "C api bob - entered -",
        "D api alice - seen -",
    ]
    .map(entry);
    for (new, same, replaces) in [
        ("B api alice - entered -", &[1][..], &[0, 3][..]),
        ("A api alice - seen -", &[0], &[]),
        ("E api alice - seen -", &[], &[3]),
        ("E api - - entered -", &[], &[]),
        ("E api bob - entered -", &[], &[2]),
    ] {
        let expected = Placing::Written {
            same: same.to_vec(),
            elsewhere: Vec::new(),
            replaces: replaces.to_vec(),
        };
        assert_eq!(
            place(&kept, &entry(new), &Wish::Unstated),
            expected,
            "{new}"
        );
    }
}

/// What is kept; what comes; which of the kept ones it may renew.
const RENEWALS: &str = "\
A api alice - entered - | B api - - entered - | 0
A api alice - seen - | B api - - entered - | 0
A api - - entered - | B api - - entered - | 0
A api - - entered - | B api alice - entered - | 0
A api alice acme entered - | B api - ACME entered - | 0
A app alice - entered - | B api - - entered - | 0
A api alice - entered -, C api - acme entered - | B api - - entered - | 0
A api alice - entered -, C access - a/x entered - | B api - - entered - | 0
# Two, and nobody can tell.
A api alice - entered -, C api bob - entered - | B api - - entered - | -
A api alice - entered -, C api - - entered - | B api - - entered - | -
# Another account, or the same one for certain.
A api alice - entered - | B api bob - entered - | -
A api alice - entered - | B api alice - entered - | -
A api alice acme entered - | B api - - entered - | -
A api alice - entered - | B access - a/x entered - | -
A api alice - entered - | B app bob - entered - | -
A api alice - entered - | A api - - entered - | -
";

#[test]
fn a_renewal_is_of_just_one() {
    for line in RENEWALS.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [kept, new, expected] = columns[..] else {
            panic!("{line}");
        };
        let kept: Vec<Entry> = kept.split(", ").map(entry).collect();
        let found = may_renew(&kept, &entry(new)).map(|found| found.details.id.clone());
        let expected = expected.parse::<usize>().ok();
        let expected = expected.map(|index| kept[index].details.id.clone());
        assert_eq!(found, expected, "{line}");
    }
    let kept = [entry("A api alice - entered -")];
    let mut new = entry("B api - - entered -");
    new.details.denied = vec!["alice".into()];
    assert!(may_renew(&kept, &new).is_none());
}

#[test]
fn a_person_has_the_last_word() {
    let kept = ["A api alice - entered -", "B api - - entered -"].map(entry);
    let replaced = |new: &str, wish: &Wish| match place(&kept, &entry(new), wish) {
        Placing::Written { replaces, .. } => replaces,
        Placing::LeftOut => panic!("{new}"),
    };
    for (new, unstated, instead) in [
        ("C api - - entered -", &[][..], &[1][..]),
        ("C api alice - entered -", &[0], &[0, 1]),
        ("C api bob - entered -", &[], &[1]),
    ] {
        assert_eq!(replaced(new, &Wish::Unstated), unstated, "{new}");
        assert_eq!(replaced(new, &Wish::InPlaceOf(&kept[1])), instead, "{new}");
        assert_eq!(replaced(new, &Wish::Beside), [0; 0], "{new}");
    }
}

/// All sign-ins have one name for Git, so that their own accounts tell them apart.
#[test]
fn a_sign_in_takes_the_place_of_the_same_account_s_alone() {
    let sign_in = |username: Option<&str>, secret: &str, client: Option<&str>| {
        let mut entry = Entry::new(Kind::OAuth, Secret::copy_of(secret.as_bytes()), 0);
        entry.details.username = username.map(str::to_owned);
        entry.details.client = client.map(str::to_owned);
        entry.details.seen = client.is_none();
        entry
    };
    let of = |name| sign_in(Some(name), name, Some("client"));
    let mut token = Entry::new(Kind::ApiToken, Secret::copy_of(b"token"), 0);
    token.details.username = Some("alice".into());
    for (kept, new, expected) in [
        (
            of("alice"),
            sign_in(Some("alice"), "two", Some("client")),
            Meeting::Replaces,
        ),
        (
            of("alice"),
            sign_in(Some("alice"), "two", Some("other")),
            Meeting::Replaces,
        ),
        (of("alice"), of("bob"), Meeting::Apart),
        (
            of("alice"),
            sign_in(None, "two", Some("client")),
            Meeting::Beside,
        ),
        (
            sign_in(None, "one", Some("client")),
            sign_in(None, "two", Some("client")),
            Meeting::Replaces,
        ),
        // What another helper brings takes no place but its own.
        (
            sign_in(None, "one", None),
            sign_in(None, "two", None),
            Meeting::Replaces,
        ),
        (
            sign_in(None, "one", Some("client")),
            sign_in(None, "two", None),
            Meeting::Beside,
        ),
        (token, of("alice"), Meeting::Apart),
    ] {
        assert_eq!(meeting(&kept, &new), expected);
    }
}
