//! Git LFS, which asks by `git credential` for the repository's own URL, keeps the answer for
//! as long as it runs, and sends the objects to another host, under a grant of its own.

use super::scene::{REPOSITORY, Scene};
use crate::rig::lfs::{MEDIA_HOST, digest};
use crate::rig::{Fault, Finished, Rig, Surface, programs};

const LARGE: &str = "a large object\n";

/// Git LFS installed for Alice, and a clone with a large object that is to be pushed.
fn scenes() -> impl Iterator<Item = Scene> {
    let here = programs::present("git-lfs", &["git-lfs"]);
    let scenes = here.then(Scene::each).into_iter().flatten();
    scenes.inspect(|scene| {
        scene.git(&["lfs", "install"]);
        scene.clone_ahead();
        scene.git(&["-C", "widgets", "lfs", "track", "*.bin"]);
        scene.rig.home.add_file("work/widgets/large.bin", LARGE);
        scene.commit();
        scene.rig.forget_requests();
        scene.asked();
    })
}

fn push(scene: &Scene) -> Finished {
    scene
        .rig
        .git(&scene.git, &["-C", "widgets", "push", "--quiet"])
}

fn is_uploaded(scene: &Scene) -> bool {
    let object = format!("{REPOSITORY}/{}", digest(LARGE.as_bytes()));
    scene.rig.bitbucket.lfs.contents().contains_key(&object)
}

/// What the host of the objects was sent.
fn media_logins(rig: &Rig) -> Vec<String> {
    let requests = rig.requests().into_iter();
    requests
        .filter(|request| request.host == MEDIA_HOST)
        .filter_map(|request| request.authorization)
        .map(|login| format!("{} {}", login.scheme, login.secret))
        .collect()
}

#[test]
fn it_pushes_and_fetches() {
    for scene in scenes() {
        push(&scene).expect_success();
        assert!(is_uploaded(&scene));
        // One each of Git's, of the locks' and of the batch's.
        assert_eq!(scene.asked(), [3, 3, 0]);
        let url = "https://bitbucket.org/acme/widgets.git";
        scene.git(&["clone", "--quiet", url, "again"]);
        assert_eq!(scene.asked(), [2, 2, 0]);
        let large = scene.rig.home.work().join("again/large.bin");
        assert_eq!(std::fs::read_to_string(large).expect("a file"), LARGE);
        let logins = media_logins(&scene.rig);
        assert_eq!(logins, ["Bearer media-grant-0", "Bearer media-grant-1"]);
        assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    }
}

/// A stray 401 has LFS say `reject`, before 3.4 without the server's challenge, and ask
/// again: the server is asked, the token stays, and the push goes on.
#[test]
fn a_stray_refusal_costs_no_token() {
    for scene in scenes() {
        scene
            .rig
            .bitbucket
            .fail_logins(Surface::Lfs, Fault::stray_refusal(), 1);
        push(&scene).expect_success();
        assert!(is_uploaded(&scene));
        assert_eq!(scene.asked(), [4, 3, 1]);
        assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    }
}

/// Without a token and without a person the push ends, and our words reach the person.
#[test]
fn it_ends_where_nothing_is_kept() {
    for scene in scenes() {
        scene.forget();
        let ended = scene.rig.git(
            &scene.git,
            &["-C", "widgets", "lfs", "push", "origin", "main"],
        );
        let ended = ended.expect_failure("git credential-bitbucket login");
        assert!(ended.stderr.contains("credentials"), "{ended:?}");
        assert!(!is_uploaded(&scene));
    }
}
