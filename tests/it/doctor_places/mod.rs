//! Secrets for Bitbucket in the places of other programs: they are found, taken away and put
//! back, and nothing else moves. Real programs put them there and look for them afterwards.
#![cfg(target_os = "linux")]

mod files;
mod hostile;
mod kills;
mod probe;
mod programs;
