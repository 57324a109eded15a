use super::*;
use crate::bitbucket::site::CLOUD;

fn target(text: &str) -> Result<String, String> {
    let target = parse_target(&CLOUD, text).map_err(|error| error.to_string())?;
    let repository = target.repository.map(|it| it.to_string());
    Ok(format!(
        "{} {}",
        target.username.as_deref().unwrap_or("-"),
        repository.as_deref().unwrap_or("-")
    ))
}

#[test]
fn an_address_names_a_repository_and_perhaps_a_user() {
    for (text, expected) in [
        ("https://bitbucket.org/acme/widgets", "- acme/widgets"),
        ("https://bitbucket.org/acme/widgets.git", "- acme/widgets"),
        (
            "https://alice@bitbucket.org/acme/widgets.git",
            "alice acme/widgets",
        ),
        (
            "https://BITBUCKET.org:443/acme/widgets/pull-requests/3",
            "- acme/widgets",
        ),
        (
            "https://alice%40example.com@bitbucket.org/acme/widgets",
            "alice@example.com acme/widgets",
        ),
        ("https://bitbucket.org", "- -"),
        ("https://alice@bitbucket.org/", "alice -"),
    ] {
        assert_eq!(target(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_address_here_is_refused_with_the_form_to_write() {
    for (text, expected) in [
        (
            "https://alice:x@bitbucket.org/acme/widgets",
            "contains a secret",
        ),
        ("alice:x@bitbucket.org/acme/widgets", "That is no address"),
        (
            "git@bitbucket.org:acme/widgets.git",
            "is no address of a repository",
        ),
        (
            "http://bitbucket.org/acme/widgets",
            "is no address of a repository",
        ),
        (
            "https://bitbucket.org.evil.test/a/b",
            "is no address of a repository",
        ),
        (
            "https://bitbucket.org/acme",
            "as https://bitbucket.org/acme/REPOSITORY",
        ),
        (
            "https://bitbucket.org/dashboard/overview",
            "not the page of a repository",
        ),
    ] {
        let said = target(text).unwrap_err();
        assert!(said.contains(expected), "{text}: {said}");
        assert!(!said.contains("alice:x"), "{said}");
    }
}

#[test]
fn a_workspace_is_one_plain_name() {
    assert_eq!(parse_workspace("acme").as_deref(), Ok("acme"));
    for text in ["", "acme/widgets", "a b", "alice@acme", "https://x", "a:b"] {
        assert!(parse_workspace(text).is_err(), "{text}");
    }
    for (text, is_one) in [("acme/widgets", true), ("acme", false), ("", false)] {
        assert_eq!(parse_repository(text).is_ok(), is_one, "{text}");
    }
}

#[test]
fn a_date_of_expiry_lies_ahead() {
    assert!(parse_expiry("90d").is_ok_and(|time| time > now()));
    assert!(parse_expiry("2001-01-01").unwrap_err().contains("passed"));
    assert!(parse_expiry("soon").unwrap_err().contains("write a date"));
}
