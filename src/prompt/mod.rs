//! Talking with a person while Git waits: who can be asked, and how.
//!
//! What is shown where:
//! - A question, and all that belongs to its dialogue, goes to the terminal itself and
//!   nowhere else: [`Person::tell`] and the questions of [`Person`].
//! - Where a program asks in an editor's name ([`Askpass`]), it is given Git's two questions
//!   and nothing else. What there is to tell goes to standard error, as notices do, and only
//!   if something is the matter: of what went well no editor needs to hear.
//! - A notice outside of a dialogue goes to standard error: [`crate::text::notice`], one
//!   line that begins with `bitbucket: `.
//! - Standard output belongs to Git and is never touched here.
//! - A secret is never shown, not even masked; only how many characters arrived.
//! - While a dialogue waits for a server, a turning line says so after a moment, and is gone
//!   before anything else is said: [`Person::wait`]. Outside of a dialogue nothing turns, for
//!   Git may be writing there, too; nor on a dumb terminal, whose lines cannot be taken back.
//! - Text from outside (URLs, servers, people) passes [`crate::text::shown`] before it is
//!   put into a sentence; the terminal escapes everything once more.
//! - The last line of a question for a user name or a secret is Git's own for it, to the letter
//!   ([`password_question`]): programs in which people work (lazygit, Magit) read the terminal for
//!   it, and nobody sees another. What is to be pasted is said above it. Where Git was started by
//!   such a program ([`is_program_s`]), nothing else is asked.
//! - Whole sentences with a capital and a full stop; questions end with `:` or `?`, and the
//!   blank after them is added here. Lines are broken between words, for the terminal's width.
//! - No colours and nothing bold. The one escape sequence makes a link of an address, where the
//!   terminal is known to understand it and no program reads the terminal in a person's place.

mod askpass;
mod git_question;
mod links;
mod listener;
mod presence;
#[cfg(test)]
mod scripted;
mod terminal;
mod waiting;

pub use askpass::Askpass;
pub use git_question::{Subject, password_question, username_question};
pub use listener::Listener;
pub use presence::{Presence, Way, is_editor, is_program_s, presence};
#[cfg(test)]
pub use scripted::Scripted;
pub use terminal::Terminal;
pub use waiting::Waiting;

use crate::secret::Secret;
use std::thread::sleep;
use std::time::Duration;

/// From one look at what is waited for to the next.
const PAUSE: Duration = Duration::from_millis(20);

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

    /// Asks for a user name with Git's own question.
    fn ask_username(&mut self, subject: Subject) -> Result<String, Unanswered> {
        self.ask(&username_question(subject))
    }

    /// Asks for a secret: never shown; an empty answer is a cancellation.
    fn ask_secret(&mut self, question: &str) -> Result<Secret, Unanswered>;

    /// Asks for a secret that may be left out; an empty answer is `None`.
    fn ask_optional_secret(&mut self, question: &str) -> Result<Option<Secret>, Unanswered> {
        self.ask_secret(question).map(Some)
    }

    /// Asks for a secret, until `is_over` says that nobody needs it any more: then, or where
    /// nobody can be asked, the answer is `None`.
    fn ask_secret_until(
        &mut self,
        _question: &str,
        mut is_over: Box<dyn FnMut() -> bool>,
    ) -> Result<Option<Secret>, Unanswered> {
        self.wait_until(&mut is_over);
        Ok(None)
    }

    /// Waits until `is_over` says so, which is asked again and again.
    fn wait_until(&mut self, is_over: &mut dyn FnMut() -> bool) {
        while !is_over() {
            sleep(PAUSE);
        }
    }

    /// Asks yes or no; anything but a clear yes is no.
    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered>;

    /// Shows what is being waited for, if it takes long, until the returned value is dropped.
    fn wait(&mut self, _what: &str) -> Waiting {
        Waiting::unseen()
    }
}
