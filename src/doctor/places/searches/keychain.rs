//! What other Git helpers keep in the platform's keychain: Git's own `libsecret` helper
//! and Git Credential Manager.

use super::super::found::FoundSecret;
use super::super::place::{KEYCHAIN, SecretPlace};
use super::super::removal::{KeychainItem, RemovableSecret, reason};
use super::search::Search;
use crate::bitbucket::{Site, shape};
use crate::keychain::foreign_items::{self, Other};
use crate::secret::Secret;
use std::collections::BTreeMap;

/// The names of the two, and of the schemas of their items.
const LIBSECRET: (&str, &str) = ("git-credential-libsecret", "org.git.Password");
/// Earlier versions used everybody's schema, and labels that begin like this.
const LIBSECRET_ONCE: (&str, &str) = ("Git: ", "org.gnome.keyring.NetworkPassword");
const MANAGER: (&str, &str) = (
    "Git Credential Manager",
    "com.microsoft.GitCredentialManager",
);

type ItemAttributes = BTreeMap<String, String>;

/// What attributes say of an item.
struct Told {
    program: &'static str,
    host: String,
    path: Option<String>,
    username: Option<String>,
}

/// Searches the keychain once for each program and host.
pub(super) fn search(search: &mut Search) {
    let site = search.machine.surroundings.site;
    let servers = site.names().map(|host| without_port(host).to_owned());
    let of_libsecret = servers.map(|server| ("server".to_owned(), server));
    let schema = [("xdg:schema".to_owned(), MANAGER.1.to_owned())];
    // Where there are no schemas, the service alone finds them.
    let of_manager = site
        .names()
        .map(|host| ("service".to_owned(), format!("git:https://{host}")));
    let mut seen: Vec<ItemAttributes> = Vec::new();
    for (name, value) in of_libsecret.chain(schema).chain(of_manager) {
        let wanted = |label: &str, all: &ItemAttributes| told(label, all, site).is_some();
        let items = match foreign_items::find(
            (&name, &value),
            wanted,
            search.machine.surroundings.unlock,
        ) {
            Ok(items) => items,
            Err(failure) => return search.keychain_trouble(reason(&failure)),
        };
        for item in items {
            if !seen.contains(&item.attributes) {
                seen.push(item.attributes.clone());
                report(search, &item);
            }
        }
    }
}

fn report(search: &mut Search, item: &Other) {
    let Some(told) = told(
        &item.label,
        &item.attributes,
        search.machine.surroundings.site,
    ) else {
        return;
    };
    // Below the password, libsecret's helper writes its date and a refresh token.
    let payload = item.payload.expose();
    let end = payload.iter().position(|&byte| byte == b'\n');
    let secret = Secret::copy_of(&payload[..end.unwrap_or(payload.len())]);
    if secret.is_empty() {
        return;
    }
    search.found.push(FoundSecret {
        place: SecretPlace::named(&KEYCHAIN, told.program),
        host: told.host,
        path: told.path,
        username: told.username,
        shape: shape(&secret.trimmed()),
        secret,
        fixed: foreign_items::FIXED,
        brought_along: false,
        in_name: false,
        removal: RemovableSecret::Keyring(KeychainItem::of(item)),
    });
}

/// Reads what an item for our hosts says of itself; `None` for any other.
fn told(label: &str, attributes: &ItemAttributes, site: &Site) -> Option<Told> {
    let value = |name: &str| attributes.get(name).filter(|value| !value.is_empty());
    let schema = value("xdg:schema");
    let was_libsecret = |schema: &String| {
        *schema == LIBSECRET.1 || *schema == LIBSECRET_ONCE.1 && label.starts_with(LIBSECRET_ONCE.0)
    };
    if schema.is_some_and(was_libsecret) {
        let host = with_port(value("server")?, value("port").map(String::as_str));
        let is_ours = value("protocol").is_some_and(|name| name == "https");
        let host = site.name_of(&host, ":443").filter(|_| is_ours)?;
        return Some(Told {
            program: LIBSECRET.0,
            host: host.to_owned(),
            path: value("object").cloned(),
            username: value("user").cloned(),
        });
    }
    if schema.is_some_and(|schema| schema != MANAGER.1) {
        return None;
    }
    let service = value("service")?.strip_prefix("git:https://")?;
    let (authority, path) = service.split_once('/').unwrap_or((service, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user = Some(user.to_owned()).filter(|user| !user.is_empty());
    Some(Told {
        program: MANAGER.0,
        host: site.name_of(host, ":443")?.to_owned(),
        path: Some(path.to_owned()).filter(|path| !path.is_empty()),
        username: value("account").cloned().or(user),
    })
}

/// The server of a name of a site's: libsecret's helper keeps a port apart from it.
fn without_port(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

/// The other way round; 0 is what some versions write where there is none.
fn with_port(server: &str, port: Option<&str>) -> String {
    match port {
        None | Some("0") => server.to_owned(),
        Some(port) => format!("{server}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_apart_from_the_server() {
        for (name, server, port) in [
            ("bitbucket.org", "bitbucket.org", None),
            ("bitbucket.org", "bitbucket.org", Some("0")),
            ("git.example.com:7990", "git.example.com", Some("7990")),
        ] {
            assert_eq!(without_port(name), server);
            assert_eq!(with_port(server, port), name);
        }
    }
    use crate::bitbucket::site::CLOUD;

    #[test]
    #[allow(clippy::too_many_lines, reason = "one table")]
    fn items_are_known_by_what_they_say() {
        let git = ("xdg:schema", LIBSECRET.1);
        let manager = ("xdg:schema", MANAGER.1);
        let https = ("protocol", "https");
        let server = ("server", "bitbucket.org");
        for (attributes, expected) in [
            (
                &[git, https, server, ("user", "alice")][..],
                Some(("bitbucket.org", None, Some("alice"))),
            ),
            (
                &[git, https, server, ("port", "443"), ("object", "a/b.git")],
                Some(("bitbucket.org", Some("a/b.git"), None)),
            ),
            (&[git, https, server, ("port", "8443")], None),
            (&[git, ("protocol", "http"), server], None),
            (&[git, https, ("server", "bitbucket.org.evil.test")], None),
            (
                &[
                    ("xdg:schema", "org.gnome.keyring.NetworkPassword"),
                    https,
                    server,
                ],
                None,
            ),
            (
                &[
                    ("xdg:schema", LIBSECRET_ONCE.1),
                    https,
                    server,
                    ("user", "old"),
                ],
                Some(("bitbucket.org", None, Some("old"))),
            ),
            (&[https, server], None),
            (
                &[
                    manager,
                    ("service", "git:https://bitbucket.org"),
                    ("account", "alice"),
                ],
                Some(("bitbucket.org", None, Some("alice"))),
            ),
            (
                &[("service", "git:https://bob@bitbucket.org")],
                Some(("bitbucket.org", None, Some("bob"))),
            ),
            (
                &[
                    manager,
                    ("service", "git:https://bitbucket.org/refresh_token"),
                    ("account", "a"),
                ],
                Some(("bitbucket.org", Some("refresh_token"), Some("a"))),
            ),
            (
                &[
                    manager,
                    ("service", "git:https://github.com"),
                    ("account", "a"),
                ],
                None,
            ),
            (
                &[
                    ("service", "git-credential-bitbucket:https://bitbucket.org"),
                    ("account", "a"),
                ],
                None,
            ),
            (&[], None),
        ] {
            let owned = attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let owned = owned.collect();
            let label = if attributes.contains(&("user", "old")) {
                "Git: https://bitbucket.org/"
            } else {
                "bitbucket.org"
            };
            let told = told(label, &owned, &CLOUD);
            let told = told
                .as_ref()
                .map(|told| (&*told.host, told.path.as_deref(), told.username.as_deref()));
            assert_eq!(told, expected, "{attributes:?}");
        }
    }
}
