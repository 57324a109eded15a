//! The person at the terminal that controls this process. Standard input, output and
//! error are not used: under Git they are pipes or belong to others.

use super::links::with_links;
use super::{Person, Subject, Unanswered, Waiting, username_question};
use crate::platform::Console;
use crate::secret::Secret;
use crate::text;
use std::io::{self, ErrorKind};

/// The width in characters of a terminal that does not tell its own.
const USUAL_WIDTH: usize = 80;

/// A person at the controlling terminal.
pub struct Terminal {
    console: Console,
    for_logins_only: bool,
}

impl Terminal {
    /// [`Unanswered::Nobody`] where no terminal controls this process.
    pub fn open() -> Result<Self, Unanswered> {
        match Console::open() {
            Ok(console) => Ok(Self {
                console,
                for_logins_only: false,
            }),
            Err(_) => Err(Unanswered::Nobody),
        }
    }

    /// Whether someone at the terminal would see a question now: it waits for this job.
    pub fn is_in_foreground(&self) -> bool {
        self.console.is_in_foreground()
    }

    /// A program reads it, and shows the person nothing but Git's own two questions.
    #[must_use]
    pub fn for_logins_only(self) -> Self {
        Self {
            for_logins_only: true,
            ..self
        }
    }

    /// Whether nothing is asked here but a user name and a secret.
    pub fn is_for_logins_only(&self) -> bool {
        self.for_logins_only
    }

    /// Asks, with the answer shown while it is typed.
    fn ask_shown(&mut self, question: &str) -> Result<String, Unanswered> {
        let question = self.laid_out(question) + " ";
        let answer = self.console.ask_visible(&question);
        answer.map_err(|error| unanswered(&error))
    }

    /// How many characters a line may have. The last column stays free: some terminals
    /// begin a new line as soon as it is used.
    fn width(&self) -> usize {
        self.console.width().unwrap_or(USUAL_WIDTH) - 1
    }

    /// What was typed unseen; `None` if that is nothing.
    fn received(&mut self, typed: String) -> Option<Secret> {
        let length = typed.chars().count();
        let secret = Secret::new(typed.into_bytes());
        if secret.is_empty() {
            return None;
        }
        // Nothing was seen while typing: this tells an empty or double paste from a good one.
        self.tell(&format!("{length} characters received."));
        Some(secret)
    }

    /// Our text as it is written: harmless, and broken between words.
    fn laid_out(&self, text: &str) -> String {
        text::wrapped(&text::escaped(text), self.width())
    }

    /// The same for what is told: with links, where somebody can click them.
    fn told(&self, text: &str) -> String {
        let text = self.laid_out(text);
        if !self.for_logins_only && supports_hyperlinks::supports_hyperlinks() {
            with_links(&text)
        } else {
            text
        }
    }
}

impl Person for Terminal {
    fn tell(&mut self, text: &str) {
        // If the terminal is gone, the next question finds out.
        let _ = self.console.write(&(self.told(text) + "\n"));
    }

    fn ask(&mut self, question: &str) -> Result<String, Unanswered> {
        if self.for_logins_only {
            return Err(Unanswered::Nobody);
        }
        self.ask_shown(question)
    }

    fn ask_username(&mut self, subject: Subject) -> Result<String, Unanswered> {
        self.ask_shown(&username_question(subject))
    }

    fn ask_secret(&mut self, question: &str) -> Result<Secret, Unanswered> {
        let secret = self.ask_optional_secret(question)?;
        secret.ok_or(Unanswered::Cancelled)
    }

    fn ask_optional_secret(&mut self, question: &str) -> Result<Option<Secret>, Unanswered> {
        let question = self.laid_out(question) + " ";
        let typed = self
            .console
            .ask_hidden(&question)
            .map_err(|error| unanswered(&error))?;
        Ok(self.received(typed))
    }

    fn ask_secret_until(
        &mut self,
        question: &str,
        is_over: Box<dyn FnMut() -> bool>,
    ) -> Result<Option<Secret>, Unanswered> {
        let question = self.laid_out(question) + " ";
        let typed = self.console.ask_hidden_until(&question, is_over);
        let typed = typed.map_err(|error| unanswered(&error))?;
        // Enter alone is an answer, too, if none that helps.
        let empty = || Secret::new(Vec::new());
        Ok(typed.map(|typed| self.received(typed).unwrap_or_else(empty)))
    }

    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered> {
        if self.for_logins_only {
            self.tell(&format!("{question} No, since nobody is asked here."));
            return Ok(false);
        }
        Ok(is_yes(&self.ask(&format!("{question} [y/N]"))?))
    }

    fn wait(&mut self, what: &str) -> Waiting {
        let what = text::escaped(what);
        let fits = what.chars().count() + 2 <= self.width();
        if !fits || !Console::redraws_lines() {
            return Waiting::unseen();
        }
        Console::open().map_or_else(
            |_| Waiting::unseen(),
            |console| Waiting::shown(console, what),
        )
    }
}

fn unanswered(error: &io::Error) -> Unanswered {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::UnexpectedEof => Unanswered::Cancelled,
        _ => Unanswered::Nobody,
    }
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_clear_yes_is_yes() {
        for yes in ["y", "Y", "yes", "YES", " yes "] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", " ", "n", "no", "ye", "yeah", "yy", "j", "1", "true"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
