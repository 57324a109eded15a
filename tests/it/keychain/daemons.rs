//! The daemons of one test's session: a D-Bus, a Secret Service, and stand-ins for those that fail.
//! They end with the session, and so does its folder.

use super::session::{Guard, INSIDE, KILLS, processes_with, signal};
use crate::rig::{bus, keepassxc, programs, wait_until};
use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixListener,
    path::Path,
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// Who answers as the session bus and as the Secret Service.
pub enum Peers {
    /// A bus and a GNOME Keyring that is unlocked and empty.
    Keyring,
    /// The same without any keyring in it.
    NoDefaultKeyring,
    /// A bus and a `KeePassXC` with an open and empty database.
    KeePassXc,
    /// A bus on which nobody offers the Secret Service, at its place in the runtime
    /// folder and not named in the environment.
    BusAlone,
    /// An address that leads off this machine.
    Remote,
    /// A bus that starts a Secret Service which never takes its name.
    SlowStarter,
    /// A socket that accepts and never says a word; no real bus does this on demand.
    MuteBus,
    /// No bus at all.
    Nobody,
}

pub struct Session {
    pub path: OsString,
    address: Option<String>,
    listeners: Vec<UnixListener>,
    processes: Vec<Guard>,
    // Last, so that it is deleted when nobody writes into it any more.
    pub folder: TempDir,
}

/// Daemons that the tests leave behind go with their session.
impl Drop for Session {
    fn drop(&mut self) {
        let memory = self.folder.path().join(".cache");
        for process in processes_with(memory.to_str().unwrap()) {
            signal("KILL", process);
        }
    }
}

impl Session {
    pub fn start(peers: &Peers) -> Self {
        let mut session = Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            address: None,
            listeners: Vec::new(),
            processes: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        match peers {
            Peers::Nobody => {}
            Peers::MuteBus => {
                let socket = session.folder.path().join("mute");
                session.listeners.push(UnixListener::bind(&socket).unwrap());
                session.address = Some(bus::address(&socket));
            }
            Peers::BusAlone => {
                session.start_bus();
                session.address = None;
            }
            Peers::Remote => session.address = Some("tcp:host=127.0.0.1,port=1".to_owned()),
            Peers::SlowStarter => {
                session.offer("org.freedesktop.secrets", "exec sleep 60");
                session.start_bus();
            }
            Peers::KeePassXc => {
                session.start_bus();
                session.start_keepassxc();
            }
            Peers::NoDefaultKeyring => {
                session.start_bus();
                session.start_keyring("");
            }
            Peers::Keyring => {
                let note = session.folder.path().join("dialog");
                let note = format!("touch '{}'; exit 1", note.display());
                session.offer("org.gnome.keyring.SystemPrompter", &note);
                session.start_bus();
                session.start_keyring("open sesame");
            }
        }
        session
    }

    /// Makes the bus start a shell script for a name.
    fn offer(&self, name: &str, script: &str) {
        let folder = self.folder.path();
        let program = folder.join(name);
        programs::write(&program, &format!("#!/bin/sh\n{script}\n"));
        let service = format!(
            "[D-BUS Service]\nName={name}\nExec=\"{}\"\n",
            program.display()
        );
        fs::write(folder.join(format!("{name}.service")), service).unwrap();
    }

    fn start_bus(&mut self) {
        let address = bus::address(&self.folder.path().join("bus"));
        let folder = self.folder.path().display();
        let configuration = format!(
            "<busconfig><type>session</type><listen>{address}</listen>\
             <servicedir>{folder}</servicedir><policy context='default'>\
             <allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy></busconfig>"
        );
        let file = self.folder.path().join("bus.conf");
        fs::write(&file, configuration).unwrap();
        let mut bus = self.command(Path::new("dbus-daemon"));
        bus.arg("--config-file").arg(&file);
        bus.args(["--nofork", "--nopidfile", "--print-address=1"]);
        bus.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut bus = Guard(bus.spawn().expect("dbus-daemon (Debian: dbus-daemon)"));
        let mut address = String::new();
        let stdout = bus.0.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut address).unwrap();
        self.address = Some(address.trim().to_owned());
        self.processes.push(bus);
    }

    /// Without a password there is nothing in it.
    fn start_keyring(&mut self, password: &str) {
        let mut keyring = self.command(Path::new("gnome-keyring-daemon"));
        keyring.args(["--foreground", "--components=secrets"]);
        if !password.is_empty() {
            keyring.arg("--unlock");
        }
        keyring
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut keyring = Guard(
            keyring
                .spawn()
                .expect("gnome-keyring-daemon (Debian: gnome-keyring)"),
        );
        keyring
            .0
            .stdin
            .take()
            .unwrap()
            .write_all(password.as_bytes())
            .unwrap();
        self.processes.push(keyring);
        wait_until("the keyring has started", || self.has_secret_service());
    }

    fn start_keepassxc(&mut self) {
        let command = |program: &str| self.command(Path::new(program));
        let process = keepassxc::start(self.folder.path(), &command);
        self.processes.push(Guard(process));
        wait_until("KeePassXC has started", || self.has_secret_service());
        // The database opens somewhat later.
        wait_until("its database is open", || {
            let mut question = self.command(Path::new("dbus-send"));
            question.args(["--session", "--print-reply"]);
            question.args(keepassxc::IS_LOCKED);
            let answer = question.output().unwrap().stdout;
            String::from_utf8_lossy(&answer).contains("boolean false")
        });
    }

    /// Whether the bus and the service are there still.
    pub fn all_run(&mut self) -> bool {
        let mut processes = self.processes.iter_mut();
        processes.all(|process| matches!(process.0.try_wait(), Ok(None)))
    }

    fn has_secret_service(&self) -> bool {
        let mut question = self.command(Path::new("dbus-send"));
        question.args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
        ]);
        question.args([
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ]);
        let answer = question
            .output()
            .expect("dbus-send (Debian: dbus-bin)")
            .stdout;
        String::from_utf8_lossy(&answer).contains("true")
    }

    /// A command that knows this session and nothing of the developer's.
    pub fn command(&self, program: &Path) -> Command {
        let folder = self.folder.path();
        let mut command = Command::new(program);
        command.env_clear();
        command.env("PATH", &self.path);
        command.env(INSIDE, folder).env("HOME", folder);
        command.env("XDG_DATA_HOME", folder.join("data"));
        command.env("XDG_RUNTIME_DIR", folder);
        command.envs(std::env::var_os(KILLS).map(|kills| (KILLS, kills)));
        if let Some(address) = &self.address {
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
        command
    }
}
