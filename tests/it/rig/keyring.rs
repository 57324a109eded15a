//! A private keychain: a D-Bus session of its own with an unlocked gnome-keyring, both
//! gone with the guard.

use super::bus;
use super::environment::Environment;
use super::gits::gits;
use super::home::Home;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use zbus::Connection;
use zbus::zvariant::DynamicDeserialize;
use zbus::{DynamicType, ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

const PROGRAMS: [&str; 3] = ["dbus-daemon", "gnome-keyring-daemon", "secret-tool"];
const SERVICE: &str = "org.freedesktop.secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const PASSWORD: &[u8] = b"test";
/// As the system's own session bus, and besides root may talk to an ordinary user's.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:dir=DIRECTORY</listen>
  <standard_session_servicedirs/>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"#;
const PATIENCE: Duration = Duration::from_secs(20);

/// A running Secret Service; its default collection is called `login`.
pub struct Keyring {
    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    /// The environment of everything that talks to it.
    environment: Environment,
    connection: Connection,
    runtime: Runtime,
    service: Child,
    bus: Child,
}

/// An item as `secret-tool` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    pub secret: String,
    pub attributes: BTreeMap<String, String>,
}

impl Keyring {
    /// Whether its programs are here; else the test is skipped, as `programs` says.
    pub fn is_possible() -> bool {
        super::programs::present("keyring", &PROGRAMS)
    }

    /// Starts the session bus and the service within the folders of this home.
    pub fn start(home: &Home) -> Self {
        let mut environment = home.environment(&gits()[0]);
        let directory = home.path().join("run");
        let configuration = directory.join("bus.conf");
        let text = BUS.replace("DIRECTORY", &directory.to_string_lossy());
        std::fs::write(&configuration, text).expect("a file in the home");
        let (bus, address) = bus::launch(&environment, &configuration);
        environment.set("DBUS_SESSION_BUS_ADDRESS", &address);
        let mut service = environment
            .daemon("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon starts");
        let mut stdin = service.stdin.take().expect("a pipe");
        stdin.write_all(PASSWORD).expect("it reads its password");
        drop(stdin);
        let (runtime, connection) = connect(&address);
        let keyring = Self {
            address,
            environment,
            connection,
            runtime,
            service,
            bus,
        };
        keyring.wait_for_service();
        keyring
    }

    /// Whoever asks for the service too early has the bus start a second, locked one.
    fn wait_for_service(&self) {
        let deadline = Instant::now() + PATIENCE;
        let bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        while !self.call::<bool>(bus, "org.freedesktop.DBus", "NameHasOwner", &SERVICE) {
            assert!(Instant::now() < deadline, "gnome-keyring never came up");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Locks the first collection.
    pub fn lock(&self) {
        self.lock_collection(&ObjectPath::from_static_str_unchecked(COLLECTION));
        assert!(self.is_locked(), "the collection does not lock");
    }

    /// Locks any collection.
    pub fn lock_collection(&self, path: &ObjectPath<'_>) {
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) = self.call(
            (SERVICE, "/org/freedesktop/secrets"),
            "org.freedesktop.Secret.Service",
            "Lock",
            &vec![path],
        );
    }

    /// Adds an open collection, which is the default from now on.
    pub fn add_collection(&self, label: &str) -> OwnedObjectPath {
        let root = (SERVICE, "/org/freedesktop/secrets");
        let label = (
            "org.freedesktop.Secret.Collection.Label",
            Variant::from(label),
        );
        let password = (self.session(), [0u8; 0].as_slice(), PASSWORD, "text/plain");
        let path: OwnedObjectPath = self.call(
            root,
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            "CreateWithMasterPassword",
            &(BTreeMap::from([label]), password),
        );
        let default = ("default", &path);
        let () = self.call(root, "org.freedesktop.Secret.Service", "SetAlias", &default);
        path
    }

    fn session(&self) -> OwnedObjectPath {
        let (_, session): (OwnedVariant, OwnedObjectPath) = self.call(
            (SERVICE, "/org/freedesktop/secrets"),
            "org.freedesktop.Secret.Service",
            "OpenSession",
            &("plain", Variant::from("")),
        );
        session
    }

    /// Unlocks the first collection with its password, without a dialog.
    pub fn unlock(&self) {
        let service = (SERVICE, "/org/freedesktop/secrets");
        let collection = ObjectPath::from_static_str_unchecked(COLLECTION);
        let password = (self.session(), [0u8; 0].as_slice(), PASSWORD, "text/plain");
        let () = self.call(
            service,
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            "UnlockWithMasterPassword",
            &(collection, password),
        );
        assert!(!self.is_locked(), "the collection does not unlock");
    }

    pub fn is_locked(&self) -> bool {
        let locked: OwnedVariant = self.call(
            (SERVICE, COLLECTION),
            "org.freedesktop.DBus.Properties",
            "Get",
            &("org.freedesktop.Secret.Collection", "Locked"),
        );
        locked.try_into().expect("a boolean")
    }

    /// Calls a method of (destination, object).
    fn call<T>(
        &self,
        (destination, object): (&str, &str),
        interface: &str,
        method: &str,
        body: &(impl Serialize + DynamicType),
    ) -> T
    where
        T: for<'a> DynamicDeserialize<'a>,
    {
        self.runtime.block_on(async {
            let reply = self
                .connection
                .call_method(Some(destination), object, Some(interface), method, body)
                .await
                .unwrap_or_else(|error| panic!("{method}: {error}"));
            reply.body().deserialize().expect("a reply of this type")
        })
    }

    /// The items with these attributes; locked ones lack their secret.
    pub fn search(&self, attributes: &[(&str, &str)]) -> Vec<Item> {
        // Attributes go to standard error: only in one stream do they follow their item.
        let mut arguments = vec!["-c", "exec secret-tool search --all \"$@\" 2>&1", "sh"];
        arguments.extend(attributes.iter().flat_map(|(name, value)| [*name, *value]));
        let output = self.feed("sh", &arguments, b"");
        items(&String::from_utf8_lossy(&output.stdout))
    }

    /// Puts an item there that is not ours.
    pub fn store(&self, label: &str, secret: &str, attributes: &[(&str, &str)]) {
        let label = format!("--label={label}");
        let mut arguments = vec!["store", &label];
        arguments.extend(attributes.iter().flat_map(|(name, value)| [*name, *value]));
        let output = self.feed("secret-tool", &arguments, secret.as_bytes());
        assert!(output.status.success(), "{output:?}");
    }

    fn feed(&self, program: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .environment
            .command(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(input).expect("it reads its input");
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }
}

fn connect(address: &str) -> (Runtime, Connection) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let connection = runtime.block_on(async {
        zbus::connection::Builder::address(address.parse::<zbus::Address>()?)
            .method_timeout(PATIENCE)
            .build()
            .await
    });
    (runtime, connection.expect("the bus lets us in"))
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in [&mut self.service, &mut self.bus] {
            // Killed already is killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Reads the listing of `secret-tool search`.
fn items(listing: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut within_secret = false;
    for line in listing.lines() {
        if line.starts_with("[/") {
            items.push(Item::default());
        }
        let Some(item) = items.last_mut() else {
            continue;
        };
        let (name, value) = line.split_once(" = ").unwrap_or_default();
        // A secret may have lines of its own; they end where the creation time stands.
        if within_secret && name != "created" {
            item.secret.push('\n');
            item.secret.push_str(line);
            continue;
        }
        within_secret = name == "secret";
        match name.strip_prefix("attribute.") {
            Some(name) => drop(item.attributes.insert(name.to_owned(), value.to_owned())),
            None if name == "label" => value.clone_into(&mut item.label),
            None if name == "schema" => {
                item.attributes
                    .insert("xdg:schema".to_owned(), value.to_owned());
            }
            None if name == "secret" => value.clone_into(&mut item.secret),
            None => {}
        }
    }
    items
}
