//! Nothing that is kept is lost: not by many processes at once, not by a process that is
//! killed, not by whatever a keychain may do.
#![cfg(target_os = "linux")]

mod kills;
mod races;
mod scene;
mod service;
mod states;
