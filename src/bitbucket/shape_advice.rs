//! What people are told about a secret's shape, before anything is sent anywhere.

use super::advice::advise_unsent;
use super::kind::{Kind, Shape};
use super::outcomes::{FOREIGN_TYPED, PASSWORD_TYPED, PASSWORD_TYPED_FOR_SERVER, Row};
use super::site::Site;

/// What `store` says of an account password.
pub const ACCOUNT_PASSWORD_NOT_KEPT: &str = "an account password was not kept: Bitbucket \
accepts none; run: git credential-bitbucket login";

/// The same for a company's own server, which might take it.
const ACCOUNT_PASSWORD_NOT_KEPT_FOR_SERVER: &str = "an account password was not kept: a token does \
the same for Git, and can be revoked; run git credential-bitbucket login with the server's URL";

/// What `store` says of an account password at this site.
pub fn password_not_kept(site: &Site) -> &'static str {
    if site.is_own_server() {
        ACCOUNT_PASSWORD_NOT_KEPT_FOR_SERVER
    } else {
        ACCOUNT_PASSWORD_NOT_KEPT
    }
}

/// What `store` says of another service's secret.
pub const FOREIGN_NOT_KEPT: &str = "a secret of another service was not kept; if it is in the \
URL of a remote, remove it there with: git remote set-url";

/// What is said of a secret that no line of Git's can hold.
pub const BROKEN: &str = "This has a line end or another control character inside, which Git \
cannot be told, so it was not sent. Copy the token once more, as a whole and in one line.";

/// Why a secret of this shape is refused unsent; `None` if it may be used.
pub fn refusal(site: &Site, shape: Shape) -> Option<String> {
    let (row, name) = match shape {
        Shape::AccountPassword => (password_typed(site), ""),
        Shape::Foreign(name) => (&FOREIGN_TYPED, name),
        Shape::Known(_) | Shape::Damaged(_) | Shape::PerhapsAppPassword | Shape::Unrecognised => {
            return None;
        }
    };
    Some(advise_unsent(site, row, name).to_string())
}

fn password_typed(site: &Site) -> &'static Row {
    if site.is_own_server() {
        &PASSWORD_TYPED_FOR_SERVER
    } else {
        &PASSWORD_TYPED
    }
}

/// What has to be agreed to before a secret of this shape is sent to `host`; `None` if
/// nothing has to.
pub fn doubt(shape: Shape, host: &str) -> Option<String> {
    match shape {
        Shape::Damaged(kind) => Some(format!(
            "This looks like {} that was cut off or mistyped. Send it to {host} all the same?",
            kind.facts().with_article
        )),
        Shape::PerhapsAppPassword => Some(format!(
            "Is this {}, and not the password of your account? Then it is sent to {host}.",
            Kind::AppPassword.facts().with_article
        )),
        Shape::Unrecognised => Some(format!(
            "This does not look like any Bitbucket token. Send it to {host}?"
        )),
        Shape::Known(_) | Shape::Foreign(_) | Shape::AccountPassword => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;

    /// Nothing but a whole token goes out without a refusal or a question before it.
    #[test]
    fn every_shape_is_sent_asked_about_or_refused() {
        for (shape, refused, asked) in [
            (Shape::Known(Kind::ApiToken), false, false),
            (Shape::Damaged(Kind::AccessToken), false, true),
            (Shape::PerhapsAppPassword, false, true),
            (Shape::Unrecognised, false, true),
            (Shape::Foreign("a GitHub OAuth token"), true, false),
            (Shape::AccountPassword, true, false),
        ] {
            assert_eq!(refusal(&CLOUD, shape).is_some(), refused, "{shape:?}");
            let question = doubt(shape, "bitbucket.org");
            assert_eq!(question.is_some(), asked, "{shape:?}");
            assert!(question.is_none_or(|text| text.contains("bitbucket.org")));
        }
    }
}
