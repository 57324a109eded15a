//! What `--fix` removed, kept in the platform's keychain for a month so that `--undo` can
//! put it back. Account passwords are not among it.

use super::places::SetAside;
use crate::dates::DAY;
use crate::helper::now;
use crate::keychain::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::secret::Secret;
use crate::text::shown;
use anyhow::{Result, ensure};
use sha2::{Digest as _, Sha256};

/// Apart from what is served.
const SERVICE: &str = "git-credential-bitbucket:set-aside";

/// How long it is kept, in days.
pub(super) const KEPT_FOR: u64 = 30;

/// The items that were set aside.
pub(super) struct Aside<'a>(pub &'a dyn Store);

/// One of them.
pub(super) struct Entry {
    kept: Kept,
    /// In Unix seconds.
    time: u64,
    pub content: SetAside,
}

impl Aside<'_> {
    /// Keeps it, and makes sure that it can be read back. Twice the same is one item.
    pub fn keep(&self, content: &SetAside, unlock: Unlock) -> Result<()> {
        let payload = payload(content, now())?;
        let account = account(content)?;
        let item = Item {
            label: format!("Bitbucket: set aside, {}", shown(content.whereabouts())),
            account: account.clone(),
            payload: payload.duplicate(),
        };
        let read_back = self
            .0
            .write(SERVICE, &item, unlock)
            .and_then(|()| self.0.items(SERVICE, Some(&account), unlock))
            .map_err(|failure| self.explain(&failure))?;
        ensure!(
            read_back.iter().any(|kept| kept.payload == payload),
            "{} does not give back what was put there",
            self.0.name()
        );
        Ok(())
    }

    /// All that is there, in the order in which it is to be put back.
    pub fn all(&self, unlock: Unlock) -> Result<Vec<Entry>> {
        let kept = self.0.items(SERVICE, None, unlock);
        let kept = kept.map_err(|failure| self.explain(&failure))?;
        let contents = kept.iter().filter_map(|kept| read(&kept.payload));
        let mut order: Vec<SetAside> = contents.map(|(_, content)| content).collect();
        SetAside::sort(&mut order);
        let order = order.iter().map(account).collect::<Result<Vec<_>>>()?;
        let entries = kept.into_iter().filter_map(Entry::read);
        let mut entries = entries
            .map(|entry| {
                let account = account(&entry.content)?;
                Ok((order.iter().position(|other| *other == account), entry))
            })
            .collect::<Result<Vec<_>>>()?;
        entries.sort_by_key(|(position, _)| *position);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    pub fn forget(&self, entry: &Entry, unlock: Unlock) -> Result<Deletion> {
        let deletion = self.0.delete(SERVICE, &entry.kept, unlock);
        deletion.map_err(|failure| self.explain(&failure))
    }

    /// Forgets what has been there for too long, if the keychain is open.
    pub fn purge(&self) {
        let Ok(entries) = self.all(Unlock::Never) else {
            return;
        };
        let begin = now().saturating_sub(KEPT_FOR * DAY);
        for entry in entries.iter().filter(|entry| entry.time < begin) {
            // The next run tries again.
            let _ = self.forget(entry, Unlock::Never);
        }
    }

    fn explain(&self, failure: &Failure) -> anyhow::Error {
        anyhow::anyhow!(crate::helper::explain_failure(failure, self.0.name()))
    }
}

impl Entry {
    fn read(kept: Kept) -> Option<Self> {
        let (time, content) = read(&kept.payload)?;
        Some(Self {
            kept,
            time,
            content,
        })
    }
}

/// The time on the first line, then the form of `places`.
fn payload(content: &SetAside, time: u64) -> Result<Secret> {
    let content = content.payload()?;
    let time = time.to_string();
    let mut bytes = Vec::with_capacity(time.len() + 1 + content.expose().len());
    bytes.extend_from_slice(time.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(content.expose());
    Ok(Secret::new(bytes))
}

fn read(payload: &Secret) -> Option<(u64, SetAside)> {
    let bytes = payload.expose();
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let time = std::str::from_utf8(&bytes[..end]).ok()?.parse().ok()?;
    let content = SetAside::from_payload(&Secret::copy_of(&bytes[end + 1..]))?;
    Some((time, content))
}

/// A name that is the same for the same secret in the same place. A keychain shows it even
/// while it is locked: a part of a digest tells nothing of a token.
fn account(content: &SetAside) -> Result<String> {
    let digest = Sha256::digest(content.payload()?.expose());
    let digits = digest[..8].iter().map(|byte| format!("{byte:02x}"));
    Ok(digits.collect())
}
