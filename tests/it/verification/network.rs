//! Verifying over real TLS: each state of a credential, a repository and a workspace
//! becomes the right verdict, and nothing is asked twice or elsewhere.

use super::Typed;
use crate::rig::{self, Credential, Demand, GIT_SCOPES, Rig, State, tokens};
use git_credential_bitbucket::bitbucket::{
    Accepted, Holder, Kind, Refusal, Rights, Uncertainty, Verdict,
};

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

fn may(read: Option<bool>, write: Option<bool>, username: Option<&str>) -> Accepted {
    Accepted {
        rights: Rights { read, write },
        username: username.map(str::to_owned),
        denied: false,
        holder: None,
    }
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
        let expected = Accepted {
            denied: username == Some("former-name"),
            ..may(None, YES, known)
        };
        assert_eq!(verdict, Verdict::Verified(expected));
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
        (
            &read_only,
            Verdict::Lacking(may(YES, NO, Some("alice")), vec![write]),
            2,
        ),
        (&write_only, Verdict::Lacking(may(NO, None, None), both), 2),
        (&none, Verdict::Refused(Refusal::Invalid), 1),
    ] {
        rig.forget_requests();
        assert_eq!(Typed::api(token).by("alice").here().verify(&rig), verdict);
        assert_eq!(rig.requests().len(), asked, "{verdict:?}");
    }
}

#[test]
fn a_refusal_says_why() {
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
        (
            Typed::api(&token).at("bob@example.com"),
            Refusal::AddressOrToken,
        ),
        (
            Typed::api(&revoked).at("alice@example.com"),
            Refusal::AddressOrToken,
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
    let lacking = |username| Verdict::Lacking(may(YES, NO, username), vec!["Repositories: Write"]);
    assert_eq!(typed.here().verify(&rig), lacking(Some("alice")));
    // The refusal of the REST API names the scopes, but not the account.
    assert_eq!(typed.verify(&rig), lacking(None));
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
        let bound = Verdict::Verified(Accepted {
            holder: Some(holder),
            ..may(YES, YES, None)
        });
        let verdict = typed.for_repository("acme/gadgets").verify(&rig);
        assert_eq!(verdict, bound, "{kind:?}");
        assert_eq!(typed.verify(&rig), bound, "{kind:?}");
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
