//! Why something did not work, and what a person does about it: two texts that stay apart, so
//! that nobody has to take a sentence to pieces again. What the texts say is their authors'.

use std::borrow::Cow;
use std::fmt::{Display, Formatter};

/// A cause with its next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is the case, as a part of a sentence without its end.
    pub why: Cow<'static, str>,
    /// What to do, in the same way; empty if the cause itself does not tell.
    pub next: Cow<'static, str>,
}

impl Reason {
    /// A cause that tells what to do.
    pub fn new(why: impl Into<Cow<'static, str>>, next: impl Into<Cow<'static, str>>) -> Self {
        Self {
            why: why.into(),
            next: next.into(),
        }
    }

    /// The same, where both are known beforehand.
    pub const fn fixed(why: &'static str, next: &'static str) -> Self {
        Self {
            why: Cow::Borrowed(why),
            next: Cow::Borrowed(next),
        }
    }

    /// What to do, or `otherwise` if the cause does not tell.
    pub fn next_or<'a>(&'a self, otherwise: &'a str) -> &'a str {
        if self.next.is_empty() {
            otherwise
        } else {
            &self.next
        }
    }
}

/// A cause that does not tell what to do.
impl From<String> for Reason {
    fn from(why: String) -> Self {
        Self::new(why, "")
    }
}

/// The same.
impl From<&'static str> for Reason {
    fn from(why: &'static str) -> Self {
        Self::new(why, "")
    }
}

/// For the end of a sentence.
impl Display for Reason {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.why)?;
        if self.next.is_empty() {
            return Ok(());
        }
        write!(formatter, "; {}", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_with_what_to_do_or_without() {
        let told = Reason::new("it is open to others", "close it");
        assert_eq!(told.to_string(), "it is open to others; close it");
        assert_eq!(told.next_or("look there"), "close it");
        let untold = Reason::from("it is gone");
        assert_eq!(untold.to_string(), "it is gone");
        assert_eq!(untold.next_or("look there"), "look there");
    }
}
