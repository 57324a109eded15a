//! No keychain: where tokens are kept instead.

use super::shell::{Looks, Shell, play};
use crate::rig::memory_name;
use crate::rig::programs::say_skipped;
use crate::rig::terminal::SECRET_QUESTION;

const PUSH: &str = "git push --no-progress origin topic";

/// As over ssh.
fn without_a_keychain(shell: &mut Shell) {
    shell.rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
    shell.configure();
    shell.prepare();
}

#[test]
fn no_keychain() {
    if memory_name() != "the kernel's keyring" {
        return say_skipped("the kernel's keyring");
    }
    play("no-keychain", &Looks::Same, |shell| {
        without_a_keychain(shell);
        shell.runs_unattended("git fetch --no-progress");
        let token = shell.token.clone();
        let answers = [
            ("Number [1]:", "4"),
            ("Number [1]:", ""),
            (SECRET_QUESTION, &token),
        ];
        shell.types(PUSH, &answers);
        shell.types("git fetch --no-progress", &[]);
        shell.types("git credential-bitbucket status", &[]);
        shell.types("git credential-bitbucket configure --store none", &[]);
        shell.types("git credential-bitbucket status", &[]);
        shell.types("git fetch --no-progress", &[(SECRET_QUESTION, &token)]);
    });
}

#[test]
fn a_token_in_a_file() {
    play("token-file", &Looks::ByGit, |shell| {
        without_a_keychain(shell);
        let token = shell.token.clone();
        shell.rig.home.add_file("work/token", &token);
        shell.types("git credential-bitbucket configure --token-file token", &[]);
        shell.types(PUSH, &[]);
        shell.types("chmod go-rwx token", &[]);
        shell.types(PUSH, &[]);
        shell.types("git credential-bitbucket status", &[]);
        shell.rig.bitbucket.revoke(&token);
        shell.types("git fetch --no-progress", &[]);
    });
}
