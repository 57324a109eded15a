//! A machine for many: installed for all, configured in the file of the system.

use super::blocks::under;
use super::scene::{Scene, URL};
use crate::rig::lfs::digest;
use crate::rig::programs;
use std::fs;
use std::path::Path;

/// The program and the installer as they are handed out.
fn hand_out(scene: &Scene) {
    let work = scene.rig.home.work();
    let installer = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
    let program = env!("CARGO_BIN_EXE_git-credential-bitbucket");
    programs::copy(&installer, &work.join("install.sh"));
    programs::copy(program.as_ref(), &work.join("git-credential-bitbucket"));
    let sum = digest(&fs::read(program).expect("the program"));
    let sums = format!("{sum}  git-credential-bitbucket\n");
    fs::write(work.join("SHA256SUMS"), sums).expect("a file in the home");
}

#[test]
fn installed_and_configured_for_all() {
    let install = &under("automation.md", "Administrators", "sh")[0];
    let config = &under("automation.md", "Administrators", "ini")[0];
    for mut scene in Scene::each() {
        hand_out(&scene);
        let before = scene.rig.home.gitconfig();
        let prefix = scene.rig.home.path().join("usr");
        let prefix = prefix.to_str().expect("UTF-8");
        scene
            .step(&install.replace("/usr/local", &format!("'{prefix}'")))
            .expect_success();
        assert_eq!(scene.rig.home.gitconfig(), before);
        scene.rig.home.helper_on_path = false;
        let path = format!(
            "{prefix}/bin:{}:/usr/bin:/bin",
            scene.git.directory.display()
        );
        scene.rig.home.set("PATH", path);
        let system = scene.rig.home.add_file("gitconfig", config);
        scene.rig.home.set("GIT_CONFIG_SYSTEM", system);
        scene.rig.home.set("GIT_CONFIG_NOSYSTEM", "0");
        let token = scene.token.clone();
        scene.rig.home.set("BITBUCKET_TOKEN", token);
        scene.clones(&format!("git clone {URL}"));
    }
}

/// For the one host: Git's way and ours.
#[test]
fn a_proxy_and_an_authority_for_bitbucket() {
    let config = &under("automation.md", "Administrators", "ini")[1];
    for mut scene in Scene::each() {
        if !scene.rig.start_keyring() {
            return;
        }
        let authority = scene.rig.home.authority();
        let config = config
            .replace("http://proxy.example.com:3128", &scene.rig.proxy.url())
            .replace(
                "/etc/ssl/certs/acme.pem",
                authority.to_str().expect("UTF-8"),
            );
        scene.rig.home.add_file(".gitconfig", &config);
        let input = scene.token.clone();
        for login in [
            &["configure"][..],
            &["login", "--with-token", URL],
            &["login", "--with-token", "--email", "alice@example.com"],
        ] {
            scene
                .rig
                .helper_with(&scene.git, login, &input)
                .expect_success();
        }
        scene.rig.forget_requests();
        scene.clones(&format!("git clone {URL}"));
    }
}
