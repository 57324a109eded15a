//! The store is chosen by name. Each that can be named gets whole pushes with the real Git
//! from a fresh home; what cannot be read stops; what nobody named is never used.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    reason = "a scene that cannot be set fails the test"
)]

mod environments;
mod options;
mod pushes;
mod question;
#[path = "../rig/mod.rs"]
mod rig;
mod scene;
mod token_file;
