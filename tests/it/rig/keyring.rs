//! A private keychain: a D-Bus session of its own with an unlocked gnome-keyring, both
//! gone with the guard. How it is asked belongs to `secret_service`.

use super::bus;
use super::environment::Environment;
use super::gits::gits;
use super::home::Home;
use super::secret_service::{COLLECTION, Client, ITEM, LOGIN, ROOT, SERVICE};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Stdio};
use zbus::{ObjectPath, OwnedObjectPath, Variant};

const PROGRAMS: [&str; 2] = ["dbus-daemon", "gnome-keyring-daemon"];
const DEFAULT: &str = "/org/freedesktop/secrets/aliases/default";
const WITH_PASSWORD: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
const PASSWORD: &[u8] = b"test";
/// As the system's own session bus, and besides root may talk to an ordinary user's.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>ADDRESS</listen>
  <standard_session_servicedirs/>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"#;

/// A running Secret Service; its default collection is called `login`.
pub struct Keyring {
    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    client: Client,
    service: Child,
    bus: Child,
}

/// What it keeps; of a locked item, no secret.
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
        Self::start_with(home, true)
    }

    /// The same without any collection, as in WSL or on a server.
    pub fn start_without_default(home: &Home) -> Self {
        Self::start_with(home, false)
    }

    fn start_with(home: &Home, has_default: bool) -> Self {
        let mut environment = home.environment(&gits()[0]);
        let directory = home.path().join("run");
        // Not where it would be found without its address.
        let socket = directory.join("session-bus");
        let text = BUS.replace("ADDRESS", &bus::address(&socket));
        let configuration = home.add_file("run/bus.conf", &text);
        let (bus, address) = bus::launch(&environment, &configuration);
        environment.set("DBUS_SESSION_BUS_ADDRESS", &address);
        let service = launch(&environment, has_default);
        Self {
            client: Client::meet(&socket),
            address,
            service,
            bus,
        }
    }

    /// The collection that is the default; `/` if none is.
    pub fn default_collection(&self) -> OwnedObjectPath {
        self.client.ask(ROOT, SERVICE, "ReadAlias", &("default",))
    }

    /// Locks the first collection.
    pub fn lock(&self) {
        self.client.lock(&LOGIN);
        assert!(self.is_locked(), "the collection does not lock");
    }

    /// Locks any collection.
    pub fn lock_collection(&self, path: &ObjectPath<'_>) {
        self.client.lock(path);
    }

    /// Adds an open collection, which is the default from now on.
    pub fn add_collection(&self, label: &str) -> OwnedObjectPath {
        let label = (
            "org.freedesktop.Secret.Collection.Label",
            Variant::from(label),
        );
        let body = (HashMap::from([label]), self.client.encode(PASSWORD));
        let path: OwnedObjectPath =
            self.client
                .ask(ROOT, WITH_PASSWORD, "CreateWithMasterPassword", &body);
        let default = ("default", &path);
        let () = self.client.ask(ROOT, SERVICE, "SetAlias", &default);
        path
    }

    /// Unlocks the first collection with its password, without a dialog.
    pub fn unlock(&self) {
        let body = (LOGIN, self.client.encode(PASSWORD));
        let () = self
            .client
            .ask(ROOT, WITH_PASSWORD, "UnlockWithMasterPassword", &body);
        assert!(!self.is_locked(), "the collection does not unlock");
    }

    pub fn is_locked(&self) -> bool {
        let locked = self.client.property(&LOGIN, COLLECTION, "Locked");
        locked.try_into().expect("a boolean")
    }

    /// The items with these attributes.
    pub fn search(&self, attributes: &[(&str, &str)]) -> Vec<Item> {
        let (open, locked) = self.client.search(attributes);
        let mut secrets = self.client.secrets(&open);
        let text = |path: &str, name: &str| {
            let value = self.client.property(path, ITEM, name);
            value.try_into().expect("a text")
        };
        let attributes = |path: &str| {
            let value = self.client.property(path, ITEM, "Attributes");
            value.try_into().expect("pairs of texts")
        };
        open.iter()
            .chain(&locked)
            .map(|path| Item {
                label: text(path, "Label"),
                secret: secrets.remove(path).unwrap_or_default(),
                attributes: attributes(path),
            })
            .collect()
    }

    /// All that there is to know of every item, for a comparison.
    pub fn everything(&self) -> String {
        let (open, locked) = self.client.search(&[]);
        let secrets = self.client.secrets(&open);
        let mut lines = String::new();
        for path in open.iter().chain(&locked) {
            let properties: BTreeMap<_, _> =
                self.client.properties(path, ITEM).into_iter().collect();
            let secret = secrets.get(path);
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{path}: {secret:?} {properties:?}");
        }
        lines
    }

    /// Puts an item there that is not ours, as `secret-tool` does.
    pub fn store(&self, label: &str, secret: &str, attributes: &[(&str, &str)]) {
        let attributes: HashMap<&str, &str> = attributes.iter().copied().collect();
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Variant::from(label)),
            (
                "org.freedesktop.Secret.Item.Attributes",
                Variant::from(attributes),
            ),
        ]);
        let body = (properties, self.client.encode(secret.as_bytes()), true);
        let (item, _): (OwnedObjectPath, OwnedObjectPath) =
            self.client.ask(DEFAULT, COLLECTION, "CreateItem", &body);
        assert_ne!(item.as_str(), "/", "the keyring is locked");
    }
}

/// Starts the service with its first collection open, or without any.
fn launch(environment: &Environment, has_default: bool) -> Child {
    let mut service = environment
        .daemon("gnome-keyring-daemon")
        .args(["--foreground", "--components=secrets"])
        .args(has_default.then_some("--unlock"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gnome-keyring-daemon starts");
    let mut stdin = service.stdin.take().expect("a pipe");
    if has_default {
        stdin.write_all(PASSWORD).expect("it reads its password");
    }
    service
}

impl Drop for Keyring {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.client.is_alive() {
            super::programs::say("FAILED", "GNOME Keyring died, by whatever call");
        }
        for child in [&mut self.service, &mut self.bus] {
            // Killed already is killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
