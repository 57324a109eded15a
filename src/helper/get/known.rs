//! What a `get` knows: what Git asks for, which stays the same, and what the steps so far have
//! found out. What follows from it: `decision`.

use super::step::Serving;
use crate::accounts::renewal::Outcome;
use crate::accounts::{self, Entry, fits};
use crate::bitbucket::{Repository, Verdict, account_name};
use crate::helper::mark::Mark;
use crate::helper::notes::Word;
use crate::helper::single_flight::Before;
use crate::helper::source::Supply;
use crate::keychain::Failure;
use crate::prompt::Unanswered;
use crate::protocol::{Request, is_printable};
use crate::secret::Secret;

/// What Git asks for, and where. It stays the same for the whole run.
pub struct GetRequest<'a> {
    /// The user name that Git asks for.
    pub stated_name: Option<&'a str>,
    /// The repository in the path of the request.
    pub repository: Option<Repository>,
    /// Whether there is a path, be it a repository's or not.
    pub has_path: bool,
    /// The mark of what we served before, if Git comes back with it: it was refused.
    pub mark: Option<Mark<'a>>,
    /// Whether it is for the URL of a submodule, which no person typed.
    pub is_submodule: bool,
    /// Whether this is a step of Bitbucket Pipelines, whose own clone needs nobody.
    pub is_pipelines: bool,
    /// Unix seconds.
    pub now: u64,
}

impl<'a> GetRequest<'a> {
    /// What `request` asks for, for this repository at this time.
    pub fn of(request: &'a Request, repository: Option<Repository>, now: u64) -> Self {
        Self {
            stated_name: request.username(),
            repository,
            has_path: request.path.as_deref().is_some_and(|path| !path.is_empty()),
            mark: Mark::of(request),
            is_submodule: false,
            is_pipelines: false,
            now,
        }
    }

    /// The account that Git asks for. A placeholder (`x-token-auth`) chooses none: in a remote it
    /// is nobody's, and on the second round Git repeats the one that we served, so the mark tells
    /// whom it had asked for.
    pub fn username(&self) -> Option<&str> {
        let asked_before = || self.mark.as_ref()?.asked.as_deref();
        account_name(self.stated_name?).or_else(asked_before)
    }

    /// The user name for which Git itself would ask for a password, instead of asking for the
    /// name: a placeholder in a remote, too.
    pub fn name_in_question(&self) -> Option<&str> {
        let first_round = || self.stated_name.filter(|_| self.mark.is_none());
        self.username().or_else(first_round)
    }

    /// The account name that alone decides which entry answers. There is one only if the request
    /// names no repository, which might choose a narrower entry, and if Git was not refused yet.
    pub fn only_name(&self) -> Option<&'a str> {
        let name = self.stated_name?;
        let is_plain = !name.contains('@') && account_name(name).is_some();
        (is_plain && self.repository.is_none() && self.mark.is_none()).then_some(name)
    }

    /// Whether Git can be told this entry: with a user name, and in lines.
    pub fn can_be_told(&self, entry: &Entry) -> bool {
        let name = entry.git_username().or(self.username());
        is_printable(entry.secret.expose()) && name.is_some_and(|it| is_printable(it.as_bytes()))
    }

    /// What an entry must fit.
    pub fn account(&self) -> accounts::Wanted<'_> {
        accounts::Wanted {
            username: self.username(),
            repository: self.repository.as_ref(),
            is_elsewhere: self.has_path && self.repository.is_none(),
        }
    }

    /// The entry that we served and that was refused, if it is there still.
    pub fn refused_entry(&self, entries: &[Entry]) -> Option<usize> {
        let mark = self.mark.as_ref()?;
        let wanted = accounts::Wanted {
            username: self.stated_name,
            ..self.account()
        };
        let is_it = |entry: &Entry| mark.is_of(entry) && fits(entry, &wanted);
        entries.iter().position(is_it)
    }
}

/// What the steps so far have found out.
#[derive(Default)]
pub struct Known {
    /// The sources before the store, in their order, as far as they were looked at.
    pub sources: Vec<Looked>,
    /// What is in the store.
    pub stored: Stored,
    /// Since when it is our turn to ask.
    pub turn: Option<OurTurn>,
    /// Who can be asked.
    pub people: Option<People>,
    /// Where Git works.
    pub place: Place,
    /// Which secrets the server was asked about.
    pub heard: Vec<Heard>,
    /// Which sign-ins this run has tried to renew.
    pub renewals: Vec<Renewed>,
    /// What was removed since the server refuses it.
    pub refused: Option<Entry>,
    /// What a person said about the accounts that are stored.
    pub agreement: Option<Agreement>,
    /// What a person has just handed over.
    pub pasted: Option<Pasted>,
    /// Why a question has no answer.
    pub unanswered: Option<Unanswered>,
    /// Whether it was said why nothing of the store can be served.
    pub is_explained: bool,
    /// What is stored, and cannot be told to Git.
    pub passed_over: Vec<Secret>,
    /// How many items are in the store that are no entries, as far as we can read.
    pub unreadable: usize,
}

impl Known {
    /// Whether neither a person nor the server had a say in it.
    pub fn is_unasked(&self) -> bool {
        self.heard.is_empty() && self.agreement.is_none()
    }
}

/// A source that was looked at.
pub struct Looked {
    /// What it has, if it is there.
    pub supply: Option<Supply>,
    /// What the server says of it, once it was asked.
    pub word: Option<Word>,
    /// Whether it was looked what is kept in whose place it is served.
    pub is_compared: bool,
}

/// What is in the store.
#[derive(Default)]
pub enum Stored {
    /// It was not read yet.
    #[default]
    Unread,
    /// These entries.
    Entries(Vec<Entry>),
    /// It cannot be read.
    Unreadable {
        /// Why.
        failure: Failure,
        /// Whether a person may choose another store instead.
        is_replaceable: bool,
    },
}

/// It is our turn to ask a person or the server, or will not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OurTurn {
    /// What others did before.
    pub before: Before,
    /// Whether the store was read again since.
    pub has_read: bool,
}

/// Who can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// The best way to ask.
    pub contact: Contact,
    /// Whether Git has somebody else to ask if we stay silent.
    pub others_may_answer: bool,
    /// Whether a person has given up on a question of this command, about a submodule.
    pub gave_up: bool,
}

/// How a person can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// At the terminal.
    Terminal,
    /// At a terminal that a program reads: for a user name and a secret only.
    LoginOnly,
    /// By the program that asks in Git's name.
    Program,
    /// Not at all.
    Nobody,
}

/// Where Git works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// It was not looked up yet.
    #[default]
    NotFound,
    /// In this repository.
    Repository(Repository),
    /// Nothing tells.
    Nowhere,
}

/// A secret that the server was asked about.
pub struct Heard {
    /// The secret.
    pub secret: Secret,
    /// What the server says; nothing if another process asked and left it in the store.
    pub verdict: Option<Verdict>,
}

impl Heard {
    /// Whether the server accepts it.
    pub fn is_accepted(&self) -> bool {
        let verdict = self.verdict.as_ref();
        verdict.is_some_and(|verdict| verdict.accepted().is_some())
    }
}

/// A sign-in that this run has tried to renew.
pub struct Renewed {
    /// The entry's id.
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why nothing is known, as whole sentences.
    pub why: Option<String>,
}

/// What a person said about the accounts that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// This entry is meant.
    Entry(usize),
    /// None of them is.
    None,
}

/// What a person has just handed over.
pub struct Pasted {
    /// The credential.
    pub entry: Entry,
    /// How it is served.
    pub serving: Serving,
}
