//! A private D-Bus session for one test, with whatever Secret Service the test wants.
//! The store reads its environment, so the test runs in a child of itself that has
//! the session's environment and nothing else.

use crate::rig::secret_service::{Client, LOGIN};
pub use crate::rig::wait_until;
use crate::rig::{bus, gits, keepassxc, programs};
use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Set in the child; holds the session's folder.
const INSIDE: &str = "KEYCHAIN_TEST_SESSION";

/// The name of the test, for its child.
const NAME: &str = "KEYCHAIN_TEST_NAME";

/// How long anything here may take before the test is called hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often something is killed, if that is said: the full figure takes its time.
pub const KILLS: &str = "GCB_TESTS_KILLS";

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

/// Runs the body of the test called `name` in a session of its own.
pub fn in_session(name: &str, peers: &Peers, body: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        body();
        // Shows the parent that the child ran this test and not, by a misspelt name, none.
        return fs::write(folder().join("done"), "").unwrap();
    }
    run(name, &mut Session::start(peers));
}

/// The same for each Git, the first on the `PATH` of a session without any bus.
pub fn under_each_git(name: &str, body: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return in_session(name, &Peers::Nobody, body);
    }
    for git in gits() {
        let mut session = Session::start(&Peers::Nobody);
        let path = std::env::var_os("PATH").unwrap();
        let path = std::iter::once(git.directory).chain(std::env::split_paths(&path));
        session.path = std::env::join_paths(path).unwrap();
        run(name, &mut session);
    }
}

/// Runs this test's body in another process of the same session, with a variable for it.
pub fn again(variable: &str, value: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&*path_of(&name()), "--exact", "--nocapture"]);
    command.env(variable, value);
    command
}

/// Runs this test's body in so many processes, none of which passes [`wait_for_all`]
/// before all have started.
///
/// # Panics
/// If one of them fails.
pub fn all_at_once(many: u32, variable: &str) {
    let (gate, opener) = std::io::pipe().unwrap();
    let start = |number: u32| {
        let mut process = again(variable, &number.to_string());
        process.stdin(gate.try_clone().unwrap());
        Guard(process.stdout(Stdio::null()).spawn().unwrap())
    };
    let processes: Vec<_> = (0..many).map(start).collect();
    drop(opener);
    for mut process in processes {
        assert!(process.0.wait().unwrap().success());
    }
}

/// Waits until nobody holds the other end of standard input.
pub fn wait_for_all() {
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// What this program calls a test of this suite.
pub fn path_of(name: &str) -> String {
    format!("keychain::{name}")
}

/// The test that runs in this session, without the suite's name.
pub fn name() -> String {
    std::env::var(NAME).unwrap()
}

fn run(name: &str, session: &mut Session) {
    let log = session.folder.path().join("log");
    let mut child = session.command(&std::env::current_exe().unwrap());
    child.args([&*path_of(name), "--exact", "--nocapture"]);
    child.env(NAME, name);
    child.stdout(Stdio::null());
    child.stderr(fs::File::create(&log).unwrap());
    let mut child = Guard(child.spawn().unwrap());
    let start = Instant::now();
    let patience = match std::env::var_os(KILLS) {
        Some(_) => PATIENCE * 20,
        None => PATIENCE,
    };
    let status = loop {
        if let Some(status) = child.0.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < patience, "{name} hangs");
        thread::sleep(Duration::from_millis(10));
    };
    let done = session.folder.path().join("done").exists();
    let well = status.success() && done;
    let died = if session.all_run() {
        ""
    } else {
        "a daemon died: "
    };
    assert!(well, "{died}{}", fs::read_to_string(&log).unwrap());
}

/// Whether the keyring's unlock dialog was asked for; in this session a script that
/// leaves a note and fails stands in its place.
pub fn dialog_was_shown() -> bool {
    folder().join("dialog").exists()
}

/// Locks the keyring, as a screen saver does.
pub fn lock() {
    Client::meet(&folder().join("bus")).lock(&LOGIN);
}

/// The methods that `work` calls on the bus, in their order.
pub fn calls_of(work: impl FnOnce()) -> Vec<String> {
    let mut monitor = Command::new("dbus-monitor");
    monitor.args(["--session", "type='method_call'"]);
    let mut monitor = Guard(monitor.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(monitor.0.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap());
    // The monitor loses its own name at the moment from which it sees everything.
    assert!(lines.any(|line| line.ends_with("member=NameLost")));
    work();
    end_of_record();
    let mut calls: Vec<_> = lines
        .filter(|line| line.starts_with("method call"))
        .map(|line| line.rsplit("member=").next().unwrap().to_owned())
        .take_while(|member| member != "GetId")
        .collect();
    // dbus-send's own greeting.
    assert_eq!(calls.pop().as_deref(), Some("Hello"));
    calls
}

/// Runs `secret-tool`, fed with `input`; its two outputs together. Its first call is one that
/// cannot end a keyring which does not know it yet (`GetAll` of the service).
pub fn secret_tool(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("secret-tool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("secret-tool (Debian: libsecret-tools)");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// The session's folder, which is its home.
pub fn folder() -> PathBuf {
    std::env::var_os(INSIDE).unwrap().into()
}

/// Calls `GetId` of the bus, which nobody else here does.
fn end_of_record() {
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus"]);
    command.args(["/", "org.freedesktop.DBus.GetId"]);
    let output = command.output().expect("dbus-send (Debian: dbus-bin)");
    assert!(output.status.success(), "{output:?}");
}

/// The processes that have this text in their command line.
pub fn processes_with(text: &str) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id: &u32| {
            fs::read(format!("/proc/{id}/cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(text))
        })
        .collect()
}

/// Whether a program runs here, found by the end of its path: in this session, not in another
/// that runs beside it.
pub fn is_running(program: &str) -> bool {
    let folder = folder();
    let mark = format!("{INSIDE}={}\0", folder.display());
    let end = format!("{program}\0");
    processes_with(&end).into_iter().any(|id| {
        fs::read(format!("/proc/{id}/environ"))
            .is_ok_and(|all| String::from_utf8_lossy(&all).contains(&mark))
    })
}

/// Sends a signal such as `KILL`; whoever has ended already does not mind.
pub fn signal(name: &str, process: u32) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$0\" \"$1\"", name, &process.to_string()]);
    kill.stderr(Stdio::null()).status().unwrap();
}

/// A process that ends with its guard.
pub struct Guard(pub Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Session {
    path: OsString,
    address: Option<String>,
    listeners: Vec<UnixListener>,
    processes: Vec<Guard>,
    // Last, so that it is deleted when nobody writes into it any more.
    folder: TempDir,
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
    fn start(peers: &Peers) -> Self {
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
    fn all_run(&mut self) -> bool {
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
    fn command(&self, program: &Path) -> Command {
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
