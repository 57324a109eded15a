//! Setting up and taking back, and the help.

use super::shell::{Looks, play};

#[test]
fn configuring() {
    play("configure", &Looks::Same, |shell| {
        for line in [
            "configure --dry-run",
            "configure",
            "configure",
            "unconfigure",
            "unconfigure",
        ] {
            shell.types(&format!("git credential-bitbucket {line}"), &[]);
        }
    });
}

#[test]
fn help() {
    play("help", &Looks::Same, |shell| {
        for line in [
            "help",
            "login --help",
            "status --help",
            "logout --help",
            "default --help",
            "doctor --help",
            "configure --help",
            "lgin",
            "login --kind password",
        ] {
            shell.types(&format!("git-credential-bitbucket {line}"), &[]);
        }
    });
}
