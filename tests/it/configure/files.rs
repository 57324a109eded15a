//! Which file is changed, and that every byte of it comes back.

use super::machine::*;
use git_credential_bitbucket::cli::configure::Arguments;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

#[test]
fn a_fresh_home_is_configured_and_restored() {
    with_every_git(|machine| {
        let out = machine.configure(GLOBAL);
        let path = machine.own_path();
        assert_eq!(
            read(&machine.gitconfig()),
            format!(
                "# Added by git-credential-bitbucket; \"git credential-bitbucket unconfigure\" \
                 removes it. [new file]\n[credential \"https://bitbucket.org\"]\n\thelper =\n\
                 \thelper = {}\n\tuseHttpPath = true\n",
                machine.own_path_in_file()
            )
        );
        assert_eq!(machine.chain(), [path.as_str()]);
        assert!(
            out.contains("Git now asks git-credential-bitbucket"),
            "{out}"
        );
        assert!(
            out.contains(&format!("{}:4", machine.gitconfig().display())),
            "{out}"
        );
        assert!(
            out.contains("git credential-bitbucket unconfigure"),
            "{out}"
        );
        assert!(!out.contains("warning"), "{out}");
        assert_no_litter(&machine.home());
        let out = machine.unconfigure(GLOBAL);
        assert!(out.contains("Deleted"), "{out}");
        assert!(!machine.gitconfig().exists());
        assert_no_litter(&machine.home());
        assert!(machine.unconfigure(GLOBAL).contains("Nothing to do"));
    });
}

#[test]
fn existing_files_come_back_byte_for_byte() {
    with_every_git(|machine| {
        for before in [
            "",
            "[user]\n\tname = Ada\n",
            "[user]\n\tname = Ada",
            "[user]\r\n\tname = Ada\r\n",
            "[user]\r\n\tname = Ada",
            "[credential]\n\thelper = store --file /dev/null\n\thelper = cache\n",
            "[credential \"https://bitbucket.org\"]\n\thelper = cache\n\tusername = ada\n",
            "\u{feff}[user]\n\tname = J\u{fc}rgen ; \\\n",
            "# only a comment",
        ] {
            fs::write(machine.gitconfig(), before).unwrap();
            machine.configure(GLOBAL);
            assert_eq!(machine.chain(), [machine.own_path()], "{before:?}");
            let once = read(&machine.gitconfig());
            assert!(once.starts_with(before), "{once:?}");
            let crlf = before.contains("\r\n");
            assert_eq!(
                once.matches('\n').count() == once.matches("\r\n").count(),
                crlf
            );
            let out = machine.configure(GLOBAL);
            assert!(out.starts_with("Nothing to do"), "{out}");
            assert_eq!(read(&machine.gitconfig()), once);
            machine.unconfigure(GLOBAL);
            assert_eq!(read(&machine.gitconfig()), before);
        }
    });
}

#[test]
fn mode_and_links_are_kept() {
    with_every_git(|machine| {
        let dotfiles = machine.home().join("dotfiles");
        fs::create_dir(&dotfiles).unwrap();
        let target = dotfiles.join("gitconfig");
        fs::write(&target, "[user]\n\tname = Ada\n").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        symlink("dotfiles/link", machine.gitconfig()).unwrap();
        symlink("gitconfig", dotfiles.join("link")).unwrap();
        let mode = || fs::metadata(&target).unwrap().permissions().mode() & 0o7777;
        machine.configure(GLOBAL);
        assert!(read(&target).contains("[credential"));
        assert_eq!(mode(), 0o600);
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&target), "[user]\n\tname = Ada\n");
        assert_eq!(mode(), 0o600);
        let link = fs::read_link(machine.gitconfig()).unwrap();
        assert_eq!(link, Path::new("dotfiles/link"));
        assert_no_litter(&machine.home());
        assert_no_litter(&dotfiles);
    });
}

#[test]
fn a_link_to_nothing_stays_one() {
    with_every_git(|machine| {
        symlink("real", machine.gitconfig()).unwrap();
        machine.configure(GLOBAL);
        assert!(machine.home().join("real").is_file());
        machine.unconfigure(GLOBAL);
        assert!(machine.gitconfig().is_symlink());
        assert!(!machine.home().join("real").exists());
    });
}

#[test]
fn the_file_is_the_one_that_git_would_write() {
    with_every_git(|mut machine| {
        let xdg = machine.home().join(".config/git/config");
        fs::create_dir_all(xdg.parent().unwrap()).unwrap();
        fs::write(&xdg, "[user]\n\tname = Ada\n").unwrap();
        machine.configure(GLOBAL);
        assert!(read(&xdg).contains("[credential"));
        assert!(!machine.gitconfig().exists());
        // Removed from there even if Git would now write to the other.
        fs::write(machine.gitconfig(), "[user]\n").unwrap();
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&xdg), "[user]\n\tname = Ada\n");
        machine.configure(GLOBAL);
        assert!(read(&machine.gitconfig()).contains("[credential"));
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&machine.gitconfig()), "[user]\n");

        let other = machine.root().join("elsewhere");
        machine.set("GIT_CONFIG_GLOBAL", &other);
        machine.configure(GLOBAL);
        assert!(read(&other).contains("[credential"));
        assert_eq!(read(&machine.gitconfig()), "[user]\n");
        machine.unconfigure(GLOBAL);
        assert!(!other.exists());

        for (value, said) in [
            ("", "GIT_CONFIG_GLOBAL is empty"),
            ("/dev/null", "/dev/null is not"),
        ] {
            machine.set("GIT_CONFIG_GLOBAL", value);
            let error = machine.try_configure(GLOBAL).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    });
}

#[test]
fn system_and_repository_have_their_own_files() {
    with_every_git(|mut machine| {
        machine.configure(SYSTEM);
        let system = machine.root().join("system");
        assert!(read(&system).contains("[credential"));
        assert_eq!(machine.chain(), [machine.own_path()]);
        let mode = fs::metadata(&system).unwrap().permissions().mode();
        fs::write(machine.root().join("plain"), "").unwrap();
        let plain = fs::metadata(machine.root().join("plain")).unwrap();
        assert_eq!(mode, plain.permissions().mode());
        machine.unconfigure(SYSTEM);
        assert!(!system.exists());

        assert!(
            machine
                .try_configure(LOCAL)
                .unwrap_err()
                .contains("change into one")
        );
        machine.git(&["init", "-q", "repository"]);
        fs::create_dir(machine.home().join("repository/below")).unwrap();
        machine.context.directory = machine.home().join("repository/below");
        let config = machine.home().join("repository/.git/config");
        let before = read(&config);
        machine.configure(LOCAL);
        assert!(read(&config).starts_with(&before) && read(&config) != before);
        assert_eq!(machine.chain(), [machine.own_path()]);
        machine.unconfigure(LOCAL);
        assert_eq!(read(&config), before);
        // What the repository says is nothing to the global configuration.
        machine.git(&["config", "credential.helper", ""]);
        machine.configure(GLOBAL);
    });
}

#[test]
fn a_dry_run_changes_nothing() {
    with_every_git(|machine| {
        let dry = Arguments {
            dry_run: true,
            ..GLOBAL
        };
        let out = machine.configure(dry);
        assert!(
            out.contains("Would create") && out.contains(&machine.own_path_in_file()),
            "{out}"
        );
        assert!(!machine.gitconfig().exists());
        fs::write(machine.gitconfig(), "[user]\n").unwrap();
        assert!(machine.configure(dry).contains("Would add to the end of"));
        assert_eq!(read(&machine.gitconfig()), "[user]\n");
        machine.configure(GLOBAL);
        let with = read(&machine.gitconfig());
        assert!(machine.configure(dry).starts_with("Nothing to do"));
        assert!(machine.unconfigure(dry).contains("Would remove"));
        assert_eq!(read(&machine.gitconfig()), with);
    });
}

#[test]
fn edits_in_between_are_kept() {
    with_every_git(|machine| {
        fs::write(machine.gitconfig(), "[user]\n\tname = Ada").unwrap();
        machine.configure(GLOBAL);
        let set = |key: &str, value: &str| machine.git(&["config", "--global", key, value]);
        set("credential.https://bitbucket.org.username", "ada");
        set("core.pager", "cat");
        set("user.email", "ada@example.org");
        machine.unconfigure(GLOBAL);
        assert_eq!(
            read(&machine.gitconfig()),
            "[user]\n\tname = Ada\n\temail = ada@example.org\n[credential \"https://bitbucket.org\"]\n\
             \tusername = ada\n[core]\n\tpager = cat\n"
        );
    });
}

#[test]
fn other_lines_that_name_us_are_told_and_left() {
    with_every_git(|machine| {
        let before = "[credential]\n\thelper = bitbucket\n";
        fs::write(machine.gitconfig(), before).unwrap();
        machine.configure(GLOBAL);
        let out = machine.unconfigure(GLOBAL);
        let place = format!("{}:2", machine.gitconfig().display());
        assert!(
            out.contains(&format!("`bitbucket` in {place} still names")),
            "{out}"
        );
        assert_eq!(read(&machine.gitconfig()), before);
    });
}
