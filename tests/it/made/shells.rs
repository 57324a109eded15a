//! The completions, asked as a person does who presses Tab, in the shells themselves.

use super::{NAME, in_docs};
use crate::rig::programs;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What is typed, and some of what is offered.
const TYPED: [(&str, &[&str]); 5] = [
    ("git-credential-bitbucket lo", &["login", "logout"]),
    (
        "git-credential-bitbucket login --w",
        &["--with-token", "--workspace"],
    ),
    ("git credential-bitbucket lo", &["login", "logout"]),
    (
        "git credential-bitbucket login --w",
        &["--with-token", "--workspace"],
    ),
    ("git -C . credential-bitbucket status --c", &["--check"]),
];

/// A home with the completions where `install.sh` puts them. The program itself is a stand-in
/// that notes whether it was run: completing is to cost nothing.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(TempDir::new().unwrap());
        for (file, place) in [
            (NAME, "bash-completion/completions"),
            ("_git-credential-bitbucket", "zsh/site-functions"),
            ("git-credential-bitbucket.fish", "fish/vendor_completions.d"),
        ] {
            let folder = home.path().join("share").join(place);
            fs::create_dir_all(&folder).unwrap();
            fs::copy(in_docs("completions").join(file), folder.join(file)).unwrap();
        }
        fs::create_dir(home.path().join("bin")).unwrap();
        symlink("/bin/false", home.path().join("bin").join(NAME)).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, shell: &str, script: &str, typed: &str) -> String {
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            self.path().join("bin").display()
        );
        // A shell that offers nothing would be waited for.
        let output = Command::new("timeout")
            .args(["60", shell])
            .args(match shell {
                "bash" => &["--norc", "--noprofile", "-c"][..],
                "zsh" => &["-f", "-c"],
                _ => &["-c"],
            })
            .arg(script)
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_DATA_HOME", self.path().join("share"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("PATH", path)
            .env("TERM", "dumb")
            .env("TYPED", typed)
            .current_dir(self.path())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr)
    }

    #[track_caller]
    fn offers(&self, shell: &str, script: &str, typed: &[(&str, &[&str])]) {
        for (typed, expected) in typed {
            let offered = self.run(shell, script, typed);
            for word in *expected {
                assert!(offered.contains(*word), "{shell}: {typed}: {offered}");
            }
            let strange = if typed.ends_with("lo") {
                "status"
            } else {
                "--json"
            };
            assert!(!offered.contains(strange), "{shell}: {typed}: {offered}");
        }
    }
}

/// Bash with bash-completion, as it finds both completions on its own.
#[test]
fn bash_completes() {
    let files = ["bash_completion", "completions/git"];
    let folder = Path::new("/usr/share/bash-completion");
    if !programs::present("shells", &["bash"])
        || files.iter().any(|file| !folder.join(file).is_file())
    {
        return programs::say_skipped("bash-completion, also for git,");
    }
    Home::new().offers(
        "bash",
        r#"source /usr/share/bash-completion/bash_completion
        COMP_LINE=$TYPED COMP_POINT=${#TYPED}
        read -r -a COMP_WORDS <<<"$TYPED"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        command=${COMP_WORDS[0]}
        _completion_loader "$command"
        function=$(complete -p "$command" | sed 's/.* -F \([^ ]*\) .*/\1/')
        "$function" "$command" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}""#,
        &TYPED,
    );
}

/// Zsh in a terminal of its own, since it completes in none else.
#[test]
fn zsh_completes() {
    if !programs::present("shells", &["zsh"]) {
        return;
    }
    Home::new().offers(
        "zsh",
        r#"zmodload zsh/zpty
        zpty shell "TERM=dumb zsh -f -i"
        say() { zpty -w shell "$1" }
        until_seen() { local seen; while zpty -r shell line; do seen+=$line; [[ $seen == *$1* ]] && break; done; print -r -- $seen }
        say "PS1= PS2= RPS1=; fpath=($XDG_DATA_HOME/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -D -u; zstyle ':completion:*' list-separator '#'; LISTMAX=1000; bindkey '^I' complete-word; setopt auto_list no_beep; unsetopt list_ambiguous; print rea''dy"
        until_seen ready >/dev/null
        list() { zle list-choices }
        say "list() { compstate[list]=list; compstate[insert]=; compstate[list_max]=1000; }; comppostfuncs=(list); print st''ill"
        until_seen still >/dev/null
        zpty -w -n shell "$TYPED"$'\t'
        # Whoever types on sees no list: it has begun with its first separator.
        until_seen '#'
        zpty -w -n shell $'\C-uprint e\'\'nd\n'
        until_seen end"#,
        &TYPED,
    );
}

/// By the program's own name: fish hands "git credential-bitbucket" on to that, but the one of
/// Debian 12 (3.6.0) takes the wrong name.
#[test]
fn fish_completes() {
    if !programs::present("shells", &["fish"]) {
        return;
    }
    Home::new().offers("fish", "complete -C \"$TYPED\"", &TYPED[..2]);
}
