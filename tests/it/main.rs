//! Every integration test, one program: each promise is a module here, and `rig` is what they
//! all stand on. A test checks that no file of this folder is left out.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has to stop"
)]

mod accounts;
mod app_passwords;
mod askpass;
mod attacks;
mod automation;
mod browser;
mod catalogue;
mod clients;
mod command_line;
mod configure;
mod conformance;
mod connections;
mod data_center;
mod dependencies;
mod doctor;
mod doctor_places;
mod documents;
mod escapes;
mod examples;
mod expiry;
mod faults_while_verifying;
mod first_push;
mod fuzz_seeds;
mod hostile_repository;
mod keychain;
mod live;
mod login;
mod logout;
mod loopback_bitbucket;
mod loopback_data_center;
mod made;
mod minimal_root;
mod model;
mod modules;
mod network_faults;
mod nothing_leaked;
mod nothing_lost;
mod our_files;
mod prompt_terminal;
mod prompting;
mod refusals;
mod rig;
mod rig_itself;
mod scripts;
mod secret_services;
mod secrets_stay_inside;
mod sessions;
mod shown_safely;
mod single_flight;
mod status;
mod stores;
mod unattended;
mod unprintable;
mod verification;
mod waiting;
mod windows_console;
