//! `--token-file`: read at each `get`, so that it can be replaced; never written; believed
//! only where nobody else can change it, and judged like everything that is pasted.

use super::scene::{REQUEST, Scene, ours};
use crate::rig::{Credential, Fault, GIT_SCOPES, Kind, Surface, gits, tokens};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

/// A scene whose helper line names a file, which holds Alice's token.
fn scene(git: &crate::rig::Git) -> (Scene, PathBuf) {
    let scene = Scene::new(git);
    let file = scene.rig.home.path().join("my secrets/token");
    put(&scene, &file, &scene.token);
    let path = file.to_str().expect("UTF-8");
    scene
        .ours(&["configure", "--token-file", path])
        .expect_success();
    (scene, file)
}

fn put(scene: &Scene, file: &PathBuf, contents: &str) {
    let below = file
        .strip_prefix(scene.rig.home.path())
        .expect("in the home");
    scene
        .rig
        .home
        .add_file(below.to_str().expect("UTF-8"), contents);
    set_mode(file, 0o600);
}

fn set_mode(file: &PathBuf, mode: u32) {
    fs::set_permissions(file, Permissions::from_mode(mode)).expect("a file of ours");
}

/// No keychain, no terminal: what a container has.
#[test]
fn a_whole_push_and_the_next_after_a_rotation() {
    for git in gits() {
        let (scene, file) = scene(&git);
        for ending in ["", "\n", "\r\n", "\n# rotated on Monday\n"] {
            put(&scene, &file, &format!("{}{ending}", scene.token));
            let before = fs::metadata(&file).expect("the file").mtime();
            let said = scene.push().expect_success().stderr;
            assert_eq!(said, "", "{git} {ending:?}");
            let after = fs::metadata(&file).expect("the file");
            assert_eq!((after.mtime(), after.mode() & 0o777), (before, 0o600));
        }
        let next = tokens::api_token(2);
        let credential = Credential::new(Kind::ApiToken, &next, "alice", &GIT_SCOPES);
        scene.rig.bitbucket.issue(credential);
        scene.rig.bitbucket.revoke(&scene.token);
        put(&scene, &file, &next);
        assert_eq!(scene.push().expect_success().stderr, "");
        assert!(scene.rig.requests_not_from_git().is_empty());
        scene.assert_in_no_file(&next, |path| path == file);
    }
}

/// It stays, whatever the server says: the person is told to replace it.
#[test]
fn a_refused_token_must_be_replaced_by_its_owner() {
    for git in gits() {
        let (scene, file) = scene(&git);
        scene.rig.bitbucket.revoke(&scene.token);
        let ended = scene.push();
        assert!(!ended.success());
        let lines = ours(&ended.stderr).join("\n");
        let path = file.display();
        let expected = if git.has_capabilities() {
            format!("the API token in {path} is passed over: ")
        } else {
            format!(
                "bitbucket.org refused the token in {path}; if that happens again, put a new one "
            )
        };
        assert!(lines.contains(&expected), "{git}: {lines}");
        assert!(lines.contains("into that file"), "{git}: {lines}");
        assert!(!ended.stderr.contains(&scene.token));
        let kept = fs::read_to_string(&file).expect("the file");
        assert_eq!(kept, scene.token);
    }
}

/// Bitbucket's mistake costs nothing where Git comes back.
#[test]
fn a_stray_refusal_costs_nothing() {
    for git in gits().into_iter().filter(crate::rig::Git::has_capabilities) {
        let (scene, _) = scene(&git);
        scene
            .rig
            .bitbucket
            .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
        assert_eq!(scene.push().expect_success().stderr, "");
    }
}

/// Nothing is served in its place, not even by a person at the terminal.
#[test]
fn what_cannot_be_believed_is_named_and_not_used() {
    for git in gits() {
        let (scene, file) = scene(&git);
        let path = file.display().to_string();
        let doubtful = "does not look like a Bitbucket credential";
        let password = "an account password, which Bitbucket does not take; put a token there";
        for (contents, mode, fault) in [
            (
                &*scene.token,
                0o620,
                "others than its owner can write to it",
            ),
            (&scene.token, 0o602, "others than its owner can write to it"),
            (&scene.token, 0o604, "others can read it; run chmod go-rwx"),
            (&scene.token, 0o640, "others can read it; run chmod go-rwx"),
            ("", 0o600, "it holds no token; put one there"),
            ("correct horse", 0o600, password),
            ("hunter2", 0o600, password),
            ("0123456789abcdefABCD", 0o600, doubtful),
            ("ghp_0123456789", 0o600, "a GitHub personal access token"),
        ] {
            put(&scene, &file, contents);
            set_mode(&file, mode);
            scene.rig.forget_requests();
            let ended = scene.push().expect_failure("told us to quit");
            let lines = ours(&ended.stderr);
            assert_eq!(lines.len(), 1, "{}", ended.stderr);
            assert!(
                lines[0].contains(&path) && lines[0].contains(fault),
                "{git} {fault}: {}",
                ended.stderr
            );
            let ended = scene.push_on_terminal(&[]);
            assert!(ended.code != 0 && ended.sane, "{ended:#?}");
            let sent = scene.rig.requests();
            assert!(sent.iter().all(|request| request.authorization.is_none()));
        }
        fs::remove_file(&file).expect("a file of ours");
        let ended = scene.push().expect_failure("there is no such file");
        assert!(ended.stderr.contains("told us to quit"));
    }
}

/// Kubernetes leads to a token by two links, and moves the inner one to replace it. The
/// files are root's and open to all readers, which the person that Git runs as is not.
#[test]
fn a_mount_of_kubernetes_is_followed_and_rotates() {
    let git = &gits()[0];
    let scene = Scene::new(git);
    let folder = scene.rig.home.path().join("secrets");
    let path = |name: &str| folder.join(name);
    let next = tokens::api_token(2);
    let credential = Credential::new(Kind::ApiToken, &next, "alice", &GIT_SCOPES);
    scene.rig.bitbucket.issue(credential);
    for (version, token) in [("..1", &scene.token), ("..2", &next)] {
        put(&scene, &path(version).join("token"), token);
    }
    symlink("..data/token", path("token")).expect("a link in the home");
    let file = path("token");
    let file = file.to_str().expect("UTF-8");
    scene
        .ours(&["configure", "--token-file", file])
        .expect_success();
    for version in ["..1", "..2"] {
        symlink(version, path("..next")).expect("a link in the home");
        fs::rename(path("..next"), path("..data")).expect("a link in the home");
        assert_eq!(scene.push().expect_success().stderr, "");
        scene.rig.bitbucket.revoke(&scene.token);
    }
}

/// Root's file, open to all readers, as Docker mounts it into a container for whoever runs
/// there; the same file is refused where it is the person's own.
#[test]
fn a_mount_of_docker_is_read_by_an_ordinary_user() {
    let mut scene = Scene::new(&gits()[0]);
    if !rustix::process::geteuid().is_root() {
        return crate::rig::programs::say_skipped("root");
    }
    let file = scene.rig.home.path().join("mount/token");
    put(&scene, &file, &scene.token);
    let path = file.to_str().expect("UTF-8").to_owned();
    scene
        .ours(&["configure", "--token-file", &path])
        .expect_success();
    scene.rig.home.give_to_ordinary_user();
    for (owner, mode, served) in [
        (0, 0o444, true),
        (0, 0o400, false),
        (65534, 0o400, true),
        (65534, 0o444, false),
        (1, 0o444, false),
    ] {
        std::os::unix::fs::chown(&file, Some(owner), None).expect("root may");
        set_mode(&file, mode);
        let arguments = [&*format!("--token-file={path}"), "get"];
        let ended = scene.rig.helper_with(&scene.git, &arguments, REQUEST);
        let answer = ended.expect_success().stdout;
        assert_eq!(answer.contains(&scene.token), served, "{owner} {mode:o}");
    }
}

/// Root in a container of Docker's: the file is one's own and open to all readers, which is
/// no mistake only because the mount is read-only.
#[test]
fn a_read_only_mount_is_read_by_its_owner() {
    let scene = Scene::new(&gits()[0]);
    if !rustix::process::geteuid().is_root() {
        return crate::rig::programs::say_skipped("root");
    }
    let folder = scene.rig.home.path().join("secrets");
    fs::create_dir(&folder).expect("a folder in the home");
    for (mode, served) in [("rw", false), ("ro", true)] {
        let text = format!(
            "mount -t tmpfs none {folder} && printf %s {token} >{folder}/token && \
             chmod 444 {folder}/token && mount -o remount,{mode} {folder} && \
             exec git-credential-bitbucket --token-file={folder}/token get",
            folder = format_args!("'{}'", folder.display()),
            token = scene.token,
        );
        let mut command = scene.rig.without_terminal(&scene.git, "unshare");
        command.args(["--mount", "sh", "-c", &text]);
        let ended = scene.rig.run(command, REQUEST.as_bytes()).expect_success();
        let answered = ended.stdout.contains(&scene.token);
        assert_eq!(answered, served, "{mode}: {ended:#?}");
        assert_eq!(ended.stderr.contains("others can read it"), !served);
    }
}

/// A variable still comes first, as everywhere.
#[test]
fn a_variable_comes_before_the_file() {
    let (mut scene, file) = scene(&gits()[0]);
    put(&scene, &file, "nothing of use");
    scene.rig.home.set("BITBUCKET_TOKEN", &scene.token);
    assert_eq!(scene.push().expect_success().stderr, "");
}

#[test]
fn status_says_what_is_served() {
    let (scene, file) = scene(&gits()[0]);
    let said = scene.ours(&["status"]).expect_success().stdout;
    let path = file.display();
    assert_eq!(
        said,
        format!("The token in {path} is served; nothing is kept.\n")
    );
    let json = scene.ours(&["status", "--json"]).expect_success().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["token_file"]["path"], path.to_string());
    assert_eq!(json["token_file"]["fault"], serde_json::Value::Null);
    fs::remove_file(&file).expect("a file of ours");
    let said = scene.ours(&["status"]).expect_success().stdout;
    assert!(
        said.starts_with("Nothing is served or kept: ") && said.contains("no such file"),
        "{said}"
    );
}
