//! `--undo`: all that was set aside comes back, wherever it is kept by then.

use super::scene::{Scene, URL};
use crate::rig::tokens;
use std::fs;

const ASIDE: &str = "git-credential-bitbucket:set-aside";

/// A token that lies in several items of one program, for paths and under names.
#[test]
fn each_of_several_items_with_one_token_comes_back() {
    let Some(mut scene) = Scene::bare() else {
        return;
    };
    scene.run(&["configure"]).expect_success();
    scene.clone_with(URL);
    let token = tokens::api_token(70);
    let git = ("xdg:schema", "org.git.Password");
    let place = [("protocol", "https"), ("server", "bitbucket.org")];
    let items = [
        [&[git, ("user", "alice")], &place[..]].concat(),
        [&[git, ("user", "alice@example.com")], &place[..]].concat(),
        [
            &[git, ("user", "alice"), ("object", "acme/widgets.git")],
            &place[..],
        ]
        .concat(),
        [
            &[git, ("user", "alice"), ("object", "acme/gadgets.git")],
            &place[..],
        ]
        .concat(),
        [&[git, ("user", "alice"), ("port", "443")], &place[..]].concat(),
    ];
    let keyring = scene.rig.keyring();
    // What says least comes first: what says more is stored beside it.
    for attributes in &items {
        keyring.store("Git: https://bitbucket.org/", &token, attributes);
    }
    scene.secrets.push(token);
    let keyring = scene.rig.keyring();
    let there = || keyring.search(&place).len();
    assert_eq!(there(), items.len());
    scene.doctor(&["--fix", "--yes"]);
    assert_eq!(there(), 0);
    assert_eq!(keyring.search(&[("service", ASIDE)]).len(), items.len());
    let undone = scene.doctor(&["--undo"]).expect_success();
    assert_eq!(there(), items.len(), "{undone:#?}");
}

impl Scene {
    /// A dead token in a file of `git credential-store`, set aside in this store; and the
    /// file's text before.
    fn with_one_set_aside(store: &str) -> Option<(Self, String)> {
        let mut scene = Self::bare()?;
        scene.clone_with(URL);
        let token = tokens::api_token(70);
        let text = format!("https://alice:{token}@bitbucket.org\n");
        scene.secrets.push(token);
        scene.run(&["configure", "--store", store]).expect_success();
        scene.write(".git-credentials", &text);
        let healed = scene.doctor(&["--fix", "--yes"]);
        assert!(
            healed.stdout.contains("set aside and removed"),
            "{healed:#?}"
        );
        assert_eq!(scene.stored(), "");
        Some((scene, text))
    }

    fn stored(&self) -> String {
        let file = self.rig.home.path().join(".git-credentials");
        fs::read_to_string(file).unwrap_or_default()
    }
}

const CHANGES: [(&str, &str); 5] = [
    ("keychain", "keychain"),
    ("keychain", "file"),
    ("keychain", "memory"),
    ("keychain", "none"),
    ("file", "keychain"),
];

#[test]
fn what_was_set_aside_comes_back_after_a_change_of_store() {
    for (before, after) in CHANGES {
        let Some((scene, text)) = Scene::with_one_set_aside(before) else {
            return;
        };
        scene.run(&["configure", "--store", after]).expect_success();
        let undone = scene.doctor(&["--undo"]).expect_success();
        assert_eq!(scene.stored(), text, "{before} {after}: {undone:#?}");
        let undone = scene.doctor(&["--undo"]).expect_success();
        assert_eq!(undone.stdout, "Nothing is set aside.\n");
    }
}

#[test]
fn what_has_taken_its_place_is_left_until_it_is_removed() {
    let Some((mut scene, text)) = Scene::with_one_set_aside("keychain") else {
        return;
    };
    let token = tokens::api_token(71);
    let newer = format!("https://alice:{token}@bitbucket.org\n");
    scene.secrets.push(token);
    scene.write(".git-credentials", &newer);
    let undone = scene
        .doctor(&["--undo"])
        .expect_failure("1 of 1 stay set aside");
    let reason = "another secret has taken its place: to have this one back, remove that one";
    assert!(undone.stdout.contains(reason), "{undone:#?}");
    assert_eq!(scene.stored(), newer);
    scene.write(".git-credentials", "");
    scene.doctor(&["--undo"]).expect_success();
    assert_eq!(scene.stored(), text);
}

/// What could not be searched is not said to be empty.
#[test]
fn a_locked_keychain_beside_the_store_in_use_is_told() {
    let Some((scene, text)) = Scene::with_one_set_aside("keychain") else {
        return;
    };
    scene
        .run(&["configure", "--store", "file"])
        .expect_success();
    scene.rig.keyring().lock();
    let undone = scene.doctor(&["--undo"]).expect_failure("is locked");
    assert!(
        !undone.stdout.contains("Nothing is set aside."),
        "{undone:#?}"
    );
    scene.run(&["logout", "--all"]).expect_failure("is locked");
    scene.rig.keyring().unlock();
    scene.doctor(&["--undo"]).expect_success();
    assert_eq!(scene.stored(), text);
}

#[test]
fn logout_all_forgets_what_was_set_aside() {
    for (before, after) in CHANGES {
        let Some((scene, _)) = Scene::with_one_set_aside(before) else {
            return;
        };
        scene.run(&["configure", "--store", after]).expect_success();
        let ended = scene.run(&["logout", "--all"]).expect_success();
        assert!(
            ended
                .stdout
                .contains("Forgotten: 1 set aside by doctor --fix"),
            "{before} {after}: {ended:#?}"
        );
        let undone = scene.doctor(&["--undo"]).expect_success();
        assert_eq!(undone.stdout, "Nothing is set aside.\n");
        assert_eq!(scene.stored(), "");
    }
}

/// An account password is deleted without a backup, so it goes where nothing can be set aside.
#[test]
fn passwords_go_where_nothing_can_be_set_aside() {
    let another = "another store with: git credential-bitbucket configure --store keychain";
    for (store, reason, step) in [
        ("none", "since --store=none cannot keep", another),
        ("memory", "since --store=memory cannot keep", another),
        ("", "since --token-file cannot keep", "remove it yourself"),
    ] {
        let Some(mut scene) = Scene::bare() else {
            return;
        };
        scene.clone_with(URL);
        if store.is_empty() {
            scene.serve_file("token");
        } else {
            scene.run(&["configure", "--store", store]).expect_success();
        }
        let token = tokens::api_token(70);
        let dead = format!("https://alice:{token}@bitbucket.org\n");
        scene.secrets.push(token);
        let password = "https://alice:correct%20horse@bitbucket.org\n";
        scene.write(".git-credentials", &format!("{dead}{password}"));
        let ended = scene.doctor(&["--fix", "--yes"]).expect_failure(reason);
        assert!(ended.stderr.contains(step), "{ended:#?}");
        assert!(ended.stderr.contains("1 more was not done"), "{ended:#?}");
        assert!(ended.stdout.contains("1. Done: removed."), "{ended:#?}");
        assert_eq!(scene.stored(), dead);
        let ended = scene.doctor(&["--fix", "--yes"]).expect_failure(reason);
        assert!(ended.stderr.contains("nothing was changed"), "{ended:#?}");
        assert_eq!(scene.stored(), dead);
    }
}
