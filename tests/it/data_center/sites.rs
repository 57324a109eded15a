//! Several sites beside each other: their sections, their tokens, and for which one a command
//! speaks.

use super::{BASE, configuration, log_in, push, run, scene};
use crate::rig::data_center::{Right, Token};
use crate::rig::tokens::data_center_token;
use crate::rig::{Repository, Rig, gits};

const OTHER: &str = "https://code.beta.example";

#[test]
fn sections_come_and_go_byte_for_byte() {
    let (rig, _server, _) = Rig::with_data_center(BASE);
    let _other = rig.start_data_center(OTHER);
    let before = rig.home.gitconfig();
    run(&rig, &["configure"], "").expect_success();
    let with_cloud = rig.home.gitconfig();
    run(&rig, &configuration(BASE), "").expect_success();
    let with_server = rig.home.gitconfig();
    assert!(with_server.starts_with(&with_cloud), "{with_server}");
    let header = "[credential \"https://git.acme.example:8443\"]\n\thelper =\n";
    let end = " --data-center=https://git.acme.example:8443/bitbucket --store=file\n\
               \tuseHttpPath = true\n";
    assert!(with_server.contains(header), "{with_server}");
    assert!(with_server.ends_with(end), "{with_server}");
    let aliased = [
        "configure",
        "--data-center",
        OTHER,
        "--alias",
        "mirror.beta.example",
    ];
    run(&rig, &aliased, "").expect_success();
    assert!(
        rig.home
            .gitconfig()
            .contains("[credential \"https://mirror.beta.example\"]")
    );
    // The same again is nothing to do.
    let again = run(&rig, &["configure", "--data-center", OTHER], "").expect_success();
    assert!(again.stdout.contains("Nothing to do"), "{again:?}");

    run(&rig, &["unconfigure", OTHER], "").expect_success();
    assert_eq!(rig.home.gitconfig(), with_server);
    run(&rig, &["unconfigure", "https://bitbucket.org"], "").expect_success();
    run(&rig, &["unconfigure"], "").expect_success();
    assert_eq!(rig.home.gitconfig(), before);
}

#[test]
fn each_command_says_for_which_site_it_speaks() {
    let (rig, server, token) = scene(BASE);
    run(&rig, &["configure", "--store=file"], "").expect_success();
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    let told = run(&rig, &["status"], "").expect_success().stdout;
    for words in [
        "For https://bitbucket.org:\nNothing is kept for bitbucket.org",
        &format!("For {BASE}:\nKept in"),
        "jdoe (HTTP access token)",
    ] {
        assert!(told.contains(words), "{told}");
    }
    // All is all; with a site named, it is all of that.
    let cloud = ["logout", "--all", "--site", "bitbucket.org"];
    let told = run(&rig, &cloud, "").expect_success().stdout;
    assert_eq!(
        told,
        "For https://bitbucket.org:\nNothing is kept for bitbucket.org in the credential file.\n"
    );
    let told = run(&rig, &["logout", "--all"], "").expect_success().stdout;
    assert_eq!(
        told,
        format!(
            "For {BASE}:\nForgotten: jdoe (HTTP access token)\n\n\
             For https://bitbucket.org:\nNothing is kept for bitbucket.org in the credential file.\n"
        )
    );
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    for name in ["git.acme.example:8443", BASE] {
        let told = run(&rig, &["default", "jdoe", "--site", name], "").expect_success();
        assert!(told.stdout.contains(&format!("For {BASE}:")), "{told:?}");
    }
    run(
        &rig,
        &[
            "logout",
            "--store=file",
            "--site",
            "https://evil.example:8443/x",
        ],
        "",
    )
    .expect_success();
    run(&rig, &["status", "--site", "evil.example"], "").expect_failure("configured are:");
    // In a folder whose remote is at one of them, that one is meant.
    let git = &gits()[0];
    rig.git(git, &["init", "--quiet", "."]).expect_success();
    rig.git(
        git,
        &["remote", "add", "origin", &server.remote("acme/widgets")],
    )
    .expect_success();
    let told = run(&rig, &["logout"], "").expect_success().stdout;
    assert!(
        told.contains("Forgotten: jdoe (HTTP access token)"),
        "{told}"
    );
    // Nothing is kept there by now; the next step is there, too.
    for command in [&["status"][..], &["doctor", "--offline"]] {
        let told = run(&rig, &[command, &["--site", BASE]].concat(), "").stdout;
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let next = format!("Next: git credential-bitbucket login {BASE}");
        assert!(told.contains(&next), "{told}");
    }
}

#[test]
fn what_is_no_bitbucket_is_told_and_needs_a_yes() {
    let (rig, _server, _) = Rig::with_data_center(BASE);
    let before = rig.home.gitconfig();
    // Without its folder the address is nobody's.
    rig.start_data_center("https://git.acme.example:9443/bitbucket");
    let wrong = "https://git.acme.example:9443";
    let told = run(&rig, &["configure", "--data-center", wrong], "");
    told.expect_failure("does not answer as a Bitbucket Data Center does");
    let _ = rig.take_violations();
    assert_eq!(rig.home.gitconfig(), before);
    rig.forget_requests();
    let offline = ["configure", "--data-center", wrong, "--offline"];
    run(&rig, &offline, "").expect_success();
    assert_eq!(rig.requests().len(), 0);
    // Of the address of a repository or a page the site is taken.
    let page = format!("{BASE}/projects/ACME/repos/widgets/browse");
    let told = run(&rig, &["configure", "--data-center", &page], "").expect_success();
    assert!(told.stdout.contains(&format!("about {BASE}.")), "{told:?}");
}

/// A push to either, in one repository, each with its own token.
#[test]
fn a_repository_with_remotes_on_two_servers_pushes_to_both() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let other = rig.start_data_center(OTHER);
        let its = data_center_token(7);
        other.add_user("jdoe", "another password");
        other.add_repository("acme/widgets", Repository::private().writer("jdoe"));
        other.issue(Token::of_user(&its, "jdoe", Right::Write));
        run(&rig, &configuration(OTHER), "").expect_success();
        log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
        log_in(&rig, &other.remote("acme/widgets"), &its).expect_success();
        for url in [server.remote("acme/widgets"), other.remote("acme/widgets")] {
            push(&rig, &git, &url).expect_success();
        }
        assert_eq!(
            server.failed_logins_in_all() + other.failed_logins_in_all(),
            0
        );
    }
}
