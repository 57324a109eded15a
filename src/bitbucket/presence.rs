//! Whether Bitbucket can be reached at all, with nobody's credential.

use super::advice::advise_unasked;
use super::outcomes::Uncertainty;
use super::site::{Repository, Site};
use super::status_codes::{Meaning, Surface, meaning};
use super::verify::LONGEST_VERIFICATION;
use crate::dates;
use crate::git::Config;
use crate::network::{Authorization, Client, Response, Settings, Trouble};
use serde::Deserialize;
use std::time::Instant;
use url::Url;

/// Sends one request without a login, and returns the server's time in Unix seconds if the
/// answer has one. A refusal is an answer, and will mostly be the one; that the server
/// cannot answer now is none.
pub fn reach(
    site: &Site,
    repository: Option<&Repository>,
    config: &Config,
) -> Result<Option<u64>, Uncertainty> {
    let url = repository.map_or_else(
        || site.whose_url().to_owned(),
        |it| format!("{}/info/refs?service=git-upload-pack", site.remote(it)),
    );
    let answer = client(&url, config)
        .and_then(|client| client.get(&url, &[], &Authorization::Nobody))
        .map_err(Uncertainty::Network)?;
    let surface = repository.map_or(Surface::Rest, |_| Surface::Git);
    match meaning(site.product(), surface, None, &answer) {
        Meaning::Unknown(why) if why.ends_questions() => return Err(why),
        _ => {}
    }
    let date = answer.header("date").map(httpdate::parse_http_date);
    let date = date.and_then(Result::ok);
    Ok(date.and_then(dates::unix))
}

/// What answers at a site's address.
pub enum Presence {
    /// A Bitbucket; its version, as it goes on after the word.
    Bitbucket(String),
    /// Something else, with this status.
    Other(u16),
    /// Nobody, or nothing may be sent: why.
    Silent(String),
}

/// What the page of the REST API that says whose a credential is tells everybody.
#[derive(Deserialize)]
struct Properties {
    version: String,
    #[serde(rename = "displayName")]
    name: Option<String>,
}

/// Asks a Data Center once, with nobody's credential, whether it is one.
pub fn presence(site: &Site, config: &Config) -> Presence {
    let url = site.whose_url();
    let answer = client(url, config).and_then(|it| it.get(url, &[], &Authorization::Nobody));
    match answer {
        Ok(answer) => of_answer(&answer),
        Err(why) => Presence::Silent(advise_unasked(site, Uncertainty::Network(why)).to_string()),
    }
}

fn of_answer(answer: &Response) -> Presence {
    let properties = serde_json::from_slice::<Properties>(&answer.body).ok();
    let properties = properties.filter(|it| {
        answer.status == 200 && it.name.as_deref().is_none_or(|name| name == "Bitbucket")
    });
    match properties {
        // What it says of itself is repeated as far as it is a version.
        Some(Properties { version, .. }) => {
            let is_version = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
            let is_plain = version.len() <= 20 && version.chars().all(is_version);
            let text = format!(" Data Center {version}");
            Presence::Bitbucket(if is_plain { text } else { String::new() })
        }
        // The server is there and cannot answer now, or answers nobody without a login.
        None if matches!(answer.status, 401 | 403 | 429 | 500..=599) => {
            Presence::Silent(format!("it answered with status {}", answer.status))
        }
        None => Presence::Other(answer.status),
    }
}

/// A setting of Git's that cannot be honoured, so that nothing would be sent to the site.
/// Reads files and sends nothing.
pub fn setting_in_the_way(site: &Site, config: &Config) -> Option<Trouble> {
    [site.url(), site.whose_url()]
        .into_iter()
        .find_map(|url| client(url, config).err())
}

fn client(url: &str, config: &Config) -> Result<Client, Trouble> {
    let url = Url::parse(url).map_err(|_| Trouble::Broken)?;
    let deadline = Instant::now() + LONGEST_VERIFICATION;
    Client::new(&Settings::of(&url, config)?, deadline)
}
