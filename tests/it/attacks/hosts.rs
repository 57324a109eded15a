//! Attacks by the host that a message or a URL names: none, another protocol's, a neighbour's, one
//! that looks like ours.

use super::scene::Scene;
use crate::rig::gits;

/// Immune: a site is found by its host only, and no host is no site (CVE-2020-11008).
#[test]
fn s01_no_host() {
    for scene in Scene::each() {
        scene.is_not_ours("protocol=https\n");
        scene.is_not_ours("protocol=https\npath=acme/widgets.git\n");
    }
}

/// Immune: the empty host equals no site's (CVE-2020-11008).
#[test]
fn s02_empty_host() {
    for scene in Scene::each() {
        scene.is_not_ours("protocol=https\nhost=\n");
    }
}

/// Immune: without `protocol=https` there is no site (CVE-2020-11008).
#[test]
fn s03_no_protocol() {
    for scene in Scene::each() {
        scene.is_not_ours("host=bitbucket.org\n");
        scene.is_not_ours("protocol=\nhost=bitbucket.org\n");
    }
}

/// Immune: what is not encrypted is nobody's site.
#[test]
fn s04_http() {
    for scene in Scene::each() {
        for protocol in ["http", "HTTPS", "https ", "httpss", "ssh", "smtps", "cert"] {
            scene.is_not_ours(format!("protocol={protocol}\nhost=bitbucket.org\n"));
        }
    }
}

/// Immune: the helper itself compares hosts, whole and byte by byte, whatever the
/// configuration says; never by a part, a pattern (Visual Studio Code's
/// `/github\.com/i`) or by how they look (CVE-2024-53858, CVE-2024-37051, the token that
/// GitHub Codespaces gave to every host).
#[test]
fn s07_neighbouring_hosts() {
    for scene in Scene::each() {
        for host in [
            "bitbucket.org.evil.test",
            "evilbitbucket.org",
            "x.bitbucket.org",
            "api.bitbucket.org",
            "bitbucket.org.",
            "evil/.bitbucket.org",
            "evil@bitbucket.org",
            "bitbucket.org@evil",
            "bitbucket.org:8443",
            "bitbucket.org:",
            "bitbucket.org:443x",
            "bitbucket.org:443:443",
            "bitbucket.org:0443",
            "104.192.141.1",
            "[::1]",
            "b\u{131}tbucket.org",
            "xn--btbucket-tkb.org",
            // Cyrillic, full-width, the Kelvin sign, other dots, what is not seen, two letters.
            "bit\u{184}ucket.org",
            "bitbu\u{441}ket.org",
            "bitbucket.\u{43e}rg",
            "\u{ff42}itbucket.org",
            "bitbuc\u{212a}et.org",
            "bitbucket\u{3002}org",
            "bitbucket\u{ff0e}org",
            "bit\u{ad}bucket.org",
            "bitbucket.org\u{200b}",
            "bitbuclcet.org",
            "bitbucket.or\u{261}",
            " bitbucket.org",
            "bitbucket.org ",
            "bitbucket%2eorg",
            "bitbucket_org",
        ] {
            scene.is_not_ours(format!("protocol=https\nhost={host}\n"));
        }
    }
}

/// Immune: what a URL in disguise makes Git ask reaches us as the host it leads to.
#[test]
fn s07_urls_in_disguise() {
    for scene in Scene::each() {
        for git in gits() {
            for url in [
                "https://bitbu\u{441}ket.org/acme/widgets.git",
                "https://bitbucket.org@evil.test/acme/widgets.git",
                "https://evil.test%2f.bitbucket.org/acme/widgets.git",
                "https://evil.test%40bitbucket.org/acme/widgets.git",
                "https://evil.test?@bitbucket.org/acme/widgets.git",
                "https://evil.test#@bitbucket.org/acme/widgets.git",
                "https://bitbucket.org./acme/widgets.git",
                "https:///bitbucket.org/acme/widgets.git",
            ] {
                let finished = scene.git_credential(&git, "fill", &format!("url={url}\n\n"));
                assert!(!finished.success(), "{git} {url}: {finished:#?}");
                assert!(!finished.stdout.contains(&scene.token), "{git} {url}");
                assert!(!finished.stderr.contains("told us to quit"), "{git} {url}");
            }
        }
        assert!(scene.is_kept(&scene.token) && scene.rig.connects().is_empty());
    }
}

/// The same host written otherwise is the same host.
#[test]
fn s08_same_host() {
    for scene in Scene::each() {
        let expected = format!("username=alice\npassword={}\n", scene.token);
        let host = scene.target.host;
        let (name, end) = host.split_once('.').expect("a name with a dot");
        for host in [
            format!("{}.{end}", name.to_uppercase()),
            format!("{host}:443"),
            format!("{}:443", host.to_uppercase()),
        ] {
            let answer = scene.answer(&format!("protocol=https\nhost={host}\n\n"));
            assert_eq!(answer, expected, "{host}");
        }
    }
}
