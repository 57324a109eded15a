//! Verifying over real TLS: each state of Bitbucket and each fault on the way becomes
//! the right verdict, and nothing is asked twice or elsewhere.

mod rig;

use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::bitbucket::verify::{LONGEST_VERIFICATION, verify_by};
use git_credential_bitbucket::bitbucket::{
    Accepted, Candidate, Holder, Kind, Refusal, Repository, Rights, Uncertainty, Verdict,
};
use git_credential_bitbucket::network::{Settings, Sources, Trouble};
use git_credential_bitbucket::secret::Secret;
use rig::{Credential, Demand, Fault, GIT_SCOPES, Mood, Rig, State, Surface, tokens};
use std::time::{Duration, Instant};

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

/// What a person has and says.
#[derive(Clone, Copy)]
struct Typed<'a> {
    kind: Option<Kind>,
    secret: &'a str,
    username: Option<&'a str>,
    email: Option<&'a str>,
    repository: Option<&'a str>,
    patience: Duration,
}

impl<'a> Typed<'a> {
    fn new(kind: Kind, secret: &'a str) -> Self {
        Self {
            kind: Some(kind),
            secret,
            username: None,
            email: None,
            repository: None,
            patience: LONGEST_VERIFICATION,
        }
    }

    fn api(secret: &'a str) -> Self {
        Self::new(Kind::ApiToken, secret)
    }

    fn by(self, username: &'a str) -> Self {
        Self {
            username: Some(username),
            ..self
        }
    }

    fn at(self, email: &'a str) -> Self {
        Self {
            email: Some(email),
            ..self
        }
    }

    /// For `acme/widgets`.
    fn here(self) -> Self {
        self.for_repository("acme/widgets")
    }

    fn for_repository(self, repository: &'a str) -> Self {
        Self {
            repository: Some(repository),
            ..self
        }
    }

    fn verify(self, rig: &Rig) -> Verdict {
        let (proxy, authority) = (rig.proxy.url(), rig.home.authority().display().to_string());
        self.verify_with(&[("proxy", &proxy), ("sslcainfo", &authority)])
    }

    /// With these settings of Git and none of whoever runs the tests.
    fn verify_with(self, settings: &[(&str, &str)]) -> Verdict {
        let configured = |key: &str| {
            let found = settings.iter().find(|(known, _)| *known == key)?;
            Some(found.1.to_owned())
        };
        let sources = Sources {
            configured: &configured,
            environment: &|_| None,
        };
        let repository = self.repository.and_then(Repository::from_path);
        verify_by(
            &Candidate {
                site: &CLOUD,
                kind: self.kind,
                secret: &Secret::copy_of(self.secret.as_bytes()),
                username: self.username,
                email: self.email,
                repository: repository.as_ref(),
            },
            &|url| Settings::resolve(url, &sources),
            Instant::now() + self.patience,
        )
    }
}

fn may(read: Option<bool>, write: Option<bool>, username: Option<&str>) -> Accepted {
    Accepted {
        rights: Rights { read, write },
        username: username.map(str::to_owned),
        holder: None,
    }
}

fn trouble(trouble: Trouble) -> Verdict {
    Verdict::Unknown(Uncertainty::Network(trouble))
}

fn server(status: u16, retry_after: Option<u64>) -> Verdict {
    Verdict::Unknown(Uncertainty::Server {
        status,
        retry_after,
    })
}

/// Another API token of alice's.
fn issue(rig: &Rig, seed: u64, scopes: &[&'static str]) -> String {
    let token = tokens::api_token(seed);
    rig.bitbucket.issue(Credential::new(
        rig::Kind::ApiToken,
        &token,
        "alice",
        scopes,
    ));
    token
}

#[test]
fn an_api_token_is_verified_where_git_will_use_it() {
    let (rig, token) = Rig::with_alice();
    for (username, asked, known) in [
        (None, 1, None),
        (Some("alice"), 2, Some("alice")),
        (Some("x-bitbucket-api-token-auth"), 1, None),
        (Some("former-name"), 2, None),
    ] {
        rig.bitbucket.expect_name("former-name");
        rig.forget_requests();
        let verdict = Typed {
            username,
            ..Typed::api(&token).here()
        }
        .verify(&rig);
        assert_eq!(verdict, Verdict::Verified(may(None, YES, known)));
        assert_eq!(rig.requests().len(), asked, "{username:?}");
        assert_eq!(rig.connects(), ["bitbucket.org:443"], "one connection");
    }
    let agent = concat!("git-credential-bitbucket/", env!("CARGO_PKG_VERSION"));
    assert!(
        rig.requests()
            .iter()
            .all(|request| request.user_agent == agent)
    );
}

#[test]
fn missing_scopes_are_found_on_git_s_surface() {
    let (rig, _) = Rig::with_alice();
    let [read, write] = GIT_SCOPES;
    let read_only = issue(&rig, 2, &[read]);
    let write_only = issue(&rig, 3, &[write]);
    let none = issue(&rig, 4, &[]);
    let both = vec![read, write];
    for (token, verdict, asked) in [
        (&read_only, Verdict::Verified(may(YES, NO, None)), 2),
        (&write_only, Verdict::Lacking(may(NO, NO, None), both), 2),
        (&none, Verdict::Refused(Refusal::Invalid), 1),
    ] {
        rig.forget_requests();
        assert_eq!(Typed::api(token).by("alice").here().verify(&rig), verdict);
        assert_eq!(rig.requests().len(), asked, "{verdict:?}");
    }
}

#[test]
fn a_refusal_says_why_and_is_final() {
    let (rig, token) = Rig::with_alice();
    let [revoked, expired] = [2, 3].map(|seed| issue(&rig, seed, &GIT_SCOPES));
    rig.bitbucket.revoke(&revoked);
    rig.bitbucket.set_state(&expired, State::Expired);
    let app = tokens::app_password(1);
    let old = tokens::old_app_password(1);
    for secret in [&app, &old] {
        rig.bitbucket.issue(Credential::new(
            rig::Kind::AppPassword,
            secret,
            "alice",
            &["Repositories: Write"],
        ));
    }
    rig.bitbucket
        .add_user("bob", "bob@example.com", "correct-horse-battery");
    let unknown = tokens::api_token(9);
    let password = Typed {
        kind: None,
        ..Typed::api("correct-horse-battery").by("bob")
    };
    let app_password = |secret| Typed::new(Kind::AppPassword, secret).by("alice");
    for (typed, refusal) in [
        (Typed::api(&unknown).here(), Refusal::Invalid),
        (Typed::api(&revoked).here(), Refusal::Invalid),
        (Typed::api(&expired).here(), Refusal::Invalid),
        (app_password(&app).here(), Refusal::AppPasswordRemoved),
        (app_password(&old).here(), Refusal::AppPasswordRemoved),
        (app_password(&app), Refusal::Invalid),
        (password.here(), Refusal::AccountPassword),
        (password, Refusal::AccountPassword),
        (Typed::api(&token).at("bob@example.com"), Refusal::Invalid),
        (
            Typed::api(&revoked).at("alice@example.com"),
            Refusal::Invalid,
        ),
    ] {
        rig.forget_requests();
        assert_eq!(typed.verify(&rig), Verdict::Refused(refusal));
        assert_eq!(rig.requests().len(), 1, "{refusal:?}");
    }
}

/// Whoever may not push may still read: both are asked for before a repository counts
/// as hidden, whether Bitbucket says 403 or 404.
#[test]
fn a_repository_may_be_hidden_or_for_reading_only() {
    let (rig, token) = Rig::with_alice();
    let (private, public) = (rig::Repository::private(), rig::Repository::public());
    rig.bitbucket.add_repository("acme/hidden", private.clone());
    rig.bitbucket
        .add_repository("acme/shown", private.reader("alice"));
    rig.bitbucket.add_repository("acme/public", public);
    let reads = || Verdict::Verified(may(YES, NO, None));
    for status in [403, 404] {
        rig.bitbucket.world().switches.no_access_status = status;
        for (repository, verdict) in [
            ("acme/hidden", Verdict::Refused(Refusal::NoAccess)),
            ("acme/absent", Verdict::Refused(Refusal::NoAccess)),
            ("acme/shown", reads()),
            ("acme/public", reads()),
        ] {
            rig.forget_requests();
            let typed = Typed::api(&token).for_repository(repository);
            assert_eq!(typed.verify(&rig), verdict, "{status} {repository}");
            assert_eq!(rig.requests().len(), 2);
        }
    }
    let unknown = tokens::api_token(9);
    let verdict = Typed::api(&unknown)
        .for_repository("acme/public")
        .verify(&rig);
    assert_eq!(
        verdict,
        Verdict::Refused(Refusal::Invalid),
        "public is no proof"
    );
}

#[test]
fn an_app_password_that_the_server_still_takes_is_verified() {
    let (rig, _) = Rig::with_alice();
    rig.bitbucket.world().switches.app_passwords_removed = false;
    let password = tokens::app_password(1);
    rig.bitbucket.issue(Credential::new(
        rig::Kind::AppPassword,
        &password,
        "alice",
        &["Repositories: Read"],
    ));
    let typed = Typed::new(Kind::AppPassword, &password).by("alice");
    let read_only = || may(YES, NO, Some("alice"));
    assert_eq!(typed.here().verify(&rig), Verdict::Verified(read_only()));
    // The refusal of the REST API names the scopes, but not the account.
    let lacking = Verdict::Lacking(may(YES, NO, None), vec!["Repositories: Write"]);
    assert_eq!(typed.verify(&rig), lacking);
}

#[test]
fn an_access_token_is_verified_with_and_without_a_repository() {
    let (rig, _) = Rig::with_alice();
    rig.bitbucket
        .add_repository("acme/gadgets", rig::Repository::private().in_project("P"));
    for (seed, kind, owner, holder) in [
        (
            1,
            rig::Kind::RepositoryToken,
            "acme/gadgets",
            Holder::Repository,
        ),
        (2, rig::Kind::ProjectToken, "P", Holder::Project),
        (3, rig::Kind::WorkspaceToken, "acme", Holder::Workspace),
    ] {
        let token = tokens::access_token(seed);
        let scopes = ["repository:write"];
        rig.bitbucket
            .issue(Credential::new(kind, &token, owner, &scopes));
        let typed = Typed::new(Kind::AccessToken, &token).by("alice");
        let verdict = typed.for_repository("acme/gadgets").verify(&rig);
        assert_eq!(verdict, Verdict::Verified(may(YES, YES, None)), "{kind:?}");
        let bound = Accepted {
            holder: Some(holder),
            ..may(YES, YES, None)
        };
        assert_eq!(typed.verify(&rig), Verdict::Verified(bound), "{kind:?}");
    }
    rig.bitbucket.world().switches.scope_headers = false;
    rig.bitbucket.world().switches.scope_detail = rig::world::Detail::Missing;
    let token = tokens::access_token(1);
    let verdict = Typed::new(Kind::AccessToken, &token).verify(&rig);
    assert_eq!(
        verdict,
        Verdict::Verified(may(None, None, None)),
        "not said is not denied"
    );
}

#[test]
fn without_a_repository_the_rest_api_tells_the_name_and_the_scopes() {
    let (rig, git_only) = Rig::with_alice();
    let [read, write] = GIT_SCOPES;
    let user = "read:user:bitbucket";
    let full = issue(&rig, 2, &[read, write, user]);
    let read_only = issue(&rig, 3, &[read, user]);
    let admin = issue(&rig, 4, &["admin:repository:bitbucket"]);
    let lacking = |accepted, missing: &[&'static str]| Verdict::Lacking(accepted, missing.into());
    for (token, verdict) in [
        (&full, Verdict::Verified(may(YES, YES, Some("alice")))),
        (&git_only, Verdict::Verified(may(YES, YES, None))),
        (&read_only, lacking(may(YES, NO, Some("alice")), &[write])),
        (&admin, lacking(may(NO, NO, None), &[read, write])),
    ] {
        rig.forget_requests();
        let found = Typed::api(token).at("alice@example.com").verify(&rig);
        assert_eq!(found, verdict);
        assert_eq!(rig.connects(), ["api.bitbucket.org:443"]);
        assert_eq!(rig.requests().len(), 1);
    }
    rig.forget_requests();
    let nothing = Verdict::Unknown(Uncertainty::NothingToAsk);
    assert_eq!(Typed::api(&full).by("alice").verify(&rig), nothing);
    assert!(rig.connects().is_empty());
}

#[test]
fn what_the_workspace_demands_says_nothing_of_the_token() {
    let (rig, token) = Rig::with_alice();
    let ask = || Typed::api(&token).by("alice").here().verify(&rig);
    for (demand, expected) in [
        (Demand::AllowedAddress, Uncertainty::AddressNotAllowed),
        (Demand::TwoStepVerification, Uncertainty::TwoStepDemanded),
    ] {
        rig.bitbucket.world().switches.demand = Some(demand);
        assert_eq!(ask(), Verdict::Unknown(expected));
    }
    for status in [403, 429] {
        rig.forget_requests();
        rig.bitbucket.world().switches.too_many_failures = Some(status);
        assert_eq!(ask(), Verdict::Unknown(Uncertainty::TooManyAttempts));
        assert_eq!(rig.requests().len(), 1, "stopped at once");
    }
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
        let typed = match surface {
            Surface::Git => typed.here(),
            Surface::Rest => typed,
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
    rig.forget_requests();
    let off = [("proxy", &*proxy), ("sslverify", "false")];
    assert_eq!(
        typed.verify_with(&off),
        trouble(Trouble::VerificationDisabled)
    );
    assert!(rig.connects().is_empty(), "nothing is sent");
}
