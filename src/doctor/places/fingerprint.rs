//! Names for secrets that tell which are equal, and nothing else.

use crate::secret::Secret;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Makes names for secrets by which equal ones are recognised within one report. The key
/// is random and forgotten, so that nothing can be guessed from a name afterwards.
pub struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// For one report. Fails without random numbers.
    pub fn new() -> anyhow::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("no random numbers"))?;
        Ok(Self(key))
    }

    /// Eight hexadecimal digits.
    pub fn of(&self, secret: &Secret) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(secret.expose())
            .finalize();
        let mut name = String::with_capacity(8);
        for byte in &digest[..4] {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}
