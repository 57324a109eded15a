//! Items of other programs in the Secret Service.

use super::run;
use super::session::{ITEM, ServiceSession};
use crate::keychain::foreign_items::{Other, PutBack};
use crate::keychain::{Deletion, Failure, Item, Unlock};
use std::collections::{BTreeMap, HashMap};
use zbus::{OwnedObjectPath, Variant};

pub fn find(
    (name, value): (&str, &str),
    wanted: impl Fn(&str, &BTreeMap<String, String>) -> bool,
    unlock: Unlock,
) -> Result<Vec<Other>, Failure> {
    run(unlock, async {
        let query = HashMap::from([(name, value)]);
        let (session, found) = ServiceSession::search(&query, unlock).await?;
        let mut others = Vec::new();
        for path in &session.readable(found).await? {
            let attributes = session.attributes(path).await?;
            let label = session.label(path).await?;
            if wanted(&label, &attributes) {
                for kept in session.secrets(std::slice::from_ref(path), &query).await? {
                    others.push(Other {
                        label: label.clone(),
                        attributes: attributes.clone(),
                        payload: kept.payload,
                    });
                }
            }
        }
        Ok(others)
    })
}

pub fn delete(other: &Other, unlock: Unlock) -> Result<Deletion, Failure> {
    run(unlock, async {
        let query = borrowed(&other.attributes);
        let (session, found) = ServiceSession::search(&query, unlock).await?;
        let readable = session.readable(found).await?;
        for path in session.exactly(&readable, &other.attributes).await? {
            let now = session.secrets(std::slice::from_ref(&path), &query).await?;
            if now.iter().any(|kept| kept.payload == other.payload) {
                return session.remove(&path, &query).await;
            }
        }
        Ok(Deletion::Unchanged)
    })
}

pub fn put_back(other: &Other, unlock: Unlock) -> Result<PutBack, Failure> {
    run(unlock, async {
        let query = borrowed(&other.attributes);
        let (session, found) = ServiceSession::search(&query, unlock).await?;
        let readable = session.readable(found).await?;
        let there = session.exactly(&readable, &other.attributes).await?;
        let secrets = session.secrets(&there, &query).await?;
        if secrets.iter().any(|kept| kept.payload == other.payload) {
            return Ok(PutBack::AlreadyThere);
        }
        if !secrets.is_empty() {
            return Ok(PutBack::Replaced);
        }
        let item = Item {
            account: String::new(),
            label: other.label.clone(),
            payload: other.payload.duplicate(),
        };
        // What says more than this one is another's.
        session.create(&item, &query, false).await?;
        Ok(PutBack::Done)
    })
}

fn borrowed(attributes: &BTreeMap<String, String>) -> HashMap<&str, &str> {
    let pairs = attributes.iter();
    pairs.map(|(name, value)| (&**name, &**value)).collect()
}

impl ServiceSession {
    /// Those items that have these attributes and no others.
    async fn exactly(
        &self,
        items: &[OwnedObjectPath],
        attributes: &BTreeMap<String, String>,
    ) -> Result<Vec<OwnedObjectPath>, Failure> {
        let mut equal = Vec::new();
        for path in items {
            if self.attributes(path).await? == *attributes {
                equal.push(path.clone());
            }
        }
        Ok(equal)
    }

    async fn attributes(
        &self,
        item: &OwnedObjectPath,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let reply = self.property(item, "Attributes").await?;
        let body = reply.body();
        let attributes: Variant<'_> = body.deserialize()?;
        let attributes: HashMap<String, String> = HashMap::try_from(attributes)?;
        Ok(attributes.into_iter().collect())
    }

    async fn label(&self, item: &OwnedObjectPath) -> Result<String, Failure> {
        let reply = self.property(item, "Label").await?;
        let body = reply.body();
        let label: Variant<'_> = body.deserialize()?;
        Ok(String::try_from(label)?)
    }

    async fn property(&self, item: &OwnedObjectPath, name: &str) -> Result<zbus::Message, Failure> {
        self.call(
            item,
            "org.freedesktop.DBus.Properties",
            "Get",
            &(ITEM, name),
        )
        .await
    }
}
