//! The program on Windows, which `tests/windows/run` builds and runs under Wine: the real
//! calls of the Credential Manager and of the console, the loopback Bitbucket behind its
//! proxy, a home whose path has blanks and umlauts, and a Git built for Windows.
#![cfg(windows)]
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod configure;
#[allow(
    dead_code,
    reason = "many processes at once make Wine's Credential Manager crash"
)]
#[path = "../it/keychain/conformance.rs"]
mod conformance;
mod credentials;
mod helper;
mod home;
mod loopback;
