//! A Secret Service that misbehaves on request, on a bus of its own: no real one does so.

use crate::rig::{Rig, bus, programs};
use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use zbus::{Connection, Message, MessageStream, ObjectPath, OwnedObjectPath, Variant};

/// What it does wrong, at the call of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Right,
    /// It never answers.
    Silent(&'static str),
    /// It answers with something of another type.
    Nonsense(&'static str),
    /// It answers with this error.
    Refusing(&'static str, &'static str),
    /// It ends, and another one starts.
    Restarting(&'static str),
    /// Everything is locked just before, and nobody answers the dialogs.
    Locking(&'static str),
    /// It answers once [`Service::answer_late`] says so.
    Late(&'static str),
    /// The first call of a client comes before it knows the client: it knows no method to
    /// search, and dies of any other call. GNOME Keyring does so, seldom.
    Unacquainted,
    /// Everything is locked, and each dialog is dismissed.
    Dismissed,
    /// Everything is locked, and nobody answers the dialogs.
    Unattended,
    /// Everything is locked, and somebody unlocks it at the first dialog. It has no method
    /// `ReadAlias` for a client that it does not know yet.
    Attended,
}

impl Manner {
    fn locks(self) -> bool {
        [Self::Dismissed, Self::Unattended, Self::Attended].contains(&self)
    }
}

const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// One item: its attributes and its secret.
pub type Item = (HashMap<String, String>, Vec<u8>);

struct State {
    manner: Manner,
    items: Vec<Item>,
    dialogs: usize,
    /// How many calls wait for [`Service::answer_late`].
    late: usize,
    /// How often it died.
    deaths: usize,
    /// The clients that called [`Manner::Unacquainted`] before.
    acquainted: HashSet<String>,
}

/// Gone with its bus, which is gone with this.
pub struct Service {
    state: Arc<Mutex<State>>,
    answer_late: Arc<Notify>,
    bus: Child,
}

impl Service {
    /// Starts a bus for the rig's home and itself on it; `None` where no bus can be had.
    pub fn start(rig: &mut Rig) -> Option<Self> {
        if !programs::present("keyring", &["dbus-daemon"]) {
            return None;
        }
        let bus = bus::start(rig);
        let address = rig.home.variable("DBUS_SESSION_BUS_ADDRESS");
        let state = State {
            manner: Manner::Right,
            items: Vec::new(),
            dialogs: 0,
            late: 0,
            deaths: 0,
            acquainted: HashSet::new(),
        };
        let service = Self {
            state: Arc::new(Mutex::new(state)),
            answer_late: Arc::default(),
            bus,
        };
        let (state, late) = (service.state.clone(), service.answer_late.clone());
        let (ready, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            // Until the bus ends.
            while runtime
                .block_on(serve(&address, &state, &late, &ready))
                .is_ok()
            {}
        });
        started.recv().expect("it takes its name");
        Some(service)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub fn set(&self, manner: Manner) {
        self.state().manner = manner;
    }

    pub fn items(&self) -> Vec<Item> {
        self.state().items.clone()
    }

    /// Gives an item another secret, as another program does.
    pub fn change(&self, number: usize, secret: Vec<u8>) {
        self.state().items[number].1 = secret;
    }

    /// Answers what came too early for [`Manner::Late`].
    pub fn answer_late(&self) {
        self.answer_late.notify_one();
    }

    /// How many calls wait for that, or did.
    pub fn late(&self) -> usize {
        self.state().late
    }

    /// How often it died.
    pub fn deaths(&self) -> usize {
        self.state().deaths
    }

    /// How many dialogs were shown.
    pub fn dialogs(&self) -> usize {
        self.state().dialogs
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Killed already is killed.
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until it is to restart; an error once the bus is gone.
async fn serve(
    address: &str,
    state: &Mutex<State>,
    answer_late: &Notify,
    ready: &std::sync::mpsc::Sender<()>,
) -> zbus::Result<()> {
    let connection = zbus::connection::Builder::address(address.parse::<zbus::Address>()?)
        .build()
        .await?;
    let mut calls = MessageStream::from(&connection);
    connection.request_name("org.freedesktop.secrets").await?;
    // Only the first time somebody listens.
    let _ = ready.send(());
    let mut late: Vec<(Message, String)> = Vec::new();
    loop {
        use futures_core::Stream as _;
        let next = std::future::poll_fn(|context| Pin::new(&mut calls).poll_next(context));
        let next = tokio::select! {
            next = next => next,
            () = answer_late.notified() => {
                for (call, member) in late.drain(..) {
                    answer(&connection, &call, &member, state).await?;
                }
                continue;
            }
        };
        let Some(call) = next.transpose()? else {
            return Err(zbus::Error::InvalidReply);
        };
        let header = call.header();
        let Some(member) = header.member().map(ToString::to_string) else {
            continue;
        };
        if call.message_type() != zbus::message::Type::MethodCall {
            continue;
        }
        let manner = lock(state).manner;
        match manner {
            Manner::Silent(at) if at == member => {}
            Manner::Nonsense(at) if at == member => connection.reply(&header, &7u8).await?,
            Manner::Refusing(at, error) if at == member => {
                connection.reply_error(&header, error, &"no").await?;
            }
            Manner::Restarting(at) if at == member => return Ok(()),
            Manner::Locking(at) if at == member => {
                lock(state).manner = Manner::Unattended;
                answer(&connection, &call, &member, state).await?;
            }
            Manner::Unacquainted if is_first(state, &header) => {
                if member != "SearchItems" {
                    lock(state).deaths += 1;
                    return Ok(());
                }
                let error = "org.freedesktop.DBus.Error.UnknownMethod";
                connection.reply_error(&header, error, &"no").await?;
            }
            Manner::Late(at) if at == member => {
                late.push((call.clone(), member.clone()));
                lock(state).late += 1;
            }
            _ => answer(&connection, &call, &member, state).await?,
        }
    }
}

/// Whether its sender has not called before.
fn is_first(state: &Mutex<State>, header: &zbus::message::Header<'_>) -> bool {
    let sender = header.sender().map(ToString::to_string);
    lock(state).acquainted.insert(sender.unwrap_or_default())
}

/// The right answer.
async fn answer(
    connection: &Connection,
    call: &Message,
    member: &str,
    state: &Mutex<State>,
) -> zbus::Result<()> {
    let header = call.header();
    let body = call.body();
    let nothing = path("/");
    let manner = lock(state).manner;
    let locked = manner.locks();
    match member {
        "OpenSession" => {
            let reply = (
                Variant::from(""),
                path("/org/freedesktop/secrets/session/1"),
            );
            connection.reply(&header, &reply).await
        }
        "SearchItems" => {
            let wanted: HashMap<String, String> = body.deserialize()?;
            let found = found(state, &wanted);
            let reply = if locked {
                (Vec::new(), found)
            } else {
                (found, Vec::new())
            };
            connection.reply(&header, &reply).await
        }
        "GetSecrets" => {
            let secrets = secrets(state, &body)?;
            connection.reply(&header, &secrets).await
        }
        "ReadAlias" if manner != Manner::Attended || !is_first(state, &header) => {
            connection.reply(&header, &path(COLLECTION)).await
        }
        "Get" => connection.reply(&header, &Variant::from(locked)).await,
        "CreateItem" => {
            let created = create(state, &body)?;
            connection.reply(&header, &(created, nothing)).await
        }
        "SetSecret" => {
            replace(state, &header, &body)?;
            connection.reply(&header, &()).await
        }
        "Delete" => {
            // Its number stays taken.
            lock(state).items[item(&header)].0.clear();
            connection.reply(&header, &nothing).await
        }
        // What is set is a label, which nothing here has.
        "Set" | "Dismiss" => connection.reply(&header, &()).await,
        "Unlock" => {
            let opened: Vec<OwnedObjectPath> = Vec::new();
            connection.reply(&header, &(opened, path("/dialog"))).await
        }
        "Prompt" => {
            lock(state).dialogs += 1;
            connection.reply(&header, &()).await?;
            end_dialog(connection, state).await
        }
        _ => {
            let error = "org.freedesktop.DBus.Error.UnknownMethod";
            connection.reply_error(&header, error, &member).await
        }
    }
}

/// Ends the dialog as a person does who closes it or unlocks, if one is there.
async fn end_dialog(connection: &Connection, state: &Mutex<State>) -> zbus::Result<()> {
    let manner = lock(state).manner;
    let dismissed = match manner {
        Manner::Dismissed => true,
        Manner::Attended => false,
        _ => return Ok(()),
    };
    if !dismissed {
        lock(state).manner = Manner::Right;
    }
    let interface = "org.freedesktop.Secret.Prompt";
    let ended = (dismissed, Variant::from(""));
    let everybody = None::<&str>;
    connection
        .emit_signal(everybody, "/dialog", interface, "Completed", &ended)
        .await
}

type Secret<'a> = (ObjectPath<'a>, &'a [u8], &'a [u8], &'a str);
type Secrets = HashMap<OwnedObjectPath, (OwnedObjectPath, Vec<u8>, Vec<u8>, &'static str)>;

/// Without a word, as GNOME Keyring does it, none while they are locked.
fn secrets(state: &Mutex<State>, body: &zbus::message::Body) -> zbus::Result<Secrets> {
    let (mut paths, session): (Vec<OwnedObjectPath>, OwnedObjectPath) = body.deserialize()?;
    if lock(state).manner.locks() {
        paths.clear();
    }
    let secret = |item: OwnedObjectPath| {
        let secret = lock(state).items[number(&item)].1.clone();
        (item, (session.clone(), Vec::new(), secret, "text/plain"))
    };
    Ok(paths.into_iter().map(secret).collect())
}

fn found(state: &Mutex<State>, wanted: &HashMap<String, String>) -> Vec<OwnedObjectPath> {
    let fits = |item: &Item| {
        !item.0.is_empty()
            && wanted
                .iter()
                .all(|(name, value)| item.0.get(name) == Some(value))
    };
    let items = &lock(state).items;
    let numbers = (0..items.len()).filter(|&number| fits(&items[number]));
    numbers
        .map(|number| path(&format!("/item/{number}")))
        .collect()
}

/// Replaces the item with these attributes or adds one.
fn create(state: &Mutex<State>, body: &zbus::message::Body) -> zbus::Result<OwnedObjectPath> {
    let (mut properties, secret, _): (HashMap<&str, Variant<'_>>, Secret<'_>, bool) =
        body.deserialize()?;
    let attributes = properties.remove("org.freedesktop.Secret.Item.Attributes");
    let attributes = attributes.ok_or(zbus::Error::InvalidReply)?;
    let attributes = HashMap::<String, String>::try_from(attributes)?;
    let item = (attributes, secret.2.to_vec());
    let items = &mut lock(state).items;
    let number = items.iter().position(|known| known.0 == item.0);
    let number = number.unwrap_or(items.len());
    if number == items.len() {
        items.push(item);
    } else {
        items[number] = item;
    }
    Ok(path(&format!("/item/{number}")))
}

/// Gives the item of a call another secret.
fn replace(
    state: &Mutex<State>,
    header: &zbus::message::Header<'_>,
    body: &zbus::message::Body,
) -> zbus::Result<()> {
    let (secret,): (Secret<'_>,) = body.deserialize()?;
    lock(state).items[item(header)].1 = secret.2.to_vec();
    Ok(())
}

/// The number of the item that a call is for.
fn item(header: &zbus::message::Header<'_>) -> usize {
    header.path().map(|path| number(path)).unwrap_or_default()
}

fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text.to_owned())
        .expect("a path")
        .into()
}

fn number(path: &ObjectPath<'_>) -> usize {
    let number = path.as_str().rsplit('/').next();
    number
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
