//! What is known of a credential beside its secret: whose it is, what it may do, since when, and
//! what a person chose for it. The names of the fields are those in the keychain.

use crate::accounts::Reach;
use crate::bitbucket::{Kind, Repository, Rights};
use crate::dates::DAY;
use serde::{Deserialize, Serialize};

/// Everything but the secret. A field that a newer version of us wrote is carried along.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Details {
    /// The version of this form; see [`VERSION`].
    version: u32,
    /// Names the entry in `state[]`; random, so that it tells nothing.
    pub id: String,
    /// The kind of credential.
    pub kind: Kind,
    /// What it is good for.
    #[serde(default)]
    pub reach: Reach,
    /// The account's Bitbucket username, confirmed by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The Atlassian account's e-mail address, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Other names (`user@` of old remotes) that a person agreed to answer with this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Names that the server said are another account's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
    /// Workspaces for which this account was chosen among several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workspaces: Vec<String>,
    /// Whether it answers where nothing else chooses among several.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// What it may do, as far as the server said.
    #[serde(default)]
    pub rights: Rights,
    /// When it was entered.
    pub added: u64,
    /// When the server last confirmed it to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<u64>,
    /// When it expires, as whoever handed it over said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// The repository with which it was confirmed: `workspace/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    /// How often Git reported a refusal that could not be verified, since it last worked; see
    /// [`Details::was_refused_lately`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
    /// When Git last reported a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
    /// The OAuth client with which a person signed in; none for what another helper brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What a sign-in was granted, in the server's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When the server last refused to renew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_refused: Option<u64>,
    /// Whether nobody entered it: Git said that it worked, and no more is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub seen: bool,
    /// Fingerprints of the secrets in whose place a person has put this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) former: Vec<String>,
    /// Whether another with the same name stays beside it, so that it has a key of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) own_key: bool,
    /// What a newer version of us knows.
    #[serde(flatten)]
    pub(super) unknown: serde_json::Map<String, serde_json::Value>,
}

/// The version of [`Details`] that we write.
const VERSION: u32 = 1;

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Details {
    /// Whether this account was chosen for a workspace.
    pub fn is_chosen_for(&self, workspace: &str) -> bool {
        self.workspaces
            .iter()
            .any(|chosen| chosen.eq_ignore_ascii_case(workspace))
    }

    /// Notes that this account was chosen for a workspace.
    pub fn choose_for(&mut self, workspace: &str) {
        if !self.is_chosen_for(workspace) {
            self.workspaces.push(workspace.to_owned());
        }
    }

    /// Whether it was confirmed with this very repository.
    pub fn is_confirmed_with(&self, repository: &Repository) -> bool {
        let witness = self.witness.as_deref();
        witness.is_some_and(|witness| witness.eq_ignore_ascii_case(&repository.to_string()))
    }

    /// When a person has to replace it at the latest, and whether that was stated: an API token
    /// lives for a year at most, and a browser sign-in is renewed without anybody.
    pub fn expires_by(&self) -> Option<(u64, bool)> {
        let within_a_year = (self.kind == Kind::ApiToken && self.added > 0)
            .then(|| (self.added.saturating_add(365 * DAY), false));
        let stated = self.expires.filter(|_| !self.kind.is_sign_in());
        stated.map(|time| (time, true)).or(within_a_year)
    }

    /// Whether Git reported a refusal within the last day: another one is the second in a row.
    pub fn was_refused_lately(&self, now: u64) -> bool {
        let is_recent = |time: u64| (time..time.saturating_add(DAY)).contains(&now);
        self.refusals > 0 && self.refused.is_some_and(is_recent)
    }

    /// When it last was known to work.
    pub fn last_known_good(&self) -> u64 {
        self.verified.unwrap_or(self.added)
    }

    pub(super) fn new(kind: Kind, now: u64) -> Self {
        Self {
            version: VERSION,
            id: random_id(),
            kind,
            reach: Reach::Site,
            username: None,
            email: None,
            aliases: Vec::new(),
            denied: Vec::new(),
            workspaces: Vec::new(),
            default: false,
            rights: Rights::default(),
            added: now,
            verified: None,
            expires: None,
            witness: None,
            refusals: 0,
            refused: None,
            client: None,
            scopes: Vec::new(),
            renewal_refused: None,
            seen: false,
            former: Vec::new(),
            own_key: false,
            unknown: serde_json::Map::new(),
        }
    }
}

/// 64 random bits in hexadecimal. Without a random source it falls back to the process
/// number: the name must differ, not be secret.
fn random_id() -> String {
    let number = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
    format!("{number:016x}")
}
