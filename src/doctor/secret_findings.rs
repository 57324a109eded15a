//! Secrets that lie elsewhere, as findings.

use super::finding::{About, Finding};
use super::first_answer::Answerer;
use super::keeping::{self, HeldBack, Keeping};
use super::messages::{self, DoctorRow};
use super::other_secret::OtherSecret;
use super::places::Fingerprints;
use super::standing::Fact;
use super::survey::Survey;

pub(super) fn findings(survey: &Survey, answerer: &Answerer, names: &Fingerprints) -> Vec<Finding> {
    let mut findings = Vec::new();
    let keeping = keeping::all(survey).each;
    let others = survey.secrets.iter().enumerate();
    for (index, one) in others.filter(|(_, one)| !one.is_our_variable()) {
        let about = |finding: Finding| finding.about(about(one, names));
        let row = survey.placed(one).row();
        findings.push(about(match &keeping[index] {
            Keeping::HeldBack(why) if *row == messages::ELSEWHERE_ACCEPTED => {
                held_back(survey, &messages::ELSEWHERE_HELD_BACK, one, why)
            }
            Keeping::HeldBack(why) if *row == messages::ELSEWHERE_AS_NAME => {
                held_back(survey, row, one, why)
            }
            _ if *row == messages::ELSEWHERE_AS_NAME => {
                finding(survey, row, one, Some(messages::FIX))
            }
            _ => finding(survey, row, one, None),
        }));
        if *answerer == Answerer::Dead(index) {
            let placed = survey.placed(one);
            let step = match placed.standing.fact {
                _ if placed.can_be_healed() => messages::FIX,
                Fact::Unconfirmed => messages::CHECK,
                _ => "Remove it there.",
            };
            findings.push(about(finding(
                survey,
                &messages::ELSEWHERE_ANSWERS,
                one,
                Some(step),
            )));
        }
    }
    // That our own keychain is out of reach is told already.
    let is_told = survey.kept.is_err();
    let unsearched = survey.unsearched.iter();
    let unsearched = unsearched.filter(|trouble| !(trouble.is_keychain && is_told));
    if findings.is_empty() && survey.unsearched.is_empty() {
        findings.push(Finding::new(&messages::ELSEWHERE_NOTHING, &[]));
    }
    findings.extend(unsearched.map(|trouble| {
        let reason = trouble.reason.trim_end_matches('.');
        let particulars = [("place", &*trouble.place), ("reason", reason)];
        Finding::new(&messages::ELSEWHERE_UNSEARCHED, &particulars)
    }));
    findings
}

/// One that is good and not kept.
fn held_back(survey: &Survey, row: &DoctorRow, one: &OtherSecret, why: &HeldBack) -> Finding {
    let particulars = [
        ("what", &*one.what()),
        ("place", &*one.found.whereabouts()),
        ("reason", &*why.reason()),
        ("step", &why.step(&survey.session.site.login_command())),
    ];
    Finding::new(row, &particulars)
}

/// `step`: what to do, if the server's answer does not say it.
fn finding(survey: &Survey, row: &DoctorRow, one: &OtherSecret, step: Option<&str>) -> Finding {
    let site = &survey.session.site;
    let advice = survey.standing_of(one).advice(site, one.advice(site));
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
            ("login", &site.login_command()),
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
