//! Bytes that are kept in JSON and may contain a secret.

use crate::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::Zeroizing;

/// Written as text, a character for each byte. No `Debug`: wiped when dropped.
#[derive(PartialEq, Eq)]
pub(super) struct Bytes(Secret);

impl Bytes {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Secret::copy_of(bytes))
    }

    pub fn as_slice(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Clone for Bytes {
    fn clone(&self) -> Self {
        Self(self.0.duplicate())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.as_slice().iter().copied().map(char::from).collect();
        serializer.serialize_str(&Zeroizing::new(text))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        let bytes = bytes.map_err(|_| D::Error::custom("a character that is no byte"))?;
        Ok(Self(Secret::new(bytes)))
    }
}
