//! The Secret Service of Linux and BSD desktops (GNOME Keyring, `KeePassXC`, `KWallet`)
//! over D-Bus, in a plain session; `docs/architecture.md` says why. Reading an unlocked
//! item is connect, `OpenSession` beside `SearchItems`, `GetSecrets`, and nothing else.
//! Copies of a secret inside zbus cannot be wiped; ours are.

mod bus;
pub mod others;

use super::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::secret::Secret;
use futures_core::Stream;
use std::{collections::HashMap, future::Future, pin::Pin, time::Duration};
use tokio::time::timeout;
use zbus::{
    Connection, MatchRule, Message, MessageStream, ObjectPath, OwnedObjectPath, Variant,
    message::Type,
};

/// The bus name, and the path and interface of its root object.
const BUS_NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// How long finding the service may take, whoever is there.
const FINDING: Duration = Unlock::Never.limit();
/// How long a dialog may stay open, so that there is time to close it.
const DIALOG: Duration = Duration::from_secs(55);
/// How long a prompt without a dialog may take, so that there is time to close it.
const NO_DIALOG: Duration = Duration::from_secs(2);

/// The store behind `org.freedesktop.secrets` on the session bus.
pub struct SecretService;

impl Store for SecretService {
    fn name(&self) -> &'static str {
        "the Secret Service keyring"
    }

    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        run(unlock, async {
            let (session, found) = Session::search(&attributes(service, account), unlock).await?;
            let readable = session.readable(found).await?;
            session.secrets(&readable).await
        })
    }

    fn item_else_all(
        &self,
        service: &str,
        account: &str,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        run(unlock, async {
            let named = attributes(service, Some(account));
            let (session, mut found) = Session::search(&named, unlock).await?;
            if found.open.len() + found.locked.len() != 1 {
                found = session.find(&attributes(service, None)).await?;
            }
            let readable = session.readable(found).await?;
            session.secrets(&readable).await
        })
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        run(unlock, async {
            let attributes = attributes(service, Some(&item.account));
            let (session, found) = Session::search(&attributes, unlock).await?;
            let written = match session.readable(found).await?.into_iter().next() {
                Some(there) => session.replace(there, item, &attributes).await?,
                None => session.create(item, &attributes, true).await?,
            };
            for other in session.find(&attributes).await?.open {
                if other != written {
                    session.remove(&other, &attributes).await?;
                }
            }
            Ok(())
        })
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        run(unlock, async {
            let attributes = attributes(service, None);
            let (session, mut found) = Session::search(&attributes, unlock).await?;
            found.open.retain(|path| path.as_str() == kept.handle);
            found.locked.retain(|path| path.as_str() == kept.handle);
            let readable = session.readable(found).await?;
            let now = session.secrets(&readable).await?;
            match (readable.first(), now.first()) {
                (Some(path), Some(now)) if now.payload == kept.payload => {
                    session.remove(path, &attributes).await
                }
                _ => Ok(Deletion::Unchanged),
            }
        })
    }
}

/// Runs the work to its end or to its deadline, whichever comes first. Everything that
/// zbus waits for is awaited here, so the deadline holds for a silent bus as well.
fn run<T>(unlock: Unlock, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Failure::Unreachable(error.to_string()))?;
    let outcome = runtime.block_on(within(unlock.limit(), work));
    runtime.shutdown_background();
    outcome
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(Failure::Unreachable(format!(
            "the Secret Service did not answer within {seconds} s"
        )))
    })
}

type Attributes<'a> = HashMap<&'a str, &'a str>;

fn attributes<'a>(service: &'a str, account: Option<&'a str>) -> Attributes<'a> {
    let mut attributes = HashMap::from([("service", service)]);
    attributes.extend(account.map(|account| ("account", account)));
    attributes
}

/// What a search found.
struct Found {
    open: Vec<OwnedObjectPath>,
    locked: Vec<OwnedObjectPath>,
}

/// A connection to the service and the session opened on it.
struct Session {
    connection: Connection,
    path: OwnedObjectPath,
    unlock: Unlock,
}

impl Session {
    /// Opens a session and searches in the same round trip.
    async fn search(attributes: &Attributes<'_>, unlock: Unlock) -> Result<(Self, Found), Failure> {
        let connection = within(FINDING, bus::connect()).await?;
        let (path, found) = tokio::try_join!(
            within(FINDING, open_session(&connection)),
            find(&connection, attributes)
        )?;
        let session = Self {
            connection,
            path,
            unlock,
        };
        // Some services show nothing of a locked collection: only an open one is empty.
        if found.open.is_empty()
            && found.locked.is_empty()
            && let Some(collection) = session.default_collection().await?
            && session.is_locked(&collection).await?
        {
            session.open_lock(vec![collection]).await?;
            let found = session.find(attributes).await?;
            return Ok((session, found));
        }
        Ok((session, found))
    }

    async fn find(&self, attributes: &Attributes<'_>) -> Result<Found, Failure> {
        find(&self.connection, attributes).await
    }

    /// The open items; only when there is none are the locked ones unlocked.
    async fn readable(&self, found: Found) -> Result<Vec<OwnedObjectPath>, Failure> {
        if !found.open.is_empty() || found.locked.is_empty() {
            return Ok(found.open);
        }
        self.open_lock(found.locked.clone()).await?;
        Ok(found.locked)
    }

    async fn secrets(&self, items: &[OwnedObjectPath]) -> Result<Vec<Kept>, Failure> {
        type Secrets<'a> = HashMap<ObjectPath<'a>, (ObjectPath<'a>, &'a [u8], &'a [u8], &'a str)>;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let reply = self
            .call(ROOT, SERVICE, "GetSecrets", &(items, &self.path))
            .await?;
        let body = reply.body();
        let secrets: Secrets = body.deserialize()?;
        Ok(secrets
            .into_iter()
            .map(|(path, (_, _, value, _))| Kept {
                handle: path.to_string(),
                payload: Secret::copy_of(value),
            })
            .collect())
    }

    /// Puts the item in place of one that is there. `KeePassXC` lets a person confirm that
    /// in a dialog if it is told to create the item anew.
    async fn replace(
        &self,
        there: OwnedObjectPath,
        item: &Item,
        attributes: &Attributes<'_>,
    ) -> Result<OwnedObjectPath, Failure> {
        let secret = self.secret(item);
        let reply = self.call(&there, ITEM, "SetSecret", &(secret,)).await;
        if let Err(failure) = reply.and_then(|reply| Ok(reply.body().deserialize::<()>()?)) {
            let left = self.find(attributes).await?;
            return if left.open.contains(&there) || left.locked.contains(&there) {
                Err(failure)
            } else {
                self.create(item, attributes, true).await
            };
        }
        let label = (ITEM, "Label", Variant::from(item.label.as_str()));
        // It is for the eye alone.
        let _ = self.call(&there, PROPERTIES, "Set", &label).await;
        Ok(there)
    }

    /// A secret as the service takes it.
    fn secret<'a>(&'a self, item: &'a Item) -> (&'a ObjectPath<'a>, &'a [u8], &'a [u8], &'a str) {
        (&self.path, &[], item.payload.expose(), "text/plain")
    }

    /// Creates the item; `replacing`, in the place of one that has these attributes, and be
    /// they among more.
    async fn create(
        &self,
        item: &Item,
        attributes: &Attributes<'_>,
        replacing: bool,
    ) -> Result<OwnedObjectPath, Failure> {
        let Some(collection) = self.default_collection().await? else {
            return Err(Failure::Failed(
                "the Secret Service has no default keyring".to_owned(),
            ));
        };
        if self.is_locked(&collection).await? {
            self.open_lock(vec![collection.clone()]).await?;
        }
        let properties = HashMap::from([
            (
                "org.freedesktop.Secret.Item.Label",
                Variant::from(item.label.as_str()),
            ),
            (
                "org.freedesktop.Secret.Item.Attributes",
                Variant::from(attributes.clone()),
            ),
        ]);
        let secret = self.secret(item);
        let reply = self
            .call(
                &collection,
                COLLECTION,
                "CreateItem",
                &(properties, secret, replacing),
            )
            .await?;
        let (item, prompt): (OwnedObjectPath, OwnedObjectPath) = reply.body().deserialize()?;
        match self.finish(&prompt).await? {
            None => Ok(item),
            Some(reply) => {
                let body = reply.body();
                let (_, item): (bool, Variant<'_>) = body.deserialize()?;
                Ok(ObjectPath::try_from(item)?.into())
            }
        }
    }

    async fn remove(
        &self,
        item: &OwnedObjectPath,
        attributes: &Attributes<'_>,
    ) -> Result<Deletion, Failure> {
        let reply = match self.call(item, ITEM, "Delete", &()).await {
            Ok(reply) => reply,
            // Another process may have been faster; each service has its own error for that.
            Err(failure) => {
                let left = self.find(attributes).await?;
                return if left.open.contains(item) || left.locked.contains(item) {
                    Err(failure)
                } else {
                    Ok(Deletion::Unchanged)
                };
            }
        };
        let prompt: OwnedObjectPath = reply.body().deserialize()?;
        self.finish(&prompt).await?;
        Ok(Deletion::Deleted)
    }

    async fn default_collection(&self) -> Result<Option<OwnedObjectPath>, Failure> {
        let reply = self.call(ROOT, SERVICE, "ReadAlias", &("default",)).await?;
        let path: OwnedObjectPath = reply.body().deserialize()?;
        Ok((path.as_str() != "/").then_some(path))
    }

    async fn is_locked(&self, collection: &OwnedObjectPath) -> Result<bool, Failure> {
        let reply = self
            .call(collection, PROPERTIES, "Get", &(COLLECTION, "Locked"))
            .await?;
        let body = reply.body();
        let locked: Variant<'_> = body.deserialize()?;
        Ok(bool::try_from(locked)?)
    }

    /// Unlocks what it is given, with the service's own dialog if a person is there.
    async fn open_lock(&self, paths: Vec<OwnedObjectPath>) -> Result<(), Failure> {
        if self.unlock == Unlock::Never {
            return Err(Failure::Locked);
        }
        let reply = self.call(ROOT, SERVICE, "Unlock", &(paths,)).await?;
        let (opened, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            reply.body().deserialize()?;
        match self.finish(&prompt).await? {
            None if opened.is_empty() => Err(Failure::Locked),
            _ => Ok(()),
        }
    }

    /// Carries through the prompt that a call left behind; `None` if there is none. Where
    /// nobody is, it is one of `KeePassXC`, which answers every change of what is open with
    /// a prompt that ends by itself, unless its settings have it ask for each.
    async fn finish(&self, prompt: &OwnedObjectPath) -> Result<Option<Message>, Failure> {
        if prompt.as_str() == "/" {
            return Ok(None);
        }
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS_NAME)
            .interface(PROMPT)
            .member("Completed")
            .path(prompt)
            .build();
        let mut signals = MessageStream::for_match_rule(rule?, &self.connection, None).await?;
        self.call(prompt, PROMPT, "Prompt", &("",)).await?;
        let next = std::future::poll_fn(|context| Pin::new(&mut signals).poll_next(context));
        let longest = match self.unlock {
            Unlock::Ask => DIALOG,
            Unlock::Never => NO_DIALOG,
        };
        let Ok(signal) = timeout(longest, next).await else {
            self.call(prompt, PROMPT, "Dismiss", &()).await?;
            return Err(Failure::Locked);
        };
        let Some(signal) = signal.transpose()? else {
            return Err(bus::bus_ended("while its dialog was open"));
        };
        let body = signal.body();
        let (dismissed, _): (bool, Variant<'_>) = body.deserialize()?;
        if dismissed {
            return Err(Failure::Dismissed);
        }
        Ok(Some(signal))
    }

    async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
    ) -> Result<Message, Failure>
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        call(&self.connection, path, interface, member, body).await
    }
}

async fn open_session(connection: &Connection) -> Result<OwnedObjectPath, Failure> {
    let algorithm = ("plain", Variant::from(""));
    let reply = call(connection, ROOT, SERVICE, "OpenSession", &algorithm).await?;
    let body = reply.body();
    let (_, path): (Variant<'_>, OwnedObjectPath) = body.deserialize()?;
    Ok(path)
}

async fn find(connection: &Connection, attributes: &Attributes<'_>) -> Result<Found, Failure> {
    let reply = call(connection, ROOT, SERVICE, "SearchItems", &(attributes,)).await?;
    let (open, locked) = reply.body().deserialize()?;
    Ok(Found { open, locked })
}

async fn call<B>(
    connection: &Connection,
    path: &str,
    interface: &str,
    member: &str,
    body: &B,
) -> Result<Message, Failure>
where
    B: serde::Serialize + zbus::DynamicType,
{
    let reply = connection
        .call_method(Some(BUS_NAME), path, Some(interface), member, body)
        .await?;
    Ok(reply)
}
