//! What a Data Center is asked, and what its answers come to.

use super::*;
use crate::bitbucket::Site;
use crate::bitbucket::site::DataCenter;

const PROPERTIES: &str = r#"{"version":"9.4.0","displayName":"Bitbucket"}"#;
const WRONG: &str = r#"{"errors":[{"exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}"#;
const CAPTCHA: &str = r#"{"errors":[{"exceptionName":"com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException"}]}"#;
const NOT_PERMITTED: &str =
    r#"{"errors":[{"exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]}"#;

const JDOE: Canned = (200, &[("x-ausername", "jdoe")], PROPERTIES);
const OF_REPOSITORY: Canned = (
    200,
    &[("x-ausername", "access-token-user%2F2%2F11754")],
    PROPERTIES,
);
const OF_PROJECT: Canned = (
    200,
    &[("x-ausername", "access-token-user%2F1%2F7")],
    PROPERTIES,
);
const NOBODY: Canned = (200, &[], PROPERTIES);
const BAD: Canned = (401, &[("x-arequestid", "@1")], WRONG);
const ASKS: Canned = (
    401,
    &[("www-authenticate", "Basic realm=\"Atlassian Bitbucket\"")],
    "",
);

const WHO: &str = "https://git.acme.test/b/rest/api/latest/application-properties Bearer";
const USERS: &str = "https://git.acme.test/b/rest/api/latest/users?limit=1 Bearer";
const PUSH: &str =
    "https://git.acme.test/b/scm/acme/widgets.git/info/refs?service=git-receive-pack Bearer";

fn server() -> Site {
    DataCenter {
        aliases: vec!["mirror.acme.test".to_owned()],
        ..DataCenter::at("https://git.acme.test/b")
    }
    .site()
    .expect("an address")
}

fn ask(
    find_out: fn(&Candidate<'_>, &mut Ask<'_>) -> Verdict,
    (kind, username): (Kind, Option<&str>),
    is_here: bool,
    answers: &[Canned],
) -> (Verdict, Vec<String>) {
    let repository = Repository::from_path("acme/widgets");
    let candidate = Candidate {
        site: &server(),
        kind: Some(kind),
        secret: &Secret::copy_of(TOKEN.as_bytes()),
        username,
        email: None,
        repository: repository.as_ref().filter(|_| is_here),
    };
    try_out_with(find_out, &candidate, answers)
}

fn accepted(
    username: Option<&str>,
    holder: Option<Holder>,
    read: Option<bool>,
    write: Option<bool>,
) -> Verdict {
    Verdict::Verified(Accepted {
        rights: Rights { read, write },
        username: username.map(str::to_owned),
        denied: false,
        holder,
    })
}

#[test]
fn who_signs_in_and_whether_it_may_push() {
    let token = (Kind::HttpToken, None);
    let (repository, project) = (Some(Holder::Repository), Some(Holder::Workspace));
    for (is_here, answers, expected, asked) in [
        (
            false,
            &[JDOE][..],
            accepted(Some("jdoe"), None, None, None),
            &[WHO][..],
        ),
        (
            true,
            &[JDOE, PUSH_OK],
            accepted(Some("jdoe"), None, YES, YES),
            &[WHO, PUSH],
        ),
        (
            true,
            &[OF_REPOSITORY, PUSH_OK],
            accepted(None, repository, YES, YES),
            &[WHO, PUSH],
        ),
        (
            true,
            &[OF_PROJECT, FORBIDDEN],
            accepted(None, project, None, NO),
            &[WHO, PUSH],
        ),
        (
            true,
            &[JDOE, ABSENT],
            Verdict::Refused(Refusal::NoAccess),
            &[WHO, PUSH],
        ),
        // Recognised, and refused in the same moment: no word about the token.
        (
            true,
            &[JDOE, ASKS],
            unknown(Uncertainty::BearerRefused),
            &[WHO, PUSH],
        ),
        (
            true,
            &[JDOE, BUSY],
            accepted(Some("jdoe"), None, None, None),
            &[WHO, PUSH],
        ),
    ] {
        let found = ask(verify_with, token, is_here, answers);
        assert_eq!(found, (expected, asked.map_to_strings()));
    }
}

#[test]
fn whoever_is_not_recognised_is_asked_about_no_repository() {
    let token = (Kind::HttpToken, None);
    for (answers, expected, asked) in [
        (&[BAD][..], Verdict::Refused(Refusal::Invalid), &[WHO][..]),
        (
            &[NOBODY, BAD],
            Verdict::Refused(Refusal::Invalid),
            &[WHO, USERS],
        ),
        (
            &[NOBODY, (401, &[], NOT_PERMITTED)],
            Verdict::Refused(Refusal::NotSignedIn),
            &[WHO, USERS],
        ),
        // Something on the way takes the header of the answer away.
        (
            &[NOBODY, (200, &[], r#"{"values":[]}"#)],
            accepted(None, None, None, None),
            &[WHO, USERS],
        ),
        (
            &[(403, &[], CAPTCHA)],
            unknown(Uncertainty::Captcha),
            &[WHO],
        ),
        (
            &[(401, &[], CAPTCHA)],
            unknown(Uncertainty::Captcha),
            &[WHO],
        ),
        (&[ELSEWHERE], unknown(Uncertainty::LoginPage), &[WHO]),
        (&[BUSY], server_busy(), &[WHO]),
        (&[ABSENT], unknown(Uncertainty::NoBitbucket), &[WHO]),
        (
            &[],
            unknown(Uncertainty::Network(Trouble::TimedOut)),
            &[WHO],
        ),
    ] {
        let found = ask(verify_with, token, true, answers);
        assert_eq!(found, (expected, asked.map_to_strings()));
    }
}

fn server_busy() -> Verdict {
    unknown(Uncertainty::Server {
        status: 429,
        retry_after: Some(30),
    })
}

/// For a comparison with what was asked.
trait MapToStrings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl MapToStrings for [&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|it| (*it).to_owned()).collect()
    }
}

/// Whatever repository is open: a repository's token is good for its own alone. One question,
/// since Git was refused already, and each may be a failed login.
#[test]
fn a_recheck_asks_whether_it_is_anybody_and_nothing_of_the_repository() {
    const LIST: &str = r#"{"size":1,"values":[{"name":"jdoe"}]}"#;
    let token = (Kind::HttpToken, None);
    let of_repository: Canned = (200, OF_REPOSITORY.1, LIST);
    let without_name: Canned = (200, &[], LIST);
    for (answer, expected) in [
        (
            of_repository,
            accepted(None, Some(Holder::Repository), None, None),
        ),
        (without_name, accepted(None, None, None, None)),
        (BAD, Verdict::Refused(Refusal::Invalid)),
    ] {
        let (verdict, questions) = ask(recheck_with, token, true, &[answer]);
        assert_eq!((verdict, questions), (expected, [USERS].map_to_strings()));
    }
}

#[test]
fn another_s_name_is_noticed_and_none_is_tried() {
    for (asked, answer, denied) in [
        (Some("jdoe"), JDOE, false),
        (Some("JDoe"), JDOE, false),
        (Some("alice"), JDOE, true),
        (Some("alice"), OF_REPOSITORY, true),
        (Some("x-token-auth"), OF_REPOSITORY, false),
        (None, JDOE, false),
    ] {
        let (verdict, questions) = ask(verify_with, (Kind::HttpToken, asked), false, &[answer]);
        assert_eq!(
            verdict.accepted().map(|it| it.denied),
            Some(denied),
            "{asked:?}"
        );
        assert_eq!(questions, [WHO]);
    }
}

/// The only kind that is sent with a name.
#[test]
fn a_password_goes_with_the_name_that_was_said() {
    let password = (Kind::Password, Some("j@corp.example"));
    let (verdict, asked) = ask(verify_with, password, false, &[JDOE]);
    assert!(verdict.accepted().is_some());
    assert!(asked[0].ends_with(" j@corp.example"), "{asked:?}");
    let (verdict, asked) = ask(verify_with, (Kind::Password, None), false, &[]);
    assert_eq!(
        (verdict, asked.len()),
        (unknown(Uncertainty::NothingToAsk), 0)
    );
}
