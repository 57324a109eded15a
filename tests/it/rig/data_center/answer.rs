//! Answers of the loopback Data Center, with its very texts where they are known.

use super::world::{UserHeader, World};
use crate::rig::answer::Answer;
use crate::rig::fault::Surface;
use crate::rig::log::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

pub const WRONG_CREDENTIAL: &str =
    "Authentication failed. Please check your credentials and try again.";
pub const NOT_PERMITTED: &str = "You are not permitted to access this resource";
pub const BASIC_OFF: &str = "Basic Authentication has been disabled on this instance.";
pub const CAPTCHA: &str = "CAPTCHA required\nYour Bitbucket account has been marked as requiring a \
CAPTCHA to be solved. This may be due to too many failed login attempts.";
pub const CAPTCHA_NAME: &str =
    "com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException";
pub const INCORRECT_PASSWORD: &str =
    "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException";
pub const AUTHORISATION: &str = "com.atlassian.bitbucket.AuthorisationException";
pub const NO_SUCH_REPOSITORY: &str = "com.atlassian.bitbucket.repository.NoSuchRepositoryException";
/// Git's words of the following are not known to us.
pub const NO_REPOSITORY: &str = "Repository not found\nThe requested repository does not exist, or \
you do not have permission to access it.";
pub const NO_RIGHT_TO_PUSH: &str = "You do not have permission to push to this repository.";
pub const LICENCE_EXPIRED: &str = "The licence of this Bitbucket has expired.";
pub const MIRROR_IS_READ_ONLY: &str = "A mirror takes no push.";
pub const TOO_MANY_REQUESTS: &str = "You have been rate limited.";

/// The REST API's form of an error.
pub fn rest_error(status: u16, message: &str, exception: Option<&str>) -> Answer {
    let error = json!({ "context": null, "message": message, "exceptionName": exception });
    Answer::json(status, &json!({ "errors": [error] }))
}

pub fn wrong_credential() -> Answer {
    rest_error(401, WRONG_CREDENTIAL, Some(INCORRECT_PASSWORD))
}

pub fn not_permitted() -> Answer {
    rest_error(401, NOT_PERMITTED, Some(AUTHORISATION))
}

pub fn no_such_repository(path: &str) -> Answer {
    let message = format!("Repository {path} does not exist.");
    rest_error(404, &message, Some(NO_SUCH_REPOSITORY))
}

/// What Git gets without a login, or with a wrong one.
pub fn git_refused() -> Answer {
    Answer::text(401, "")
}

/// A mirror knows nobody at its REST API, whatever it says of the user.
pub fn mirror_refused(url: &str) -> Answer {
    let realm = format!("OAuth realm=\"{}\"", encoded(url));
    not_permitted().header("WWW-Authenticate", &realm)
}

pub fn limited(seconds: Option<u32>) -> Answer {
    let answer = Answer::text(429, TOO_MANY_REQUESTS);
    match seconds {
        Some(seconds) => answer.header("Retry-After", &seconds.to_string()),
        None => answer,
    }
}

pub fn redirect(to: &str) -> Answer {
    Answer::text(302, "").header("Location", to)
}

/// A page for people.
pub fn page(status: u16, title: &str) -> Answer {
    let html = format!("<!DOCTYPE html><html><head><title>{title}</title></head></html>");
    let mut answer = Answer::text(status, &html);
    answer.headers = vec![(
        "Content-Type".to_owned(),
        "text/html; charset=utf-8".to_owned(),
    )];
    answer
}

/// A refusal that Git reads as an answer: 200, and a line with `ERR` in the protocol.
pub fn in_band(request: &Request, text: &str) -> Answer {
    let receive = request.query.contains("receive") || request.path.ends_with("receive-pack");
    let service = if receive {
        "git-receive-pack"
    } else {
        "git-upload-pack"
    };
    let error = line(&format!("ERR {text}\n"));
    let (body, kind) = if request.path.ends_with("/info/refs") {
        let start = line(&format!("# service={service}\n"));
        (format!("{start}0000{error}"), "advertisement")
    } else {
        (error, "result")
    };
    let mut answer = Answer::text(200, &body);
    let kind = format!("application/x-{service}-{kind}");
    answer.headers = vec![("Content-Type".to_owned(), kind)];
    answer
}

/// A line of Git's protocol, with its length before it.
fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

/// Puts on what every answer has: the number of the request, and who has signed in.
pub fn dress(
    answer: Answer,
    surface: Surface,
    request: &Request,
    number: usize,
    world: &World,
) -> Answer {
    let has_challenge = answer
        .headers
        .iter()
        .any(|(name, _)| name == "WWW-Authenticate");
    let challenged = answer.status == 401 && surface != Surface::Rest && !has_challenge;
    let mut answer = answer.header("X-AREQUESTID", &format!("@1ABCDEFx600x{number}x0"));
    if challenged {
        answer = answer.header("WWW-Authenticate", "Basic realm=\"Atlassian Bitbucket\"");
    }
    let login = request.authorization.as_ref();
    let login = login.filter(|login| world.switches.basic || login.scheme != "Basic");
    let login = login.filter(|login| !world.must_solve_captcha(login));
    let principal = login.and_then(|login| world.principal(login));
    match (world.switches.user_header, principal) {
        (UserHeader::TakenOff, _) | (UserHeader::WhoHasSignedIn, None) => answer,
        (UserHeader::Everybody, None) => answer.header("X-AUSERNAME", "anonymous"),
        (_, Some(principal)) => answer
            .header("X-AUSERNAME", &encoded(&principal.name))
            .header("X-AUSERID", "2"),
    }
}

/// What a URL keeps as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
