//! Broken files, locks of others, and being killed.

use super::machine::*;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::cli::{configure, unconfigure};
use git_credential_bitbucket::git::Context;
use git_credential_bitbucket::git::config_file::ConfigFile;
use git_credential_bitbucket::setup::line_options::Options;
use git_credential_bitbucket::setup::section::{Section, remove};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_broken_file_stays_as_it_is() {
    with_every_git(|machine| {
        fs::write(machine.gitconfig(), "[user\n").unwrap();
        let error = machine.try_configure(GLOBAL).unwrap_err();
        assert!(error.contains("bad config line"), "{error}");
        assert_eq!(read(&machine.gitconfig()), "[user\n");
    });
}

#[test]
fn a_program_that_cannot_start_is_no_helper() {
    with_every_git(|machine| {
        fs::set_permissions(
            &machine.context.executable,
            fs::Permissions::from_mode(0o644),
        )
        .unwrap();
        let error = machine.try_configure(GLOBAL).unwrap_err();
        assert!(error.contains("cannot start"), "{error}");
        assert!(!machine.gitconfig().exists());
    });
}

#[test]
fn a_lock_of_another_program_is_respected() {
    let machine = Machine::new(&gits()[0], "bin");
    let lock = machine.home().join(".gitconfig.lock");
    for theirs in ["", "[user]\n\tname = half wri"] {
        fs::write(machine.gitconfig(), "[user]\n\tname = half written\n").unwrap();
        fs::write(&lock, theirs).unwrap();
        let error = machine.try_configure(GLOBAL).unwrap_err();
        assert!(error.contains(lock.to_str().unwrap()), "{error}");
        assert_eq!(read(&lock), theirs);
        assert_eq!(
            read(&machine.gitconfig()),
            "[user]\n\tname = half written\n"
        );
        assert!(!machine.home().join(".gitconfig.bitbucket").exists());
    }
}

#[test]
fn a_lock_of_a_killed_run_is_cleared() {
    let machine = Machine::new(&gits()[0], "bin");
    let lock = machine.home().join(".gitconfig.lock");
    fs::write(machine.gitconfig(), "[user]\n\tname = Ada\n").unwrap();
    machine.configure(GLOBAL);
    let with = read(&machine.gitconfig());
    machine.unconfigure(GLOBAL);
    fs::write(&lock, &with).unwrap();
    fs::write(machine.home().join(".gitconfig.bitbucket"), "half").unwrap();
    machine.configure(GLOBAL);
    assert_eq!(read(&machine.gitconfig()), with);
    assert_no_litter(&machine.home());
}

/// Configures and unconfigures until it is killed.
fn configure_for_ever(home: OsString) -> ! {
    let path = std::env::join_paths([Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let context = Context {
        environment: [
            ("HOME".into(), home),
            ("PATH".into(), path),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
        ]
        .into(),
        executable: std::env::var_os("CONFIGURE_FOR_EVER_AS").unwrap().into(),
        git: gits().remove(0),
        directory: "/".into(),
    };
    loop {
        configure::run(
            &context,
            &CLOUD,
            GLOBAL,
            &Options::default(),
            &mut Vec::new(),
        )
        .unwrap();
        unconfigure::run(&context, Some(&CLOUD), GLOBAL, &mut Vec::new()).unwrap();
    }
}

#[test]
fn killed_at_any_point_leaves_the_old_file_or_the_new_one() {
    const NAME: &str = "configure::faults::killed_at_any_point_leaves_the_old_file_or_the_new_one";
    if let Some(home) = std::env::var_os("CONFIGURE_FOR_EVER_IN") {
        configure_for_ever(home);
    }
    let machine = Machine::new(&gits()[0], "bin");
    let old = format!("[user]\n\tname = {}\n", "Ada".repeat(20_000));
    fs::write(machine.gitconfig(), &old).unwrap();
    machine.configure(GLOBAL);
    let new = read(&machine.gitconfig());
    let mut found = [0, 0];
    for round in 0..60_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env("CONFIGURE_FOR_EVER_IN", machine.home())
            .env("CONFIGURE_FOR_EVER_AS", &machine.context.executable)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // From its first change on, it is killed a little later in each round.
        let begin = read(&machine.gitconfig());
        while read(&machine.gitconfig()) == begin {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended, round {round}"
            );
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(round * 1_713));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = read(&machine.gitconfig());
        assert!(
            now == old || now == new,
            "neither old nor new, round {round}"
        );
        found[usize::from(now == new)] += 1;
        // The next run clears them after two seconds; here there are too many for that.
        if round < 59 {
            let _ = fs::remove_file(machine.home().join(".gitconfig.lock"));
            let _ = fs::remove_file(machine.home().join(".gitconfig.bitbucket"));
        }
    }
    assert!(
        found.iter().all(|&times| times > 0),
        "one side never seen: {found:?}"
    );
    machine.configure(GLOBAL);
    assert_eq!(read(&machine.gitconfig()), new);
    machine.unconfigure(GLOBAL);
    assert_eq!(read(&machine.gitconfig()), old);
    assert_no_litter(&machine.home());
}

#[test]
fn many_at_once_make_one_section() {
    let machine = Machine::new(&gits()[0], "bin");
    fs::write(machine.gitconfig(), "[user]\n\tname = Ada").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| machine.configure(GLOBAL));
        }
    });
    let text = read(&machine.gitconfig());
    assert_eq!(text.matches("[credential").count(), 1, "{text}");
    assert_no_litter(&machine.home());
    machine.unconfigure(GLOBAL);
    assert_eq!(read(&machine.gitconfig()), "[user]\n\tname = Ada");
}

#[test]
fn nothing_that_git_writes_meanwhile_is_lost() {
    let machine = Machine::new(&gits()[0], "bin");
    let file = ConfigFile::at(&machine.gitconfig()).unwrap();
    let section = Section {
        url: "https://bitbucket.org",
        helper: b"bitbucket",
    };
    let strip = |text: &[u8]| remove(text, section.url).content;
    let values: Vec<_> = (0..40).map(|number: u32| number.to_string()).collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                file.edit(|now| Some(section.add(now)), strip).unwrap();
                file.edit(|now| now.map(strip), strip).unwrap();
            }
        });
        for value in &values {
            while !machine.try_git(&["config", "--global", "--add", "test.key", value]) {}
        }
        done.store(true, Ordering::Relaxed);
    });
    let kept = read(&machine.gitconfig());
    for value in &values {
        assert!(
            kept.contains(&format!("\tkey = {value}\n")),
            "{value}: {kept}"
        );
    }
}
