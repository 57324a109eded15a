//! Many processes at once.

use super::scene::{CHALLENGE, REQUEST, Scene, login, password};
use super::service::{Manner, Service};
use crate::rig::kept::{PLACES, TOO_SLOW, until_answered};
use crate::rig::{Rig, held, tokens};
use std::time::{Duration, Instant};

/// Runs `work` for so many numbers, each in a thread of its own, all at once.
fn at_once<T: Send>(many: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let start = |number| {
            scope.spawn({
                let work = &work;
                move || work(number)
            })
        };
        let running: Vec<_> = (0..many).map(start).collect();
        let join = |thread: std::thread::ScopedJoinHandle<T>| thread.join();
        let ended = running.into_iter().map(join);
        ended.map(|ended| ended.expect("it ends")).collect()
    })
}

#[test]
fn many_stores_of_many_accounts_all_count() {
    for scene in Scene::each() {
        let many = scene.place.accounts;
        let name = |number: u64| format!("user{number:02}");
        at_once(many, |number| {
            let lines = login(&name(number), &tokens::api_token(100 + number));
            let ended = until_answered(|| scene.ask("store", &lines));
            assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""));
        });
        let expected: Vec<_> = (0..many).map(|n| tokens::api_token(100 + n)).collect();
        let mut sorted = expected.clone();
        sorted.sort();
        assert_eq!(scene.secrets(), sorted);
        let served = at_once(many, |number| {
            let lines = format!("username={}\n", name(number));
            let answer = until_answered(|| scene.ask("get", &lines));
            password(&answer).map(str::to_owned)
        });
        let expected: Vec<_> = expected.into_iter().map(Some).collect();
        assert_eq!(served, expected);
        let place = scene.place.name;
        held(
            &format!("parallel stores of different accounts in {place}"),
            many,
        );
    }
}

/// One account, whose token is replaced while others are served it and have it refused.
#[test]
fn many_of_all_kinds_leave_the_last_token_whole() {
    let rounds = std::env::var("GCB_TESTS_ROUNDS");
    let rounds: u64 = rounds.map_or(3, |text| text.parse().expect("a number"));
    for place in &PLACES {
        let (mut judged, mut tried) = (0, 0);
        while judged < rounds {
            assert!(tried < 2 * rounds, "the keyring ends all the time");
            let Some(scene) = Scene::configured(place) else {
                break;
            };
            while judged < rounds {
                tried += 1;
                if !mix(&scene, tried) {
                    break;
                }
                judged += 1;
            }
        }
        held(
            &format!(
                "parallel get, store and erase of one account in {}",
                place.name
            ),
            judged * place.at_once,
        );
    }
}

/// One round; false if the keyring itself ended, as GNOME Keyring 42 does now and then
/// under such load, or was too slow: then everybody was told, and nothing is proven.
fn mix(scene: &Scene, round: u64) -> bool {
    let many = scene.place.at_once;
    // What was confirmed in the round before would stay.
    let forgotten = scene.rig.helper_with(&scene.git, &["logout", "--all"], "");
    if !forgotten.success() {
        return false;
    }
    let token = |number: u64| tokens::api_token(1000 * round + number);
    let old = scene.issue(1000 * round + 999);
    scene.ask("store", &login("alice", &old));
    let told = at_once(many, |number| match number % 4 {
        0 => scene.ask("store", &login("alice", &token(number))),
        1 => scene.ask("get", "username=alice\n"),
        // What it was served a while ago was refused, and is kept when asked again.
        2 => scene.ask("erase", &(login("alice", &old) + CHALLENGE)),
        _ => scene.ask("erase", &login("alice", &old)),
    });
    let stored: Vec<_> = (0..many).step_by(4).map(token).collect();
    for answer in told.iter().skip(1).step_by(4) {
        let known = |secret: &str| secret == old || stored.iter().any(|known| known == secret);
        assert!(password(answer).is_none_or(known), "{answer:#?}");
    }
    let gone = ["disconnected from message bus without replying", TOO_SLOW];
    let ended = |text: &str| gone.iter().any(|said| text.contains(said));
    if told.iter().any(|told| ended(&told.stderr)) {
        return false;
    }
    let told: Vec<_> = told.iter().map(|ended| &*ended.stderr).collect();
    let kept = scene.secrets();
    let (former, new): (Vec<_>, Vec<_>) = kept.iter().partition(|secret| **secret == old);
    // One that the server confirmed before the next `store` does not give way to what Git saw.
    let is_confirmed = told.iter().any(|text| text.contains("still accepts "));
    let right = new.len() == 1 && stored.contains(new[0]) && (former.is_empty() || is_confirmed);
    let place = scene.place.name;
    assert!(right, "{place}, round {round}: {kept:?} {told:#?}");
    true
}

/// Another process puts a newer token there when `logout` has read the older one.
#[test]
fn logout_says_what_it_did_not_forget() {
    let (mut rig, old) = Rig::with_alice();
    let Some(service) = Service::start(&mut rig) else {
        return;
    };
    let git = crate::rig::gits()[0].clone();
    rig.helper("store", &format!("{REQUEST}{}\n", login("alice", &old)))
        .expect_success();
    let newer = String::from_utf8_lossy(&service.items()[0].1).replace(&old, &tokens::api_token(2));
    service.set(Manner::Late("SearchItems"));
    let ended = std::thread::scope(|scope| {
        let logout = scope.spawn(|| rig.helper_with(&git, &["logout", "--all"], ""));
        let wait_for = |searches| {
            while service.late() < searches {
                assert!(!logout.is_finished(), "it does not search");
                std::thread::yield_now();
            }
        };
        wait_for(1);
        service.answer_late();
        wait_for(2);
        service.change(0, newer.clone().into_bytes());
        service.set(Manner::Right);
        service.answer_late();
        logout.join().expect("it ends")
    });
    assert_eq!(ended.stdout, "");
    ended.expect_failure("another process has changed or removed alice (API token) meanwhile");
    assert_eq!(service.items()[0].1, newer.into_bytes());
}

/// The planted race: an older process has compared and is about to delete when a newer
/// token arrives.
#[test]
fn a_newer_token_is_not_deleted_between_a_comparison_and_its_deletion() {
    let (mut rig, old) = Rig::with_alice();
    let Some(service) = Service::start(&mut rig) else {
        return;
    };
    let newer = tokens::api_token(2);
    let ask = |operation: &str, secret: &str| {
        rig.helper(operation, &format!("{REQUEST}{}\n", login("alice", secret)))
            .expect_success()
    };
    ask("store", &old);
    // Asked about it, the server confirms the refusal.
    rig.bitbucket.revoke(&old);
    service.set(Manner::Late("Delete"));
    std::thread::scope(|scope| {
        let erase = scope.spawn(|| ask("erase", &old));
        while service.late() == 0 {
            assert!(!erase.is_finished(), "it deletes nothing");
            std::thread::yield_now();
        }
        let store = scope.spawn(|| ask("store", &newer));
        // Whoever does not wait for the other is done by then.
        let start = Instant::now();
        while !store.is_finished() && start.elapsed() < Duration::from_secs(1) {
            std::thread::yield_now();
        }
        service.answer_late();
        let erased = erase.join().expect("it ends");
        assert!(erased.stderr.contains("was removed"), "{erased:#?}");
        assert_eq!(store.join().expect("it ends").stderr, "");
    });
    let answer = rig.helper("get", &format!("{REQUEST}\n"));
    assert_eq!(password(&answer), Some(&*newer));
    held("a newer token survives an older process", 1);
}
