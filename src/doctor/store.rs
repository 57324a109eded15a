//! The store in use, and whether it can be read.

use super::finding::Finding;
use super::messages;
use super::survey::Survey;
use crate::helper::source;
use crate::keychain::Failure;
use crate::reason::Reason;

/// As a part of a row's sentence.
const NO_DEFAULT: Reason = Reason::fixed("it has no default keyring", "");

pub(super) fn keychain(survey: &Survey) -> Vec<Finding> {
    if let Some(fault) = &survey.session.fault {
        return vec![Finding::new(&messages::OPTIONS, &[("reason", fault)])];
    }
    if source::named(&survey.session.options).is_some() {
        return Vec::new();
    }
    let store = survey.session.vault().store_name();
    if let Some(finding) = failed_store(survey, store) {
        return vec![finding];
    }
    let first = source::in_force(&survey.supplies).map(|first| first.source.to_string());
    let unreachable = match first {
        Some(_) => &messages::KEYCHAIN_NOT_NEEDED,
        None => &messages::KEYCHAIN_UNREACHABLE,
    };
    let (row, reason) = match &survey.kept {
        _ if !survey.session.choice().keeps() => (&messages::KEYCHAIN_NONE, None),
        Ok(_) => (&messages::KEYCHAIN, None),
        Err(Failure::Locked | Failure::Dismissed) => (&messages::KEYCHAIN_LOCKED, None),
        Err(Failure::Unreachable(reason) | Failure::Missing(reason)) => (unreachable, Some(reason)),
        Err(Failure::NoDefaultKeyring) if first.is_none() => (&messages::KEYCHAIN_NO_DEFAULT, None),
        Err(Failure::NoDefaultKeyring) => (&messages::KEYCHAIN_NOT_NEEDED, Some(&NO_DEFAULT)),
        Err(Failure::KeepsNothing) => (&messages::KEYCHAIN_NONE, None),
        Err(Failure::Failed(reason)) => (&messages::KEYCHAIN_FAILED, Some(reason)),
    };
    let reason = reason.map(ToString::to_string).unwrap_or_default();
    let variable = first.unwrap_or_default();
    let particulars = [
        ("store", store),
        ("reason", &*reason),
        ("variable", &*variable),
    ];
    vec![Finding::new(row, &particulars)]
}

/// A store of ours says itself what is to be done.
fn failed_store(survey: &Survey, store: &str) -> Option<Finding> {
    let says_next_step = survey.session.choice().row().says_next_step;
    if !says_next_step {
        return None;
    }
    let reason = match &survey.kept {
        Err(Failure::Failed(reason) | Failure::Unreachable(reason) | Failure::Missing(reason)) => {
            reason
        }
        Err(Failure::Locked | Failure::Dismissed) => return Some(locked_store(survey, store)),
        _ => return None,
    };
    let step = reason.next_or("correct that, then run this again");
    let particulars = [("store", store), ("reason", &*reason.why), ("step", step)];
    Some(Finding::new(&messages::STORE_FAILED, &particulars))
}

fn locked_store(survey: &Survey, store: &str) -> Finding {
    let words = survey.session.store().lock_words();
    let particulars = [
        ("store", store),
        ("reason", words.locked),
        ("step", words.next),
    ];
    Finding::new(&messages::STORE_LOCKED, &particulars)
}
