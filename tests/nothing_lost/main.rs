//! Nothing that is kept is lost: not by many processes at once, not by a process that is
//! killed, not by whatever a keychain may do.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    reason = "a scene that cannot be set fails the test"
)]

mod kills;
mod races;
#[path = "../rig/mod.rs"]
mod rig;
mod scene;
mod service;
mod states;
