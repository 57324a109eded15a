//! Pipes, loops, other people's links, locks: nothing is waited for, written through or
//! half done.

use super::probe::does;
use crate::rig::programs::say_skipped;
use crate::rig::{Rig, gits, tokens};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::process::Command;

const LINE: &str = "https://a:b@bitbucket.org\n";

#[test]
fn what_is_no_plain_file_is_told_and_not_waited_for() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let home = rig.home.path();
    let pipe = |name: &str| {
        let made = Command::new("mkfifo").arg(home.join(name)).status();
        assert!(made.is_ok_and(|status| status.success()));
    };
    pipe(".git-credentials");
    pipe("_netrc");
    symlink(".netrc", home.join(".netrc")).expect("a loop");
    fs::create_dir_all(home.join(".config/git/credentials")).expect("a folder");
    let found = does(&rig, git, "find");
    let mut places: Vec<_> = found
        .iter()
        .filter_map(|line| line.strip_prefix("TROUBLE ")?.split_once(": "))
        .collect();
    places.sort_unstable();
    let plain = "it is not a plain file";
    assert_eq!(places.len(), 4, "{found:#?}");
    assert_eq!(places[0], ("~/.config/git/credentials", plain));
    assert_eq!(places[1], ("~/.git-credentials", plain));
    assert_eq!(places[2].0, "~/.netrc");
    assert!(places[2].1.contains("symbolic links"), "{found:#?}");
    assert_eq!(places[3], ("~/_netrc", plain));
    rig.finish();
}

#[test]
fn what_may_not_be_read_is_told() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    let file = rig
        .home
        .add_file(".netrc", "machine bitbucket.org login a password b\n");
    rig.home.give_to_ordinary_user();
    fs::set_permissions(&file, Permissions::from_mode(0o000)).expect("a mode");
    assert_eq!(
        does(&rig, git, "find"),
        ["TROUBLE ~/.netrc: Permission denied (os error 13)"]
    );
    rig.finish();
}

/// Names are shown; a token among them is the secret, wherever it stands.
#[test]
fn a_token_for_a_name_is_the_secret() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let token = tokens::api_token(1);
    let entry = format!("machine bitbucket.org login {token} password x-oauth-basic\n");
    rig.home.add_file(".netrc", &entry);
    let line = format!("line 1 of ~/.netrc: bitbucket.org - - {token}");
    assert_eq!(does(&rig, git, "find"), [line]);
    rig.finish();
}

#[test]
fn long_files_and_long_lines_are_bounded() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let long = format!("https://a:{}@bitbucket.org\n{LINE}", "x".repeat(900_000));
    rig.home.add_file(".git-credentials", &long);
    rig.home.add_file(".netrc", &"machine x ".repeat(110_000));
    let found = does(&rig, git, "find");
    assert_eq!(found.len(), 3, "{} lines", found.len());
    assert_eq!(
        found[2],
        "TROUBLE ~/.netrc: it is longer than 1 MiB: look into it yourself"
    );
    assert_eq!(does(&rig, git, "heal").len(), 2);
    assert_eq!(
        fs::read(rig.home.path().join(".git-credentials")).expect("a file"),
        b""
    );
    does(&rig, git, "undo");
    let text = fs::read_to_string(rig.home.path().join(".git-credentials")).expect("a file");
    assert!(text == long);
    rig.finish();
}

#[test]
fn a_link_that_another_user_made_is_not_followed() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let file = rig.home.add_file("secrets", LINE);
    let link = rig.home.path().join(".git-credentials");
    symlink(&file, &link).expect("a link");
    if lchown(&link, Some(65_534), Some(65_534)).is_err() {
        say_skipped("a second user (only root is two)");
        return;
    }
    let healed = does(&rig, git, "heal");
    assert_eq!(
        healed,
        [
            "FAILED line 1 of ~/.git-credentials: ~/.git-credentials is a link that another user made: \
          edit the file that you mean"
        ]
    );
    assert_eq!(fs::read_to_string(&file).expect("a file"), LINE);
    rig.finish();
}

#[test]
fn a_file_of_another_user_stays_theirs() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    let file = rig.home.add_file(".git-credentials", LINE);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("a mode");
    rig.home.give_to_ordinary_user();
    if lchown(&file, Some(0), Some(0)).is_err() {
        say_skipped("a second user (only root is two)");
        return;
    }
    let healed = does(&rig, git, "heal");
    assert!(healed[0].contains("belongs to another user"), "{healed:?}");
    assert_eq!(fs::read_to_string(&file).expect("a file"), LINE);
    assert_eq!(fs::metadata(&file).expect("a file").uid(), 0);
    rig.finish();
}

#[test]
fn a_file_that_git_has_locked_is_left_alone() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let file = rig.home.add_file(".git-credentials", LINE);
    rig.home
        .add_file(".git-credentials.lock", "https://x:y@example.com\n");
    let healed = does(&rig, git, "heal");
    assert!(
        healed[0].contains("another program is changing"),
        "{healed:?}"
    );
    assert_eq!(fs::read_to_string(&file).expect("a file"), LINE);
    let mut names: Vec<_> = fs::read_dir(rig.home.path())
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(".git-credentials"))
        .collect();
    names.sort();
    assert_eq!(names, [".git-credentials", ".git-credentials.lock"]);
    rig.finish();
}

/// What a repository's configuration says about itself is not written elsewhere.
#[test]
fn a_configuration_that_cannot_be_read_is_trouble() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    rig.git(git, &["init", "--quiet"]).expect_success();
    let config = rig.home.work().join(".git/config");
    let mut text = fs::read_to_string(&config).expect("a file");
    text.push_str("[include]\n\tpath = missing\n\tpath = .\n");
    fs::write(&config, &text).expect("a file");
    let _ = does(&rig, git, "find");
    assert_eq!(fs::read_to_string(&config).expect("a file"), text);
    rig.finish();
}
