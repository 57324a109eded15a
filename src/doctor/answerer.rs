//! Whose credential a push would use: what Git takes before it asks anybody, then its
//! helpers in order, us among them.

use super::places::{EVERY_HOST, FoundSecret, GitUse, SecretPlace};
use super::remotes;
use super::secret_form::SecretForm;
use super::standing::Standing;
use super::survey::Survey;
use crate::accounts::{Selection, Wanted, select};
use crate::bitbucket::{Kind, Repository};
use crate::git::chain::Helper;
use crate::helper::source;
use crate::setup::helper_line;
use std::path::Path;
use url::Url;

/// Who answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answerer {
    /// A source before the store, as it is called, and nothing is known against it.
    Source(&'static str),
    /// What we keep, by its number, and nothing is known against it.
    Kept(usize),
    /// What lies elsewhere, by its number, and nothing is known against it.
    Elsewhere(usize),
    /// What lies elsewhere, by its number, and Bitbucket does not take it.
    Dead(usize),
    /// Nobody; a person would be asked, or Git fails.
    Nobody,
}

impl Answerer {
    /// Whom a push would be authenticated with; `None` if with nobody.
    pub fn who(self, survey: &Survey) -> Option<String> {
        match self {
            Self::Source(called) => Some(called.to_owned()),
            Self::Kept(index) => Some(survey.entries()[index].title()),
            Self::Elsewhere(index) => {
                let one = &survey.secrets[index];
                Some(format!("{} in {}", one.what(), one.found.whereabouts()))
            }
            Self::Dead(_) | Self::Nobody => None,
        }
    }
}

/// Who answers for the clone of a pipeline's own repository.
const PIPELINES_AGENT: &str = "the agent of Bitbucket Pipelines";

/// A credential that Git comes upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GitCandidate {
    standing: Standing,
    /// Who answers with it, if it may authenticate a push.
    answerer: Answerer,
    /// Who answers if it may not: `None` if Git goes on to the next.
    otherwise: Option<Answerer>,
}

impl GitCandidate {
    /// A secret that Git itself or another helper has. Once Git is refused with it, it ends.
    fn secret(index: usize, standing: Standing) -> Self {
        Self {
            standing,
            answerer: Answerer::Elsewhere(index),
            otherwise: Some(Answerer::Dead(index)),
        }
    }

    /// A secret of `.netrc`. Git asks its helpers after a 401, but not after a 410, which is
    /// the answer to an app password.
    fn in_netrc(index: usize, standing: Standing, is_app_password: bool) -> Self {
        let otherwise = is_app_password.then_some(Answerer::Dead(index));
        Self {
            otherwise,
            ..Self::secret(index, standing)
        }
    }

    /// A credential of ours: we do not answer with one that is known to fail.
    fn ours(answerer: Answerer, standing: Standing) -> Self {
        Self {
            standing,
            answerer,
            otherwise: None,
        }
    }
}

/// Who answers, of all that Git comes upon, in its order.
fn decide(candidates: impl IntoIterator<Item = GitCandidate>) -> Answerer {
    let mut answers = candidates.into_iter().filter_map(|candidate| {
        if candidate.standing.may_push {
            Some(candidate.answerer)
        } else {
            candidate.otherwise
        }
    });
    answers.next().unwrap_or(Answerer::Nobody)
}

/// Who answers first.
pub(super) fn first(survey: &Survey) -> Answerer {
    if remotes::leads_to_agent(survey) {
        return Answerer::Source(PIPELINES_AGENT);
    }
    if remotes::has_wrong_remotes_only(survey) || !remotes::rewritten(survey).is_empty() {
        return Answerer::Nobody;
    }
    decide(candidates(survey))
}

/// What Git comes upon, in its order: what it has itself, then its helpers.
fn candidates(survey: &Survey) -> Vec<GitCandidate> {
    let secrets = survey.secrets.iter().enumerate();
    let applicable: Vec<_> = secrets
        .filter(|(_, one)| applies(survey, &one.found))
        .collect();
    let mut candidates = Vec::new();
    for (index, one) in &applicable {
        if is_in_url(survey, &one.found) {
            candidates.push(GitCandidate::secret(*index, survey.standing_of(one)));
        }
    }
    for (index, one) in &applicable {
        if one.found.place.kind.git_use == GitUse::Header {
            candidates.push(GitCandidate::secret(*index, survey.standing_of(one)));
        }
    }
    for (index, one) in &applicable {
        if one.found.place.kind.git_use == GitUse::Netrc {
            let is_app_password = one.form == SecretForm::Token(Kind::AppPassword);
            let standing = survey.standing_of(one);
            candidates.push(GitCandidate::in_netrc(*index, standing, is_app_password));
        }
    }
    let chain = survey.chain.as_deref().unwrap_or_default();
    for helper in chain.iter().filter(|helper| helper.found) {
        if helper_line::names_us(&helper.value) {
            candidates.extend(ours(survey));
        } else {
            let mut secrets = applicable.iter();
            let first = secrets.find(|(_, one)| holds(helper, &one.found.place));
            candidates.extend(
                first.map(|(index, one)| GitCandidate::secret(*index, survey.standing_of(one))),
            );
        }
    }
    candidates
}

/// Whether Git would use it for the URL in question.
fn applies(survey: &Survey, found: &FoundSecret) -> bool {
    let host = [survey.session.site.host(), EVERY_HOST].contains(&&*found.host);
    let repository = survey.remote.as_ref().and_then(|it| it.repository.as_ref());
    let path = found.path.as_deref().is_none_or(|path| {
        let place = Repository::from_path(path);
        repository.is_some_and(|it| Some(it) == place.as_ref() || it.workspace == path)
    });
    let name = match (survey.username(), &found.username) {
        (Some((_, wanted)), Some(name)) => wanted == *name,
        _ => true,
    };
    let in_url = matches!(found.place.kind.git_use, GitUse::Url | GitUse::BaseUrl);
    host && path && (name || in_url)
}

/// Whether it is in a URL that this repository uses.
fn is_in_url(survey: &Survey, found: &FoundSecret) -> bool {
    let SecretPlace { file, name, .. } = &found.place;
    match found.place.kind.git_use {
        GitUse::BaseUrl => rewrites(survey, found, file),
        GitUse::Url => {
            let remote = survey.remote.as_ref().is_some_and(|it| it.key == *name);
            let mut lines = survey.machine.lines.iter();
            remote && lines.any(|line| line.file.as_ref() == Some(file) && line.key == "url")
        }
        _ => false,
    }
}

/// Whether a URL in use begins with what this base, with its login, stands for.
fn rewrites(survey: &Survey, found: &FoundSecret, file: &Path) -> bool {
    let of_remotes = survey
        .machine
        .lines
        .iter()
        .filter(|line| line.is_remote_url());
    let site = survey.url().to_string();
    let used: Vec<&str> = of_remotes
        .map(|line| line.value.as_str())
        .chain([site.as_str()])
        .collect();
    survey.machine.lines.iter().any(|line| {
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

/// What we would answer with, the first that may be it before the others.
fn ours(survey: &Survey) -> Vec<GitCandidate> {
    if survey.session.fault.is_some() {
        return Vec::new();
    }
    if let Some(first) = source::in_force(&survey.supplies) {
        let (standing, _) = survey.source_standing(&first.source);
        let ours = GitCandidate::ours(Answerer::Source(first.source.called()), standing);
        let ours = first.credential.is_ok().then_some(ours);
        return ours.into_iter().collect();
    }
    kept_candidates(survey)
}

/// The kept entry that would answer if nothing came before it.
pub(super) fn kept(survey: &Survey) -> Option<usize> {
    match decide(kept_candidates(survey)) {
        Answerer::Kept(index) => Some(index),
        _ => None,
    }
}

fn kept_candidates(survey: &Survey) -> Vec<GitCandidate> {
    let name = survey.username();
    let repository = survey.remote.as_ref().and_then(|it| it.repository.as_ref());
    let wanted = Wanted {
        username: name.as_ref().map(|(_, name)| &**name),
        repository,
        is_elsewhere: survey.remote.is_some() && repository.is_none(),
    };
    let chosen = match select(survey.entries(), &wanted) {
        Selection::Entry(index) => vec![index],
        Selection::Several(all) => all,
        Selection::OtherNames(_) | Selection::Nothing => Vec::new(),
    };
    let chosen = chosen.into_iter();
    chosen
        .map(|index| GitCandidate::ours(Answerer::Kept(index), survey.standing(index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::standing::Fact;
    use super::*;

    const GOOD: Standing = Standing {
        fact: Fact::Accepted,
        may_push: true,
    };
    const BAD: Standing = Standing {
        fact: Fact::Refused,
        may_push: false,
    };

    #[test]
    fn the_first_that_may_push_answers_and_git_s_own_are_not_passed_over() {
        let kept = |index, standing| GitCandidate::ours(Answerer::Kept(index), standing);
        let file = |standing| GitCandidate::ours(Answerer::Source("the file"), standing);
        let variable = |standing| GitCandidate::ours(Answerer::Source("BITBUCKET_TOKEN"), standing);
        for (candidates, expected) in [
            (vec![], Answerer::Nobody),
            (vec![kept(0, GOOD)], Answerer::Kept(0)),
            (vec![kept(0, BAD)], Answerer::Nobody),
            (vec![kept(0, BAD), kept(1, GOOD)], Answerer::Kept(1)),
            (vec![variable(GOOD)], Answerer::Source("BITBUCKET_TOKEN")),
            (vec![variable(BAD)], Answerer::Nobody),
            (vec![file(GOOD)], Answerer::Source("the file")),
            (vec![file(BAD)], Answerer::Nobody),
            (
                vec![GitCandidate::secret(3, GOOD), kept(0, GOOD)],
                Answerer::Elsewhere(3),
            ),
            (
                vec![GitCandidate::secret(3, BAD), kept(0, GOOD)],
                Answerer::Dead(3),
            ),
            (
                vec![kept(0, GOOD), GitCandidate::secret(3, BAD)],
                Answerer::Kept(0),
            ),
            (
                vec![kept(0, BAD), GitCandidate::secret(3, GOOD)],
                Answerer::Elsewhere(3),
            ),
            (
                vec![GitCandidate::in_netrc(3, BAD, false), kept(0, GOOD)],
                Answerer::Kept(0),
            ),
            (
                vec![GitCandidate::in_netrc(3, BAD, true), kept(0, GOOD)],
                Answerer::Dead(3),
            ),
            (
                vec![GitCandidate::in_netrc(3, GOOD, true), kept(0, GOOD)],
                Answerer::Elsewhere(3),
            ),
            (
                vec![GitCandidate::in_netrc(3, BAD, false)],
                Answerer::Nobody,
            ),
        ] {
            assert_eq!(decide(candidates.clone()), expected, "{candidates:?}");
        }
    }
}
