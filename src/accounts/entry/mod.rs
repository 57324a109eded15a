//! One kept credential and its form in the keychain: the secret on the first line,
//! one line of JSON below it, and below that what renews it, if anything does. Whatever is
//! confidential or changes together stays in that one item, so that it is replaced as a whole
//! or not at all.

use crate::bitbucket::{Kind, Repository, Rights, Shape, Site};
use crate::dates::DAY;
use crate::fingerprint::{fingerprint, is_fingerprint_of};
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

    /// Whether the same repositories are meant.
    pub fn equals(&self, other: &Self) -> bool {
        self.includes(other) && other.includes(self)
    }

    /// Whether one of the two includes the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.includes(other) || other.includes(self)
    }
}

/// A credential with what we know of it. Times are Unix seconds.
pub struct Entry {
    /// The secret itself.
    pub secret: Secret,
    /// What renews it, if it came from a browser sign-in.
    pub refresh: Option<Secret>,
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
    former: Vec<String>,
    /// Whether another with the same name stays beside it, so that it has a key of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) own_key: bool,
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
            refresh: None,
            details: Details::new(kind, now),
            origin: None,
        }
    }

    /// A copy that no keychain holds.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            secret: self.secret.duplicate(),
            refresh: self.refresh.as_ref().map(Secret::duplicate),
            details: self.details.clone(),
            origin: None,
        }
    }

    /// Reads what a keychain holds for a site. `None` if neither the form nor the secret's own
    /// shape can be recognised: then it is somebody else's, or was edited.
    pub fn from_payload(payload: &Secret, site: &Site) -> Option<Self> {
        let bytes = payload.expose();
        let (secret, rest) = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(end) => (&bytes[..end], &bytes[end + 1..]),
            None => (bytes, &[][..]),
        };
        // Of Windows, where it was put there by hand.
        let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
        let secret = Secret::copy_of(secret);
        let (details, refresh) = match (read_details(rest), site.shape(&secret)) {
            _ if secret.is_empty() => return None,
            (Some(known), _) => known,
            // Put there by hand: the secret's shape says enough to serve it.
            (None, Shape::Known(kind)) => (Details::new(kind, 0), None),
            (None, _) => return None,
        };
        Some(Self {
            secret,
            refresh,
            details,
            origin: None,
        })
    }

    /// The form in which a keychain holds it.
    pub fn to_payload(&self) -> Secret {
        let details = serde_json::to_vec(&self.details).unwrap_or_default();
        let refresh = self.refresh.as_ref().map(Secret::expose);
        let lines = [Some(self.secret.expose()), Some(&details), refresh];
        let payload = lines.into_iter().flatten().collect::<Vec<_>>().join(&b'\n');
        Secret::new(payload)
    }

    /// The name for Git; `None` only for an app password without a username.
    pub fn git_username(&self) -> Option<&str> {
        let own = self.details.username.as_deref();
        // What another helper brought goes back under the name that it came with.
        if self.is_lent() && own.is_some() {
            return own;
        }
        self.details.kind.git_username(own)
    }

    /// Whether another helper brought it, with what renews it: only that helper can.
    pub fn is_lent(&self) -> bool {
        self.details.kind.is_sign_in() && self.details.client.is_none()
    }

    /// The key under which the keychain holds at most one entry: the name for Git,
    /// behind an `@` what it is limited to, and behind a `#` what tells it from another
    /// with the same name.
    pub fn account(&self) -> String {
        let key = self.shared_key();
        if self.details.own_key {
            format!("{key}#{}", self.details.id)
        } else {
            key
        }
    }

    /// The key without what tells it from another with the same name.
    pub(super) fn shared_key(&self) -> String {
        let name = self.git_username().unwrap_or_default();
        match &self.details.reach {
            Reach::Site => name.to_owned(),
            Reach::Workspace(place) | Reach::Repository(place) => format!("{name}@{place}"),
        }
    }

    /// Gives it a key of its own where one of these has the same.
    pub(super) fn tell_apart<'a>(&mut self, others: impl IntoIterator<Item = &'a Self>) {
        let key = self.shared_key();
        let mut others = others.into_iter();
        self.details.own_key = others.any(|other| other.account() == key);
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
            self.take_over_choices(former);
        }
    }

    /// What a person agreed to or chose for another entry holds for this one.
    fn take_over_choices(&mut self, other: &Self) {
        let (own, other) = (&mut self.details, &other.details);
        add_missing(&mut own.aliases, &other.aliases);
        for workspace in &other.workspaces {
            own.choose_for(workspace);
        }
        own.default |= other.default;
    }

    /// A person says that it is the same account's as another that it takes the place of.
    pub fn renew(&mut self, former: &Self) {
        let (own, former) = (&mut self.details, &former.details);
        better(&mut own.username, former.username.as_ref(), false);
        better(&mut own.email, former.email.as_ref(), false);
    }

    /// Remembers that this one takes the place of another.
    pub(super) fn note_replaced(&mut self, other: &Self) {
        self.take_over_choices(other);
        let former = fingerprint(&other.secret).into_iter();
        let all = former.chain(other.details.former.iter().cloned());
        self.details.former.extend(all);
        self.details.former.truncate(REMEMBERED);
    }

    /// Whether a person has put this one in place of that secret.
    pub(super) fn has_replaced(&self, secret: &Secret) -> bool {
        let mut former = self.details.former.iter();
        former.any(|made| is_fingerprint_of(made, secret))
    }

    /// Takes over what was known of the same secret. What a person said last counts, and what
    /// Git saw counts less than anything that was known before.
    pub(super) fn take_over_knowledge(&mut self, kept: &Self) {
        self.take_over_choices(kept);
        let (new, old) = (&mut self.details, &kept.details);
        let prefer_old = new.seen;
        new.id.clone_from(&old.id);
        better(&mut new.username, old.username.as_ref(), prefer_old);
        better(&mut new.email, old.email.as_ref(), prefer_old);
        better(&mut new.witness, old.witness.as_ref(), prefer_old);
        better(&mut new.rights.read, old.rights.read.as_ref(), prefer_old);
        better(&mut new.rights.write, old.rights.write.as_ref(), prefer_old);
        better(&mut new.expires, old.expires.as_ref(), prefer_old);
        new.verified = new.verified.max(old.verified);
        if old.added > 0 {
            new.added = new.added.min(old.added);
        }
        if prefer_old && !(old.seen && new.reach.includes(&old.reach)) {
            new.reach.clone_from(&old.reach);
        }
        new.refused = new.refused.max(old.refused);
        new.seen &= old.seen;
        add_missing(&mut new.former, &old.former);
        add_missing(&mut new.denied, &old.denied);
        for (name, value) in &old.unknown {
            let entry = new.unknown.entry(name.clone());
            entry.or_insert_with(|| value.clone());
        }
    }

    /// Learns whose the secret is from another entry that has the same; whether that is news.
    pub(super) fn share_owner(&mut self, other: &Self) -> bool {
        let (own, other) = (&mut self.details, &other.details);
        let news = (own.username.is_none() && other.username.is_some())
            || (own.email.is_none() && other.email.is_some());
        let known = own.denied.len();
        add_missing(&mut own.denied, &other.denied);
        better(&mut own.username, other.username.as_ref(), false);
        better(&mut own.email, other.email.as_ref(), false);
        news || own.denied.len() > known
    }

    /// Whether a person entered it or the server confirmed it to us.
    pub fn is_vouched_for(&self) -> bool {
        !self.details.seen || self.details.verified.is_some()
    }

    /// Whether it may go before another that fits as well: a person entered it, or the server said
    /// that it may push. That what Git merely saw is accepted says too little: it may be for
    /// reading only.
    pub fn is_well_known(&self) -> bool {
        let Details {
            verified, rights, ..
        } = &self.details;
        !self.details.seen || (verified.is_some() && rights.write == Some(true))
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
        // A sign-in is renewed by its date, and what is lent goes back as it came.
        if details.kind.is_sign_in() {
            return false;
        }
        details.expires.is_some_and(|time| time <= now)
            || (details.kind == Kind::AppPassword && unconfirmed())
    }

    /// Whether it belongs to a repository, a project or a workspace and to no account.
    pub fn belongs_to_place(&self) -> bool {
        let details = &self.details;
        match details.kind {
            Kind::AccessToken => true,
            // Once the server was asked, a user's has a name.
            Kind::HttpToken => details.username.is_none() && details.verified.is_some(),
            Kind::ApiToken
            | Kind::AppPassword
            | Kind::Password
            | Kind::OAuth
            | Kind::DataCenterOAuth => false,
        }
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

    fn new(kind: Kind, now: u64) -> Self {
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

/// Reads what stands below the secret: the details, and on a line of its own what renews it.
fn read_details(text: &[u8]) -> Option<(Details, Option<Secret>)> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Details>();
    let details = values.next()?.ok()?;
    let rest = text.get(values.byte_offset()..)?;
    if rest.trim_ascii().is_empty() {
        return Some((details, None));
    }
    let refresh = rest.strip_prefix(b"\n")?.trim_ascii_end();
    let is_token = refresh.iter().all(u8::is_ascii_graphic);
    is_token.then(|| (details, Some(Secret::copy_of(refresh))))
}

/// How many secrets are remembered that were replaced.
const REMEMBERED: usize = 4;

fn add_missing(own: &mut Vec<String>, other: &[String]) {
    for text in other {
        if !own.contains(text) {
            own.push(text.clone());
        }
    }
}

/// Fills in what is not known, or puts the old in place of what is.
fn better<T: Clone>(new: &mut Option<T>, old: Option<&T>, prefer_old: bool) {
    if old.is_some() && (prefer_old || new.is_none()) {
        *new = old.cloned();
    }
}

/// 64 random bits in hexadecimal. Without a random source it falls back to the process
/// number: the name must differ, not be secret.
fn random_id() -> String {
    let number = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
    format!("{number:016x}")
}

#[cfg(test)]
mod tests;
