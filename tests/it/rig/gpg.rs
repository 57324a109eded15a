//! A GPG key of a home, its real agent, and `pass` with it; a script that speaks as a
//! pinentry stands in for the dialog, since that needs a screen.

use super::programs;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Of the group `pass`.
pub const PROGRAMS: [&str; 3] = ["pass", "gpg", "gpg-agent"];

/// The name of the key, and what opens it where it has a passphrase.
const KEY: &str = "alice@example.com";
pub const PASSPHRASE: &str = "open sesame";

/// What whoever sits before the dialog does.
pub enum Pinentry {
    /// Closes it.
    Closed,
    /// Types this.
    Typed(&'static str),
}

/// Of a home; its agent ends with it.
pub struct Gpg {
    folder: PathBuf,
    command: Box<dyn Fn(&str) -> Command + Send + Sync>,
}

const SCRIPT: &str = r#"#!/bin/sh
folder=${0%/*}
echo "OK ready"
while read -r line; do
    case $line in
    GETPIN*) : >"$folder/was-shown"; cat "$folder/answer" ;;
    BYE*) echo OK; exit ;;
    *) echo OK ;;
    esac
done
"#;

impl Gpg {
    /// Whether its programs are here; else the test is skipped, as `programs` says.
    pub fn is_possible() -> bool {
        programs::present("pass", &PROGRAMS)
    }

    /// Makes a key with this passphrase, if it is not empty, and a password store for it.
    /// `command` starts a program of the home.
    pub fn set_up(
        home: &Path,
        passphrase: &str,
        command: impl Fn(&str) -> Command + Send + Sync + 'static,
    ) -> Self {
        let folder = home.join(".gnupg");
        fs::create_dir(&folder).expect("a folder of the home");
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&folder, private).expect("a folder of the home");
        let pinentry = folder.join("pinentry");
        programs::write(&pinentry, SCRIPT);
        // Without a count the agent finds out how many rounds this processor makes in a tenth of
        // a second, which takes it seconds where others compute as well.
        let lines = format!("pinentry-program {}\ns2k-count 65536\n", pinentry.display());
        fs::write(folder.join("gpg-agent.conf"), lines).expect("a file of the home");
        let mut make = command("gpg");
        make.args(["--batch", "--pinentry-mode=loopback", "--passphrase"]);
        make.arg(passphrase).arg("--quick-generate-key");
        finish(make.args([KEY, "future-default", "default", "never"]));
        finish(command("pass").args(["init", KEY]));
        let command = Box::new(command);
        let gpg = Self { folder, command };
        gpg.answers(&Pinentry::Closed);
        gpg
    }

    /// From now on.
    pub fn answers(&self, pinentry: &Pinentry) {
        let answer = match pinentry {
            Pinentry::Closed => "ERR 83886179 Operation cancelled <Pinentry>\n".to_owned(),
            Pinentry::Typed(text) => format!("D {text}\nOK\n"),
        };
        fs::write(self.folder.join("answer"), answer).expect("a file of the home");
    }

    /// Has the agent forget passphrases, as it does after a while.
    pub fn lock(&self) {
        self.tell("RELOADAGENT");
    }

    /// Takes the key away, as with a card.
    pub fn remove_key(&self) {
        self.tell("RELOADAGENT");
        let keys = self.folder.join("private-keys-v1.d");
        fs::rename(&keys, self.folder.join("away")).expect("the keys");
    }

    /// Undoes that.
    pub fn bring_key_back(&self) {
        let keys = self.folder.join("private-keys-v1.d");
        // gpg may have made an empty one.
        let _ = fs::remove_dir(&keys);
        fs::rename(self.folder.join("away"), keys).expect("the keys");
    }

    /// Ends the agent, as a logout does; gpg starts another.
    pub fn end_agent(&self) {
        self.tell("KILLAGENT");
    }

    /// Whether a dialog was shown since this was asked last.
    pub fn dialog_was_shown(&self) -> bool {
        fs::remove_file(self.folder.join("was-shown")).is_ok()
    }

    fn tell(&self, command: &str) {
        finish((self.command)("gpg-connect-agent").args([command, "/bye"]));
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut agent = (self.command)("gpg-connect-agent");
        // What has ended by itself cannot be ended.
        let _ = agent
            .args(["KILLAGENT", "/bye"])
            .stdin(Stdio::null())
            .output();
    }
}

fn finish(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).output();
    let ended = ended.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ended.status.success(), "{command:?}: {ended:?}");
}
