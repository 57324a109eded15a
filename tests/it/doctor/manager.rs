//! Git Credential Manager beside us: what it signed in with, and one that is too old to.

use super::scene::{Scene, with_id};

const STORE: &str = ".git-credentials";

/// What Git Credential Manager signed in with is short, and no password.
#[test]
fn a_sign_in_of_another_helper_is_left_alone() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let schema = ("xdg:schema", "com.microsoft.GitCredentialManager");
    let item = [
        schema,
        ("service", "git:https://bitbucket.org/refresh_token"),
        ("account", "alice"),
    ];
    let secret = "aBcDeFgHiJkLmNoPqR";
    scene.rig.keyring().store("GCM", secret, &item);
    scene.settings("[credential]\n\thelper = store\n");
    scene.write(
        STORE,
        &format!("https://x-token-auth:{secret}@bitbucket.org\n"),
    );
    let assert_found = |arguments| {
        let report = scene.report(arguments);
        for id in ["elsewhere-sign-in", "elsewhere-doubtful"] {
            assert_eq!(with_id(&report, id).len(), 1, "{report:#}");
        }
    };
    assert_found(&[]);
    scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert_eq!(scene.rig.keyring().search(&item[1..]).len(), 1);
    assert_found(&["--offline"]);
}

/// Bitbucket lets nobody sign in by an old one any more.
#[test]
fn an_old_manager_is_told() {
    for (version, is_old) in [
        ("2.7.3+5fa7116896", true),
        ("3.0.2+0123456789", false),
        ("what?", true),
    ] {
        let Some(scene) = Scene::healthy() else {
            return;
        };
        let text = format!("test \"$*\" = --version && echo '{version}'\n");
        let program = scene
            .rig
            .home
            .add_script("gcm/git-credential-manager", &text);
        scene.settings(&format!("[credential]\n\thelper = {}\n", program.display()));
        let report = scene.report(&["--offline"]);
        let found = with_id(&report, "chain-old-manager");
        assert_eq!(found.len(), usize::from(is_old), "{version}: {report:#}");
        if version.starts_with('2') {
            let message = found[0]["message"].to_string();
            assert!(
                message.contains("Git Credential Manager 2.7.3: from"),
                "{message}"
            );
        }
    }
}
