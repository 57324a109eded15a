//! Salted digests of secrets: one recognises a secret that is at hand and tells nothing
//! about one that is not. What is recognised, and why, is the caller's business.

use crate::secret::Secret;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How many bytes of salt and of the digest are written.
const LENGTH: usize = 16;

/// `<salt>:<digest>`; `None` without a random source.
pub fn fingerprint(secret: &Secret) -> Option<String> {
    let mut salt = [0; LENGTH];
    getrandom::fill(&mut salt).ok()?;
    let salt = hexadecimal(&salt);
    let digest = digest(&salt, secret);
    Some(format!("{salt}:{digest}"))
}

/// Whether a [`fingerprint`] was made of this secret.
pub fn is_fingerprint_of(fingerprint: &str, secret: &Secret) -> bool {
    fingerprint
        .split_once(':')
        .is_some_and(|(salt, made)| digest(salt, secret) == made)
}

fn digest(salt: &str, secret: &Secret) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(secret.expose());
    hexadecimal(&hasher.finalize()[..LENGTH])
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_recognises_its_own_secret_only() {
        let one = Secret::copy_of(b"one");
        let made = fingerprint(&one).expect("random bytes");
        assert!(is_fingerprint_of(&made, &one));
        assert!(!is_fingerprint_of(&made, &Secret::copy_of(b"two")));
        assert_ne!(fingerprint(&one).expect("random bytes"), made);
        for forged in ["", ":", "a:b", "a"] {
            assert!(!is_fingerprint_of(forged, &one), "{forged}");
        }
    }
}
