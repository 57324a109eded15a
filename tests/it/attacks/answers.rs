//! What an answer must never have in it, nor what is shown on a terminal, whatever was asked and
//! whatever is kept.

use super::scene::{BITBUCKET, Scene};
use crate::rig::scene::{CONFIGURED, REQUEST};
use crate::rig::terminal::Terminal;
use crate::rig::{Rig, gits};

/// Immune: control characters make a message malformed, and every other trick with the
/// order or width of characters is spelled out before it is shown (CVE-2024-50349;
/// `tests/it/escapes.rs` for texts that do not come from Git, CVE-2024-52005).
#[test]
fn s16_tricks_on_the_terminal() {
    for scene in Scene::each() {
        for line in [
            "username=\u{1b}[31mred",
            "username=a\u{7}",
            "path=a\u{9b}2J",
            "host=\u{1b}c",
        ] {
            scene.is_not_ours(format!("{BITBUCKET}{line}\n"));
        }
        // Right-to-left override, zero-width space, isolate, soft hyphen, tag.
        for trick in ['\u{202e}', '\u{200b}', '\u{2066}', '\u{ad}', '\u{e0041}'] {
            let spelled_out = format!("\\u{{{:x}}}", u32::from(trick));
            let message = format!("{BITBUCKET}path=acme/x{trick}y.git\nusername=mal{trick}lory\n");

            let alone = scene.run("get", &message);
            assert!(alone.stderr.contains(&spelled_out), "{alone:#?}");
            assert!(!alone.stderr.contains(trick), "{alone:#?}");

            let message = scene.target.meant(message.as_bytes());
            let message = String::from_utf8(message).expect("text");
            let program = format!(
                "git credential-bitbucket {}",
                scene.target.options.join(" ")
            );
            let script = format!("printf '%s\\n' '{message}' | {program} get");
            let mut command = scene.rig.home.command(&gits()[0], "sh");
            command.args(["-c", &script]);
            let mut terminal = Terminal::open(&command);
            terminal.expect(&spelled_out);
            terminal.send("\x03");
            let ended = terminal.finish();
            assert!(!ended.transcript.contains(trick), "{ended:#?}");
        }
    }
}

/// Immune: a value that would end its line is never written.
#[test]
fn s17_stored_token_with_line_ends() {
    for end in ["\r", "\n", "\0", "\nhost=evil.test\n", "\r\nquit=1"] {
        for scene in Scene::each() {
            scene.forget();
            let whole = scene.target.token(3);
            for (name, token) in [("carol", &whole[..40]), ("dave", whole.as_str())] {
                let details = format!(
                    r#"{{"version":1,"id":"0","kind":"{}","username":"{name}","added":1}}"#,
                    scene.target.kind
                );
                let payload = format!("{token}{end}x\n{details}");
                scene.put(&payload, name);
            }
            for user in ["", "username=carol\n", "username=dave\n"] {
                let answer = scene.answer(&format!("{BITBUCKET}{user}\n"));
                // Of a token that was cut in two, the first line alone may be a whole one.
                assert!(!answer.contains(['\r', '\0']), "{end:?}: {answer:?}");
                for line in answer.lines() {
                    let password = format!("password={}", &whole[..5]);
                    let known = ["username=", &password, "quit="];
                    assert!(
                        known.iter().any(|key| line.starts_with(key)),
                        "{end:?}: {answer:?}"
                    );
                    assert!(
                        !line.contains(&whole[..40]) || line.ends_with(&whole),
                        "{answer:?}"
                    );
                }
            }
        }
    }
}

/// Immune: what depends on a capability is written only if that came in.
#[test]
fn s18_no_capability() {
    for scene in Scene::each() {
        let plain = format!("username=alice\npassword={}\n", scene.token);
        for asked in [
            "",
            "capability[]=\n",
            "capability[]=other\n",
            "state[]=x:1\n",
            "continue=1\n",
        ] {
            let answer = scene.answer(&format!("{asked}{BITBUCKET}\n"));
            assert_eq!(answer, plain, "{asked}");
        }
        let answer = scene.answer(&format!("capability[]=authtype\n{BITBUCKET}\n"));
        let bearer = format!(
            "capability[]=authtype\nauthtype=Bearer\ncredential={}\n",
            scene.token
        );
        let expected = if scene.target.is_bearer {
            bearer
        } else {
            plain
        };
        assert_eq!(answer, expected);
    }
}

/// Immune: an answer is a credential or `quit`, never both.
#[test]
fn s26_quit() {
    for scene in Scene::each() {
        let answer = scene.answer(BITBUCKET);
        assert_eq!(
            answer,
            format!("username=alice\npassword={}\n", scene.token)
        );
        // Nobody can be asked, and Git would only ask for what Bitbucket does not accept.
        assert_eq!(
            scene.answer(&format!("{BITBUCKET}username=bob\n")),
            "quit=1\n"
        );
        scene.forget();
        assert_eq!(scene.answer(BITBUCKET), "quit=1\n");
        for git in gits() {
            let message = format!("{BITBUCKET}\n");
            scene
                .git_credential(&git, "fill", &message)
                .expect_failure("told us to quit");
        }
        // Somebody else's affairs are not ours to end.
        assert_eq!(scene.answer("protocol=https\nhost=evil.test\n"), "");
    }
}

/// S26: `quit` stands alone, also where the environment or a lock decides.
#[test]
fn s26_quit_only_without_a_credential() {
    let (mut rig, token) = Rig::with_alice();
    rig.home.add_gitconfig(CONFIGURED);
    if !rig.start_keyring() {
        return;
    }
    let answer = |rig: &Rig| rig.helper("get", REQUEST).expect_success().stdout;
    let credential = format!("username=x-bitbucket-api-token-auth\npassword={token}\n");
    rig.home.set("BITBUCKET_TOKEN", "hunter2");
    assert_eq!(answer(&rig), "quit=1\n");
    rig.home.set("BITBUCKET_TOKEN", &token);
    assert_eq!(answer(&rig), credential);
    rig.home.unset("BITBUCKET_TOKEN");
    rig.put(&token, "x-bitbucket-api-token-auth");
    assert_eq!(answer(&rig), credential);
    rig.keyring().lock();
    assert_eq!(answer(&rig), "quit=1\n");
    // One that only Git may run.
    rig.home.set("GIT_ASKPASS", "./ask");
    assert_eq!(answer(&rig), "");
}
