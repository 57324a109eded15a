//! What the answers of either surface come to.

use super::*;

/// Only a 403 or 404 is followed by a second question, and a refused token is never sent again.
#[test]
fn what_git_s_surface_answers_is_a_verdict() {
    let one = &[push_by(STATIC)][..];
    let two = &[push_by(STATIC), fetch_by(STATIC)][..];
    let reads_only = || Verdict::Verified(may(YES, NO, None));
    let refused = Verdict::Refused;
    let silent = || unknown(Uncertainty::Unexpected(403));
    for (answers, verdict, asked) in [
        (
            &[SCOPE, FETCH_OK][..],
            Verdict::Lacking(may(YES, NO, None), vec!["write:repository:bitbucket"]),
            two,
        ),
        (&[FORBIDDEN, FETCH_OK], silent(), two),
        (&[FORBIDDEN, REFUSED], refused(Refusal::Invalid), two),
        (&[NO_ACCESS, FETCH_OK], reads_only(), two),
        (&[ABSENT, FETCH_OK], reads_only(), two),
        (&[ABSENT, ABSENT], refused(Refusal::NoAccess), two),
        (
            &[SCOPE, SCOPE],
            Verdict::Lacking(
                // Which of them is missing was not said.
                may(NO, None, None),
                vec!["read:repository:bitbucket", "write:repository:bitbucket"],
            ),
            two,
        ),
        (&[NO_ACCESS, NO_ACCESS], refused(Refusal::NoAccess), two),
        (&[SCOPE, ABSENT], refused(Refusal::NoAccess), two),
        (&[FORBIDDEN, FORBIDDEN], silent(), two),
        (
            &[SCOPE, REFUSED],
            unknown(Uncertainty::Unexpected(401)),
            two,
        ),
        (
            &[SCOPE, TOO_MANY],
            unknown(Uncertainty::TooManyAttempts),
            two,
        ),
        (
            &[SCOPE],
            unknown(Uncertainty::Network(Trouble::TimedOut)),
            two,
        ),
        (&[REFUSED], refused(Refusal::Invalid), one),
        (&[REMOVED], refused(Refusal::AppPasswordRemoved), one),
        (&[ADDRESS], unknown(Uncertainty::AddressNotAllowed), one),
        (&[TWO_STEP], unknown(Uncertainty::TwoStepDemanded), one),
        (&[TOO_MANY], unknown(Uncertainty::TooManyAttempts), one),
        (&[BUSY], server(429, Some(30)), one),
        (&[DOWN], server(503, None), one),
        (&[ELSEWHERE], unknown(Uncertainty::Unexpected(302)), one),
        (&[], unknown(Uncertainty::Network(Trouble::TimedOut)), one),
    ] {
        let found = on_git(Some(Kind::ApiToken), Some(STATIC), answers);
        assert_eq!(found, (verdict, asked.to_vec()), "{answers:?}");
    }
}

pub const ALICE: &str = r#"{"username":"alice","account_id":"1"}"#;
const GRANTED: &str = r#"{"error":{"detail":{"granted":["write:repository:bitbucket"]}}}"#;
const UNNAMED: &str = r#"{"error":{"detail":{"required":["account"]}}}"#;

#[test]
fn what_the_rest_api_answers_is_a_verdict() {
    let read = "read:repository:bitbucket";
    let write = "write:repository:bitbucket";
    for (answer, verdict) in [
        (
            (200, &[][..], ALICE),
            Verdict::Verified(may(None, None, Some("alice"))),
        ),
        (
            (
                200,
                &[(
                    "x-oauth-scopes",
                    "read:repository:bitbucket, write:repository:bitbucket",
                )],
                ALICE,
            ),
            Verdict::Verified(may(YES, YES, Some("alice"))),
        ),
        (
            (
                200,
                &[("x-oauth-scopes", "read:repository:bitbucket")],
                ALICE,
            ),
            Verdict::Lacking(may(YES, NO, Some("alice")), vec![write]),
        ),
        (
            (
                200,
                &[("x-oauth-scopes", "admin:repository:bitbucket")],
                ALICE,
            ),
            Verdict::Lacking(may(NO, NO, Some("alice")), vec![read, write]),
        ),
        (
            (403, &[], GRANTED),
            Verdict::Lacking(may(NO, YES, None), vec![read]),
        ),
        (
            (403, &[], UNNAMED),
            Verdict::Verified(may(None, None, None)),
        ),
        ((403, &[], "<html>"), unknown(Uncertainty::Unexpected(403))),
        ((401, &[], ""), Verdict::Refused(Refusal::AddressOrToken)),
        (
            (401, &[], "Access token expired."),
            Verdict::Refused(Refusal::Expired),
        ),
    ] {
        let found = on_rest(
            Kind::ApiToken,
            Some("bob"),
            Some("alice@example.test"),
            &[answer],
        );
        let asked = vec!["https://api.bitbucket.org/2.0/user alice@example.test".to_owned()];
        assert_eq!(found, (verdict, asked), "{answer:?}");
    }
}

#[test]
fn rest_takes_each_kind_by_its_scheme() {
    let token = (
        403,
        &[
            ("x-credential-type", "project_access_token"),
            ("x-oauth-scopes", "repository"),
        ][..],
        "",
    );
    let (verdict, asked) = on_rest(Kind::AccessToken, None, None, &[token]);
    assert_eq!(asked, ["https://api.bitbucket.org/2.0/user Bearer"]);
    let accepted = Accepted {
        holder: Some(Holder::Project),
        ..may(YES, NO, None)
    };
    assert_eq!(
        verdict,
        Verdict::Lacking(accepted, vec!["repository:write"])
    );

    let normal = (403, &[][..], r#"{"type":"error","error":{"message":"x"}}"#);
    let (verdict, _) = on_rest(Kind::AccessToken, None, None, &[normal]);
    assert_eq!(verdict, Verdict::Verified(may(None, None, None)));
    // A gateway's word is none of Bitbucket's.
    let (verdict, _) = on_rest(Kind::AccessToken, None, None, &[FORBIDDEN]);
    assert_eq!(verdict, unknown(Uncertainty::Unexpected(403)));

    let (verdict, asked) = on_rest(Kind::AppPassword, Some("alice"), None, &[(401, &[], "")]);
    assert_eq!(asked, ["https://api.bitbucket.org/2.0/user alice"]);
    assert_eq!(verdict, Verdict::Refused(Refusal::Invalid));

    for (kind, username) in [
        (Kind::ApiToken, Some("alice")),
        (Kind::AppPassword, None),
        (Kind::AppPassword, Some("x-token-auth")),
    ] {
        let found = on_rest(kind, username, None, &[]);
        assert_eq!(found, (unknown(Uncertainty::NothingToAsk), vec![]));
    }
}
