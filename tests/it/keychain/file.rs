//! The store `file`: what is refused around the file.

use super::conformance::{SERVICE, faults, item, items, payloads, write};
use super::session::{Peers, again, folder, in_session};
use crate::rig::programs;
use git_credential_bitbucket::keychain::{Failure, Store as _, Unlock, file};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set where a test runs itself once more, to do one thing.
const TASK: &str = "KEYCHAIN_TEST_TASK";

pub fn place() -> PathBuf {
    folder().join("data/git-credential-bitbucket")
}

fn path() -> PathBuf {
    place().join("credentials")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every call is refused for a reason that has `text`.
fn refused(text: &str) {
    faults(
        &file(),
        &|failure| matches!(failure, Failure::Failed(reason) if reason.to_string().contains(text)),
    );
}

#[test]
fn file_and_folder_are_their_owner_s_alone() {
    let name = "file::file_and_folder_are_their_owner_s_alone";
    in_session(name, &Peers::Nobody, || {
        for _ in 0..2 {
            write(&file(), "alice", "ours");
            let mut names: Vec<_> = fs::read_dir(place())
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            assert_eq!(names, ["credentials", "lock"]);
            assert_eq!(mode(&place()), 0o700);
            assert_eq!(mode(&path()), 0o600);
        }
        assert_eq!(fs::read(place().join("lock")).unwrap(), b"");
    });
}

#[test]
fn what_was_deleted_is_in_no_file() {
    in_session(
        "file::what_was_deleted_is_in_no_file",
        &Peers::Nobody,
        || {
            write(&file(), "alice", "ours");
            // As a writer leaves it that was killed before its last step.
            fs::copy(path(), place().join("credentials.new")).unwrap();
            let kept = items(&file(), SERVICE, None).remove(0);
            file().delete(SERVICE, &kept, Unlock::Never).unwrap();
            let left: Vec<_> = fs::read_dir(place()).unwrap().flatten().collect();
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!(left[0].file_name(), "lock");
        },
    );
}

#[test]
fn a_file_open_to_others_is_refused() {
    in_session(
        "file::a_file_open_to_others_is_refused",
        &Peers::Nobody,
        || {
            write(&file(), "alice", "ours");
            for wrong in [0o640, 0o604, 0o620, 0o602, 0o644] {
                set_mode(&path(), wrong);
                refused("credentials' is open to others; run: chmod 600 ");
            }
            set_mode(&path(), 0o600);
            for wrong in [0o750, 0o705, 0o710, 0o701, 0o770] {
                set_mode(&place(), wrong);
                refused("is open to others; run: chmod 700 ");
            }
            set_mode(&place(), 0o700);
            assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
        },
    );
}

#[test]
fn links_and_other_kinds_are_refused() {
    in_session(
        "file::links_and_other_kinds_are_refused",
        &Peers::Nobody,
        || {
            write(&file(), "alice", "ours");
            let moved = folder().join("moved");
            fs::rename(path(), &moved).unwrap();
            symlink(&moved, path()).unwrap();
            refused("credentials' is a link");
            fs::remove_file(path()).unwrap();
            symlink(folder().join("nowhere"), path()).unwrap();
            refused("credentials' is a link");
            fs::remove_file(path()).unwrap();
            fs::create_dir(path()).unwrap();
            refused("something else in its place");
            fs::remove_dir(path()).unwrap();
            let pipe = Command::new("mkfifo").arg(path()).status();
            assert!(pipe.unwrap().success());
            set_mode(&path(), 0o600);
            refused("something else in its place");
            fs::remove_file(path()).unwrap();
            fs::rename(moved, path()).unwrap();

            let moved = folder().join("moved");
            fs::rename(place(), &moved).unwrap();
            symlink(&moved, place()).unwrap();
            refused("git-credential-bitbucket' is a link");
            fs::remove_file(place()).unwrap();
            symlink(folder().join("nowhere"), place()).unwrap();
            refused("git-credential-bitbucket' is a link");
            fs::remove_file(place()).unwrap();
            fs::write(place(), "").unwrap();
            refused("something else in its place");
            fs::remove_file(place()).unwrap();
            fs::rename(moved, place()).unwrap();
            assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
        },
    );
}

/// Whoever stands still in the middle of a write keeps others from writing, not from reading.
#[test]
fn a_writer_that_never_ends_is_waited_for_within_bounds() {
    let name = "file::a_writer_that_never_ends_is_waited_for_within_bounds";
    in_session(name, &Peers::Nobody, || {
        write(&file(), "alice", "ours");
        let lock = fs::File::open(place().join("lock")).unwrap();
        lock.lock().unwrap();
        let written = file().write(SERVICE, &item("alice", "new"), Unlock::Never);
        let expected = matches!(&written, Err(Failure::Unreachable(text)) if text.to_string().contains("is writing"));
        assert!(expected, "{written:?}");
        assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
        lock.unlock().unwrap();
        write(&file(), "alice", "new");
        assert_eq!(payloads(&file(), SERVICE, None), ["new"]);
    });
}

/// Only root can give a file away.
#[test]
fn what_belongs_to_another_is_refused() {
    in_session(
        "file::what_belongs_to_another_is_refused",
        &Peers::Nobody,
        || {
            write(&file(), "alice", "ours");
            for given in [path(), place()] {
                let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&given).unwrap());
                if chown(&given, Some(65534), None).is_err() {
                    return programs::say_skipped("root");
                }
                refused("belongs to another user");
                chown(&given, Some(owner), None).unwrap();
            }
            assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
        },
    );
}

#[test]
fn a_file_cut_anywhere_is_refused_and_stays() {
    let name = "file::a_file_cut_anywhere_is_refused_and_stays";
    in_session(name, &Peers::Nobody, || {
        write(&file(), "alice", "ours");
        let whole = fs::read(path()).unwrap();
        for length in 0..whole.len() {
            fs::write(path(), &whole[..length]).unwrap();
            refused("move '");
            assert_eq!(fs::read(path()).unwrap(), &whole[..length]);
        }
        fs::write(path(), &whole).unwrap();
        assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
    });
}

#[test]
fn without_a_folder_it_fails_and_is_not_empty() {
    let name = "file::without_a_folder_it_fails_and_is_not_empty";
    in_session(name, &Peers::Nobody, || {
        if std::env::var_os(TASK).is_some() {
            return faults(
                &file(),
                &|failure| matches!(failure, Failure::Unreachable(text) if text.to_string().contains("set HOME")),
            );
        }
        let mut homeless = again(TASK, "");
        homeless.env_remove("HOME").env("XDG_DATA_HOME", "data");
        assert!(homeless.status().unwrap().success());
        fs::write(folder().join("data"), "").unwrap();
        refused("Not a directory");
    });
}

/// A small file system that is gone with its guard.
struct Disk(PathBuf);

impl Disk {
    /// `None` where none can be mounted: it takes root, and a kernel that lets root.
    fn mount(at: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&at);
        let mounted = mount.stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(at))
        } else {
            programs::say_skipped("the right to mount");
            None
        }
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0);
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_or_read_only_disk_loses_nothing() {
    in_session(
        "file::a_full_or_read_only_disk_loses_nothing",
        &Peers::Nobody,
        || {
            let Some(disk) = Disk::mount(folder().join("data"), "size=64k") else {
                return;
            };
            write(&file(), "alice", "ours");
            let fails = |payload: &str, reason: &str| {
                let written = file().write(SERVICE, &item("alice", payload), Unlock::Never);
                let expected = matches!(&written, Err(Failure::Failed(text)) if text.to_string().contains(reason));
                assert!(expected, "{written:?}");
                assert_eq!(payloads(&file(), SERVICE, None), ["ours"]);
                assert!(!place().join("credentials.new").exists());
            };
            fails(&"x".repeat(64 * 1024), "No space");
            disk.remount("ro");
            fails("new", "Read-only");
            disk.remount("rw");
            write(&file(), "alice", "new");
            assert_eq!(payloads(&file(), SERVICE, None), ["new"]);
        },
    );
}
