//! The Credential Manager: generic credentials that stay on this machine, one for each
//! account, under `<service>/<account>`. One that is larger than Windows takes is spread
//! over parts `<service>#<id>.<number>/<account>`; its own credential then says which. The
//! parts are written before and removed after it, so that at each moment it is whole.

use super::{read, remove};
use crate::keychain::windows_parts::{LARGEST, Split};
use crate::keychain::{Deletion, Failure, Item, Kept, Unlock};
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;
use keyring_core::{Entry, Error};
use std::collections::HashMap;

pub const NAME: &str = "the Windows Credential Manager";

/// How often an item is read whose parts another process replaces meanwhile.
const ATTEMPTS: usize = 5;

/// The longest comment and the longest user name, in bytes (`wincred.h`).
const LONGEST_COMMENT: usize = 256;
const LONGEST_USER: usize = 512;

/// The items of a service by their accounts, which are their handles.
pub fn items(service: &str, account: Option<&str>) -> Result<Vec<Kept>, Failure> {
    let prefix = target(service, "");
    let found = match account {
        None => credentials(&prefix)?,
        Some(account) => {
            let entry = entry(&target(service, account))?;
            named(&entry)?
                .map(|name| (name, entry))
                .into_iter()
                .collect()
        }
    };
    let mut items = Vec::new();
    for (name, _) in found {
        // Windows takes names that differ in case only for one; they are compared here.
        if let Some(handle) = name.strip_prefix(&prefix)
            && account.is_none_or(|account| account == handle)
            && let Some(payload) = whole(service, handle)?
        {
            let handle = handle.to_owned();
            items.push(Kept { handle, payload });
        }
    }
    Ok(items)
}

/// Puts the item in the place of what is there.
pub fn write(service: &str, item: &Item) -> Result<(), Failure> {
    let entry = entry(&target(service, &item.account))?;
    let payload = item.payload.expose();
    let former = read(&entry)?.and_then(|head| Split::from_head(head.expose()));
    let written = match Split::of(payload)? {
        None => entry.set_secret(payload).map_err(Failure::from),
        Some(split) => {
            let written = split
                .names()
                .zip(payload.chunks(LARGEST))
                .try_for_each(|(name, part)| {
                    Ok(part_of(service, &name, &item.account)?.set_secret(part)?)
                })
                .and_then(|()| Ok(entry.set_secret(&split.head())?));
            if written.is_err() {
                discard(service, &item.account, &split);
            }
            written
        }
    };
    written?;
    describe(&entry, item);
    if let Some(former) = former {
        discard(service, &item.account, &former);
    }
    Ok(())
}

/// Deletes the item, then all of its parts, those of broken-off writes included.
pub fn delete(service: &str, account: &str) -> Result<Deletion, Failure> {
    let outcome = remove(&entry(&target(service, account))?)?;
    let prefix = format!("{service}#");
    for (target, part) in credentials(&prefix)? {
        let place = target
            .strip_prefix(&prefix)
            .and_then(|name| name.split_once('/'));
        if place.is_some_and(|(_, of)| of == account) {
            remove(&part)?;
        }
    }
    Ok(outcome)
}

/// A credential that another program keeps for Git. It is theirs: there is no way here to
/// change or remove it.
pub struct Foreign {
    /// Under which name the Credential Manager shows it.
    pub target: String,
    /// The user name, which may be empty.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

/// What Git Credential Manager and Git's own `wincred` keep for an `https` host.
pub fn foreign(host: &str, unlock: Unlock) -> Result<Vec<Foreign>, Failure> {
    let host = host.to_owned();
    super::run(unlock, move || {
        let mut found = Vec::new();
        for (target, entry) in credentials("git:https://")? {
            let Some(user) = user_in(&target, &host) else {
                continue;
            };
            let user = user.to_owned();
            let password = match entry.get_password() {
                Ok(password) => first_line(password),
                // Gone since, or in a form that neither of them writes.
                Err(Error::NoEntry | Error::BadEncoding(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let attributes = entry.get_attributes()?;
            let username = match attributes.get("username") {
                Some(name) if !name.is_empty() => name.clone(),
                _ => user,
            };
            found.push(Foreign {
                target,
                username,
                password,
            });
        }
        Ok(found)
    })
}

/// The user in `git:https://[user@]host[/path]`, possibly empty; `None` for another host,
/// and for the second secret of a sign-in, which Git is never given.
fn user_in<'a>(target: &'a str, host: &str) -> Option<&'a str> {
    let place = target.strip_prefix("git:https://")?;
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    if path == "refresh_token" {
        return None;
    }
    let (user, name) = authority.rsplit_once('@').unwrap_or(("", authority));
    let name = name.strip_suffix(":443").unwrap_or(name);
    name.eq_ignore_ascii_case(host).then_some(user)
}

/// `wincred` writes more lines below the password.
fn first_line(password: String) -> Secret {
    let all = Secret::new(password.into_bytes());
    let end = all.expose().iter().position(|byte| b"\r\n".contains(byte));
    match end {
        Some(end) => Secret::copy_of(&all.expose()[..end]),
        None => all,
    }
}

/// The credentials whose target begins so.
fn credentials(prefix: &str) -> Result<Vec<(String, Entry)>, Failure> {
    let mut found = Vec::new();
    for entry in Entry::search(&HashMap::new())? {
        if let Some(target) = named(&entry)?
            && target.starts_with(prefix)
        {
            found.push((target, entry));
        }
    }
    Ok(found)
}

/// The target as Windows has it, not what `keyring` makes of it: that cuts service and
/// user apart at the wrong place. `None` for what is gone, or no generic credential.
fn named(entry: &Entry) -> Result<Option<String>, Failure> {
    match entry.get_attributes() {
        Ok(mut attributes) => Ok(attributes.remove("target_name")),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The payload, whole; `None` if it is not there.
fn whole(service: &str, account: &str) -> Result<Option<Secret>, Failure> {
    let entry = entry(&target(service, account))?;
    for _ in 0..ATTEMPTS {
        let Some(head) = read(&entry)? else {
            return Ok(None);
        };
        let Some(split) = Split::from_head(head.expose()) else {
            return Ok(Some(head));
        };
        let mut parts = Vec::new();
        for name in split.names() {
            parts.extend(read(&part_of(service, &name, account)?)?);
        }
        if let Some(payload) = split.join(&parts) {
            return Ok(Some(payload));
        }
    }
    let target = shown(&target(service, account));
    Err(Failure::Failed(Reason::new(
        format!("a part of the entry {target} is missing"),
        "delete that entry there",
    )))
}

fn target(service: &str, account: &str) -> String {
    format!("{service}/{account}")
}

fn part_of(service: &str, name: &str, account: &str) -> Result<Entry, Failure> {
    entry(&format!("{service}#{name}/{account}"))
}

/// Kept on this machine: the default would roam with the user's profile.
fn entry(target: &str) -> Result<Entry, Failure> {
    let modifiers = HashMap::from([("target", target), ("persistence", "Local")]);
    // What stands for service and user here is used nowhere.
    Ok(Entry::new_with_modifiers("git", "git", &modifiers)?)
}

/// What the Credential Manager shows besides the target. Without it the item is as good,
/// and another process may have deleted it by now.
fn describe(entry: &Entry, item: &Item) {
    let user = longest_prefix(&item.account, LONGEST_USER);
    let comment = longest_prefix(&item.label, LONGEST_COMMENT);
    let told = entry.get_attributes().is_ok_and(|now| {
        let is = |name, value| now.get(name).is_some_and(|now| now == value);
        is("username", user) && is("comment", comment)
    });
    if !told {
        let _ = entry.update_attributes(&HashMap::from([("username", user), ("comment", comment)]));
    }
}

fn longest_prefix(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Removes the parts that nothing points to; what stays is removed with the item.
fn discard(service: &str, account: &str, split: &Split) {
    for name in split.names() {
        let _ = part_of(service, &name, account).and_then(|part| remove(&part));
    }
}

/// There is no dialog to keep away.
#[expect(clippy::unnecessary_wraps, reason = "macOS can fail here")]
pub fn quietly(_unlock: Unlock) -> Result<(), Failure> {
    Ok(())
}

/// There is no lock: a user who is logged on has access, and nobody else.
pub fn meaning(reason: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    let text = shown(&reason.to_string());
    if text.contains("ERROR_NO_SUCH_LOGON_SESSION") {
        return Failure::Unreachable(
            format!("this session has none ({text}), as over ssh: log on with a password").into(),
        );
    }
    Failure::Failed(text.into())
}
