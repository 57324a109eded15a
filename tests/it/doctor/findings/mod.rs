//! One row for each thing that can be found: how it comes about, and what is said.

#![allow(
    clippy::expect_used,
    clippy::semicolon_if_nothing_returned,
    reason = "one line for each row; a machine that cannot be spoilt fails the test"
)]

mod chain;
mod credentials;
mod settings;
mod surroundings;

use super::scene::{Scene, with_id};
use super::{elsewhere, sign_ins};
use git_credential_bitbucket::doctor::ROWS;
use std::collections::BTreeSet;

/// Its name, what is done to a healthy machine, the options, what is said of it, and whether
/// a push would be authenticated all the same.
pub type Case = (
    &'static str,
    fn(&mut Scene),
    &'static [&'static str],
    &'static str,
    bool,
);

/// What no test brings about, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "keychain-failed",
        "no service of the rig's answers nonsense here",
    ),
    (
        "keychain-no-default",
        "it takes another keyring: secret_services::no_default plays it",
    ),
    (
        "store-locked",
        "it takes pass, which not every machine has: stores::locked_pass plays it",
    ),
];

pub fn play(cases: &[Case]) {
    for &(id, spoil, options, said, healthy) in cases {
        let Some(mut scene) = Scene::healthy() else {
            return;
        };
        spoil(&mut scene);
        let report = scene.report(options);
        let found = with_id(&report, id);
        assert_eq!(found.len(), 1, "{id}: {report:#}");
        let text = format!("{} {}", found[0]["message"], found[0]["next"]);
        assert!(text.contains(said), "{id}: {text}");
        assert_eq!(report["healthy"], healthy, "{id}: {report:#}");
    }
}

#[test]
fn every_row_is_brought_about() {
    let all: BTreeSet<&str> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(all.len(), ROWS.len(), "a name twice");
    let played = [
        chain::CASES,
        settings::CASES,
        credentials::CASES,
        sign_ins::CASES,
        surroundings::CASES,
    ]
    .concat();
    let played = played.iter().map(|case| case.0);
    let others = NOT_PLAYED
        .iter()
        .map(|row| row.0)
        .chain(elsewhere::played());
    let played: BTreeSet<&str> = played.chain(others).collect();
    assert_eq!(
        played.symmetric_difference(&all).collect::<Vec<_>>(),
        [&""; 0]
    );
}

/// Nothing is found on a machine on which all is well, and nothing is sent.
#[test]
fn a_healthy_machine_is_healthy() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let report = scene.report(&["--offline"]);
    let findings = report["findings"].as_array().expect("findings");
    for finding in findings {
        assert!(
            ["good", "note"].contains(&finding["state"].as_str().unwrap_or_default()),
            "{finding}"
        );
    }
    assert!(scene.rig.requests().is_empty());
}
