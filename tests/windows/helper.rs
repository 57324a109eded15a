//! `login`, `get`, `store`, `erase` and `logout` as Git for Windows runs them, from a path
//! with blanks and umlauts, through a proxy, with an authority of our own.

use crate::conformance::{SERVICE, payloads, write};
use crate::credentials::names;
use crate::home::Home;
use crate::loopback::certificates::Certificate;
use git_credential_bitbucket::keychain::platform;

const MESSAGE: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n\n";

fn login(home: &Home, token: &str) {
    let arguments = ["login", "--with-token", "--email", "alice@example.com"];
    let done = home
        .helper(&arguments, &format!("{token}\r\n"))
        .expect_success();
    assert_eq!(
        done.stdout,
        "Kept in the Windows Credential Manager: alice (API token)\n"
    );
}

fn answer(token: &str) -> String {
    format!("username=alice\npassword={token}\n")
}

#[test]
fn a_token_is_verified_once_and_then_served_in_either_line_end() {
    let (home, token) = Home::new();
    login(&home, &token);
    let asked = home.server.log.requests();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].status, 200);
    assert_eq!(home.server.log.connects(), ["api.bitbucket.org:443"]);
    assert_eq!(names(), [format!("{SERVICE}/alice")]);
    home.server.log.clear();
    for message in [MESSAGE.to_owned(), MESSAGE.replace('\n', "\r\n")] {
        let done = home.helper(&["get"], &message).expect_success();
        // What goes to Git has line feeds only.
        assert_eq!(done.stdout, answer(&token), "{message:?}");
        assert_eq!(done.stderr, "");
    }
    assert!(home.server.log.connects().is_empty());
    let done = home.helper(&["status"], "").expect_success();
    assert!(
        done.stdout.contains("the Windows Credential Manager"),
        "{done:?}"
    );
    assert!(!done.stdout.contains('\r'), "{done:?}");
    home.helper(&["logout", "--all"], "").expect_success();
    assert!(names().is_empty());
}

#[test]
fn another_host_gets_nothing() {
    let (home, token) = Home::new();
    login(&home, &token);
    home.server.log.clear();
    for host in [
        "bitbucket.org.evil.test",
        "github.com",
        "bitbucket.org:8443",
    ] {
        let message = format!("protocol=https\r\nhost={host}\r\n\r\n");
        for operation in ["get", "store", "erase"] {
            let done = home.helper(&[operation], &message).expect_success();
            assert_eq!(
                (&*done.stdout, &*done.stderr),
                ("", ""),
                "{operation} {host}"
            );
        }
    }
    assert!(home.server.log.connects().is_empty());
    assert_eq!(names().len(), 1);
}

#[test]
fn what_git_reports_decides() {
    let (home, token) = Home::new();
    login(&home, &token);
    let reported = format!("protocol=https\nhost=bitbucket.org\n{}\n", answer(&token));
    home.helper(&["store"], &reported).expect_success();
    home.helper(&["erase"], &reported).expect_success();
    assert_eq!(names().len(), 1, "the server still accepts it");
    home.server.bitbucket.revoke(&token);
    let done = home.helper(&["erase"], &reported).expect_success();
    assert!(names().is_empty(), "{done:?}");
}

#[test]
fn an_entry_larger_than_one_credential_is_served_whole() {
    let (home, token) = Home::new();
    login(&home, &token);
    let [kept] = payloads(&platform(), SERVICE, None).try_into().unwrap();
    let (_, details) = kept.split_once('\n').unwrap();
    let mut details: serde_json::Value = serde_json::from_str(details).unwrap();
    let names_agreed: Vec<_> = (0..200)
        .map(|number| format!("former-name-{number}"))
        .collect();
    details["aliases"] = names_agreed.into();
    write(&platform(), "alice", &format!("{token}\n{details}"));
    assert!(names().len() > 2);
    let message = MESSAGE.replace("host", "username=former-name-199\nhost");
    let done = home.helper(&["get"], &message).expect_success();
    assert_eq!(done.stdout, answer(&token));
    home.helper(&["logout", "--all"], "").expect_success();
    assert!(names().is_empty());
}

#[test]
fn nothing_is_sent_to_a_server_that_cannot_prove_its_name() {
    for certificate in [
        Certificate::Untrusted,
        Certificate::WrongName,
        Certificate::Expired,
    ] {
        let (home, token) = Home::new();
        home.server.bitbucket.world().switches.certificate = certificate;
        let arguments = ["login", "--with-token", "--email", "alice@example.com"];
        home.helper(&arguments, &token)
            .expect_failure("certificate");
        assert!(home.server.log.requests().is_empty(), "{certificate:?}");
        assert!(names().is_empty());
    }
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let (home, _) = Home::new();
    let done = home.helper(&["get"], MESSAGE).expect_success();
    assert_eq!(done.stdout, "quit=1\n");
    assert!(
        done.stderr.contains("git credential-bitbucket login"),
        "{done:?}"
    );
    assert!(home.server.log.connects().is_empty());
}
