//! Everything that the doctor can find: one row each, in the order in which it looks.
//! `docs/doctor.md` is held equal to it, and `tests/it/doctor` brings about every row.

use crate::output_style::Tone;
use FindingState::{Bad, Good, Note, Warning};
use serde::Serialize;

/// Next steps that are commands of ours.
pub const CONFIGURE: &str = "git credential-bitbucket configure";
/// Asking Bitbucket.
pub const CHECK: &str = "git credential-bitbucket doctor";
/// Healing.
pub const FIX: &str = "git credential-bitbucket doctor --fix";
/// Healing, and moving good tokens.
pub const MOVE: &str = "git credential-bitbucket doctor --fix --move";

/// What a run with `--fix` takes care of itself.
pub const STEPS_OF_FIX: [&str; 4] = [CONFIGURE, CHECK, FIX, MOVE];

/// How it stands with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// As it should be.
    Good,
    /// Worth knowing, and no harm.
    Note,
    /// May do harm, or does where this command does not look.
    Warning,
    /// Keeps Git from getting a credential that works.
    Bad,
}

impl FindingState {
    /// The colour of its mark, if that has one.
    pub(super) const fn tone(self) -> Option<Tone> {
        match self {
            Self::Good => Some(Tone::Good),
            Self::Note => None,
            Self::Warning => Some(Tone::Warning),
            Self::Bad => Some(Tone::Bad),
        }
    }

    /// What stands before it, in UTF-8 and in ASCII.
    pub(super) const fn mark(self, unicode: bool) -> &'static str {
        match (self, unicode) {
            (Self::Good, true) => "✓",
            (Self::Good, false) => "+",
            (Self::Note, _) => "-",
            (Self::Warning, _) => "!",
            (Self::Bad, true) => "✗",
            (Self::Bad, false) => "x",
        }
    }
}

/// One thing that can be found. Words in braces stand for particulars.
#[derive(Debug, PartialEq, Eq)]
pub struct DoctorRow {
    /// Its name, for programs.
    pub id: &'static str,
    /// How it stands with it.
    pub state: FindingState,
    /// What is the case, in whole sentences.
    pub message: &'static str,
    /// The one next step; empty if there is none.
    pub next: &'static str,
}

const fn row(
    id: &'static str,
    state: FindingState,
    message: &'static str,
    next: &'static str,
) -> DoctorRow {
    DoctorRow {
        id,
        state,
        message,
        next,
    }
}

macro_rules! rows {
    ($($name:ident: $id:literal $state:ident $message:literal $next:tt)*) => {
        $(#[doc = $id] pub const $name: DoctorRow = row($id, $state, $message, $next);)*
        /// All of them.
        pub const ROWS: &[&DoctorRow] = &[$(&$name),*];
    };
}

/// The row of a source before the store, by the source's id and what is wrong with it.
pub(super) fn of_source(id: &str, fault: &str) -> Option<&'static DoctorRow> {
    let wanted = |row: &&&DoctorRow| row.id.strip_prefix(id) == Some(fault);
    ROWS.iter().find(wanted).copied()
}

rows! {
    GIT: "git" Good
        "Git {version} is {path}."
        ""
    GIT_MISSING: "git-missing" Bad
        "There is no git program on PATH."
        "Install Git."
    PROGRAM: "program" Good
        "git-credential-bitbucket {version} is {path}."
        ""
    PROGRAM_HIDDEN: "program-hidden" Warning
        "Git's settings call git-credential-bitbucket by its name, which programs with windows do not find: they have the system's PATH, not your shell's."
        CONFIGURE
    PROGRAM_OTHER: "program-other" Warning
        "Another git-credential-bitbucket comes first on PATH: {path}."
        "Remove one of the two."
    CHAIN: "chain" Good
        "Git asks git-credential-bitbucket about {site}: {value}, set in {place}."
        ""
    CHAIN_UNKNOWN: "chain-unknown" Bad
        "Whom Git asks about {site} cannot be found out: {reason}."
        "Repair that, then run this again."
    CHAIN_WITHOUT_US: "chain-without-us" Bad
        "Git does not ask git-credential-bitbucket about {site}."
        CONFIGURE
    CHAIN_CUT: "chain-cut" Bad
        "The empty `helper =` in {place} removes git-credential-bitbucket from Git's list."
        "{step}"
    CHAIN_NOT_FOUND: "chain-not-found" Bad
        "Git cannot start git-credential-bitbucket: {value} in {place} leads nowhere."
        CONFIGURE
    CHAIN_BEFORE: "chain-before" Warning
        "{Value} in {place} is asked before git-credential-bitbucket: what it knows about Bitbucket is used, however old."
        CONFIGURE
    CHAIN_AFTER: "chain-after" Warning
        "{Value} in {place} is given every Bitbucket token too: Git tells all helpers what worked."
        "Remove that line, or limit it to other hosts."
    CHAIN_OLD_MANAGER: "chain-old-manager" Warning
        "{Value} in {place} is Git Credential Manager{version}: from 2026-11-30 on Bitbucket blocks its sign-in in the browser before version 3.0."
        "Update it, or use a token: {login}"
    CHAIN_OTHER_NOT_FOUND: "chain-other-not-found" Warning
        "Git cannot start {value}, set in {place}."
        "Remove that line."
    CHAIN_REPOSITORY: "chain-repository" Warning
        "This repository's own configuration changes whom Git asks, with {value} in {place}."
        "Remove that line, unless you put it there."
    USERNAME: "username" Warning
        "{what} asks for {name}, and no credential that is kept answers to that name."
        "Remove the name, or run: {login} --username {name}"
    PATH_NOT_SENT: "path-not-sent" Warning
        "useHttpPath is off ({place}): tokens of single repositories cannot be told apart."
        CONFIGURE
    NOT_INTERACTIVE: "not-interactive" Note
        "{what} forbids questions: where nothing is kept, Git stops."
        ""
    REWRITTEN: "rewritten" Warning
        "{key} in {place} turns {url} into something else, so that no credential of Bitbucket's is asked for."
        "Remove that setting, if Git is to use HTTPS."
    REMOTE_WWW: "remote-www" Warning
        "{key} leads to www.{site}, for which Git gets no credential."
        "{command}"
    REMOTE_PLAIN: "remote-plain" Warning
        "{key} uses http, over which no credential is sent."
        "{command}"
    REMOTE_PIPELINES: "remote-pipelines" Good
        "{key} uses http, as Bitbucket Pipelines sets it: its agent adds the login on the way."
        ""
    REMOTE_PORT: "remote-port" Warning
        "{key} leads to another port of the machine that has {site}, for which Git gets no credential."
        "{command}"
    REMOTE_UNUSABLE: "remote-unusable" Warning
        "Git cannot use {key}: {reason}."
        "{command}"
    REMOTE_SSH: "remote-ssh" Warning
        "{key} uses SSH with {site}, which has been serving HTTPS only since November 2026; SSH moved to ssh.{site}."
        "{command}"
    LFS_ELSEWHERE: "lfs-elsewhere" Warning
        "{key} in {place} sends the large files of this repository to {host}."
        "Remove that setting, unless they belong there."
    OPTIONS: "options" Bad
        "What credential.helper tells git-credential-bitbucket cannot be read, so that nothing is served or kept: {reason}."
        CONFIGURE
    KEYCHAIN: "keychain" Good
        "{Store} is open."
        ""
    KEYCHAIN_LOCKED: "keychain-locked" Bad
        "{Store} is locked."
        "Unlock it, then run this again."
    STORE_LOCKED: "store-locked" Bad
        "{Store} {reason}."
        "{Step}"
    KEYCHAIN_UNREACHABLE: "keychain-unreachable" Bad
        "{Store} cannot be used: {reason}."
        "Log in to a session that has one, choose another store (git credential-bitbucket configure --store memory), or set BITBUCKET_TOKEN."
    KEYCHAIN_NO_DEFAULT: "keychain-no-default" Bad
        "The Secret Service has no default keyring, so it can keep no new token."
        "Create one (in a desktop session: seahorse), choose another store (git credential-bitbucket configure --store memory), or set BITBUCKET_TOKEN."
    KEYCHAIN_NOT_NEEDED: "keychain-not-needed" Note
        "{Store} cannot be used: {reason}. {variable} is served without it."
        ""
    KEYCHAIN_NONE: "keychain-none" Note
        "Nothing is kept, as credential.helper says (--store=none)."
        "Choose a store with: git credential-bitbucket configure --store keychain"
    KEYCHAIN_FAILED: "keychain-failed" Bad
        "{Store} cannot be used: {reason}."
        "Look at it with its own program."
    STORE_FAILED: "store-failed" Bad
        "{Store} cannot be used: {reason}."
        "{Step}"
    CLIENT: "client" Good
        "Browser sign-ins use the OAuth client {name}, which is named in {place}; its secret is {source}."
        ""
    CLIENT_UNUSABLE: "client-unusable" Warning
        "Nobody can sign in with the browser: {reason}."
        "{Step}"
    VARIABLE: "variable" Good
        "{name} is set; it comes before anything that is kept."
        ""
    VARIABLE_EMPTY: "variable-empty" Note
        "{name} is set and empty, so no token comes from there."
        ""
    VARIABLE_IGNORED: "variable-ignored" Note
        "{name} is set and passed over (--ignore-environment)."
        ""
    VARIABLE_UNUSABLE: "variable-unusable" Bad
        "{reason}."
        "Correct or unset it."
    VARIABLE_REFUSED: "variable-refused" Bad
        "{name} is set; it comes before anything that is kept. {reason}"
        "Set it to a token that works, or unset it."
    VARIABLE_SHADOWS: "variable-shadows" Bad
        "{name} is set and comes before {title}, which is kept. {reason}"
        "Unset {name}, or, if it is another program's, pass it over: git credential-bitbucket configure --ignore-environment."
    TOKEN_FILE_UNUSABLE: "token-file-unusable" Bad
        "{reason}."
        "{Step}."
    TOKEN_FILE_REFUSED: "token-file-refused" Bad
        "What is in {name} is served, and nothing else. {reason}"
        "Put a token that works into that file."
    TOKEN_COMMAND_UNUSABLE: "token-command-unusable" Bad
        "{reason}."
        "{Step}."
    TOKEN_COMMAND_REFUSED: "token-command-refused" Bad
        "What {name} prints is served (--token-command), and nothing else. {reason}"
        "Have that command print a token that works."
    KEPT: "kept" Good
        "{title} is kept; {seen}."
        ""
    KEPT_NOTHING: "kept-nothing" Bad
        "Nothing is kept for {site}."
        "{login}"
    KEPT_EXPIRED: "kept-expired" Bad
        "{title} is kept, but expired on {date}."
        "{login}"
    KEPT_DOUBTED: "kept-doubted" Warning
        "{title} is kept; Git was refused with it on {date}."
        CHECK
    KEPT_READ_ONLY: "kept-read-only" Warning
        "{title} is kept; it may not push."
        "Create a token that may, then run: {login}"
    KEPT_SIGN_IN_READ_ONLY: "kept-sign-in-read-only" Warning
        "{title} is kept; it may not push: the OAuth client lacks the scope {scope}, or the account the right."
        "Add that scope to the client, then run: {login}"
    KEPT_RENEWABLE: "kept-renewable" Good
        "{title} is kept. Its access token has ended, and {reason}."
        ""
    KEPT_NOT_RENEWED: "kept-not-renewed" Warning
        "{title} is kept and works until {date}; then it ends, since {reason}."
        "{step}"
    KEPT_SIGN_IN_ENDED: "kept-sign-in-ended" Bad
        "{title} is kept, but has ended, and {reason}."
        "{step}"
    KEPT_ACCEPTED: "kept-accepted" Good
        "{title} is kept, and Bitbucket accepts it."
        ""
    KEPT_REFUSED: "kept-refused" Bad
        "{title} is kept. {reason}"
        "{login}"
    KEPT_UNKNOWN: "kept-unknown" Note
        "{title} is kept. {reason}"
        "{step}"
    KEPT_NO_ACCESS: "kept-no-access" Warning
        "{title} is kept. {reason}"
        "{step}"
    KEPT_USELESS: "kept-useless" Bad
        "{title} is kept. {reason}"
        "{step}"
    KEPT_NOT_HERE: "kept-not-here" Note
        "{title} is not served here: it is kept for {reach} only."
        ""
    KEPT_UNCONFIRMED: "kept-unconfirmed" Warning
        "{title} is kept. Bitbucket removed app passwords on 2026-07-28, and was not asked about this one."
        CHECK
    KEPT_UNREADABLE: "kept-unreadable" Note
        "{count} of the items kept for {site} cannot be read by this version; they are left alone."
        ""
    ELSEWHERE_NOTHING: "elsewhere-nothing" Good
        "No secret for Bitbucket was found anywhere else."
        ""
    ELSEWHERE_TOKEN: "elsewhere-token" Warning
        "{What} lies in {place}. Bitbucket was not asked about it."
        CHECK
    ELSEWHERE_ACCEPTED: "elsewhere-accepted" Warning
        "{What} lies in {place}; Bitbucket accepts it."
        MOVE
    ELSEWHERE_HELD_BACK: "elsewhere-held-back" Warning
        "{What} lies in {place}; Bitbucket accepts it. `--fix` does not keep it: {reason}."
        "{step}"
    ELSEWHERE_AS_NAME: "elsewhere-as-name" Warning
        "{What} lies in {place}, where a user name belongs: Git takes it for one, and whatever shows the name shows the token."
        "{step}"
    ELSEWHERE_SIGN_IN: "elsewhere-sign-in" Note
        "{What} lies in {place}. From 2026-11-30 on Bitbucket blocks the browser sign-in of Git Credential Manager before 3.0."
        "{login}"
    ELSEWHERE_REFUSED: "elsewhere-refused" Warning
        "{What} lies in {place}. {reason}"
        FIX
    ELSEWHERE_UNKNOWN: "elsewhere-unknown" Note
        "{What} lies in {place}. {reason}"
        "{step}"
    ELSEWHERE_PASSWORD: "elsewhere-password" Warning
        "{What} lies in {place}. Bitbucket takes none, so it was not sent."
        FIX
    ELSEWHERE_DOUBTFUL: "elsewhere-doubtful" Warning
        "{What} lies in {place}. It was not sent anywhere."
        "If you do not need it, remove it there."
    ELSEWHERE_FOR_ALL: "elsewhere-for-all" Warning
        "{What} lies in {place}, where it is sent to every host, Bitbucket among them."
        "Limit it to the host that it is for."
    ELSEWHERE_FIXED: "elsewhere-fixed" Warning
        "{What} lies in {place}, which is not changed from here: {why}. {reason}"
        "{Step}."
    ELSEWHERE_ANSWERS: "elsewhere-answers" Bad
        "Git uses what lies in {place} before anything else, and Bitbucket does not take it."
        "{step}"
    ELSEWHERE_UNSEARCHED: "elsewhere-unsearched" Note
        "{Place} could not be searched: {reason}."
        ""
    NETWORK: "network" Good
        "{site} answers."
        ""
    NETWORK_NOT_ASKED: "network-not-asked" Note
        "Bitbucket was not asked anything."
        CHECK
    NETWORK_SETTING: "network-setting" Warning
        "{reason}"
        "{step}"
    NETWORK_SILENT: "network-silent" Warning
        "{reason}"
        "{step}"
    CLOCK: "clock" Good
        "This machine's clock agrees with Bitbucket's."
        ""
    CLOCK_WRONG: "clock-wrong" Warning
        "This machine's clock is {difference} {direction} Bitbucket's."
        "Set this machine's date and clock right."
    EDITOR_JETBRAINS: "editor-jetbrains" Warning
        "{name} does not ask credential helpers ({file})."
        "Switch on \"Use credential helper\" there: Settings, Version Control, Git."
    EDITOR_VSCODE: "editor-vscode" Note
        "{name} asks no questions for Git: git.useIntegratedAskPass is off ({file})."
        "Run: {login}"
    MANUAL: "manual" Good
        "The manual page is {path}."
        ""
    MANUAL_MISSING: "manual-missing" Note
        "The manual page is not where `man` looks, so `git help credential-bitbucket` fails."
        "Install it with install.sh."
}
