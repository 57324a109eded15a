//! A session bus of a home, on which nobody offers anything yet.

use super::Rig;
use super::environment::Environment;
use super::gits::gits;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// Starts it, and tells every child of the home its address.
pub fn start(rig: &mut Rig) -> Child {
    let folder = rig.home.path().join("run");
    let configuration = rig.home.add_file(
        "run/bus.conf",
        &format!(
            "<busconfig><type>session</type><listen>{}</listen>\
             <policy context='default'><allow user='*'/><allow own='*'/>\
             <allow send_destination='*'/><allow receive_sender='*'/></policy></busconfig>",
            address(&folder.join("session-bus"))
        ),
    );
    let (bus, address) = launch(&rig.home.environment(&gits()[0]), &configuration);
    rig.home.set("DBUS_SESSION_BUS_ADDRESS", address);
    bus
}

/// The address of a bus with this socket. Where the folder for temporary files has blanks, so
/// has its path, and an address has none.
pub fn address(socket: &Path) -> String {
    let mut address = "unix:path=".to_owned();
    for byte in socket.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_/.\\*".contains(byte) {
            address.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(address, "%{byte:02x}");
        }
    }
    address
}

/// Starts a bus with this configuration; it and its address.
pub fn launch(environment: &Environment, configuration: &Path) -> (Child, String) {
    let mut bus = environment
        .daemon("dbus-daemon")
        .args(["--nofork", "--print-address=1", "--config-file"])
        .arg(configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon starts");
    let mut address = String::new();
    BufReader::new(bus.stdout.take().expect("a pipe"))
        .read_line(&mut address)
        .expect("dbus-daemon prints its address");
    (bus, address.trim().to_owned())
}
