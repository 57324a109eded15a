//! Secrets in variables of the environment, our own included. They are told, never
//! changed: whoever sets them is out of reach.

use super::super::found::FoundSecret;
use super::super::headers::of_authorization;
use super::super::login_url::LoginUrl;
use super::super::place::{GitUse, PlaceKind, SecretPlace};
use super::super::removal::RemovableSecret;
use super::search::Search;
use crate::bitbucket::{Site, is_credential, shape};
use crate::reason::Reason;
use crate::secret::Secret;

const KIND: PlaceKind = PlaceKind {
    id: "environment",
    words: "the variable {name}",
    git_use: GitUse::Variable,
};

const FIXED: Reason = Reason::fixed("it is set outside", "remove it where it is set");

/// Searches all variables.
pub(super) fn search(search: &mut Search) {
    let context = search.machine.surroundings.context;
    for (name, value) in &context.environment {
        let name = name.to_string_lossy();
        // Git reads these to us.
        if !name.starts_with("GIT_CONFIG_") {
            report(search, &name, value.as_encoded_bytes());
        }
    }
}

/// A setting that Git has from the command line or from a variable.
pub(super) fn of_setting(search: &mut Search, value: &[u8]) {
    let context = search.machine.surroundings.context;
    let name = context
        .environment
        .iter()
        .find(|(name, text)| {
            let name = name.to_string_lossy();
            name.starts_with("GIT_CONFIG_VALUE_") && text.as_encoded_bytes() == value
        })
        .map_or("GIT_CONFIG_PARAMETERS".into(), |(name, _)| {
            name.to_string_lossy()
        });
    report(search, &name, value);
}

fn report(search: &mut Search, name: &str, value: &[u8]) {
    let Some((host, path, username, secret)) = secret_in(value, search.machine.surroundings.site)
    else {
        return;
    };
    search.found.push(FoundSecret {
        place: SecretPlace::named(&KIND, name),
        host,
        path,
        username,
        shape: shape(&secret.trimmed()),
        secret,
        fixed: Some(FIXED),
        brought_along: false,
        in_name: false,
        removal: RemovableSecret::Nowhere,
    });
}

/// Host, path, user name and secret.
type HiddenLogin = (String, Option<String>, Option<String>, Secret);

fn secret_in(value: &[u8], site: &Site) -> Option<HiddenLogin> {
    if let Some(url) = LoginUrl::parse(value, site) {
        return Some((url.host, url.path, url.username, url.secret));
    }
    let host = || site.host().to_owned();
    let is_ours = std::str::from_utf8(value.trim_ascii()).is_ok_and(is_credential);
    if is_ours {
        return Some((host(), None, None, Secret::copy_of(value)));
    }
    let (username, secret) = of_authorization(value)?;
    Some((host(), None, username, secret))
}
