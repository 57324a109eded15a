//! A private D-Bus session for one test, with whatever Secret Service the test wants.
//! The store reads its environment, so the test runs in a child of itself that has
//! the session's environment and nothing else.

pub use super::daemons::Peers;
use super::daemons::Session;
use crate::rig::gits;
use crate::rig::secret_service::{Client, LOGIN};
pub use crate::rig::wait_until;
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Set in the child; holds the session's folder.
pub const INSIDE: &str = "KEYCHAIN_TEST_SESSION";

/// The name of the test, for its child.
const NAME: &str = "KEYCHAIN_TEST_NAME";

/// How long anything here may take before the test is called hung: 64 writes by `pass`, each of a
/// dozen programs, took over a minute where three others computed on two processors.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// How often something is killed, if that is said: the full figure takes its time.
pub const KILLS: &str = "GCB_TESTS_KILLS";

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
