//! Default deny: whatever a Data Center or the proxy does not know fails the test.

use super::{BASE, PROPERTIES, Scene};
use crate::rig::Rig;
use crate::rig::curl::{Login, curl};
use crate::rig::tokens::data_center_token;
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
    let scene = Scene::new();
    for path in [
        "/",
        "/login",
        "/scm/acme/widgets.git",
        "/scm/acme/widgets.git/info/refs",
        "/scm/acme/widgets.git/info/refs?service=git-upload-archive",
        "/scm/acme/widgets/info/refs?service=git-upload-pack",
        "/scm/acme/a/b.git/info/refs?service=git-upload-pack",
        "/scm/~/b.git/info/refs?service=git-upload-pack",
        "/acme/widgets.git/info/refs?service=git-upload-pack",
        "/projects/ACME/repos/widgets",
        "/rest/api/1.0/application-properties",
        "/rest/api/latest/application-properties?x",
        "/rest/api/latest/users",
        "/rest/api/latest/projects?limit=1",
        "/rest/authconfig/1.0/login-options",
        "/rest/oauth2/1.0/client",
        "/rest/access-tokens/latest/users/jdoe/1",
        "/rest/git-lfs/storage/acme/widgets/x",
        "/2.0/user",
    ] {
        let url = format!("{BASE}{path}");
        is_unknown(&scene.rig, Login::None, &url, &[], "unknown route");
    }
    // Beside the base.
    for path in [
        "/scm/acme/widgets.git/info/refs?service=git-upload-pack",
        "/bitbucket2/scm",
    ] {
        let url = format!("https://git.acme.example{path}");
        is_unknown(&scene.rig, Login::None, &url, &[], "unknown route");
    }
    for options in [
        &["--request", "POST"][..],
        &["--request", "PUT"],
        &["--request", "DELETE"],
        // With `--request` curl would wait for a body that never comes.
        &["--head"],
    ] {
        let url = scene.server.rest(PROPERTIES);
        is_unknown(&scene.rig, Login::None, &url, options, "unknown route");
    }
}

#[test]
fn names_hosts_and_headers() {
    let scene = Scene::new();
    let token = data_center_token(9);
    let references = scene.server.references("acme/widgets", false);
    let properties = scene.server.rest(PROPERTIES);
    for name in [
        "mallory",
        "JDoe",
        "",
        "jdoe@acme.example",
        "x-bitbucket-api-token-auth",
    ] {
        let login = Login::Basic(name, &token);
        is_unknown(&scene.rig, login, &references, &[], "unknown user name");
        is_unknown(&scene.rig, login, &properties, &[], "unknown user name");
    }
    for header in ["Cookie: a=b", "X-Atlassian-Token: no-check"] {
        let options = ["--header", header];
        is_unknown(
            &scene.rig,
            Login::None,
            &references,
            &options,
            "unknown header",
        );
        is_unknown(
            &scene.rig,
            Login::None,
            &properties,
            &options,
            "unknown header",
        );
    }
    for host in ["git.acme.example:8443", "bitbucket.org", "acme.example"] {
        let header = format!("Host: {host}");
        let options = ["--header", &header];
        is_unknown(
            &scene.rig,
            Login::None,
            &references,
            &options,
            "unknown host",
        );
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

/// Another port, another scheme, a name nearby: there is no way to them.
#[test]
fn the_proxy_knows_its_names_only() {
    let scene = Scene::new();
    scene
        .rig
        .start_data_center("http://plain.acme.example:7990");
    for url in [
        "https://git.acme.example:8443/",
        "https://acme.example/",
        "https://git.acme.example.org/",
        "http://git.acme.example/bitbucket/",
        "http://plain.acme.example/",
        "https://plain.acme.example:7990/",
        "http://plain.acme.example:7991/",
    ] {
        let reply = curl(&scene.rig, Login::None, url, &[]);
        assert!(reply.status == 0 || reply.status == 403, "{url}: {reply:?}");
        assert_eq!(scene.rig.take_violations().len(), 1, "{url}");
    }
    assert!(scene.rig.requests().is_empty());
}

#[test]
fn a_violation_fails_the_test() {
    let scene = Scene::new();
    curl(&scene.rig, Login::None, BASE, &[]);
    let end = catch_unwind(AssertUnwindSafe(|| scene.rig.finish()));
    let text = *end
        .expect_err("a panic")
        .downcast::<String>()
        .expect("a text");
    assert!(text.contains("unknown to the loopback Bitbucket"), "{text}");
}
