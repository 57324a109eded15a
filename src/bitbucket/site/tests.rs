//! The rows of `site`: which spellings are ours, and what belongs to them.

use super::*;

/// A made-up server: a port, a base path, a folder of repositories, one kind.
fn server() -> Site {
    Site {
        host: "git.acme.test:8443".into(),
        base: "dev/bitbucket".into(),
        url: "https://git.acme.test:8443/dev/bitbucket".into(),
        aliases: vec!["mirror.acme.test".into(), "git:7990".into()],
        neighbours: &[],
        repositories: "scm",
        whose: "https://git.acme.test:8443/dev/bitbucket/whoami".into(),
        kinds: &[Kind::AccessToken],
        ..CLOUD.clone()
    }
}

/// The same without encryption, at the usual port and at the top of its host.
fn plain() -> Site {
    Site {
        scheme: "http".into(),
        host: "localhost".into(),
        base: "".into(),
        url: "http://localhost".into(),
        aliases: Vec::new(),
        ..server()
    }
}

#[test]
fn the_parts_of_a_site_agree() {
    for site in [CLOUD.clone(), server(), plain()] {
        let url = site.parsed_url();
        assert_eq!(url.as_str().trim_end_matches('/'), site.url());
        assert!(site.is_at(&url) && site.is_host(site.host()), "{site:?}");
        assert!(Url::parse(site.whose_url()).is_ok());
        let lower = site.host().to_ascii_lowercase();
        assert!(lower == site.host() && !lower.ends_with(site.default_port()));
        for folder in [&*site.base, site.repositories] {
            assert_eq!(folder.trim_matches('/'), folder);
        }
    }
}

#[test]
fn only_the_exact_host_is_ours() {
    for host in ["bitbucket.org", "BitBucket.ORG", "bitbucket.org:443"] {
        assert!(CLOUD.is_host(host), "{host}");
    }
    for host in [
        "",
        "bitbucket.org.evil.test",
        "evilbitbucket.org",
        "x.bitbucket.org",
        "www.bitbucket.org",
        "api.bitbucket.org",
        "bitbucket.org.",
        "evil/.bitbucket.org",
        "evil@bitbucket.org",
        "bitbucket.org@evil",
        "bitbucket.org:8443",
        "bitbucket.org:80",
        "bitbucket.org:",
        "bitbucket.org:443x",
        "bitbucket.org:443:443",
        "104.192.141.1",
        "[::1]",
        "b\u{131}tbucket.org",
        " bitbucket.org",
    ] {
        assert!(!CLOUD.is_host(host), "{host}");
    }
}

#[test]
fn a_port_and_aliases_belong_to_the_host() {
    let (server, plain) = (server(), plain());
    for host in [
        "git.acme.test:8443",
        "GIT.Acme.Test:8443",
        "mirror.acme.test",
    ] {
        assert!(server.is_host(host), "{host}");
    }
    for host in ["Mirror.acme.test:443", "git:7990", "GIT:7990"] {
        assert!(server.is_host(host), "{host}");
    }
    for host in [
        "git.acme.test",
        "git.acme.test:443",
        "git.acme.test:8443:443x",
        "git.acme.test:08443",
        "git.acme.test:84430",
        "git.acme.test:8444",
        "git.acme.test.:8443",
        "x.git.acme.test:8443",
        "git.acme.test:8443.evil.test",
        "mirror.acme.test:8443",
        "mirror.acme.test:80",
        "git",
        "git:443",
        "bitbucket.org",
        "",
    ] {
        assert!(!server.is_host(host), "{host}");
    }
    for (host, ours) in [
        ("localhost", true),
        ("localhost:80", true),
        ("localhost:443", false),
        ("127.0.0.1", false),
    ] {
        assert_eq!(plain.is_host(host), ours, "{host}");
    }
}

#[test]
fn a_request_is_ours_by_scheme_host_and_path() {
    let server = server();
    for (site, protocol, host, path, ours) in [
        (&CLOUD, Some("https"), "bitbucket.org", None, true),
        (
            &CLOUD,
            Some("https"),
            "bitbucket.org",
            Some("any/thing"),
            true,
        ),
        (&CLOUD, Some("http"), "bitbucket.org", None, false),
        (&CLOUD, Some("HTTPS"), "bitbucket.org", None, false),
        (&CLOUD, Some(""), "bitbucket.org", None, false),
        (&CLOUD, None, "bitbucket.org", None, false),
        (&CLOUD, Some("https"), "git.acme.test:8443", None, false),
        (&server, Some("https"), "git.acme.test:8443", None, true),
        (&server, Some("http"), "git.acme.test:8443", None, false),
        (&server, Some("https"), "bitbucket.org", None, false),
        (&server, Some("https"), "mirror.acme.test", None, true),
        (
            &plain(),
            Some("http"),
            "localhost",
            Some("scm/a/b.git"),
            true,
        ),
        (&plain(), Some("https"), "localhost", None, false),
    ] {
        let request = Request {
            protocol: protocol.map(Into::into),
            host: Some(host.into()),
            path: path.map(Into::into),
            ..Request::default()
        };
        let asked = site.is_asked_for(&request);
        assert_eq!(asked, ours, "{protocol:?} {host} {path:?}");
    }
    assert!(!CLOUD.is_asked_for(&Request::default()));
}

#[test]
fn a_base_path_is_compared_folder_by_folder() {
    let server = server();
    for (path, ours, repository) in [
        ("dev/bitbucket", true, None),
        ("dev/bitbucket/", true, None),
        (
            "/dev/bitbucket/scm/acme/widgets.git",
            true,
            Some("acme/widgets"),
        ),
        (
            "dev/bitbucket/scm/~alice/widgets.git",
            true,
            Some("~alice/widgets"),
        ),
        ("dev/bitbucket/acme/widgets.git", true, None),
        ("dev/bitbucket/scmx/acme/widgets.git", true, None),
        ("dev/bitbucket/scm/acme", true, None),
        ("dev/bitbucketx/scm/acme/widgets.git", false, None),
        ("dev/bitbucket.git", false, None),
        ("dev", false, None),
        ("DEV/bitbucket/scm/acme/widgets.git", false, None),
        ("dev//bitbucket/scm/acme/widgets.git", false, None),
        ("dev/../dev/bitbucket", false, None),
        ("dev/bitbucket/../scm/acme/widgets.git", false, None),
        ("dev/bitbucket/%2E%2e/scm/acme/widgets.git", false, None),
        ("dev/bitbucket/./scm/acme/widgets.git", false, None),
        ("dev/bitbucket/..\\scm/acme/widgets.git", false, None),
        ("x/dev/bitbucket", false, None),
        ("scm/acme/widgets.git", false, None),
        ("", false, None),
    ] {
        let request = Request {
            protocol: Some("https".into()),
            host: Some("git.acme.test:8443".into()),
            path: Some(path.into()),
            ..Request::default()
        };
        assert_eq!(server.is_asked_for(&request), ours, "{path}");
        let found = server.repository(path).map(|found| found.to_string());
        assert_eq!(found.as_deref(), repository, "{path}");
    }
}

#[test]
fn a_url_is_ours_as_a_request_is() {
    let server = server();
    for (site, url, ours) in [
        (&CLOUD, "https://bitbucket.org", true),
        (&CLOUD, "https://alice@BitBucket.org:443/acme", true),
        (&CLOUD, "http://bitbucket.org", false),
        (&CLOUD, "https://bitbucket.org:8443", false),
        (&CLOUD, "https://bitbucket.org@evil.test", false),
        (&CLOUD, "file:///bitbucket.org", false),
        (&server, "https://git.acme.test:8443/dev/bitbucket", true),
        (&server, "https://git:7990/dev/bitbucket/scm/a/b", true),
        (&server, "https://git.acme.test:8443/dev", false),
        (&server, "https://git.acme.test/dev/bitbucket", false),
        (&server, "http://git.acme.test:8443/dev/bitbucket", false),
        (&plain(), "http://localhost:80/x", true),
    ] {
        let parsed = Url::parse(url).expect(url);
        assert_eq!(site.is_at(&parsed), ours, "{url}");
    }
}

#[test]
fn a_remote_leads_back_to_its_repository() {
    let widgets = Repository::from_path("acme/widgets").expect("a repository");
    for (site, expected) in [
        (&CLOUD, "https://bitbucket.org/acme/widgets.git"),
        (
            &server(),
            "https://git.acme.test:8443/dev/bitbucket/scm/acme/widgets.git",
        ),
        (&plain(), "http://localhost/scm/acme/widgets.git"),
    ] {
        assert_eq!(site.remote(&widgets), expected);
        let url = Url::parse(expected).expect(expected);
        assert_eq!(site.sole_repository(&[url]), Some(widgets.clone()));
    }
}

#[test]
fn what_a_site_does_not_take_is_foreign_to_it() {
    let body = "x".repeat(180);
    for (beginning, cloud, server_too) in [
        ("ATCTT3xFfGF0", Shape::Damaged(Kind::AccessToken), true),
        ("ATATT3xFfGF0", Shape::Damaged(Kind::ApiToken), false),
        (
            "ghp_",
            Shape::Foreign("a GitHub personal access token"),
            true,
        ),
    ] {
        let secret = Secret::copy_of(format!("{beginning}{body}").as_bytes());
        assert_eq!(CLOUD.shape(&secret), cloud);
        let there = if server_too {
            cloud
        } else {
            Shape::Foreign("a Bitbucket Cloud API token")
        };
        assert_eq!(server().shape(&secret), there, "{beginning}");
    }
}

#[test]
fn secrets_of_the_neighbours_are_known() {
    for (host, expected) in [
        ("bitbucket.org", Some("bitbucket.org")),
        ("WWW.bitbucket.org:443", Some("www.bitbucket.org")),
        ("api.bitbucket.org", Some("api.bitbucket.org")),
        ("bitbucket.org:80", None),
        ("bitbucket.org:8443", None),
        ("x.bitbucket.org", None),
        ("evilbitbucket.org", None),
        ("bitbucket.org.", None),
        ("", None),
    ] {
        assert_eq!(CLOUD.name_of(host, ":443"), expected, "{host}");
    }
    let server = server();
    for (host, port, expected) in [
        ("GIT.acme.test:8443", ":443", Some("git.acme.test:8443")),
        ("git.acme.test", ":443", None),
        ("mirror.acme.test:443", ":443", Some("mirror.acme.test")),
        ("mirror.acme.test:80", ":80", Some("mirror.acme.test")),
        ("mirror.acme.test:80", ":443", None),
        ("bitbucket.org", ":443", None),
    ] {
        assert_eq!(server.name_of(host, port), expected, "{host} {port}");
    }
    let names: Vec<_> = server.names().collect();
    assert_eq!(
        names,
        ["git.acme.test:8443", "mirror.acme.test", "git:7990"]
    );
}

#[test]
fn the_remotes_name_a_repository_if_they_agree() {
    let widgets = "https://bitbucket.org/acme/widgets.git";
    for (remotes, expected) in [
        (&[][..], None),
        (&[widgets], Some("acme/widgets")),
        (
            &[widgets, "https://BitBucket.org:443/acme/widgets"],
            Some("acme/widgets"),
        ),
        (
            &[widgets, "https://github.com/acme/gadgets"],
            Some("acme/widgets"),
        ),
        (&[widgets, "https://bitbucket.org/acme/gadgets"], None),
        (&["http://bitbucket.org/acme/widgets"], None),
        (&["ssh://bitbucket.org/acme/widgets"], None),
        (&["https://bitbucket.org:8443/acme/widgets"], None),
        (&["https://bitbucket.org.evil.test/acme/widgets"], None),
        (&["https://bitbucket.org/acme"], None),
    ] {
        let urls: Vec<_> = remotes
            .iter()
            .filter_map(|url| Url::parse(url).ok())
            .collect();
        let found = CLOUD.sole_repository(&urls).map(|found| found.to_string());
        assert_eq!(found.as_deref(), expected, "{remotes:?}");
    }
}

#[test]
fn a_site_is_named_by_its_host_or_the_address_of_a_page() {
    for (text, expected) in [
        ("bitbucket.org", "https://bitbucket.org"),
        (
            "https://bitbucket.org/acme/widgets",
            "https://bitbucket.org",
        ),
        ("git.acme.test:8443/b", "https://git.acme.test:8443/b"),
        ("git.acme.test/b/scm/a/w.git", "https://git.acme.test/b"),
        (
            "https://git.acme.test/b/scm/a/w.git",
            "https://git.acme.test/b",
        ),
        ("http://git.acme.test/b", "http://git.acme.test/b"),
    ] {
        let site = Site::at(text).unwrap();
        assert_eq!(site.url(), expected, "{text}");
    }
    assert!(Site::at("no address").is_err());
}
