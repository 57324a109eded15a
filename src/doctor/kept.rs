//! The keychain, and what we keep in it.

use super::answers::may_serve;
use super::finding::Finding;
use super::rows;
use super::scene::{Judgement, Scene};
use crate::accounts::Entry;
use crate::bitbucket::{Verdict, advise};
use crate::dates::day;
use crate::helper::{now, token_file_fault, variable_complaint, variable_in_force};
use crate::keychain::Failure;

pub(super) fn keychain(scene: &Scene) -> Vec<Finding> {
    if let Some(fault) = &scene.session.fault {
        return vec![Finding::new(&rows::OPTIONS, &[("reason", fault)])];
    }
    if scene.session.options.token_file.is_some() {
        return Vec::new();
    }
    let store = scene.session.vault().store_name();
    if let Some(finding) = failed_store(scene, store) {
        return vec![finding];
    }
    let variable = variable_in_force();
    let unreachable = match variable {
        Some(_) => &rows::KEYCHAIN_NOT_NEEDED,
        None => &rows::KEYCHAIN_UNREACHABLE,
    };
    let (row, reason) = match &scene.kept {
        _ if !scene.session.choice().keeps() => (&rows::KEYCHAIN_NONE, None),
        Ok(_) => (&rows::KEYCHAIN, None),
        Err(Failure::Locked | Failure::Dismissed) => (&rows::KEYCHAIN_LOCKED, None),
        Err(Failure::Unreachable(reason) | Failure::Missing(reason)) => (unreachable, Some(reason)),
        Err(Failure::KeepsNothing) => (&rows::KEYCHAIN_NONE, None),
        Err(Failure::Failed(reason)) => (&rows::KEYCHAIN_FAILED, Some(reason)),
    };
    let reason = reason.map(ToString::to_string).unwrap_or_default();
    let variable = variable.unwrap_or_default();
    let particulars = [
        ("store", store),
        ("reason", &*reason),
        ("variable", variable),
    ];
    vec![Finding::new(row, &particulars)]
}

/// A store of ours says itself what is to be done.
fn failed_store(scene: &Scene, store: &str) -> Option<Finding> {
    let says_next_step = scene.session.choice().row().says_next_step;
    let reason =
        match &scene.kept {
            Err(
                Failure::Failed(reason) | Failure::Unreachable(reason) | Failure::Missing(reason),
            ) if says_next_step => reason,
            _ => return None,
        };
    let step = reason.next_or("correct that, then run this again");
    let particulars = [("store", store), ("reason", &*reason.why), ("step", step)];
    Some(Finding::new(&rows::STORE_FAILED, &particulars))
}

/// A reason of ours, and what to do, which is its end; `otherwise` if it does not say.
fn parts<'a>(reason: &'a str, otherwise: &'a str) -> (&'a str, &'a str) {
    reason.rsplit_once("; ").unwrap_or((reason, otherwise))
}

pub(super) fn entries(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if scene.session.fault.is_some() {
        return findings;
    }
    if let Some(name) = variable_in_force() {
        findings.push(variable(scene, name));
    } else if scene.session.options.token_file.is_some() {
        findings.push(token_file(scene));
    } else if let Some(reason) = variable_complaint() {
        findings.push(Finding::new(
            &rows::VARIABLE_UNUSABLE,
            &[("reason", &reason)],
        ));
    }
    let Ok(kept) = &scene.kept else {
        return findings;
    };
    let keeps = scene.session.choice().keeps();
    if kept.entries.is_empty() && findings.is_empty() && keeps {
        findings.push(Finding::new(&rows::KEPT_NOTHING, &[]));
    }
    for (index, entry) in kept.entries.iter().enumerate() {
        findings.push(entry_finding(entry, scene.verdicts.get(index)));
    }
    if kept.unreadable > 0 {
        let count = kept.unreadable.to_string();
        findings.push(Finding::new(&rows::KEPT_UNREADABLE, &[("count", &count)]));
    }
    findings
}

fn token_file(scene: &Scene) -> Finding {
    let options = &scene.session.options;
    if let Some(reason) = token_file_fault(options) {
        let (reason, step) = parts(&reason, "put a token into that file");
        let particulars = [("reason", reason), ("step", step)];
        return Finding::new(&rows::TOKEN_FILE_UNUSABLE, &particulars);
    }
    if let Some(reason) = scene.refused_file() {
        let file = options.token_file.clone().unwrap_or_default();
        let particulars = [("file", &*file.to_string_lossy()), ("reason", &*reason)];
        return Finding::new(&rows::TOKEN_FILE_REFUSED, &particulars);
    }
    Finding::new(&rows::VARIABLE, &[("name", "--token-file")])
}

fn variable(scene: &Scene, name: &str) -> Finding {
    let mut all = scene.elsewhere.iter();
    let refused = all.find_map(|one| {
        let kind = match one.judgement {
            Judgement::Token(kind) if one.found.place.is_variable(name) && one.is_dead() => {
                Some(kind)
            }
            _ => return None,
        };
        Some(advise(one.verdict.as_ref()?, kind, None).message)
    });
    match refused {
        Some(reason) => {
            let particulars = [("name", name), ("reason", &*reason)];
            Finding::new(&rows::VARIABLE_REFUSED, &particulars)
        }
        None => Finding::new(&rows::VARIABLE, &[("name", name)]),
    }
}

fn entry_finding(entry: &Entry, verdict: Option<&Verdict>) -> Finding {
    let details = &entry.details;
    let advice = verdict.map(|verdict| advise(verdict, Some(details.kind), None));
    let advice = advice.unwrap_or_default();
    let expired = details.expires.filter(|&time| time <= now());
    let doubted = details.refused.filter(|_| details.refusals > 0);
    let read_only = details.rights.write == Some(false);
    let row = match verdict {
        Some(verdict) if verdict.is_refused_for_good() => &rows::KEPT_REFUSED,
        Some(Verdict::Refused(_) | Verdict::Unknown(_)) => &rows::KEPT_UNKNOWN,
        Some(_) if read_only => &rows::KEPT_READ_ONLY,
        Some(_) => &rows::KEPT_ACCEPTED,
        None if expired.is_some() => &rows::KEPT_EXPIRED,
        None if doubted.is_some() => &rows::KEPT_DOUBTED,
        None if !may_serve(entry, None) => &rows::KEPT_READ_ONLY,
        None => &rows::KEPT,
    };
    let seen = details.verified.map_or_else(
        || "Bitbucket was never asked about it".to_owned(),
        |time| format!("Bitbucket accepted it on {}", day(time)),
    );
    let date = expired.or(doubted).map(day).unwrap_or_default();
    Finding::new(
        row,
        &[
            ("title", &entry.title()),
            ("seen", &seen),
            ("date", &date),
            ("reason", &advice.message),
            ("step", &advice.next_step),
        ],
    )
}
