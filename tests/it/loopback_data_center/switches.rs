//! What an administrator switches, and what else stands between a client and Bitbucket.

use super::{BASE, PROPERTIES, Scene, TOKEN_NAME};
use crate::rig::curl::{Login, batch, curl, granted};
use crate::rig::data_center::answer::{BASIC_OFF, LICENCE_EXPIRED};
use crate::rig::data_center::world::{Limit, Outage};
use crate::rig::data_center::{Gateway, InBand};

#[test]
fn basic_off() {
    let scene = Scene::new();
    scene.server.world().switches.basic = false;
    for login in [
        Login::Basic("jdoe", &scene.user),
        Login::Basic("jdoe", "correct horse"),
        Login::Basic(TOKEN_NAME, &scene.repository),
        Login::Basic("jdoe", "wrong"),
    ] {
        let reply = scene.ask_git(login, false);
        assert_eq!((reply.status, &*reply.body), (403, BASIC_OFF));
        let reply = scene.ask_rest(login, PROPERTIES);
        assert_eq!(reply.status, 403);
        assert_eq!(reply.json()["errors"][0]["message"], BASIC_OFF);
        assert_eq!(reply.header("x-ausername"), None);
    }
    let login = Login::Bearer(&scene.user);
    assert_eq!(scene.ask_git(login, true).status, 200);
    let reply = scene.ask_rest(login, PROPERTIES);
    assert_eq!(reply.header("x-ausername"), Some("jdoe"));
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

#[test]
fn a_limit_for_each_user() {
    let scene = Scene::new();
    for retry_after in [None, Some(5)] {
        let limit = Limit {
            size: 2,
            retry_after,
        };
        scene.server.world().switches.limit = Some(limit);
        scene.server.world().spent.clear();
        let login = Login::Bearer(&scene.user);
        assert_eq!(scene.ask_git(login, false).status, 200);
        assert_eq!(scene.ask_rest(login, PROPERTIES).status, 200);
        for reply in [
            scene.ask_git(login, true),
            scene.ask_git(Login::Basic("jdoe", &scene.user), false),
            scene.ask_rest(login, PROPERTIES),
        ] {
            assert_eq!(reply.status, 429);
            let seconds = retry_after.map(|seconds: u32| seconds.to_string());
            assert_eq!(reply.header("retry-after"), seconds.as_deref());
        }
        assert_eq!(
            scene.ask_git(Login::Bearer(&scene.project), false).status,
            200
        );
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

#[test]
fn an_expired_licence_refuses_pushes() {
    let scene = Scene::new();
    let login = Login::Bearer(&scene.user);
    for (how, status) in [(InBand::Yes, 200), (InBand::No, 403)] {
        scene.server.world().switches.licence_expired = Some(how);
        let reply = scene.ask_git(login, true);
        assert_eq!(reply.status, status);
        assert!(reply.body.contains(LICENCE_EXPIRED));
        assert!(scene.ask_git(login, false).body.contains("refs/heads"));
        assert_eq!(scene.ask_rest(login, PROPERTIES).status, 200);
    }
}

/// Nobody is signed in, nothing is counted.
#[test]
fn what_answers_in_place_of_bitbucket() {
    let scene = Scene::new();
    let rows = [
        (Some(Gateway::Redirecting), None, 302),
        (Some(Gateway::Showing), None, 200),
        (None, Some(Outage::Unavailable), 503),
        (None, Some(Outage::Page), 200),
    ];
    for (gateway, outage, status) in rows {
        scene.server.world().switches.gateway = gateway;
        scene.server.world().switches.outage = outage;
        for login in [Login::None, Login::Basic("jdoe", "wrong")] {
            for reply in [
                scene.ask_git(login, true),
                scene.ask_rest(login, PROPERTIES),
            ] {
                assert_eq!(reply.status, status, "{gateway:?} {outage:?}");
                let is_page = reply.body.contains("<html>");
                assert_eq!(is_page, status == 200);
                let own = reply.header("x-arequestid").is_some();
                assert_eq!(own, gateway.is_none());
                let to = reply.header("location");
                assert_eq!(to.is_some(), status == 302);
            }
        }
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

#[test]
fn a_mirror_is_read_only_and_knows_nobody_at_rest() {
    let scene = Scene::new();
    let mirror = scene
        .rig
        .start_mirror(&scene.server, "https://mirror.acme.example");
    for login in [
        Login::Bearer(&scene.user),
        Login::Basic("jdoe", &scene.user),
    ] {
        let ask = |url: &str| curl(&scene.rig, login, url, &[]);
        let reply = ask(&mirror.references("acme/widgets", false));
        assert!(reply.body.contains("refs/heads/main"));
        assert_eq!(ask(&mirror.references("acme/widgets", true)).status, 403);
        let reply = ask(&mirror.rest(PROPERTIES));
        assert_eq!(reply.status, 401);
        let realm = "OAuth realm=\"https%3A%2F%2Fmirror.acme.example\"";
        assert_eq!(reply.header("www-authenticate"), Some(realm));
        assert_eq!(reply.header("x-ausername"), Some("jdoe"));
    }
    // The primary learns of what failed at the mirror.
    let url = mirror.references("acme/widgets", false);
    let wrong = Login::Basic("jdoe", "wrong");
    assert_eq!(curl(&scene.rig, wrong, &url, &[]).status, 401);
    assert_eq!(scene.server.failed_logins("wrong"), 1);
}

#[test]
fn large_objects_lie_at_the_same_address() {
    let scene = Scene::new();
    let remote = scene.server.remote("ACME/widgets");
    let login = Login::Bearer(&scene.user);
    let ask = |login, operation| batch(&scene.rig, login, &remote, operation, "large");
    let (url, grant) = granted(&ask(login, "upload"), "upload");
    assert!(url.starts_with(&format!("{BASE}/rest/git-lfs/storage/acme/widgets/")));
    let put = ["--request", "PUT", "--data-binary", "large"];
    assert_eq!(
        curl(&scene.rig, Login::Bearer(&grant), &url, &put).status,
        200
    );
    let (url, grant) = granted(&ask(login, "download"), "download");
    let reply = curl(&scene.rig, Login::Bearer(&grant), &url, &[]);
    assert_eq!((reply.status, &*reply.body), (200, "large"));
    for (login, status) in [
        (Login::None, 401),
        (Login::Basic("jdoe", "wrong"), 401),
        (Login::Basic(TOKEN_NAME, &scene.repository), 200),
    ] {
        assert_eq!(ask(login, "download").status, status);
    }
    scene.server.demand_captcha("jdoe");
    let reply = ask(login, "download");
    assert!(
        reply.status == 401 && reply.body.contains("Captcha"),
        "{reply:?}"
    );
}
