use super::*;
use crate::bitbucket::kind::KINDS;
use crate::bitbucket::site::CLOUD;
use crate::prompt::Scripted;
use crate::setup::line_options::Options;

/// What is asked and answered before anything is sent.
fn with<T>(
    person: &mut Scripted,
    kind: Option<Kind>,
    username: Option<&str>,
    ask: impl FnOnce(&mut SignIn) -> T,
) -> T {
    let session = Session::new(&CLOUD, Options::default());
    ask(&mut SignIn {
        session: &session,
        person,
        repository: None,
        username,
        kind,
        email: None,
        reach: None,
        client: None,
        opens_browser: false,
        offers_page: false,
    })
}

fn whole(prefix: &str) -> String {
    let body = format!("{prefix}{}=", "x".repeat(100));
    format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
}

#[test]
fn nothing_but_a_whole_token_is_sent_without_a_question() {
    let (api, access) = (&*whole("ATATT3xFfGF0"), &*whole("ATCTT3xFfGN0"));
    let unknown = &*"0123456789".repeat(5);
    let old = "0123456789abcdefABCD";
    for (secret, answers, expected) in [
        (api, &[][..], Ok(Some(Kind::ApiToken))),
        (access, &[], Ok(Some(Kind::AccessToken))),
        // Refused by its form alone.
        ("hunter2", &[], Ok(None)),
        ("ghp_0123456789", &[], Ok(None)),
        (&format!("Bearer {api}"), &[], Ok(None)),
        (&format!("{api},"), &[], Ok(None)),
        // Doubtful: a person has to insist.
        ("ATATT3xFfGF0cut", &["y"], Ok(Some(Kind::ApiToken))),
        ("ATATT3xFfGF0cut", &["n"], Ok(None)),
        ("ATATT3xFfGF0cut", &[], Err(Unsuccessful::Cancelled)),
        (old, &["y"], Ok(Some(Kind::AppPassword))),
        (old, &["n"], Ok(None)),
        // What it is, nothing tells.
        (unknown, &["n"], Ok(None)),
        (unknown, &["y", ""], Ok(Some(KINDS[0].kind))),
        (
            unknown,
            &["y", " access-token "],
            Ok(Some(Kind::AccessToken)),
        ),
        (unknown, &["y", "jwt"], Ok(None)),
        (unknown, &["y"], Err(Unsuccessful::Cancelled)),
    ] {
        let mut person = Scripted::new(answers);
        let secret = Secret::copy_of(secret.as_bytes());
        let judged = with(&mut person, None, None, |it| it.judge(&secret));
        assert_eq!(judged, expected, "{answers:?} {:?}", person.heard);
        assert_eq!(person.left(), 0, "{answers:?}");
    }
}

#[test]
fn who_states_the_kind_has_answered_every_doubt_but_a_refusal() {
    for (secret, expected) in [
        // But what the form says is not overruled.
        ("ATATT3xFfGF0cut", Some(Kind::ApiToken)),
        (&whole("ATATT3xFfGF0"), Some(Kind::ApiToken)),
        ("0123456789abcdefABCD", Some(Kind::AccessToken)),
        ("hunter2", None),
        ("ghp_0123456789", None),
    ] {
        let mut person = Scripted::new(&[]);
        let secret = Secret::copy_of(secret.as_bytes());
        let kind = Some(Kind::AccessToken);
        let judged = with(&mut person, kind, None, |it| it.judge(&secret));
        assert_eq!(judged, Ok(expected), "{:?}", person.heard);
    }
}

#[test]
fn a_username_is_asked_for_only_where_nothing_works_without() {
    let alice = || Some("alice".to_owned());
    for (kind, stated, answers, expected) in [
        (Kind::ApiToken, None, &[][..], Ok(None)),
        (Kind::ApiToken, Some("alice"), &[], Ok(alice())),
        (Kind::AccessToken, None, &[], Ok(None)),
        (Kind::AppPassword, Some("alice"), &[], Ok(alice())),
        (Kind::AppPassword, None, &["alice"], Ok(alice())),
        (
            Kind::AppPassword,
            None,
            &[" "],
            Err(Unsuccessful::Cancelled),
        ),
        // Neither an address nor a placeholder is a username.
        (
            Kind::AppPassword,
            Some("a@example.com"),
            &["alice"],
            Ok(alice()),
        ),
        (
            Kind::AppPassword,
            Some("x-token-auth"),
            &["alice"],
            Ok(alice()),
        ),
    ] {
        let mut person = Scripted::new(answers);
        let found = with(&mut person, None, stated, |it| it.find_username(kind));
        assert_eq!(found, expected, "{kind:?} {stated:?}");
        assert_eq!(person.left(), 0, "{kind:?} {stated:?}");
    }
}

#[test]
fn an_address_is_asked_for_only_to_verify_an_api_token_without_a_repository() {
    let address = || Some("a@example.com".to_owned());
    for (kind, stated, answers, expected) in [
        (
            Kind::ApiToken,
            None,
            &[" a@example.com "][..],
            Ok(address()),
        ),
        (Kind::ApiToken, None, &[""], Ok(None)),
        (Kind::ApiToken, None, &[], Err(Unsuccessful::Cancelled)),
        (Kind::ApiToken, Some("a@example.com"), &[], Ok(address())),
        (Kind::AccessToken, None, &[], Ok(None)),
        (Kind::AppPassword, None, &[], Ok(None)),
    ] {
        let mut person = Scripted::new(answers);
        let found = with(&mut person, None, stated, |it| it.find_email(kind));
        assert_eq!(found, expected, "{kind:?} {stated:?}");
        assert_eq!(person.left(), 0, "{kind:?} {stated:?}");
    }
}

#[test]
fn a_dialogue_ends_after_three_tries_and_sends_nothing_twice() {
    for (answers, expected, told) in [
        (
            &["hunter2", "hunter2", "ghp_0123456789"][..],
            Unsuccessful::Refused,
            2,
        ),
        (&["hunter2", ""], Unsuccessful::Cancelled, 1),
        (&[], Unsuccessful::Cancelled, 0),
    ] {
        let mut person = Scripted::new(answers);
        let outcome = with(&mut person, None, None, |it| it.ask().map(drop));
        assert_eq!(outcome.err(), Some(expected), "{answers:?}");
        assert_eq!(person.left(), 0, "{answers:?}");
        let again = person
            .heard
            .iter()
            .filter(|text| text.starts_with("Try again"));
        assert_eq!(again.count(), told, "{:?}", person.heard);
    }
}
