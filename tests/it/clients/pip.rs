//! pip with a private package (`git+https`): it runs Git several times for one of them.

use super::scene::{Scene, URL};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Finished, python};
use std::process::Command;

/// A private repository that is a package in Python.
fn scenes() -> impl Iterator<Item = Scene> {
    let scenes = python::folder().is_some().then(Scene::each);
    scenes.into_iter().flatten().inspect(|scene| {
        scene.clone_ahead();
        let project = "[build-system]\nrequires = [\"flit_core\"]\n\
            build-backend = \"flit_core.buildapi\"\n\
            [project]\nname = \"widgets\"\nversion = \"0.1\"\ndescription = \"Widgets\"\n";
        let add = |path, text| scene.rig.home.add_file(path, text);
        add("work/widgets/pyproject.toml", project);
        add("work/widgets/widgets.py", "NUMBER = 7\n");
        scene.commit();
        scene.git(&["-C", "widgets", "push", "--quiet"]);
        scene.rig.forget_requests();
        scene.asked();
    })
}

/// The command that installs it into `installed`, from this address and from nowhere else.
fn install(scene: &Scene, options: &[&str], url: &str) -> Command {
    let python = python::folder().expect("looked for by the scene");
    let mut command = scene.rig.home.command(&scene.git, python.join("python"));
    command
        .args(["-m", "pip", "--disable-pip-version-check", "install"])
        .args(["--no-index", "--no-deps", "--no-build-isolation"])
        .args(["--target", "installed"])
        .args(options)
        .arg(format!("git+{url}"));
    command
}

fn run(scene: &Scene, options: &[&str], url: &str) -> Finished {
    let command = install(scene, options, url);
    let mut apart = scene.rig.without_terminal(&scene.git, "env");
    apart.arg(command.get_program()).args(command.get_args());
    scene.rig.run(apart, b"")
}

fn is_installed(scene: &Scene) -> bool {
    scene.rig.home.work().join("installed/widgets.py").exists()
}

#[test]
fn it_installs() {
    for scene in scenes() {
        run(&scene, &[], URL).expect_success();
        assert!(is_installed(&scene));
        assert_eq!(scene.asked(), [1, 1, 0]);
        assert_eq!(scene.sent(), [scene.token.as_str()]);
        assert!(scene.rig.requests_not_from_git().is_empty());
    }
}

/// A name in the address, as Bitbucket's page gives it: pip puts an empty password beside
/// it, which Git tries before it asks.
#[test]
fn it_installs_under_a_name() {
    for scene in scenes() {
        run(&scene, &[], &URL.replace("//", "//alice@")).expect_success();
        assert!(is_installed(&scene));
        assert_eq!(scene.sent(), ["", scene.token.as_str()]);
    }
}

/// With `--no-input` nobody is asked, also on a terminal.
#[test]
fn no_input_asks_nobody() {
    for scene in scenes() {
        scene.forget();
        let terminal = Terminal::open(&install(&scene, &["--no-input"], URL));
        let ended = terminal.finish();
        assert_ne!(ended.code, 0);
        let said = &ended.transcript;
        assert!(said.contains("git credential-bitbucket login"), "{said}");
        assert!(!said.contains(SECRET_QUESTION), "{said}");
    }
}
