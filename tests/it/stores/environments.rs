//! Where Git runs decides which store `auto` finds. The rows are those of
//! `docs/platforms.md`, and each is made here with the real programs of the system.

#![allow(
    clippy::unnecessary_wraps,
    reason = "some rows cannot be made everywhere, and all functions have one form"
)]

use super::scene::{SERVICE, Scene, answer, ours};
use crate::rig::bus;
use crate::rig::environment::Environment;
use crate::rig::programs::{present, say_skipped};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Finished, Git, gits};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// One row of the document's table.
struct Row {
    /// Where Git runs.
    place: &'static str,
    /// What becomes of a token.
    then: &'static str,
    /// What is said.
    said: &'static str,
    /// Makes it and returns all that was shown; `None` if that cannot be made here.
    make: fn(&Git) -> Option<String>,
}

const KEPT: &str = "kept in the keychain";
const ASKED: &str = "kept where the person says, asked once";
const NOTHING: &str = "nothing is kept";
const NO_BUS: &str = "no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { place: "a desktop session", then: KEPT, said: "It is kept in the Secret Service keyring", make: desktop },
    Row { place: "a desktop session of root's", then: KEPT, said: "It is kept in the Secret Service keyring", make: desktop_of_root },
    Row { place: "a systemd timer or service of the user's, keyring open", then: KEPT, said: "", make: user_unit },
    Row { place: "the same, keyring locked", then: NOTHING, said: "the Secret Service keyring is locked; unlock it, then try again", make: user_unit_locked },
    Row { place: "`sudo git push` in a terminal", then: ASKED, said: NO_BUS, make: sudo },
    Row { place: "`su -` in a terminal", then: ASKED, said: NO_BUS, make: su },
    Row { place: "`ssh host`, then `git push`", then: ASKED, said: NO_BUS, make: ssh },
    Row { place: "`ssh host git push`", then: NOTHING, said: NO_BUS, make: ssh_command },
    Row { place: "cron", then: NOTHING, said: NO_BUS, make: cron },
    Row { place: "a systemd service of the system's, without HOME", then: NOTHING, said: NO_BUS, make: system_unit },
    Row { place: "the same with `--token-file` and `LoadCredential=`", then: "the file's token", said: "", make: system_unit_with_credential },
    Row { place: "a container, any user, with `--token-file`", then: "the file's token", said: "", make: container_with_file },
    Row { place: "a container in a terminal, with `--store=memory`", then: "kept in memory", said: "for 12 hours; then you will be asked again", make: container_with_memory },
    Row { place: "a bus that has ended (tmux, screen)", then: ASKED, said: "no D-Bus session (", make: dead_bus },
    Row { place: "a bus without a Secret Service", then: ASKED, said: "no Secret Service on the D-Bus session", make: no_service },
    Row { place: "a Secret Service without a default keyring (WSL, a server, an automatic login)", then: ASKED, said: "Secret Service has no default keyring, so it can keep no new token", make: no_default },
    Row { place: "a bus or a service that does not answer", then: NOTHING, said: "the Secret Service did not answer within 3 s", make: deaf },
];

#[test]
fn every_place_is_as_the_document_says() {
    for git in gits() {
        for row in ROWS {
            let Some(said) = (row.make)(&git) else {
                continue;
            };
            let place = row.place;
            assert!(said.contains(row.said), "{git}, {place}: {said}");
            if row.said.is_empty() {
                assert_eq!(said, "", "{git}, {place}");
            }
            let asked = said.contains("Where shall Bitbucket tokens be kept instead?");
            assert_eq!(asked, row.then == ASKED, "{git}, {place}: {said}");
            let stopped = said.contains("told us to quit");
            let unattended = row.then == NOTHING && !said.contains(SECRET_QUESTION);
            assert_eq!(stopped, unattended, "{git}, {place}: {said}");
            if stopped {
                assert_eq!(ours(&said).len(), 1, "{git}, {place}: {said}");
            }
        }
    }
}

#[test]
fn the_document_has_these_rows() {
    let document = include_str!("../../../docs/platforms.md");
    let heading = "| where Git runs | what becomes of a token | what is said |";
    let table = document.split_once(heading).expect("the table").1;
    let lines: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let rows: Vec<String> = ROWS
        .iter()
        .map(|row| {
            let said = match row.said {
                "" => "nothing".to_owned(),
                said => format!("`{said}`"),
            };
            format!("| {} | {} | {said} |", row.place, row.then)
        })
        .collect();
    assert_eq!(lines, rows);
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        say_skipped("root");
    }
    root
}

const PUSH: [&str; 4] = ["push", "--quiet", "origin", "topic"];

/// The push on a terminal that this command opens; where tokens are to be kept is answered
/// if it is asked.
fn on_terminal(scene: &Scene, command: &Command, asked: bool) -> String {
    let mut terminal = Terminal::open(command);
    if asked {
        answer(&mut terminal, &[("Number [1]: ", "none")]);
    }
    answer(&mut terminal, &[(SECRET_QUESTION, &scene.token)]);
    terminal.finish().expect_success().transcript
}

/// The push in this environment with nobody there.
fn unattended(scene: &Scene, environment: &Environment) -> String {
    let mut command = environment.command("setsid");
    command.args(["--wait", "git"]).args(PUSH);
    let Finished { stdout, stderr, .. } = scene.rig.run(command, b"");
    stdout + &stderr
}

fn push(scene: &Scene, environment: &Environment) -> Command {
    let mut command = environment.command("git");
    command.args(PUSH);
    scene.commit();
    command
}

fn desktop(git: &Git) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    scene.commit();
    scene.rig.home.give_to_ordinary_user();
    scene.rig.start_keyring().then_some(())?;
    let mut command = scene.rig.home.command(git, "git");
    command.args(PUSH);
    Some(on_terminal(&scene, &command, false))
}

fn no_default(git: &Git) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    scene.rig.start_keyring_without_default().then_some(())?;
    let command = push(&scene, &scene.rig.home.environment(git));
    Some(on_terminal(&scene, &command, true))
}

fn desktop_of_root(git: &Git) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    (is_root() && scene.rig.start_keyring()).then_some(())?;
    let command = push(&scene, &scene.rig.home.environment(git));
    Some(on_terminal(&scene, &command, false))
}

/// What the manager of a user's units sets, and a keyring with a token.
fn user_unit_with(git: &Git, locked: bool) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    scene.rig.start_keyring().then_some(())?;
    let attributes = [("service", SERVICE), ("account", "alice")];
    let keyring = scene.rig.keyring();
    keyring.store("Bitbucket", &scene.token, &attributes);
    if locked {
        keyring.lock();
    }
    scene.rig.home.set("INVOCATION_ID", "0123456789abcdef");
    scene.commit();
    Some(unattended(&scene, &scene.rig.home.environment(git)))
}

fn user_unit(git: &Git) -> Option<String> {
    user_unit_with(git, false)
}

fn user_unit_locked(git: &Git) -> Option<String> {
    user_unit_with(git, true)
}

/// The variables that a new login of somebody else's needs to reach the rig.
fn needed(environment: &Environment) -> Vec<String> {
    ["HOME", "PATH", "GIT_CONFIG_NOSYSTEM"]
        .iter()
        .filter_map(|name| {
            let value = environment.variables.get(OsStr::new(name))?;
            Some(format!("{name}={}", value.to_string_lossy()))
        })
        .collect()
}

/// A session with an open keychain, of which the other user keeps nothing.
fn other_login(git: &Git, command: fn(&Environment) -> Command) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    (is_root() && scene.rig.start_keyring()).then_some(())?;
    scene.commit();
    let command = command(&scene.rig.home.environment(git));
    Some(on_terminal(&scene, &command, true))
}

fn sudo(git: &Git) -> Option<String> {
    present("sudo", &["sudo"]).then_some(())?;
    other_login(git, |environment| {
        let mut command = environment.command("sudo");
        command.args(needed(environment)).arg("git").args(PUSH);
        command
    })
}

fn su(git: &Git) -> Option<String> {
    other_login(git, |environment| {
        let text = format!(
            "cd {} && exec env {} git {}",
            environment.directory.display(),
            needed(environment).join(" "),
            PUSH.join(" ")
        );
        let mut command = environment.command("su");
        // Unlike --command, this leaves the terminal to the session.
        command.args(["--login", "--session-command", &text, "root"]);
        command
    })
}

fn over_ssh(git: &Git) -> (Scene, Environment) {
    let scene = Scene::configured(git, &[]);
    let mut environment = scene.rig.home.environment(git);
    environment.set("SSH_CONNECTION", "::1 1 ::1 22");
    environment.variables.remove(OsStr::new("XDG_RUNTIME_DIR"));
    (scene, environment)
}

fn ssh(git: &Git) -> Option<String> {
    let (scene, mut environment) = over_ssh(git);
    environment.set("SSH_TTY", "/dev/pts/0");
    let command = push(&scene, &environment);
    Some(on_terminal(&scene, &command, true))
}

fn ssh_command(git: &Git) -> Option<String> {
    let (scene, environment) = over_ssh(git);
    scene.commit();
    Some(unattended(&scene, &environment))
}

/// crontab(5): nothing but these.
fn cron(git: &Git) -> Option<String> {
    let scene = Scene::configured(git, &[]);
    scene.commit();
    let mut environment = scene.rig.home.environment(git);
    let only = ["HOME", "GIT_CONFIG_NOSYSTEM"];
    environment
        .variables
        .retain(|name, _| only.iter().any(|kept| name == kept));
    environment.set("LOGNAME", "alice");
    environment.set("SHELL", "/bin/sh");
    environment.set("PATH", format!("{}:/usr/bin:/bin", git.directory.display()));
    Some(unattended(&scene, &environment))
}

/// systemd.exec(5): no HOME, no session; what Git is told stands in its system's file.
fn system_unit_with(git: &Git, options: &[&str]) -> (Scene, Environment) {
    let scene = Scene::configured(git, options);
    scene.commit();
    let mut environment = scene.rig.home.environment(git);
    let system = scene.rig.home.path().join(".gitconfig");
    environment
        .variables
        .retain(|name, _| name == "PATH" || name == "LANG");
    environment.set("INVOCATION_ID", "0123456789abcdef");
    environment.set("GIT_CONFIG_SYSTEM", &system);
    (scene, environment)
}

fn system_unit(git: &Git) -> Option<String> {
    let (scene, environment) = system_unit_with(git, &[]);
    Some(unattended(&scene, &environment))
}

fn system_unit_with_credential(git: &Git) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file = folder.path().join("token");
    let path = file.to_str().expect("UTF-8");
    let (scene, environment) = system_unit_with(git, &["--token-file", path]);
    give_file(&file, &scene.token, 0o400);
    Some(unattended(&scene, &environment))
}

fn give_file(file: &Path, token: &str, mode: u32) {
    fs::write(file, token).expect("a file of ours");
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("a file of ours");
}

/// A user who has no name and no home, in nobody's session, as `OpenShift` has them.
fn container_with_file(git: &Git) -> Option<String> {
    const SOMEBODY: u32 = 1_000_680_000;
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    let file = folder.path().join("token");
    let path = file.to_str().expect("UTF-8");
    is_root().then_some(())?;
    let (mut scene, environment) = system_unit_with(git, &["--token-file", path]);
    give_file(&file, &scene.token, 0o444);
    scene.rig.home.give_to_ordinary_user();
    give_to(scene.rig.home.path(), SOMEBODY);
    let mut command = environment.command("setpriv");
    command.arg(format!("--reuid={SOMEBODY}"));
    command.args(["--regid=0", "--clear-groups", "setsid", "--wait", "git"]);
    command.args(PUSH);
    let ended = scene.rig.run(command, b"");
    Some(ended.stdout + &ended.stderr)
}

fn give_to(path: &Path, user: u32) {
    lchown(path, Some(user), Some(0)).expect("root may");
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("a folder in the home") {
            give_to(&entry.expect("an entry of it").path(), user);
        }
    }
}

fn container_with_memory(git: &Git) -> Option<String> {
    let scene = Scene::configured(git, &["--store=memory"]);
    let mut environment = scene.rig.home.environment(git);
    let only = ["HOME", "PATH", "GIT_CONFIG_NOSYSTEM"];
    environment
        .variables
        .retain(|name, _| only.iter().any(|kept| name == kept));
    let command = push(&scene, &environment);
    Some(on_terminal(&scene, &command, false))
}

fn dead_bus(git: &Git) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    let socket = scene.rig.home.path().join("run/ended");
    drop(UnixListener::bind(&socket).expect("a socket in the home"));
    let address = bus::address(&socket);
    scene.rig.home.set("DBUS_SESSION_BUS_ADDRESS", address);
    let command = push(&scene, &scene.rig.home.environment(git));
    Some(on_terminal(&scene, &command, true))
}

/// A bus that knows of no service to start.
fn no_service(git: &Git) -> Option<String> {
    present("keyring", &["dbus-daemon"]).then_some(())?;
    let mut scene = Scene::configured(git, &[]);
    let mut bus = bus::start(&mut scene.rig);
    let command = push(&scene, &scene.rig.home.environment(git));
    let said = on_terminal(&scene, &command, true);
    bus.kill().expect("our own child");
    bus.wait().expect("our own child");
    Some(said)
}

fn deaf(git: &Git) -> Option<String> {
    let mut scene = Scene::configured(git, &[]);
    let socket = scene.rig.home.path().join("run/deaf");
    let listener = UnixListener::bind(&socket).expect("a socket in the home");
    let address = bus::address(&socket);
    scene.rig.home.set("DBUS_SESSION_BUS_ADDRESS", address);
    scene.commit();
    let said = unattended(&scene, &scene.rig.home.environment(git));
    drop(listener);
    Some(said)
}
