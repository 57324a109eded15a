//! Whole sessions as a person sees them: what is typed after `$`, and all that the
//! terminal then shows, 80 characters wide, compared with the texts beside this file.
//!
//! `SESSIONS=overwrite cargo test --test it sessions::` writes those texts anew; read what
//! changed in them before it is committed. A text that depends on Git is there twice:
//! `-before-2.46` is for a Git that cannot come back within one command.
#![cfg(target_os = "linux")]

mod accounts;
mod commands;
mod doctor;
mod first;
mod refusals;
mod shell;
mod stores;
