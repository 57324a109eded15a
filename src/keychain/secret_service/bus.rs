//! The session bus: where it is and what its errors mean.

use super::Failure;
use crate::text::shown;
use std::{
    env,
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::PathBuf,
};
use zbus::{
    Address, Connection,
    address::{
        Transport,
        transport::{Unix, UnixSocket},
    },
    connection::Builder,
};

/// Connects to the session bus of the user.
pub async fn connect() -> Result<Connection, Failure> {
    let connection = Builder::address(address()?).build().await;
    connection.map_err(|error| no_bus(&shown(&error.to_string())))
}

fn no_bus(reason: &str) -> Failure {
    Failure::Missing(format!("no D-Bus session ({reason})").into())
}

/// The bus was there a moment ago.
pub fn bus_ended(reason: &str) -> Failure {
    Failure::Unreachable(format!("the D-Bus session ended ({reason})").into())
}

/// Where the session bus listens. Only local sockets, since secrets cross them in plain
/// text; a bus is never started for the purpose.
fn address() -> Result<Address, Failure> {
    let given = env::var("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default();
    if !given.is_empty() {
        return given
            .split(';')
            .filter_map(|address| address.parse::<Address>().ok())
            .find_map(|address| unix_address(&address))
            .ok_or_else(|| no_bus("DBUS_SESSION_BUS_ADDRESS names no Unix socket"));
    }
    let socket = env::var_os("XDG_RUNTIME_DIR")
        .map(|folder| PathBuf::from(folder).join("bus"))
        .filter(|socket| socket.exists())
        .ok_or_else(|| no_bus("DBUS_SESSION_BUS_ADDRESS is not set"))?;
    let socket = UnixSocket::File(socket);
    Ok(Address::new(Transport::Unix(Unix::new(socket))))
}

/// The same address if it is one of a Unix socket. In an address, what is not a plain letter
/// of a path is written as `%` and two digits, which zbus leaves as they are.
fn unix_address(address: &Address) -> Option<Address> {
    let Transport::Unix(unix) = address.transport() else {
        return None;
    };
    let socket = match unix.path() {
        UnixSocket::File(path) => {
            let path = percent_decoded(path.as_os_str().as_bytes());
            UnixSocket::File(OsString::from_vec(path).into())
        }
        other => other.clone(),
    };
    Some(Address::new(Transport::Unix(Unix::new(socket))))
}

fn percent_decoded(mut text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    while let [first, rest @ ..] = text {
        let byte = match rest {
            [high, low, ..] if *first == b'%' => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        decoded.push(byte.unwrap_or(*first));
        text = if byte.is_some() { &rest[2..] } else { rest };
    }
    decoded
}

/// The errors by which a bus says that there is no service, nor one that it could start.
const NO_SERVICE: [&str; 2] = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
];

/// The errors by which it says that the service does not answer.
const NO_ANSWER: [&str; 3] = [
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.TimedOut",
    "org.freedesktop.DBus.Error.Disconnected",
];

/// Whether the service says that it has no such method.
pub fn is_unknown_method(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::FDO(error) if matches!(**error, zbus::fdo::Error::UnknownMethod(_)))
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        use zbus::DBusError as _;
        let (name, text) = match &error {
            zbus::Error::MethodError(name, text, _) => (name.to_string(), text.clone()),
            zbus::Error::FDO(error) => (
                error.name().to_string(),
                error.description().map(str::to_owned),
            ),
            zbus::Error::InputOutput(error) => {
                return bus_ended(&shown(&error.to_string()));
            }
            other => {
                let text = shown(&other.to_string());
                return Self::Failed(
                    format!("the Secret Service answered nonsense ({text})").into(),
                );
            }
        };
        let text = shown(text.as_deref().unwrap_or(&name));
        if name == "org.freedesktop.Secret.Error.IsLocked" {
            Self::Locked
        } else if NO_SERVICE.contains(&name.as_str())
            || name.starts_with("org.freedesktop.DBus.Error.Spawn.")
        {
            Self::Missing(format!("no Secret Service on the D-Bus session ({text})").into())
        } else if NO_ANSWER.contains(&name.as_str()) {
            Self::Unreachable(format!("the Secret Service does not answer ({text})").into())
        } else {
            Self::Failed(format!("the Secret Service refused ({text})").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Transport, UnixSocket, unix_address};
    use std::path::Path;

    #[test]
    fn the_path_of_an_address_is_decoded() {
        for (address, path) in [
            ("unix:path=/run/user/1000/bus", "/run/user/1000/bus"),
            (
                "unix:path=/home/a%20b/%c3%a4/bus,guid=0123456789abcdef0123456789abcdef",
                "/home/a b/ä/bus",
            ),
            ("unix:path=/100%25", "/100%"),
        ] {
            let address = unix_address(&address.parse().expect("an address"));
            let address = address.expect("one of a Unix socket");
            let Transport::Unix(unix) = address.transport() else {
                panic!("{address}");
            };
            let expected = UnixSocket::File(Path::new(path).to_owned());
            assert_eq!(*unix.path(), expected, "{address}");
        }
        let remote = "tcp:host=localhost,port=1".parse().expect("an address");
        assert!(unix_address(&remote).is_none());
    }
}
