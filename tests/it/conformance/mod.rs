//! What Git expects of a credential helper, driven through the real `git credential` of
//! every Git found, plus where we deliberately answer otherwise. Every case is a test of
//! our program; the generic ones also face helpers with one known flaw each, which must
//! not get past them.

mod bitbucket;
mod generic;
mod subject;

use crate::rig::kept::PLACES;
use crate::rig::{Rig, gits};
use subject::{Outcome, Subject};

/// A case starts with nothing kept.
type Case = fn(&Subject) -> Outcome;

/// Lists the cases of a module and makes each a test of our program.
macro_rules! cases {
    ($list:ident = $module:ident: $($name:ident),* $(,)?) => {
        const $list: &[(&str, Case)] = &[$((stringify!($name), $module::$name)),*];
        $(
            #[test]
            fn $name() {
                with_our_helper_on_every_git($module::$name);
            }
        )*
    };
}

// What holds for every helper.
cases! { GENERIC = generic:
    an_empty_store_lets_git_ask,
    what_was_approved_is_filled,
    a_url_is_as_good_as_its_parts,
    another_protocol_gets_nothing,
    another_host_gets_nothing,
    neighbouring_hosts_get_nothing,
    another_port_gets_nothing,
    a_missing_host_or_protocol_is_no_wildcard,
    only_a_line_feed_ends_a_line,
    another_user_gets_nothing,
    the_same_user_is_overwritten,
    a_host_alone_rejects,
    two_users_are_told_apart,
    another_password_does_not_reject,
    a_user_name_alone_rejects_only_its_account,
    a_host_alone_rejects_every_user,
    a_long_header_is_not_taken_for_lines,
    approving_and_rejecting_twice_changes_nothing,
    an_expired_password_is_not_kept,
    an_unexpired_password_is_kept_and_overwritten,
    an_ephemeral_password_is_not_kept,
    a_partial_description_is_not_kept,
    the_answer_comes_with_exit_code_zero,
    the_answer_has_only_allowed_lines,
    an_unknown_operation_is_silent,
    many_at_once_are_all_kept,
}

// What Bitbucket needs, and where its helper differs from Git's own.
cases! { BITBUCKET = bitbucket:
    an_empty_name_or_password_is_never_kept,
    an_entry_answers_every_path_of_the_site,
    a_path_does_not_protect_from_reject,
    an_entry_without_a_known_name_answers_any,
    a_placeholder_chooses_no_account,
    a_bearer_credential_is_not_kept,
    many_at_once_for_one_user_leave_one,
    a_refresh_token_is_neither_kept_nor_passed_on,
    an_account_password_is_not_kept,
    an_oauth_token_of_another_helper_is_left_alone,
    capabilities_are_told,
    options_before_the_operation_are_passed_over,
    state_is_sent_only_if_negotiated,
    state_passes_through_git,
    what_was_filled_can_be_approved_and_rejected,
}

/// With the keychain on every Git, and with each other store on the first.
fn with_our_helper_on_every_git(case: Case) {
    let (keychain, others) = PLACES.split_first().expect("a store");
    let all = gits();
    let with_keychain = all.iter().map(|git| (git, keychain));
    let with_others = others.iter().map(|place| (&all[0], place));
    for (git, place) in with_keychain.chain(with_others) {
        let mut rig = Rig::new();
        let Some(_guard) = place.set_up(&mut rig, git) else {
            continue;
        };
        let option = format!("--store={}", place.name);
        let outcome = case(&Subject::new(&mut rig, git, &["bitbucket", &option], place));
        let name = format!("git {git}, {}", place.name);
        assert_eq!(outcome, Ok(()), "{name}");
        assert!(rig.connects().is_empty(), "{name}: {:?}", rig.connects());
        rig.finish();
    }
}

/// The generic cases that the helper with this flaw fails.
fn failed_with(flaw: &str) -> Vec<&'static str> {
    let mut failed = Vec::new();
    let (git, helper) = (&gits()[0], ["broken", flaw]);
    for (name, case) in GENERIC {
        let mut rig = Rig::new();
        let target = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/broken-helper");
        let link = rig.home.path().join("bin/git-credential-broken");
        std::os::unix::fs::symlink(target, link).expect("a link in the home");
        let subject = Subject::new(&mut rig, git, &helper, &PLACES[0]);
        if case(&subject).is_err() {
            failed.push(*name);
        }
    }
    failed
}

/// Without this control every other one would prove nothing.
#[test]
fn a_helper_without_flaw_passes() {
    assert_eq!(failed_with("none"), [""; 0]);
}

#[test]
fn comparing_the_end_of_the_host_is_caught() {
    assert_eq!(
        failed_with("suffix-host"),
        ["neighbouring_hosts_get_nothing"]
    );
}

#[test]
fn ignoring_the_port_is_caught() {
    assert_eq!(failed_with("ignore-port"), ["another_port_gets_nothing"]);
}

#[test]
fn taking_a_missing_host_for_any_is_caught() {
    assert_eq!(
        failed_with("wildcard-host"),
        ["a_missing_host_or_protocol_is_no_wildcard"]
    );
}

#[test]
fn ending_lines_at_a_carriage_return_is_caught() {
    assert_eq!(failed_with("splitlines"), ["only_a_line_feed_ends_a_line"]);
}

#[test]
fn failing_after_the_answer_is_caught() {
    assert_eq!(
        failed_with("exit-9"),
        ["the_answer_comes_with_exit_code_zero"]
    );
}

#[test]
fn losing_what_others_write_is_caught() {
    assert_eq!(failed_with("lossy-storage"), ["many_at_once_are_all_kept"]);
}

/// A case that no table lists would not run at all.
#[test]
fn the_tables_are_complete() {
    for (list, source) in [
        (GENERIC, include_str!("generic.rs")),
        (BITBUCKET, include_str!("bitbucket.rs")),
    ] {
        assert_eq!(source.matches("\npub fn ").count(), list.len());
    }
}
