//! `--store` and `--token-file`: written so that Git's shell reads them back, replaced by
//! the next ones, kept by a `configure` without any, and taken back without a trace.

use super::machine::*;
use git_credential_bitbucket::keychain::Choice;
use git_credential_bitbucket::setup::line_options::Options;
use std::fs;

fn store(choice: Choice) -> Options {
    Options::from(choice)
}

#[test]
fn a_store_is_written_kept_and_replaced() {
    with_every_git(|machine| {
        let before = "[user]\n\tname = x\n[credential]\n\thelper = cache\n";
        fs::write(machine.gitconfig(), before).unwrap();
        let chain = |options: &str| [format!("{}{options}", machine.own_path())];
        machine
            .try_configure_with(GLOBAL, &store(Choice::Memory))
            .unwrap();
        assert_eq!(machine.chain(), chain(" --store=memory"));
        // A repair, as an update of the program makes it.
        let said = machine.configure(GLOBAL);
        assert!(said.starts_with("Nothing to do"), "{said}");
        assert_eq!(machine.chain(), chain(" --store=memory"));
        let said = machine
            .try_configure_with(GLOBAL, &store(Choice::File))
            .unwrap();
        assert_eq!(machine.chain(), chain(" --store=file"));
        // What is kept in one store is not moved to the other.
        assert!(
            said.contains("git credential-bitbucket logout --all --store memory\n"),
            "{said}"
        );
        let file = read(&machine.gitconfig());
        assert_eq!(file.matches("--store").count(), 1, "{file}");
        machine
            .try_configure_with(GLOBAL, &store(Choice::Auto))
            .unwrap();
        assert_eq!(machine.chain(), chain(" --store=auto"));
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&machine.gitconfig()), before);
    });
}

#[test]
fn a_path_comes_back_as_it_was() {
    with_every_git(|machine| {
        for path in ["/run/secrets/token", "/a b/o'neil #1;\\\"$x\" ~*?/\u{fc}"] {
            let options = Options {
                token_file: Some(path.into()),
                ..Options::default()
            };
            machine.try_configure_with(GLOBAL, &options).unwrap();
            // What the shell makes of what Git runs, whose trace shows it quoted.
            let command = machine.chain().remove(0).replace(r"'\''", "'");
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf '%s\\n' {command}")])
                .output()
                .unwrap();
            let words = String::from_utf8(output.stdout).unwrap();
            let words: Vec<&str> = words.lines().collect();
            let option = format!("--token-file={path}");
            assert_eq!(
                words,
                [
                    machine.context.executable.to_str().unwrap(),
                    option.as_str()
                ]
            );
            // And what we read out of the file.
            let again = machine.configure(GLOBAL);
            assert!(again.starts_with("Nothing to do"), "{again}");
        }
        machine.unconfigure(GLOBAL);
        assert!(!machine.gitconfig().exists());
    });
}

/// What cannot be read is not carried along.
#[test]
fn a_line_that_cannot_be_read_is_repaired() {
    with_every_git(|machine| {
        machine
            .try_configure_with(GLOBAL, &store(Choice::File))
            .unwrap();
        let file = read(&machine.gitconfig()).replace("--store=file", "--store=vault");
        fs::write(machine.gitconfig(), file).unwrap();
        machine.configure(GLOBAL);
        assert_eq!(machine.chain(), [machine.own_path()]);
    });
}

#[test]
fn each_scope_has_its_own() {
    with_every_git(|machine| {
        machine.git(&["init", "--quiet", "."]);
        machine
            .try_configure_with(GLOBAL, &store(Choice::Memory))
            .unwrap();
        machine
            .try_configure_with(LOCAL, &store(Choice::File))
            .unwrap();
        let own = machine.own_path();
        assert_eq!(machine.chain(), [format!("{own} --store=file")]);
        let said = machine.unconfigure(LOCAL);
        let remove = "git credential-bitbucket logout --all --store file\n";
        assert!(said.ends_with(remove), "{said}");
        assert_eq!(machine.chain(), [format!("{own} --store=memory")]);
    });
}

/// Without an option tokens are kept where they were kept before, in a repository as well.
#[test]
fn a_repository_takes_over_the_store() {
    with_every_git(|machine| {
        machine.git(&["init", "--quiet", "."]);
        machine
            .try_configure_with(GLOBAL, &store(Choice::File))
            .unwrap();
        machine.configure(LOCAL);
        let own = machine.own_path();
        assert_eq!(machine.chain(), [format!("{own} --store=file")]);
        // Once it has a line of its own, that one counts.
        machine
            .try_configure_with(LOCAL, &store(Choice::Auto))
            .unwrap();
        machine.configure(LOCAL);
        assert_eq!(machine.chain(), [format!("{own} --store=auto")]);
    });
}

/// The next step is to put right what keeps it from working.
#[test]
fn a_token_file_that_is_not_there_comes_first() {
    with_every_git(|machine| {
        let options = Options {
            token_file: Some("/no/such/token".into()),
            ..Options::default()
        };
        let said = machine.try_configure_with(GLOBAL, &options).unwrap();
        let next = "Next: put that right; then git push (or fetch) uses the token in that file.\n";
        assert!(said.ends_with(next), "{said}");
    });
}
