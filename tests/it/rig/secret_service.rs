//! The one connection through which tests ask GNOME Keyring, in the order that cannot end
//! it: a search comes first, alone. Starting the daemon belongs to `keyring`.

use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use zbus::address::Transport;
use zbus::address::transport::{Unix, UnixSocket};
use zbus::zvariant::DynamicDeserialize;
use zbus::{Address, Connection, DynamicType, ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

const BUS: &str = "org.freedesktop.DBus";
const NAME: &str = "org.freedesktop.secrets";
pub const ROOT: &str = "/org/freedesktop/secrets";
pub const SERVICE: &str = "org.freedesktop.Secret.Service";
pub const COLLECTION: &str = "org.freedesktop.Secret.Collection";
pub const ITEM: &str = "org.freedesktop.Secret.Item";
/// The first collection of GNOME Keyring.
pub const LOGIN: ObjectPath<'_> =
    ObjectPath::from_static_str_unchecked("/org/freedesktop/secrets/collection/login");
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const PATIENCE: Duration = Duration::from_secs(20);

/// What a search finds: the open items, and the locked ones.
type Found = (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>);

/// A value on its way in a session: the session, no parameters, the value, its type.
pub type Encoded<'a> = (OwnedObjectPath, &'a [u8], &'a [u8], &'a str);

/// A client that the daemon knows.
pub struct Client {
    runtime: Runtime,
    connection: Connection,
    /// The daemon's own name on the bus. By the name of the service, the bus would start
    /// another one in the place of one that died, and it would be locked.
    daemon: String,
    session: OwnedObjectPath,
}

impl Client {
    /// Waits for the daemon at the bus of this socket, and has it note this client. It may do that
    /// only after a client's first call: it then knows no such method if it is asked to search,
    /// and dies if it is asked for a session or a property.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn meet(bus: &Path) -> Self {
        let (runtime, connection) = connect(bus);
        let mut client = Self {
            runtime,
            connection,
            daemon: String::new(),
            session: ObjectPath::from_static_str_unchecked("/").into(),
        };
        client.daemon = wait_for("gnome-keyring never came up", || {
            client.call(BUS, "/", BUS, "GetNameOwner", &NAME)
        });
        let nothing: HashMap<&str, &str> = HashMap::from([("service", "nobody's")]);
        let _: Found = wait_for("GNOME Keyring does not note its client", || {
            client.call(&client.daemon, ROOT, SERVICE, "SearchItems", &(&nothing,))
        });
        let plain = ("plain", Variant::from(""));
        let (_, session): (OwnedVariant, _) = client.ask(ROOT, SERVICE, "OpenSession", &plain);
        client.session = session;
        client
    }

    /// The answer of the daemon.
    ///
    /// # Panics
    /// If it has another one, or died.
    #[track_caller]
    pub fn ask<T>(
        &self,
        object: &str,
        interface: &str,
        method: &str,
        body: &(impl Serialize + DynamicType),
    ) -> T
    where
        T: for<'a> DynamicDeserialize<'a>,
    {
        match self.call(&self.daemon, object, interface, method, body) {
            Ok(answer) => answer,
            Err(error) if self.is_alive() => panic!("{method}: {error}"),
            Err(error) => panic!("GNOME Keyring died: {method}: {error}"),
        }
    }

    /// Whether the daemon that this client knows is still there.
    pub fn is_alive(&self) -> bool {
        self.call(BUS, "/", BUS, "NameHasOwner", &self.daemon)
            .unwrap_or(false)
    }

    fn call<T>(
        &self,
        destination: &str,
        object: &str,
        interface: &str,
        method: &str,
        body: &(impl Serialize + DynamicType),
    ) -> zbus::Result<T>
    where
        T: for<'a> DynamicDeserialize<'a>,
    {
        self.runtime.block_on(async {
            let reply = self
                .connection
                .call_method(Some(destination), object, Some(interface), method, body)
                .await?;
            reply.body().deserialize()
        })
    }

    /// All items with these attributes.
    pub fn search(&self, attributes: &[(&str, &str)]) -> Found {
        let attributes: HashMap<&str, &str> = attributes.iter().copied().collect();
        self.ask(ROOT, SERVICE, "SearchItems", &(attributes,))
    }

    /// The secrets of open items.
    pub fn secrets(&self, items: &[OwnedObjectPath]) -> HashMap<OwnedObjectPath, String> {
        type Value = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);
        let secrets: HashMap<OwnedObjectPath, Value> =
            self.ask(ROOT, SERVICE, "GetSecrets", &(items, &self.session));
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let secrets = secrets.into_iter();
        secrets
            .map(|(path, (_, _, value, _))| (path, text(&value)))
            .collect()
    }

    /// A text on its way to the daemon.
    pub fn encode<'a>(&self, text: &'a [u8]) -> Encoded<'a> {
        (self.session.clone(), &[], text, "text/plain")
    }

    /// A property of an object.
    pub fn property(&self, object: &str, interface: &str, name: &str) -> OwnedVariant {
        self.ask(object, PROPERTIES, "Get", &(interface, name))
    }

    /// All properties of an object.
    pub fn properties(&self, object: &str, interface: &str) -> HashMap<String, OwnedVariant> {
        self.ask(object, PROPERTIES, "GetAll", &(interface,))
    }

    /// Locks this collection.
    pub fn lock(&self, collection: &ObjectPath<'_>) {
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.ask(ROOT, SERVICE, "Lock", &(vec![collection],));
    }
}

/// Asks again until there is an answer.
fn wait_for<T>(otherwise: &str, ask: impl Fn() -> zbus::Result<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => assert!(Instant::now() < deadline, "{otherwise}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn connect(bus: &Path) -> (Runtime, Connection) {
    // Not by its text, of which zbus does not decode the path.
    let socket = UnixSocket::File(bus.to_owned());
    let address = Address::new(Transport::Unix(Unix::new(socket)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let connection = runtime.block_on(async {
        zbus::connection::Builder::address(address)
            .method_timeout(PATIENCE)
            .build()
            .await
    });
    (runtime, connection.expect("the bus lets us in"))
}
