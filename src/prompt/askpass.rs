//! A person behind a program that asks in Git's name, as editors have it. Such programs read
//! the question, so it is one of Git's two, to the letter. Each is asked once.

use super::Unanswered;
use crate::platform;
use crate::secret::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// More than any answer has, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// What Git writes as `%xx` in a user name, and in a path.
const IN_NAME: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const IN_PATH: AsciiSet = IN_NAME.remove(b'/');

/// A program that asks.
pub struct Askpass {
    program: PathBuf,
    command: fn(&Path) -> Command,
}

/// What is asked about, as Git names it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The host and perhaps a port.
    pub host: &'a str,
    /// The path, if Git tells it.
    pub path: Option<&'a str>,
}

impl Askpass {
    /// `command` makes what starts the program: without variables that it must not see.
    pub fn new(program: PathBuf, command: fn(&Path) -> Command) -> Self {
        Self { program, command }
    }

    /// Asks for a name. It is kept like a secret, since some people paste one here.
    pub fn ask_username(&self, subject: Subject) -> Result<Secret, Unanswered> {
        self.ask(&question("Username", subject, None))
    }

    /// Asks for the password of this user, whose name must not be a secret: it is shown.
    pub fn ask_password(&self, subject: Subject, username: &str) -> Result<Secret, Unanswered> {
        self.ask(&question("Password", subject, Some(username)))
    }

    /// The first line of the answer counts, as with Git. Nothing, a failure or too much is
    /// a cancellation; a program that cannot be started is nobody.
    fn ask(&self, question: &str) -> Result<Secret, Unanswered> {
        let mut command = (self.command)(&self.program);
        command.arg(question);
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

/// Git's own question (`credential_ask_one` in its `credential.c`).
fn question(what: &str, subject: Subject, username: Option<&str>) -> String {
    let mut text = format!("{what} for 'https://");
    if let Some(name) = username {
        text.extend(utf8_percent_encode(name, &IN_NAME));
        text.push('@');
    }
    text.push_str(subject.host);
    if let Some(path) = subject.path {
        text.push('/');
        text.extend(utf8_percent_encode(path, &IN_PATH));
    }
    text + "': "
}

#[cfg(test)]
mod tests {
    use super::{Subject, question};

    /// `tests/it/askpass` compares with what Git itself asks.
    #[test]
    fn the_questions_are_git_s() {
        let subject = |path| Subject {
            host: "bitbucket.org",
            path,
        };
        for (asked, expected) in [
            (
                question("Username", subject(None), None),
                "Username for 'https://bitbucket.org': ",
            ),
            (
                question("Password", subject(None), Some("alice")),
                "Password for 'https://alice@bitbucket.org': ",
            ),
            (
                question("Password", subject(Some("acme/it's.git")), Some("a/b@c")),
                "Password for 'https://a%2Fb%40c@bitbucket.org/acme/it%27s.git': ",
            ),
        ] {
            assert_eq!(asked, expected);
        }
    }
}
