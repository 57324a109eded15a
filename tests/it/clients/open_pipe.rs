//! A client that writes one message, keeps the pipe open and waits for the answer.

use super::scene::Scene;

/// The helper has answered and ended before the pipe is closed.
const CLIENT: &str = "mkfifo pipe; git-credential-bitbucket get <pipe & exec 3>pipe; \
    printf \"$1\" >&3; wait $!; exec 3>&-";

#[test]
fn it_gets_its_answer() {
    for (host, answered) in [("bitbucket.org", true), ("example.com", false)] {
        for end in ["\\n", "\\r\\n"] {
            let Some(scene) = Scene::new() else { return };
            let message = format!("protocol=https{end}host={host}{end}{end}");
            let ended = scene.run("sh", &["-c", CLIENT, "sh", &message]);
            let stdout = ended.expect_success().stdout;
            assert_eq!(stdout.contains(&scene.token), answered, "{host} {end}");
        }
    }
}
