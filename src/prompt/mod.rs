//! Talking with a person while Git waits.

use crate::secret::Secret;

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The person gave up: Ctrl-C, Ctrl-D or an empty answer where one is needed.
    Cancelled,
    /// Nobody can be asked: no terminal, or it went away.
    Nobody,
}

/// Someone who reads and answers.
pub trait Person {
    /// Shows one paragraph.
    fn tell(&mut self, text: &str);

    /// Asks a question whose answer is shown while typed; an empty answer is `""`.
    fn ask(&mut self, question: &str) -> Result<String, Unanswered>;

    /// Asks for a secret: never shown; an empty answer is a cancellation.
    fn ask_secret(&mut self, question: &str) -> Result<Secret, Unanswered>;

    /// Asks yes or no; anything but a clear yes is no.
    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered>;
}
