//! Secrets that Git's own helpers get for us: those that a running `git credential-cache`
//! daemon has in memory, and those that `osxkeychain` and `wincred` keep in the platform's
//! keychain. They are asked about our hosts only, and no daemon is started to ask.

use super::super::found::FoundSecret;
use super::super::helper_words;
use super::super::removal::{HelperProgram, KEYCHAIN_HELPERS, RemovableSecret};
use super::git_settings::remote;
use super::search::Search;
use crate::bitbucket::{shape, static_names};
use crate::platform;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// For how many names and paths it is asked, each time by a process.
const MOST_NAMES: usize = 20;
const MOST_PATHS: usize = 4;

/// Asks every helper that may have something.
pub(super) fn search(search: &mut Search) {
    let sockets = sockets(search);
    let caches = sockets.into_iter().map(|(socket, timeout, brought_along)| {
        let program = HelperProgram::Cache { socket, timeout };
        (program, brought_along)
    });
    let (helpers, shell) = (search.machine.helpers(), search.machine.shell());
    let keychains = KEYCHAIN_HELPERS.iter().filter(|(name, _)| {
        let is_it = |value: &str| helper_words::of_helper(value, name, &shell).is_some();
        platform::KEYCHAIN_HELPER == Some(name) || helpers.iter().any(|helper| is_it(&helper.value))
    });
    let keychains = keychains.map(|(name, _)| (HelperProgram::Keychain((*name).to_owned()), false));
    let programs = caches.chain(keychains);
    for (program, brought_along) in programs.filter(|(program, _)| program.is_there()) {
        let before = search.found.len();
        if let Err(error) = ask_all(search, &program) {
            search.trouble(&program.place().to_string(), format!("{error:#}"));
        }
        for found in &mut search.found[before..] {
            found.brought_along = brought_along;
        }
    }
}

/// A helper tells of one credential at a time, and not for which path it is, so it is asked
/// for each name and each path that is known; for any path last.
fn ask_all(search: &mut Search, program: &HelperProgram) -> anyhow::Result<()> {
    let known = search
        .found
        .iter()
        .filter_map(|found| found.username.clone());
    let is_a_line = |text: &String| !text.contains(['\n', '\0']);
    let known: BTreeSet<_> = known.filter(is_a_line).collect();
    let fixed = static_names().map(str::to_owned);
    let usernames: Vec<_> = fixed.chain(known).take(MOST_NAMES).collect();
    let site = search.machine.surroundings.site;
    let remotes = search.machine.lines.iter();
    let remotes: BTreeSet<_> = remotes.filter_map(|line| remote(line, site)).collect();
    for host in site.names() {
        let paths = remotes.iter().filter(|remote| remote.0 == host);
        let paths = paths.map(|(_, path)| path.clone()).filter(is_a_line);
        let paths: Vec<_> = paths.take(MOST_PATHS).map(Some).chain([None]).collect();
        for path in &paths {
            ask(search, program, (host, path.as_deref()), None)?;
            for name in &usernames {
                ask(search, program, (host, path.as_deref()), Some(name))?;
            }
        }
    }
    Ok(())
}

/// Where daemons listen: Git's two places, and those that a helper names; their timeouts,
/// and whether only a repository names them.
fn sockets(search: &mut Search) -> Vec<(PathBuf, Option<String>, bool)> {
    let machine = search.machine;
    let mut named = Vec::new();
    let mut default_timeout = None;
    for helper in machine.helpers() {
        let words = helper_words::of_helper(&helper.value, "cache", &machine.shell());
        let Some(words) = words else { continue };
        match words {
            Ok(words) => {
                let timeout = helper_words::option(&words, "--timeout");
                match helper_words::option(&words, "--socket") {
                    Some(socket) => {
                        let socket = machine.absolute(socket);
                        named.push((socket, timeout, helper.brought_along));
                    }
                    None => default_timeout = timeout,
                }
            }
            Err(reason) => search.trouble("credential.helper = cache", reason),
        }
    }
    let old = machine
        .home
        .as_ref()
        .map(|home| home.join(".git-credential-cache/socket"));
    let new = machine.folder("XDG_CACHE_HOME", ".cache", "git/credential/socket");
    let default = old.into_iter().chain(new);
    let mut all: Vec<_> = default
        .map(|socket| (socket, default_timeout.clone(), false))
        .collect();
    for one in named {
        if !all.iter().any(|(other, ..)| *other == one.0) {
            all.push(one);
        }
    }
    all
}

fn ask(
    search: &mut Search,
    program: &HelperProgram,
    (host, path): (&str, Option<&str>),
    name: Option<&str>,
) -> anyhow::Result<()> {
    let Some(answer) = program.ask(search.machine.surroundings, host, path, name)? else {
        return Ok(());
    };
    let (place, username, secret) = (program.place(), answer.username, answer.secret);
    // For any path, it may tell again what it has for one.
    let is_known = search.found.iter().any(|other| {
        (&other.place, &*other.host, &other.username) == (&place, host, &username)
            && (other.path.as_deref() == path || other.secret == secret)
    });
    if !is_known {
        search.found.push(FoundSecret {
            place,
            host: host.to_owned(),
            path: path.map(str::to_owned),
            username,
            shape: shape(&secret.trimmed()),
            secret,
            fixed: None,
            brought_along: false,
            in_name: false,
            removal: RemovableSecret::Helper(answer.credential),
        });
    }
    Ok(())
}
