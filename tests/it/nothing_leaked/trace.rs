//! `BITBUCKET_TRACE`: what it tells, where it is written to, and where not.

use super::REQUEST;
use crate::rig::environment::ORDINARY_USER;
use crate::rig::{Finished, Rig, gits};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

fn scene() -> (Rig, String) {
    let (mut rig, token) = Rig::with_alice();
    rig.home.set("BITBUCKET_TOKEN", &token);
    (rig, token)
}

fn get(rig: &Rig) -> Finished {
    rig.helper("get", &format!("{REQUEST}\n")).expect_success()
}

fn private(rig: &Rig, name: &str) -> PathBuf {
    let path = rig.home.add_file(name, "");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file of ours");
    path
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o7777)
}

/// A file of its own, made for its owner alone and only ever added to.
#[test]
fn a_trace_tells_each_decision() {
    let (mut rig, _) = scene();
    let file = rig.home.path().join("trace");
    rig.home.set("BITBUCKET_TRACE", &file);
    assert_eq!(get(&rig).stderr, "");
    let first = fs::read_to_string(&file).expect("a trace");
    for text in [
        " git asks: get bitbucket.org acme/widgets\n",
        " environment: served\n",
        " answer: a credential\n",
    ] {
        assert!(first.contains(text), "{text:?}: {first}");
    }
    assert_eq!(mode(&file), 0o600);
    get(&rig);
    let both = fs::read_to_string(&file).expect("a trace");
    assert!(both.starts_with(&first) && both.len() > first.len());

    for off in ["", "0", "false"] {
        rig.home.set("BITBUCKET_TRACE", off);
        assert_eq!(get(&rig).stderr, "");
    }
    for on in ["1", "true"] {
        rig.home.set("BITBUCKET_TRACE", on);
        let told = get(&rig).stderr;
        let is_told = |line: &str| line.starts_with("bitbucket-trace: ");
        assert!(
            told.lines().count() >= 3 && told.lines().all(is_told),
            "{told}"
        );
    }
    // Of foreign hosts it says nothing: nothing was looked at.
    let foreign = rig.helper("get", "protocol=https\nhost=example.com\n\n");
    assert_eq!(foreign.stderr, "");
}

/// What is a link, a pipe, no file, somebody else's or open to others is not written to.
#[test]
fn the_trace_is_written_to_a_private_file_of_ours_only() {
    let (mut rig, token) = scene();
    let (target, linked) = (private(&rig, "target"), private(&rig, "linked"));
    let path = |name: &str| rig.home.path().join(name);
    symlink(&target, path("link")).expect("a link");
    fs::hard_link(&linked, path("hard")).expect("a link");
    let mut make = rig.home.command(&gits()[0], "mkfifo");
    make.args(["-m", "600"]).arg(path("pipe"));
    rig.run(make, b"").expect_success();
    let open = private(&rig, "open");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o640)).expect("a file of ours");
    let mut refused = vec![
        path("link"),
        path("hard"),
        path("pipe"),
        open,
        path("work"),
        path("missing/trace"),
    ];
    if rustix::process::geteuid().is_root() {
        let foreign = private(&rig, "foreign");
        chown(&foreign, Some(ORDINARY_USER), None).expect("root may give things away");
        refused.push(foreign);
    }
    refused.extend(["trace", "/dev/null", "/dev/tty"].map(PathBuf::from));
    for place in refused {
        rig.home.set("BITBUCKET_TRACE", &place);
        let ended = get(&rig);
        assert!(
            ended.stderr.starts_with("bitbucket: no trace") && ended.stderr.lines().count() == 1,
            "{place:?}: {ended:#?}"
        );
        assert!(ended.stdout.contains(&token));
        if place.is_file() {
            assert_eq!(fs::read(&place).expect("a file"), b"", "{place:?}");
        }
    }
    // The control: such a file is one.
    rig.home.set("BITBUCKET_TRACE", &target);
    assert_eq!(get(&rig).stderr, "");
    assert!(!fs::read(&target).expect("a file").is_empty());
}
