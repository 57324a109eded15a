//! Every order of questions, with answers from a list instead of a network.

mod answers;
mod data_center;

use super::*;
use crate::bitbucket::kind::Holder;
use crate::bitbucket::site::CLOUD;
use crate::bitbucket::{Accepted, Repository, Rights};
use crate::secret::Secret;

const TOKEN: &str = "a-secret";

/// One canned answer: status, headers, body.
type Canned = (u16, &'static [(&'static str, &'static str)], &'static str);

const PUSH_OK: Canned = (
    200,
    &[(
        "content-type",
        "application/x-git-receive-pack-advertisement",
    )],
    "001f# service=git-receive-pack\n0000",
);
const FETCH_OK: Canned = (
    200,
    &[(
        "content-type",
        "application/x-git-upload-pack-advertisement",
    )],
    "001e# service=git-upload-pack\n0000",
);
const REFUSED: Canned = (401, &[], "You may not have access to this repository");
const SCOPE: Canned = (
    403,
    &[],
    "Your credentials lack one or more required privilege scopes.",
);
const NO_ACCESS: Canned = (
    403,
    &[],
    "The requested repository either does not exist or you do not have access.",
);
const FORBIDDEN: Canned = (403, &[], "");
const ABSENT: Canned = (404, &[], "");
const ADDRESS: Canned = (403, &[], "an admin must whitelist your IP.");
const TWO_STEP: Canned = (403, &[], "enable two-step authentication.");
const TOO_MANY: Canned = (403, &[], "Too many failed authentication attempts.");
const REMOVED: Canned = (410, &[], "CHANGE-3222 - Functionality has been deprecated");
const BUSY: Canned = (429, &[("retry-after", "30")], "");
const DOWN: Canned = (503, &[], "");
const ELSEWHERE: Canned = (302, &[("location", "https://evil.test/")], "");

/// The questions of a verification as one line each: surface, path and who asks.
fn try_out(candidate: &Candidate<'_>, answers: &[Canned]) -> (Verdict, Vec<String>) {
    try_out_with(verify_with, candidate, answers)
}

fn try_out_with(
    find_out: fn(&Candidate<'_>, &mut Ask<'_>) -> Verdict,
    candidate: &Candidate<'_>,
    answers: &[Canned],
) -> (Verdict, Vec<String>) {
    let mut answers = answers.iter();
    let mut asked = Vec::new();
    let verdict = find_out(candidate, &mut |question| {
        let who = match question.authorization {
            Authorization::Basic(name, secret) => {
                assert!(secret == candidate.secret);
                name.to_owned()
            }
            Authorization::Bearer(secret) => {
                assert!(secret == candidate.secret);
                "Bearer".to_owned()
            }
            Authorization::Nobody => "nobody".to_owned(),
        };
        asked.push(format!("{} {who}", question.url));
        let (status, headers, body) = answers.next().ok_or(Trouble::TimedOut)?;
        Ok(Response {
            status: *status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: (*body).into(),
        })
    });
    assert_eq!(
        answers.len(),
        0,
        "not every answer was asked for: {asked:?}"
    );
    (verdict, asked)
}

fn with<T>(
    kind: Option<Kind>,
    username: Option<&str>,
    email: Option<&str>,
    repository: Option<&Repository>,
    go: impl FnOnce(&Candidate<'_>) -> T,
) -> T {
    go(&Candidate {
        site: &CLOUD,
        kind,
        secret: &Secret::copy_of(TOKEN.as_bytes()),
        username,
        email,
        repository,
    })
}

/// Verifies on Git's surface of `acme/widgets`.
fn on_git(
    kind: Option<Kind>,
    username: Option<&str>,
    answers: &[Canned],
) -> (Verdict, Vec<String>) {
    let repository = Repository::from_path("acme/widgets");
    with(kind, username, None, repository.as_ref(), |candidate| {
        try_out(candidate, answers)
    })
}

fn on_rest(
    kind: Kind,
    username: Option<&str>,
    email: Option<&str>,
    answers: &[Canned],
) -> (Verdict, Vec<String>) {
    with(Some(kind), username, email, None, |candidate| {
        try_out(candidate, answers)
    })
}

fn may(read: Option<bool>, write: Option<bool>, username: Option<&str>) -> Accepted {
    Accepted {
        rights: Rights { read, write },
        username: username.map(str::to_owned),
        denied: false,
        holder: None,
    }
}

/// The same, not the account's that was asked for.
fn another_s(read: Option<bool>, write: Option<bool>) -> Accepted {
    Accepted {
        denied: true,
        ..may(read, write, None)
    }
}

fn push_by(name: &str) -> String {
    format!("https://bitbucket.org/acme/widgets.git/info/refs?service=git-receive-pack {name}")
}

fn fetch_by(name: &str) -> String {
    format!("https://bitbucket.org/acme/widgets.git/info/refs?service=git-upload-pack {name}")
}

fn unknown(uncertainty: Uncertainty) -> Verdict {
    Verdict::Unknown(uncertainty)
}

fn server(status: u16, retry_after: Option<u64>) -> Verdict {
    unknown(Uncertainty::Server {
        status,
        retry_after,
    })
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const STATIC: &str = "x-bitbucket-api-token-auth";

/// One row: kind, username, answers, the verdict, under which names it asked.
type NameCase<'a> = (
    Option<Kind>,
    Option<&'a str>,
    &'a [Canned],
    Verdict,
    &'a [&'a str],
);

fn check_names(cases: &[NameCase<'_>]) {
    for (kind, username, answers, verdict, asked) in cases {
        let found = on_git(*kind, *username, answers);
        let asked = asked.iter().map(|name| push_by(name)).collect();
        assert_eq!(found, (verdict.clone(), asked), "{kind:?} {username:?}");
    }
}

/// The static name first: a wrong username must not make a good token look bad.
#[test]
fn an_api_token_is_tried_without_and_then_with_the_username() {
    let api = Some(Kind::ApiToken);
    let verified = |username| Verdict::Verified(may(None, YES, username));
    check_names(&[
        (api, None, &[PUSH_OK], verified(None), &[STATIC]),
        (api, Some(STATIC), &[PUSH_OK], verified(None), &[STATIC]),
        (
            api,
            Some("alice"),
            &[PUSH_OK, PUSH_OK],
            verified(Some("alice")),
            &[STATIC, "alice"],
        ),
        (
            api,
            Some("bob"),
            &[PUSH_OK, REFUSED],
            Verdict::Verified(another_s(None, YES)),
            &[STATIC, "bob"],
        ),
        (
            api,
            Some("bob"),
            &[PUSH_OK, DOWN],
            verified(None),
            &[STATIC, "bob"],
        ),
    ]);
}

/// One for reading only, too, with as many requests.
#[test]
fn whose_a_token_for_reading_is() {
    let write = "write:repository:bitbucket";
    let read = "read:repository:bitbucket";
    for (answers, name, verdict) in [
        (
            &[SCOPE, FETCH_OK],
            "alice",
            Verdict::Lacking(may(YES, NO, Some("alice")), vec![write]),
        ),
        (
            &[SCOPE, REFUSED],
            "alice",
            Verdict::Lacking(another_s(None, NO), vec![write]),
        ),
        (
            &[SCOPE, SCOPE],
            "alice",
            Verdict::Lacking(may(NO, None, None), vec![read, write]),
        ),
        (
            // Whether it was recognised at all is not certain here.
            &[ABSENT, FETCH_OK],
            STATIC,
            Verdict::Verified(may(YES, NO, None)),
        ),
    ] {
        let asked = vec![push_by(STATIC), fetch_by(name)];
        let found = on_git(Some(Kind::ApiToken), Some("alice"), answers);
        assert_eq!(found, (verdict, asked), "{name}");
    }
}

#[test]
fn other_kinds_ask_under_their_one_name() {
    let app = Some(Kind::AppPassword);
    let verified = |username| Verdict::Verified(may(YES, YES, username));
    let alice = Some("alice");
    let silent = unknown(Uncertainty::NothingToAsk);
    check_names(&[
        (app, alice, &[PUSH_OK], verified(alice), &["alice"]),
        (None, alice, &[PUSH_OK], verified(alice), &["alice"]),
        (app, None, &[], silent.clone(), &[]),
        (None, None, &[], silent, &[]),
    ]);
}

/// Git's surface does not say what an access token is bound to; the REST API may.
#[test]
fn an_access_token_is_asked_what_it_is_bound_to() {
    const BOUND: Canned = (
        403,
        &[("x-credential-type", "workspace_access_token")],
        "{}",
    );
    let asked = [
        push_by("x-token-auth"),
        "https://api.bitbucket.org/2.0/user Bearer".to_owned(),
    ];
    for (kind, name) in [(Some(Kind::AccessToken), "alice"), (None, "x-token-auth")] {
        for (answer, holder) in [
            (BOUND, Some(Holder::Workspace)),
            (REFUSED, None),
            (DOWN, None),
        ] {
            let found = on_git(kind, Some(name), &[PUSH_OK, answer]);
            let accepted = Accepted {
                holder,
                ..may(YES, YES, None)
            };
            assert_eq!(found, (Verdict::Verified(accepted), asked.to_vec()));
        }
    }
}

#[test]
fn what_cannot_be_a_token_is_not_sent() {
    for bytes in ["", "two words", "caf\u{e9}", "line\nbreak"] {
        let secret = Secret::copy_of(bytes.as_bytes());
        let repository = Repository::from_path("acme/widgets");
        let candidate = Candidate {
            site: &CLOUD,
            kind: None,
            secret: &secret,
            username: Some("alice"),
            email: None,
            repository: repository.as_ref(),
        };
        let (verdict, asked) = try_out(&candidate, &[]);
        assert_eq!(verdict, Verdict::Refused(Refusal::Invalid), "{bytes:?}");
        assert!(asked.is_empty());
    }
}

#[test]
fn a_recheck_asks_one_question() {
    let repository = Repository::from_path("acme/widgets");
    let still = || Verdict::Verified(Accepted::default());
    let busy = Uncertainty::Server {
        status: 429,
        retry_after: Some(30),
    };
    for (answer, expected) in [
        (PUSH_OK, still()),
        (SCOPE, still()),
        (NO_ACCESS, still()),
        (REFUSED, Verdict::Refused(Refusal::Invalid)),
        (REMOVED, Verdict::Refused(Refusal::AppPasswordRemoved)),
        (ABSENT, Verdict::Refused(Refusal::NoAccess)),
        (ADDRESS, Verdict::Unknown(Uncertainty::AddressNotAllowed)),
        (TOO_MANY, Verdict::Unknown(Uncertainty::TooManyAttempts)),
        (BUSY, Verdict::Unknown(busy)),
    ] {
        let (verdict, asked) = with(
            Some(Kind::ApiToken),
            Some("alice"),
            None,
            repository.as_ref(),
            |candidate| try_out_with(recheck_with, candidate, &[answer]),
        );
        assert_eq!(verdict, expected, "{answer:?}");
        assert_eq!(asked.len(), 1);
    }
}

/// Where nobody may push, by a gateway's word, a dead token is found out all the same.
#[test]
fn a_gateway_s_403_says_nothing_of_a_credential() {
    let repository = Repository::from_path("acme/widgets");
    let silent = || unknown(Uncertainty::Unexpected(403));
    for (fetch, expected) in [
        (REFUSED, Verdict::Refused(Refusal::Invalid)),
        (FETCH_OK, silent()),
        (FORBIDDEN, silent()),
        (DOWN, silent()),
    ] {
        let (verdict, asked) = with(
            Some(Kind::ApiToken),
            Some("alice"),
            None,
            repository.as_ref(),
            |candidate| try_out_with(recheck_with, candidate, &[FORBIDDEN, fetch]),
        );
        assert_eq!(verdict, expected, "{fetch:?}");
        assert_eq!(asked, [push_by(STATIC), fetch_by(STATIC)]);
    }
}

/// An e-mail address is no username and the reverse; where the answer hangs on the name,
/// nothing is sent.
#[test]
fn a_name_in_the_wrong_place_is_noticed_unsent() {
    let email = "alice@example.com";
    let app = Some(Kind::AppPassword);
    let none: Vec<String> = Vec::new();
    for kind in [app, None] {
        let found = on_git(kind, Some(email), &[]);
        assert_eq!(found, (unknown(Uncertainty::EmailAsUsername), none.clone()));
    }
    let found = on_rest(Kind::ApiToken, None, Some("alice"), &[]);
    assert_eq!(found, (unknown(Uncertainty::UsernameAsEmail), none));

    // An API token needs no username, and the address of an old remote tells whose it is.
    let api = Some(Kind::ApiToken);
    let (verdict, asked) = on_git(api, Some(email), &[PUSH_OK]);
    assert_eq!(verdict, Verdict::Verified(may(None, YES, None)));
    assert_eq!(asked, [push_by(STATIC)]);
    let (_, asked) = on_rest(
        Kind::ApiToken,
        Some(email),
        None,
        &[(200, &[], answers::ALICE)],
    );
    assert_eq!(
        asked,
        ["https://api.bitbucket.org/2.0/user alice@example.com"]
    );
}
