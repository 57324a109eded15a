//! Our section in a place where the program is not: a container into which an editor copies
//! `~/.gitconfig`, and where it has put a helper of its own. `docs/platforms.md` has what comes of
//! each form of the section; here it is measured with every Git.

use super::machine::*;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// As Visual Studio Code sets it for the whole container.
const FORWARDER: &str = "[credential]\n\thelper = \"!f() { test $1 = get && echo username=u && echo password=FORWARDED; }; f\"\n";

/// What Git says about Bitbucket in a container with this `~/.gitconfig`, and without our program.
fn in_container(machine: &Machine, gitconfig: &str) -> (bool, String) {
    let home = machine.root().join("container");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join(".gitconfig"), gitconfig).unwrap();
    fs::write(machine.root().join("system"), FORWARDER).unwrap();
    let mut child = Command::new(&machine.context.git)
        .args(["credential", "fill"])
        .env_clear()
        .envs(&machine.context.environment)
        .env("HOME", &home)
        .env("PATH", "/usr/bin:/bin")
        .env("GIT_TERMINAL_PROMPT", "0")
        .current_dir(&home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let question = b"protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n\n";
    child.stdin.take().unwrap().write_all(question).unwrap();
    let output = child.wait_with_output().unwrap();
    fs::remove_file(machine.root().join("system")).unwrap();
    let served = String::from_utf8_lossy(&output.stdout).contains("password=FORWARDED");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (served, said)
}

#[test]
fn what_each_form_of_the_section_does_without_the_program() {
    const SNIPPET: &str = "\"!command -v git-credential-bitbucket >/dev/null || exit 0; \
        git-credential-bitbucket\"";
    with_every_git(|machine| {
        let section = |lines: &str| {
            format!("[credential \"https://bitbucket.org\"]\n{lines}\tuseHttpPath = true\n")
        };
        let include = "[include]\n\tpath = ~/.config/git-credential-bitbucket/config\n";
        for (form, served, quiet) in [
            // What `configure` writes: the forwarder is cut off, and Git says what is missing.
            (section("\thelper =\n\thelper = bitbucket\n"), false, false),
            // A snippet that looks for the program is quiet, and cuts it off all the same.
            (
                section(&format!("\thelper =\n\thelper = {SNIPPET}\n")),
                false,
                true,
            ),
            // Without the empty line nothing is cut off, here or where something outdated answers.
            (section(&format!("\thelper = {SNIPPET}\n")), true, true),
            // A file that is not there is no fault.
            (include.to_owned(), true, true),
        ] {
            let (was_served, said) = in_container(&machine, &form);
            assert_eq!(was_served, served, "{form}: {said}");
            let names_program = said.contains("credential-bitbucket");
            assert_eq!(names_program, !quiet, "{form}: {said}");
        }
    });
}

/// The way that the document shows, as it stands there.
#[test]
fn a_section_in_a_file_of_its_own_stays_at_home() {
    with_every_git(|machine| {
        fs::write(machine.gitconfig(), "[user]\n\tname = Ada\n").unwrap();
        let document = include_str!("../../../docs/platforms.md");
        let block = |line: &str| {
            let mut blocks = document.split("```sh\n").skip(1);
            let found = blocks.find(|block| block.starts_with(line));
            found
                .and_then(|block| block.split("```").next())
                .expect("a block")
        };
        let run = |script: &str| {
            let output = Command::new("sh")
                .args(["-euc", script])
                .env_clear()
                .envs(&machine.context.environment)
                .current_dir(machine.home())
                .output()
                .unwrap();
            assert!(output.status.success(), "{script}: {output:?}");
        };
        run(block("mkdir -p ~/.config/git-credential-bitbucket\n"));
        assert_eq!(machine.chain(), [machine.own_path()]);
        let (served, said) = in_container(&machine, &read(&machine.gitconfig()));
        assert!(served, "{said}");
        run(block("git config --global --unset include.path"));
        assert_eq!(machine.chain(), [""; 0]);
        assert_eq!(read(&machine.gitconfig()), "[user]\n\tname = Ada\n");
    });
}
