//! Backups: what `--fix` removed, in the keychain, or the file in its stead, for a month so
//! that `--undo` can put it back. Account passwords are deleted without a backup. How a
//! secret is put back stands in `places`.

use super::places::{Backup, FoundSecret};
use crate::bitbucket::Site;
use crate::dates::DAY;
use crate::dates::now;
use crate::helper::{Session, explain_failure};
use crate::keychain::{self, Choice, Deletion, Failure, Item, Kept, REMEMBERED, Store, Unlock};
use crate::secret::Secret;
use crate::text::shown;
use anyhow::{Result, anyhow, bail, ensure};
use sha2::{Digest as _, Sha256};
use std::cmp::Reverse;
use std::time::{SystemTime, UNIX_EPOCH};

/// Apart from what is served.
const SERVICE: &str = "git-credential-bitbucket:set-aside";

/// How long it is kept, in days.
pub(super) const KEPT_FOR: u64 = 30;

/// What lies in one of them.
pub(super) struct SearchedStore {
    pub store: Box<dyn Store>,
    pub kept: Result<Vec<Kept>, Failure>,
    in_use: bool,
}

/// Looks into all stores that keep it for so long; a dialog may be shown.
/// What was set aside stays in its store, whichever is in use by then.
pub(super) fn everywhere(session: &Session) -> Vec<SearchedStore> {
    let search = |choice| {
        let store = keychain::open(choice, REMEMBERED);
        let kept = session.unlocking(|unlock| store.items(SERVICE, None, unlock));
        SearchedStore {
            store,
            kept,
            in_use: session.choice().row().stands_for == choice,
        }
    };
    Choice::durable().map(search).collect()
}

impl SearchedStore {
    /// Why nothing is known of it. A keychain that is neither there nor in use keeps nothing.
    pub fn trouble(&self) -> Option<String> {
        let failure = self.kept.as_ref().err()?;
        let is_told = self.in_use || !failure.is_no_place();
        is_told.then(|| explain_failure(failure, &*self.store))
    }

    /// What is this site's, in the order in which it is to be put back; another's is put back
    /// where that one is asked for, since only so is it recognised in a file.
    pub fn entries(self, site: &Site) -> Result<(Box<dyn Store>, Vec<BackupItem>)> {
        let mut entries = sorted(self.kept.unwrap_or_default())?;
        entries.retain(|entry| entry.is_of(site));
        Ok((self.store, entries))
    }
}

/// Forgets what has been there for too long, where a keychain is open.
pub(super) fn purge() {
    for choice in Choice::durable() {
        purge_store(&*keychain::open(choice, REMEMBERED));
    }
}

/// Forgets what has been there for too long, if the store is open.
fn purge_store(store: &dyn Store) {
    let kept = store.items(SERVICE, None, Unlock::Never);
    let Ok(entries) = sorted(kept.unwrap_or_default()) else {
        return;
    };
    let begin = u128::from(now().saturating_sub(KEPT_FOR * DAY)) * 1000;
    for entry in entries.iter().filter(|entry| entry.run < begin) {
        // The next run tries again.
        let _ = store.delete(SERVICE, &entry.kept, Unlock::Never);
    }
}

/// Forgets all of it, and says how many there were. Fails if there may be more.
pub fn forget_set_aside(session: &Session) -> Result<usize> {
    let (mut forgotten, mut troubles) = (0, Vec::new());
    for searched in everywhere(session) {
        troubles.extend(searched.trouble());
        for kept in searched.kept.unwrap_or_default() {
            match searched.store.delete(SERVICE, &kept, Unlock::Never) {
                Ok(Deletion::Deleted) => forgotten += 1,
                Ok(Deletion::Unchanged) => {}
                Err(failure) => troubles.push(explain_failure(&failure, &*searched.store)),
            }
        }
    }
    match troubles.first() {
        None => Ok(forgotten),
        Some(reason) => bail!("what doctor --fix has set aside may be there still: {reason}"),
    }
}

/// The items that were set aside in one store.
pub(super) struct Backups<'a> {
    store: &'a dyn Store,
    site: &'a Site,
    /// When this run began, in milliseconds: what one run removed goes back together, and
    /// what the last one removed goes back first.
    run: u128,
}

/// One of them.
pub(super) struct BackupItem {
    kept: Kept,
    run: u128,
    /// The URL of the site whose it is; earlier versions knew of one site only.
    site: Option<String>,
    pub content: Backup,
}

impl<'a> Backups<'a> {
    pub fn new(store: &'a dyn Store, site: &'a Site) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let run = since.map_or(0, |since| since.as_millis());
        Self { store, site, run }
    }

    /// Keeps it, and makes sure that it can be read back.
    pub fn keep(&self, content: &Backup, found: &FoundSecret) -> Result<()> {
        let payload = payload(self.run, self.site, content)?;
        let account = account(found);
        let item = Item {
            label: format!("Bitbucket: set aside, {}", shown(content.whereabouts())),
            account: account.clone(),
            payload: payload.duplicate(),
        };
        let read_back = self
            .store
            .write(SERVICE, &item, Unlock::Never)
            .and_then(|()| self.store.items(SERVICE, Some(&account), Unlock::Never))
            .map_err(|failure| self.explain(&failure))?;
        ensure!(
            read_back.iter().any(|kept| kept.payload == payload),
            "{} does not give back what was put there",
            self.store.name()
        );
        Ok(())
    }

    pub fn forget(&self, entry: &BackupItem) -> Result<()> {
        let deletion = self.store.delete(SERVICE, &entry.kept, Unlock::Never);
        deletion.map_err(|failure| self.explain(&failure))?;
        Ok(())
    }

    fn explain(&self, failure: &Failure) -> anyhow::Error {
        anyhow!(explain_failure(failure, self.store))
    }
}

impl BackupItem {
    fn read(kept: Kept) -> Option<Self> {
        let Head { run, site } = Head::of(&kept.payload)?;
        let content = read(&kept.payload)?;
        Some(Self {
            kept,
            run,
            site,
            content,
        })
    }

    fn is_of(&self, site: &Site) -> bool {
        let own = self.site.as_deref();
        own.is_none_or(|own| own == site.url())
    }
}

/// In the order in which it is to be put back; what is not of our form is left out.
fn sorted(kept: Vec<Kept>) -> Result<Vec<BackupItem>> {
    let mut order: Vec<Backup> = kept.iter().filter_map(|kept| read(&kept.payload)).collect();
    Backup::sort(&mut order);
    let order = order.iter().map(Backup::payload);
    let order = order.collect::<Result<Vec<_>>>()?;
    let mut entries = kept
        .into_iter()
        .filter_map(BackupItem::read)
        .map(|entry| Ok((entry.content.payload()?, entry)))
        .collect::<Result<Vec<_>>>()?;
    entries.sort_by_key(|(payload, entry)| {
        let position = order.iter().position(|other| other == payload);
        (Reverse(entry.run), position)
    });
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// The time and the site's URL on the first line, then the form of `places`.
fn payload(run: u128, site: &Site, content: &Backup) -> Result<Secret> {
    let content = content.payload()?;
    let head = format!("{run} {}\n", site.url());
    let mut bytes = Vec::with_capacity(head.len() + content.expose().len());
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(content.expose());
    Ok(Secret::new(bytes))
}

fn read(payload: &Secret) -> Option<Backup> {
    let bytes = payload.expose();
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Backup::from_payload(&Secret::copy_of(&bytes[end + 1..]))
}

/// The first line.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    run: u128,
    site: Option<String>,
}

impl Head {
    fn of(payload: &Secret) -> Option<Self> {
        let bytes = payload.expose();
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let (run, site) = match line.split_once(' ') {
            Some((run, site)) => (run, Some(site.to_owned())),
            None => (line, None),
        };
        let run = run.parse().ok()?;
        Some(Self { run, site })
    }
}

/// The same for the same secret in the same place, so that a run after one that was killed
/// writes in its stead. A keychain shows it even while it is locked: a part of a digest
/// tells nothing of a token.
fn account(found: &FoundSecret) -> String {
    let digest = Sha256::new()
        .chain_update(found.address())
        .chain_update([0])
        .chain_update(found.secret.expose())
        .finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_when_and_of_which_site() {
        let head = |run, site: Option<&str>| {
            Some(Head {
                run,
                site: site.map(str::to_owned),
            })
        };
        for (line, expected) in [
            ("1790000000000\n{}", head(1_790_000_000_000, None)),
            (
                "5 https://git.example.com:7990\n{}",
                head(5, Some("https://git.example.com:7990")),
            ),
            ("5", None),
            ("x https://bitbucket.org\n", None),
        ] {
            let found = Head::of(&Secret::copy_of(line.as_bytes()));
            assert_eq!(found, expected, "{line}");
        }
    }
}
