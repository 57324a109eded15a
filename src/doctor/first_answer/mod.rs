//! Whose credential a push would use: what Git takes before it asks anybody, then its
//! helpers in order, us among them. Which of them it ends with: `decision`.

mod decision;

pub(super) use decision::{Answerer, Strength};

use super::places::{EVERY_HOST, FoundSecret, GitUse, SecretPlace};
use super::remotes;
use super::secret_form::SecretForm;
use super::standing::{PriorRecord, Standing};
use super::survey::Survey;
use crate::accounts::{Entry, Selection, Wanted, select};
use crate::bitbucket::{Kind, Repository};
use crate::git::chain::Helper;
use crate::git::{shell, user_in};
use crate::helper::source;
use crate::setup::helper_line;
use decision::{GitCandidate, decide};
use std::path::Path;
use url::Url;

/// Who answers for the clone of a pipeline's own repository.
const PIPELINES_AGENT: &str = "the agent of Bitbucket Pipelines";

/// The machine, as it is or as `--fix` would make it.
pub(super) struct Outlook<'a> {
    pub survey: &'a Survey<'a>,
    /// What is kept.
    pub entries: &'a [Entry],
    /// What does not lie where it was found any more, by its number.
    pub gone: &'a [usize],
    /// Whether Git has been made to ask us.
    pub configured: bool,
    /// Whether helpers count whose answer is not known.
    pub with_unseen: bool,
}

impl<'a> Outlook<'a> {
    /// As it is.
    pub fn now(survey: &'a Survey) -> Self {
        Self {
            survey,
            entries: survey.entries(),
            gone: &[],
            configured: false,
            with_unseen: false,
        }
    }

    /// Who answers, and what that is good for.
    pub fn answer(&self) -> (Answerer, Strength) {
        let survey = self.survey;
        if remotes::leads_to_agent(survey) {
            return (Answerer::Source(PIPELINES_AGENT), Strength::Pushes);
        }
        if remotes::is_wrong_remote_meant(survey) || !remotes::rewritten(survey).is_empty() {
            return (Answerer::Nobody, Strength::Nothing);
        }
        decide(candidates(self))
    }

    /// How it stands with something kept; a new one lies elsewhere until then.
    fn standing(&self, index: usize) -> Standing {
        let entry = &self.entries[index];
        let known = self.survey.entries();
        let is_it = |other: &usize| known[*other].secret == entry.secret;
        let same = [index].into_iter().filter(|&index| index < known.len());
        if let Some(index) = same.chain(0..known.len()).find(is_it) {
            return self.survey.standing(index);
        }
        let mut others = self.survey.secrets.iter();
        let found = others.find(|one| one.found.secret.trimmed() == entry.secret);
        let verdict = found.and_then(|one| one.verdict.as_ref());
        Standing::of(PriorRecord::of(entry), verdict, 0)
    }
}

/// Who answers first.
pub(super) fn first(survey: &Survey) -> Answerer {
    Outlook::now(survey).answer().0
}

/// What Git comes upon, in its order: what it has itself, then its helpers.
fn candidates(outlook: &Outlook) -> Vec<GitCandidate> {
    let survey = outlook.survey;
    let secrets = survey.secrets.iter().enumerate();
    let applicable: Vec<_> = secrets
        // Where a user name belongs, a token is no credential: Git asks its helpers for one.
        .filter(|(index, one)| !one.found.in_name && !outlook.gone.contains(index))
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
    if outlook.configured {
        candidates.extend(ours(outlook));
        return candidates;
    }
    let chain = survey.chain.as_deref().unwrap_or_default();
    for helper in chain.iter().filter(|helper| helper.found) {
        if helper_line::names_us(&helper.value) {
            candidates.extend(ours(outlook));
            continue;
        }
        let mut secrets = applicable.iter();
        let first = secrets.find(|(_, one)| holds(helper, &one.found.place));
        if let Some((index, one)) = first {
            candidates.push(GitCandidate::secret(*index, survey.standing_of(one)));
        } else if outlook.with_unseen && !SecretPlace::is_searched_for(&name_of(helper)) {
            candidates.push(GitCandidate::unseen());
        }
    }
    candidates
}

/// Whether Git asks a helper whose answer nobody knows.
pub(super) fn has_unseen_helper(survey: &Survey) -> bool {
    let chain = survey.chain.as_deref().unwrap_or_default();
    let mut others = chain
        .iter()
        .filter(|helper| helper.found && !helper_line::names_us(&helper.value));
    others.any(|helper| {
        let mut secrets = survey.secrets.iter();
        let is_seen = secrets.any(|one| holds(helper, &one.found.place));
        !is_seen && !SecretPlace::is_searched_for(&name_of(helper))
    })
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
                    .is_none_or(|it| user_in(&base).as_deref().unwrap_or_default() == it)
            })
            && used.iter().any(|url| url.starts_with(&*line.value))
    })
}

fn holds(helper: &Helper, place: &SecretPlace) -> bool {
    place.is_asked_by(&name_of(helper))
}

/// The name of a helper's program, without what all have in common.
pub(super) fn name_of(helper: &Helper) -> String {
    let words = shell::words(&helper.value);
    let program = words.first().map_or("", String::as_str);
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_prefix("git-credential-").unwrap_or(name);
    name.strip_suffix(".exe").unwrap_or(name).to_owned()
}

/// What we would answer with, the first that may be it before the others.
fn ours(outlook: &Outlook) -> Vec<GitCandidate> {
    let survey = outlook.survey;
    if survey.session.fault.is_some() {
        return Vec::new();
    }
    if let Some(first) = source::in_force(&survey.supplies) {
        let (standing, _) = survey.source_standing(&first.source);
        let ours = GitCandidate::source(first.source.called(), standing);
        let ours = first.credential.is_ok().then_some(ours);
        return ours.into_iter().collect();
    }
    kept_candidates(outlook)
}

/// The kept entry that would answer if nothing came before it.
pub(super) fn kept(survey: &Survey) -> Option<usize> {
    match decide(kept_candidates(&Outlook::now(survey))).0 {
        Answerer::Kept(index) => Some(index),
        _ => None,
    }
}

fn kept_candidates(outlook: &Outlook) -> Vec<GitCandidate> {
    let survey = outlook.survey;
    let name = survey.username();
    let repository = survey.remote.as_ref().and_then(|it| it.repository.as_ref());
    let wanted = Wanted {
        username: name.as_ref().map(|(_, name)| &**name),
        repository,
        is_elsewhere: survey.remote.is_some() && repository.is_none(),
    };
    let chosen = match select(outlook.entries, &wanted) {
        Selection::Entry(index) => vec![index],
        Selection::Several(all) => all,
        Selection::OtherNames(_) | Selection::Nothing => Vec::new(),
    };
    let chosen = chosen.into_iter();
    chosen
        .map(|index| GitCandidate::kept(index, outlook.standing(index)))
        .collect()
}
