use super::*;
use crate::bitbucket::static_names;
use crate::secret::Secret;

/// Kind, username, reach, time.
type TestEntry = (Kind, Option<&'static str>, &'static str, u64);

/// What is kept, the wanted name and path, and the choice.
type SelectionCase<'a> = (&'a [TestEntry], Option<&'a str>, Option<&'a str>, Selection);

fn entries(rows: &[TestEntry]) -> Vec<Entry> {
    rows.iter()
        .map(|&(kind, username, reach, time)| {
            let mut entry = Entry::new(kind, Secret::copy_of(b"secret"), time);
            entry.details.username = username.map(Into::into);
            entry.details.reach = match reach {
                "" => Reach::Site,
                place if place.contains('/') => Reach::Repository(place.into()),
                place => Reach::Workspace(place.into()),
            };
            entry
        })
        .collect()
}

fn chosen(entries: &[Entry], username: Option<&str>, path: Option<&str>) -> Selection {
    let repository = path.and_then(Repository::from_path);
    select(
        entries,
        &Wanted {
            username,
            repository: repository.as_ref(),
            is_elsewhere: path.is_some() && repository.is_none(),
        },
    )
}

#[test]
fn the_table_of_choices() {
    use Kind::{AccessToken, ApiToken};
    use Selection::{Entry, Nothing, OtherNames, Several};
    let alice: TestEntry = (ApiToken, Some("alice"), "", 10);
    let bob: TestEntry = (ApiToken, Some("bob"), "", 20);
    let nameless: TestEntry = (ApiToken, None, "", 5);
    let acme: TestEntry = (ApiToken, Some("carol"), "acme", 1);
    let widgets: TestEntry = (AccessToken, None, "acme/widgets", 1);
    let table: &[SelectionCase] = &[
        (&[], None, None, Nothing),
        (&[], Some("alice"), None, Nothing),
        (&[alice], None, None, Entry(0)),
        (&[alice], None, Some("any/thing.git"), Entry(0)),
        (&[alice], Some("alice"), None, Entry(0)),
        (&[alice], Some("Alice"), None, OtherNames(vec![0])),
        (&[alice, bob], Some("old"), None, OtherNames(vec![0, 1])),
        (&[nameless], Some("anyone"), None, Entry(0)),
        (&[alice, bob], None, None, Several(vec![1, 0])),
        (&[bob, alice], None, Some("acme/x"), Several(vec![0, 1])),
        (&[alice, alice], None, None, Entry(0)),
        (&[alice, bob, widgets], None, Some("acme/widgets"), Entry(2)),
        (&[alice, bob], Some("alice"), None, Entry(0)),
        (&[nameless, alice], Some("alice"), None, Entry(1)),
        (&[alice, nameless], Some("old"), None, Entry(1)),
        (
            &[alice, acme, widgets],
            None,
            Some("acme/widgets.git"),
            Entry(2),
        ),
        (&[alice, acme, widgets], None, Some("ACME/other"), Entry(1)),
        (&[alice, acme, widgets], None, Some("else/where"), Entry(0)),
        (&[widgets], None, Some("else/where"), Nothing),
        (&[widgets], None, None, Entry(0)),
        (&[widgets, alice], None, None, Entry(1)),
        (&[widgets], Some("alice"), Some("acme/widgets"), Entry(0)),
        (&[acme], Some("alice"), Some("else/where"), Nothing),
    ];
    for (number, (rows, username, path, expected)) in table.iter().enumerate() {
        assert_eq!(
            chosen(&entries(rows), *username, *path),
            *expected,
            "row {number}"
        );
    }
}

/// Whatever is kept, and wherever the request is.
#[test]
fn a_placeholder_chooses_nothing() {
    let kept = entries(&[
        (Kind::ApiToken, Some("alice"), "", 10),
        (Kind::ApiToken, None, "home", 5),
        (Kind::AccessToken, None, "acme/widgets", 1),
        (Kind::AppPassword, Some("bob"), "", 20),
    ]);
    for several in 0..16 {
        let is_kept = |index: &usize| several & (1 << index) != 0;
        let kept: Vec<Entry> = (0..4)
            .filter(is_kept)
            .map(|index| kept[index].duplicate())
            .collect();
        for path in [None, Some("acme/widgets"), Some("home/page"), Some("a/b")] {
            let nobody = chosen(&kept, None, path);
            for name in static_names().chain(["OAUTH_USERNAME"]) {
                assert_eq!(chosen(&kept, Some(name), path), nobody, "{several} {name}");
            }
        }
    }
}

#[test]
fn agreed_names_and_addresses_count_as_names() {
    let mut kept = entries(&[(Kind::ApiToken, Some("alice"), "", 0)]);
    kept[0].details.aliases.push("old".into());
    kept[0].details.email = Some("alice@acme.example".into());
    assert_eq!(chosen(&kept, Some("old"), None), Selection::Entry(0));
    assert_eq!(
        chosen(&kept, Some("alice@acme.example"), None),
        Selection::Entry(0)
    );
    for (name, answers) in [
        ("alice", true),
        ("old", true),
        ("alice@acme.example", true),
        ("bob", false),
        ("x-token-auth", true),
    ] {
        assert_eq!(answers_to(&kept[0], name), answers, "{name}");
    }
}

#[test]
fn a_choice_for_the_workspace_counts_more_than_the_default() {
    use Kind::ApiToken;
    let mut kept = entries(&[
        (ApiToken, Some("alice"), "", 1),
        (ApiToken, Some("bob"), "", 2),
    ]);
    kept[0].details.default = true;
    assert_eq!(chosen(&kept, None, None), Selection::Entry(0));
    assert_eq!(chosen(&kept, None, Some("acme/x")), Selection::Entry(0));
    assert_eq!(chosen(&kept, Some("bob"), None), Selection::Entry(1));
    kept[1].details.choose_for("acme");
    assert_eq!(chosen(&kept, None, Some("acme/x")), Selection::Entry(1));
    assert_eq!(chosen(&kept, None, Some("other/x")), Selection::Entry(0));
    assert_eq!(
        chosen(&kept, Some("alice"), Some("acme/x")),
        Selection::Entry(0)
    );
}

/// One that is kept: `kind name reach how-it-came witness may-it-push`.
fn known(text: &str) -> Entry {
    let words: Vec<&str> = text.split(' ').collect();
    let [kind, name, reach, how, witness, push] = words[..] else {
        panic!("{text}");
    };
    let stated = |text: &str| (text != "-").then(|| text.to_owned());
    let kind = match kind {
        "access" => Kind::AccessToken,
        "app" => Kind::AppPassword,
        _ => Kind::ApiToken,
    };
    let mut entry = Entry::new(kind, Secret::copy_of(text.as_bytes()), 10);
    entry.details.username = stated(name);
    entry.details.witness = stated(witness);
    entry.details.seen = how != "entered";
    entry.details.verified = (how == "accepted").then_some(20);
    entry.details.rights.write = stated(push).map(|push| push == "push");
    entry.details.reach = match stated(reach) {
        None => Reach::Site,
        Some(place) if place.contains('/') => Reach::Repository(place),
        Some(place) => Reach::Workspace(place),
    };
    entry
}

/// What is kept; the wanted name and path; the numbers of those that may answer.
const BETTER_KNOWN: &str = "\
# One account twice.
api alice - seen - -, api alice - entered - - | - | - | 1
api alice - seen - push, api alice - entered - read | alice | - | 1
api alice - entered - read, api alice - entered - push | - | acme/x | 1
api alice - entered - push, api alice - entered - - | - | - | 0
api alice - seen a/x -, api alice - entered - - | alice | a/x | 1
# Tokens whose account nobody knows: where each was confirmed.
api - - entered a/x -, api - - entered b/y - | - | a/x | 0
api - - entered a/x -, api - - entered b/y - | bob | B/y.git | 1
api - - entered a/x -, api - - entered b/y - | - | a/z | 0 1
api - - seen a/x -, api - - entered b/y - | - | c/z | 1
api - - seen a/x -, api - - entered b/y - | - | - | 1
api - - seen a/x -, api - - seen b/y - | - | - | 0 1
# A name that is asked for counts more than being known well.
api - - entered a/x push, api alice - seen a/x - | alice | a/x | 1
api - - entered a/x push, api alice - seen a/x - | - | a/x | 0
# Out of a URL for one repository, perhaps for reading only.
access - a/x seen a/x -, api alice - entered a/x push | - | a/x | 1
access - a/x seen a/x -, api alice - entered b/y push | - | a/x | 0
access - a/x entered a/x -, api alice - entered a/x push | - | a/x | 0
access - a/x seen a/x -, access - a/x entered a/x push | - | a/x | 1
# Git saw it, and the server accepts it still, which says nothing of pushing.
api alice - accepted a/x -, api alice - entered b/y push | - | a/x | 1
api - - accepted a/x -, api alice - entered b/y push | - | a/x | 1
api alice - accepted a/x read, api alice - entered a/x - | alice | a/x | 1
api alice - accepted a/x push, api alice - entered b/y - | - | a/x | 0
api alice - accepted a/x -, api alice - seen a/x - | alice | a/x | 0
# Both were entered: where each was confirmed, else a person is asked.
api alice - entered a/x -, api bob - entered b/y - | - | b/y | 1
api alice - entered a/x -, api bob - entered a/x - | - | a/x | 0 1
api alice - seen a/x -, api bob - entered b/y - | - | c/z | 1
# A token goes before an app password wherever both fit.
app alice - entered a/x push, api alice - entered - - | - | - | 1
app alice - entered a/x push, api - - seen - - | alice | a/x | 1
app alice a/x entered a/x push, api bob - entered - - | - | a/x | 1
app alice - entered a/x push, access - a/x seen - - | - | a/x | 1
app alice - entered a/x push, api bob - entered - - | alice | a/x | 0
app alice - entered a/x push, api alice b entered - - | alice | a/x | 0
app alice - entered - -, app alice - seen - - | alice | - | 0
# A path that is no repository's lies within no limit.
api alice a/x entered a/x -, api - a entered - - | - | evil/../a | 
api alice a/x entered a/x -, api - - entered - - | - | b/a b | 1
api alice - entered - -, access - a/x entered a/x - | - | a/.x | 0
api alice a entered - - | alice | a%2fx/y | 
access - a entered a/x - | - | a | 
access - a/x entered a/x - | - | {u}/{u} | 
";

#[test]
fn the_better_known_and_wider_one_answers() {
    for line in BETTER_KNOWN.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [kept, username, path, expected] = columns[..] else {
            panic!("{line}");
        };
        let stated = |text| Some(text).filter(|text| *text != "-");
        let kept: Vec<_> = kept.split(", ").map(known).collect();
        let numbers = match chosen(&kept, stated(username), stated(path)) {
            Selection::Entry(index) => vec![index],
            Selection::Several(all) | Selection::OtherNames(all) => all,
            Selection::Nothing => Vec::new(),
        };
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(numbers.join(" "), expected, "{line}");
    }
}

#[test]
fn a_nameless_token_answers_no_name_that_the_server_denied_it() {
    let mut kept = vec![
        known("api - - entered a/x -"),
        known("api - - entered b/y -"),
    ];
    kept[0].details.denied = vec!["alice".into()];
    for (username, path, expected) in [
        (Some("alice"), Some("a/x"), Selection::Entry(1)),
        (Some("alice"), None, Selection::Entry(1)),
        (Some("Alice"), Some("a/x"), Selection::Entry(0)),
        (Some("bob"), Some("a/x"), Selection::Entry(0)),
        (None, Some("a/x"), Selection::Entry(0)),
        (
            Some("x-bitbucket-api-token-auth"),
            Some("a/x"),
            Selection::Entry(0),
        ),
    ] {
        assert_eq!(chosen(&kept, username, path), expected, "{username:?}");
    }
    // Alone it answers once a person has agreed.
    kept.truncate(1);
    let asked = Selection::OtherNames(vec![0]);
    assert_eq!(chosen(&kept, Some("alice"), None), asked);
    assert!(!answers_to(&kept[0], "alice") && answers_to(&kept[0], "bob"));
    kept[0].details.aliases.push("alice".into());
    assert_eq!(chosen(&kept, Some("alice"), None), Selection::Entry(0));
}
