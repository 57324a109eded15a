//! lazygit, which runs Git on a terminal of its own, reads that for the questions that it knows,
//! and shows a box for each. Whatever else is asked there nobody sees.

use super::scene::{Scene, URL};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{programs, python, tokens, wait_until};

/// What lazygit's box for a secret has above it.
const BOX: &str = "─Password─";

/// It opens at once, and fetches by itself where that is wanted.
fn configure(scene: &Scene, fetches: bool) {
    scene.rig.home.add_file(
        ".config/lazygit/config.yml",
        &format!(
            "disableStartupPopups: true\nupdate: {{method: never}}\ngit: {{autoFetch: {fetches}}}\n"
        ),
    );
}

/// lazygit in `widgets`; `None` where there is none for this machine.
fn open(scene: &Scene) -> Option<Terminal> {
    let program = python::folder()?.join("lazygit");
    if !program.exists() {
        programs::say_skipped("lazygit");
        return None;
    }
    let mut command = scene.rig.home.command(&scene.git, program);
    command.current_dir(scene.rig.home.work().join("widgets"));
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::open(&command);
    // It has read the repository, and shows that there is something to push.
    terminal.expect("↑");
    Some(terminal)
}

/// The question has a box, the token is verified and kept, and the push succeeds.
#[test]
fn it_pushes_with_what_is_entered_in_its_box() {
    for scene in Scene::each() {
        let commit = scene.clone_ahead();
        scene.forget();
        configure(&scene, false);
        let Some(mut lazygit) = open(&scene) else {
            return;
        };
        lazygit.send("P");
        lazygit.expect(BOX);
        lazygit.send_line(&scene.token);
        wait_until("it is pushed", || scene.server() == commit);
        assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
        drop(lazygit);
        // From now on there is nothing to ask.
        let commit = scene.commit();
        let Some(mut lazygit) = open(&scene) else {
            return;
        };
        lazygit.send("P");
        wait_until("it is pushed again", || scene.server() == commit);
    }
}

/// What it has no box for is not asked: of several accounts the one that worked last answers.
#[test]
fn among_several_accounts_nobody_is_asked() {
    for scene in Scene::each() {
        let commit = scene.clone_ahead();
        scene.forget();
        let other = tokens::api_token(7);
        for (token, name, added) in [(&scene.token, "alice", 2), (&other, "bob", 1)] {
            let details = format!(
                r#"{{"version":1,"id":"{name}","kind":"api-token","username":"{name}","added":{added}}}"#
            );
            scene.rig.put(&format!("{token}\n{details}"), name);
        }
        configure(&scene, false);
        let Some(mut lazygit) = open(&scene) else {
            return;
        };
        lazygit.send("P");
        wait_until("it is pushed", || scene.server() == commit);
    }
}

/// Its fetch in the background ends at the question, and keeps no terminal waiting.
#[test]
fn its_background_fetch_holds_nobody_up() {
    for scene in Scene::each() {
        scene.clone_ahead();
        scene.forget();
        scene.asked();
        configure(&scene, true);
        let Some(_lazygit) = open(&scene) else {
            return;
        };
        let mut asked = 0;
        wait_until("it fetches", || {
            asked += scene.asked()[0];
            asked > 0
        });
        let mut terminal = scene.rig.terminal(&scene.git, &["ls-remote", URL]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&scene.token);
        terminal.finish().expect_success();
        assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    }
}
