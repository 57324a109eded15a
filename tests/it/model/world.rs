//! What the model knows: the tokens that exist, what the program was told of each, and what
//! the last command did. Data and small questions over it.

use crate::rig::Kind;

/// Two people.
pub const PEOPLE: [&str; 2] = ["alice", "bob"];

/// Every repository, and who may write there.
pub const REPOSITORIES: [(&str, &[&str]); 4] = [
    ("work/one", &["alice"]),
    ("work/two", &["alice", "bob"]),
    ("home/two", &["bob"]),
    ("third/tools", &[]),
];

/// Paths that no repository has.
pub const ODD_PATHS: [&str; 4] = ["home/a b", "work/.app", "{u}/{u}", "evil/../work"];

/// What a token is good for, as the program was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Site,
    Workspace(String),
    Repository(String),
}

impl Reach {
    pub fn covers(&self, repository: &str) -> bool {
        match self {
            Self::Site => true,
            _ if ODD_PATHS.contains(&repository) => false,
            Self::Workspace(name) => repository.split('/').next() == Some(name),
            Self::Repository(name) => repository == name,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Site, _) | (_, Self::Site) => true,
            (Self::Repository(name), reach) | (reach, Self::Repository(name)) => reach.covers(name),
            (Self::Workspace(own), Self::Workspace(other)) => own == other,
        }
    }
}

/// A token and its life.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub struct Token {
    pub secret: String,
    pub kind: Kind,
    /// A person; of an access token its repository.
    pub owner: &'static str,
    pub may_push: bool,
    pub alive: bool,
    /// Whether it was entered, or the server confirmed it to the program.
    pub vouched: bool,
    /// Whose the program knows that it is.
    pub name: Option<String>,
    pub reaches: Vec<Reach>,
    /// The repository with which it was entered.
    pub witness: Option<&'static str>,
    /// Refusals that Git reported since it last was good.
    pub doubts: u32,
    /// In how many commands it was served after its death, and refused.
    pub served_dead: u32,
    /// Whether the store holds it, after the last command and before that.
    pub kept: bool,
    pub was_kept: bool,
    /// Why it may be gone since the last command.
    pub may_go: Option<&'static str>,
}

impl Token {
    pub fn new(secret: String, kind: Kind, owner: &'static str, may_push: bool) -> Self {
        Self {
            secret,
            kind,
            owner,
            may_push,
            alive: true,
            vouched: false,
            name: None,
            reaches: Vec::new(),
            witness: None,
            doubts: 0,
            served_dead: 0,
            kept: false,
            was_kept: false,
            may_go: None,
        }
    }

    pub fn is_access_token(&self) -> bool {
        self.kind == Kind::RepositoryToken
    }

    /// Whether the server lets it read there.
    pub fn opens(&self, repository: &str) -> bool {
        let writers = REPOSITORIES.iter().find(|(name, _)| *name == repository);
        self.alive
            && if self.is_access_token() {
                self.owner == repository
            } else {
                writers.is_some_and(|(_, writers)| writers.contains(&self.owner))
            }
    }

    /// Whether the program knows both to be one account's, for the same places.
    pub fn is_same_account(&self, other: &Self) -> bool {
        let known = self.is_access_token() || self.name.is_some();
        let place = self.reaches.iter().any(|it| other.reaches.contains(it));
        known && self.kind == other.kind && self.name == other.name && place
    }

    /// Whether the program was told that it is good there.
    pub fn covers(&self, repository: &str) -> bool {
        self.reaches.iter().any(|reach| reach.covers(repository))
    }

    /// The program has nothing of it any more, so it knows nothing of it.
    pub fn forget(&mut self) {
        self.name = None;
        self.vouched = false;
        self.reaches.clear();
        self.witness = None;
    }

    /// A person says once more what it is good for.
    pub fn limit(&mut self, reach: Reach) {
        self.reaches.retain(|other| !other.overlaps(&reach));
        self.reaches.push(reach);
    }
}

/// What a command was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub token: usize,
}

/// A login that Git was given, and whose `store` has not come.
#[derive(Clone, Debug)]
pub struct Flight {
    pub token: usize,
    pub lines: String,
}

#[derive(Default)]
pub struct World {
    pub tokens: Vec<Token>,
    pub flights: Vec<Flight>,
    /// What the last fetch was served, one after another.
    pub served: Vec<Served>,
    /// How many secrets were served that nobody entered.
    pub strangers: usize,
    /// What a person entered with success just now.
    pub entered: Option<usize>,
    /// How many secrets were ever made; also in sequences before.
    pub made: u64,
}

impl World {
    /// Those that a predicate fits.
    pub fn all(&self, fits: impl Fn(&Token) -> bool) -> Vec<usize> {
        (0..self.tokens.len())
            .filter(|&index| fits(&self.tokens[index]))
            .collect()
    }
}
