//! `tests/live/run`, which asks the real Bitbucket, against the loopback ones: its dialogue on a
//! terminal, what comes out as expected, each "different", where it stops, what it leaves, and
//! that its report has neither a secret nor a name in it.
#![cfg(target_os = "linux")]

mod cloud;
mod data_center;
mod judges;
mod person;
mod report;
mod stops;
