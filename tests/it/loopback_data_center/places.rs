//! Where a Data Center may be: any host, port and path, with TLS or without.

use super::{PROPERTIES, Scene};
use crate::rig::curl::{Login, curl};
use crate::rig::{Certificate, Repository, Rig, gits};

const PLACES: [&str; 6] = [
    "https://git.acme.example",
    "https://git.acme.example/bitbucket",
    "https://git.acme.example:8443",
    "https://git.acme.example:8443/a/b",
    "http://git.acme.example:7990/bitbucket",
    "http://localhost:7990",
];

#[test]
fn every_place_answers_git_and_rest() {
    for base in PLACES {
        let scene = Scene::at(base);
        assert_eq!(scene.server.url(), base);
        let login = Login::Bearer(&scene.user);
        let reply = scene.ask_rest(login, PROPERTIES);
        assert_eq!(reply.header("x-ausername"), Some("jdoe"), "{base}");
        let git = &gits()[0];
        let url = scene.server.remote("acme/widgets");
        let header = format!("http.extraHeader=Authorization: Bearer {}", scene.user);
        let run = |arguments: &[&str]| {
            let arguments = [&["-c", &header], arguments].concat();
            scene.rig.git(git, &arguments).expect_success();
        };
        run(&["clone", &url, "tree"]);
        run(&["-C", "tree", "commit", "--allow-empty", "--message=one"]);
        run(&["-C", "tree", "push"]);
        let host = base.split('/').nth(2).expect("a host");
        for connect in scene.rig.connects() {
            let port = connect.strip_prefix(host).expect("the same host");
            assert!(port.is_empty() || port == ":443", "{base}: {connect}");
        }
        scene.rig.finish();
    }
}

/// Nothing of one is known to the other, and Bitbucket Cloud stands beside them.
#[test]
fn several_are_several() {
    let (rig, server, token) = Rig::with_data_center("https://git.acme.example");
    let other = rig.start_data_center("https://git.acme.example:8443");
    other.add_repository("acme/widgets", Repository::private());
    let login = Login::Bearer(&token);
    let ask = |url: &str| curl(&rig, login, url, &[]).status;
    assert_eq!(ask(&server.references("acme/widgets", true)), 200);
    assert_eq!(ask(&other.references("acme/widgets", true)), 401);
    assert_eq!(server.failed_logins(&token), 0);
    assert_eq!(other.failed_logins(&token), 1);
    assert_eq!(
        ask("https://bitbucket.org/acme/widgets.git/info/refs?service=git-upload-pack"),
        401
    );
    let hosts: Vec<_> = rig.requests().into_iter().map(|it| it.host).collect();
    assert_eq!(
        hosts,
        ["git.acme.example", "git.acme.example:8443", "bitbucket.org"]
    );
}

#[test]
fn its_certificate_is_its_own() {
    let (rig, server, token) = Rig::with_data_center("https://git.acme.example");
    for certificate in Certificate::ALL {
        server.world().switches.certificate = certificate;
        let url = server.references("acme/widgets", false);
        let reply = curl(&rig, Login::Bearer(&token), &url, &[]);
        let right = certificate == Certificate::Right;
        assert_eq!(reply.status == 200, right, "{certificate:?}");
    }
}
