//! The loopback Bitbucket alone, without our program: with curl and plain Git.

mod rig;

use rig::{Rig, gits};

#[test]
fn every_git_clones_and_pushes() {
    for git in gits() {
        let (rig, token) = Rig::with_alice();
        let url = format!("https://alice:{token}@bitbucket.org/acme/widgets.git");
        rig.git(&git, &["clone", &url, "widgets"]).expect_success();
        rig.git(
            &git,
            &["-C", "widgets", "commit", "--allow-empty", "-m", "Change"],
        )
        .expect_success();
        rig.git(&git, &["-C", "widgets", "push"]).expect_success();
        let commit = rig.git(&git, &["-C", "widgets", "rev-parse", "HEAD"]);
        assert_eq!(
            commit.stdout.trim(),
            rig.bitbucket.commit("acme/widgets", "main")
        );
        let agent = format!("git/{git}");
        assert!(
            rig.requests()
                .iter()
                .all(|request| request.user_agent == agent)
        );
        rig.finish();
    }
}
