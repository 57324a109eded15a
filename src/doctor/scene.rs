//! What the doctor looks at, read once: Git's settings and helpers, what is kept, what lies
//! elsewhere, and Bitbucket's answers. Judging it is the steps' business.

use super::asked::Asker;
use super::places::{self, EVERY_HOST, FoundSecret, GitUse, Machine, Surroundings, Unsearched};
use crate::accounts::{Contents, Entry};
use crate::bitbucket::{
    Kind, Repository, Shape, Site, Uncertainty, Verdict, advise, is_credential, shape,
};
use crate::git::chain::{self, Helper};
use crate::git::{Config, Context, Git, Scope, Setting};
use crate::helper::{Session, now, token_file_entry, variable_in_force};
use crate::keychain::{Failure, Unlock};
use anyhow::Result;
use url::Url;

/// The machine as it is now.
pub(super) struct Scene<'a> {
    pub machine: Machine<'a>,
    pub session: &'a Session,
    pub remote: Option<Remote>,
    pub chain: Result<Vec<Helper>>,
    pub kept: Result<Contents, Failure>,
    /// What the server says of each kept entry; as long as the entries, or empty.
    pub verdicts: Vec<Verdict>,
    /// What the server says of the token in the file of `--token-file`, and its kind.
    pub token_file: Option<(Kind, Verdict)>,
    pub elsewhere: Vec<Elsewhere>,
    pub unsearched: Vec<Unsearched>,
    pub server: Server,
}

/// The repository's way to Bitbucket.
pub(super) struct Remote {
    /// `remote.origin.url`
    pub key: String,
    /// Without a login.
    pub url: Url,
    /// `user@`
    pub username: Option<String>,
    pub repository: Option<Repository>,
}

/// Bitbucket itself.
pub(super) enum Server {
    NotAsked,
    Silent(Uncertainty),
    /// With its time, in Unix seconds, and ours.
    Answers(Option<(u64, u64)>),
}

/// A secret that lies elsewhere, judged.
pub(super) struct Elsewhere {
    pub found: FoundSecret,
    pub judgement: Judgement,
    /// What the server says; never of a password.
    pub verdict: Option<Verdict>,
}

/// What the form of a secret tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// The server may be asked about it.
    Token(Kind),
    /// Never sent, and most likely of no use: Bitbucket takes none.
    Password(&'static str),
    /// Never sent, and not ours to throw away.
    Doubtful(String),
}

impl<'a> Scene<'a> {
    /// Looks at everything. Nothing is sent to anybody unless `check`.
    pub fn look(
        context: &'a Context,
        session: &'a Session,
        check: bool,
        unlock: Unlock,
    ) -> Result<Self> {
        let machine = Machine::read(Surroundings {
            site: &session.site,
            context,
            unlock,
        })?;
        let remote = Remote::of(&machine.lines, &session.site);
        let url = url_of(remote.as_ref(), &session.site);
        let effective = match &machine.unreadable {
            Some(error) => Err(anyhow::anyhow!("{error:#}")),
            None => helpers(&machine, &url),
        };
        let (found, unsearched) = places::find(&machine);
        let mut scene = Self {
            session,
            remote,
            chain: effective,
            kept: session.vault().read(unlock),
            verdicts: Vec::new(),
            token_file: None,
            elsewhere: found.into_iter().map(Elsewhere::of).collect(),
            unsearched,
            server: Server::NotAsked,
            machine,
        };
        if check {
            scene.ask();
        }
        Ok(scene)
    }

    fn ask(&mut self) {
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
            .map(|entry| asker.about_entry(entry))
            .collect();
        self.token_file = self.served_file().map(|(kind, entry)| {
            let name = entry.details.username.as_deref();
            (kind, asker.about_token(kind, &entry.secret, name, None))
        });
        for one in &mut self.elsewhere {
            if let Judgement::Token(kind) = one.judgement
                && !one.is_another_s_variable()
            {
                let found = &one.found;
                let place = found.path.as_deref().and_then(Repository::from_path);
                let name = found.username.as_deref();
                let secret = found.secret.trimmed();
                one.verdict = Some(asker.about_token(kind, &secret, name, place.as_ref()));
            }
        }
    }

    /// The token of `--token-file`, unless another comes before it or its form does not say
    /// what it is: it may be a password then.
    fn served_file(&self) -> Option<(Kind, Entry)> {
        if variable_in_force().is_some() {
            return None;
        }
        let entry = token_file_entry(&self.session.options)?;
        match shape(&entry.secret) {
            Shape::Known(kind) => Some((kind, entry)),
            _ => None,
        }
    }

    /// Why that token is refused, if it is.
    pub fn refused_file(&self) -> Option<String> {
        let (kind, verdict) = self.token_file.as_ref()?;
        verdict
            .is_refused_for_good()
            .then(|| advise(verdict, Some(*kind), None).message)
    }

    /// A repository to ask with: this one, or one with which a kept entry was confirmed.
    pub fn repository(&self) -> Option<Repository> {
        let own = self.remote.as_ref().and_then(|it| it.repository.clone());
        own.or_else(|| {
            let mut entries = self.entries().iter();
            entries.find_map(|entry| Session::witness(entry, None))
        })
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

fn url_of(remote: Option<&Remote>, site: &Site) -> Url {
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

impl Remote {
    /// The remote that is most likely meant: `origin`, else the first; where it is pushed to
    /// comes before where it is fetched from.
    fn of(lines: &Config, site: &Site) -> Option<Self> {
        let mut remotes: Vec<_> = lines
            .iter()
            .filter(|line| line.is_remote_url())
            .filter_map(|line| Some((line, Self::read(line, site)?)))
            .collect();
        remotes.sort_by_key(|(line, _)| {
            let origin = line.subsection.as_deref() == Some("origin");
            (!origin, line.key != "pushurl")
        });
        remotes.into_iter().next().map(|(_, remote)| remote)
    }

    fn read(line: &Setting, site: &Site) -> Option<Self> {
        let mut url = Url::parse(&line.value).ok()?;
        let ours = site.is_at(&url);
        let name = url.username().to_owned();
        // Neither fails for a URL with a host.
        let _ = (url.set_username(""), url.set_password(None));
        ours.then(|| Self {
            key: format!(
                "remote.{}.{}",
                line.subsection.as_deref().unwrap_or(""),
                line.key
            ),
            username: Some(name).filter(|name| !name.is_empty() && !is_credential(name)),
            repository: site.repository(url.path()),
            url,
        })
    }
}

impl Elsewhere {
    fn of(found: FoundSecret) -> Self {
        Self {
            judgement: Judgement::of(&found),
            found,
            verdict: None,
        }
    }

    /// Whether it is certain that Bitbucket does not take it.
    pub fn is_dead(&self) -> bool {
        match &self.verdict {
            Some(verdict) => verdict.is_refused_for_good(),
            None => matches!(self.judgement, Judgement::Password(_)),
        }
    }

    /// Whether it is sent to all hosts, so that it may be another's.
    pub fn is_for_all(&self) -> bool {
        self.found.host == EVERY_HOST
    }

    /// Whether it is the environment's, which is told of as a variable.
    pub fn is_our_variable(&self) -> bool {
        let place = &self.found.place;
        place.kind.git_use == GitUse::Variable && place.name.starts_with("BITBUCKET_")
    }

    /// Whether it is a variable that does not say that it is for Bitbucket: other products of
    /// Atlassian's have tokens of the same form.
    fn is_another_s_variable(&self) -> bool {
        let place = &self.found.place;
        let says_bitbucket = place.name.to_ascii_uppercase().contains("BITBUCKET");
        place.kind.git_use == GitUse::Variable && !says_bitbucket
    }

    /// What it is and whose, for a sentence.
    pub fn what(&self) -> String {
        let what = match &self.judgement {
            Judgement::Token(kind) => kind.facts().with_article.to_owned(),
            Judgement::Password(what) => (*what).to_owned(),
            Judgement::Doubtful(what) => what.clone(),
        };
        let name = self.found.username.as_deref().filter(|name| {
            !name.is_empty() && Kind::with_static_name(name).is_none() && !is_credential(name)
        });
        name.map_or_else(
            || what.clone(),
            |name| format!("{what} of {}", crate::text::shown(name)),
        )
    }
}

impl Judgement {
    fn of(found: &FoundSecret) -> Self {
        let name = found.username.as_deref().unwrap_or_default();
        // Tokens of OAuth have no form: what goes with a name that is no account's, or lies
        // where Git Credential Manager keeps the second of its two, is none that people chose.
        let signed_in = found.path.as_deref() == Some("refresh_token")
            || Kind::with_static_name(name).is_some();
        match found.shape {
            Shape::AccountPassword | Shape::PerhapsAppPassword if signed_in => {
                Self::Doubtful("what is left of a sign-in in the browser".to_owned())
            }
            // An account's password goes with its name: `Bearer` has none, say.
            Shape::AccountPassword | Shape::PerhapsAppPassword if name.is_empty() => {
                Self::Doubtful("a secret of unknown form".to_owned())
            }
            Shape::Known(kind) => Self::Token(kind),
            // It may be sent nowhere, for it may be a password. Neither is taken any more.
            Shape::PerhapsAppPassword => Self::Password(
                "what looks like an account password, or an app password of the old form,",
            ),
            Shape::AccountPassword => Self::Password("what looks like an account password"),
            Shape::Damaged(kind) => Self::Doubtful(format!(
                "{} that was cut off or mistyped",
                kind.facts().with_article
            )),
            Shape::Foreign(name) => Self::Doubtful(name.to_owned()),
            Shape::Unrecognised => Self::Doubtful("a secret of unknown form".to_owned()),
        }
    }

    /// For programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Token(kind) => kind.facts().id,
            Self::Password(_) => "password",
            Self::Doubtful(_) => "other",
        }
    }
}
