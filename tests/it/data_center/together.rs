//! A Data Center and Bitbucket Cloud side by side, large objects, and what else a company's own
//! server brings into one clone; and a host that is neither.

use super::{BASE, configuration, is_kept, log_in, push, run, scene};
use crate::rig::data_center::world::InBand;
use crate::rig::scene::URL;
use crate::rig::{Credential, GIT_SCOPES, Git, Kind, Repository, Rig, gits, programs};
use crate::rig::{superproject, tokens};

/// A Data Center that is configured beside Bitbucket Cloud, with a token kept for each.
fn both(git: &Git) -> (Rig, std::sync::Arc<crate::rig::data_center::DataCenter>) {
    let (rig, server, token) = scene(BASE);
    let cloud = tokens::api_token(1);
    rig.bitbucket
        .add_user("alice", "alice@example.com", "correct horse");
    let private = Repository::private().writer("alice");
    rig.bitbucket.add_repository("acme/widgets", private);
    rig.bitbucket.issue(Credential::new(
        Kind::ApiToken,
        &cloud,
        "alice",
        &GIT_SCOPES,
    ));
    let configure = ["configure", "--store=file"];
    rig.helper_with(git, &configure, "").expect_success();
    log_in(&rig, URL, &cloud).expect_success();
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    rig.forget_requests();
    (rig, server)
}

/// What each host was sent by Git, as beginnings of secrets.
fn sent(rig: &Rig, host: &str) -> Vec<String> {
    let requests = rig.requests().into_iter().filter(|it| it.host == host);
    let secrets = requests.filter_map(|it| it.authorization);
    let mut sent: Vec<_> = secrets.map(|it| it.secret[..5].to_owned()).collect();
    sent.dedup();
    sent
}

#[test]
fn one_repository_pushes_to_both() {
    for git in gits() {
        let (rig, server) = both(&git);
        let own = server.remote("acme/widgets");
        for url in [URL, &own, URL] {
            push(&rig, &git, url).expect_success();
        }
        assert_eq!(sent(&rig, "bitbucket.org"), ["ATATT"], "{git}");
        assert_eq!(sent(&rig, "git.acme.example:8443"), ["BBDC-"], "{git}");
        assert_eq!(rig.requests_not_from_git().len(), 0);
        assert_eq!(server.failed_logins_in_all(), 0);
    }
}

/// A superproject at the company with a part in the cloud: one clone, no question.
#[test]
fn a_clone_with_submodules_on_both_asks_nothing() {
    for git in gits() {
        let (rig, server) = both(&git);
        server.add_repository("acme/whole", Repository::private().writer("jdoe"));
        let run = |arguments: &[&str]| drop(rig.git(&git, arguments).expect_success());
        let parts = [
            (URL.to_owned(), rig.bitbucket.commit("acme/widgets", "main")),
            (
                server.remote("acme/widgets"),
                server.commit("acme/widgets", "main"),
            ),
        ];
        let whole = server.remote("acme/whole");
        superproject::push(&rig, &git, &parts, &whole);
        rig.forget_requests();
        run(&["clone", "--quiet", "--recurse-submodules", &whole, "copy"]);
        for part in ["copy/part0", "copy/part1"] {
            run(&["-C", part, "rev-parse", "HEAD"]);
        }
        assert_eq!(sent(&rig, "bitbucket.org"), ["ATATT"], "{git}");
        assert_eq!(sent(&rig, "git.acme.example:8443"), ["BBDC-"], "{git}");
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

/// The objects lie at the same host, under a grant of their own.
#[test]
fn large_objects_are_pushed_and_fetched() {
    if !programs::present("git-lfs", &["git-lfs"]) {
        return;
    }
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        let run = |arguments: &[&str]| drop(rig.git(&git, arguments).expect_success());
        run(&["lfs", "install"]);
        run(&["clone", "--quiet", &url, "tree"]);
        run(&["-C", "tree", "lfs", "track", "*.bin"]);
        rig.home.add_file("work/tree/large.bin", "a large object\n");
        run(&["-C", "tree", "add", "."]);
        run(&["-C", "tree", "commit", "--quiet", "--message=Large"]);
        run(&["-C", "tree", "push", "--quiet"]);
        assert_eq!(server.lfs.contents().len(), 1, "{git}");
        run(&["clone", "--quiet", &url, "again"]);
        let large = rig.home.work().join("again/large.bin");
        let content = std::fs::read_to_string(large).expect("a file");
        assert_eq!(content, "a large object\n", "{git}");
        assert!(is_kept(&rig, BASE));
        assert_eq!(server.failed_logins(&token), 0);
    }
}

/// However it is configured, a `get` for a third host reads, compares and ends.
#[test]
fn a_third_host_costs_no_connection() {
    let (rig, server) = both(&gits()[0]);
    let line = format!("--data-center={BASE}");
    for host in ["third.example", "git.acme.example", "third.example:8443"] {
        for words in [
            &["get"][..],
            &[&line, "get"],
            &[&line, "store"],
            &[&line, "erase"],
        ] {
            let request = format!("protocol=https\nhost={host}\nusername=jdoe\npassword=x\n\n");
            let request = request.replace(
                "password=x\n",
                match words.last() {
                    Some(&"get") => "",
                    _ => "password=x\n",
                },
            );
            let ended = run(&rig, words, &request);
            let said = (ended.code, &*ended.stdout, &*ended.stderr);
            assert_eq!(said, (Some(0), "", ""), "{host} {words:?}");
        }
    }
    assert_eq!((rig.connects().len(), rig.requests().len()), (0, 0));
    assert_eq!(server.failed_logins_in_all(), 0);
}

/// Git takes what stands in a 200 for success and says `store`: no proof, and no harm.
#[test]
fn an_error_in_a_success_changes_nothing_that_is_kept() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let url = server.remote("acme/widgets");
        log_in(&rig, &url, &token).expect_success();
        server.demand_captcha("jdoe");
        let told = rig.git(&git, &["ls-remote", &url]);
        told.expect_failure("CAPTCHA required");
        assert!(is_kept(&rig, BASE), "{git}");
        server.solve_captcha("jdoe");
        server.world().switches.licence_expired = Some(InBand::Yes);
        let ended = push(&rig, &git, &url);
        ended.expect_failure("licence");
        assert!(is_kept(&rig, BASE), "{git}");
        server.world().switches.licence_expired = None;
        push(&rig, &git, &url).expect_success();
    }
}

/// A mirror takes no push: Git is told 403, and the token stays for the primary.
#[test]
fn a_push_to_a_mirror_costs_no_token() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let mirror = rig.start_mirror(&server, "https://mirror.acme.example/bitbucket");
        let line = [
            &configuration(BASE)[..],
            &["--alias", "mirror.acme.example"],
        ]
        .concat();
        run(&rig, &line, "").expect_success();
        log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
        for _ in 0..2 {
            let ended = push(&rig, &git, &mirror.remote("acme/widgets"));
            ended.expect_failure("403");
            assert!(is_kept(&rig, BASE), "{git}");
        }
        push(&rig, &git, &server.remote("acme/widgets")).expect_success();
        assert_eq!(server.failed_logins(&token), 0);
    }
}
