//! A person behind a program that asks in Git's name, as editors have it. Such programs read
//! the question, so it is one of Git's two, to the letter. Each is asked once.

use super::{Subject, Unanswered, password_question, username_question};
use crate::platform;
use crate::secret::Secret;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// More than any answer has, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// A program that asks.
pub struct Askpass {
    program: PathBuf,
    command: fn(&Path) -> Command,
}

impl Askpass {
    /// `command` makes what starts the program: without variables that it must not see.
    pub fn new(program: PathBuf, command: fn(&Path) -> Command) -> Self {
        Self { program, command }
    }

    /// Asks for a name. It is kept like a secret, since some people paste one here.
    pub fn ask_username(&self, subject: Subject) -> Result<Secret, Unanswered> {
        self.ask(&username_question(subject))
    }

    /// Asks for the password of this user, whose name must not be a secret: it is shown.
    pub fn ask_password(&self, subject: Subject, username: &str) -> Result<Secret, Unanswered> {
        self.ask(&password_question(subject, Some(username)))
    }

    /// The first line of the answer counts, as with Git. Nothing, a failure or too much is
    /// a cancellation; a program that cannot be started is nobody.
    fn ask(&self, question: &str) -> Result<Secret, Unanswered> {
        let mut command = (self.command)(&self.program);
        command.arg(format!("{question} "));
        match platform::output_of_program(command, LONGEST_ANSWER) {
            Ok((status, output)) => {
                let output = Secret::new(output);
                let line = output.expose().split(|byte| b"\r\n".contains(byte)).next();
                let answer = Secret::copy_of(line.unwrap_or_default());
                if status.success() && !answer.is_empty() {
                    Ok(answer)
                } else {
                    Err(Unanswered::Cancelled)
                }
            }
            Err(error)
                if [ErrorKind::Interrupted, ErrorKind::InvalidData].contains(&error.kind()) =>
            {
                Err(Unanswered::Cancelled)
            }
            Err(_) => Err(Unanswered::Nobody),
        }
    }
}
