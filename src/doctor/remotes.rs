//! Where the repository's remotes lead, and what keeps Git from asking for a credential there.

use super::finding::Finding;
use super::places::LONGEST_FILE;
use super::rows;
use super::survey::Survey;
use crate::bitbucket::{Site, is_credential};
use crate::git::Setting;
use crate::git::config_text::ConfigText;
use crate::helper::pipelines;
use crate::platform;
use crate::text::shown;
use std::path::Path;
use url::Url;

/// What turns the URL of a push into one that is not Bitbucket's over HTTPS.
pub(super) fn rewritten(survey: &Survey) -> Vec<Finding> {
    let (site, url) = (&survey.session.site, survey.url());
    let rules = survey.machine.lines.iter().filter(|line| {
        line.section == "url" && ["insteadof", "pushinsteadof"].contains(&&*line.key)
    });
    rules
        .filter(|line| url.as_str().starts_with(line.value.as_str()))
        .filter(|line| {
            let base = line.subsection.as_deref().unwrap_or_default();
            let base = parts(base).filter(|(scheme, ..)| scheme == "https");
            base.is_none_or(|(_, host, _)| !site.is_host(&host))
        })
        .map(|line| {
            let key = format!("url.<base>.{}", line.key);
            let place = line.place();
            let particulars = [
                ("key", &*key),
                ("place", &*place),
                ("url", line.value.as_str()),
            ];
            Finding::new(&rows::REWRITTEN, &particulars)
        })
        .collect()
}

/// Whether the repository's way to Bitbucket is the one to which the agent of Bitbucket Pipelines
/// adds the login.
pub(super) fn leads_to_agent(survey: &Survey) -> bool {
    let mut lines = survey.machine.lines.iter();
    survey.remote.is_none()
        && lines.any(|line| line.is_remote_url() && pipelines::is_origin(&line.value))
}

/// Whether the repository has a remote of Bitbucket's, and none that gets a credential.
pub(super) fn has_wrong_remotes_only(survey: &Survey) -> bool {
    let mut remotes = survey
        .machine
        .lines
        .iter()
        .filter(|line| line.is_remote_url());
    survey.remote.is_none() && remotes.any(|line| remote(survey, line).is_some())
}

pub(super) fn remotes(survey: &Survey) -> Vec<Finding> {
    let ours = survey
        .machine
        .lines
        .iter()
        .filter(|line| line.is_remote_url());
    let mut findings: Vec<_> = ours.filter_map(|line| remote(survey, line)).collect();
    let files = survey.machine.lines.iter().filter(|line| {
        line.is("lfs", "url") || line.is("lfs", "pushurl") || line.is("remote", "lfsurl")
    });
    if survey.remote.is_some() {
        let site = &survey.session.site;
        findings.extend(files.filter_map(|line| large_files(site, line, &line.place())));
        findings.extend(from_lfsconfig(survey));
    }
    findings
}

/// `remote.origin.url`, with what of it may be shown.
fn name_of(line: &Setting) -> String {
    match line.subsection.as_deref() {
        Some(name) if !is_credential(name) => {
            format!("{}.{}.{}", line.section, shown(name), line.key)
        }
        _ => format!("{}.{}", line.section, line.key),
    }
}

/// What is wrong with a remote of Bitbucket's.
fn remote(survey: &Survey, line: &Setting) -> Option<Finding> {
    let (scheme, host, path) = parts(&line.value)?;
    let site = &survey.session.site;
    let is_www = host
        .strip_prefix("www.")
        .is_some_and(|rest| site.is_host(rest));
    let row = match (&*scheme, site.is_host(&host)) {
        ("https" | "http", false) if is_www => &rows::REMOTE_WWW,
        ("http", true) if pipelines::is_origin(&line.value) => &rows::REMOTE_PIPELINES,
        ("http", true) => &rows::REMOTE_PLAIN,
        ("ssh", true) => &rows::REMOTE_SSH,
        _ => return None,
    };
    let key = name_of(line);
    let url = format!("{}/{}", site.url(), path);
    let command = format!("git config {key} {}", shown(&url));
    let particulars = [
        ("site", site.host()),
        ("key", &*key),
        ("command", &*command),
    ];
    Some(Finding::new(row, &particulars))
}

/// Scheme, host and path of a remote; also of SSH's short form, `git@host:path`.
fn parts(value: &str) -> Option<(String, String, String)> {
    let tidy = |path: &str| path.trim_matches('/').to_owned();
    if value.contains("://") {
        let url = Url::parse(value).ok()?;
        let scheme = url.scheme().trim_start_matches("git+").to_owned();
        return Some((
            scheme,
            url.host_str()?.to_ascii_lowercase(),
            tidy(url.path()),
        ));
    }
    let (host, path) = value.split_once(':')?;
    let host = host.rsplit('@').next().unwrap_or_default();
    (!host.contains('/')).then(|| ("ssh".to_owned(), host.to_ascii_lowercase(), tidy(path)))
}

/// Whether a setting of git-lfs leads elsewhere.
fn large_files(site: &Site, line: &Setting, place: &str) -> Option<Finding> {
    let url = Url::parse(&line.value).ok()?;
    let host = url.host_str()?;
    (!site.is_host(host)).then(|| {
        let key = name_of(line);
        let particulars = [("key", &*key), ("place", place), ("host", host)];
        Finding::new(&rows::LFS_ELSEWHERE, &particulars)
    })
}

/// `.lfsconfig`, which comes with the repository, in the words of Git's configuration.
fn from_lfsconfig(survey: &Survey) -> Vec<Finding> {
    let Ok(top) = survey.machine.git.ask(&["rev-parse", "--show-toplevel"]) else {
        return Vec::new();
    };
    let file = Path::new(&top).join(".lfsconfig");
    // It may be a pipe, or a link to anything: Git would wait for it.
    let Ok(content) = platform::read_plain_file(&file, LONGEST_FILE) else {
        return Vec::new();
    };
    let Some(config) = ConfigText::parse(&content) else {
        return Vec::new();
    };
    let path = file.to_string_lossy();
    let url = config.value("lfs", "url");
    let host = url
        .and_then(|url| Url::parse(&url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    let elsewhere = host.filter(|host| !survey.session.site.is_host(host));
    let finding = elsewhere.map(|host| {
        let particulars = [("key", "lfs.url"), ("place", &*path), ("host", &*host)];
        Finding::new(&rows::LFS_ELSEWHERE, &particulars)
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn remotes_are_read_in_every_form() {
        for (value, expected) in [
            (
                "https://a@BitBucket.org/x/y.git",
                Some("https bitbucket.org x/y.git"),
            ),
            (
                "ssh://git@bitbucket.org/x/y.git",
                Some("ssh bitbucket.org x/y.git"),
            ),
            (
                "git@bitbucket.org:x/y.git",
                Some("ssh bitbucket.org x/y.git"),
            ),
            ("bitbucket.org:x/y.git", Some("ssh bitbucket.org x/y.git")),
            ("../y.git", None),
            ("/srv/a:b", None),
        ] {
            let found = parts(value).map(|(a, b, c)| format!("{a} {b} {c}"));
            assert_eq!(found.as_deref(), expected, "{value}");
        }
    }
}
