//! What a `get` can do next, and how it can end. Which step follows: `decision`.

use super::known::Contact;
use crate::trace::Harmless;

/// How a credential is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// With our mark; Git comes back on a 401, but never twice in a row.
    Usual,
    /// Without a mark: Git's `store` must not take it for something that is kept already.
    Unmarked,
    /// Without a mark, and Git does not come back.
    UnmarkedOnce,
    /// Once more after a 401, under the name that needs no account's: the account may have
    /// been renamed.
    OnceMore,
}

/// What is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// What the source at this place supplies.
    Source(usize),
    /// The entry at this place.
    Entry(usize),
    /// What a person has just handed over.
    Pasted,
}

/// How a `get` ends that has no credential to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Git asks elsewhere.
    Silence,
    /// Git stops, and it was said why.
    Quit,
    /// The person gave up, for everybody who waits, too. Git would ask for a password, which
    /// Bitbucket accepts from nobody.
    GiveUp,
    /// Git stops, with the command that helps.
    Tell(NoCredential),
}

/// Why there is no credential, where a person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCredential {
    /// Nobody can be asked.
    NobodyThere,
    /// Another Git command is still asking.
    Busy,
    /// A question of this command was cancelled.
    Cancelled,
    /// A submodule must not talk a person out of another account than those stored.
    NotForSubmodule,
}

/// What is done next. Each step but the last two adds to what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look at the source at this place among those before the store.
    Look(usize),
    /// Ask the server about what a source supplies; not again within a day if it is a daily check.
    CheckSource {
        /// Which.
        index: usize,
        /// Whether nothing but a day speaks for asking.
        is_daily: bool,
    },
    /// See which kept entry the source at this place hides: another program may have set it.
    LookBehind(usize),
    /// Read the store.
    ReadStore,
    /// Find out who can be asked.
    FindPeople,
    /// Find out which repository Git works on.
    FindPlace,
    /// Wait until no other process asks for the same account.
    TakeTurn,
    /// Read the store again, since another process may have asked; the server is to be asked
    /// about this entry, else a person.
    ReadAgain(Option<usize>),
    /// Ask the server about an entry.
    AskServer {
        /// Which.
        index: usize,
        /// Whether a server has refused it to Git a moment ago.
        was_refused: bool,
    },
    /// Renew a browser sign-in.
    Renew {
        /// Which.
        index: usize,
        /// Whether a server has refused it to Git a moment ago.
        was_refused: bool,
    },
    /// Say why a browser sign-in cannot be served.
    ExplainSignIn {
        /// Which.
        index: usize,
        /// Whether only a person can sign in again.
        has_ended: bool,
    },
    /// Remove an entry that the server refuses for good.
    Replace(usize),
    /// Ask which of these entries is meant.
    ChooseAccount(Vec<usize>),
    /// Ask whether this entry may answer for the name that Git asks for.
    AgreeOnName(usize),
    /// Ask a person for a credential.
    SignIn(Contact),
    /// Ask which store to use.
    ChooseStore,
    /// Say that the store cannot be read.
    Explain,
    /// Say that these entries cannot be told to Git, and look for others.
    PassOver(Vec<usize>),
    /// Serve a credential, and end.
    Serve(Credential, Serving),
    /// End without one.
    End(End),
}

impl Harmless for Step {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Look(_) => "look at a source",
            Self::CheckSource { .. } => "ask the server about a source",
            Self::LookBehind(_) => "look what a source hides",
            Self::ReadStore => "read the store",
            Self::FindPeople => "find out who can be asked",
            Self::FindPlace => "find out where Git works",
            Self::TakeTurn => "wait for others",
            Self::ReadAgain(_) => "read the store again",
            Self::AskServer {
                was_refused: true, ..
            } => "ask the server about what Git was refused",
            Self::AskServer { .. } => "ask the server",
            Self::Renew { .. } => "renew the sign-in",
            Self::ExplainSignIn { .. } => "explain the sign-in",
            Self::Replace(_) => "remove what is refused",
            Self::ChooseAccount(_) => "ask for the account",
            Self::AgreeOnName(_) => "ask about the name",
            Self::SignIn(_) => "ask for a credential",
            Self::ChooseStore => "ask for the store",
            Self::Explain => "explain the store",
            Self::PassOver(_) => "pass over what cannot be told",
            Self::Serve(Credential::Source(_), _) => "serve a source's",
            Self::Serve(Credential::Entry(_), _) => "serve an entry",
            Self::Serve(Credential::Pasted, _) => "serve what was pasted",
            Self::End(_) => "end",
        });
    }
}
