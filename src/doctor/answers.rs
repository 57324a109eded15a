//! Whose credential a push would use: what Git takes before it asks anybody, then its
//! helpers in order, us among them.

use super::places::{EVERY_HOST, FoundSecret, GitUse, SecretPlace};
use super::scene::{Elsewhere, Judgement, Scene};
use super::settings;
use crate::accounts::{Entry, Selection, Wanted, select};
use crate::bitbucket::{Kind, Repository, Verdict};
use crate::git::chain::Helper;
use crate::helper::{now, token_file_fault, variable_in_force};
use crate::setup::helper_line;
use std::path::Path;
use url::Url;

/// Who answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A variable of the environment, and nothing is known against it.
    Variable(&'static str),
    /// The file that `credential.helper` names.
    TokenFile,
    /// What we keep, by its number, and nothing is known against it.
    Kept(usize),
    /// What lies elsewhere, by its number, and nothing is known against it.
    Elsewhere(usize),
    /// What lies elsewhere, by its number, and Bitbucket does not take it.
    Dead(usize),
    /// Nobody; a person would be asked, or Git fails.
    Nobody,
}

impl Answer {
    /// Whom a push would be authenticated with; `None` if with nobody.
    pub fn who(self, scene: &Scene) -> Option<String> {
        match self {
            Self::Variable(name) => Some(name.to_owned()),
            Self::TokenFile => Some("the file of --token-file".to_owned()),
            Self::Kept(index) => Some(scene.entries()[index].title()),
            Self::Elsewhere(index) => {
                let one = &scene.elsewhere[index];
                Some(format!("{} in {}", one.what(), one.found.whereabouts()))
            }
            Self::Dead(_) | Self::Nobody => None,
        }
    }
}

pub(super) fn first(scene: &Scene) -> Answer {
    if settings::has_wrong_remotes_only(scene) || !settings::rewritten(scene).is_empty() {
        return Answer::Nobody;
    }
    let applicable = || {
        let all = scene.elsewhere.iter().enumerate();
        all.filter(|(_, one)| applies(scene, &one.found))
    };
    for comes_first in [
        |scene: &Scene, found: &FoundSecret| is_in_url(scene, found),
        |_: &Scene, found: &FoundSecret| found.place.kind.git_use == GitUse::Header,
        |_: &Scene, found: &FoundSecret| found.place.kind.git_use == GitUse::Netrc,
    ] {
        for (index, one) in applicable() {
            if comes_first(scene, &one.found) {
                match answer_of(index, one) {
                    // Git asks its helpers after a 401, but not after a 410.
                    Answer::Dead(_)
                        if one.found.place.kind.git_use == GitUse::Netrc
                            && one.judgement != Judgement::Token(Kind::AppPassword) => {}
                    Answer::Nobody => {}
                    answer => return answer,
                }
            }
        }
    }
    let chain = scene.chain.as_deref().unwrap_or_default();
    for helper in chain.iter().filter(|helper| helper.found) {
        let answer = if helper_line::names_us(&helper.value) {
            ours(scene)
        } else {
            applicable()
                .find(|(_, one)| holds(helper, &one.found.place))
                .map_or(Answer::Nobody, |(index, one)| answer_of(index, one))
        };
        if answer != Answer::Nobody {
            return answer;
        }
    }
    Answer::Nobody
}

fn answer_of(index: usize, one: &Elsewhere) -> Answer {
    let may_push = |verdict: &Verdict| {
        let accepted = verdict.accepted();
        accepted.is_none_or(|accepted| accepted.rights.write != Some(false))
    };
    match (&one.judgement, &one.verdict) {
        _ if one.is_dead() => Answer::Dead(index),
        (Judgement::Doubtful(_), _) => Answer::Dead(index),
        (_, Some(verdict)) if !may_push(verdict) => Answer::Dead(index),
        _ => Answer::Elsewhere(index),
    }
}

/// Whether Git would use it for the URL in question.
fn applies(scene: &Scene, found: &FoundSecret) -> bool {
    let host = [scene.session.site.host(), EVERY_HOST].contains(&&*found.host);
    let repository = scene.remote.as_ref().and_then(|it| it.repository.as_ref());
    let path = found.path.as_deref().is_none_or(|path| {
        let place = Repository::from_path(path);
        repository.is_some_and(|it| Some(it) == place.as_ref() || it.workspace == path)
    });
    let name = match (scene.username(), &found.username) {
        (Some((_, wanted)), Some(name)) => wanted == *name,
        _ => true,
    };
    let in_url = matches!(found.place.kind.git_use, GitUse::Url | GitUse::BaseUrl);
    host && path && (name || in_url)
}

/// Whether it is in a URL that this repository uses.
fn is_in_url(scene: &Scene, found: &FoundSecret) -> bool {
    let SecretPlace { file, name, .. } = &found.place;
    match found.place.kind.git_use {
        GitUse::BaseUrl => rewrites(scene, found, file),
        GitUse::Url => {
            let remote = scene.remote.as_ref().is_some_and(|it| it.key == *name);
            let mut lines = scene.machine.lines.iter();
            remote && lines.any(|line| line.file.as_ref() == Some(file) && line.key == "url")
        }
        _ => false,
    }
}

/// Whether a URL in use begins with what this base, with its login, stands for.
fn rewrites(scene: &Scene, found: &FoundSecret, file: &Path) -> bool {
    let of_remotes = scene
        .machine
        .lines
        .iter()
        .filter(|line| line.is_remote_url());
    let site = scene.url().to_string();
    let used: Vec<&str> = of_remotes
        .map(|line| line.value.as_str())
        .chain([site.as_str()])
        .collect();
    scene.machine.lines.iter().any(|line| {
        let base = line
            .subsection
            .as_deref()
            .and_then(|base| Url::parse(base).ok());
        line.section == "url"
            && ["insteadof", "pushinsteadof"].contains(&&*line.key)
            && line.file.as_deref() == Some(file)
            && base.is_some_and(|base| {
                found
                    .username
                    .as_deref()
                    .is_none_or(|it| it == base.username())
            })
            && used.iter().any(|url| url.starts_with(&*line.value))
    })
}

fn holds(helper: &Helper, place: &SecretPlace) -> bool {
    let program = helper.value.split(' ').next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    let name = name.strip_prefix("git-credential-").unwrap_or(name);
    place.is_asked_by(name)
}

/// What we would answer.
fn ours(scene: &Scene) -> Answer {
    if scene.session.fault.is_some() {
        return Answer::Nobody;
    }
    if let Some(variable) = variable_in_force() {
        let refused = scene
            .elsewhere
            .iter()
            .any(|one| one.found.place.is_variable(variable) && one.is_dead());
        return if refused {
            Answer::Nobody
        } else {
            Answer::Variable(variable)
        };
    }
    let options = &scene.session.options;
    if options.token_file.is_some() {
        return match token_file_fault(options) {
            None if scene.refused_file().is_none() => Answer::TokenFile,
            _ => Answer::Nobody,
        };
    }
    let name = scene.username();
    let repository = scene.remote.as_ref().and_then(|it| it.repository.as_ref());
    let wanted = Wanted {
        username: name.as_ref().map(|(_, name)| &**name),
        repository,
    };
    let chosen = match select(scene.entries(), &wanted) {
        Selection::Entry(index) => vec![index],
        Selection::Several(all) => all,
        Selection::OtherNames(_) | Selection::Nothing => Vec::new(),
    };
    let alive = |&index: &usize| {
        let verdict = scene.verdicts.get(index);
        may_serve(&scene.entries()[index], verdict)
    };
    chosen
        .into_iter()
        .find(alive)
        .map_or(Answer::Nobody, Answer::Kept)
}

/// Whether nothing is known that keeps an entry from authenticating a push.
pub(super) fn may_serve(entry: &Entry, verdict: Option<&Verdict>) -> bool {
    let refused = verdict.is_some_and(Verdict::is_refused_for_good);
    let confirmed = verdict.is_some_and(|it| it.accepted().is_some());
    let expired = entry.details.expires.is_some_and(|time| time <= now());
    !refused && (confirmed || !expired) && entry.details.rights.write != Some(false)
}
