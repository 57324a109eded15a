//! A person for tests: answers what was written down before, and remembers what it was told
//! and asked.

use super::{Person, Unanswered};
use crate::secret::Secret;
use std::collections::VecDeque;

/// Answers in this order; when none is left, it gives up.
pub struct Scripted {
    answers: VecDeque<&'static str>,
    /// What was told and asked, in order.
    pub heard: Vec<String>,
}

impl Scripted {
    /// One who gives these answers.
    pub fn new(answers: &[&'static str]) -> Self {
        Self {
            answers: answers.iter().copied().collect(),
            heard: Vec::new(),
        }
    }

    /// How many answers nobody wanted.
    pub fn left(&self) -> usize {
        self.answers.len()
    }
}

impl Person for Scripted {
    fn tell(&mut self, text: &str) {
        self.heard.push(text.to_owned());
    }

    fn ask(&mut self, question: &str) -> Result<String, Unanswered> {
        self.heard.push(question.to_owned());
        let answer = self.answers.pop_front().ok_or(Unanswered::Cancelled)?;
        Ok(answer.to_owned())
    }

    fn ask_secret(&mut self, question: &str) -> Result<Secret, Unanswered> {
        Ok(Secret::new(self.ask(question)?.into_bytes()))
    }

    fn ask_optional_secret(&mut self, question: &str) -> Result<Option<Secret>, Unanswered> {
        let secret = self.ask_secret(question)?;
        Ok(Some(secret).filter(|secret| !secret.is_empty()))
    }

    fn ask_secret_until(
        &mut self,
        question: &str,
        _: Box<dyn FnMut() -> bool>,
    ) -> Result<Option<Secret>, Unanswered> {
        self.ask_secret(question).map(Some)
    }

    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered> {
        Ok(self.ask(question)? == "y")
    }
}
