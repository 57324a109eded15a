//! Where the repository's remotes lead, and what keeps Git from asking for a credential there.

use super::finding::Finding;
use super::messages::{self, FindingState};
use super::places::LONGEST_FILE;
use super::push_remote::{fault, meant_host};
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
            let base = RemoteParts::of(base).filter(|base| base.scheme == "https");
            base.is_none_or(|base| !site.is_host(&base.host_and_port()))
        })
        .map(|line| {
            let key = format!("url.<base>.{}", line.key);
            let place = line.place();
            let particulars = [
                ("key", &*key),
                ("place", &*place),
                ("url", line.value.as_str()),
            ];
            Finding::new(&messages::REWRITTEN, &particulars)
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

/// Whether the remote of Bitbucket's that a push most likely goes to gets no credential: the
/// only ones there are, or `origin`.
pub(super) fn is_wrong_remote_meant(survey: &Survey) -> bool {
    let remotes = survey.machine.lines.iter();
    let is_wrong = |line: &&Setting| {
        let finding = remote(survey, line);
        finding.is_some_and(|finding| finding.state != FindingState::Good)
    };
    let mut wrong = remotes.filter(|line| line.is_remote_url() && is_wrong(line));
    let is_origin = |line: &Setting| line.subsection.as_deref() == Some("origin");
    match &survey.remote {
        None => wrong.next().is_some(),
        Some(meant) => !meant.key.starts_with("remote.origin.") && wrong.any(is_origin),
    }
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
    let site = &survey.session.site;
    let key = name_of(line);
    let said = |row, address: &str, reason: &str| {
        let command = format!("git config {key} {}", shown(address));
        let particulars = [
            ("site", site.host()),
            ("key", &key),
            ("command", &command),
            ("reason", reason),
        ];
        Finding::new(row, &particulars)
    };
    if let Some(reason) = fault(&line.value) {
        let is_ours = meant_host(&line.value) == machine_of(site);
        let address = site.address("WORKSPACE/REPOSITORY.git");
        return is_ours.then(|| said(&messages::REMOTE_UNUSABLE, &address, reason));
    }
    let parts = RemoteParts::of(&line.value)?;
    let www = parts.host.strip_prefix("www.");
    let is_www = www.is_some_and(|rest| site.is_host(rest));
    let is_machine = parts.host == machine_of(site);
    let row = match &*parts.scheme {
        "https" | "http" if is_www => &messages::REMOTE_WWW,
        "http" if is_machine && pipelines::is_origin(&line.value) => &messages::REMOTE_PIPELINES,
        "http" if is_machine && !site.url().starts_with("http:") => &messages::REMOTE_PLAIN,
        "https" if is_machine && !site.is_host(&parts.host_and_port()) => &messages::REMOTE_PORT,
        "ssh" if is_machine => &messages::REMOTE_SSH,
        _ => return None,
    };
    // By ssh the folder of the repositories is not in the path.
    let path = site.below_repositories(&parts.path).unwrap_or(&parts.path);
    Some(said(row, &site.address(path), ""))
}

/// The machine of a site, without a port.
fn machine_of(site: &Site) -> String {
    let host = site.host().split(':').next().unwrap_or_default();
    host.to_ascii_lowercase()
}

/// What a remote's address is made of; also in SSH's short form, `git@host:path`.
struct RemoteParts {
    scheme: String,
    host: String,
    /// Unless it is the scheme's own.
    port: Option<u16>,
    /// Without slashes around it.
    path: String,
}

impl RemoteParts {
    fn of(value: &str) -> Option<Self> {
        let tidy = |path: &str| path.trim_matches('/').to_owned();
        if value.contains("://") {
            let url = Url::parse(value).ok()?;
            return Some(Self {
                scheme: url.scheme().trim_start_matches("git+").to_owned(),
                host: url.host_str()?.to_ascii_lowercase(),
                port: url.port(),
                path: tidy(url.path()),
            });
        }
        let (host, path) = value.split_once(':')?;
        let host = host.rsplit('@').next().unwrap_or_default();
        (!host.contains('/')).then(|| Self {
            scheme: "ssh".to_owned(),
            host: host.to_ascii_lowercase(),
            port: None,
            path: tidy(path),
        })
    }

    /// As a site is named.
    fn host_and_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

/// Whether a setting of git-lfs leads elsewhere.
fn large_files(site: &Site, line: &Setting, place: &str) -> Option<Finding> {
    let host = host_of_url(&line.value)?;
    (!site.is_host(&host)).then(|| {
        let key = name_of(line);
        let particulars = [("key", &*key), ("place", place), ("host", &host)];
        Finding::new(&messages::LFS_ELSEWHERE, &particulars)
    })
}

/// The host of a URL as a site is named, with a port of its own.
fn host_of_url(url: &str) -> Option<String> {
    let parts = RemoteParts::of(url).filter(|_| url.contains("://"));
    Some(parts?.host_and_port())
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
    let host = config.value("lfs", "url").and_then(|url| host_of_url(&url));
    let elsewhere = host.filter(|host| !survey.session.site.is_host(host));
    let finding = elsewhere.map(|host| {
        let particulars = [("key", "lfs.url"), ("place", &*path), ("host", &*host)];
        Finding::new(&messages::LFS_ELSEWHERE, &particulars)
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::RemoteParts;

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
            (
                "https://git.example.com:7990/scm/x/y.git",
                Some("https git.example.com:7990 scm/x/y.git"),
            ),
            (
                "https://bitbucket.org:443/x/y",
                Some("https bitbucket.org x/y"),
            ),
            ("../y.git", None),
            ("/srv/a:b", None),
        ] {
            let found = RemoteParts::of(value);
            let found = found.map(|it| format!("{} {} {}", it.scheme, it.host_and_port(), it.path));
            assert_eq!(found.as_deref(), expected, "{value}");
        }
    }
}
