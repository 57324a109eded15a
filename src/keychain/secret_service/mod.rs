//! The Secret Service of Linux and BSD desktops (GNOME Keyring, `KeePassXC`, `KWallet`)
//! over D-Bus, in a plain session; `docs/architecture.md` says why. Reading an unlocked
//! item is connect, `SearchItems`, `OpenSession`, `GetSecrets`, and nothing else.
//! Copies of a secret inside zbus cannot be wiped; ours are.

mod bus;
pub mod foreign_items;
mod session;

use super::{Deletion, Failure, Item, Kept, Store, Unlock};
use session::{ServiceSession, attributes};
use std::{future::Future, time::Duration};
use tokio::time::timeout;

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
            let attributes = attributes(service, account);
            let (session, found) = ServiceSession::search(&attributes, unlock).await?;
            session.require_a_place(&found)?;
            let readable = session.readable(found).await?;
            session.secrets(&readable, &attributes).await
        })
    }

    fn item_else_all(
        &self,
        service: &str,
        account: &str,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        run(unlock, async {
            let mut attributes = attributes(service, Some(account));
            let (session, mut found) = ServiceSession::search(&attributes, unlock).await?;
            if found.open.len() + found.locked.len() != 1 {
                attributes.remove("account");
                found = session.find(&attributes).await?;
            }
            session.require_a_place(&found)?;
            let readable = session.readable(found).await?;
            session.secrets(&readable, &attributes).await
        })
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        run(unlock, async {
            let attributes = attributes(service, Some(&item.account));
            let (session, mut found) = ServiceSession::search(&attributes, unlock).await?;
            if !found.open.is_empty() {
                // What is written needs no second lock opened.
                found.locked.clear();
            }
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
            let (session, mut found) = ServiceSession::search(&attributes, unlock).await?;
            session.require_a_place(&found)?;
            found.open.retain(|path| path.as_str() == kept.handle);
            found.locked.retain(|path| path.as_str() == kept.handle);
            let readable = session.readable(found).await?;
            let now = session.secrets(&readable, &attributes).await?;
            match (readable.first(), now.first()) {
                (Some(path), Some(now)) if now.payload == kept.payload => {
                    session.remove(path, &attributes).await
                }
                _ => Ok(Deletion::Unchanged),
            }
        })
    }
}

/// Creates the default keyring, see [`super::create_default_keyring`].
pub fn create_default_keyring() -> Result<(), Failure> {
    run(Unlock::Ask, async {
        // As for every client's first call, see `ServiceSession::find`.
        let nothing = attributes("", None);
        let (session, _) = ServiceSession::search(&nothing, Unlock::Ask).await?;
        session.create_default_collection().await
    })
}

/// Runs the work to its end or to its deadline, whichever comes first. Everything that
/// zbus waits for is awaited here, so the deadline holds for a silent bus as well.
fn run<T>(unlock: Unlock, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Failure::Unreachable(error.to_string().into()))?;
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
        Err(Failure::Unreachable(
            format!("the Secret Service did not answer within {seconds} s").into(),
        ))
    })
}
