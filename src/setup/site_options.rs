//! Which site a helper line speaks for: the options that name a Data Center. Without one it is
//! Bitbucket Cloud. They are read before all other options, since the hosts are compared first.

use super::helper_line;
use crate::bitbucket::Site;
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::git::{Config, Setting, shell};

/// Names a Data Center by its address.
const DATA_CENTER: &str = DataCenter::OPTION;
/// Names another host that takes the same credentials.
pub const ALIAS: &str = "--alias";
/// Agrees to a connection without encryption.
pub const ALLOW_HTTP: &str = "--allow-http";
/// Agrees to the passwords of accounts.
pub const ALLOW_PASSWORD: &str = "--allow-password";

/// Those that take a value.
pub(super) const WITH_VALUE: [&str; 2] = [DATA_CENTER, ALIAS];

/// The site that a helper line with these options speaks for, in either spelling,
/// `--data-center=URL` or `--data-center URL`. The error says what is wrong.
pub fn site(words: &[String]) -> Result<Site, String> {
    if !words.iter().any(|word| is_ours(word)) {
        return Ok(CLOUD.clone());
    }
    let mut named = DataCenter::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        match name {
            ALLOW_HTTP => named.allows_http = true,
            ALLOW_PASSWORD => named.allows_password = true,
            DATA_CENTER | ALIAS => {
                let value = value
                    .or_else(|| words.next().map(String::as_str))
                    .filter(|value| !value.is_empty())
                    .ok_or_else(|| format!("{name} names nothing"))?
                    .to_owned();
                if name == ALIAS {
                    named.aliases.push(value);
                } else if named.url.is_empty() {
                    named.url = value;
                } else {
                    return Err(format!("{DATA_CENTER} is there twice"));
                }
            }
            _ => {}
        }
    }
    if named.url.is_empty() {
        return Err(format!(
            "{ALIAS}, {ALLOW_HTTP} and {ALLOW_PASSWORD} go with {DATA_CENTER}"
        ));
    }
    named
        .site()
        .map_err(|fault| format!("{DATA_CENTER} cannot be read: {fault}"))
}

fn is_ours(word: &str) -> bool {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    [DATA_CENTER, ALIAS, ALLOW_HTTP, ALLOW_PASSWORD].contains(&name)
}

/// How a site is written after our name, with a blank before each word; quoted for the shell.
pub fn written(site: &Site) -> anyhow::Result<Vec<u8>> {
    let mut written = Vec::new();
    let Some(named) = site.as_data_center() else {
        return Ok(written);
    };
    let mut option = |name: &str, value: &str| -> anyhow::Result<()> {
        written.extend(format!(" {name}=").into_bytes());
        written.extend(shell::quote(value.as_bytes())?);
        Ok(())
    };
    option(DATA_CENTER, &named.url)?;
    for alias in &named.aliases {
        option(ALIAS, alias)?;
    }
    for (flag, is_set) in [
        (ALLOW_HTTP, named.allows_http),
        (ALLOW_PASSWORD, named.allows_password),
    ] {
        if is_set {
            written.extend(format!(" {flag}").into_bytes());
        }
    }
    Ok(written)
}

/// The site for which a `helper` line names us.
fn site_of(line: &Setting) -> Option<Site> {
    helper_line::names_us(&line.value)
        .then(|| site(&helper_line::options(&line.value)).ok())
        .flatten()
}

/// Whether a `helper` line names us for this site.
pub fn is_for(line: &Setting, wanted: &Site) -> bool {
    site_of(line).is_some_and(|site| site.url() == wanted.url())
}

/// Every site that the person's own lines name, in Git's order. What a repository brings along
/// names none: whoever made it would choose where a secret goes.
pub fn configured(config: &Config) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    let lines = config.helper_lines().filter(|it| !it.is_repository_local());
    for site in lines.filter_map(site_of) {
        match sites.iter_mut().find(|known| known.url() == site.url()) {
            // The last line counts.
            Some(known) => *known = site,
            None => sites.push(site),
        }
    }
    sites
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Site, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        site(&words)
    }

    #[test]
    fn without_an_option_it_is_cloud() {
        for line in ["", "--store=file", "--future --x=y"] {
            assert_eq!(read(line).as_ref(), Ok(&CLOUD), "{line}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (line, expected) in [
            (
                "--data-center https://G.test/",
                " --data-center=https://g.test",
            ),
            (
                "--store=file --data-center=https://g.test:8443/b --alias m.test --alias=n.test:7999",
                " --data-center=https://g.test:8443/b --alias=m.test --alias=n.test:7999",
            ),
            (
                "--data-center=http://g.test --allow-http --allow-password",
                " --data-center=http://g.test --allow-http --allow-password",
            ),
            (
                "--data-center=http://localhost:7990 --allow-http",
                " --data-center=http://localhost:7990",
            ),
            ("", ""),
        ] {
            let site = read(line).unwrap();
            let text = String::from_utf8(written(&site).unwrap()).unwrap();
            assert_eq!(text, expected, "{line}");
            assert_eq!(read(&text).as_ref(), Ok(&site), "{line}");
        }
        // Brackets mean something to a shell.
        let site = read("--data-center=http://[::1]:7990").unwrap();
        let line = [b"bitbucket".to_vec(), written(&site).unwrap()].concat();
        let words = helper_line::options(&String::from_utf8(line).unwrap());
        assert_eq!(super::site(&words).as_ref(), Ok(&site));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (line, expected) in [
            ("--data-center", "--data-center names nothing"),
            ("--data-center=", "--data-center names nothing"),
            ("--alias=m.test", "go with --data-center"),
            ("--allow-http", "go with --data-center"),
            (
                "--data-center=https://g.test --data-center=https://h.test",
                "is there twice",
            ),
            (
                "--data-center=g.test",
                "--data-center cannot be read: write it as",
            ),
            ("--data-center=http://g.test", "--allow-http"),
            ("--data-center=https://bitbucket.org", "no Data Center"),
        ] {
            let said = read(line).unwrap_err();
            assert!(said.contains(expected), "{line}: {said}");
        }
    }

    #[test]
    fn the_person_s_own_lines_name_sites_and_no_repository_s() {
        let config = Config::of(&[
            ("global", "credential.https://bitbucket.org.helper", ""),
            (
                "global",
                "credential.https://bitbucket.org.helper",
                "bitbucket",
            ),
            (
                "global",
                "credential.https://g.test.helper",
                "bitbucket --data-center=https://g.test/b --alias=m.test",
            ),
            (
                "system",
                "credential.https://m.test.helper",
                "/x/git-credential-bitbucket --data-center=https://g.test/b --alias=m.test",
            ),
            (
                "local",
                "credential.https://evil.test.helper",
                "bitbucket --data-center=https://g.test/b --alias=evil.test",
            ),
            (
                "local",
                "credential.helper",
                "bitbucket --data-center=https://evil.test",
            ),
            (
                "global",
                "credential.helper",
                "bitbucket --data-center=nonsense",
            ),
            (
                "global",
                "credential.helper",
                "cache --data-center=https://c.test",
            ),
        ]);
        let sites = configured(&config);
        let urls: Vec<_> = sites.iter().map(Site::url).collect();
        assert_eq!(urls, ["https://bitbucket.org", "https://g.test/b"]);
        assert!(sites[1].is_host("m.test") && !sites[1].is_host("evil.test"));
    }
}
