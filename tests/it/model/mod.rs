//! A model of accounts, tokens and answers drives the real program: logins, fetches, URLs with
//! tokens, late `store`s, rejections and refusals in a random order. What it promises is
//! checked after each command (`promises`); what a command is, is data (`step`). A failure
//! prints the seed that makes the same commands once more: `GCB_TESTS_SEED`.
#![cfg(target_os = "linux")]

mod drive;
mod git;
mod promises;
mod step;
mod ways;
mod world;

use crate::rig::held;
use crate::rig::random::{Random, seeds};
use drive::{Driver, Place};

/// How many commands one sequence has: then everything is forgotten.
const COMMANDS: usize = 25;

/// How many sequences the usual run makes.
const SEQUENCES: u64 = 40;

/// One sequence of so many is kept in a Secret Service, the others in a file.
const ONE_IN: u64 = 8;

#[test]
fn good_tokens_stay_and_nobody_gets_another_s() {
    let mut driver = Driver::new();
    let mut commands = 0;
    for seed in seeds(SEQUENCES) {
        let place = if seed % ONE_IN == 0 && driver.has_keyring() {
            Place::Keyring
        } else {
            Place::File
        };
        commands += sequence(&mut driver, place, seed);
    }
    held(
        "random commands after which no promise was broken",
        commands,
    );
}

/// One sequence; how many commands it had.
fn sequence(driver: &mut Driver, place: Place, seed: u64) -> u64 {
    let mut random = Random::new(seed);
    driver.begin(place, seed);
    for _ in 0..COMMANDS {
        let step = step::choose(&mut random, &mut driver.world);
        driver.run(&step);
        let broken = promises::broken(&driver.world, &step);
        assert!(
            broken.is_empty(),
            "GCB_TESTS_SEED={seed}: {broken:#?}\nafter:\n{}",
            driver.history()
        );
    }
    COMMANDS as u64
}
