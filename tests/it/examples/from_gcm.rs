//! There and back, beside the real Git Credential Manager.

use super::blocks::under;
use super::scene::{Scene, URL};
use crate::rig::terminal::Terminal;
use crate::rig::{Credential, GIT_SCOPES, Kind, programs, python, tokens};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The folder of the real program. `None`: it cannot be had here, which has been printed.
fn manager() -> Option<std::path::PathBuf> {
    let folder = python::folder()?;
    let library = fs::read_dir(folder.parent()?.join("lib")).ok()?;
    let found = library.flatten().find_map(|version| {
        let package = version.path().join("site-packages/git_credential_manager");
        package
            .join("git-credential-manager")
            .exists()
            .then_some(package)
    });
    let Some(package) = found else {
        programs::say_skipped("git-credential-manager");
        return None;
    };
    // Its package forgets that it is a program.
    let program = package.join("git-credential-manager");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("a file of ours");
    Some(package)
}

/// A home where GCM answers for every host, out of this store of its.
fn scene(package: &std::path::Path, store: &str) -> Option<Scene> {
    let mut scene = Scene::each().next()?;
    let home = &mut scene.rig.home;
    let config = format!("[credential]\n\thelper = manager\n\tcredentialStore = {store}\n");
    home.add_gitconfig(&config);
    let path = format!(
        "{}/bin:{}:{}:/usr/bin:/bin",
        home.path().display(),
        scene.git.directory.display(),
        package.display()
    );
    home.set("PATH", path);
    // It uses a keyring only where it sees a display.
    home.set("DISPLAY", ":0");
    // It brings no tables of languages.
    home.set("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    scene.rig.start_keyring().then_some(scene)
}

/// Has Git tell its helpers this token.
fn approve(scene: &Scene, token: &str) {
    let text = format!(
        "protocol=https\nhost=bitbucket.org\nusername=x-bitbucket-api-token-auth\npassword={token}\n\n"
    );
    let mut command = scene.rig.without_terminal(&scene.git, "git");
    command.args(["credential", "approve"]);
    scene.rig.run(command, text.as_bytes()).expect_success();
}

/// How many entries GCM has for Bitbucket.
fn kept_by_manager(scene: &Scene) -> usize {
    let folder = scene
        .rig
        .home
        .path()
        .join(".gcm/store/git/https/bitbucket.org");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn there_and_back() {
    let Some(package) = manager() else { return };
    let Some(mut scene) = scene(&package, "plaintext") else {
        return;
    };
    // What GCM keeps is dead, so that whoever succeeds did not ask it.
    let dead = tokens::api_token(7);
    let credential = Credential::new(Kind::ApiToken, &dead, "alice", &GIT_SCOPES);
    scene.rig.bitbucket.issue(credential);
    scene.rig.bitbucket.revoke(&dead);
    approve(&scene, &dead);
    assert_eq!(kept_by_manager(&scene), 1);
    let before = scene.rig.home.gitconfig();
    let there = under("from-gcm.md", "There", "sh");
    scene.sign_in_by(&there[0]);
    scene.clones(&format!("git clone {URL}"));
    assert_eq!(kept_by_manager(&scene), 1);
    scene.step(&there[2]).expect_success();
    assert_eq!(kept_by_manager(&scene), 0);

    let back = under("from-gcm.md", "Back", "sh");
    scene.step(&back[0]).expect_success();
    assert_eq!(scene.rig.home.gitconfig(), before);
    scene.step(&back[1]).expect_success();
    approve(&scene, &scene.token);
    assert_eq!(kept_by_manager(&scene), 1);
    scene.rig.home.set("BITBUCKET_TRACE", "1");
    let ended = scene.rig.git(&scene.git, &["ls-remote", "--quiet", URL]);
    assert_eq!(ended.expect_success().stderr, "");
}

/// What GCM keeps in the keyring is found, and kept by us if it works.
#[test]
fn the_doctor_copies_what_gcm_keeps() {
    let Some(package) = manager() else { return };
    let Some(scene) = scene(&package, "secretservice") else {
        return;
    };
    approve(&scene, &scene.token);
    let kept = || {
        let items = |service| scene.rig.keyring().search(&[("service", service)]).len();
        let ours = items("git-credential-bitbucket:https://bitbucket.org");
        (ours, items("git:https://bitbucket.org"))
    };
    assert_eq!(kept(), (0, 1));
    let clone = format!("git init --quiet\ngit remote add origin {URL}\n");
    scene.step(&clone).expect_success();
    let heal = &under("from-gcm.md", "There", "sh")[1];
    let mut command = scene.rig.home.command(&scene.git, "bash");
    command.args(["-e", "-c", heal]);
    let mut terminal = Terminal::open(&command);
    terminal.expect("[y/N]");
    terminal.send_line("y");
    let ended = terminal.finish().expect_success();
    assert!(!ended.transcript.contains(&scene.token));
    assert_eq!(kept(), (1, 1));
    scene.rig.forget_requests();
    scene.clones(&format!("git clone {URL}"));
}
