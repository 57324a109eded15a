//! Faults on purpose: each is what it claims to be, and meets as many requests as asked.

use super::{ALICE, issue, scene};
use crate::rig::curl::{Login, Reply, USER, curl, references};
use crate::rig::tokens::api_token;
use crate::rig::{Certificate, Fault, GIT_SCOPES, Kind, Mood, Rig, Surface, answer};

/// curl's exit codes, as its manual has them.
const BAD_PROTOCOL: i32 = 1;
const NOT_CONNECTED: i32 = 7;
const TIMED_OUT: i32 = 28;
const EMPTY_REPLY: i32 = 52;
const PROXY_REFUSED: i32 = 56;
const BAD_CERTIFICATE: i32 = 60;

/// A scene whose token opens both surfaces.
fn with_token() -> (Rig, String) {
    let rig = scene();
    let token = api_token(1);
    let scopes = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    issue(&rig, Kind::ApiToken, &token, "alice", &scopes);
    (rig, token)
}

fn ask(rig: &Rig, token: &str, surface: Surface, options: &[&str]) -> Reply {
    match surface {
        Surface::Git => {
            let url = references("acme/widgets", true);
            curl(rig, Login::Basic("alice", token), &url, options)
        }
        Surface::Rest => curl(rig, Login::Basic(ALICE, token), USER, options),
        Surface::OAuth => unreachable!("a token opens no page of OAuth"),
        Surface::Lfs => super::lfs::batch(rig, Login::Basic("alice", token), "download", ""),
    }
}

#[test]
fn an_answer_replaces_the_right_one() {
    let (rig, token) = with_token();
    for (surface, other) in [(Surface::Git, Surface::Rest), (Surface::Rest, Surface::Git)] {
        for (fault, status, header) in [
            (Fault::stray_refusal(), 401, "www-authenticate"),
            (Fault::down(), 503, "content-type"),
            (Fault::rate_limited("30"), 429, "retry-after"),
            (
                Fault::Redirect("https://example.com/".to_owned()),
                302,
                "location",
            ),
        ] {
            rig.bitbucket.fail(surface, fault, 2);
            assert_eq!(ask(&rig, &token, other, &[]).status, 200);
            for expected in [status, status, 200] {
                let reply = ask(&rig, &token, surface, &[]);
                assert_eq!(reply.status, expected, "{surface:?}");
                assert!(
                    expected == 200 || reply.header(header).is_some(),
                    "{reply:?}"
                );
            }
        }
    }
}

#[test]
fn some_faults_are_no_answers() {
    let (rig, token) = with_token();
    for surface in [Surface::Git, Surface::Rest] {
        for (fault, exit) in [
            (Fault::Hang, TIMED_OUT),
            (Fault::Drip, TIMED_OUT),
            (Fault::Garbage, BAD_PROTOCOL),
            (Fault::Close, EMPTY_REPLY),
        ] {
            let text = format!("{fault:?}");
            rig.bitbucket.fail(surface, fault, 1);
            let reply = ask(&rig, &token, surface, &["--max-time", "1"]);
            assert_eq!(reply.exit, exit, "{text}");
            assert_eq!(ask(&rig, &token, surface, &[]).status, 200, "after {text}");
        }
    }
}

#[test]
fn a_body_may_be_huge_or_compressed() {
    let (rig, token) = with_token();
    let right = ask(&rig, &token, Surface::Rest, &[]).body;
    rig.bitbucket.fail(Surface::Rest, Fault::HugeBody, 1);
    let reply = ask(&rig, &token, Surface::Rest, &[]);
    assert_eq!((reply.status, reply.body.len()), (200, 64 << 20));
    rig.bitbucket.fail(Surface::Rest, Fault::Gzip, 2);
    let packed = ask(&rig, &token, Surface::Rest, &[]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_ne!(packed.body, right);
    let unpacked = ask(&rig, &token, Surface::Rest, &["--compressed"]);
    assert_eq!(unpacked.body, right);
}

#[test]
fn a_fault_may_wait_for_a_login() {
    let (rig, token) = with_token();
    rig.bitbucket.fail_logins(Surface::Git, Fault::down(), 1);
    let open = references("acme/open", false);
    assert_eq!(curl(&rig, Login::None, &open, &[]).status, 200);
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 503);
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 200);
    rig.bitbucket.fail(Surface::Git, Fault::down(), usize::MAX);
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 503);
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 503);
    rig.bitbucket.recover();
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 200);
}

#[test]
fn the_server_changes_while_it_runs() {
    let (rig, token) = with_token();
    assert_eq!(ask(&rig, &token, Surface::Git, &[]).status, 200);
    rig.bitbucket.revoke(&token);
    let reply = ask(&rig, &token, Surface::Git, &[]);
    assert_eq!(
        (reply.status, &*reply.body),
        (401, answer::NO_ACCESS_OR_GONE)
    );
}

#[test]
fn the_proxy_has_moods() {
    let (rig, token) = with_token();
    let login = Mood::DemandingLogin("user:password".to_owned());
    for (mood, options, exit) in [
        (&login, ["--proxy-user", "user:wrong"], PROXY_REFUSED),
        (&login, ["--proxy-user", "user:password"], 0),
        (&Mood::Refusing(502), ["--max-time", "30"], PROXY_REFUSED),
        (&Mood::Silent, ["--max-time", "1"], TIMED_OUT),
        (&Mood::Serving, ["--max-time", "30"], 0),
    ] {
        rig.proxy.set_mood(mood.clone());
        let reply = ask(&rig, &token, Surface::Rest, &options);
        assert_eq!(reply.exit, exit, "{mood:?}");
        assert_eq!(reply.status, if exit == 0 { 200 } else { 0 }, "{mood:?}");
    }
    assert_eq!(rig.requests().len(), 2);
}

#[test]
fn only_the_right_certificate_is_accepted() {
    let (rig, token) = with_token();
    for certificate in Certificate::ALL {
        rig.bitbucket.world().switches.certificate = certificate;
        for surface in [Surface::Git, Surface::Rest] {
            let reply = ask(&rig, &token, surface, &[]);
            if certificate == Certificate::AsksForOurs {
                assert_ne!(reply.exit, 0);
                continue;
            }
            let right = certificate == Certificate::Right;
            assert_eq!(reply.exit, if right { 0 } else { BAD_CERTIFICATE });
            // Without verification it answers: the fault is the certificate alone.
            let reply = ask(&rig, &token, surface, &["--insecure"]);
            assert_eq!(reply.status, 200, "{certificate:?}");
        }
    }
}

#[test]
fn the_proxy_may_be_down() {
    let (mut rig, token) = with_token();
    rig.set_proxy_down(true);
    assert_eq!(ask(&rig, &token, Surface::Rest, &[]).exit, NOT_CONNECTED);
    rig.set_proxy_down(false);
    assert_eq!(ask(&rig, &token, Surface::Rest, &[]).status, 200);
}

#[test]
fn the_log_has_every_request() {
    let (rig, token) = with_token();
    ask(&rig, &token, Surface::Git, &[]);
    ask(&rig, &token, Surface::Rest, &[]);
    curl(
        &rig,
        Login::Bearer(&token),
        USER,
        &["--user-agent", "git/2.0"],
    );
    let requests = rig.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| {
            let login = request.authorization.as_ref().expect("a login");
            assert_eq!(login.secret, token);
            (&*request.host, &*login.scheme, &*login.user, request.status)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("bitbucket.org", "Basic", "alice", 200),
            ("api.bitbucket.org", "Basic", ALICE, 200),
            ("api.bitbucket.org", "Bearer", "", 401),
        ]
    );
    assert_eq!(requests[0].method, "GET");
    assert_eq!(requests[0].path, "/acme/widgets.git/info/refs");
    assert_eq!(requests[0].query, "service=git-receive-pack");
    assert!(requests[0].user_agent.starts_with("curl/"));
    assert_eq!(rig.requests_not_from_git().len(), 2);
    assert_eq!(
        rig.connects()[..2],
        ["bitbucket.org:443", "api.bitbucket.org:443"]
    );
    rig.forget_requests();
    assert!(rig.requests().is_empty() && rig.connects().is_empty());
}
