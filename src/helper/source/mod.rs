//! What comes before the store: each source of a credential, in the order in which `get`
//! looks: its name, its token, its fault and the next step. How a variable is read and a secret
//! of any source judged: `environment`; how a file is read: `token_file`; how a command is run:
//! `token_command`.

pub mod environment;
mod token_command;
mod token_file;

use super::session::Session;
use crate::accounts::Entry;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::setup::line_options::{Options, TOKEN_COMMAND, TOKEN_FILE};
use std::fmt::{Display, Formatter};

/// The id that `state[]` gets for a credential from any source, not only from the environment.
pub const ID: &str = "environment";

/// Where a credential stands that is not in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The name of a variable.
    Variable(&'static str),
    /// The path of the file of `--token-file`, as it is shown.
    File(String),
    /// The program of the command of `--token-command`, as it is shown.
    Command(String),
}

/// What a source has.
pub struct Supply {
    /// Where it stands.
    pub source: Source,
    /// The credential, or why what stands there cannot be used.
    pub credential: Result<Box<Entry>, Reason>,
}

/// For what a credential is looked for.
#[derive(Clone, Copy)]
pub struct Inquiry<'a> {
    /// The run, with its site and its options.
    pub session: &'a Session,
    /// The `user@` that Git asked for.
    pub username: Option<&'a str>,
    /// The path that Git names.
    pub path: Option<&'a str>,
}

/// How a source is read.
pub struct Reader {
    /// What it has, if it is there.
    pub look: fn(&Inquiry) -> Option<Supply>,
    /// Where in it exactly this secret stands, if it does.
    holds: fn(&Session, &Secret) -> Option<Source>,
    /// The source that these options name in place of any store, unread.
    named: fn(&Options) -> Option<Source>,
}

/// Every source before the store, in the order in which they are looked at.
pub static READERS: [Reader; 3] = [
    Reader {
        look: environment::look,
        holds: environment::holds,
        named: |_| None,
    },
    Reader {
        look: token_file::look,
        holds: token_file::holds,
        named: token_file::named,
    },
    Reader {
        look: token_command::look,
        holds: token_command::holds,
        named: token_command::named,
    },
];

/// What all sources have now, whoever is asked for.
pub fn supplies(session: &Session) -> Vec<Supply> {
    let inquiry = Inquiry {
        session,
        username: None,
        path: None,
    };
    let readers = READERS.iter();
    readers
        .filter_map(|reader| (reader.look)(&inquiry))
        .collect()
}

/// The source that comes before the store: the first that has a credential, or in whose place
/// nothing else is served.
pub fn in_force(supplies: &[Supply]) -> Option<&Supply> {
    let mut supplies = supplies.iter();
    supplies.find(|supply| supply.credential.is_ok() || supply.source.is_alone())
}

/// The source that stands in place of any store.
pub fn alone(supplies: &[Supply]) -> Option<&Supply> {
    supplies.iter().find(|supply| supply.source.is_alone())
}

/// The source that these options name in place of any store. It is not read.
pub fn named(options: &Options) -> Option<Source> {
    READERS.iter().find_map(|reader| (reader.named)(options))
}

/// The source that holds this secret, if one does: then it is not to be kept.
pub fn holder(session: &Session, secret: &Secret) -> Option<Source> {
    let mut readers = READERS.iter();
    readers.find_map(|reader| (reader.holds)(session, secret))
}

impl Source {
    /// Whether another program may have set it for a purpose of its own.
    pub fn may_belong_to_another_program(&self) -> bool {
        matches!(self, Self::Variable(name) if *name != environment::OWN_TOKEN)
    }

    /// Whether nothing else is served in its place, nor kept besides.
    pub fn is_alone(&self) -> bool {
        match self {
            Self::Variable(_) => false,
            Self::File(_) | Self::Command(_) => true,
        }
    }

    /// What it is, for programs: the doctor's rows of it begin so.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Variable(_) => "variable",
            Self::File(_) => "token-file",
            Self::Command(_) => "token-command",
        }
    }

    /// The name of the variable, the path of the file or the program of the command.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) => name,
            Self::File(name) | Self::Command(name) => name,
        }
    }

    /// Its name, if it is a variable.
    pub fn variable(&self) -> Option<&'static str> {
        match self {
            Self::Variable(name) => Some(name),
            Self::File(_) | Self::Command(_) => None,
        }
    }

    /// Its path, if it is a file.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::File(path) => Some(path),
            Self::Variable(_) | Self::Command(_) => None,
        }
    }

    /// Its program, if it is a command.
    pub fn program(&self) -> Option<&str> {
        match self {
            Self::Command(program) => Some(program),
            Self::Variable(_) | Self::File(_) => None,
        }
    }

    /// The option that names it, for one that stands alone.
    pub fn option(&self) -> &'static str {
        match self {
            Self::Variable(name) => name,
            Self::File(_) => TOKEN_FILE,
            Self::Command(_) => TOKEN_COMMAND,
        }
    }

    /// How it is called where its place does not matter.
    pub fn called(&self) -> &'static str {
        match self {
            Self::Variable(name) => name,
            Self::File(_) => "the file of --token-file",
            Self::Command(_) => "the command of --token-command",
        }
    }

    /// What it holds, after its name was said.
    pub fn token(&self) -> &'static str {
        match self {
            Self::Variable(_) => "the token in that variable",
            Self::File(_) => "the token in that file",
            Self::Command(_) => "the token that this command prints",
        }
    }

    /// What to do once the server refuses what it holds, where the refusal is told; empty if
    /// that says all.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Variable(_) => "",
            Self::File(_) => "Put a new one into that file.",
            Self::Command(_) => "Have that command print a new one.",
        }
    }

    /// What to do where it holds nothing that works, or another token is to be used.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Variable(_) => "set it to a token that works, or unset it",
            Self::File(_) => "put a token that works into that file",
            Self::Command(_) => "have that command print a token that works",
        }
    }

    /// What is said of a refusal that Git reports.
    pub fn after_refusal(&self, host: &str) -> String {
        match self {
            Self::Variable(name) => {
                format!("{host} refused what {name} holds; replace it if that happens again")
            }
            Self::Command(program) => format!(
                "{host} refused the token that {program} prints; if that happens again, put a new \
                 one where that command has it from"
            ),
            Self::File(path) => format!(
                "{host} refused the token in {path}; if that happens again, put a new one into \
                 that file, which is not changed from here"
            ),
        }
    }
}

/// Its name.
impl Display for Source {
    fn fmt(&self, formatter: &mut Formatter) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Variable(name) => name,
            Self::File(path) => path,
            Self::Command(program) => return write!(formatter, "the output of {program}"),
        })
    }
}

impl Supply {
    /// What is said of it where everything that is kept is told.
    pub fn standing(&self) -> String {
        let source = &self.source;
        match &self.credential {
            Err(fault) => format!("Nothing is served or kept: {fault}"),
            Ok(_) if source.is_alone() => {
                format!("The token in {source} is served; nothing is kept.")
            }
            Ok(_) => format!("{source} is set; it comes before anything that is kept."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::Kind;

    fn supply(source: Source, credential: Result<&str, &'static str>) -> Supply {
        let entry =
            |secret: &str| Entry::new(Kind::ApiToken, Secret::copy_of(secret.as_bytes()), 0);
        Supply {
            source,
            credential: credential.map(entry).map(Box::new).map_err(Reason::from),
        }
    }

    const VARIABLE: Source = Source::Variable("BITBUCKET_TOKEN");

    fn file() -> Source {
        Source::File("/run/token".to_owned())
    }

    fn command() -> Source {
        Source::Command("`op`".to_owned())
    }

    impl Source {
        /// One for each reader, for tests that hold a table against all of them.
        pub fn one_of_each() -> [Self; READERS.len()] {
            [VARIABLE, file(), command()]
        }
    }

    #[test]
    fn each_is_known_by_an_id_and_a_name() {
        for (source, id, name, variable) in [
            (
                VARIABLE,
                "variable",
                "BITBUCKET_TOKEN",
                Some("BITBUCKET_TOKEN"),
            ),
            (file(), "token-file", "/run/token", None),
            (command(), "token-command", "`op`", None),
        ] {
            let found = (source.id(), source.name(), source.variable());
            assert_eq!(found, (id, name, variable));
            assert_eq!(source.file(), (id == "token-file").then_some(name));
            assert_eq!(source.program(), (id == "token-command").then_some(name));
        }
    }

    #[test]
    fn only_files_and_commands_stand_alone_and_each_has_its_words() {
        for (source, is_alone, name, option, called, token) in [
            (
                VARIABLE,
                false,
                "BITBUCKET_TOKEN",
                "BITBUCKET_TOKEN",
                "BITBUCKET_TOKEN",
                "the token in that variable",
            ),
            (
                file(),
                true,
                "/run/token",
                "--token-file",
                "the file of --token-file",
                "the token in that file",
            ),
            (
                command(),
                true,
                "the output of `op`",
                "--token-command",
                "the command of --token-command",
                "the token that this command prints",
            ),
        ] {
            assert_eq!(source.is_alone(), is_alone);
            assert_eq!(source.to_string(), name);
            assert_eq!(source.option(), option);
            assert_eq!(source.called(), called);
            assert_eq!(source.token(), token);
        }
    }

    #[test]
    fn a_refusal_says_what_to_do_about_its_source() {
        for (source, words, next, name) in [
            (
                VARIABLE,
                "replace it if that happens again",
                "",
                "BITBUCKET_TOKEN",
            ),
            (
                file(),
                "put a new one into that file",
                "Put a new one into that file.",
                "/run/token",
            ),
            (
                command(),
                "where that command has it from",
                "Have that command print a new one.",
                "`op`",
            ),
        ] {
            let text = source.after_refusal("bitbucket.org");
            assert!(text.starts_with("bitbucket.org refused"), "{text}");
            assert!(text.contains(name) && text.contains(words), "{text}");
            assert_eq!(source.next_step(), next);
        }
    }

    #[test]
    fn what_comes_before_the_store_is_told_as_it_stands() {
        for (source, credential, expected) in [
            (
                VARIABLE,
                Ok("x"),
                "BITBUCKET_TOKEN is set; it comes before anything that is kept.",
            ),
            (
                file(),
                Ok("x"),
                "The token in /run/token is served; nothing is kept.",
            ),
            (
                command(),
                Ok("x"),
                "The token in the output of `op` is served; nothing is kept.",
            ),
            (
                file(),
                Err("/run/token is not used: it is empty"),
                "Nothing is served or kept: /run/token is not used: it is empty",
            ),
        ] {
            assert_eq!(supply(source, credential).standing(), expected);
        }
    }
}
