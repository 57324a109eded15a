//! S24: links, pipes, and files and folders of others in place of ours. The only file that
//! we read and write beside Git's configuration is the notes, which hold no secret: what
//! is not surely ours counts as none, is never waited for and never written through. Tried with a
//! token of each site.
#![cfg(target_os = "linux")]

use crate::rig::terminal::Terminal;
use crate::rig::{Rig, gits, tokens};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// Somebody else.
const NOBODY: u32 = 65_534;

struct Scene {
    rig: Rig,
    /// What Git says of the site, and what its line has after our name.
    message: &'static str,
    option: &'static str,
    /// Where our folder is, or would be.
    folder: PathBuf,
    /// Notes that say that the coming expiry was mentioned just now.
    notes: String,
}

impl Scene {
    /// One for each site.
    fn each() -> impl Iterator<Item = Self> {
        [false, true].into_iter().map_while(Self::new)
    }

    /// A token that expires soon, of a Data Center or of Bitbucket Cloud, and no notes yet.
    fn new(is_data_center: bool) -> Option<Self> {
        let mut rig = Rig::new();
        if !rig.start_keyring() {
            return None;
        }
        let now = std::time::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_secs();
        let (site, kind, token) = if is_data_center {
            let token = tokens::data_center_token(1);
            ("https://git.acme.example", "http-token", token)
        } else {
            let token = tokens::api_token(1);
            ("https://bitbucket.org", "api-token", token)
        };
        let details = format!(
            r#"{{"version":1,"id":"1","kind":"{kind}","username":"alice","added":1,"expires":{}}}"#,
            now + 5 * 86_400
        );
        let service = format!("git-credential-bitbucket:{site}");
        let attributes = [("service", &*service), ("account", "alice")];
        let payload = format!("{token}\n{details}");
        rig.keyring().store("Bitbucket", &payload, &attributes);
        let folder = rig.home.path().join(".cache/git-credential-bitbucket");
        let notes = format!(r#"{{"warned":{{"1":{now}}}}}"#);
        let (message, option) = if is_data_center {
            (
                "protocol=https\\nhost=git.acme.example\\n\\n",
                "--data-center=https://git.acme.example",
            )
        } else {
            ("protocol=https\\nhost=bitbucket.org\\n\\n", "")
        };
        Some(Self {
            rig,
            message,
            option,
            folder,
            notes,
        })
    }

    /// Whether a `get` mentions the expiry, which it does unless it believes such notes.
    fn warns(&self) -> bool {
        let (message, option) = (self.message, self.option);
        let script = format!("printf '{message}' | git credential-bitbucket {option} get");
        let mut command = self.rig.home.command(&gits()[0], "sh");
        command.args(["-c", &script]);
        let ended = Terminal::open(&command).finish().expect_success();
        assert!(ended.transcript.contains("username=alice"), "{ended:#?}");
        ended.transcript.contains("expires in ")
    }

    /// What lies in our folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }
}

fn with_each_site<T: Copy>(what: T) -> impl Iterator<Item = (Scene, T)> {
    Scene::each().map(move |scene| (scene, what))
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder in the home");
    fs::write(path, text).expect("a file in the home");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a file of ours");
}

fn make_folder(path: &Path, mode: u32) {
    fs::create_dir_all(path).expect("a folder in the home");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a folder of ours");
}

/// The control: notes of ours are believed, and the ones that we write are private.
#[test]
fn s24_our_own_file_is_believed() {
    for scene in Scene::each() {
        let file = scene.folder.join("notes.json");
        assert!(scene.warns());
        let mode = |path: &Path| fs::metadata(path).expect("written").permissions().mode() & 0o777;
        assert_eq!((mode(&scene.folder), mode(&file)), (0o700, 0o600));
        assert!(!scene.warns());
        write(&file, &scene.notes, 0o644);
        assert!(!scene.warns());
    }
}

#[test]
fn s24_another_s_file_is_not_believed() {
    type Plant = fn(&Scene, &Path, &Path);
    let plants: [(&str, Plant); 7] = [
        ("link", |scene, file, target| {
            write(target, &scene.notes, 0o600);
            symlink(target, file).expect("a link");
        }),
        ("pipe", |scene, file, _| {
            let mut command = scene.rig.home.command(&gits()[0], "mkfifo");
            command.arg(file);
            scene.rig.run(command, b"").expect_success();
        }),
        ("endless", |_, file, _| {
            symlink("/dev/zero", file).expect("a link");
        }),
        ("folder", |_, file, _| make_folder(file, 0o700)),
        ("writable", |scene, file, _| {
            write(file, &scene.notes, 0o622);
        }),
        ("long", |scene, file, _| {
            write(file, &(scene.notes.clone() + &" ".repeat(1 << 16)), 0o600);
        }),
        ("foreign", |scene, file, _| {
            write(file, &scene.notes, 0o600);
            // Nobody but root can show this; for others it is the case above.
            if chown(file, Some(NOBODY), None).is_err() {
                fs::set_permissions(file, Permissions::from_mode(0o622)).expect("ours");
            }
        }),
    ];
    for (scene, (name, plant)) in plants.into_iter().flat_map(with_each_site) {
        let file = scene.folder.join("notes.json");
        let target = scene.rig.home.path().join("target");
        make_folder(&scene.folder, 0o700);
        plant(&scene, &file, &target);
        assert!(scene.warns(), "{name}");
        // Replaced, not written through; of a draft nothing is left.
        assert_eq!(scene.names(), ["notes.json"], "{name}");
        let kept = fs::read_to_string(&target).unwrap_or(scene.notes.clone());
        assert_eq!(kept, scene.notes, "{name}");
        assert_eq!(scene.warns(), name == "folder", "{name}");
    }
}

#[test]
fn s24_another_s_folder_is_not_used() {
    type Plant = fn(&Path, &Path);
    let plants: [(&str, Plant); 4] = [
        ("link", |folder, target| {
            make_folder(target, 0o700);
            symlink(target, folder).expect("a link");
        }),
        ("writable", |folder, _| make_folder(folder, 0o777)),
        ("file", |folder, _| write(folder, "", 0o600)),
        ("foreign", |folder, _| {
            make_folder(folder, 0o755);
            if chown(folder, Some(NOBODY), None).is_err() {
                make_folder(folder, 0o777);
            }
        }),
    ];
    for (scene, (name, plant)) in plants.into_iter().flat_map(with_each_site) {
        plant(&scene.folder, &scene.rig.home.path().join("target"));
        for _ in 0..2 {
            assert!(scene.warns(), "{name}");
            assert!(scene.names().is_empty(), "{name}");
        }
    }
}

/// A relative cache folder would lie in whatever repository we run in.
#[test]
fn s24_nothing_is_written_where_we_happen_to_be() {
    for mut scene in Scene::each() {
        scene.rig.home.set("XDG_CACHE_HOME", ".");
        scene.rig.home.set("HOME", ".");
        for _ in 0..2 {
            assert!(scene.warns());
        }
        let mut work = fs::read_dir(scene.rig.home.work()).expect("a folder in the home");
        assert!(work.next().is_none());
    }
}
