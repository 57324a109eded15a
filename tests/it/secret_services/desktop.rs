//! A screen without anything on it, and a person before it who types what is to be typed.

use crate::rig::{Rig, gits, programs};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

/// Gone with this.
pub struct Desktop(Child);

impl Desktop {
    /// Starts a screen and tells every child of the rig; before the keyring, whose bus
    /// starts the dialog. `None` where none can be had.
    pub fn start(rig: &mut Rig) -> Option<Self> {
        if !programs::present("desktop", &["Xvfb", "xdotool", "gcr-viewer"]) {
            return None;
        }
        let mut server = rig
            .home
            .environment(&gits()[0])
            .daemon("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("a pipe"))
            .read_line(&mut number)
            .expect("it prints its number");
        rig.home.set("DISPLAY", format!(":{}", number.trim()));
        Some(Self(server))
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // Killed already is killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for the unlock dialog, types the text into it and presses a key, as `xdotool`
/// calls it.
///
/// # Panics
/// If none is shown.
pub fn answer_dialog(rig: &Rig, text: &str, key: &str) {
    type_into_dialog(rig, &[("type", text), ("key", key)]);
}

/// Waits for the dialog, then does each of these, as `xdotool` calls it.
///
/// # Panics
/// If none is shown.
pub fn type_into_dialog(rig: &Rig, actions: &[(&str, &str)]) {
    let search = [
        "search",
        "--sync",
        "--onlyvisible",
        "--class",
        "gcr-prompter",
    ];
    xdotool(rig, &[&search[..], &["windowfocus", "--sync"]].concat());
    // Real keys, to whoever has the focus.
    for (action, what) in actions {
        xdotool(rig, &[action, what]);
    }
}

fn xdotool(rig: &Rig, arguments: &[&str]) {
    let mut command = rig.home.command(&gits()[0], "timeout");
    command.args(["30", "xdotool"]).args(arguments);
    let ended = command.output().expect("xdotool");
    assert!(ended.status.success(), "{ended:?}");
}

/// Whether a dialog is on the screen.
pub fn shows_a_dialog(rig: &Rig) -> bool {
    let mut command = rig.home.command(&gits()[0], "xdotool");
    command.args(["search", "--class", "gcr-prompter"]);
    let found = command.output().expect("xdotool");
    !found.stdout.is_empty()
}
