use super::*;
use crate::bitbucket::site::CLOUD;

fn token() -> Secret {
    let body = format!("ATATT3xFfGF0{}=", "x".repeat(100));
    Secret::new(format!("{body}{:08X}", crc32fast::hash(body.as_bytes())).into_bytes())
}

#[test]
fn what_is_written_is_read_back_whole() {
    let mut entry = Entry::new(Kind::ApiToken, token(), 17);
    entry.details.username = Some("alice".into());
    entry.details.aliases = vec!["old".into()];
    entry.details.reach = Reach::Workspace("acme".into());
    entry.details.rights.read = Some(true);
    let read = Entry::from_payload(&entry.to_payload(), &CLOUD).expect("readable");
    assert!(read.secret == token());
    assert_eq!(
        serde_json::to_string(&read.details).expect("JSON"),
        serde_json::to_string(&entry.details).expect("JSON")
    );
    assert_eq!(read.account(), "alice@acme");
}

#[test]
fn what_a_newer_version_wrote_is_served_and_carried_along() {
    let payload = Secret::copy_of(
        br#"secret
{"version":2,"id":"1","kind":"api-token","added":5,"colour":"blue","weight":1.5e200}"#,
    );
    let entry = Entry::from_payload(&payload, &CLOUD).expect("readable");
    assert!(entry.secret == Secret::copy_of(b"secret"));
    let written = entry.to_payload();
    let text = written.expose_text().expect("text");
    assert!(text.contains(r#""colour":"blue""#) && text.contains(r#""version":2"#));
    // A number must not drift from one rewriting to the next.
    let again = Entry::from_payload(&written, &CLOUD).expect("readable");
    assert!(text.contains("1.5e") && again.to_payload() == written);
}

#[test]
fn line_ends_of_windows_do_not_belong_to_the_secret() {
    let details = "{\"version\":1,\"id\":\"1\",\"kind\":\"access-token\",\"added\":5}";
    for end in ["\n", "\r\n", "\r\r\r\n"] {
        let payload = Secret::new(format!("sec\rret{end}{details}").into_bytes());
        let read = Entry::from_payload(&payload, &CLOUD).expect("readable");
        assert!(read.secret == Secret::copy_of(b"sec\rret"), "{end:?}");
        let again = Entry::from_payload(&read.to_payload(), &CLOUD).expect("readable");
        assert!(again.secret == read.secret, "{end:?}");
    }
    let nothing = Secret::new(format!("\r\r\n{details}").into_bytes());
    assert!(Entry::from_payload(&nothing, &CLOUD).is_none());
}

#[test]
fn a_bare_token_is_served_and_nonsense_is_not() {
    let bare = Entry::from_payload(&token(), &CLOUD).expect("readable");
    assert_eq!(bare.details.kind, Kind::ApiToken);
    for nonsense in [
        "",
        "\n{}",
        "hunter2",
        "hunter2\nalice",
        "hunter2\n{\"kind\":\"x\"}",
    ] {
        assert!(
            Entry::from_payload(&Secret::copy_of(nonsense.as_bytes()), &CLOUD).is_none(),
            "{nonsense}"
        );
    }
}

#[test]
fn one_with_a_taken_name_gets_a_key_of_its_own() {
    let kept = Entry::new(Kind::ApiToken, token(), 0);
    let mut new = Entry::new(Kind::ApiToken, Secret::copy_of(b"new"), 0);
    new.tell_apart([&kept]);
    let key = format!("x-bitbucket-api-token-auth#{}", new.details.id);
    assert_eq!(new.account(), key);
    let read = Entry::from_payload(&new.to_payload(), &CLOUD).expect("readable");
    assert_eq!(read.account(), key);
    assert_eq!(new.title(), kept.title());
    new.details.username = Some("alice".into());
    new.tell_apart([&kept]);
    assert_eq!(new.account(), "alice");
}

/// One secret twice, as `name reach how-it-came`: what is kept, what comes, what becomes of it.
const ONE_SECRET: &str = "\
alice - entered | - - entered | alice - entered
- - entered | alice acme entered | alice acme entered
- acme entered | alice - entered | alice - entered
alice acme entered | bob - seen | alice acme entered
- acme entered | bob - seen | bob acme entered
- acme seen | bob - seen | bob - seen
alice - seen | bob acme seen | alice - seen
alice - seen | bob acme entered | bob acme entered
alice - entered | bob - entered | bob - entered
";

fn of_words(text: &str) -> Entry {
    let words: Vec<&str> = text.split(' ').collect();
    let stated = |text: &str| (text != "-").then(|| text.to_owned());
    let mut entry = Entry::new(Kind::ApiToken, token(), 10);
    entry.details.username = stated(words[0]);
    entry.details.reach = stated(words[1]).map_or(Reach::Site, Reach::Workspace);
    entry.details.seen = words[2] == "seen";
    entry
}

#[test]
fn of_one_secret_the_last_word_of_a_person_counts() {
    for line in ONE_SECRET.lines() {
        let entries: Vec<Entry> = line.split(" | ").map(of_words).collect();
        let [kept, mut new, expected] =
            <[Entry; 3]>::try_from(entries).unwrap_or_else(|_| panic!("{line}"));
        new.take_over_knowledge(&kept);
        let (found, expected) = (&new.details, &expected.details);
        assert_eq!(found.username, expected.username, "{line}");
        assert_eq!(found.reach, expected.reach, "{line}");
        assert_eq!(found.seen, expected.seen, "{line}");
        assert_eq!(found.id, kept.details.id, "{line}");
    }
}

#[test]
fn dates_rights_and_choices_survive_a_second_entry() {
    let mut kept = Entry::new(Kind::ApiToken, token(), 10);
    kept.details.email = Some("alice@acme.example".into());
    kept.details.expires = Some(900);
    kept.details.verified = Some(50);
    kept.details.rights.write = Some(true);
    kept.details.aliases = vec!["old".into()];
    kept.details.workspaces = vec!["acme".into()];
    kept.details.default = true;
    let mut new = Entry::new(Kind::ApiToken, token(), 70);
    new.details.rights.read = Some(true);
    new.details.choose_for("other");
    new.take_over_knowledge(&kept);
    let details = &new.details;
    assert_eq!(details.email.as_deref(), Some("alice@acme.example"));
    assert_eq!((details.expires, details.verified), (Some(900), Some(50)));
    assert_eq!(
        (details.rights.read, details.rights.write),
        (Some(true), Some(true))
    );
    assert_eq!(details.aliases, ["old"]);
    assert!(details.is_chosen_for("acme") && details.is_chosen_for("other"));
    // It lives for a year from when it was first entered.
    assert!(details.default && details.added == 10);
}

#[test]
fn whose_a_secret_is_holds_for_each_place() {
    let mut named = Entry::new(Kind::ApiToken, token(), 0);
    named.details.username = Some("alice".into());
    let mut nameless = Entry::new(Kind::ApiToken, token(), 0);
    assert!(!named.share_owner(&nameless));
    assert!(nameless.share_owner(&named));
    assert_eq!(nameless.account(), "alice");
    assert!(!nameless.share_owner(&named));
}

#[test]
fn the_account_tells_entries_apart() {
    let mut entry = Entry::new(Kind::ApiToken, token(), 0);
    assert_eq!(entry.account(), "x-bitbucket-api-token-auth");
    assert_eq!(entry.title(), "API token");
    entry.details.username = Some("alice".into());
    assert_eq!(entry.account(), "alice");
    assert_eq!(entry.title(), "alice (API token)");
    let mut access = Entry::new(Kind::AccessToken, token(), 0);
    access.details.reach = Reach::Repository("acme/widgets".into());
    assert_eq!(access.account(), "x-token-auth@acme/widgets");
    assert_eq!(access.title(), "acme/widgets (access token)");
}

#[test]
fn two_refusals_are_in_a_row_within_a_day() {
    const NOW: u64 = 10 * DAY;
    for (refusals, refused, expected) in [
        (0, None, false),
        (0, Some(NOW), false),
        (1, None, false),
        (1, Some(NOW), true),
        (2, Some(NOW), true),
        (1, Some(NOW + 1), false),
        (1, Some(NOW - DAY), false),
        (1, Some(NOW - DAY + 1), true),
    ] {
        let mut entry = Entry::new(Kind::ApiToken, token(), 0);
        entry.details.refusals = refusals;
        entry.details.refused = refused;
        let found = entry.details.was_refused_lately(NOW);
        assert_eq!(found, expected, "{refusals} {refused:?}");
    }
}

/// What a browser sign-in brings is longer than anything else that is kept.
#[test]
fn a_sign_in_is_read_back_with_what_renews_it() {
    for length in [1, 60, 1900, 2600, 6000] {
        let mut entry = Entry::new(Kind::OAuth, Secret::new(vec![b'a'; length]), 17);
        entry.refresh = Some(Secret::new(vec![b'r'; length]));
        entry.details.client = Some("client".into());
        entry.details.scopes = vec!["account".into(), "repository:write".into()];
        let payload = entry.to_payload();
        let read = Entry::from_payload(&payload, &CLOUD).expect("readable");
        assert!(read.secret == entry.secret && read.refresh == entry.refresh);
        assert_eq!(read.details.scopes, entry.details.scopes);
        assert!(read.to_payload() == payload);
        assert!(read.duplicate().refresh == entry.refresh);
    }
}

#[test]
fn only_one_token_stands_below_the_details() {
    let details = r#"{"version":1,"id":"1","kind":"oauth","added":5}"#;
    for (below, expected) in [
        ("", Some(None)),
        ("\n", Some(None)),
        ("\nrefresh", Some(Some("refresh"))),
        ("\nrefresh\n", Some(Some("refresh"))),
        ("refresh", None),
        ("\nre fresh", None),
        ("\nrefresh\nmore", None),
    ] {
        let payload = Secret::new(format!("secret\n{details}{below}").into_bytes());
        let read = Entry::from_payload(&payload, &CLOUD).map(|it| it.refresh);
        let found = read
            .as_ref()
            .map(|it| it.as_ref().and_then(Secret::expose_text));
        assert_eq!(found, expected, "{below:?}");
    }
}
