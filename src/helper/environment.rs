//! Credentials from the environment, for automation: variables, whose names are listed here
//! and nowhere else, and the file of `--token-file`. They win over the keychain and are
//! never kept; one function judges them.

use super::source::Found;
use super::token_file;
use crate::accounts::Entry;
use crate::bitbucket::{GitName, Kind, Shape, shape};
use crate::reason::Reason;
use crate::secret::Secret;
use crate::setup::options::Options;
use crate::text::shown;
use std::fmt::{Display, Formatter};

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
pub fn variable(name: &str) -> Option<Secret> {
    std::env::var_os(name).map(|value| Secret::new(value.into_encoded_bytes()))
}

/// Where this secret comes from, if it is from the environment: then it is not to be kept.
pub fn origin(secret: &Secret, options: &Options) -> Option<Origin> {
    let holds = |name: &&str| variable(name).is_some_and(|value| value.trimmed() == *secret);
    if let Some(name) = [TOKEN, APP_PASSWORD].into_iter().find(holds) {
        return Some(Origin::Variable(name));
    }
    let path = options.token_file.as_deref()?;
    let holds = token_file::read(path).is_ok_and(|token| token == *secret);
    holds.then(|| Origin::File(shown(&path.to_string_lossy())))
}

/// The variable whose credential comes before what is kept.
pub fn in_force() -> Option<&'static str> {
    match read(variable, None) {
        Found::Entry(_, Origin::Variable(name)) => Some(name),
        _ => None,
    }
}

/// Why the file of `--token-file` is not served; `None` if it is.
pub fn file_fault(options: &Options) -> Option<Reason> {
    match read_file(options, variable, None) {
        Found::Unusable(reason) => Some(reason),
        Found::Entry(..) | Found::Nothing => None,
    }
}

/// What the file of `--token-file` holds, if it is served.
pub fn file_entry(options: &Options) -> Option<Entry> {
    match read_file(options, variable, None) {
        Found::Entry(entry, _) => Some(*entry),
        Found::Unusable(_) | Found::Nothing => None,
    }
}

/// Where a credential of the environment stands.
pub enum Origin {
    /// The name of a variable.
    Variable(&'static str),
    /// The path of a file, as it is shown.
    File(String),
}

impl Origin {
    /// What to do once the server refuses what stands there, after a blank; empty if the
    /// refusal itself says all.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Variable(_) => "",
            Self::File(_) => " Put a new one into that file.",
        }
    }
}

impl Display for Origin {
    fn fmt(&self, formatter: &mut Formatter) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Variable(name) => name,
            Self::File(path) => path,
        })
    }
}

/// Why what the environment holds cannot be used, if so.
pub fn complaint() -> Option<Reason> {
    match read(variable, None) {
        Found::Unusable(reason) => Some(reason),
        Found::Entry(..) | Found::Nothing => None,
    }
}

/// Reads the variables. `username` is the `user@` that Git asked for.
pub fn read(variable: impl Fn(&str) -> Option<Secret>, username: Option<&str>) -> Found {
    for name in [TOKEN, APP_PASSWORD] {
        if let Some(secret) = nonempty(&variable, name) {
            return judge(secret, Origin::Variable(name), variable, username);
        }
    }
    Found::Nothing
}

/// Reads the file of `--token-file`, if there is that option; anew each time, so that it
/// can be replaced at any moment.
pub fn read_file(
    options: &Options,
    variable: impl Fn(&str) -> Option<Secret>,
    username: Option<&str>,
) -> Found {
    let Some(path) = options.token_file.as_deref() else {
        return Found::Nothing;
    };
    let name = shown(&path.to_string_lossy());
    match token_file::read(path) {
        Ok(secret) => judge(secret, Origin::File(name), variable, username),
        Err(reason) => Found::Unusable(Reason::new(
            format!("{name} is not used: {}", reason.why),
            reason.next,
        )),
    }
}

fn nonempty(variable: impl Fn(&str) -> Option<Secret>, name: &str) -> Option<Secret> {
    variable(name)
        .map(|value| value.trimmed())
        .filter(|value| !value.is_empty())
}

/// Decides over the form, as for everything that is pasted.
fn judge(
    secret: Secret,
    origin: Origin,
    variable: impl Fn(&str) -> Option<Secret>,
    username: Option<&str>,
) -> Found {
    let text =
        |name| nonempty(&variable, name).and_then(|value| value.expose_text().map(str::to_owned));
    let stated = match text(TOKEN_KIND).map(|id| Kind::with_id(&id)) {
        Some(None) => {
            let why = format!("{TOKEN_KIND} is none of api-token, access-token, app-password");
            return Found::Unusable(why.into());
        }
        Some(kind) => kind,
        None => None,
    };
    let kind = match (stated, shape(&secret), &origin) {
        (_, Shape::Foreign(what), _) => {
            let why = format!("{origin} holds {what}, which Bitbucket does not take");
            return Found::Unusable(why.into());
        }
        (_, Shape::AccountPassword, _) => {
            return Found::Unusable(Reason::new(
                format!(
                    "{origin} holds what looks like an account password, which Bitbucket does not \
                     take"
                ),
                "put a token there",
            ));
        }
        (Some(kind), ..) | (None, Shape::Known(kind) | Shape::Damaged(kind), _) => kind,
        (None, Shape::PerhapsAppPassword, Origin::Variable(APP_PASSWORD)) => Kind::AppPassword,
        (None, ..) => {
            return Found::Unusable(Reason::new(
                format!("{origin} does not look like a Bitbucket credential"),
                format!("if it is one, say which in {TOKEN_KIND}"),
            ));
        }
    };
    let mut entry = Entry::new(kind, secret, 0);
    ID.clone_into(&mut entry.details.id);
    if kind.facts().git_name == GitName::Own {
        entry.details.username = text(USERNAME).or_else(|| username.map(str::to_owned));
        if entry.details.username.is_none() {
            let why = format!("{origin} is an app password and needs {USERNAME}");
            return Found::Unusable(why.into());
        }
    }
    Found::Entry(Box::new(entry), origin)
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
            Found::Entry(entry, _) => {
                format!(
                    "{} {}",
                    entry.details.kind.facts().id,
                    entry.git_username().unwrap_or_default()
                )
            }
            Found::Unusable(reason) => reason.to_string(),
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
        let password = format!(
            "{TOKEN} holds what looks like an account password, which Bitbucket does not take; put a token there"
        );
        for (variables, expected) in [
            (&[(TOKEN, "hunter2")][..], &*password),
            (&[(TOKEN, "hunter2"), (TOKEN_KIND, "api-token")], &password),
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
                &[(TOKEN, "ghp_x"), (TOKEN_KIND, "access-token")],
                "BITBUCKET_TOKEN holds a GitHub personal access token, which Bitbucket does not take",
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
