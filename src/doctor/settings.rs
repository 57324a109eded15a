//! What Git's settings do to a credential.

use super::finding::Finding;
use super::messages;
use super::remotes::rewritten;
use super::survey::Survey;
use crate::accounts::answers_to;
use crate::git::boolean;

pub(super) fn settings(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((what, name)) = survey.username()
        && !survey.entries().is_empty()
        && !survey
            .entries()
            .iter()
            .any(|entry| answers_to(entry, &name))
    {
        let login = survey.session.site.login_command();
        let particulars = [("what", &*what), ("name", &*name), ("login", &*login)];
        findings.push(Finding::new(&messages::USERNAME, &particulars));
    }
    findings.extend(path_not_sent(survey));
    findings.extend(rewritten(survey));
    if let Some(what) = survey.session.forbids_questions() {
        findings.push(Finding::new(&messages::NOT_INTERACTIVE, &[("what", what)]));
    }
    findings
}

/// Only if somebody has switched it off: without any setting we are not configured, which
/// is told already.
pub(super) fn path_not_sent(survey: &Survey) -> Option<Finding> {
    let url = survey.url();
    let mut lines = survey.machine.lines.iter();
    let setting =
        lines.rfind(|line| line.key == "usehttppath" && line.is_about_credentials_of(&url))?;
    (boolean(&setting.value) == Some(false))
        .then(|| Finding::new(&messages::PATH_NOT_SENT, &[("place", &setting.place())]))
}
