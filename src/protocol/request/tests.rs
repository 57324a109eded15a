use super::*;

#[test]
fn a_bearer_credential_is_a_secret_and_no_other_scheme_s_is() {
    for (message, expected) in [
        (&b"authtype=Bearer\ncredential=x\n"[..], Some("x")),
        (b"credential=x\nauthtype=bearer\n", Some("x")),
        (b"authtype=Negotiate\ncredential=x\n", None),
        (b"credential=x\n", None),
        (b"authtype=Bearer\n", None),
        (b"password=y\nauthtype=Bearer\ncredential=x\n", Some("y")),
    ] {
        let request = parsed(message);
        let found = request.secret().and_then(Secret::expose_text);
        assert_eq!(found, expected);
    }
}

fn parsed(message: &[u8]) -> Request {
    match parse(message) {
        Ok(request) => request,
        Err(reason) => panic!("refused: {reason:?}"),
    }
}

fn reason(message: &[u8]) -> Malformed {
    match parse(message) {
        Ok(_) => panic!("accepted"),
        Err(reason) => reason,
    }
}

#[test]
fn a_url_says_the_same_or_nothing_is_believed() {
    let parts = "protocol=https\nhost=bitbucket.org\n";
    for (url, agrees) in [
        ("https://bitbucket.org/acme/widgets.git", true),
        ("https://alice@bitbucket.org/acme", true),
        ("https://bitbucket.org", true),
        ("https://bitbucket.org:443/acme", true),
        ("https://bitbucket.org?x#y", true),
        ("http://bitbucket.org/acme", false),
        ("https://bitbucket.org:8443/acme", false),
        ("https://bitbucket.org:443:443/acme", false),
        ("https://bitbucket.org.evil.test/acme", false),
        ("https://evil.test/@bitbucket.org", false),
        ("https://evil.test\\@bitbucket.org", false),
        ("https://evil.test?@bitbucket.org", false),
        ("https:bitbucket.org", false),
        ("bitbucket.org", false),
        ("", false),
    ] {
        for message in [
            format!("url={url}\npath=acme/widgets.git\n{parts}"),
            format!("{parts}url={url}\n"),
        ] {
            let result = parse(message.as_bytes()).map(|request| request.host.is_some());
            let expected = if agrees {
                Ok(true)
            } else {
                Err(Malformed::Url)
            };
            assert_eq!(result, expected, "{message}");
        }
        assert_eq!(reason(format!("url={url}\n").as_bytes()), Malformed::Url);
    }
    let other = "url=https://bitbucket.org/a\nurl=https://bitbucket.org/b\n";
    let message = format!("{other}{parts}");
    assert_eq!(reason(message.as_bytes()), Malformed::Contradiction);
}

#[test]
fn keys_come_in_any_order_and_unknown_ones_are_ignored() {
    let request = parsed(
            b"path=acme/widgets.git\nnew=thing\nhost=bitbucket.org\nusername=alice\nprotocol=https\n\nhost=ignored\n",
        );
    assert_eq!(request.protocol.as_deref(), Some("https"));
    assert_eq!(request.host.as_deref(), Some("bitbucket.org"));
    assert_eq!(request.path.as_deref(), Some("acme/widgets.git"));
    assert_eq!(request.username.as_deref(), Some("alice"));
}

#[test]
fn only_the_first_equals_sign_splits_and_spaces_are_data() {
    let request = parsed(b"password= a=b \n");
    assert!(request.password == Some(Secret::copy_of(b" a=b ")));
}

#[test]
fn one_carriage_return_before_the_line_feed_is_stripped() {
    assert_eq!(parsed(b"host=x\r\n\r\n").host.as_deref(), Some("x"));
    assert_eq!(reason(b"host=x\r\r\n"), Malformed::ControlCharacter);
}

#[test]
fn what_is_doubtful_is_refused_with_its_reason() {
    for (message, expected) in [
        (&b"host=a\rhost=b\n"[..], Malformed::ControlCharacter),
        (b"host=a\xc2\x85b\n", Malformed::ControlCharacter),
        (b"host=a\x0bb\n", Malformed::ControlCharacter),
        (b"host=a\xe2\x80\xa8b\n", Malformed::ControlCharacter),
        (b"username=a\x1b[0m\n", Malformed::ControlCharacter),
        (b"password=a\x7fb\n", Malformed::ControlCharacter),
        (b"ho\0st=a\n", Malformed::Nul),
        (b"other=\0\n", Malformed::Nul),
        (b"path=\xff\n", Malformed::NotUtf8),
        (b"host=a\nhost=b\n", Malformed::Contradiction),
        (b"protocol=https\nprotocol=http\n", Malformed::Contradiction),
        (b"nonsense\n", Malformed::NoEqualsSign),
        (b"host=a", Malformed::Truncated),
        (b"url=https://bitbucket.org\n", Malformed::Url),
    ] {
        assert_eq!(reason(message), expected, "{}", message.escape_ascii());
    }
}

#[test]
fn a_message_has_a_longest_length() {
    assert_eq!(LONGEST_MESSAGE, 4_194_304);
    for (length, read) in [(LONGEST_MESSAGE, true), (LONGEST_MESSAGE + 1, false)] {
        let message = vec![b'\n'; length];
        assert_eq!(parse(&message).err(), (!read).then_some(Malformed::TooLong));
    }
}

#[test]
fn an_empty_username_is_none() {
    for (message, username) in [
        (&b"username=alice\n"[..], Some("alice")),
        (b"username=\n", None),
        (b"host=x\n", None),
    ] {
        assert_eq!(parsed(message).username(), username);
    }
}

#[test]
fn repeating_the_same_host_is_no_contradiction_and_other_scalars_take_the_last() {
    let request = parsed(b"host=a\nhost=a\nusername=x\nusername=y\n");
    assert_eq!(request.host.as_deref(), Some("a"));
    assert_eq!(request.username.as_deref(), Some("y"));
}

#[test]
fn lists_collect_and_an_empty_value_resets_them() {
    let request = parsed(b"capability[]=state\ncapability[]=\ncapability[]=authtype\ncapability[]=other\nstate[]=a:1\nstate[]=\nstate[]=b:2\nstate[]=\xff\nwwwauth[]=Basic\n");
    assert!(request.capabilities.authtype && !request.capabilities.state);
    assert!(parsed(b"capability[]=state\n").capabilities.state);
    assert_eq!(request.state, ["b:2"]);
    assert!(request.has_wwwauth);
    assert!(!parsed(b"wwwauth[]=Basic\nwwwauth[]=\n").has_wwwauth);
}

#[test]
fn a_line_over_the_limit_is_skipped_whole() {
    for (length, kept) in [(LONGEST_LINE - 1, true), (LONGEST_LINE, false)] {
        let length = length - "wwwauth[]=".len();
        let header = format!("wwwauth[]={}\nhost=bitbucket.org\n", "x".repeat(length));
        let request = parsed(header.as_bytes());
        assert_eq!(request.has_wwwauth, kept);
        assert_eq!(request.host.as_deref(), Some("bitbucket.org"));
    }
}

#[test]
fn a_value_that_matters_is_never_skipped() {
    for key in ["protocol", "host", "path", "username", "password", "url"] {
        let message = format!("{key}={}\n", "x".repeat(LONGEST_LINE));
        assert_eq!(reason(message.as_bytes()), Malformed::TooLong, "{key}");
    }
}

#[test]
fn numbers_and_booleans_are_read_as_git_reads_them() {
    assert_eq!(
        parsed(b"password_expiry_utc=17\n").password_expiry_utc,
        Some(17)
    );
    for garbage in ["0", "x", "-1", ""] {
        let message = format!("password_expiry_utc={garbage}\n");
        assert_eq!(parsed(message.as_bytes()).password_expiry_utc, None);
    }
    assert!(parsed(b"ephemeral=TRUE\n").ephemeral);
    assert!(!parsed(b"ephemeral=0\n").ephemeral);
    assert!(parsed(b"continue=1\n").r#continue);
}
