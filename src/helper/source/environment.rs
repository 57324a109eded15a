//! Credentials in variables of the environment, for automation; no other file names the
//! variables. Here is also what a secret must look like that comes from a variable or a file. It is
//! never kept. When each source counts: `source`.

use super::{ID, Inquiry, Source, Supply};
use crate::accounts::Entry;
use crate::bitbucket::{GitName, Kind, Shape, Site, account_name, mistaken};
use crate::helper::session::Session;
use crate::protocol::is_printable;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::setup::line_options::{self, Options};

/// An API token or access token, under a name that no other program uses.
pub const OWN_TOKEN: &str = "BITBUCKET_HELPER_TOKEN";
/// An API token or access token. Many programs read a variable of this name.
pub const TOKEN: &str = "BITBUCKET_TOKEN";
/// What [`TOKEN`] is, if its form does not say so.
pub const TOKEN_KIND: &str = "BITBUCKET_TOKEN_KIND";
/// An app password; many scripts keep a token in it, which is served as one.
pub const APP_PASSWORD: &str = "BITBUCKET_APP_PASSWORD";
/// The Bitbucket username that goes with an app password.
pub const USERNAME: &str = "BITBUCKET_USERNAME";

/// The address of the Bitbucket that the token is for; without it Bitbucket Cloud, or the only
/// site that is configured.
pub const URL: &str = "BITBUCKET_URL";

/// The variables that may hold a credential, in the order in which they count.
const CREDENTIALS: [&str; 3] = [OWN_TOKEN, TOKEN, APP_PASSWORD];

/// A variable as a secret, unless these options pass all of them over.
pub fn variable(options: &Options) -> impl Fn(&str) -> Option<Secret> + use<> {
    let counts = !options.ignore_environment;
    move |name| {
        let value = std::env::var_os(name).filter(|_| counts)?;
        Some(Secret::new(value.into_encoded_bytes()))
    }
}

/// The same, with this user name in place of the one in [`USERNAME`], if it is known.
pub fn with_name(
    options: &Options,
    stated: Option<String>,
) -> impl Fn(&str) -> Option<Secret> + use<> {
    let variable = variable(options);
    move |name| match &stated {
        Some(stated) if name == USERNAME => Some(Secret::copy_of(stated.as_bytes())),
        _ => variable(name),
    }
}

/// Which variable holds exactly this secret.
pub fn holds(session: &Session, secret: &Secret) -> Option<Source> {
    let variable = variable(&session.options);
    let holds = |name: &&str| variable(name).is_some_and(|value| value.trimmed() == *secret);
    let name = CREDENTIALS.into_iter().find(holds)?;
    Some(Source::Variable(name))
}

/// What the variables have.
pub fn look(inquiry: &Inquiry) -> Option<Supply> {
    let Session { site, options, .. } = inquiry.session;
    let variable = variable(options);
    let is_set = |name: &&str| nonempty(&variable, name).is_some();
    CREDENTIALS.into_iter().find(is_set)?;
    let url = nonempty(&variable, URL);
    let url = url.as_ref().map(|url| url.expose_text().unwrap_or(""));
    let is_only = || inquiry.session.is_only_site();
    if !is_for(site, url, is_only) {
        return None;
    }
    read(site, variable, inquiry.username)
}

/// Whether the variables are for this site. A Data Center gets none that nobody said is its.
fn is_for(site: &Site, url: Option<&str>, is_only: impl FnOnce() -> bool) -> bool {
    match url {
        Some(url) => site.is_meant_by(url),
        None => !site.is_own_server() || is_only(),
    }
}

/// The variable that was meant to hold a token, and is empty: a secret that a build service does
/// not hand out, for example. None if one of them holds something.
pub fn empty_variable(options: &Options) -> Option<&'static str> {
    empty(variable(options))
}

fn empty(variable: impl Fn(&str) -> Option<Secret>) -> Option<&'static str> {
    if CREDENTIALS
        .iter()
        .any(|name| nonempty(&variable, name).is_some())
    {
        return None;
    }
    CREDENTIALS
        .into_iter()
        .find(|name| variable(name).is_some())
}

/// The variable that holds something and is passed over.
pub fn ignored_variable(options: &Options) -> Option<&'static str> {
    let everything = variable(&Options::default());
    let mut names = CREDENTIALS
        .into_iter()
        .filter(|_| options.ignore_environment);
    names.find(|name| nonempty(&everything, name).is_some())
}

fn read(
    site: &Site,
    variable: impl Fn(&str) -> Option<Secret>,
    username: Option<&str>,
) -> Option<Supply> {
    CREDENTIALS.into_iter().find_map(|name| {
        let secret = nonempty(&variable, name)?;
        let source = Source::Variable(name);
        Some(Supply {
            credential: judge(site, secret, &source, &variable, username),
            source,
        })
    })
}

fn nonempty(variable: impl Fn(&str) -> Option<Secret>, name: &str) -> Option<Secret> {
    variable(name)
        .map(|value| value.trimmed())
        .filter(|value| !value.is_empty())
}

/// The kind that is stated, if one is: one of the site's.
fn stated_kind(site: &Site, id: Option<String>) -> Result<Option<Kind>, Reason> {
    let Some(id) = id else { return Ok(None) };
    let kind = Kind::with_id(&id).filter(|kind| site.kinds().contains(kind));
    kind.map(Some).ok_or_else(|| {
        let kinds: Vec<_> = site.kinds().iter().map(|kind| kind.facts().id).collect();
        format!("{TOKEN_KIND} is none of {}", kinds.join(", ")).into()
    })
}

/// Decides over the form, as for everything that is pasted.
/// The error says where it stands and why it cannot be used.
pub fn judge(
    site: &Site,
    secret: Secret,
    source: &Source,
    variable: impl Fn(&str) -> Option<Secret>,
    username: Option<&str>,
) -> Result<Box<Entry>, Reason> {
    let text =
        |name| nonempty(&variable, name).and_then(|value| value.expose_text().map(str::to_owned));
    let stated = stated_kind(site, text(TOKEN_KIND))?;
    if !is_printable(secret.expose()) {
        return Err(Reason::new(
            format!(
                "{source} holds a line end or a NUL character inside, which Git cannot be told"
            ),
            "put the token there in one line",
        ));
    }
    if let Some(mistake) = mistaken(&secret) {
        let reason = mistake.explanation();
        return Err(Reason::new(format!("{source} {}", reason.why), reason.next));
    }
    let kind = match (stated, site.shape(&secret), source) {
        (_, Shape::Foreign(what), _) => {
            let why = format!("{source} holds {what}, which Bitbucket does not take");
            return Err(why.into());
        }
        (_, Shape::AccountPassword, _) => {
            return Err(Reason::new(
                format!(
                    "{source} holds what looks like an account password, which Bitbucket does not \
                     take"
                ),
                "put a token there",
            ));
        }
        // What the form says is not overruled by what somebody says.
        (_, Shape::Known(kind) | Shape::Damaged(kind), _) | (Some(kind), ..) => kind,
        (None, Shape::PerhapsAppPassword, Source::Variable(APP_PASSWORD)) => Kind::AppPassword,
        (None, ..) => {
            return Err(Reason::new(
                format!("{source} does not look like a Bitbucket credential"),
                format!("if it is one, say which in {TOKEN_KIND}"),
            ));
        }
    };
    let mut entry = Entry::new(kind, secret, 0);
    ID.clone_into(&mut entry.details.id);
    if kind.facts().git_name == GitName::Own {
        let is_usable =
            |name: &String| account_name(name).is_some() && is_printable(name.as_bytes());
        let stated = text(USERNAME).filter(is_usable);
        entry.details.username = stated.or_else(|| username.map(str::to_owned));
        if entry.details.username.is_none() {
            let needed = if source.is_alone() {
                line_options::USERNAME
            } else {
                USERNAME
            };
            let why = format!("{source} is an app password and needs {needed}");
            return Err(why.into());
        }
    }
    Ok(Box::new(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::{CLOUD, DataCenter};

    #[test]
    fn variables_are_for_the_site_that_is_named_or_the_only_one() {
        let server = DataCenter::at("https://git.acme.test/b").site().unwrap();
        for (site, url, is_only, expected) in [
            (&CLOUD, None, false, true),
            (&CLOUD, Some("https://bitbucket.org"), false, true),
            (&CLOUD, Some("https://git.acme.test/b"), true, false),
            (&CLOUD, Some("nonsense"), true, false),
            (&server, None, true, true),
            (&server, None, false, false),
            (&server, Some("https://git.acme.test/b/"), false, true),
            (&server, Some("git.acme.test"), false, true),
            (
                &server,
                Some("https://git.acme.test.evil.test/b"),
                true,
                false,
            ),
            (&server, Some("https://bitbucket.org"), true, false),
        ] {
            assert_eq!(is_for(site, url, || is_only), expected, "{url:?}");
        }
    }

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
        match read(&CLOUD, lookup, username).map(|supply| supply.credential) {
            Some(Ok(entry)) => {
                format!(
                    "{} {}",
                    entry.details.kind.facts().id,
                    entry.git_username().unwrap_or_default()
                )
            }
            Some(Err(reason)) => reason.to_string(),
            None => "nothing".to_owned(),
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
            // The name that is ours alone wins over the one that others use, too.
            (
                &[(TOKEN, access), (OWN_TOKEN, api)],
                None,
                "api-token x-bitbucket-api-token-auth",
            ),
            (
                &[(TOKEN, access), (OWN_TOKEN, "")],
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
    fn neither_a_clear_form_nor_an_account_is_overruled() {
        let api = &*token("ATATT3xFfGF0");
        for (variables, username, expected) in [
            // What the form says is not overruled, also where it is damaged.
            (
                &[(TOKEN, api), (TOKEN_KIND, "access-token")][..],
                None,
                "api-token x-bitbucket-api-token-auth",
            ),
            (
                &[(TOKEN, "ATCTT3xFfGN0cut-off"), (TOKEN_KIND, "app-password")],
                None,
                "access-token x-token-auth",
            ),
            // A placeholder is nobody's name.
            (
                &[(APP_PASSWORD, OLD), (USERNAME, "x-token-auth")],
                Some("alice"),
                "app-password alice",
            ),
        ] {
            assert_eq!(found(variables, username), expected);
        }
    }

    #[test]
    fn a_variable_that_is_empty_is_named_if_none_holds_anything() {
        for (variables, expected) in [
            (&[][..], None),
            (&[(TOKEN, "")], Some(TOKEN)),
            (&[(TOKEN, " \n")], Some(TOKEN)),
            (&[(APP_PASSWORD, "")], Some(APP_PASSWORD)),
            (&[(TOKEN, ""), (OWN_TOKEN, "")], Some(OWN_TOKEN)),
            (&[(TOKEN, "x"), (OWN_TOKEN, "")], None),
            (&[(TOKEN, "x")], None),
            (&[(USERNAME, "")], None),
        ] {
            let lookup = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| Secret::copy_of(value.as_bytes()))
            };
            assert_eq!(empty(lookup), expected, "{variables:?}");
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
        let api = token("ATATT3xFfGF0");
        let (quoted, bearer) = (format!("\"{api}\""), format!("Bearer {api}"));
        for (variables, expected) in [
            (&[(TOKEN, "hunter2")][..], &*password),
            (&[(TOKEN, "hunter2"), (TOKEN_KIND, "api-token")], &password),
            (&[(TOKEN, OLD)], &doubtful),
            (
                &[(TOKEN, &quoted)],
                "BITBUCKET_TOKEN holds quotation marks around the token; take them out",
            ),
            (
                &[(TOKEN, &bearer), (TOKEN_KIND, "api-token")],
                "BITBUCKET_TOKEN holds a header of a request; leave nothing but the token there",
            ),
            (
                &[(OWN_TOKEN, "${{ secrets.TOKEN }}")],
                "BITBUCKET_HELPER_TOKEN holds the name of a variable and not its value; see why \
                 nothing replaced the name",
            ),
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
