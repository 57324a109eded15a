//! Stands in for a person where a credential comes from a program: hears everything, and
//! answers nothing.

use super::{Person, Unanswered};
use crate::secret::Secret;
use crate::text::notice;

/// Hears what a person would be told.
#[derive(Default)]
pub struct Listener {
    told: Vec<String>,
    declined: Vec<String>,
}

impl Listener {
    /// Tells what was heard, as notices.
    pub fn repeat(&self) {
        repeat(&self.told);
    }

    /// The same, and the questions that only a person could have agreed to.
    pub fn repeat_all(&self) {
        self.repeat();
        repeat(&self.declined);
    }
}

fn repeat(texts: &[String]) {
    texts.iter().flat_map(|text| text.lines()).for_each(notice);
}

impl Person for Listener {
    fn tell(&mut self, text: &str) {
        self.told.push(text.to_owned());
    }

    fn ask(&mut self, _: &str) -> Result<String, Unanswered> {
        Err(Unanswered::Nobody)
    }

    fn ask_secret(&mut self, _: &str) -> Result<Secret, Unanswered> {
        Err(Unanswered::Nobody)
    }

    /// Nobody has agreed, so no.
    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered> {
        self.declined.push(question.to_owned());
        Ok(false)
    }
}
