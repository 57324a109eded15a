//! No keychain and none named: a person is asked once, and the answer is remembered in
//! their own Git configuration.

use super::rig::gits;
use super::scene::Scene;

fn answers<'a>(choice: &'a str, token: &'a str) -> [(&'static str, &'a str); 2] {
    [("Number [1]: ", choice), ("Token: ", token)]
}

#[test]
fn it_is_asked_once_and_remembered() {
    for git in gits() {
        let scene = Scene::configured(&git, &[]);
        let ended = scene.push_on_terminal(&answers("none", &scene.token));
        let said = ended.expect_success().transcript;
        assert!(said.contains("no D-Bus session"), "{said}");
        let config = scene.rig.home.gitconfig();
        assert!(config.contains("--store=none\n"), "{config}");
        assert!(said.contains("--store=none\n"), "{said}");
        let ended = scene.push_on_terminal(&[("Token: ", &scene.token)]);
        let said = ended.expect_success().transcript;
        assert!(!said.contains("Number"), "{said}");
        // The way back is the same as ever.
        scene.ours(&["unconfigure"]).expect_success();
        assert!(!scene.rig.home.gitconfig().contains("credential"));
    }
}
