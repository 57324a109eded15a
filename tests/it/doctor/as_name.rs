//! A token where a user name belongs, in the URL of a remote: Git takes it for a name and asks
//! its helpers for a password. And names as they stand in URLs, with escapes.

use super::scene::{Scene, with_id};

#[test]
fn a_token_for_a_name_authenticates_nothing() {
    for is_kept in [true, false] {
        let Some(scene) = Scene::healthy() else {
            return;
        };
        // Git tries the name without a password before it asks.
        scene.rig.bitbucket.expect_name(&scene.token);
        let url = format!("https://{}@bitbucket.org/acme/widgets.git", scene.token);
        scene.git(&["config", "remote.origin.url", &url]);
        scene.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
        if !is_kept {
            scene.run(&["logout", "--all"]).expect_success();
        }
        let push = ["push", "--dry-run", "--quiet", "origin", "HEAD:topic"];
        let pushed = scene.rig.git(&scene.git, &push);
        assert_eq!(pushed.success(), is_kept, "{pushed:#?}");
        let report = scene.report(&[]);
        assert_eq!(report["healthy"], is_kept, "{report:#}");
        let found = with_id(&report, "elsewhere-as-name");
        assert_eq!(found.len(), 1, "{report:#}");
        // It goes only if it is kept.
        let next = found[0]["next"].to_string();
        assert_eq!(next.contains("--fix"), is_kept, "{next}");
        scene.doctor(&["--fix", "--yes"]);
        let config = std::fs::read_to_string(scene.rig.home.path().join("work/.git/config"));
        let is_there = config.is_ok_and(|text| text.contains(&scene.token));
        assert_eq!(is_there, !is_kept);
    }
}

/// Git tells its helpers `alice@example.com`, so the doctor means it, too.
#[test]
fn an_address_for_a_name_is_the_account_s() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    scene.keep(r#","email":"alice@example.com""#);
    // Git tries the name without a password before it asks.
    scene.rig.bitbucket.expect_name("alice@acme.test");
    for (name, is_known) in [("alice%40example.com", true), ("alice%40acme.test", false)] {
        let url = format!("https://{name}@bitbucket.org/acme/widgets.git");
        scene.git(&["config", "remote.origin.url", &url]);
        let read = scene.rig.git(&scene.git, &["ls-remote", "--quiet"]);
        assert_eq!(read.success(), is_known, "{read:#?}");
        let report = scene.report(&[]);
        assert_eq!(report["healthy"], is_known, "{report:#}");
    }
}
