//! Verifying when something is wrong on the way: the verdict says what, nothing is asked
//! twice or elsewhere, and the credential is neither praised nor blamed.

use super::Typed;
use crate::rig::{Fault, Mood, Rig, Surface};
use git_credential_bitbucket::bitbucket::{Uncertainty, Verdict};
use git_credential_bitbucket::network::Trouble;
use std::time::Duration;

fn trouble(trouble: Trouble) -> Verdict {
    Verdict::Unknown(Uncertainty::Network(trouble))
}

fn server(status: u16, retry_after: Option<u64>) -> Verdict {
    Verdict::Unknown(Uncertainty::Server {
        status,
        retry_after,
    })
}

#[test]
fn a_server_s_fault_says_nothing_of_the_token() {
    let (rig, token) = Rig::with_alice();
    let unexpected = |status| Verdict::Unknown(Uncertainty::Unexpected(status));
    for (surface, typed) in [
        (Surface::Git, Typed::api(&token).here()),
        (Surface::Rest, Typed::api(&token).at("alice@example.com")),
    ] {
        for (fault, verdict) in [
            (Fault::down(), server(503, None)),
            (Fault::status(500, "{\"error\": 1}"), server(500, None)),
            (Fault::rate_limited("30"), server(429, Some(30))),
            (
                Fault::Redirect("https://evil.test/".to_owned()),
                unexpected(302),
            ),
            (Fault::Garbage, trouble(Trouble::Broken)),
            (Fault::Close, trouble(Trouble::Broken)),
            (Fault::HugeBody, unexpected(200)),
            (Fault::status(200, "<html>Please log in"), unexpected(200)),
        ] {
            rig.forget_requests();
            rig.bitbucket.fail(surface, fault.clone(), 1);
            assert_eq!(typed.verify(&rig), verdict, "{surface:?} {fault:?}");
            assert_eq!(rig.requests().len(), 1, "asked once: {fault:?}");
            assert_eq!(rig.connects().len(), 1, "one host: {fault:?}");
        }
    }
}

#[test]
fn whoever_keeps_us_waiting_is_left() {
    let (rig, token) = Rig::with_alice();
    for (surface, fault) in [
        (Surface::Git, Fault::Hang),
        (Surface::Git, Fault::Drip),
        (Surface::Rest, Fault::Drip),
    ] {
        rig.bitbucket.fail(surface, fault, 1);
        let typed = Typed {
            patience: Duration::from_secs(1),
            ..Typed::api(&token).at("alice@example.com")
        };
        let typed = if surface == Surface::Git {
            typed.here()
        } else {
            typed
        };
        assert_eq!(typed.verify(&rig), trouble(Trouble::TimedOut));
    }
}

#[test]
fn the_proxy_is_named_when_it_is_the_proxy() {
    let (rig, token) = Rig::with_alice();
    let typed = Typed::api(&token).here();
    rig.proxy
        .set_mood(Mood::DemandingLogin("alice:p@ss".to_owned()));
    assert_eq!(typed.verify(&rig), trouble(Trouble::ProxyLogin));
    let authority = &rig.home.authority().display().to_string();
    let url = rig.proxy.url().replace("http://", "http://alice:p%40ss@");
    let verdict = typed.verify_with(&[("proxy", &url), ("sslcainfo", authority)]);
    assert!(verdict.accepted().is_some(), "{verdict:?}");
    assert_eq!(rig.requests().len(), 1, "the login is for the proxy alone");

    // A socket that is bound and does not listen: nobody else can get its port.
    let silent = tokio::net::TcpSocket::new_v4().unwrap();
    silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refusing = format!("http://{}", silent.local_addr().unwrap());
    for proxy in [&refusing, "http://no-such-proxy.invalid:1"] {
        let verdict = typed.verify_with(&[("proxy", proxy), ("sslcainfo", authority)]);
        assert_eq!(verdict, trouble(Trouble::ProxyUnreachable), "{proxy}");
    }
}

#[test]
fn only_the_configured_authority_is_trusted() {
    let (rig, token) = Rig::with_alice();
    let typed = Typed::api(&token).here();
    let other = Rig::new();
    let proxy = rig.proxy.url();
    let with = |key, path: &std::path::Path| {
        typed.verify_with(&[("proxy", &proxy), (key, &path.display().to_string())])
    };
    let untrusted = trouble(Trouble::UntrustedCertificate);
    assert_eq!(with("sslcainfo", &other.home.authority()), untrusted);
    // A folder holds many files, and not all of them are certificates.
    assert!(with("sslcapath", rig.home.path()).accepted().is_some());
    assert_eq!(with("sslcapath", other.home.path()), untrusted);
    for path in ["work", "absent", ".gitconfig"] {
        let path = rig.home.path().join(path);
        let bad = Trouble::BadSetting(format!("no certificates in {}", path.display()));
        assert_eq!(with("sslcainfo", &path), trouble(bad));
    }
    // Git takes a folder without certificates for one that adds nothing.
    let empty = rig.home.work();
    let bad = Trouble::BadSetting(format!("no certificates in {}", empty.display()));
    assert_eq!(with("sslcapath", &empty), trouble(bad));
    let both = [
        ("proxy", &*proxy),
        ("sslcainfo", &rig.home.authority().display().to_string()),
        ("sslcapath", &empty.display().to_string()),
    ];
    assert!(typed.verify_with(&both).accepted().is_some());
    rig.forget_requests();
    let off = [("proxy", &*proxy), ("sslverify", "false")];
    assert_eq!(
        typed.verify_with(&off),
        trouble(Trouble::VerificationDisabled)
    );
    assert!(rig.connects().is_empty(), "nothing is sent");
}
