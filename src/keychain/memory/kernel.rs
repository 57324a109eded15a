//! The user's persistent keyring in the Linux kernel (`persistent-keyring(7)`): it outlives
//! every login, needs no process, is never swapped out, and ends what it keeps by itself.
//! One key of it holds all we keep. Its name stands in our folder, so that whoever has another
//! folder has another key: two containers share a kernel, and are not to share a token.

use crate::keychain::Failure;
use crate::keychain::file::explain as explain_file;
use crate::keychain::text_store::{pack, unpack};
use crate::platform;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;
use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;
use zeroize::Zeroizing;

/// The most bytes that the kernel takes into one key of its type `user`.
const LONGEST: usize = 32_767;

/// How often something is tried again that was denied, and how long it is left alone before.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);

/// What the name of our key begins with, and how long the whole may be.
const BEGINNING: &str = "git-credential-bitbucket:";
const LONGEST_NAME: u64 = 256;

/// Seccomp, an older kernel or one that was built without says so by these; the numbers are
/// ENOSYS of every processor but MIPS, and of that.
const REFUSALS: [KeyError; 5] = [
    KeyError::PermissionDenied,
    KeyError::AccessDenied,
    KeyError::OperationNotSupported,
    KeyError::Unknown(38),
    KeyError::Unknown(89),
];

/// Whether the kernel lets us use the keyring here.
pub fn is_usable() -> bool {
    !matches!(keyring(), Err(error) if REFUSALS.contains(&error))
}

/// What is kept; `None` also when its time is over.
pub fn get() -> Result<Option<Secret>, Failure> {
    let Some(name) = name()? else {
        return Ok(None);
    };
    // All that can be there, so that no copy stays behind where it grew.
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    match patiently(|| keyring()?.search(&name)?.read(&mut *bytes)) {
        Ok(length) if length <= LONGEST => {
            bytes.truncate(length);
            Ok(Some(unpack(Secret::new(std::mem::take(&mut *bytes)))))
        }
        Ok(_) => Err(failed("it holds more than was kept there")),
        Err(error) if is_gone(error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

/// Keeps the text in place of what is there: at every moment the one or the other. It is packed,
/// since an ordinary user has 20,000 bytes for all keys.
pub fn store(text: &Secret, remembered: Duration) -> Result<(), Failure> {
    let packed = pack(text).ok_or_else(|| failed("it cannot hold what is no text of ours"))?;
    let (name, bytes) = (name_or_new()?, packed.expose());
    if bytes.len() > LONGEST {
        return Err(Failure::Failed(
            format!(
                "it takes {LONGEST} bytes, and this would be {}",
                bytes.len()
            )
            .into(),
        ));
    }
    // 0 would mean for ever.
    let seconds = usize::try_from(remembered.as_secs().max(1)).unwrap_or(usize::MAX);
    patiently(|| match put_beside(&name, bytes, seconds) {
        // Both do not fit beside each other: the old one becomes the new one, as one of the same
        // name does. (`update` takes no more than a page.)
        Err(KeyError::QuotaExceeded) => keyring()?.add_key(&name, bytes)?.set_timeout(seconds),
        done => done,
    })
    .map_err(explain)
}

/// Made where only this thread sees it, so that the key never is without its time; the link then
/// takes the place of the old one in one step.
fn put_beside(name: &str, bytes: &[u8], seconds: usize) -> Result<(), KeyError> {
    let keyring = keyring()?;
    let drafts = KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?;
    let key = drafts.add_key(name, bytes)?;
    let linked = key
        .set_timeout(seconds)
        .and_then(|()| keyring.link_key(key));
    // With the thread it would go in any case.
    let _ = drafts.unlink_key(key);
    linked
}

/// Forgets what is kept.
pub fn erase() -> Result<(), Failure> {
    let Some(name) = name()? else { return Ok(()) };
    let unlink = || {
        let keyring = keyring()?;
        keyring.unlink_key(keyring.search(&name)?)
    };
    match patiently(unlink) {
        Err(error) if !is_gone(error) => Err(explain(error)),
        _ => Ok(()),
    }
}

/// What helps where the key holds what nobody understands.
pub fn how_to_forget_it() -> String {
    match file() {
        Ok(file) => format!("remove '{}'", shown(&file.to_string_lossy())),
        Err(_) => "restart the machine".to_owned(),
    }
}

/// The keyring, which this thread possesses from now on.
fn keyring() -> Result<KeyRing, KeyError> {
    KeyRing::get_persistent(KeyRingIdentifier::Thread)
}

/// Tries again where access is denied: for a moment the kernel does not find what this thread
/// possesses, if other processes change the user's keyring just then. (Seen with Linux 6.18: in
/// three of a thousand calls while six programs wrote.)
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, KeyError>) -> Result<T, KeyError> {
    for _ in 0..TRIES {
        match attempt() {
            Err(KeyError::AccessDenied) => sleep(PAUSE),
            outcome => return outcome,
        }
    }
    attempt()
}

/// Where it stands what our key is called.
fn file() -> Result<PathBuf, Failure> {
    Ok(super::folder()?.join("key"))
}

/// What our key is called; `None` if there never was one.
fn name() -> Result<Option<String>, Failure> {
    let (folder, file) = (super::folder()?, file()?);
    match platform::has_secret_folder(&folder) {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(unfit) => return Err(explain_file(&folder, 700, unfit)),
    }
    let read = platform::read_secret_file(&file, LONGEST_NAME)
        .map_err(|unfit| explain_file(&file, 600, unfit))?;
    let Some(name) = read else { return Ok(None) };
    match String::from_utf8(name) {
        Ok(name) if name.starts_with(BEGINNING) && !name.contains('\0') => Ok(Some(name)),
        _ => Err(failed("the name of its key is damaged")),
    }
}

/// The same with a new one, which nobody else has. The caller has the folder's lock.
fn name_or_new() -> Result<String, Failure> {
    if let Some(name) = name()? {
        return Ok(name);
    }
    let number = getrandom::u64()
        .map_err(|error| Failure::Failed(format!("no random name: {error}").into()))?;
    let (name, file) = (format!("{BEGINNING}{number:016x}"), file()?);
    platform::replace_secret_file(&file, name.as_bytes())
        .map_err(|error| explain_file(&file, 600, error.into()))?;
    Ok(name)
}

/// Whether an error says no more than that nothing is kept.
fn is_gone(error: KeyError) -> bool {
    matches!(
        error,
        KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked
    )
}

fn failed(why: &'static str) -> Failure {
    Failure::Failed(Reason::new(why, how_to_forget_it()))
}

fn explain(error: KeyError) -> Failure {
    match error {
        KeyError::QuotaExceeded => Failure::Failed(Reason::fixed(
            "the quota that the kernel has for the keys of one user is used up (/proc/key-users)",
            "remove accounts with git credential-bitbucket logout, or choose another store: \
             git credential-bitbucket configure --store NAME",
        )),
        error => Failure::Unreachable(format!("the kernel refuses: {error}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{TRIES, patiently};
    use linux_keyutils::KeyError;

    #[test]
    fn only_what_is_denied_is_tried_again_and_not_for_ever() {
        for (denied, error, expected, tries) in [
            (0, None, Ok(()), 1),
            (3, None, Ok(()), 4),
            (
                0,
                Some(KeyError::KeyDoesNotExist),
                Err(KeyError::KeyDoesNotExist),
                1,
            ),
            (
                1,
                Some(KeyError::QuotaExceeded),
                Err(KeyError::QuotaExceeded),
                2,
            ),
            (u32::MAX, None, Err(KeyError::AccessDenied), TRIES + 1),
        ] {
            let mut tried = 0;
            let outcome = patiently(|| {
                tried += 1;
                if tried <= denied {
                    return Err(KeyError::AccessDenied);
                }
                error.map_or(Ok(()), Err)
            });
            assert_eq!((outcome, tried), (expected, tries), "{denied} {error:?}");
        }
    }
}
