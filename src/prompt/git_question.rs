//! Git's two questions, to the letter (`credential_ask_one` in its `credential.c`). Programs that
//! run Git know them, and show a box of their own for each. It is the whole question and not
//! `Password: `, which lazygit knows as well: Magit shows that line alone, so the line says where
//! the secret goes. By which way one is asked: `askpass`, `terminal`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What Git writes as `%xx` in a user name, and in a path.
const IN_NAME: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const IN_PATH: AsciiSet = IN_NAME.remove(b'/');

/// What is asked about, as Git names it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The host and perhaps a port.
    pub host: &'a str,
    /// The path, if Git tells it.
    pub path: Option<&'a str>,
}

/// The question for a user name; a blank follows it.
pub fn username_question(subject: Subject) -> String {
    question("Username", subject, None)
}

/// The question for the password of this user, whose name must not be a secret: it is shown. A
/// blank follows it.
pub fn password_question(subject: Subject, username: Option<&str>) -> String {
    question("Password", subject, username)
}

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
    text + "':"
}

#[cfg(test)]
mod tests {
    use super::{Subject, password_question, username_question};

    /// `tests/it/askpass` compares with what Git itself asks.
    #[test]
    fn the_questions_are_git_s() {
        let subject = |path| Subject {
            host: "bitbucket.org",
            path,
        };
        for (asked, expected) in [
            (
                username_question(subject(None)),
                "Username for 'https://bitbucket.org':",
            ),
            (
                password_question(subject(None), None),
                "Password for 'https://bitbucket.org':",
            ),
            (
                password_question(subject(None), Some("alice")),
                "Password for 'https://alice@bitbucket.org':",
            ),
            (
                password_question(subject(Some("acme/it's.git")), Some("a/b@c")),
                "Password for 'https://a%2Fb%40c@bitbucket.org/acme/it%27s.git':",
            ),
        ] {
            assert_eq!(asked, expected);
        }
    }
}
