//! The OAuth client of a site, as a store keeps it: in a service of its own, so that it is
//! never taken for a credential.

use super::vault::Vault;
use crate::keychain::{Deletion, Failure, Item, Unlock};
use crate::secret::Secret;

/// A client as it is kept.
pub struct KeptClient {
    /// Its name for the server.
    pub id: String,
    /// What it proves itself with.
    pub secret: Secret,
}

/// There is one for each site.
const ACCOUNT: &str = "client";

impl KeptClient {
    /// Two lines: the name, the secret.
    fn from_payload(payload: &Secret) -> Option<Self> {
        let bytes = payload.expose();
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let id = std::str::from_utf8(&bytes[..end]).ok()?;
        let secret = Secret::copy_of(&bytes[end + 1..]).trimmed();
        (!id.is_empty() && !secret.is_empty()).then(|| Self {
            id: id.to_owned(),
            secret,
        })
    }

    fn to_payload(&self) -> Secret {
        Secret::new([self.id.as_bytes(), b"\n", self.secret.expose()].concat())
    }
}

impl Vault<'_> {
    fn client_service(&self) -> String {
        format!("{}#oauth-client", self.service())
    }

    /// The site's client, if one is kept.
    pub fn client(&self, unlock: Unlock) -> Result<Option<KeptClient>, Failure> {
        let items = self.store().items(&self.client_service(), None, unlock)?;
        let mut clients = items.iter();
        Ok(clients.find_map(|kept| KeptClient::from_payload(&kept.payload)))
    }

    /// Keeps a client in place of the one before.
    pub fn keep_client(&self, client: &KeptClient, unlock: Unlock) -> Result<(), Failure> {
        let item = Item {
            account: ACCOUNT.to_owned(),
            label: "Bitbucket: OAuth client".to_owned(),
            payload: client.to_payload(),
        };
        self.store().write(&self.client_service(), &item, unlock)
    }

    /// Forgets the client; whether there was one.
    pub fn forget_client(&self, unlock: Unlock) -> Result<bool, Failure> {
        let service = self.client_service();
        let mut any = false;
        for kept in self.store().items(&service, None, unlock)? {
            any |= self.store().delete(&service, &kept, unlock)? == Deletion::Deleted;
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_read_back_whole_or_not_at_all() {
        let secret = Secret::copy_of(b"hush");
        let client = KeptClient {
            id: "an id".into(),
            secret,
        };
        let read = KeptClient::from_payload(&client.to_payload()).unwrap();
        assert!(read.id == client.id && read.secret == client.secret);
        for payload in [&b""[..], b"id", b"id\n", b"\nhush", b"\xff\nhush"] {
            assert!(KeptClient::from_payload(&Secret::copy_of(payload)).is_none());
        }
    }
}
