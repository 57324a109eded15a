//! Which store is used: the choices, by name, and what each means to a person. One table,
//! [`CHOICES`]; nothing that is plain on disk is ever chosen by anybody but a person.

use super::nothing::Nothing;
use super::{Deletion, Failure, Item, Kept, Store, Unlock, file, memory, platform};
use crate::trace::Harmless;
use std::cell::{Cell, OnceCell};
use std::time::Duration;

/// What `--store` can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The platform's keychain; where there is none, a person is asked.
    #[default]
    Auto,
    /// The platform's keychain and nothing else.
    Keychain,
    /// Git's own cache daemon.
    Memory,
    /// A file of the user's own.
    File,
    /// Nothing is kept.
    None,
}

/// What a choice is called and what it means.
pub struct Row {
    /// The choice.
    pub choice: Choice,
    /// After `--store=`.
    pub name: &'static str,
    /// What becomes of a token: the whole truth in a line.
    pub meaning: &'static str,
}

/// Every choice.
pub const CHOICES: [Row; 5] = [
    Row {
        choice: Choice::Auto,
        name: "auto",
        meaning: "the system's keychain; where there is none, you are asked",
    },
    Row {
        choice: Choice::Keychain,
        name: "keychain",
        meaning: "the system's keychain and nothing else",
    },
    Row {
        choice: Choice::Memory,
        name: "memory",
        meaning: "for 12 hours in the memory of Git's own cache daemon, in no file",
    },
    Row {
        choice: Choice::File,
        name: "file",
        meaning: "in a file that only you can read, not encrypted",
    },
    Row {
        choice: Choice::None,
        name: "none",
        meaning: "nowhere; you are asked each time",
    },
];

impl Choice {
    /// The choice of this name.
    pub fn named(name: &str) -> Option<Self> {
        let row = CHOICES.iter().find(|row| row.name == name)?;
        Some(row.choice)
    }

    /// Whether a person named it, and it keeps anything.
    pub fn keeps(self) -> bool {
        matches!(self, Self::Keychain | Self::Memory | Self::File)
    }

    /// Its row in [`CHOICES`].
    pub fn row(self) -> &'static Row {
        let row = CHOICES.iter().find(|row| row.choice == self);
        // A test holds that every choice has its row.
        row.unwrap_or(&CHOICES[0])
    }
}

impl Harmless for Choice {
    fn tell(&self, line: &mut String) {
        line.push_str(self.row().name);
    }
}

/// The store that a choice stands for, `memory` forgetting what was not written for as long
/// as `remembered`. Nothing is looked for before the first call.
pub fn open(choice: Choice, remembered: Duration) -> Box<dyn Store> {
    match choice {
        Choice::Auto | Choice::Keychain => Box::new(platform()),
        Choice::Memory => Box::new(memory(remembered)),
        Choice::File => Box::new(file()),
        Choice::None => Box::new(Nothing),
    }
}

/// A store and, once a person has named one, another in its place.
pub struct Chosen {
    choice: Cell<Choice>,
    remembered: Cell<Duration>,
    first: Box<dyn Store>,
    instead: OnceCell<Box<dyn Store>>,
}

impl Chosen {
    /// The store of a choice, see [`open`].
    pub fn new(choice: Choice, remembered: Duration) -> Self {
        Self {
            choice: Cell::new(choice),
            remembered: Cell::new(remembered),
            first: open(choice, remembered),
            instead: OnceCell::new(),
        }
    }

    /// What is in use now.
    pub fn choice(&self) -> Choice {
        self.choice.get()
    }

    /// Uses another from now on. It can be replaced once.
    pub fn replace(&self, choice: Choice, remembered: Duration) {
        if self.instead.set(open(choice, remembered)).is_ok() {
            self.choice.set(choice);
            self.remembered.set(remembered);
        }
    }

    /// How long it keeps what was written last; `None` if for good.
    pub fn remembered(&self) -> Option<Duration> {
        (self.choice() == Choice::Memory).then(|| self.remembered.get())
    }

    fn current(&self) -> &dyn Store {
        &**self.instead.get().unwrap_or(&self.first)
    }
}

impl Store for Chosen {
    fn name(&self) -> &'static str {
        self.current().name()
    }

    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        self.current().items(service, account, unlock)
    }

    fn item_else_all(
        &self,
        service: &str,
        account: &str,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        self.current().item_else_all(service, account, unlock)
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        self.current().write(service, item, unlock)
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        self.current().delete(service, kept, unlock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_one_name_and_every_name_one_choice() {
        for choice in [
            Choice::Auto,
            Choice::Keychain,
            Choice::Memory,
            Choice::File,
            Choice::None,
        ] {
            assert_eq!(choice.row().choice, choice);
            assert_eq!(Choice::named(choice.row().name), Some(choice));
        }
        for name in ["", "Auto", "plaintext", "keyring", " file"] {
            assert_eq!(Choice::named(name), None, "{name}");
        }
    }

    #[test]
    fn the_document_has_the_same_table() {
        let document = include_str!("../../docs/credentials.md");
        for row in &CHOICES {
            let line = format!("| `{}` | {} |", row.name, row.meaning);
            assert!(document.lines().any(|found| found == line), "{line}");
        }
    }

    #[test]
    fn only_what_was_named_takes_the_place_of_the_first() {
        let chosen = Chosen::new(Choice::Auto, Duration::ZERO);
        assert_eq!(chosen.choice(), Choice::Auto);
        let first = chosen.name();
        chosen.replace(Choice::None, Duration::ZERO);
        assert_eq!(chosen.choice(), Choice::None);
        assert_ne!(chosen.name(), first);
        chosen.replace(Choice::File, Duration::ZERO);
        assert_eq!(chosen.choice(), Choice::None);
    }
}
