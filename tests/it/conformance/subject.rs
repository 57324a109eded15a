//! A helper as Git sees it: named in `credential.helper`, driven through `git credential`,
//! beside an askpass that answers whatever the helper did not.

use crate::rig::kept::Place;
pub use crate::rig::scene::BITBUCKET;
use crate::rig::{Finished, Git, Rig, programs, tokens};

/// Why a case does not hold.
pub type Outcome = Result<(), String>;

/// What the askpass answers.
const ASKED_NAME: &str = "asked-name";
const ASKED_PASSWORD: &str = "asked-password";

/// A user with a well-formed API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub token: String,
}

impl Account {
    /// The same seed makes the same token.
    pub fn new(name: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            token: tokens::api_token(seed),
        }
    }

    /// `username` and `password`.
    pub fn lines(&self) -> String {
        format!("username={}\npassword={}\n", self.name, self.token)
    }
}

pub fn alice() -> Account {
    Account::new("alice", 1)
}

pub fn bob() -> Account {
    Account::new("bob", 2)
}

/// A helper under one Git, nothing kept yet.
pub struct Subject<'a> {
    pub rig: &'a Rig,
    pub git: &'a Git,
    /// The name behind `git-credential-`, and the options before the operation.
    helper: &'a [&'a str],
    /// Where it keeps what it is given.
    pub place: &'static Place,
}

impl<'a> Subject<'a> {
    pub fn new(
        rig: &'a mut Rig,
        git: &'a Git,
        helper: &'a [&'a str],
        place: &'static Place,
    ) -> Self {
        let askpass = rig.home.path().join("bin/askpass");
        let script = format!(
            "#!/bin/sh\ncase $1 in\nUsername*) echo {ASKED_NAME} ;;\n*) echo {ASKED_PASSWORD} ;;\nesac\n"
        );
        programs::write(&askpass, &script);
        rig.home.set("GIT_ASKPASS", &askpass);
        rig.home.set("GIT_TERMINAL_PROMPT", "0");
        // Whether a helper knows is the question: it is not to ask by itself, but Git is.
        rig.home.set("CI", "true");
        rig.home
            .add_gitconfig(&format!("[credential]\n\thelper = {}\n", helper.join(" ")));
        Self {
            rig,
            git,
            helper,
            place,
        }
    }

    /// Whether this Git passes `capability[]`, `authtype` and `state[]` on.
    pub fn has_capabilities(&self) -> bool {
        self.git.has_capabilities()
    }

    /// `git credential <action>`, which must succeed.
    pub fn git_credential(&self, action: &str, description: &str) -> Result<Finished, String> {
        let mut command = self.rig.without_terminal(self.git, "git");
        command.args(["credential", action]);
        let finished = self.rig.run(command, format!("{description}\n").as_bytes());
        if finished.success() {
            Ok(finished)
        } else {
            Err(format!("git credential {action}: {finished:#?}"))
        }
    }

    /// The helper alone, as a client other than Git may run it.
    pub fn run(&self, operation: &str, message: &str) -> Finished {
        self.run_with(&[], operation, message)
    }

    /// The same with more options.
    pub fn run_with(&self, options: &[&str], operation: &str, message: &str) -> Finished {
        let program = format!("git-credential-{}", self.helper[0]);
        let mut command = self.rig.without_terminal(self.git, &program);
        command.args(&self.helper[1..]).args(options).arg(operation);
        self.rig.run(command, message.as_bytes())
    }

    /// All that the store holds of ours.
    pub fn kept(&self) -> Vec<String> {
        self.place.payloads(self.rig, self.git)
    }

    pub fn approve(&self, description: &str, account: &Account) -> Outcome {
        self.git_credential("approve", &(description.to_owned() + &account.lines()))
            .map(drop)
    }

    pub fn reject(&self, description: &str) -> Outcome {
        self.git_credential("reject", description).map(drop)
    }

    /// What `git credential fill` says of these keys; `None` for an absent one.
    pub fn fill<const N: usize>(
        &self,
        description: &str,
        keys: [&str; N],
    ) -> Result<[Option<String>; N], String> {
        let finished = self.git_credential("fill", description)?;
        Ok(keys.map(|key| value(&finished.stdout, key)))
    }

    /// The description is answered with this account, and Git need not ask.
    pub fn answers(&self, description: &str, account: &Account) -> Outcome {
        let filled = self.fill(description, ["username", "password"])?;
        let expected = [&account.name, &account.token].map(|text| Some(text.clone()));
        same(&format!("fill of {description:?}"), &filled, &expected)
    }

    /// The description is answered by nobody: Git has to ask for the password, and for
    /// the name unless it was given.
    pub fn is_silent_about(&self, description: &str) -> Outcome {
        let filled = self.fill(description, ["username", "password"])?;
        let name = value(description, "username").unwrap_or(ASKED_NAME.to_owned());
        let expected = [Some(name), Some(ASKED_PASSWORD.to_owned())];
        same(&format!("fill of {description:?}"), &filled, &expected)
    }

    /// Run alone with this message, the helper prints nothing and is content.
    pub fn says_nothing(&self, operation: &str, message: &str) -> Outcome {
        let finished = self.run(operation, message);
        let said = (finished.code, finished.stdout.as_str());
        same(
            &format!("{operation} with {message:?}"),
            &said,
            &(Some(0), ""),
        )
    }
}

/// The last value of a key among `key=value` lines.
pub fn value(lines: &str, key: &str) -> Option<String> {
    lines
        .split('\n')
        .filter_map(|line| line.split_once('='))
        .filter(|(found, _)| *found == key)
        .map(|(_, value)| value.to_owned())
        .next_back()
}

/// Whether two things are the same, as an outcome.
pub fn same<A, B>(what: &str, actual: &A, expected: &B) -> Outcome
where
    A: PartialEq<B> + std::fmt::Debug,
    B: std::fmt::Debug,
{
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}: {actual:?} instead of {expected:?}"))
    }
}
