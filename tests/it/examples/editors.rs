//! Editors: Git as they start it, with an askpass of theirs.

use super::blocks::under;
use super::scene::{Scene, URL};
use std::fs;

/// A scene with a keychain, in which a token was pasted into the command of the document.
fn signed_in() -> impl Iterator<Item = Scene> {
    Scene::each().map_while(|mut scene| {
        if !scene.rig.start_keyring() {
            return None;
        }
        let configure = ["configure"];
        scene
            .rig
            .helper_with(&scene.git, &configure, "")
            .expect_success();
        scene.sign_in_by(&under("automation.md", "VS Code", "sh")[0]);
        Some(scene)
    })
}

/// An askpass that answers as a person does who reads the document, and notes its questions.
fn askpass(scene: &mut Scene) -> std::path::PathBuf {
    let record = scene.rig.home.path().join("questions");
    let text = format!(
        "echo \"$1\" >>'{}'\ncase $1 in\nUsername*) echo x-bitbucket-api-token-auth ;;\n*) echo {} ;;\nesac\n",
        record.display(),
        scene.token
    );
    let script = scene.rig.home.add_script("askpass", &text);
    scene.rig.home.set("GIT_ASKPASS", script);
    record
}

#[test]
fn vs_code() {
    let settings = &under("automation.md", "VS Code", "json")[0];
    let settings: serde_json::Value = serde_json::from_str(settings).expect("JSON");
    assert_eq!(settings["git.autofetch"], true);
    for mut scene in signed_in() {
        let questions = askpass(&mut scene);
        scene.rig.home.set("VSCODE_GIT_FETCH_SILENT", "true");
        let clone = ["clone", "--quiet", URL, "widgets"];
        scene.rig.git(&scene.git, &clone).expect_success();
        let fetch = ["-C", "widgets", "fetch"];
        scene.rig.git(&scene.git, &fetch).expect_success();
        assert!(!questions.exists());
        assert!(scene.rig.requests_not_from_git().is_empty());
    }
}

/// Without its switch the IDE is asked, and the name that the document gives works.
#[test]
fn jetbrains() {
    for mut scene in signed_in() {
        let questions = askpass(&mut scene);
        for (options, asked) in [(&[][..], 0), (&["-c", "credential.helper="], 2)] {
            let fetch = [options, &["ls-remote", "--quiet", URL]].concat();
            scene.rig.git(&scene.git, &fetch).expect_success();
            let found = fs::read_to_string(&questions).unwrap_or_default();
            assert_eq!(found.lines().count(), asked, "{found}");
        }
    }
}
