//! The one type for secrets: tokens, passwords and buffers that contain them.
//! It has no `Debug` and no `Display`, and its memory is wiped on drop.
//! What a secret means (kind, shape) is decided in `bitbucket`, not here.

use zeroize::Zeroizing;

/// Bytes that must never be shown. Comparing and measuring need no exposure;
/// [`Secret::expose`] marks every place where the bytes leave this type.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over; the caller's buffer is moved, not copied.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Copies the bytes into a secret of their own.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// A second copy, wiped independently; named so that a copy is never an accident.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::copy_of(self.expose())
    }

    /// The bytes themselves. Every call is a place to review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, when they are UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same secret without white space at either end: a newline from `echo`
    /// or a blank from a careless selection is never part of a token.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self::copy_of(self.0.trim_ascii())
    }
}

impl PartialEq for Secret {
    /// Compares every byte whatever the outcome, so that the time taken tells nothing.
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.expose(), other.expose());
        mine.len() == theirs.len()
            && mine
                .iter()
                .zip(theirs)
                .fold(0, |difference, (a, b)| difference | (a ^ b))
                == 0
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn equality_is_byte_for_byte() {
        let secret = Secret::copy_of(b"abc");
        assert!(secret == Secret::copy_of(b"abc"));
        assert!(secret != Secret::copy_of(b"abd"));
        assert!(secret != Secret::copy_of(b"ab"));
        assert!(secret != Secret::copy_of(b""));
    }

    #[test]
    fn trimming_removes_only_the_ends() {
        let secret = Secret::copy_of(b" \ta b\r\n");
        assert!(secret.trimmed() == Secret::copy_of(b"a b"));
    }
}
