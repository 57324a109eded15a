//! Secrets that lie elsewhere, as findings.

use super::answers::Answer;
use super::finding::{About, Finding};
use super::places::Fingerprints;
use super::rows::{self, DoctorRow};
use super::scene::{Elsewhere, Judgement, Scene};
use crate::bitbucket::{Verdict, advise};

pub(super) fn findings(scene: &Scene, answer: &Answer, names: &Fingerprints) -> Vec<Finding> {
    let mut findings = Vec::new();
    let others = scene.elsewhere.iter().enumerate();
    for (index, one) in others.filter(|(_, one)| !one.is_our_variable()) {
        let about = |finding: Finding| finding.about(about(one, names));
        findings.push(about(finding(row(one), one, None)));
        if *answer == Answer::Dead(index) {
            let step = if can_be_healed(one) {
                rows::FIX
            } else {
                "Remove it there."
            };
            findings.push(about(finding(&rows::ELSEWHERE_ANSWERS, one, Some(step))));
        }
    }
    // That our own keychain is out of reach is told already.
    let is_told = scene.kept.is_err();
    let unsearched = scene.unsearched.iter();
    let unsearched = unsearched.filter(|trouble| !(trouble.is_keychain && is_told));
    if findings.is_empty() && scene.unsearched.is_empty() {
        findings.push(Finding::new(&rows::ELSEWHERE_NOTHING, &[]));
    }
    findings.extend(unsearched.map(|trouble| {
        let reason = trouble.reason.trim_end_matches('.');
        let particulars = [("place", &*trouble.place), ("reason", reason)];
        Finding::new(&rows::ELSEWHERE_UNSEARCHED, &particulars)
    }));
    findings
}

fn row(one: &Elsewhere) -> &'static DoctorRow {
    match (&one.judgement, &one.verdict) {
        (judgement, _) if one.is_for_all() && !matches!(judgement, Judgement::Token(_)) => {
            &rows::ELSEWHERE_FOR_ALL
        }
        _ if one.found.fixed.is_some() => &rows::ELSEWHERE_FIXED,
        (Judgement::Password(_), _) => &rows::ELSEWHERE_PASSWORD,
        (Judgement::Doubtful(_), _) => &rows::ELSEWHERE_DOUBTFUL,
        (_, None) => &rows::ELSEWHERE_TOKEN,
        (_, Some(verdict)) if verdict.is_refused_for_good() => &rows::ELSEWHERE_REFUSED,
        (_, Some(Verdict::Refused(_) | Verdict::Unknown(_))) => &rows::ELSEWHERE_UNKNOWN,
        (_, Some(_)) => &rows::ELSEWHERE_ACCEPTED,
    }
}

/// `step`: what to do, if the server's answer does not say it.
fn finding(row: &DoctorRow, one: &Elsewhere, step: Option<&str>) -> Finding {
    let kind = match &one.judgement {
        Judgement::Token(kind) => Some(*kind),
        _ => None,
    };
    let advice = one
        .verdict
        .as_ref()
        .map(|verdict| advise(verdict, kind, None));
    let advice = advice.unwrap_or_default();
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

/// Whether `--fix` removes it.
pub(super) fn can_be_healed(one: &Elsewhere) -> bool {
    one.is_dead() && one.found.fixed.is_none() && !is_another_s(one)
}

/// Whether it may be another host's.
pub(super) fn is_another_s(one: &Elsewhere) -> bool {
    one.is_for_all() && !matches!(one.judgement, Judgement::Token(_))
}

fn about(one: &Elsewhere, names: &Fingerprints) -> About {
    About {
        kind: one.judgement.id(),
        place: one.found.place.kind.id,
        whereabouts: one.found.whereabouts(),
        fingerprint: names.of(&one.found.secret.trimmed()),
    }
}
