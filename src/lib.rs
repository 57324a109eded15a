//! The Git credential helper for Bitbucket as a library; `main.rs` only starts it.
//! `docs/architecture.md` describes the rooms and which may use which.

pub mod accounts;
pub mod bitbucket;
pub mod cli;
pub mod dates;
pub mod doctor;
pub mod fingerprint;
pub mod git;
pub mod helper;
pub mod keychain;
pub mod lock;
pub mod network;
pub mod output_style;
pub mod platform;
pub mod prompt;
pub mod protocol;
pub mod reason;
pub mod secret;
pub mod setup;
pub mod text;
pub mod trace;
