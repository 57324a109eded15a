use super::*;

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
