//! A site's entries in a keychain: reading all, keeping one, removing one.

use super::entry::{Entry, Origin};
use super::placing::{Placing, Wish, place};
use crate::bitbucket::{Kind, Site};
use crate::keychain::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::lock::Lock;
use crate::text::shown;
use std::time::Duration;

/// How long another process that writes is waited for: as long as it may take alone.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// The entries of one site in one store.
pub struct Vault<'a> {
    store: &'a dyn Store,
    site: &'a Site,
    service: String,
}

/// What a keychain holds for a site.
pub struct Contents {
    /// What we can read.
    pub entries: Vec<Entry>,
    /// How many items are there that we cannot read: kept, never touched.
    pub unreadable: usize,
}

/// A new entry that was written.
pub struct Written {
    /// As it was written.
    pub entry: Entry,
    /// What those were called whose place it took.
    pub replaced: Vec<String>,
}

impl Contents {
    fn of(items: Vec<Kept>, site: &Site) -> Self {
        let mut contents = Self {
            entries: Vec::new(),
            unreadable: 0,
        };
        for kept in items {
            let Some(mut entry) = Entry::from_payload(&kept.payload, site) else {
                contents.unreadable += 1;
                continue;
            };
            let account = entry.account();
            entry.origin = Some(Origin { account, kept });
            contents.entries.push(entry);
        }
        contents
    }
}

impl<'a> Vault<'a> {
    /// The entries of `site` in `store`.
    pub fn new(store: &'a dyn Store, site: &'a Site) -> Self {
        Self {
            store,
            site,
            service: format!("git-credential-bitbucket:{}", site.url()),
        }
    }

    /// The service of the site's items.
    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// Where they are.
    pub fn store(&self) -> &dyn Store {
        self.store
    }

    /// How messages call the store.
    pub fn store_name(&self) -> &'static str {
        self.store.name()
    }

    /// Everything that is kept, in no particular order.
    pub fn read(&self, unlock: Unlock) -> Result<Contents, Failure> {
        let items = self.store.items(&self.service, None, unlock)?;
        Ok(Contents::of(items, self.site))
    }

    /// The entry of the account with exactly this name on the whole site if it can be
    /// read, else everything. No other entry fits the name as well, unless a path is asked for.
    pub fn read_named(&self, name: &str, unlock: Unlock) -> Result<Contents, Failure> {
        let items = self.store.item_else_all(&self.service, name, unlock)?;
        let contents = Contents::of(items, self.site);
        match contents.entries.as_slice() {
            [] if contents.unreadable > 0 => self.read(unlock),
            [entry] if entry.account() == name => {
                let is_own = entry.details.username.as_deref() == Some(name);
                // Put there by hand: it answers any name, so that others may fit better. Any
                // token fits better than an app password.
                if !is_own || entry.details.kind == Kind::AppPassword {
                    self.read(unlock)
                } else if entry.is_well_known() {
                    Ok(contents)
                } else {
                    // What was entered fits better than what Git saw, if it can be read; it is
                    // not waited for.
                    self.read(Unlock::Never).or(Ok(contents))
                }
            }
            _ => Ok(contents),
        }
    }

    /// Writes a new entry beside what is kept, or in place of it: `placing` decides. What was
    /// written; `None` if it is to stay away.
    pub fn keep(&self, entry: &Entry, unlock: Unlock) -> Result<Option<Written>, Failure> {
        self.keep_as(entry, &Wish::Unstated, unlock)
    }

    /// The same, as a person wishes.
    pub fn keep_as(
        &self,
        entry: &Entry,
        wish: &Wish,
        unlock: Unlock,
    ) -> Result<Option<Written>, Failure> {
        let _alone = self.alone();
        let kept = self.read(unlock)?.entries;
        self.put(&kept, entry, wish, unlock)
    }

    /// The same, unless another process has put another secret under its account since
    /// `before` was read. Whether it was written.
    pub fn keep_unless_changed(
        &self,
        before: &[Entry],
        entry: &Entry,
        unlock: Unlock,
    ) -> Result<bool, Failure> {
        let _alone = self.alone();
        let now = self.read(unlock)?.entries;
        let same_account = |kept: &&Entry| kept.account() == entry.account();
        let is_known = |kept: &Entry| {
            let mut known = before.iter().filter(same_account);
            known.any(|known| known.secret == kept.secret)
        };
        if !now.iter().filter(same_account).all(is_known) {
            return Ok(false);
        }
        Ok(self.put(&now, entry, &Wish::Unstated, unlock)?.is_some())
    }

    /// Writes a new entry beside `kept`. What it stands for goes after it is there.
    fn put(
        &self,
        kept: &[Entry],
        entry: &Entry,
        wish: &Wish,
        unlock: Unlock,
    ) -> Result<Option<Written>, Failure> {
        let Placing::Written {
            same,
            elsewhere,
            replaces,
        } = place(kept, entry, wish)
        else {
            return Ok(None);
        };
        let mut entry = entry.duplicate();
        for &index in &elsewhere {
            entry.share_owner(&kept[index]);
        }
        for &index in &same {
            entry.take_over_knowledge(&kept[index]);
        }
        for &index in &replaces {
            entry.note_replaced(&kept[index]);
        }
        let goes = |index: &usize| same.contains(index) || replaces.contains(index);
        let stays = |index: usize| (!goes(&index)).then(|| &kept[index]);
        entry.tell_apart((0..kept.len()).filter_map(stays));
        self.write(&entry, unlock)?;
        for index in (0..kept.len()).filter(goes) {
            self.remove_former(&kept[index], &entry, unlock)?;
        }
        for &index in &elsewhere {
            let mut other = kept[index].duplicate();
            if other.share_owner(&entry) {
                let others = (0..kept.len()).filter(|&one| one != index);
                other.tell_apart(others.filter_map(stays).chain([&entry]));
                self.write(&other, unlock)?;
                self.remove_former(&kept[index], &other, unlock)?;
            }
        }
        let replaced = replaces.iter().map(|&index| kept[index].title());
        let replaced = replaced.collect();
        Ok(Some(Written { entry, replaced }))
    }

    /// Removes what stands under another key than the entry that was written in its place.
    fn remove_former(&self, former: &Entry, entry: &Entry, unlock: Unlock) -> Result<(), Failure> {
        if let Some(origin) = &former.origin
            && origin.account != entry.account()
        {
            self.store.delete(&self.service, &origin.kept, unlock)?;
        }
        Ok(())
    }

    /// Keeps other processes of ours from writing between a comparison and what follows
    /// from it, as no store can.
    fn alone(&self) -> Option<Lock> {
        let lock = Lock::of(&format!("write {}", self.service))?;
        // Whoever takes longer has a person before a dialog; it must not keep us.
        lock.take(LONGEST_WAIT, |_| {});
        Some(lock)
    }

    fn write(&self, entry: &Entry, unlock: Unlock) -> Result<(), Failure> {
        self.store.write(
            &self.service,
            &Item {
                label: format!("Bitbucket: {}", shown(&entry.title())),
                payload: entry.to_payload(),
                account: entry.account(),
            },
            unlock,
        )
    }

    /// Writes what we learnt about an entry, unless another process has changed it since
    /// it was read. If its account has changed, the former item goes after the new one
    /// is there.
    pub fn update(&self, entry: &Entry, unlock: Unlock) -> Result<(), Failure> {
        let Some(origin) = &entry.origin else {
            return self.keep(entry, unlock).map(|_| ());
        };
        let _alone = self.alone();
        let is_origin =
            |kept: &Kept| kept.handle == origin.kept.handle && kept.payload == origin.kept.payload;
        let items = self.store.items(&self.service, None, unlock)?;
        if !items.iter().any(is_origin) {
            return Ok(());
        }
        self.write(entry, unlock)?;
        if origin.account != entry.account() {
            self.store.delete(&self.service, &origin.kept, unlock)?;
        }
        Ok(())
    }

    /// Changes an entry that may have been changed by others since it was read, unless its
    /// secret is another by now, or it is gone: then nothing is written. What was written.
    pub fn change(
        &self,
        entry: &Entry,
        unlock: Unlock,
        change: impl FnOnce(&mut Entry),
    ) -> Result<Option<Entry>, Failure> {
        let _alone = self.alone();
        let kept = self.read(unlock)?.entries;
        let is_it = |now: &Entry| now.details.id == entry.details.id && now.secret == entry.secret;
        let Some(mut now) = kept.into_iter().find(is_it) else {
            return Ok(None);
        };
        let account = now.account();
        change(&mut now);
        debug_assert_eq!(account, now.account(), "it is written in its own place");
        self.write(&now, unlock)?;
        Ok(Some(now))
    }

    /// Takes the default away from all but one account.
    pub fn undefault_others(
        &self,
        kept: Vec<Entry>,
        account: &str,
        unlock: Unlock,
    ) -> Result<(), Failure> {
        for mut entry in kept {
            if entry.details.default && entry.account() != account {
                entry.details.default = false;
                self.update(&entry, unlock)?;
            }
        }
        Ok(())
    }

    /// Removes the entry if the keychain still holds its secret. What another process
    /// has noted about it since it was read does not save it.
    pub fn remove(&self, entry: &Entry, unlock: Unlock) -> Result<Deletion, Failure> {
        let _alone = self.alone();
        if self.remove_as_read(entry, unlock)? == Deletion::Deleted {
            return Ok(Deletion::Deleted);
        }
        let same = |now: &Entry| now.details.id == entry.details.id && now.secret == entry.secret;
        match self.read(unlock)?.entries.into_iter().find(same) {
            Some(now) => self.remove_as_read(&now, unlock),
            None => Ok(Deletion::Unchanged),
        }
    }

    fn remove_as_read(&self, entry: &Entry, unlock: Unlock) -> Result<Deletion, Failure> {
        match &entry.origin {
            Some(origin) => self.store.delete(&self.service, &origin.kept, unlock),
            None => Ok(Deletion::Unchanged),
        }
    }
}
