//! Credentials from the environment, for automation: they win over the keychain and are
//! never kept. Their names are listed here and nowhere else.

use crate::accounts::Entry;
use crate::bitbucket::{GitName, Kind, Shape, shape};
use crate::secret::Secret;

/// An API token or access token.
pub const TOKEN: &str = "BITBUCKET_TOKEN";
/// What [`TOKEN`] is, if its form does not say so.
pub const TOKEN_KIND: &str = "BITBUCKET_TOKEN_KIND";
/// An app password; many scripts keep a token in it, which is served as one.
pub const APP_PASSWORD: &str = "BITBUCKET_APP_PASSWORD";
/// The Bitbucket username that goes with an app password.
pub const USERNAME: &str = "BITBUCKET_USERNAME";

/// Names the environment's credential in `state[]`.
pub const ID: &str = "environment";

/// A variable as a secret.
#[must_use]
pub fn variable(name: &str) -> Option<Secret> {
    std::env::var_os(name).map(|value| Secret::new(value.into_encoded_bytes()))
}

/// The variable that this secret comes from, if one does: then it is not to be kept.
#[must_use]
pub fn origin(secret: &Secret) -> Option<&'static str> {
    [TOKEN, APP_PASSWORD]
        .into_iter()
        .find(|name| variable(name).is_some_and(|value| value.trimmed() == *secret))
}

/// The variable whose credential comes before what is kept.
#[must_use]
pub fn in_force() -> Option<&'static str> {
    match read(variable, None) {
        Found::Entry(entry) => origin(&entry.secret),
        Found::Unusable(_) | Found::Nothing => None,
    }
}

/// What the environment holds.
pub enum Found {
    /// A credential.
    Entry(Box<Entry>),
    /// Something that cannot be used; the text says which variable and why.
    Unusable(String),
    /// Nothing.
    Nothing,
}

/// Reads the variables. `username` is the `user@` that Git asked for.
#[must_use]
pub fn read(variable: impl Fn(&str) -> Option<Secret>, username: Option<&str>) -> Found {
    let nonempty = |name| {
        variable(name)
            .map(|value| value.trimmed())
            .filter(|value| !value.is_empty())
    };
    let (name, secret) = match (nonempty(TOKEN), nonempty(APP_PASSWORD)) {
        (Some(token), _) => (TOKEN, token),
        (None, Some(password)) => (APP_PASSWORD, password),
        (None, None) => return Found::Nothing,
    };
    let text = |name| nonempty(name).and_then(|value| value.expose_text().map(str::to_owned));
    let stated = match text(TOKEN_KIND).map(|id| Kind::with_id(&id)) {
        Some(None) => {
            return Found::Unusable(format!(
                "{TOKEN_KIND} is none of api-token, access-token, app-password"
            ));
        }
        Some(kind) => kind,
        None => None,
    };
    let kind = match (stated, shape(&secret)) {
        (Some(kind), _) | (None, Shape::Known(kind) | Shape::Damaged(kind)) => kind,
        (None, Shape::PerhapsAppPassword) if name == APP_PASSWORD => Kind::AppPassword,
        (None, Shape::Foreign(what)) => {
            return Found::Unusable(format!(
                "{name} holds {what}, which Bitbucket does not take"
            ));
        }
        (None, _) => {
            return Found::Unusable(format!(
                "{name} does not look like a Bitbucket credential; if it is one, say which in {TOKEN_KIND}"
            ));
        }
    };
    let mut entry = Entry::new(kind, secret, 0);
    ID.clone_into(&mut entry.details.id);
    if kind.facts().git_name == GitName::Own {
        entry.details.username = text(USERNAME).or_else(|| username.map(str::to_owned));
        if entry.details.username.is_none() {
            return Found::Unusable(format!("{name} is an app password and needs {USERNAME}"));
        }
    }
    Found::Entry(Box::new(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(prefix: &str) -> String {
        let body = format!("{prefix}{}=", "x".repeat(100));
        format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
    }

    /// `kind username` of what is found, or the complaint.
    fn found(variables: &[(&str, &str)], username: Option<&str>) -> String {
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| Secret::copy_of(value.as_bytes()))
        };
        match read(lookup, username) {
            Found::Entry(entry) => {
                format!(
                    "{} {}",
                    entry.details.kind.facts().id,
                    entry.git_username().unwrap_or_default()
                )
            }
            Found::Unusable(reason) => reason,
            Found::Nothing => "nothing".to_owned(),
        }
    }

    const OLD: &str = "0123456789abcdefABCD";

    #[test]
    fn what_is_recognised_is_served_under_its_name() {
        let api = &*format!("{}\r\n", token("ATATT3xFfGF0"));
        let access = &*token("ATCTT3xFfGN0");
        let unknown = &*"0123456789".repeat(5);
        for (variables, username, expected) in [
            (&[][..], None, "nothing"),
            (&[(TOKEN, ""), (APP_PASSWORD, "\n")], None, "nothing"),
            (
                &[(TOKEN, api)],
                None,
                "api-token x-bitbucket-api-token-auth",
            ),
            (
                &[(TOKEN, access)],
                Some("alice"),
                "access-token x-token-auth",
            ),
            (
                &[(APP_PASSWORD, api)],
                None,
                "api-token x-bitbucket-api-token-auth",
            ),
            (
                &[(TOKEN, access), (APP_PASSWORD, api)],
                None,
                "access-token x-token-auth",
            ),
            (
                &[(APP_PASSWORD, OLD), (USERNAME, "bob")],
                Some("alice"),
                "app-password bob",
            ),
            (&[(APP_PASSWORD, OLD)], Some("alice"), "app-password alice"),
            (
                &[(TOKEN, unknown), (TOKEN_KIND, "access-token")],
                None,
                "access-token x-token-auth",
            ),
        ] {
            assert_eq!(found(variables, username), expected);
        }
    }

    #[test]
    fn what_is_not_recognised_is_named_and_not_served() {
        let doubtful = format!(
            "{TOKEN} does not look like a Bitbucket credential; if it is one, say which in {TOKEN_KIND}"
        );
        for (variables, expected) in [
            (&[(TOKEN, "hunter2")][..], &*doubtful),
            (&[(TOKEN, OLD)], &doubtful),
            (&[(TOKEN, &"0123456789".repeat(5))], &doubtful),
            (
                &[(APP_PASSWORD, OLD)],
                "BITBUCKET_APP_PASSWORD is an app password and needs BITBUCKET_USERNAME",
            ),
            (
                &[(TOKEN, OLD), (TOKEN_KIND, "jwt")],
                "BITBUCKET_TOKEN_KIND is none of api-token, access-token, app-password",
            ),
            (
                &[(TOKEN, "ghp_x")],
                "BITBUCKET_TOKEN holds a GitHub personal access token, which Bitbucket does not take",
            ),
        ] {
            assert_eq!(found(variables, None), expected);
        }
    }
}
