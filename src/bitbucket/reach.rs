//! Whether Bitbucket can be reached at all, with nobody's credential.

use super::answers::{Meaning, Surface, meaning};
use super::catalogue::Uncertainty;
use super::site::{Repository, Site};
use super::verify::LONGEST_VERIFICATION;
use crate::dates;
use crate::git::Config;
use crate::network::{Authorization, Client, Settings, Trouble};
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
    if let Meaning::Unknown(why @ (Uncertainty::TooManyAttempts | Uncertainty::Server { .. })) =
        meaning(surface, None, &answer)
    {
        return Err(why);
    }
    let date = answer.header("date").map(httpdate::parse_http_date);
    let date = date.and_then(Result::ok);
    Ok(date.and_then(dates::unix))
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
