//! What goes with Git: variables, the doctor, Git LFS, and submodules on two sites.

use super::{BASE, log_in, push, run, scene};
use crate::rig::{Credential, GIT_SCOPES, Kind, Repository, Rig, gits, programs, tokens};

/// A variable is for the site that is named, or for the only one.
#[test]
fn a_variable_is_for_one_site() {
    let git = &gits()[0];
    for (is_alone, url, is_served) in [
        (true, None, true),
        (false, None, false),
        (false, Some(BASE), true),
        (true, Some("https://other.example"), false),
    ] {
        let (mut rig, server, token) = scene(BASE);
        if !is_alone {
            run(&rig, &["configure", "--store=file"], "").expect_success();
        }
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.home.set("GIT_TERMINAL_PROMPT", "0");
        if let Some(url) = url {
            rig.home.set("BITBUCKET_URL", url);
        }
        let pushed = push(&rig, git, &server.remote("acme/widgets"));
        assert_eq!(
            pushed.success(),
            is_served,
            "{is_alone} {url:?}: {pushed:?}"
        );
        assert_eq!(server.failed_logins_in_all(), 0);
        // Nor is Cloud sent it, whatever it asks for.
        let cloud = "protocol=https\nhost=bitbucket.org\n\n";
        let answer = run(&rig, &["--store=file", "get"], cloud).stdout;
        assert!(!answer.contains(&token), "{answer}");
    }
}

#[test]
fn the_doctor_speaks_of_the_server() {
    let (rig, server, token) = scene(BASE);
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    run(&rig, &["configure", "--store=file"], "").expect_success();
    let told = run(&rig, &["doctor", "--site", BASE], "");
    for words in [
        &format!("For {BASE}:"),
        "jdoe (HTTP access token)",
        "git.acme.example:8443",
    ] {
        assert!(told.stdout.contains(words), "{words}: {told:?}");
    }
    told.expect_success();
    assert_eq!(server.failed_logins_in_all(), 0);
}

#[test]
fn git_lfs_pushes_a_large_object() {
    if !programs::present("git-lfs", &["git-lfs"]) {
        return;
    }
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        rig.git(&git, &["lfs", "install"]).expect_success();
        rig.git(&git, &["clone", "--quiet", &url, "widgets"])
            .expect_success();
        let inside = |arguments: &[&str]| {
            let all = [&["-C", "widgets"], arguments].concat();
            rig.git(&git, &all).expect_success();
        };
        inside(&["lfs", "track", "*.bin"]);
        rig.home
            .add_file("work/widgets/large.bin", "a large object\n");
        inside(&["add", "."]);
        inside(&["commit", "--quiet", "--message=Large"]);
        inside(&["push", "--quiet"]);
        assert_eq!(server.lfs.contents().len(), 1);
        assert_eq!(server.failed_logins_in_all(), 0);
    }
}

/// One clone with a submodule on each site, each with its own token.
#[test]
fn submodules_of_both_sites_are_cloned_at_once() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let cloud = tokens::api_token(1);
        rig.bitbucket
            .add_user("alice", "alice@example.com", "a password");
        for name in ["acme/one", "acme/whole"] {
            let private = Repository::private().writer("alice");
            rig.bitbucket.add_repository(name, private);
        }
        let issued = Credential::new(Kind::ApiToken, &cloud, "alice", &GIT_SCOPES);
        rig.bitbucket.issue(issued);
        run(&rig, &["configure", "--store=file"], "").expect_success();
        log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
        log_in(&rig, "https://bitbucket.org/acme/one", &cloud).expect_success();
        rig.forget_requests();

        whole(
            &rig,
            &git,
            &[
                (
                    "https://bitbucket.org/acme/one.git",
                    &rig.bitbucket.commit("acme/one", "main"),
                ),
                (
                    &server.remote("acme/widgets"),
                    &server.commit("acme/widgets", "main"),
                ),
            ],
        );
        let clone = ["clone", "--quiet", "--recurse-submodules", WHOLE, "again"];
        rig.git(&git, &clone).expect_success();
        assert_eq!(rig.requests_not_from_git().len(), 0);
        assert_eq!(server.failed_logins_in_all(), 0);
    }
}

const WHOLE: &str = "https://bitbucket.org/acme/whole.git";

/// Pushes a commit to `acme/whole` that has these as submodules.
fn whole(rig: &Rig, git: &crate::rig::Git, parts: &[(&str, &str)]) {
    let run = |arguments: &[&str]| drop(rig.git(git, arguments).expect_success());
    run(&["clone", "--quiet", WHOLE, "whole"]);
    for (number, (url, commit)) in parts.iter().enumerate() {
        let file = "--file=whole/.gitmodules";
        let (section, path) = (format!("submodule.part{number}"), format!("part{number}"));
        run(&["config", file, &format!("{section}.path"), &path]);
        run(&["config", file, &format!("{section}.url"), url]);
        let link = format!("160000,{commit},{path}");
        run(&["-C", "whole", "update-index", "--add", "--cacheinfo", &link]);
    }
    run(&["-C", "whole", "add", ".gitmodules"]);
    run(&["-C", "whole", "commit", "--quiet", "--message=Parts"]);
    run(&["-C", "whole", "push", "--quiet", "origin", "HEAD:main"]);
}
