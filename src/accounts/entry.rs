//! One kept credential and its form in the keychain: the secret on the first line,
//! one line of JSON below it. Whatever is confidential or changes together stays in
//! that one item, so that it is replaced as a whole or not at all.

use crate::bitbucket::{Kind, Repository, Rights, Shape, shape};
use crate::dates::DAY;
use crate::keychain::Kept;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// What an entry is good for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Every repository of the site.
    #[default]
    Site,
    /// The repositories of one workspace.
    Workspace(String),
    /// One repository: `workspace/name`.
    Repository(String),
}

impl Reach {
    /// Exactly this repository.
    pub fn repository(repository: &Repository) -> Self {
        Self::Repository(repository.to_string())
    }

    /// What a path limits to that goes with a URL: a repository or, if it names none, a
    /// workspace; none limits nothing.
    pub fn of_path(path: Option<&str>) -> Self {
        let path = path.map(|path| path.trim_matches('/'));
        path.filter(|path| !path.is_empty())
            .map_or(Self::Site, |path| match Repository::from_path(path) {
                Some(repository) => Self::repository(&repository),
                None => Self::Workspace(path.to_owned()),
            })
    }

    /// Whether a request for this repository may be answered.
    pub fn covers(&self, repository: &Repository) -> bool {
        match self {
            Self::Site => true,
            Self::Workspace(workspace) => workspace.eq_ignore_ascii_case(&repository.workspace),
            Self::Repository(name) => name.eq_ignore_ascii_case(&repository.to_string()),
        }
    }

    /// Whether every repository of `other` is one of these.
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Site, _) => true,
            (Self::Workspace(own), Self::Repository(name)) => name
                .split_once('/')
                .is_some_and(|(workspace, _)| own.eq_ignore_ascii_case(workspace)),
            (Self::Workspace(own), Self::Workspace(other))
            | (Self::Repository(own), Self::Repository(other)) => own.eq_ignore_ascii_case(other),
            _ => false,
        }
    }
}

/// A credential with what we know of it. Times are Unix seconds.
pub struct Entry {
    /// The secret itself.
    pub secret: Secret,
    /// What is written beside it.
    pub details: Details,
    /// Where the keychain holds it; `None` before it was written.
    pub(super) origin: Option<Origin>,
}

/// Where an entry was read: for compare-and-delete, and for a change of account.
pub(super) struct Origin {
    pub(super) account: String,
    pub(super) kept: Kept,
}

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
    /// How often in a row Git reported a refusal that could not be verified.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
    /// When Git last reported a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
    /// What a newer version of us knows.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

/// The version of [`Details`] that we write.
const VERSION: u32 = 1;

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Entry {
    /// A new credential that no keychain holds yet.
    pub fn new(kind: Kind, secret: Secret, now: u64) -> Self {
        Self {
            secret,
            details: Details::new(kind, now),
            origin: None,
        }
    }

    /// Reads what a keychain holds. `None` if neither the form nor the secret's own
    /// shape can be recognised: then it is somebody else's, or was edited.
    pub fn from_payload(payload: &Secret) -> Option<Self> {
        let bytes = payload.expose();
        let (secret, rest) = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(end) => (&bytes[..end], &bytes[end + 1..]),
            None => (bytes, &[][..]),
        };
        let secret = Secret::copy_of(secret);
        let details = match (serde_json::from_slice::<Details>(rest), shape(&secret)) {
            _ if secret.is_empty() => return None,
            (Ok(details), _) => details,
            // Put there by hand: the secret's shape says enough to serve it.
            (Err(_), Shape::Known(kind)) => Details::new(kind, 0),
            (Err(_), _) => return None,
        };
        Some(Self {
            secret,
            details,
            origin: None,
        })
    }

    /// The form in which a keychain holds it.
    pub fn to_payload(&self) -> Secret {
        let details = serde_json::to_vec(&self.details).unwrap_or_default();
        let mut payload = Vec::with_capacity(self.secret.expose().len() + 1 + details.len());
        payload.extend_from_slice(self.secret.expose());
        payload.push(b'\n');
        payload.extend_from_slice(&details);
        Secret::new(payload)
    }

    /// The name for Git; `None` only for an app password without a username.
    pub fn git_username(&self) -> Option<&str> {
        self.details
            .kind
            .git_username(self.details.username.as_deref())
    }

    /// The key under which the keychain holds at most one entry: the name for Git,
    /// and behind an `@` what it is limited to.
    pub fn account(&self) -> String {
        let name = self.git_username().unwrap_or_default();
        match &self.details.reach {
            Reach::Site => name.to_owned(),
            Reach::Workspace(place) | Reach::Repository(place) => format!("{name}@{place}"),
        }
    }

    /// How people call it: `alice (API token)`, `acme/widgets (access token)`; the kind alone
    /// where neither its account nor its place is known.
    pub fn title(&self) -> String {
        let kind = self.details.kind.facts().name;
        let place = match &self.details.reach {
            Reach::Site => None,
            Reach::Workspace(place) | Reach::Repository(place) => Some(place.as_str()),
        };
        match (
            self.details
                .username
                .as_deref()
                .or(self.details.email.as_deref()),
            place,
        ) {
            (Some(name), Some(place)) => format!("{name} for {place} ({kind})"),
            (Some(name), None) | (None, Some(name)) => format!("{name} ({kind})"),
            (None, None) => kind.to_owned(),
        }
    }

    /// Takes over what a person agreed to for the entry that this one replaces.
    pub fn inherit<'a>(&mut self, kept: impl IntoIterator<Item = &'a Self>) {
        let account = self.account();
        if let Some(former) = kept.into_iter().find(|entry| entry.account() == account) {
            let former = &former.details;
            for alias in &former.aliases {
                if !self.details.aliases.contains(alias) {
                    self.details.aliases.push(alias.clone());
                }
            }
            self.details.workspaces.clone_from(&former.workspaces);
            self.details.default = former.default;
        }
    }

    /// Whether the server must be asked before it is handed out: its stated date has
    /// passed, or it is an app password that was not confirmed for a day. Git never
    /// erases what is answered with 410, so nobody else would notice.
    pub fn must_be_checked(&self, now: u64) -> bool {
        let details = &self.details;
        let unconfirmed = || {
            let last = details.last_known_good();
            !(last..last.saturating_add(DAY)).contains(&now)
        };
        details.expires.is_some_and(|time| time <= now)
            || (details.kind == Kind::AppPassword && unconfirmed())
    }

    /// Whether a keychain holds it.
    pub fn is_kept(&self) -> bool {
        self.origin.is_some()
    }
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

    /// When it expires at the latest, and whether that was stated: an API token lives for
    /// a year at most.
    pub fn expires_by(&self) -> Option<(u64, bool)> {
        let within_a_year = (self.kind == Kind::ApiToken && self.added > 0)
            .then(|| (self.added.saturating_add(365 * DAY), false));
        self.expires.map(|time| (time, true)).or(within_a_year)
    }

    /// When it last was known to work.
    pub fn last_known_good(&self) -> u64 {
        self.verified.unwrap_or(self.added)
    }

    fn new(kind: Kind, now: u64) -> Self {
        Self {
            version: VERSION,
            id: random_id(),
            kind,
            reach: Reach::Site,
            username: None,
            email: None,
            aliases: Vec::new(),
            workspaces: Vec::new(),
            default: false,
            rights: Rights::default(),
            added: now,
            verified: None,
            expires: None,
            witness: None,
            refusals: 0,
            refused: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Secret {
        let body = format!("ATATT3xFfGF0{}=", "x".repeat(100));
        Secret::new(format!("{body}{:08X}", crc32fast::hash(body.as_bytes())).into_bytes())
    }

    #[test]
    fn what_is_written_is_read_back_whole() {
        let mut entry = Entry::new(Kind::ApiToken, token(), 17);
        entry.details.username = Some("alice".into());
        entry.details.aliases = vec!["old".into()];
        entry.details.reach = Reach::Workspace("acme".into());
        entry.details.rights.read = Some(true);
        let read = Entry::from_payload(&entry.to_payload()).expect("readable");
        assert!(read.secret == token());
        assert_eq!(
            serde_json::to_string(&read.details).expect("JSON"),
            serde_json::to_string(&entry.details).expect("JSON")
        );
        assert_eq!(read.account(), "alice@acme");
    }

    #[test]
    fn a_reach_includes_what_lies_within() {
        let within = [
            Reach::Site,
            Reach::Workspace("acme".into()),
            Reach::Repository("Acme/widgets".into()),
        ];
        let beside = [
            Reach::Workspace("acm".into()),
            Reach::Repository("acme/gadgets".into()),
        ];
        for (outer, one) in within.iter().enumerate() {
            for (inner, other) in within.iter().enumerate() {
                assert_eq!(one.includes(other), outer <= inner, "{one:?} {other:?}");
            }
            for other in &beside {
                assert!(!other.includes(one), "{other:?} {one:?}");
            }
        }
        assert!(within[1].includes(&beside[1]) && !within[2].includes(&beside[1]));
    }

    #[test]
    fn what_a_newer_version_wrote_is_served_and_carried_along() {
        let payload = Secret::copy_of(
            br#"secret
{"version":2,"id":"1","kind":"api-token","added":5,"colour":"blue","weight":1.5e200}"#,
        );
        let entry = Entry::from_payload(&payload).expect("readable");
        assert!(entry.secret == Secret::copy_of(b"secret"));
        let written = entry.to_payload();
        let text = written.expose_text().expect("text");
        assert!(text.contains(r#""colour":"blue""#) && text.contains(r#""version":2"#));
        // A number must not drift from one rewriting to the next.
        let again = Entry::from_payload(&written).expect("readable");
        assert!(text.contains("1.5e") && again.to_payload() == written);
    }

    #[test]
    fn a_bare_token_is_served_and_nonsense_is_not() {
        let bare = Entry::from_payload(&token()).expect("readable");
        assert_eq!(bare.details.kind, Kind::ApiToken);
        for nonsense in [
            "",
            "\n{}",
            "hunter2",
            "hunter2\nalice",
            "hunter2\n{\"kind\":\"x\"}",
        ] {
            assert!(
                Entry::from_payload(&Secret::copy_of(nonsense.as_bytes())).is_none(),
                "{nonsense}"
            );
        }
    }

    #[test]
    fn the_account_tells_entries_apart() {
        let mut entry = Entry::new(Kind::ApiToken, token(), 0);
        assert_eq!(entry.account(), "x-bitbucket-api-token-auth");
        assert_eq!(entry.title(), "API token");
        entry.details.username = Some("alice".into());
        assert_eq!(entry.account(), "alice");
        assert_eq!(entry.title(), "alice (API token)");
        let mut access = Entry::new(Kind::AccessToken, token(), 0);
        access.details.reach = Reach::Repository("acme/widgets".into());
        assert_eq!(access.account(), "x-token-auth@acme/widgets");
        assert_eq!(access.title(), "acme/widgets (access token)");
    }
}
