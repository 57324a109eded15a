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

    /// The same secret without what nobody sees at either end: a newline from `echo`, a blank
    /// from a careless selection, what pages and chats put there are never part of a token.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self::copy_of(trim(&self.0))
    }
}

/// Without what nobody sees at either end.
pub fn trim(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_matches(is_unseen).as_bytes(),
        Err(_) => bytes.trim_ascii(),
    }
}

/// White space, controls, and what has no width: joiners, marks of direction and of byte order.
fn is_unseen(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
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
