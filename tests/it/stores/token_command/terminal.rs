//! A command on a terminal: it may ask a person, and leaves the terminal as it was.

use super::{add, scene};
use crate::rig::gits;

/// On the terminal it may ask for a master password, in either way; a second push asks again.
#[test]
fn a_person_types_a_master_password() {
    for git in gits() {
        for way in ["/dev/tty", "/dev/stderr"] {
            let script = format!(
                "printf 'Master password: ' >{way}; read -r word </dev/tty\n\
                 [ \"$word\" = open ] && cat ~/token\n"
            );
            let scene = scene(&git, "~/tools/vault");
            add(&scene, "vault", &script);
            for _ in 0..2 {
                let ended = scene.push_on_terminal(&[("Master password: ", "open")]);
                assert!(ended.code == 0 && ended.sane, "{git} {way}: {ended:#?}");
                assert!(!ended.transcript.contains(&scene.token));
            }
            let ended = scene.push_on_terminal(&[("Master password: ", "wrong")]);
            let said = "of --token-command gives no token: it failed with exit code 1; run it";
            assert!(ended.code != 0 && ended.sane, "{ended:#?}");
            assert!(ended.transcript.contains(said), "{ended:#?}");
        }
    }
}

/// One that ends with the echo switched off does not leave the terminal so.
#[test]
fn the_terminal_is_as_it_was_after_a_program_that_was_killed() {
    let git = &gits()[0];
    let scene = scene(git, "stty -echo -icanon </dev/tty; kill -9 $$");
    let ended = scene.push_on_terminal(&[]);
    assert!(ended.code != 0 && ended.sane, "{ended:#?}");
    assert!(ended.transcript.contains("it was killed ("), "{ended:#?}");
}
