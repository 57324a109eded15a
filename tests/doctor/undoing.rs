//! `--undo`: all that was set aside comes back, wherever it is kept by then.

use super::rig::tokens;
use super::scene::{Scene, URL};

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
