//! Files that cannot be replaced: mounted ones, those of a read-only file system, pipes, and
//! links that lead where another user wants. It is told why, and what to do instead.

use super::machine::*;
use crate::rig::programs::say_skipped;
use std::fs;
use std::os::unix::fs::{lchown, symlink};
use std::process::Command;

/// What a person is to write.
const LINES: &str =
    "\n    [credential \"https://bitbucket.org\"]\n        helper =\n        helper = ";

/// Runs our program in a mount namespace of its own after this script; what it said. `None`
/// where there are no such namespaces, which has been said.
fn after(machine: &Machine, script: &str, command: &str) -> Option<(bool, String)> {
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.arg("--mount");
        if !rustix::process::geteuid().is_root() {
            unshare.arg("--map-root-user");
        }
        unshare
    };
    if !unshare().arg("true").status().is_ok_and(|it| it.success()) {
        say_skipped("mount namespaces (unshare)");
        return None;
    }
    let script = format!("{script}\nexec \"$0\" {command}");
    let output = unshare()
        .args(["sh", "-euc", &script])
        .arg(&machine.context.executable)
        .env_clear()
        .envs(&machine.context.environment)
        .current_dir(machine.home())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8(said).unwrap()))
}

const MOUNTED: &str = "mount --bind \"$HOME/.gitconfig\" \"$HOME/.gitconfig\"";
const MOUNTED_TO_READ: &str = "mount --bind \"$HOME/.gitconfig\" \"$HOME/.gitconfig\"
    mount -o remount,bind,ro \"$HOME/.gitconfig\"";
const READ_ONLY: &str = "mount --bind \"$HOME\" \"$HOME\"
    mount -o remount,bind,ro \"$HOME\"
    cd \"$HOME\"";

#[test]
fn what_cannot_be_replaced_is_told_with_the_lines_to_write() {
    with_every_git(|machine| {
        fs::write(machine.gitconfig(), "[user]\n\tname = Ada\n").unwrap();
        for (script, reason) in [
            (MOUNTED, "it is mounted by itself"),
            (MOUNTED_TO_READ, "it is mounted by itself"),
            (READ_ONLY, "it is on a read-only file system"),
        ] {
            let Some((done, said)) = after(&machine, script, "configure --store file") else {
                return;
            };
            assert!(!done, "{said}");
            let path = machine.gitconfig();
            let begin = format!("error: cannot write {}: {reason}", path.display());
            assert!(said.starts_with(&begin), "{said}");
            let line = format!("{LINES}{} --store=file\n", machine.own_path());
            assert!(
                said.contains(&line) && said.contains("useHttpPath = true"),
                "{said}"
            );
            assert_eq!(read(&path), "[user]\n\tname = Ada\n");
            assert_no_litter(&machine.home());
        }
    });
}

/// As home-manager makes it: a link to a file that only another program writes.
#[test]
fn a_link_to_a_read_only_file_system_is_told_the_same_way() {
    with_every_git(|machine| {
        let made = machine.root().join("store");
        fs::create_dir(&made).unwrap();
        fs::write(made.join("config"), "[user]\n").unwrap();
        symlink(made.join("config"), machine.gitconfig()).unwrap();
        let script = format!(
            "mount --bind '{0}' '{0}'\nmount -o remount,bind,ro '{0}'",
            made.display()
        );
        let Some((done, said)) = after(&machine, &script, "configure") else {
            return;
        };
        assert!(
            !done && said.contains("it is on a read-only file system"),
            "{said}"
        );
        assert!(said.contains(LINES), "{said}");
        assert_no_litter(&made);
        assert_no_litter(&machine.home());
    });
}

#[test]
fn our_section_in_such_a_file_is_named_and_stays() {
    with_every_git(|machine| {
        machine.configure(GLOBAL);
        let with = read(&machine.gitconfig());
        let Some((done, said)) = after(&machine, READ_ONLY, "unconfigure") else {
            return;
        };
        assert!(
            !done && said.contains("it is on a read-only file system"),
            "{said}"
        );
        assert!(
            said.contains("Take our section out of what it is made from"),
            "{said}"
        );
        assert_eq!(read(&machine.gitconfig()), with);
    });
}

/// Whoever runs `sudo` in another's home must not write where that other one wants.
#[test]
fn another_user_s_link_is_not_followed() {
    if !rustix::process::geteuid().is_root() {
        return say_skipped("root");
    }
    with_every_git(|machine| {
        let target = machine.root().join("target");
        fs::write(&target, "[user]\n").unwrap();
        let inner = machine.home().join("inner");
        for theirs in [machine.gitconfig(), inner.clone()] {
            symlink(&inner, machine.gitconfig()).unwrap();
            symlink(&target, &inner).unwrap();
            lchown(&theirs, Some(12345), Some(12345)).unwrap();
            let error = machine.try_configure(GLOBAL).unwrap_err();
            assert!(error.contains("a link that another user made"), "{error}");
            assert_eq!(read(&target), "[user]\n");
            fs::remove_file(machine.gitconfig()).unwrap();
            fs::remove_file(&inner).unwrap();
        }
    });
}

/// Git waits for a pipe until somebody writes to it: nothing is started then.
#[test]
fn a_pipe_in_place_of_the_configuration_is_told() {
    with_every_git(|mut machine| {
        machine.git(&["init", "-q", "--template=", "repository"]);
        machine.context.directory = machine.home().join("repository");
        let pipe = machine.gitconfig();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap();
        for arguments in [GLOBAL, SYSTEM, LOCAL] {
            let error = machine.try_configure(arguments).unwrap_err();
            let begin = format!("{} is a named pipe", pipe.display());
            assert!(error.contains(&begin), "{error}");
        }
        machine.set("GIT_CONFIG_GLOBAL", "/dev/null");
        machine.configure(SYSTEM);
        machine.unconfigure(SYSTEM);
    });
}
