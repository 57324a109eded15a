//! What `status` knows, as `--json` prints it.

use crate::accounts::renewal::{self, Prospect};
use crate::accounts::{Entry, Reach};
use crate::bitbucket::{Kind, Rights, Site, Verdict, advise};
use crate::helper::Session;
use crate::helper::source::{Supply, environment};
use serde::Serialize;

/// What `--json` prints. Fields may be added; a field that changes its meaning or goes
/// makes another `version`. Times are Unix seconds; `null` is "not known" or "never".
#[derive(Serialize)]
pub struct StatusReport {
    /// 1.
    pub version: u32,
    /// How messages call the store.
    pub store: &'static str,
    /// What `--store` calls it: `auto`, `keychain`, `pass`, `memory`, `file` or `none`.
    pub choice: &'static str,
    /// Whether it could be read; if not, `entries` is empty and the exit code 1
    /// (0 where there is no keychain, but a variable).
    pub state: StoreState,
    /// What comes before the store, or in its place.
    #[serde(skip)]
    pub supplies: Vec<Supply>,
    /// The environment's variable that comes before anything that is kept.
    pub variable: Option<&'static str>,
    /// The variable that is passed over (`--ignore-environment`), if one holds something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored_variable: Option<&'static str>,
    /// The file of `--token-file`.
    pub token_file: Option<TokenFile>,
    /// The command of `--token-command`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_command: Option<TokenCommand>,
    /// By title.
    pub entries: Vec<Line>,
    /// How many items there cannot be read by this version.
    pub unreadable: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreState {
    Open,
    Locked,
    Unreachable,
    NoDefaultKeyring,
    Failed,
}

/// A file whose token is served in place of everything that is kept.
#[derive(Serialize)]
pub struct TokenFile {
    pub path: String,
    /// Why its token is not served; `null` if it is.
    pub fault: Option<String>,
}

/// A command whose token is served in place of everything that is kept.
#[derive(Serialize)]
pub struct TokenCommand {
    /// Its program, as it is shown.
    pub program: String,
    /// Why its token is not served; `null` if it is.
    pub fault: Option<String>,
}

/// One credential.
#[derive(Serialize)]
pub struct Line {
    /// As `logout` takes it.
    pub account: String,
    /// As people call it.
    pub title: String,
    /// As `--kind` calls it, or `oauth` or `data-center-oauth`.
    pub kind: Kind,
    /// `"site"`, `{"workspace": name}` or `{"repository": workspace/name}`.
    pub reach: Reach,
    pub username: Option<String>,
    pub email: Option<String>,
    /// Other names that it answers to.
    pub aliases: Vec<String>,
    /// Workspaces that it was chosen for among several.
    pub workspaces: Vec<String>,
    /// Whether it answers where nothing else chooses.
    pub default: bool,
    /// `read` and `write`; what the server did not say is missing.
    pub rights: Rights,
    pub added: Option<u64>,
    /// When it expires, if whoever handed it over said so; of a browser sign-in, when its access
    /// token ends.
    pub expires: Option<u64>,
    /// Whether a browser sign-in is renewed without anybody; not of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalState>,
    /// What a browser sign-in was granted, if that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When the server last confirmed it to us.
    pub verified: Option<u64>,
    /// When Git last reported a refusal that could not be verified.
    pub refused: Option<u64>,
    /// Only with `--check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// Whether a browser sign-in is renewed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenewalState {
    /// When it is needed.
    ByItself,
    /// The server has refused it: sign in again.
    Refused,
    /// Nothing renews it.
    Never,
    /// By the helper that brought it.
    ByAnotherHelper,
}

impl RenewalState {
    pub fn of(entry: &Entry) -> Option<Self> {
        Some(match Prospect::of(entry)? {
            Prospect::ByItself => Self::ByItself,
            Prospect::Refused(_) => Self::Refused,
            Prospect::Never => Self::Never,
            Prospect::ByAnotherHelper => Self::ByAnotherHelper,
        })
    }

    /// Whether nobody needs to do anything.
    pub fn is_by_itself(self) -> bool {
        matches!(self, Self::ByItself | Self::ByAnotherHelper)
    }

    /// In words, for a sentence about the end of the access token.
    pub fn told(self, site: &Site) -> String {
        match self {
            Self::ByItself => "renewed by itself".to_owned(),
            Self::Refused => {
                let command = site.web_login_command();
                format!("not renewed any more; sign in again: {command}")
            }
            Self::Never => "nothing renews it".to_owned(),
            Self::ByAnotherHelper => "renewed by the helper that brought it".to_owned(),
        }
    }
}

/// What the server says now.
#[derive(Serialize)]
pub struct Check {
    pub outcome: CheckOutcome,
    /// Why, and what to do; empty if it was accepted.
    pub message: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    Accepted,
    Refused,
    Unknown,
}

impl StatusReport {
    /// What is known before the store is read.
    pub fn of(session: &Session, supplies: Vec<Supply>) -> Self {
        Self {
            version: 1,
            store: session.vault().store_name(),
            choice: session.choice().row().name,
            state: StoreState::Open,
            variable: supplies.iter().find_map(variable),
            ignored_variable: environment::ignored_variable(&session.options),
            token_file: supplies.iter().find_map(TokenFile::of),
            token_command: supplies.iter().find_map(TokenCommand::of),
            supplies,
            entries: Vec::new(),
            unreadable: 0,
        }
    }
}

/// The name of a variable whose credential comes before what is kept.
fn variable(supply: &Supply) -> Option<&'static str> {
    let is_used = supply.credential.is_ok();
    supply.source.variable().filter(|_| is_used)
}

impl TokenFile {
    fn of(supply: &Supply) -> Option<Self> {
        Some(Self {
            path: supply.source.file()?.to_owned(),
            fault: supply.credential.as_ref().err().map(ToString::to_string),
        })
    }
}

impl TokenCommand {
    fn of(supply: &Supply) -> Option<Self> {
        Some(Self {
            program: supply.source.program()?.to_owned(),
            fault: supply.credential.as_ref().err().map(ToString::to_string),
        })
    }
}

impl Line {
    pub fn of(entry: &Entry) -> Self {
        let details = &entry.details;
        Self {
            account: entry.account(),
            title: entry.title(),
            kind: details.kind,
            reach: details.reach.clone(),
            username: details.username.clone(),
            email: details.email.clone(),
            aliases: details.aliases.clone(),
            workspaces: details.workspaces.clone(),
            default: details.default,
            rights: details.rights,
            // 0 stands for what was put there by hand.
            added: Some(details.added).filter(|&time| time > 0),
            expires: details.expires,
            renewal: RenewalState::of(entry),
            scopes: details.scopes.clone(),
            verified: details.verified,
            refused: details.refused,
            check: None,
        }
    }
}

impl Check {
    /// Of a sign-in whose access token has ended.
    pub fn unasked(site: &Site, entry: &Entry) -> Self {
        let then = match Prospect::of(entry) {
            Some(Prospect::ByItself) => "Git's next question renews it.".to_owned(),
            Some(Prospect::ByAnotherHelper) => "the helper that brought it renews it.".to_owned(),
            Some(Prospect::Refused(_) | Prospect::Never) | None => {
                let command = renewal::sign_in_again(site, entry);
                format!("nothing renews it; sign in again: {command}")
            }
        };
        Self {
            outcome: CheckOutcome::Unknown,
            message: format!("its access token has ended, and {then}"),
        }
    }

    pub fn of(site: &Site, verdict: &Verdict, entry: &Entry) -> Self {
        let outcome = match verdict {
            Verdict::Verified(_) | Verdict::Lacking(..) => CheckOutcome::Accepted,
            _ if verdict.is_refused_for_good() => CheckOutcome::Refused,
            // Nothing that speaks against the credential itself.
            Verdict::Refused(_) | Verdict::Unknown(_) => CheckOutcome::Unknown,
        };
        let message = match outcome {
            CheckOutcome::Accepted => String::new(),
            _ => advise(site, verdict, Some(entry.details.kind), None).to_string(),
        };
        Self { outcome, message }
    }
}
