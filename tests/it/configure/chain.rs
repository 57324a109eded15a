//! Whom Git asks afterwards, and what is said if that is not us.

use super::machine::*;
use crate::rig::programs;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn any_path_is_quoted_so_that_git_starts_it() {
    for git in gits() {
        for folder in [
            "a b",
            "J\u{fc}rgen",
            "it's $HOME & \"co\"; #1",
            "back\\slash",
            "(x) [y]*",
        ] {
            let machine = Machine::new(&git, folder);
            let out = machine.configure(GLOBAL);
            assert!(!out.contains("not found"), "{out}");
            let chain = machine.chain();
            assert_eq!(chain.len(), 1, "{chain:?}");
            machine.unconfigure(GLOBAL);
            assert!(!machine.gitconfig().exists());
        }
    }
}

#[test]
fn the_link_on_path_is_preferred_to_where_it_ends() {
    with_every_git(|mut machine| {
        let cellar = machine.root().join("cellar");
        fs::rename(machine.root().join("bin"), &cellar).unwrap();
        fs::create_dir(machine.root().join("bin")).unwrap();
        let link = machine.context.executable.clone();
        symlink("../cellar/git-credential-bitbucket", &link).unwrap();
        machine.context.executable = cellar.join("git-credential-bitbucket");
        machine.configure(GLOBAL);
        assert_eq!(machine.chain(), [as_word(&link)]);
        // A program of that name that is not us, in front on PATH, is not us.
        fs::remove_file(&link).unwrap();
        programs::write(&link, "#!/bin/sh\n");
        machine.configure(GLOBAL);
        assert_eq!(machine.chain(), [machine.own_path()]);
    });
}

#[test]
fn by_name_where_everybody_finds_it() {
    with_every_git(|mut machine| {
        let output = Command::new(&machine.context.git)
            .arg("--exec-path")
            .output()
            .unwrap();
        let real = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end());
        let exec_path = machine.root().join("exec");
        fs::create_dir(&exec_path).unwrap();
        for entry in fs::read_dir(real).unwrap() {
            let entry = entry.unwrap();
            symlink(entry.path(), exec_path.join(entry.file_name())).unwrap();
        }
        symlink(
            &machine.context.executable,
            exec_path.join("git-credential-bitbucket"),
        )
        .unwrap();
        machine.set("GIT_EXEC_PATH", &exec_path);
        machine.configure(GLOBAL);
        assert!(read(&machine.gitconfig()).contains("\thelper = bitbucket\n"));
        machine.unconfigure(GLOBAL);
        assert!(!machine.gitconfig().exists());
    });
}

#[test]
fn running_it_again_repairs_the_order() {
    with_every_git(|machine| {
        fs::write(machine.gitconfig(), "[user]\n\tname = Ada").unwrap();
        machine.configure(GLOBAL);
        for (later, broken) in [
            ("[credential]\n\thelper = store\n", 2),
            ("[credential]\n\thelper = bitbucket\n", 2),
            (
                "[credential \"https://bitbucket.org\"]\n\thelper =\n\thelper = cache\n",
                1,
            ),
        ] {
            let before = read(&machine.gitconfig());
            fs::write(machine.gitconfig(), format!("{before}{later}")).unwrap();
            assert_eq!(machine.chain().len(), broken);
            let out = machine.configure(GLOBAL);
            assert!(out.contains("our section is now at its end"), "{out}");
            assert_eq!(machine.chain(), [machine.own_path()], "{later}");
        }
        let text = read(&machine.gitconfig());
        assert_eq!(
            text.matches("Added by git-credential-bitbucket").count(),
            1,
            "{text}"
        );
        // Settings that do not matter may follow us.
        machine.git(&["config", "--global", "core.pager", "cat"]);
        let before = read(&machine.gitconfig());
        assert!(machine.configure(GLOBAL).starts_with("Nothing to do"));
        assert_eq!(read(&machine.gitconfig()), before);
    });
}

#[test]
fn a_section_that_someone_changed_is_written_anew() {
    with_every_git(|machine| {
        machine.configure(GLOBAL);
        let before = read(&machine.gitconfig());
        machine.git(&[
            "config",
            "--global",
            "credential.https://bitbucket.org.useHttpPath",
            "false",
        ]);
        assert_ne!(read(&machine.gitconfig()), before);
        machine.configure(GLOBAL);
        assert!(read(&machine.gitconfig()).ends_with("\tuseHttpPath = true\n"));
    });
}

#[test]
fn a_helper_in_a_later_file_is_named() {
    with_every_git(|machine| {
        fs::write(
            machine.gitconfig(),
            "# mine\n[credential]\n\thelper = store\n\thelper = no-such\n",
        )
        .unwrap();
        let out = machine.configure(SYSTEM);
        let place = format!("{}:3", machine.gitconfig().display());
        assert!(
            out.contains(&format!("warning: `store` in {place}")),
            "{out}"
        );
        assert!(out.contains("2. store"), "{out}");
        assert!(out.contains(":4 (not found)"), "{out}");
        assert!(!out.contains("warning: `no-such`"), "{out}");
        let again = machine.configure(SYSTEM);
        assert!(
            again.starts_with("Nothing to do") && again.contains("warning: `store`"),
            "{again}"
        );
        machine.unconfigure(SYSTEM);
    });
}

#[test]
fn a_path_that_is_not_sent_is_repaired_or_told() {
    with_every_git(|machine| {
        let off = "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = no\n";
        machine.configure(GLOBAL);
        let text = read(&machine.gitconfig()) + off;
        fs::write(machine.gitconfig(), text).unwrap();
        let out = machine.configure(GLOBAL);
        assert!(
            out.contains("at its end") && !out.contains("warning"),
            "{out}"
        );
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&machine.gitconfig()), off);
        let out = machine.configure(SYSTEM);
        assert!(out.contains("warning: useHttpPath"), "{out}");
    });
}

#[test]
fn what_defeats_us_is_named_and_nothing_changes() {
    with_every_git(|mut machine| {
        let included = machine.home().join("included");
        let include = "[include]\n\tpath = included\n";
        let system = machine.root().join("system");
        for pattern in [
            "",
            " \"https://bitbucket.org\"",
            " \"bitbucket.org\"",
            " \"https://*.org\"",
        ] {
            let text = format!(
                "[credential \"https://other.example\"]\n\thelper =\n\n[credential{pattern}]\n\
                 \t# next\n\thelper =\n\thelper = cache\n"
            );
            fs::write(&included, text).unwrap();
            fs::write(machine.gitconfig(), include).unwrap();
            fs::write(&system, "[user]\n\tname = x").unwrap();
            let error = machine.try_configure(SYSTEM).unwrap_err();
            assert!(
                error.contains(&format!("{}:6 removes", included.display())),
                "{error}"
            );
            assert!(
                error.contains("git credential-bitbucket configure --system"),
                "{error}"
            );
            assert_eq!(read(&system), "[user]\n\tname = x");
            assert_no_litter(&machine.root());
        }
        // Included before us it does no harm.
        machine.configure(GLOBAL);
        assert_eq!(machine.chain(), [machine.own_path()]);
        machine.unconfigure(GLOBAL);
        assert_eq!(read(&machine.gitconfig()), include);

        machine.set("GIT_CONFIG_COUNT", "1");
        machine.set("GIT_CONFIG_KEY_0", "credential.helper");
        machine.set("GIT_CONFIG_VALUE_0", "");
        let error = machine.try_configure(GLOBAL).unwrap_err();
        assert!(error.contains("GIT_CONFIG_COUNT"), "{error}");
        assert_eq!(read(&machine.gitconfig()), include);

        fs::remove_file(machine.gitconfig()).unwrap();
        machine.try_configure(GLOBAL).unwrap_err();
        assert!(!machine.gitconfig().exists());
    });
}

#[test]
fn a_file_that_git_does_not_read_is_named() {
    with_every_git(|mut machine| {
        machine.set("GIT_CONFIG_NOSYSTEM", "1");
        let error = machine.try_configure(SYSTEM).unwrap_err();
        assert!(error.contains("Git does not read"), "{error}");
        assert!(!machine.root().join("system").exists());
    });
}

#[test]
fn helpers_are_asked_without_our_secrets() {
    with_every_git(|mut machine| {
        let seen = machine.root().join("seen");
        let script = format!("#!/bin/sh\nenv >'{0}'\ncat >>'{0}'\n", seen.display());
        fs::remove_file(&machine.context.executable).unwrap();
        programs::write(&machine.context.executable, &script);
        machine.set("BITBUCKET_TOKEN", "a-secret");
        machine.set("GIT_TRACE2_PARENT_SID", "parent");
        machine.set("GIT_TRACE2_EVENT", machine.root().join("trace"));
        machine.set("GIT_DIR", "/nowhere");
        machine.configure(GLOBAL);
        let seen = read(&seen);
        assert!(seen.contains("host=bitbucket.org\n"), "{seen}");
        assert!(
            seen.contains("username=nobody-") && seen.contains("password=nobody-"),
            "{seen}"
        );
        assert!(
            !seen.contains("a-secret") && !seen.contains("GIT_DIR"),
            "{seen}"
        );
        assert!(!machine.root().join("trace").exists());
    });
}
