//! gitoxide, which runs the helpers itself: `path` comes first, what it tells back ends with an
//! empty line, and there is no second question within one command. It cannot push yet.

use super::libraries::program;
use super::scene::{Scene, URL};
use crate::rig::Finished;

fn run(scene: &Scene, arguments: &[&str]) -> Option<Finished> {
    let program = program("gix")?;
    Some(scene.run(program.to_str().expect("UTF-8"), arguments))
}

#[test]
fn it_fetches() {
    let Some(scene) = Scene::new() else { return };
    let Some(fetched) = run(&scene, &["fetch", URL, "widgets.git"]) else {
        return;
    };
    fetched.expect_success();
    let commit = scene.server();
    let kind = scene.git(&["-C", "widgets.git", "cat-file", "-t", &commit]);
    assert_eq!(kind, "commit");
    assert_eq!(scene.asked(), [1, 1, 0]);
    assert_eq!(scene.sent(), [scene.token.as_str()]);
}

/// The host in capitals and the port of https are made plain by it.
#[test]
fn it_gets_what_is_kept_and_tells_it_back() {
    let Some(scene) = Scene::new() else { return };
    let served = format!("x-bitbucket-api-token-auth {}\n", scene.token);
    for url in [URL, "https://BitBucket.org:443/acme/widgets.git"] {
        let Some(ended) = run(&scene, &["get", url]) else {
            return;
        };
        assert_eq!(ended.expect_success().stdout, served, "{url}");
        run(&scene, &["store", url])
            .expect("built")
            .expect_success();
        assert_eq!(scene.asked(), [2, 1, 0], "{url}");
    }
    assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    assert!(scene.rig.requests().is_empty());
}

/// It erases after a 401, stray or not: the server is asked before anything goes.
#[test]
fn a_refusal_is_looked_into() {
    let Some(scene) = Scene::new() else { return };
    let Some(ended) = run(&scene, &["erase", URL]) else {
        return;
    };
    ended.expect_success();
    assert_eq!(scene.asked(), [1, 0, 1]);
    assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    scene.rig.bitbucket.revoke(&scene.token);
    run(&scene, &["fetch", URL, "widgets.git"])
        .expect("built")
        .expect_failure("");
    assert!(scene.rig.secrets().is_empty());
}

/// Where nothing is kept and nobody is there, `quit` ends it: it asks nobody else, and our
/// words reach the person.
#[test]
fn it_ends_where_nothing_is_kept() {
    let Some(scene) = Scene::new() else { return };
    scene.forget();
    let Some(ended) = run(&scene, &["get", URL]) else {
        return;
    };
    let ended = ended.expect_failure("git credential-bitbucket login");
    assert_eq!(ended.stdout, "");
}
