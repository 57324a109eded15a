//! The doctor, as somebody meets it whose pushes have been failing.

use super::shell::{Looks, Shell, play};
use crate::rig::{Credential, GIT_SCOPES, Kind, programs, tokens};
use std::fs;

/// Our program as a file of the home, so that its path is as long everywhere.
#[allow(
    clippy::expect_used,
    reason = "a home that cannot be used fails the test"
)]
fn install(shell: &Shell) {
    let program = shell.rig.home.path().join("bin/git-credential-bitbucket");
    let built = fs::canonicalize(&program).expect("our program");
    fs::remove_file(&program).expect("a link");
    programs::copy(&built, &program);
}

#[test]
fn a_machine_is_healed() {
    play("doctor", &Looks::Same, |shell| {
        install(shell);
        shell.prepare();
        let (dead, good) = (tokens::app_password(70), tokens::api_token(71));
        let scopes = ["Repositories: Write"];
        let old = Credential::new(Kind::AppPassword, &dead, "alice", &scopes);
        shell.rig.bitbucket.issue(old);
        let new = Credential::new(Kind::ApiToken, &good, "alice", &GIT_SCOPES);
        shell.rig.bitbucket.issue(new);
        shell
            .rig
            .home
            .add_gitconfig("[credential]\n\thelper = store\n");
        let store = format!(
            "https://alice:{dead}@bitbucket.org\nhttps://x:y@example.org\n\
             https://alice:{good}@bitbucket.org\nhttps://alice:hunter2@bitbucket.org\n"
        );
        shell.rig.home.add_file(".git-credentials", &store);
        for (line, answers) in [
            ("doctor --offline", &[][..]),
            ("doctor --fix", &[("[y/N]", "n")]),
            ("doctor --fix", &[("[y/N]", "y")]),
            ("doctor", &[]),
            ("doctor --undo", &[]),
            ("doctor --undo", &[]),
        ] {
            shell.types(&format!("git credential-bitbucket {line}"), answers);
        }
        shell.runs_unattended("git credential-bitbucket doctor --fix");
    });
}
