//! The options of `credential.helper`: what cannot be read serves and keeps nothing, and
//! says so in one line; a foreign host is none of that.

use super::scene::{REQUEST, Scene, ours};
use crate::rig::gits;

/// A line that cannot be read, and what is said of it.
const UNREADABLE: [(&str, &str); 5] = [
    (
        "--store=plaintext",
        "there is no store plaintext; there are auto, keychain, pass, memory, file, none",
    ),
    ("--store", "--store names nothing"),
    ("--store=file --store=none", "--store is there twice"),
    (
        "--store=none --token-file=/run/token",
        "--store and --token-file exclude each other",
    ),
    (
        "--token-file=token",
        "--token-file needs an absolute path, which token is not",
    ),
];

/// With an open keychain, in which a good token is: even that is not served.
#[test]
fn what_cannot_be_read_serves_and_keeps_nothing() {
    for git in gits() {
        let mut scene = Scene::new(&git);
        if !scene.rig.start_keyring() {
            return;
        }
        scene.rig.put(&scene.token, "alice");
        for (options, fault) in UNREADABLE {
            let line = format!("credential.helper=bitbucket {options}");
            let arguments = ["-c", &line, "push", "--quiet", "origin", "HEAD:topic"];
            let commit = ["commit", "--quiet", "--allow-empty", "--message=x"];
            scene.rig.git(&git, &commit).expect_success();
            let ended = scene.rig.git(&git, &arguments);
            let ended = ended.expect_failure("told us to quit");
            let said = format!(
                "bitbucket: credential.helper cannot be read: {fault}; set it anew: git \
                 credential-bitbucket configure"
            );
            assert_eq!(ours(&ended.stderr), [said], "{git} {options}");
            // What Git tells us afterwards changes nothing.
            let words: Vec<&str> = options.split(' ').collect();
            for operation in ["store", "erase"] {
                let input = format!(
                    "{REQUEST}username=alice
password={}

",
                    scene.token
                );
                let arguments = [&words[..], &[operation]].concat();
                scene
                    .rig
                    .helper_with(&git, &arguments, &input)
                    .expect_success();
            }
            let kept = scene.rig.items();
            assert_eq!(kept.len(), 1, "{options}");
        }
        assert!(scene.rig.requests_not_from_git().is_empty());
    }
}

/// What cannot be read matters only to whom it is for.
#[test]
fn a_foreign_host_hears_nothing_of_them() {
    let scene = Scene::new(&gits()[0]);
    let request = REQUEST.replace("bitbucket.org", "example.com");
    for (options, _) in UNREADABLE {
        let words: Vec<&str> = options.split(' ').collect();
        let arguments = [&words[..], &["get"]].concat();
        let ended = scene.rig.helper_with(&scene.git, &arguments, &request);
        let ended = ended.expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""), "{options}");
    }
}

/// Whoever else can answer is left to do so.
#[test]
fn another_helper_still_answers() {
    for git in gits() {
        let scene = Scene::new(&git);
        let other = format!(
            "!f() {{ test $1 = get && echo username=alice && echo password={}; }}; f",
            scene.token
        );
        let commit = ["commit", "--quiet", "--allow-empty", "--message=x"];
        scene.rig.git(&git, &commit).expect_success();
        let other = format!("credential.helper={other}");
        let unreadable = "credential.helper=bitbucket --store=gpg";
        let push = ["push", "--quiet", "origin", "HEAD:topic"];
        let arguments = [&["-c", unreadable, "-c", &other][..], &push].concat();
        let ended = scene.rig.git(&git, &arguments).expect_success();
        assert_eq!(ours(&ended.stderr).len(), 1, "{}", ended.stderr);
    }
}

/// A secret that somebody put where a name belongs is not repeated.
#[test]
fn a_secret_among_the_options_is_not_shown() {
    let scene = Scene::new(&gits()[0]);
    for option in ["--store=", "--token-file=", "--store=memory --timeout="] {
        let line = format!("{option}{} get", scene.token);
        let words: Vec<&str> = line.split(' ').collect();
        let ended = scene.rig.helper_with(&scene.git, &words, REQUEST);
        let ended = ended.expect_success();
        assert!(ended.stderr.contains("cannot be read"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(&scene.token[..40]), "{option}");
        assert_eq!(ended.stdout, "quit=1\n");
    }
}

/// The commands that people type use the store of Git's line, too, unless they name one.
#[test]
fn commands_use_the_store_that_git_uses() {
    for git in gits() {
        let scene = Scene::configured(&git, &["--store", "none"]);
        let said = scene.ours(&["status"]).expect_success().stdout;
        assert!(said.contains("Nothing is ever kept"), "{said}");
        let json = scene.ours(&["status", "--json"]).expect_success().stdout;
        assert!(json.contains("\"choice\": \"none\""), "{json}");
        scene
            .ours(&["login", "--with-token"])
            .expect_failure("nothing is kept with --store=none; name a store with --store");
        scene
            .ours(&["status", "--store", "keychain"])
            .expect_failure("the Secret Service keyring cannot be used: no D-Bus session");
        scene.ours(&["configure", "--store=auto"]).expect_success();
        scene.ours(&["status"]).expect_failure("no D-Bus session");
        scene.rig.home.add_gitconfig("[credential \"https://bitbucket.org\"]\n\thelper =\n\thelper = bitbucket --store=gpg\n");
        scene
            .ours(&["status"])
            .expect_failure("credential.helper cannot be read: there is no store gpg")
            .expect_failure("set it anew: git credential-bitbucket configure");
        scene.ours(&["configure"]).expect_success();
        scene.ours(&["status"]).expect_failure("no D-Bus session");
    }
}
