//! Cargo with a private Git dependency: by libgit2, where it runs the helper itself, only ever
//! to `get`, and keeps what that says to itself; and by Git (`net.git-fetch-with-cli`).

use super::scene::{Scene, URL};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Finished, programs};
use std::path::Path;
use std::process::Command;

/// The configuration that the document gives.
fn documented() -> &'static str {
    let document = include_str!("../../../docs/automation.md");
    let (_, block) = document.split_once("```toml\n").expect("a block");
    block.split("```").next().unwrap_or_default()
}

/// A package that depends on the private repository, which is one; what has Git fetch it.
fn scene(with_git: bool) -> Option<Scene> {
    if !with_git && !programs::present("libraries", &["proxychains4"]) {
        return None;
    }
    let mut scene = Scene::new()?;
    scene.clone_ahead();
    let manifest = "[package]\nname = \"widgets\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let add = |path, text| scene.rig.home.add_file(path, text);
    add("work/widgets/Cargo.toml", manifest);
    add("work/widgets/src/lib.rs", "");
    scene.commit();
    scene.git(&["-C", "widgets", "push", "--quiet"]);
    let manifest = format!(
        "{}\n[dependencies]\nwidgets = {{ git = \"{URL}\" }}\n",
        manifest.replace("widgets", "gears")
    );
    add("work/gears/Cargo.toml", &manifest);
    add("work/gears/src/lib.rs", "");
    let cargo = scene.rig.home.path().join(".cargo");
    scene.rig.home.set("CARGO_HOME", cargo);
    scene.rig.home.set("CARGO_NET_RETRY", "0");
    if with_git {
        scene.rig.home.add_file(".cargo/config.toml", documented());
    }
    // Whatever rustup would put in between lies in another home.
    let compiler = Path::new(env!("CARGO")).with_file_name("rustc");
    scene.rig.home.set("RUSTC", compiler);
    scene.rig.forget_requests();
    scene.asked();
    Some(scene)
}

/// The command that fetches. With a proxy in Git's configuration Cargo's libgit2 knows no
/// logins, see below: so it is led to ours without one.
fn fetch(scene: &Scene, with_git: bool) -> Command {
    let home = &scene.rig.home;
    let mut command = if with_git {
        home.command(&scene.git, env!("CARGO"))
    } else {
        let config = home.gitconfig();
        let proxy = scene.rig.proxy.url();
        home.add_file(
            ".gitconfig",
            &config.replace(&format!("\tproxy = {proxy}\n"), ""),
        );
        let (host, port) = proxy["http://".len()..].split_once(':').expect("a port");
        let list = format!("strict_chain\nproxy_dns\n[ProxyList]\nhttp {host} {port}\n");
        let list = home.add_file("proxychains.conf", &list);
        let mut command = home.command(&scene.git, "proxychains4");
        command.arg("-q").arg("-f").arg(list).arg(env!("CARGO"));
        command
    };
    command.args(["fetch", "--manifest-path", "gears/Cargo.toml"]);
    command
}

/// The same without a terminal.
fn run(scene: &Scene, with_git: bool) -> Finished {
    let command = fetch(scene, with_git);
    let mut apart = scene.rig.without_terminal(&scene.git, "env");
    apart.arg(command.get_program()).args(command.get_args());
    scene.rig.run(apart, b"")
}

fn fetched(scene: &Scene) -> bool {
    let lock = scene.rig.home.work().join("gears/Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap_or_default();
    lock.contains(&format!("source = \"git+{URL}#{}\"", scene.server()))
}

#[test]
fn it_fetches_by_libgit2() {
    let Some(scene) = scene(false) else { return };
    run(&scene, false).expect_success();
    assert!(fetched(&scene));
    assert_eq!(scene.asked(), [1, 0, 0]);
    assert_eq!(scene.sent(), [scene.token.as_str()]);
    for request in scene.rig.requests() {
        assert!(request.user_agent.contains("libgit2"), "{request:?}");
    }
}

#[test]
fn it_fetches_by_git() {
    let Some(scene) = scene(true) else { return };
    run(&scene, true).expect_success();
    assert!(fetched(&scene));
    assert_eq!(scene.asked(), [1, 1, 0]);
    assert_eq!(scene.sent(), [scene.token.as_str()]);
    assert!(scene.rig.requests_not_from_git().is_empty());
}

/// libgit2 never tells that a token worked: it is kept as soon as it is verified.
#[test]
fn what_is_pasted_in_a_cargo_is_kept() {
    for with_git in [false, true] {
        let Some(scene) = scene(with_git) else { return };
        scene.forget();
        let mut terminal = Terminal::open(&fetch(&scene, with_git));
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&scene.token);
        let ended = terminal.finish();
        ended.expect_success();
        assert!(fetched(&scene));
        assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    }
}

/// Without a person it ends. Git shows what we say; with libgit2 nobody does.
#[test]
fn it_ends_where_nothing_is_kept() {
    for with_git in [false, true] {
        let Some(scene) = scene(with_git) else { return };
        scene.forget();
        let ended = run(&scene, with_git);
        let ended = ended.expect_failure("failed to");
        let told = ended.stderr.contains("git credential-bitbucket login");
        assert_eq!(told, with_git, "{}", ended.stderr);
    }
}

/// With `http.proxy` Cargo puts a transport of its own under libgit2, which asks nobody for a
/// login: what it says itself is the way out.
#[test]
fn behind_a_proxy_only_git_fetches() {
    let Some(scene) = scene(false) else { return };
    let ended = scene.run(
        env!("CARGO"),
        &["fetch", "--manifest-path", "gears/Cargo.toml"],
    );
    ended.expect_failure("`net.git-fetch-with-cli` may help");
    assert_eq!(scene.asked(), [0, 0, 0]);
    assert_eq!(scene.sent(), [""; 0]);
}
