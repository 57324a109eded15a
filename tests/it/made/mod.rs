//! The manual page and the completions for shells are made of the command definitions, the picture
//! of a first push of the recorded session, and all lie in `docs` as they come out. `MADE=overwrite
//! cargo test --test it made::` writes them anew.
#![cfg(target_os = "linux")]

mod manual;
mod picture;
mod shells;

use clap_complete::Shell;
use git_credential_bitbucket::cli;
use std::fs;
use std::path::{Path, PathBuf};

const NAME: &str = "git-credential-bitbucket";

fn in_docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

/// The completions by their names in `docs/completions`, which are those that shells look for.
const COMPLETIONS: [(Shell, &str); 4] = [
    (Shell::Bash, NAME),
    (Shell::Zsh, "_git-credential-bitbucket"),
    (Shell::Fish, "git-credential-bitbucket.fish"),
    (Shell::PowerShell, "git-credential-bitbucket.ps1"),
];

/// `git credential-bitbucket` is completed by Git's own completion, which looks for this.
const FOR_GIT_IN_BASH: &str = r#"
# For "git credential-bitbucket", by way of Git's own completion.
_git_credential_bitbucket() {
    local start=1
    while [[ $start -lt $cword && ${words[start]} != credential-bitbucket ]]; do
        start=$((start + 1))
    done
    local COMP_WORDS=("git-credential-bitbucket" "${words[@]:start + 1}")
    local COMP_CWORD=$((cword - start))
    _git__credential__bitbucket git-credential-bitbucket "$cur" "$prev"
}
"#;

fn completion(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), NAME, &mut script);
    let mut script = String::from_utf8(script).unwrap();
    if shell == Shell::Bash {
        // clap_complete takes the hyphens of the name for those between commands.
        let (wrong, right) = (
            "git__subcmd__credential__subcmd__bitbucket",
            "git__credential__bitbucket",
        );
        assert!(script.contains(wrong), "it is right by itself now");
        script = script.replace(wrong, right) + FOR_GIT_IN_BASH;
    }
    script
}

fn check(name: &str, made: &str) {
    let path = in_docs(name);
    if std::env::var("MADE").is_ok_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, made).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == made,
        "{} is not as it is made now; run: MADE=overwrite cargo test --test it made::",
        path.display()
    );
}

#[test]
fn what_lies_in_docs_is_what_the_commands_make() {
    check("git-credential-bitbucket.1", &manual::page());
    for (shell, name) in COMPLETIONS {
        check(&format!("completions/{name}"), &completion(shell));
    }
}

#[test]
fn the_picture_in_docs_is_what_the_session_shows() {
    check("first-push.svg", &picture::first_push());
}
