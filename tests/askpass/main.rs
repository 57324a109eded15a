//! A person behind a program that asks in Git's name, as editors have it: the questions are
//! Git's own, each comes once, and the answers are judged like typed ones.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    reason = "a process that cannot be ended fails the test"
)]

mod answers;
mod ends;
mod questions;
#[path = "../rig/mod.rs"]
mod rig;
mod scene;
mod who;
