//! `GitPython`, which runs Git and keeps what that says for the exception.

use super::scene::{Scene, URL};
use crate::rig::{Finished, python};

/// Runs this as a program, with `GitPython` loaded.
fn run(scene: &Scene, text: &str) -> Option<Finished> {
    let python = python::folder()?.join("python");
    let text = format!("from git import Repo\n{text}");
    Some(scene.run(python.to_str().expect("UTF-8"), &["-c", &text]))
}

#[test]
fn it_fetches_and_pushes() {
    for scene in Scene::each() {
        let text = format!(
            "repository = Repo.clone_from('{URL}', 'widgets')\n\
             repository.index.commit('Next')\n\
             repository.remote().push().raise_if_error()\n\
             repository.remote().fetch()\n\
             print(repository.head.commit.hexsha)\n"
        );
        let Some(ended) = run(&scene, &text) else {
            return;
        };
        assert_eq!(ended.expect_success().stdout.trim(), scene.server());
        assert_eq!(scene.asked(), [3, 3, 0]);
        assert_eq!(scene.sent(), [scene.token.as_str()]);
    }
}

/// What we say is in the exception, as it asks nobody.
#[test]
fn the_exception_has_the_next_step() {
    for scene in Scene::each() {
        scene.forget();
        let Some(ended) = run(&scene, &format!("Repo.clone_from('{URL}', 'widgets')")) else {
            return;
        };
        let ended = ended.expect_failure("git credential-bitbucket login");
        assert!(ended.stderr.contains("GitCommandError"), "{ended:?}");
    }
}
