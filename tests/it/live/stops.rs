//! Where the check stops, and what it takes away all the same.

use super::cloud::{REPOSITORY, scene, with_one_token};
use super::person::{answer, end, start};
use crate::rig::terminal::Terminal;
use crate::rig::{Fault, Repository, Rig, Sender, Surface, wait_until};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The branches of the repository.
fn branches(rig: &Rig) -> usize {
    let folder = rig.bitbucket.directory(REPOSITORY).join("refs/heads");
    std::fs::read_dir(folder).expect("branches").count()
}

/// How many requests Git has sent with a login.
fn logins(rig: &Rig) -> usize {
    let requests = rig.requests();
    let logins = requests
        .iter()
        .filter(|it| it.is_from_git() && it.authorization.is_some());
    logins.count()
}

/// A push sends two requests with a login; the third is the fetch's.
const OF_A_PUSH: usize = 2;

/// A check whose push went through, and whose fetch waits for these permits, as every further
/// request with a login does. `None`: there is no Python, which has been printed.
fn after_the_push() -> Option<(Rig, Arc<Semaphore>, Terminal)> {
    let (rig, secrets) = scene();
    let permits = Arc::new(Semaphore::new(OF_A_PUSH));
    let held = Fault::Held(permits.clone());
    rig.bitbucket
        .fail_for(Sender::GitLogin, Surface::Git, held, 1000);
    let mut terminal = start(&rig)?;
    answer(&mut terminal, &with_one_token(&secrets.api));
    wait_until("the fetch", || logins(&rig) == OF_A_PUSH + 1);
    Some((rig, permits, terminal))
}

#[test]
fn the_first_sign_of_a_lock_out_ends_it() {
    let limited = || Fault::rate_limited("60");
    let captcha = || Fault::status(403, "Too many failed authentication attempts.");
    for (fault, sign) in [
        (limited(), "429, too many requests (Retry-After: 60)"),
        (captcha(), "too many failed attempts"),
    ] {
        let (rig, secrets) = scene();
        rig.bitbucket.fail(Surface::Git, fault, 1);
        let Some(mut terminal) = start(&rig) else {
            return;
        };
        answer(&mut terminal, &with_one_token(&secrets.api));
        let (ended, report) = end(&rig, terminal);
        assert_eq!(rig.requests().len(), 1, "{}", report.text);
        assert_eq!(report.with("different"), ["B2"], "{}", report.text);
        assert!(report.result("P1").contains(sign), "{}", report.text);
        assert_eq!(ended.code, 1);
    }
}

/// What Git meets counts as well, and what may have been made is looked for once more.
#[test]
fn a_lock_out_that_git_meets_ends_it() {
    let (rig, secrets) = scene();
    let fault = Fault::rate_limited("60");
    rig.bitbucket
        .fail_for(Sender::GitLogin, Surface::Git, fault, 1);
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    answer(&mut terminal, &with_one_token(&secrets.api));
    let (_, report) = end(&rig, terminal);
    let result = report.result("P3");
    assert!(result.starts_with("different"), "{}", report.text);
    assert!(report.result("P4").contains("429"), "{}", report.text);
    let nothing = report.text.contains("left behind: nothing");
    assert!(nothing && branches(&rig) == 1, "{}", report.text);
}

#[test]
fn a_token_that_is_refused_twice_ends_it() {
    let (rig, secrets) = scene();
    rig.bitbucket.revoke(&secrets.api);
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    answer(&mut terminal, &with_one_token(&secrets.api));
    let (_, report) = end(&rig, terminal);
    assert_eq!(rig.requests().len(), 2, "{}", report.text);
    assert!(
        report.result("P1").contains("refused twice"),
        "{}",
        report.text
    );
}

#[test]
fn ctrl_c_deletes_the_branch() {
    let Some((rig, permits, mut terminal)) = after_the_push() else {
        return;
    };
    assert_eq!(branches(&rig), 2);
    terminal.send("\x03");
    terminal.expect("Ending in order");
    // Once more changes nothing.
    terminal.send("\x03");
    permits.add_permits(1000);
    let (ended, report) = end(&rig, terminal);
    assert_eq!(branches(&rig), 1, "{}", ended.transcript);
    assert_eq!(report.result("P3"), "as expected");
    assert_eq!(report.result("P4"), "skipped: interrupted");
    assert_eq!(report.result("O20"), "skipped: interrupted");
    assert_eq!(ended.code, 1);
    assert_eq!(rig.requests().len(), report.requests());
}

/// The server has done it, and the answer got lost.
#[test]
fn a_push_that_seems_to_have_failed_is_deleted() {
    let (rig, secrets) = scene();
    let bitbucket = &rig.bitbucket;
    let first = Fault::Held(Arc::new(Semaphore::new(1)));
    bitbucket.fail_for(Sender::GitLogin, Surface::Git, first, 1);
    bitbucket.fail_for(Sender::GitLogin, Surface::Git, Fault::CloseWhenDone, 1);
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    answer(&mut terminal, &with_one_token(&secrets.api));
    let (_, report) = end(&rig, terminal);
    assert!(
        report.result("P3").starts_with("different"),
        "{}",
        report.text
    );
    // It was there.
    assert_eq!(report.result("P4"), "as expected", "{}", report.text);
    assert_eq!(branches(&rig), 1);
}

/// What cannot be taken away is told to the person, with the command, and not to the public.
#[test]
fn a_branch_that_stays_is_told() {
    let Some((rig, permits, mut terminal)) = after_the_push() else {
        return;
    };
    let reader = Repository::private().reader("wombat_canary");
    let mut world = rig.bitbucket.world();
    world.repositories.insert(REPOSITORY.to_owned(), reader);
    drop(world);
    permits.add_permits(1000);
    terminal.expect_late("Delete it yourself:");
    terminal.expect("git push https://bitbucket.org/zebrafinch/quokka.git :refs/heads/");
    let (ended, report) = end(&rig, terminal);
    assert_eq!(ended.code, 1);
    assert_eq!(branches(&rig), 2);
    assert!(
        report.result("P6").starts_with("different"),
        "{}",
        report.text
    );
    assert!(
        report.result("P7").contains("still there"),
        "{}",
        report.text
    );
    assert!(
        report.text.contains("left behind: something"),
        "{}",
        report.text
    );
    report.has_none_of(&["zebrafinch", "quokka", "live-check-"]);
}

/// Nothing is sent before all is answered.
#[test]
fn what_is_no_repository_is_refused() {
    let (rig, _) = scene();
    let Some(mut terminal) = start(&rig) else {
        return;
    };
    terminal.expect("Address of a private repository to push to: ");
    terminal.send_line("http://bitbucket.org/zebrafinch/quokka");
    terminal.expect("begins with https://");
    assert_eq!(terminal.finish().code, 1);
    assert_eq!(rig.requests().len(), 0);
}
