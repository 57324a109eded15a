//! Default deny: whatever the server or the proxy does not know fails the test.

use super::{ALICE, scene};
use crate::rig::Rig;
use crate::rig::curl::{Login, USER, curl, references};
use crate::rig::tokens::api_token;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Sends one request and expects exactly one violation with these words.
fn is_unknown(rig: &Rig, login: Login, url: &str, options: &[&str], words: &str) {
    let reply = curl(rig, login, url, options);
    assert_eq!(reply.status, 400, "{url} {options:?}");
    let violations = rig.take_violations();
    assert_eq!(violations.len(), 1, "{url} {options:?}: {violations:?}");
    assert!(violations[0].contains(words), "{words}: {violations:?}");
}

#[test]
fn routes_methods_and_queries() {
    let rig = scene();
    let widgets = "https://bitbucket.org/acme/widgets.git";
    for path in [
        "",
        "/info/refs",
        "/info/refs?service=git-upload-archive",
        "/HEAD",
        "/git-upload-pack",
        "/info/refs?service=git-upload-pack&x=1",
        "/info/lfs/objects/batch",
        "/objects/info/packs",
    ] {
        let url = format!("{widgets}{path}");
        is_unknown(&rig, Login::None, &url, &[], "unknown route");
    }
    for url in [
        "https://bitbucket.org/",
        "https://bitbucket.org/acme/widgets/info/refs?service=git-upload-pack",
        "https://bitbucket.org/acme/a/b.git/info/refs?service=git-upload-pack",
        "https://bitbucket.org/acme/.git/info/refs?service=git-upload-pack",
        "https://bitbucket.org/2.0/user",
        "https://api.bitbucket.org/2.0/user?fields=username",
        "https://api.bitbucket.org/2.0/user/",
        "https://api.bitbucket.org/2.0/repositories/acme",
        "https://api.bitbucket.org/acme/widgets.git/info/refs?service=git-upload-pack",
    ] {
        is_unknown(&rig, Login::None, url, &[], "unknown route");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let options = ["--request", method];
        is_unknown(&rig, Login::None, USER, &options, "unknown route");
    }
}

#[test]
fn names_headers_and_schemes() {
    let rig = scene();
    let token = api_token(1);
    let references = references("acme/widgets", false);
    for name in ["mallory", "Alice", "", "Alice@example.com"] {
        let login = Login::Basic(name, &token);
        is_unknown(&rig, login, &references, &[], "unknown user name");
        is_unknown(&rig, login, USER, &[], "unknown user name");
    }
    for header in ["Cookie: a=b", "X-Atlassian-Token: no-check", "Referer: x"] {
        let options = ["--header", header];
        let login = Login::Basic(ALICE, &token);
        is_unknown(&rig, login, &references, &options, "unknown header");
        is_unknown(&rig, login, USER, &options, "unknown header");
    }
    let options = ["--header", "Git-Protocol: version=2"];
    is_unknown(&rig, Login::None, USER, &options, "unknown header");
    for (value, words) in [
        ("Digest x", "unknown scheme"),
        ("Basic", "without a scheme"),
        ("Basic ?", "without base64"),
        ("Basic YWxpY2U=", "without a colon"),
    ] {
        let header = format!("Authorization: {value}");
        is_unknown(&rig, Login::None, USER, &["--header", &header], words);
    }
    let twice = [
        "--header",
        "Authorization: Bearer x",
        "--header",
        "Authorization: Bearer y",
    ];
    is_unknown(&rig, Login::None, USER, &twice, "more than once");
    let host = ["--header", "Host: api.bitbucket.org"];
    is_unknown(&rig, Login::None, &references, &host, "unknown host");
}

#[test]
fn names_may_be_expected() {
    let rig = scene();
    rig.bitbucket.expect_name("mallory");
    let login = Login::Basic("mallory", "secret");
    let reply = curl(&rig, login, &references("acme/widgets", false), &[]);
    assert_eq!(reply.status, 401);
    rig.finish();
}

#[test]
fn the_proxy_knows_its_names_only() {
    let rig = scene();
    for url in [
        "https://example.com/",
        "https://bitbucket.org.example.com/",
        "https://bitbucket.org:8443/",
        "https://www.bitbucket.org/",
        "http://bitbucket.org/",
    ] {
        let reply = curl(&rig, Login::None, url, &[]);
        assert!(reply.status == 0 || reply.status == 403, "{url}: {reply:?}");
        assert_eq!(rig.take_violations().len(), 1, "{url}");
    }
    assert_eq!(rig.connects().len(), 5);
    assert!(rig.requests().is_empty());
}

/// Every violation fails its test, whether the rig is finished or just dropped.
#[test]
fn a_violation_fails_the_test() {
    for end in [Rig::finish, drop::<Rig>] {
        for url in ["https://bitbucket.org/", "https://example.com/"] {
            let rig = scene();
            curl(&rig, Login::None, url, &[]);
            let end = catch_unwind(AssertUnwindSafe(|| end(rig)));
            let text = *end
                .expect_err("a panic")
                .downcast::<String>()
                .expect("a text");
            assert!(text.contains("unknown to the loopback Bitbucket"), "{text}");
        }
        let rig = scene();
        curl(&rig, Login::None, &references("acme/open", false), &[]);
        end(rig);
    }
}

#[test]
fn an_unknown_scope_fails_the_test() {
    use crate::rig::{Credential, Kind};
    for (kind, scope) in [
        (Kind::ApiToken, "repository"),
        (Kind::OAuth, "read:repository:bitbucket"),
        (Kind::AppPassword, "repositories: read"),
        (Kind::WorkspaceToken, "repository:admin"),
    ] {
        let made = catch_unwind(|| Credential::new(kind, "secret", "alice", &[scope]).secret);
        assert!(made.is_err(), "{kind:?} {scope}");
    }
}
