//! Secrets that lie elsewhere, as findings.

use super::answerer::Answerer;
use super::finding::{About, Finding};
use super::places::Fingerprints;
use super::rows::{self, DoctorRow};
use super::standing::Fact;
use super::survey::{OtherSecret, Survey};

pub(super) fn findings(survey: &Survey, answerer: &Answerer, names: &Fingerprints) -> Vec<Finding> {
    let mut findings = Vec::new();
    let others = survey.secrets.iter().enumerate();
    for (index, one) in others.filter(|(_, one)| !one.is_our_variable()) {
        let about = |finding: Finding| finding.about(about(one, names));
        findings.push(about(finding(survey.placed(one).row(), one, None)));
        if *answerer == Answerer::Dead(index) {
            let placed = survey.placed(one);
            let step = match placed.standing.fact {
                _ if placed.can_be_healed() => rows::FIX,
                Fact::Unconfirmed => rows::CHECK,
                _ => "Remove it there.",
            };
            findings.push(about(finding(&rows::ELSEWHERE_ANSWERS, one, Some(step))));
        }
    }
    // That our own keychain is out of reach is told already.
    let is_told = survey.kept.is_err();
    let unsearched = survey.unsearched.iter();
    let unsearched = unsearched.filter(|trouble| !(trouble.is_keychain && is_told));
    if findings.is_empty() && survey.unsearched.is_empty() {
        findings.push(Finding::new(&rows::ELSEWHERE_NOTHING, &[]));
    }
    findings.extend(unsearched.map(|trouble| {
        let reason = trouble.reason.trim_end_matches('.');
        let particulars = [("place", &*trouble.place), ("reason", reason)];
        Finding::new(&rows::ELSEWHERE_UNSEARCHED, &particulars)
    }));
    findings
}

/// `step`: what to do, if the server's answer does not say it.
fn finding(row: &DoctorRow, one: &OtherSecret, step: Option<&str>) -> Finding {
    let advice = one.advice();
    let why = one.found.fixed.as_ref().map_or("", |fixed| &fixed.why);
    let step = match &one.found.fixed {
        Some(fixed) => &fixed.next,
        None => step.unwrap_or(&advice.next_step),
    };
    Finding::new(
        row,
        &[
            ("what", &one.what()),
            ("place", &one.found.whereabouts()),
            ("why", why),
            ("reason", &advice.message),
            ("step", step),
        ],
    )
}

fn about(one: &OtherSecret, names: &Fingerprints) -> About {
    About {
        kind: one.form.id(),
        place: one.found.place.kind.id,
        whereabouts: one.found.whereabouts(),
        fingerprint: names.of(&one.found.secret.trimmed()),
    }
}
