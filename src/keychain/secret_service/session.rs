//! The calls to the service, each awaited: finding, unlocking, reading, writing.

use super::{bus, within};
use crate::keychain::{Deletion, Failure, Item, Kept, Unlock};
use crate::secret::Secret;
use futures_core::Stream;
use std::{cell::OnceCell, collections::HashMap, pin::Pin, time::Duration};
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
pub(super) const ITEM: &str = "org.freedesktop.Secret.Item";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// How long finding the service may take, whoever is there.
const FINDING: Duration = Unlock::Never.limit();
/// How long a dialog may stay open, so that there is time to close it.
const DIALOG: Duration = Duration::from_secs(55);
/// How long a prompt without a dialog may take, so that there is time to close it.
const NO_DIALOG: Duration = Duration::from_secs(2);

pub(super) type SearchAttributes<'a> = HashMap<&'a str, &'a str>;

pub(super) fn attributes<'a>(service: &'a str, account: Option<&'a str>) -> SearchAttributes<'a> {
    let mut attributes = HashMap::from([("service", service)]);
    attributes.extend(account.map(|account| ("account", account)));
    attributes
}

/// What a search found.
pub(super) struct FoundItems {
    pub(super) open: Vec<OwnedObjectPath>,
    pub(super) locked: Vec<OwnedObjectPath>,
}

impl FoundItems {
    fn is_empty(&self) -> bool {
        self.open.is_empty() && self.locked.is_empty()
    }

    fn has(&self, item: &OwnedObjectPath) -> bool {
        self.open.contains(item) || self.locked.contains(item)
    }
}

/// A connection to the service, and the session on it once a secret is to cross it.
pub(super) struct ServiceSession {
    connection: Connection,
    path: OnceCell<OwnedObjectPath>,
    unlock: Unlock,
    /// Whether it is known that there is no default collection.
    has_no_default: bool,
}

impl ServiceSession {
    /// Connects and searches. No call but that of [`Self::greet`] may come first, nor any
    /// beside the first: see [`Self::find`].
    pub(super) async fn search(
        attributes: &SearchAttributes<'_>,
        unlock: Unlock,
    ) -> Result<(Self, FoundItems), Failure> {
        let mut session = Self {
            connection: within(FINDING, bus::connect()).await?,
            path: OnceCell::new(),
            unlock,
            has_no_default: false,
        };
        if unlock == Unlock::Ask {
            within(FINDING, session.greet()).await?;
        }
        let mut found = session.find(attributes).await?;
        if !found.is_empty() {
            return Ok((session, found));
        }
        match session.default_collection().await? {
            // Some services show nothing of a locked collection: only an open one is empty.
            Some(collection) if session.is_locked(&collection).await? => {
                session.open_lock(vec![collection]).await?;
                found = session.find(attributes).await?;
            }
            Some(_) => {}
            None => session.has_no_default = true,
        }
        Ok((session, found))
    }

    /// Fails where nothing was found, and there is nowhere to put anything.
    pub(super) fn require_a_place(&self, found: &FoundItems) -> Result<(), Failure> {
        if self.has_no_default && found.is_empty() {
            return Err(Failure::NoDefaultKeyring);
        }
        Ok(())
    }

    /// Checks that the service answers at all: a search may wait for a person's dialog, so its
    /// silence proves nothing. This call cannot hurt a service that does not know us yet, and it
    /// may answer that it has no such method.
    async fn greet(&self) -> Result<(), Failure> {
        match self.ask(ROOT, SERVICE, "ReadAlias", &("default",)).await {
            Err(error) if !bus::is_unknown_method(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Searches. GNOME Keyring may note a client only after its first call (its issue 190):
    /// it then says that it knows no such method, but dies if the call is `OpenSession`, and
    /// comes back locked. By the second call, made after the answer to the first, it knows us.
    pub(super) async fn find(
        &self,
        attributes: &SearchAttributes<'_>,
    ) -> Result<FoundItems, Failure> {
        let body = (attributes,);
        let search = || self.ask(ROOT, SERVICE, "SearchItems", &body);
        let reply = match search().await {
            Err(error) if bus::is_unknown_method(&error) => search().await?,
            first => first?,
        };
        let (open, locked) = reply.body().deserialize()?;
        Ok(FoundItems { open, locked })
    }

    /// All items, the locked ones unlocked: nobody may take the open ones for all.
    pub(super) async fn readable(
        &self,
        found: FoundItems,
    ) -> Result<Vec<OwnedObjectPath>, Failure> {
        if !found.locked.is_empty() {
            self.open_lock(found.locked.clone()).await?;
        }
        Ok([found.open, found.locked].concat())
    }

    /// The secrets of items that were found by these attributes. GNOME Keyring leaves out,
    /// without a word, what was locked since: absent is only what a search finds no more.
    pub(super) async fn secrets(
        &self,
        items: &[OwnedObjectPath],
        attributes: &SearchAttributes<'_>,
    ) -> Result<Vec<Kept>, Failure> {
        type Secrets<'a> = HashMap<ObjectPath<'a>, (ObjectPath<'a>, &'a [u8], &'a [u8], &'a str)>;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let session = self.path().await?;
        let reply = self
            .call(ROOT, SERVICE, "GetSecrets", &(items, session))
            .await?;
        let body = reply.body();
        let secrets: Secrets = body.deserialize()?;
        if secrets.len() < items.len() {
            let now = self.find(attributes).await?;
            let mut missing = items.iter().filter(|path| !secrets.contains_key(&***path));
            if missing.any(|path| now.has(path)) {
                return Err(Failure::Locked);
            }
        }
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
    pub(super) async fn replace(
        &self,
        there: OwnedObjectPath,
        item: &Item,
        attributes: &SearchAttributes<'_>,
    ) -> Result<OwnedObjectPath, Failure> {
        let secret = secret(self.path().await?, item);
        let reply = self.call(&there, ITEM, "SetSecret", &(secret,)).await;
        if let Err(failure) = reply.and_then(|reply| Ok(reply.body().deserialize::<()>()?)) {
            let left = self.find(attributes).await?;
            return if left.has(&there) {
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

    /// Creates the item; `replacing`, in the place of one that has these attributes, and be
    /// they among more.
    pub(super) async fn create(
        &self,
        item: &Item,
        attributes: &SearchAttributes<'_>,
        replacing: bool,
    ) -> Result<OwnedObjectPath, Failure> {
        let Some(collection) = self.default_collection().await? else {
            return Err(Failure::NoDefaultKeyring);
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
        let secret = secret(self.path().await?, item);
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

    pub(super) async fn remove(
        &self,
        item: &OwnedObjectPath,
        attributes: &SearchAttributes<'_>,
    ) -> Result<Deletion, Failure> {
        let reply = match self.call(item, ITEM, "Delete", &()).await {
            Ok(reply) => reply,
            // Another process may have been faster; each service has its own error for that.
            Err(failure) => {
                let left = self.find(attributes).await?;
                return if left.has(item) {
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

    /// Creates a default collection, unless there is one by now. The service asks for a
    /// password.
    pub(super) async fn create_default_collection(&self) -> Result<(), Failure> {
        if self.default_collection().await?.is_some() {
            return Ok(());
        }
        let label = (
            "org.freedesktop.Secret.Collection.Label",
            Variant::from("Default keyring"),
        );
        let body = (HashMap::from([label]), "default");
        let reply = self.call(ROOT, SERVICE, "CreateCollection", &body).await?;
        let (_, prompt): (OwnedObjectPath, OwnedObjectPath) = reply.body().deserialize()?;
        self.finish(&prompt).await?;
        match self.default_collection().await? {
            Some(_) => Ok(()),
            None => Err(Failure::NoDefaultKeyring),
        }
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

    pub(super) async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
    ) -> Result<Message, Failure>
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        Ok(self.ask(path, interface, member, body).await?)
    }

    async fn ask<B>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
    ) -> zbus::Result<Message>
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        self.connection
            .call_method(Some(BUS_NAME), path, Some(interface), member, body)
            .await
    }

    /// The session, opened when a secret is to cross it for the first time.
    async fn path(&self) -> Result<&OwnedObjectPath, Failure> {
        if let Some(path) = self.path.get() {
            return Ok(path);
        }
        let algorithm = ("plain", Variant::from(""));
        let opening = self.call(ROOT, SERVICE, "OpenSession", &algorithm);
        let reply = within(FINDING, opening).await?;
        let body = reply.body();
        let (_, path): (Variant<'_>, OwnedObjectPath) = body.deserialize()?;
        Ok(self.path.get_or_init(|| path))
    }
}

/// A secret as the service takes it.
fn secret<'a>(
    session: &'a ObjectPath<'a>,
    item: &'a Item,
) -> (&'a ObjectPath<'a>, &'a [u8], &'a [u8], &'a str) {
    (session, &[], item.payload.expose(), "text/plain")
}
