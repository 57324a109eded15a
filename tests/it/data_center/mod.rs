//! A company's own server, from `configure --data-center` to pushes: the real program under every
//! Git, against a loopback Data Center. What each answer means is tested in `bitbucket/status_codes`.
#![cfg(target_os = "linux")]

mod answers;
mod attacks;
mod beside;
mod pushes;
mod refusals;
mod sequences;
mod sites;
mod together;
mod typing;
mod words;

use crate::rig::data_center::DataCenter;
use crate::rig::{Finished, Git, Rig, gits};
use std::sync::Arc;

const BASE: &str = "https://git.acme.example:8443/bitbucket";

/// A Data Center with `jdoe`'s token, in nobody's hands yet, and a home that is configured for it
/// to keep tokens in a file.
fn scene(base: &str) -> (Rig, Arc<DataCenter>, String) {
    let (rig, server, token) = Rig::with_data_center(base);
    let done = run(&rig, &configuration(base), "");
    let said = done.expect_success().stdout;
    assert!(said.contains("is a Bitbucket Data Center 9.4.0."), "{said}");
    rig.forget_requests();
    (rig, server, token)
}

fn configuration(base: &str) -> [&str; 4] {
    ["configure", "--data-center", base, "--store=file"]
}

fn run(rig: &Rig, arguments: &[&str], input: &str) -> Finished {
    rig.helper_with(&gits()[0], arguments, input)
}

/// Enters a token as `login --with-token` with a repository's address.
fn log_in(rig: &Rig, address: &str, token: &str) -> Finished {
    run(rig, &["login", "--with-token", address], token)
}

/// Commits something and pushes it.
fn push(rig: &Rig, git: &Git, url: &str) -> Finished {
    rig.git(git, &["init", "--quiet", "--initial-branch=topic", "."])
        .expect_success();
    let message = ["commit", "--quiet", "--allow-empty", "--message=Change"];
    rig.git(git, &message).expect_success();
    rig.git(git, &["push", "--quiet", url, "topic"])
}

/// What is kept, as `status` tells it.
fn status(rig: &Rig, site: &str) -> serde_json::Value {
    let told = run(rig, &["status", "--json", "--site", site], "");
    serde_json::from_str(&told.expect_success().stdout).expect("JSON")
}

fn is_kept(rig: &Rig, site: &str) -> bool {
    let entries = &status(rig, site)["entries"];
    !entries.as_array().expect("a list").is_empty()
}
