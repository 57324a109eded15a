//! Every cause in the catalogue of failures, played: the real program meets it with a
//! credential that was just typed, and with one that is kept. What it says is a snapshot;
//! which row that is and what becomes of the credential is held against the catalogue.
#![cfg(target_os = "linux")]

mod causes;

use crate::rig::{self, Finished, Rig, gits};
use causes::{CAUSES, Cause, OFFLINE};
use git_credential_bitbucket::bitbucket::outcomes::{self, Fate, Row};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many causes are played at the same time.
const PLAYERS: usize = 6;

#[test]
fn every_cause_is_played() {
    let mut played: Vec<_> = CAUSES
        .iter()
        .chain(OFFLINE)
        .map(|cause| cause.name)
        .collect();
    let mut known: Vec<_> = outcomes::rows()
        .flat_map(|row| row.causes.iter().copied())
        .collect();
    played.sort_unstable();
    known.sort_unstable();
    assert_eq!(played, known);
}

#[test]
fn what_it_says_and_does_is_the_catalogue_s() {
    if let Some(told) = play_all(CAUSES) {
        snapbox::assert_data_eq!(told, snapbox::file!["messages.txt"].raw());
    }
}

/// Without any network, which takes a namespace that only root may make.
#[test]
fn offline_as_well() {
    if !rustix::process::geteuid().is_root() {
        return rig::programs::say_skipped("the rights of root");
    }
    if !rig::programs::present("namespaces", &["unshare", "mount"]) {
        return;
    }
    if let Some(told) = play_all(OFFLINE) {
        snapbox::assert_data_eq!(told, snapbox::file!["offline.txt"].raw());
    }
}

/// Plays all causes, some at a time, and joins what they tell in their order.
fn play_all(causes: &'static [Cause]) -> Option<String> {
    let next = AtomicUsize::new(0);
    let player = || {
        let mut told = Vec::new();
        while let Some(cause) = causes.get(next.fetch_add(1, Ordering::Relaxed)) {
            told.push((cause.name, play(cause)?));
        }
        Some(told)
    };
    let told: Vec<_> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|_| scope.spawn(player)).collect();
        let ends = players.into_iter().map(std::thread::ScopedJoinHandle::join);
        ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Option<Vec<_>>>()
    })?
    .concat();
    let text = |cause: &Cause| {
        let found = told.iter().find(|(name, _)| *name == cause.name);
        found.map_or("", |(_, text)| text)
    };
    Some(causes.iter().map(text).collect::<Vec<_>>().join("\n"))
}

/// `None` where no keychain can be had.
fn play(cause: &Cause) -> Option<String> {
    let row = row_with(cause.name);
    let fate = row.fate;
    let mut rig = scene(cause)?;

    let typed = cause.login(&rig);
    let told = typed.stderr.clone() + &typed.stdout;
    assert!(
        follows(row.message, &told) && follows(row.next_step, &told),
        "{}: not what the row {} says: {told}",
        cause.name,
        row.id
    );
    let kept = !kept(&rig).is_empty();
    assert_eq!(kept, fate == Fate::Kept, "{}: {told}", cause.name);
    assert_eq!(typed.success(), kept, "{}: {told}", cause.name);

    if cause.is_sent() {
        rig = scene(cause)?;
        cause.erase(&rig);
        let removed = self::kept(&rig).is_empty();
        assert_eq!(
            removed,
            fate == Fate::Removed,
            "{}: kept before",
            cause.name
        );
    }
    let becomes = match fate {
        Fate::Kept => "kept",
        Fate::NotKept => "not kept",
        Fate::Removed => "not kept, removed if kept before",
        Fate::Open | Fate::LeftAlone => "not kept by login, left if kept before",
    };
    Some(format!(
        "# {} [{}]\n{told}=> {becomes}\n",
        cause.name, row.id
    ))
}

fn row_with(cause: &str) -> &'static Row {
    let found = outcomes::rows().find(|row| row.causes.contains(&cause));
    found.unwrap_or_else(|| panic!("{cause} is in no row"))
}

/// Whether a text has the literal parts of a row's text, in their order.
fn follows(template: &str, text: &str) -> bool {
    let mut rest = text;
    template.split('{').enumerate().all(|(index, part)| {
        let literal = match part.split_once('}') {
            Some((_, literal)) if index > 0 => literal,
            _ => part,
        };
        rest.split_once(literal).is_some_and(|(_, after)| {
            rest = after;
            true
        })
    })
}

/// The world as the cause has it, with an empty keychain.
fn scene(cause: &Cause) -> Option<Rig> {
    let (mut rig, _) = Rig::with_alice();
    if !rig.start_keyring() {
        return None;
    }
    cause.prepare(&mut rig);
    Some(rig)
}

fn kept(rig: &Rig) -> Vec<rig::keyring::Item> {
    rig.items()
}

impl Cause {
    /// Our program, where the network is as the cause has it.
    fn program(&self, rig: &Rig) -> Command {
        let git = &gits()[0];
        if self.hosts.is_none() {
            return rig.without_terminal(git, "git-credential-bitbucket");
        }
        let mut command = rig.without_terminal(git, "unshare");
        command.args(["--net", "--mount", "sh", "-c"]);
        command.arg("mount --bind ../hosts /etc/hosts && exec git-credential-bitbucket \"$@\"");
        command.arg("sh");
        command
    }

    fn login(&self, rig: &Rig) -> Finished {
        let mut command = self.program(rig);
        command.args(["login", "--with-token"]);
        if self.kind_stated {
            command.args(["--kind", self.kind]);
        }
        for (option, value) in [("--username", self.username), ("--email", self.email)] {
            if let Some(value) = value {
                command.args([option, value]);
            }
        }
        if let Some(repository) = self.repository {
            command.arg(format!("https://bitbucket.org/{repository}"));
        }
        rig.run(command, (self.secret)().as_bytes())
    }

    /// As Git does after a 401, with a kept entry.
    fn erase(&self, rig: &Rig) {
        let secret = (self.secret)();
        let optional = |key: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!(r#","{key}":"{value}""#))
        };
        let details = format!(
            r#"{{"version":1,"id":"1","kind":"{}"{}{},"added":1}}"#,
            self.kind,
            optional("username", self.username),
            optional("email", self.email)
        );
        rig.put(&format!("{secret}\n{details}"), "x");
        let path = self.repository.map(|path| format!("path={path}.git\n"));
        let request = format!(
            "protocol=https\nhost=bitbucket.org\nusername=x\npassword={secret}\n\
             wwwauth[]=Basic realm=\"Bitbucket\"\n{}",
            path.unwrap_or_default()
        );
        let mut command = self.program(rig);
        command.arg("erase");
        rig.run(command, request.as_bytes()).expect_success();
    }
}
