//! `install.sh` does what it says, takes all of it back, and changes nothing when it cannot.
//! A small script stands in for the program: what matters here is how it is placed and called.

use super::sandbox::{NAME, PROGRAM, Sandbox, fail, find, succeed};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_program_beside_the_script_is_installed_and_configured() {
    let sandbox = Sandbox::release();
    let said = sandbox.succeed(&[]);
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(&installed).unwrap(), PROGRAM);
    let mode = fs::metadata(&installed).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    assert_eq!(sandbox.calls(), "--version\nconfigure\n");
    assert!(said.contains(&format!("Installed {}.\n", installed.display())));
    assert_eq!(said.lines().last(), Some("called with configure"));
}

#[test]
fn the_program_is_built_where_none_lies_beside_the_script() {
    let sandbox = Sandbox::source();
    sandbox.succeed(&[]);
    assert_eq!(
        sandbox.calls(),
        "cargo build --release --locked --target-dir target\n--version\nconfigure\n"
    );
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), PROGRAM);
}

#[test]
fn the_build_goes_where_cargo_is_told_to_build() {
    let sandbox = Sandbox::source();
    let target = sandbox.path("build here");
    let mut command = sandbox.command(&[]);
    command.env("CARGO_TARGET_DIR", &target);
    succeed(command.env("CARGO_BUILD_TARGET", "another-processor"));
    assert!(target.join("release").join(NAME).is_file());
    assert!(sandbox.path("home/.local/bin").join(NAME).is_file());
}

#[test]
fn a_second_run_changes_nothing() {
    let sandbox = Sandbox::release();
    let said = sandbox.succeed(&[]);
    let once = sandbox.home();
    assert_eq!(sandbox.succeed(&[]), said);
    assert_eq!(sandbox.home(), once);
}

#[test]
fn a_second_run_replaces_the_program() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    let newer = format!("{PROGRAM}# newer\n");
    sandbox.release_program(NAME, &newer);
    sandbox.succeed(&[]);
    let installed = sandbox.path("home/.local/bin").join(NAME);
    assert_eq!(fs::read_to_string(installed).unwrap(), newer);
}

#[test]
fn the_manual_page_is_installed_once_there_is_one() {
    let sandbox = Sandbox::release();
    sandbox.write(&format!("release/docs/{NAME}.1"), ".TH manual\n");
    sandbox.succeed(&[]);
    let page = sandbox.path(&format!("home/.local/share/man/man1/{NAME}.1"));
    assert_eq!(fs::read_to_string(&page).unwrap(), ".TH manual\n");
    let mode = fs::metadata(&page).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    sandbox.succeed(&["--uninstall"]);
    assert_eq!(sandbox.home(), BTreeMap::new());
}

/// Everything that comes along: how it lies beside the script, and where shells look for it.
const DOCUMENTS: [(&str, &str); 4] = [
    (
        "git-credential-bitbucket.1",
        "man/man1/git-credential-bitbucket.1",
    ),
    (
        "completions/git-credential-bitbucket",
        "bash-completion/completions/git-credential-bitbucket",
    ),
    (
        "completions/_git-credential-bitbucket",
        "zsh/site-functions/_git-credential-bitbucket",
    ),
    (
        "completions/git-credential-bitbucket.fish",
        "fish/vendor_completions.d/git-credential-bitbucket.fish",
    ),
];

/// A release with its documents, as they are in the source.
fn documented() -> Sandbox {
    let sandbox = Sandbox::release();
    for (file, _) in DOCUMENTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(file);
        let text = fs::read_to_string(path).unwrap();
        sandbox.write(&format!("release/docs/{file}"), &text);
    }
    sandbox
}

#[test]
fn documents_go_where_they_are_looked_for_and_go_again() {
    for (variables, data) in [
        (&[][..], "home/.local/share"),
        (&[("XDG_DATA_HOME", "home/data")], "home/data"),
        (&[("XDG_DATA_HOME", "")], "home/.local/share"),
        (
            &[("PREFIX", "home/opt"), ("XDG_DATA_HOME", "home/data")],
            "home/opt/share",
        ),
    ] {
        let sandbox = documented();
        let before = sandbox.home();
        let run = |arguments: &[&str]| {
            let mut command = sandbox.command(arguments);
            for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
                command.env(name, sandbox.path(value));
            }
            succeed(&mut command)
        };
        run(&[]);
        run(&[]);
        let prefix = variables.iter().find(|(name, _)| *name == "PREFIX");
        let share = prefix.map_or("home/.local", |(_, value)| value);
        for (index, (_, place)) in DOCUMENTS.iter().enumerate() {
            // man looks beside the folder of the program.
            let folder = if index == 0 {
                format!("{share}/share")
            } else {
                data.to_owned()
            };
            let path = sandbox.path(&folder).join(place);
            let mode = fs::metadata(&path).expect(place).permissions().mode();
            assert_eq!(mode & 0o777, 0o644, "{place}");
        }
        run(&["--uninstall"]);
        assert_eq!(sandbox.home(), before, "{variables:?}");
    }
}

#[test]
fn a_relative_folder_for_data_is_none() {
    let sandbox = documented();
    succeed(sandbox.command(&[]).env("XDG_DATA_HOME", "data"));
    let fish = "home/.local/share/fish/vendor_completions.d";
    assert!(sandbox.path(fish).is_dir());
}

#[test]
fn zsh_is_told_where_to_look_and_the_line_works() {
    let sandbox = documented();
    let said = succeed(sandbox.command(&[]).env("SHELL", "/bin/zsh"));
    let line = said.lines().find(|line| line.contains("fpath=(")).unwrap();
    let folder = sandbox.path("home/.local/share/zsh/site-functions");
    assert_eq!(
        line.trim(),
        format!("fpath=(\"{}\" $fpath)", folder.display())
    );
    let said = succeed(sandbox.command(&[]).env("SHELL", "/bin/bash"));
    assert!(!said.contains("zsh"), "{said}");
}

/// `git help credential-bitbucket` shows the page in a home where nothing else was done but to
/// put the program on PATH: man looks beside the folders of PATH, wherever data lies.
#[test]
fn git_help_shows_the_manual_page() {
    let man = find("man");
    let skipped = std::env::var("GCB_TESTS_SKIP").unwrap_or_default();
    if man.is_none() && skipped.split(',').any(|group| group == "man") {
        writeln!(std::io::stderr(), "SKIPPED git_help: man missing.").unwrap();
        return;
    }
    let sandbox = documented();
    sandbox.succeed(&[]);
    let ask = |program: &str, arguments: &[&str]| {
        let bin = sandbox.path("home/.local/bin");
        let mut command = Command::new(program);
        sandbox.prepare(&mut command);
        command
            .args(arguments)
            .env(
                "PATH",
                format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()),
            )
            .env("XDG_DATA_HOME", sandbox.path("home/data"))
            .env("MANPAGER", "cat")
            .env("LC_ALL", "C.UTF-8");
        command.output().unwrap()
    };
    let page = sandbox.path(&format!("home/.local/share/man/man1/{NAME}.1"));
    let found = String::from_utf8(ask("man", &["-w", NAME]).stdout).unwrap();
    assert_eq!(Path::new(found.trim()), page);
    let shown = ask("git", &["help", "credential-bitbucket"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.status.success() && text.contains("unconfigure"),
        "{text}"
    );
}

#[test]
fn uninstalling_restores_the_configuration_and_leaves_nothing() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    sandbox.succeed(&[]);
    let said = sandbox.succeed(&["--uninstall"]);
    assert!(said.contains("stay where they are"), "{said}");
    assert!(sandbox.calls().ends_with("\nunconfigure\n"));
    assert_eq!(sandbox.home(), BTreeMap::new());
    let again = sandbox.succeed(&["--uninstall"]);
    assert!(again.starts_with("Nothing to remove"), "{again}");
}

#[test]
fn uninstalling_keeps_the_folders_that_were_there() {
    let sandbox = Sandbox::release();
    fs::create_dir_all(sandbox.path("home/.local/bin")).unwrap();
    fs::create_dir_all(sandbox.path("home/.local/share")).unwrap();
    sandbox.write(&format!("release/docs/{NAME}.1"), ".TH manual\n");
    let before = sandbox.home();
    sandbox.succeed(&[]);
    sandbox.succeed(&["--uninstall"]);
    assert_eq!(sandbox.home(), before);
}

#[test]
fn uninstalling_removes_what_every_run_has_added() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    sandbox.write(&format!("release/docs/{NAME}.1"), ".TH manual\n");
    sandbox.succeed(&[]);
    sandbox.succeed(&["--uninstall"]);
    assert_eq!(sandbox.home(), BTreeMap::new());
}

#[test]
fn uninstalling_keeps_what_others_put_beside_the_program() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    sandbox.write("home/.local/bin/other", "");
    sandbox.succeed(&["--uninstall"]);
    let left: Vec<_> = sandbox.home().into_keys().collect();
    let expected = [".local", ".local/bin", ".local/bin/other"];
    assert_eq!(left, expected.map(|path| sandbox.path("home").join(path)));
}

#[test]
fn no_configure_leaves_the_configuration_alone() {
    let sandbox = Sandbox::release();
    let said = sandbox.succeed(&["--no-configure"]);
    assert!(said.trim_end().ends_with("\" configure"), "{said}");
    sandbox.succeed(&["--uninstall", "--no-configure"]);
    assert_eq!(sandbox.calls(), "--version\n");
    assert_eq!(sandbox.home(), BTreeMap::new());
}

#[test]
fn a_prefix_of_any_spelling_is_taken_and_the_line_for_the_profile_works() {
    for prefix in [
        "with space",
        "it's \"quoted\" $HOME `x` \\",
        "-p/",
        "a/../b",
    ] {
        let sandbox = Sandbox::release();
        let folder = sandbox.path("elsewhere").join(prefix);
        if prefix.contains("..") {
            fs::create_dir(sandbox.path("elsewhere/a")).unwrap();
        }
        let said = succeed(sandbox.command(&[]).env("PREFIX", prefix));
        let installed = folder.join("bin").join(NAME);
        assert!(installed.is_file(), "{said}");
        assert!(said.contains("add this line to ~/.profile:\n"), "{said}");
        let line = said
            .lines()
            .find(|line| line.contains("export PATH"))
            .unwrap();
        let mut shell = Command::new("/bin/sh");
        sandbox.prepare(&mut shell);
        let found = succeed(shell.arg("-c").arg(format!("{line}; command -v {NAME}")));
        assert_eq!(
            fs::canonicalize(found.trim_end()).unwrap(),
            installed.canonicalize().unwrap()
        );
        succeed(sandbox.command(&["--uninstall"]).env("PREFIX", prefix));
        assert!(!folder.join("bin").exists());
        assert_eq!(sandbox.home(), BTreeMap::new());
    }
}

#[test]
fn the_line_for_the_profile_suits_the_shell_and_comes_only_when_needed() {
    let sandbox = Sandbox::release();
    for (shell, expected) in [
        ("/bin/bash", "to ~/.bashrc:\n    export PATH=\""),
        ("/usr/bin/zsh", "to ~/.zshrc:\n    export PATH=\""),
        (
            "/usr/bin/fish",
            "to ~/.config/fish/config.fish:\n    fish_add_path \"",
        ),
    ] {
        let said = succeed(sandbox.command(&[]).env("SHELL", shell));
        assert!(said.contains(expected), "{said}");
    }
    let bin = sandbox.path("home/.local/bin");
    let tools = sandbox.path("tools");
    let on_path = std::env::join_paths([&tools, &bin]).unwrap();
    let said = succeed(sandbox.command(&[]).env("PATH", &on_path));
    assert!(!said.contains("PATH"), "{said}");
    sandbox.write(&format!("tools/{NAME}"), "#!/bin/sh\n");
    let said = succeed(sandbox.command(&[]).env("PATH", &on_path));
    let other = tools.join(NAME);
    assert!(
        said.contains(&format!("first: {}.\n", other.display())),
        "{said}"
    );
}

#[test]
fn a_newer_program_that_does_not_run_leaves_the_old_one() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    let before = sandbox.home();
    sandbox.release_program(NAME, "#!/nowhere\n");
    fail(&mut sandbox.command(&[]));
    assert_eq!(sandbox.home(), before);
}

#[test]
fn a_prefix_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::release();
    let file = sandbox.path("home/file");
    fs::write(&file, "").unwrap();
    let before = sandbox.home();
    let complaint = fail(sandbox.command(&[]).env("PREFIX", file.join("below")));
    assert!(
        complaint.contains("Set PREFIX to a folder of yours"),
        "{complaint}"
    );
    assert_eq!(sandbox.home(), before);
}

#[test]
fn a_failure_to_configure_is_told() {
    let sandbox = Sandbox::release();
    let complaint = fail(sandbox.command(&[]).env("FAIL", "configure"));
    assert!(complaint.contains("Git does not use it yet"), "{complaint}");
}

#[test]
fn nothing_is_removed_while_the_configuration_still_names_the_program() {
    let sandbox = Sandbox::release();
    sandbox.succeed(&[]);
    let before = sandbox.home();
    let complaint = fail(sandbox.command(&["--uninstall"]).env("FAIL", "unconfigure"));
    assert!(complaint.contains("nothing was removed"), "{complaint}");
    assert_eq!(sandbox.home(), before);
}

#[test]
fn help_changes_nothing() {
    let sandbox = Sandbox::release();
    let said = sandbox.succeed(&["--help"]);
    for option in [
        "--binary",
        "--no-checksum",
        "--uninstall",
        "--no-configure",
        "PREFIX",
    ] {
        assert!(said.contains(option), "{said}");
    }
    assert_eq!(sandbox.home(), BTreeMap::new());
}

#[test]
fn every_shell_found_runs_the_script() {
    let shells: Vec<Vec<PathBuf>> = [["dash", ""], ["bash", "--posix"], ["busybox", "sh"]]
        .into_iter()
        .filter_map(|[shell, argument]| Some(vec![find(shell)?, argument.into()]))
        .chain([vec!["/bin/sh".into()]])
        .collect();
    for words in shells {
        let sandbox = Sandbox::release();
        for arguments in [&[][..], &["--uninstall"]] {
            let mut command = Command::new(&words[0]);
            sandbox.prepare(&mut command);
            command.args(
                words[1..]
                    .iter()
                    .filter(|word| !word.as_os_str().is_empty()),
            );
            succeed(
                command
                    .arg(sandbox.path("release/install.sh"))
                    .args(arguments),
            );
        }
        assert_eq!(sandbox.calls(), "--version\nconfigure\nunconfigure\n");
        assert_eq!(sandbox.home(), BTreeMap::new());
    }
}
