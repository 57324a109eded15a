//! Which store is used: the choices, by name, and all that the other rooms want to know of
//! each. One table, [`CHOICES`]: another store is a row here and a file beside this one.
//! Only a person chooses a store that is not encrypted.

use super::nothing::Nothing;
use super::{
    Deletion, Failure, Item, Kept, LockWords, REMEMBERED, Store, Unlock, file, memory, pass::pass,
    platform,
};
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
    /// The standard Unix password manager.
    Pass,
    /// The kernel's keyring, else Git's own cache daemon.
    Memory,
    /// A file of the user's own.
    File,
    /// Nothing is kept.
    None,
}

/// What is known of a choice.
pub struct ChoiceRow {
    /// The choice.
    pub choice: Choice,
    /// After `--store=`.
    pub name: &'static str,
    /// What becomes of a token: the whole truth in a line.
    pub meaning: &'static str,
    /// What a secret in it is safe from, and what not.
    pub protects: &'static str,
    /// The store itself. It is told how long to remember, and touches nothing yet.
    open: fn(Duration) -> Box<dyn Store>,
    /// The store that it is: its own, or that of another row.
    pub stands_for: Choice,
    /// Whether it is offered where there is no keychain and it can be used, in the order of
    /// this table: what suits most people best comes first.
    pub offered: bool,
    /// Whether the person has all that it needs.
    is_set_up: fn() -> bool,
    /// For how long it keeps.
    keeps: Keeping,
    /// Whether its failure messages give the next step themselves; if not, the store's own program
    /// has to be used.
    pub says_next_step: bool,
}

/// For how long a store keeps what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    /// Not at all.
    Nothing,
    /// For so long after it was written last, if `--timeout` does not say otherwise.
    For(Duration),
    /// Until it is removed: it outlasts a month and a restart.
    ForGood,
}

/// Every choice.
pub const CHOICES: [ChoiceRow; 6] = [
    ChoiceRow {
        choice: Choice::Auto,
        name: "auto",
        meaning: "the system's keychain; where there is none, you are asked",
        protects: "as in the keychain",
        open: |_| Box::new(platform()),
        stands_for: Choice::Keychain,
        offered: false,
        is_set_up: || true,
        keeps: Keeping::ForGood,
        says_next_step: false,
    },
    ChoiceRow {
        choice: Choice::Keychain,
        name: "keychain",
        meaning: "the system's keychain and nothing else",
        protects: "from whoever copies the disk, and while it is locked from everybody",
        open: |_| Box::new(platform()),
        stands_for: Choice::Keychain,
        offered: false,
        is_set_up: || true,
        keeps: Keeping::ForGood,
        says_next_step: false,
    },
    ChoiceRow {
        choice: Choice::Pass,
        name: "pass",
        meaning: "encrypted with your GPG key by pass, the password manager",
        protects: "from whoever copies the disk, and from everybody while the key is locked",
        open: |_| Box::new(pass()),
        stands_for: Choice::Pass,
        offered: true,
        is_set_up: super::pass::is_set_up,
        keeps: Keeping::ForGood,
        says_next_step: true,
    },
    ChoiceRow {
        choice: Choice::Memory,
        name: "memory",
        meaning: "for 12 hours in the kernel's memory, else in Git's cache daemon",
        protects: "from whoever copies the disk; nothing is left after a restart",
        open: |remembered| Box::new(memory(remembered)),
        stands_for: Choice::Memory,
        offered: true,
        is_set_up: || true,
        keeps: Keeping::For(REMEMBERED),
        says_next_step: true,
    },
    ChoiceRow {
        choice: Choice::File,
        name: "file",
        meaning: "in a file that only you can read, not encrypted",
        protects: "from other users of this machine only",
        open: |_| Box::new(file()),
        stands_for: Choice::File,
        offered: true,
        is_set_up: || true,
        keeps: Keeping::ForGood,
        says_next_step: true,
    },
    ChoiceRow {
        choice: Choice::None,
        name: "none",
        meaning: "nowhere; you are asked each time",
        protects: "from everybody",
        open: |_| Box::new(Nothing),
        stands_for: Choice::None,
        offered: true,
        is_set_up: || true,
        keeps: Keeping::Nothing,
        says_next_step: false,
    },
];

impl Choice {
    /// The choice of this name.
    pub fn named(name: &str) -> Option<Self> {
        let row = CHOICES.iter().find(|row| row.name == name)?;
        Some(row.choice)
    }

    /// Its row in [`CHOICES`].
    pub fn row(self) -> &'static ChoiceRow {
        let row = CHOICES.iter().find(|row| row.choice == self);
        // A test holds that every choice has its row.
        row.unwrap_or(&CHOICES[0])
    }

    /// Whether anything is kept at all.
    pub fn keeps(self) -> bool {
        self.row().keeps != Keeping::Nothing
    }

    /// Whether what is kept is still there after a month and a restart.
    pub fn is_durable(self) -> bool {
        self.row().keeps == Keeping::ForGood
    }

    /// How long it remembers if `--timeout` does not say; `None` if it takes no `--timeout`.
    pub fn remembers(self) -> Option<Duration> {
        match self.row().keeps {
            Keeping::For(time) => Some(time),
            Keeping::Nothing | Keeping::ForGood => None,
        }
    }

    /// Whether it keeps something and always names the same store, whatever else is found on
    /// the machine.
    pub fn names_a_store(self) -> bool {
        self.keeps() && self.row().stands_for == self
    }

    /// What is offered where there is no keychain; the first is taken by who just presses
    /// Enter.
    pub fn offered() -> impl Iterator<Item = Self> {
        choices(|row| row.offered && (row.is_set_up)())
    }

    /// The stores that can be used and keep for long enough what can be put back later, each
    /// once.
    pub fn durable() -> impl Iterator<Item = Self> {
        choices(|row| row.choice.is_durable() && row.choice.names_a_store() && (row.is_set_up)())
    }

    /// The names of those that take a `--timeout`, as `memory` or `memory or others`.
    pub fn with_timeout() -> String {
        let names: Vec<_> = CHOICES
            .iter()
            .filter(|row| row.choice.remembers().is_some())
            .map(|row| row.name)
            .collect();
        names.join(" or ")
    }
}

fn choices(wanted: impl Fn(&ChoiceRow) -> bool) -> impl Iterator<Item = Choice> {
    CHOICES
        .iter()
        .filter(move |row| wanted(row))
        .map(|row| row.choice)
}

impl Harmless for Choice {
    fn tell(&self, line: &mut String) {
        line.push_str(self.row().name);
    }
}

/// The store of a choice. If it forgets, it does so when nothing was written for `remembered`.
/// Nothing is looked for before the first call.
pub fn open(choice: Choice, remembered: Duration) -> Box<dyn Store> {
    (choice.row().open)(remembered)
}

/// A store and, once a person has named one, another in its place.
pub struct Chosen {
    choice: Cell<Choice>,
    remembered: Cell<Duration>,
    first: Box<dyn Store>,
    instead: OnceCell<Box<dyn Store>>,
}

impl Chosen {
    /// The store of a choice, see [`open()`].
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
        self.choice().remembers().map(|_| self.remembered.get())
    }

    fn current(&self) -> &dyn Store {
        &**self.instead.get().unwrap_or(&self.first)
    }
}

impl Store for Chosen {
    fn name(&self) -> &'static str {
        self.current().name()
    }

    fn lock_words(&self) -> &'static LockWords {
        self.current().lock_words()
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
        for row in &CHOICES {
            assert_eq!(Choice::named(row.name), Some(row.choice), "{}", row.name);
            assert_eq!(row.choice.row().name, row.name);
        }
        for name in ["", "Auto", "plaintext", "keyring", " file"] {
            assert_eq!(Choice::named(name), None, "{name}");
        }
    }

    /// In the order of the columns: stands for, offered, keeps, durable, takes a time-out,
    /// says the next step, names a store. What one of them lets other rooms do is in their tests.
    #[test]
    fn what_each_choice_is_known_for() {
        use Choice::{Auto, File, Keychain, Memory, Pass};
        let (no, yes) = (false, true);
        for (choice, expected) in [
            (Auto, (Keychain, no, yes, yes, no, no, no)),
            (Keychain, (Keychain, no, yes, yes, no, no, yes)),
            (Pass, (Pass, yes, yes, yes, no, yes, yes)),
            (Memory, (Memory, yes, yes, no, yes, yes, yes)),
            (File, (File, yes, yes, yes, no, yes, yes)),
            (Choice::None, (Choice::None, yes, no, no, no, no, no)),
        ] {
            let row = choice.row();
            let known = (
                row.stands_for,
                row.offered,
                choice.keeps(),
                choice.is_durable(),
                choice.remembers().is_some(),
                row.says_next_step,
                choice.names_a_store(),
            );
            assert_eq!(known, expected, "{}", row.name);
        }
    }

    #[test]
    fn the_columns_agree_with_one_another() {
        for row in &CHOICES {
            let store = row.stands_for.row();
            assert_eq!(store.stands_for, store.choice, "{}", row.name);
            assert_eq!(store.keeps, row.keeps, "{}", row.name);
            // Where there is no keychain, it is not offered.
            assert!(!row.offered || row.stands_for != Choice::Keychain);
        }
        assert_eq!(Choice::default(), Choice::Auto);
        assert!(!Choice::default().names_a_store());
    }

    #[test]
    fn the_lists_are_made_of_the_columns() {
        let offered: Vec<_> = Choice::offered().map(|choice| choice.row().name).collect();
        let with_pass = ["pass", "memory", "file", "none"];
        // Whoever runs this may have it, or not.
        let expected = &with_pass[usize::from(!super::super::pass::is_set_up())..];
        assert_eq!(offered, expected);
        let durable: Vec<_> = Choice::durable().map(|choice| choice.row().name).collect();
        let mut expected = vec!["keychain", "pass", "file"];
        expected.retain(|&name| name != "pass" || super::super::pass::is_set_up());
        assert_eq!(durable, expected);
        assert_eq!(Choice::with_timeout(), "memory");
    }

    #[test]
    fn only_a_store_that_forgets_says_for_how_long() {
        let stated = Duration::from_secs(60);
        for (choice, expected) in [
            (Choice::Auto, None),
            (Choice::Keychain, None),
            (Choice::Memory, Some(stated)),
            (Choice::Pass, None),
            (Choice::File, None),
            (Choice::None, None),
        ] {
            assert_eq!(Chosen::new(choice, stated).remembered(), expected);
        }
    }

    #[test]
    fn the_document_has_the_same_table() {
        let document = include_str!("../../docs/credentials.md");
        for row in &CHOICES {
            let line = format!("| `{}` | {} | {} |", row.name, row.meaning, row.protects);
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
