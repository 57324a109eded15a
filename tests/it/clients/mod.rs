//! Programs that reach Bitbucket by way of the helper, as their users run them: each fetches,
//! and pushes where it can, with what the keychain has; each has its own way to ask, which
//! is told where it is tested.
#![cfg(target_os = "linux")]

mod cargo;
mod git2;
mod git_lfs;
mod gitpython;
mod gix;
mod lazygit;
mod libraries;
mod open_pipe;
mod pip;
mod scene;
