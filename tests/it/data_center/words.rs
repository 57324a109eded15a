//! What people are told to run works as it stands.

use super::{BASE, is_kept, push, run, scene};
use crate::rig::gits;

/// The command after `run: `, without the program's name.
fn command(told: &str) -> Vec<String> {
    let (_, after) = told
        .split_once("run: git credential-bitbucket ")
        .expect("a command");
    let line = after.lines().next().unwrap_or_default();
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_command_that_is_told_where_nothing_is_kept() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        let told = push(&rig, &git, &url).expect_failure("no credential is kept for");
        let mut arguments = command(&told.stderr);
        arguments.insert(1, "--with-token".to_owned());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        run(&rig, &arguments, &token).expect_success();
        push(&rig, &git, &url).expect_success();
    }
}

/// An address that is none of a repository's is answered with the form of one.
#[test]
fn the_form_of_an_address_is_one_that_is_understood() {
    let (rig, server, token) = scene(BASE);
    let login = |address: &str| run(&rig, &["login", "--with-token", address], &token);
    let told = login(&format!("{BASE}/acme/widgets")).expect_failure("write it as ");
    let (_, form) = told.stderr.split_once("write it as ").expect("a form");
    let address = form.trim().replace("WORKSPACE/REPOSITORY", "acme/widgets");
    assert_eq!(format!("{address}.git"), server.remote("acme/widgets"));
    login(&address).expect_success();
    assert!(is_kept(&rig, BASE));
}
