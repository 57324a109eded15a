//! What the doctor looks at, read once: Git's settings and helpers, what is kept, what lies
//! elsewhere, and Bitbucket's answers. What follows from it is decided elsewhere.

use super::other_secret::OtherSecret;
use super::places::{self, EVERY_HOST, Machine, Surroundings, Unsearched};
use super::push_remote::PushRemote;
use super::secret_form::SecretForm;
use super::server_questions::Asker;
use super::standing::{PlacedSecret, PriorRecord, Standing};
use crate::accounts::renewal::has_ended;
use crate::accounts::{Contents, Entry};
use crate::bitbucket::{
    Kind, Repository, Shape, Site, Uncertainty, Verdict, advise, is_credential, shape,
};
use crate::dates::now;
use crate::git::chain::{self, Helper};
use crate::git::{Context, Git, Scope, Setting};
use crate::helper::source::{self, Source, Supply};
use crate::helper::{KnownClient, Session};
use crate::keychain::{Failure, Unlock};
use crate::reason::Reason;
use crate::secret::Secret;
use anyhow::Result;
use url::Url;

/// The machine as it is now.
pub(super) struct Survey<'a> {
    pub machine: Machine<'a>,
    pub session: &'a Session,
    pub remote: Option<PushRemote>,
    pub chain: Result<Vec<Helper>>,
    pub kept: Result<Contents, Failure>,
    /// What the server says of each kept entry; as long as the entries, or empty.
    pub verdicts: Vec<Verdict>,
    /// The OAuth client that people sign in as; see [`Session::known_client`].
    pub client: Option<Result<KnownClient, Reason>>,
    /// What the sources before the store have.
    pub supplies: Vec<Supply>,
    /// What the server says of the token of a source that stands in place of the store, and its
    /// kind.
    pub alone: Option<(Kind, Verdict)>,
    pub secrets: Vec<OtherSecret>,
    pub unsearched: Vec<Unsearched>,
    pub server: Server,
}

/// Bitbucket itself.
pub(super) enum Server {
    NotAsked,
    Silent(Uncertainty),
    /// With its time, in Unix seconds, and ours.
    Answers(Option<(u64, u64)>),
}

impl<'a> Survey<'a> {
    /// Looks at everything. Nothing is sent to anybody.
    pub fn look(context: &'a Context, session: &'a Session, unlock: Unlock) -> Result<Self> {
        let machine = Machine::read(Surroundings {
            site: &session.site,
            context,
            unlock,
        })?;
        let remote = PushRemote::of(&machine.lines, &session.site);
        let url = url_of(remote.as_ref(), &session.site);
        let effective = match &machine.unreadable {
            Some(error) => Err(anyhow::anyhow!("{error:#}")),
            None => helpers(&machine, &url),
        };
        let (found, unsearched) = places::find(&machine);
        Ok(Self {
            session,
            remote,
            chain: effective,
            kept: session.read_again(),
            verdicts: Vec::new(),
            client: session.known_client(),
            supplies: source::supplies(session),
            alone: None,
            secrets: found.into_iter().map(OtherSecret::of).collect(),
            unsearched,
            server: Server::NotAsked,
            machine,
        })
    }

    /// What [`Survey::ask`] will ask, in one line.
    pub fn announcement(&self) -> String {
        let alone = self.served_alone();
        let alone = alone.iter().map(|(_, entry)| &entry.secret);
        let kept = self
            .entries()
            .iter()
            .filter(|entry| !has_ended(entry, now()));
        let kept = kept.map(|entry| &entry.secret);
        let others = self.secrets.iter().filter(|one| one.sent_as().is_some());
        let others: Vec<Secret> = others.map(|one| one.found.secret.trimmed()).collect();
        let mut different: Vec<&Secret> = Vec::new();
        for secret in kept.chain(alone).chain(&others) {
            if !different.contains(&secret) {
                different.push(secret);
            }
        }
        announcement(self.session.site.host(), different.len())
    }

    /// Asks Bitbucket whether it answers, then about each token that is found.
    pub fn ask(&mut self) {
        let repository = self.repository();
        match self.session.reach(repository.as_ref()) {
            Ok(date) => self.server = Server::Answers(date.map(|date| (date, now()))),
            Err(why) => {
                self.server = Server::Silent(why);
                return;
            }
        }
        let mut asker = Asker::new(self.session, repository);
        self.verdicts = self
            .entries()
            .iter()
            .map(|entry| match entry {
                entry if has_ended(entry, now()) => Verdict::Unknown(Uncertainty::NothingToAsk),
                entry => asker.about_entry(entry),
            })
            .collect();
        let served = self.served_alone().map(|(kind, entry)| {
            let name = entry.details.username.as_deref();
            (kind, asker.about_token(kind, &entry.secret, name, None))
        });
        self.alone = served;
        for one in &mut self.secrets {
            if let Some(kind) = one.sent_as() {
                let found = &one.found;
                let place = one.repository();
                let name = found.username.as_deref();
                let secret = found.secret.trimmed();
                one.verdict = Some(asker.about_token(kind, &secret, name, place.as_ref()));
            }
        }
    }

    /// The token of a file or a command, unless another comes before it or its form does not
    /// say what it is: it may be a password then.
    fn served_alone(&self) -> Option<(Kind, &Entry)> {
        let offer = source::in_force(&self.supplies)?;
        let entry = offer.credential.as_ref().ok();
        let entry = entry.filter(|_| offer.source.is_alone())?;
        match shape(&entry.secret) {
            Shape::Known(kind) => Some((kind, entry)),
            _ => None,
        }
    }

    /// How it stands with what a source before the store holds, and why, if it does not
    /// authenticate a push.
    pub fn source_standing(&self, source: &Source) -> (Standing, String) {
        let mut secrets = self.secrets.iter();
        let is_it = |name| secrets.find(|one| one.found.place.is_variable(name));
        if let Some(secret) = source.variable().and_then(is_it) {
            let standing = self.standing_of(secret);
            let site = &self.session.site;
            return (standing, standing.advice(site, secret.advice(site)).message);
        }
        let mut supplies = self.supplies.iter();
        let supply = supplies.find(|supply| supply.source == *source);
        let entry = supply.and_then(|supply| supply.credential.as_ref().ok());
        let secret = entry.map(|entry| &entry.secret);
        let form = match secret.map(shape) {
            Some(Shape::Known(kind)) => SecretForm::Token(kind),
            _ => return unsearched_standing(secret),
        };
        let asked = self.alone.as_ref().filter(|_| source.is_alone());
        let asked_here = self.is_here(self.repository().as_ref());
        let standing = Standing::of_secret(&form, asked.map(|(_, verdict)| verdict), asked_here);
        let site = &self.session.site;
        let advice = asked.map(|(kind, verdict)| advise(site, verdict, Some(*kind), None));
        (
            standing,
            standing.advice(site, advice.unwrap_or_default()).message,
        )
    }

    /// A repository to ask with: this one, or one with which a kept entry was confirmed.
    pub fn repository(&self) -> Option<Repository> {
        let own = self.remote.as_ref().and_then(|it| it.repository.clone());
        own.or_else(|| {
            let mut entries = self.entries().iter();
            entries.find_map(|entry| Session::witness(entry, None))
        })
    }

    /// How it stands with an entry of ours.
    pub fn standing(&self, index: usize) -> Standing {
        let (entry, verdict) = (&self.entries()[index], self.verdicts.get(index));
        if verdict.is_none() && matches!(shape(&entry.secret), Shape::Damaged(_)) {
            return unsearched_standing(Some(&entry.secret)).0;
        }
        let asked_with = Session::witness(entry, self.repository().as_ref());
        let known = PriorRecord {
            asked_here: self.is_here(asked_with.as_ref()),
            lacks_client: self.lacks_client(entry),
            ..PriorRecord::of(entry)
        };
        Standing::of(known, verdict, now())
    }

    /// Whether a browser sign-in came from an OAuth client that is not known here.
    pub fn lacks_client(&self, entry: &Entry) -> bool {
        let known = self.client.as_ref().and_then(|it| it.as_ref().ok());
        let known = known.map(|it| &it.client.id);
        entry.details.client.is_some() && entry.details.client.as_ref() != known
    }

    /// How it stands with a secret that lies elsewhere.
    pub fn standing_of(&self, secret: &OtherSecret) -> Standing {
        let asked_with = secret.repository().or_else(|| self.repository());
        let asked_here = self.is_here(asked_with.as_ref());
        let standing = Standing::of_secret(&secret.form, secret.verdict.as_ref(), asked_here);
        if secret.found.in_name {
            standing.as_name()
        } else {
            standing
        }
    }

    /// How it stands with it where it lies.
    pub fn placed(&self, secret: &OtherSecret) -> PlacedSecret {
        PlacedSecret {
            standing: self.standing_of(secret),
            fixed: secret.found.fixed.is_some(),
            for_every_host: secret.found.host == EVERY_HOST,
            our_variable: secret.is_our_variable(),
        }
    }

    /// Whether a push would go to this repository.
    fn is_here(&self, repository: Option<&Repository>) -> bool {
        let own = self.remote.as_ref().and_then(|it| it.repository.as_ref());
        own.is_some() && own == repository
    }

    pub fn entries(&self) -> &[Entry] {
        self.kept.as_ref().map_or(&[], |kept| &kept.entries)
    }

    /// Whether Bitbucket was asked, and answered.
    pub fn was_checked(&self) -> bool {
        matches!(self.server, Server::Answers(_))
    }

    /// The URL that a push would go to, or the site's.
    pub fn url(&self) -> Url {
        url_of(self.remote.as_ref(), &self.session.site)
    }

    /// The account that Git will ask for, and what says so.
    pub fn username(&self) -> Option<(String, String)> {
        if let Some(remote) = &self.remote
            && let Some(name) = &remote.username
        {
            return Some((remote.key.clone(), name.clone()));
        }
        let url = self.url();
        let setting = self
            .machine
            .lines
            .iter()
            .rfind(|line| line.key == "username" && line.is_about_credentials_of(&url))?;
        let name = setting.value.to_string();
        let what = format!("credential.username in {}", setting.place());
        Some((what, name)).filter(|(_, name)| !is_credential(name))
    }
}

/// What is about to be asked, where so many tokens are found.
fn announcement(host: &str, tokens: usize) -> String {
    let about = match tokens {
        0 => "; no token was found to ask about".to_owned(),
        1 => ", and whether it accepts the token that was found".to_owned(),
        many => format!(", and whether it accepts the {many} tokens that were found"),
    };
    format!("Asking {host} whether it answers{about}.")
}

/// How it stands with a secret that the search does not take for Bitbucket's, but that is served
/// as such: its form may say that it cannot work.
fn unsearched_standing(secret: Option<&Secret>) -> (Standing, String) {
    let standing = match secret.map(shape) {
        Some(Shape::Damaged(_)) => {
            let form = SecretForm::Doubtful(String::new());
            Standing::of_secret(&form, None, false)
        }
        Some(Shape::PerhapsAppPassword) => {
            Standing::of(PriorRecord::of_kind(Kind::AppPassword), None, 0)
        }
        _ => Standing::of(PriorRecord::default(), None, 0),
    };
    (standing, standing.reason().to_owned())
}

fn url_of(remote: Option<&PushRemote>, site: &Site) -> Url {
    remote.map_or_else(|| site.parsed_url(), |remote| remote.url.clone())
}

/// Whom Git asks. It is tried out with the person's own settings only: nothing that a
/// repository brings along is run by us.
fn helpers(machine: &Machine, url: &Url) -> Result<Vec<Helper>> {
    let (lines, site_or_remote) = (&machine.lines, url.as_str().trim_end_matches('/'));
    if !lines.helper_lines().any(Setting::is_repository_local) {
        return chain::effective(&machine.git, site_or_remote, lines);
    }
    let own = Git::new(machine.surroundings.context, Scope::Global)?;
    let known = chain::effective(&own, site_or_remote, lines)?;
    Ok(chain::unasked(url, lines, &known))
}

#[cfg(test)]
mod tests {
    use super::{announcement, unsearched_standing};
    use crate::doctor::standing::Fact;
    use crate::secret::Secret;

    /// An API token with a right checksum.
    fn api_token() -> String {
        let body = format!("ATATT3xFfGF0{}=", "aB3_-".repeat(30));
        format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
    }

    /// What is served although it cannot work, as its form says.
    #[test]
    fn what_cannot_work_by_its_form_is_no_credential() {
        let token = api_token();
        let cut_off = token[..token.len() - 8].to_owned();
        for (text, may_push) in [
            (cut_off.clone(), false),
            (token.replace('=', "%3D"), false),
            (format!("{cut_off}\n{token}"), false),
            (token.replace('=', "\r"), false),
            (token, true),
        ] {
            let secret = Secret::copy_of(text.as_bytes());
            let (standing, reason) = unsearched_standing(Some(&secret));
            assert_eq!(standing.may_push, may_push, "{text:?}");
            assert_eq!(standing.fact == Fact::Unrecognised, !may_push, "{text:?}");
            assert_eq!(
                reason.contains("cut off or mistyped"),
                !may_push,
                "{reason}"
            );
        }
    }

    #[test]
    fn what_is_about_to_be_asked_is_said() {
        for (tokens, about) in [
            (0, "; no token was found to ask about."),
            (1, ", and whether it accepts the token that was found."),
            (3, ", and whether it accepts the 3 tokens that were found."),
        ] {
            let expected = format!("Asking x.test whether it answers{about}");
            assert_eq!(announcement("x.test", tokens), expected);
        }
    }
}
