//! Any bytes as an item of the keychain: never a panic, and an entry that is read is
//! written so that the same entry is read again, whatever a newer version added.

use git_credential_bitbucket::accounts::Entry;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::secret::Secret;

/// Panics if this input breaks the promise above.
pub fn check(payload: &[u8]) {
    let Some(entry) = Entry::from_payload(&Secret::copy_of(payload), &CLOUD) else {
        return;
    };
    assert!(!entry.secret.is_empty() && !entry.secret.expose().contains(&b'\n'));
    let written = entry.to_payload();
    let again = Entry::from_payload(&written, &CLOUD).expect("what we write is readable");
    assert!(again.secret == entry.secret);
    assert_eq!(again.account(), entry.account());
    assert_eq!(again.title(), entry.title());
    assert!(again.to_payload() == written);
    assert_eq!(again.must_be_checked(17), entry.must_be_checked(17));
}
