//! What Git asks for and what is known, put together of words.

use crate::accounts::renewal::Outcome;
use crate::accounts::{Entry, Reach};
use crate::bitbucket::{Accepted, Kind, Refusal, Repository, Uncertainty, Verdict};
use crate::helper::get::decision::next;
use crate::helper::get::known::{
    Agreement, Contact, GetRequest, Heard, Known, Looked, OurTurn, Pasted, People, Place, Renewed,
    Stored,
};
use crate::helper::get::step::{Credential, End, Serving, Step};
use crate::helper::mark;
use crate::helper::notes::Word;
use crate::helper::single_flight::Before;
use crate::helper::source::{READERS, Source, Supply};
use crate::keychain::Failure;
use crate::prompt::Unanswered;
use crate::protocol::Request;
use crate::secret::Secret;

pub const NOW: u64 = 2_000_000_000;

/// `alice` is an account; `alice!` one whose date has passed; `alice*acme` one that was chosen
/// for the workspace; `alice+acme/widgets` one that was confirmed with it; `@acme/widgets` a token
/// of that repository; `~` stands for a line end inside the secret.
/// `alice%60` is a browser sign-in of hers with so many seconds left; behind them `x` says that
/// nothing renews it, `r` that a renewal was refused lately.
fn entry(word: &str) -> Entry {
    if let Some((name, left)) = word.split_once('%') {
        return sign_in(word, name, left);
    }
    let (word, has_passed) = match word.strip_suffix('!') {
        Some(word) => (word, true),
        None => (word, false),
    };
    let (name, witness) = word.split_once('+').unwrap_or((word, ""));
    let (name, workspace) = name.split_once('*').unwrap_or((name, ""));
    let (name, reach) = name.split_once('@').unwrap_or((name, ""));
    let kind = if reach.is_empty() {
        Kind::ApiToken
    } else {
        Kind::AccessToken
    };
    let mut entry = Entry::new(kind, secret(word), NOW - 10);
    let details = &mut entry.details;
    word.clone_into(&mut details.id);
    details.username = Some(name.to_owned()).filter(|name| !name.is_empty());
    details.expires = has_passed.then_some(NOW - 1);
    if !reach.is_empty() {
        details.reach = Reach::Repository(reach.to_owned());
    }
    details.witness = Some(witness.to_owned()).filter(|witness| !witness.is_empty());
    if !workspace.is_empty() {
        details.choose_for(workspace);
    }
    entry
}

fn secret(word: &str) -> Secret {
    Secret::new(word.replace('~', "\r").into_bytes())
}

fn sign_in(word: &str, name: &str, left: &str) -> Entry {
    let mut entry = Entry::new(Kind::OAuth, Secret::copy_of(word.as_bytes()), 0);
    let seconds = left.trim_end_matches(['x', 'r']).parse().expect("seconds");
    if !left.ends_with('x') {
        entry.refresh = Some(Secret::copy_of(b"refresh"));
    }
    let details = &mut entry.details;
    word.clone_into(&mut details.id);
    details.client = Some("client".to_owned());
    details.username = Some(name.to_owned());
    details.expires = NOW.checked_add_signed(seconds);
    details.renewal_refused = left.ends_with('r').then_some(NOW - 10);
    entry
}

fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "accepted" => Some(Verdict::Verified(Accepted::default())),
        "refused" => Some(Verdict::Refused(Refusal::Invalid)),
        "no-access" => Some(Verdict::Refused(Refusal::NoAccess)),
        "unknown" => Some(Verdict::Unknown(Uncertainty::NothingToAsk)),
        "left" => None,
        _ => panic!("no verdict: {word}"),
    }
}

fn supply(place: &str, what: &str) -> Option<Supply> {
    let source = match place {
        "file" => Source::File("/token".to_owned()),
        "command" => Source::Command("`op`".to_owned()),
        "own" => Source::Variable("BITBUCKET_HELPER_TOKEN"),
        _ => Source::Variable("BITBUCKET_TOKEN"),
    };
    let kind = match what {
        "nothing" => return None,
        "unusable" => {
            let credential = Err("it is no token".into());
            return Some(Supply { source, credential });
        }
        "token" => Kind::ApiToken,
        "app-password" => Kind::AppPassword,
        _ => panic!("nothing to supply: {what}"),
    };
    let entry = Entry::new(kind, Secret::copy_of(place.as_bytes()), 0);
    let credential = Ok(Box::new(entry));
    Some(Supply { source, credential })
}

/// A request and what is known, put together of words.
pub struct Scene {
    pub request: Request,
    is_submodule: bool,
    is_pipelines: bool,
    pub known: Known,
}

impl Scene {
    /// Where nothing has been looked at but the sources before the store, which are empty.
    pub fn new(wanted: &str, known: &str) -> Self {
        let mut scene = Self {
            request: Request::default(),
            is_submodule: false,
            is_pipelines: false,
            known: Known::default(),
        };
        let supplies = ["variable=", "own=", "unlooked"]
            .iter()
            .any(|word| known.contains(word));
        if !supplies {
            for _ in &READERS {
                scene.supply("any", "nothing");
            }
        }
        let words = wanted.split_whitespace().chain(known.split_whitespace());
        words.for_each(|word| scene.add(word));
        scene
    }

    fn supply(&mut self, source: &str, what: &str) {
        let supply = supply(source, what);
        self.known.sources.push(Looked {
            supply,
            word: None,
            is_compared: false,
        });
    }

    fn last_source(&mut self) -> &mut Looked {
        self.known.sources.last_mut().expect("a source")
    }

    fn people(&mut self) -> &mut People {
        self.known.people.get_or_insert(People {
            contact: Contact::Nobody,
            others_may_answer: false,
            gave_up: false,
        })
    }

    fn turn(&mut self, before: Before) {
        let has_read = false;
        self.known.turn = Some(OurTurn { before, has_read });
    }

    /// Of the only entry.
    fn renewal(&mut self, outcome: &str) {
        let id = self.entries()[0].details.id.clone();
        let outcome = match outcome {
            "refused" => Outcome::Refused,
            _ => Outcome::Unknown,
        };
        let why = None;
        self.known.renewals.push(Renewed { id, outcome, why });
    }

    fn add(&mut self, word: &str) {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        if !self.add_to_request(key, value) {
            self.add_to_known(word, key, value);
        }
    }

    /// What Git asks for.
    fn add_to_request(&mut self, key: &str, value: &str) -> bool {
        match key {
            "name" => self.request.username = Some(value.to_owned()),
            "path" => self.request.path = Some(format!("{value}.git")),
            "back" => self.request.state = mark::mark(&entry(value)).into_iter().collect(),
            "back-variable" => {
                let entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"variable"), 0);
                self.request.state = mark::mark(&entry).into_iter().collect();
            }
            "submodule" => self.is_submodule = true,
            "pipelines" => self.is_pipelines = true,
            _ => return false,
        }
        true
    }

    fn add_to_known(&mut self, word: &str, key: &str, value: &str) {
        match key {
            // What the sources before the store have.
            "unlooked" => {}
            "variable" | "own" | "file" | "command" => self.supply(key, value),
            "behind" => self.last_source().is_compared = true,
            "word" => self.last_source().word = verdict(value).map(|verdict| Word::of(&verdict)),
            // What is in the store.
            "kept" => {
                let names = value.split(',').filter(|name| !name.is_empty());
                self.known.stored = Stored::Entries(names.map(entry).collect());
            }
            "locked" | "missing" => {
                self.known.stored = Stored::Unreadable {
                    failure: Failure::Locked,
                    is_replaceable: key == "missing",
                }
            }
            "renewal" => self.renewal(value),
            "explained" => self.known.is_explained = true,
            // Others.
            "turn" => self.turn(Before::Nothing),
            "asked" => self.turn(Before::Asked),
            "gone" => self.turn(Before::Cancelled),
            "busy" => self.turn(Before::Busy),
            "read" => self.known.turn.as_mut().expect("a turn").has_read = true,
            // People.
            "terminal" => self.people().contact = Contact::Terminal,
            "login-only" => self.people().contact = Contact::LoginOnly,
            "program" => self.people().contact = Contact::Program,
            "nobody" => self.people().contact = Contact::Nobody,
            "others" => self.people().others_may_answer = true,
            "gave-up" => self.people().gave_up = true,
            "yes" => self.known.agreement = Some(Agreement::Entry(self.index(value))),
            "no" => self.known.agreement = Some(Agreement::None),
            "cancelled" => self.known.unanswered = Some(Unanswered::Cancelled),
            "unheard" => self.known.unanswered = Some(Unanswered::Nobody),
            "pasted" => {
                let serving = if value == "unverified" {
                    Serving::Unmarked
                } else {
                    Serving::Usual
                };
                let entry = entry("pasted");
                self.known.pasted = Some(Pasted { entry, serving });
            }
            // Git's directory.
            "at" => {
                let place = Repository::from_path(value).expect("a repository");
                self.known.place = Place::Repository(place);
            }
            "nowhere" => self.known.place = Place::Nowhere,
            // What the server said: `alice:refused`.
            _ => {
                let (name, word) = word.split_once(':').unwrap_or_else(|| panic!("{word}"));
                self.known.heard.push(Heard {
                    secret: secret(name),
                    verdict: verdict(word),
                });
            }
        }
    }

    fn entries(&self) -> &[Entry] {
        match &self.known.stored {
            Stored::Entries(entries) => entries,
            _ => &[],
        }
    }

    fn index(&self, name: &str) -> usize {
        let is_it = |entry: &Entry| entry.details.id == name;
        self.entries().iter().position(is_it).expect("an entry")
    }

    pub fn wanted(&self) -> GetRequest<'_> {
        let path = self.request.path.as_deref();
        GetRequest {
            is_submodule: self.is_submodule,
            is_pipelines: self.is_pipelines,
            ..GetRequest::of(&self.request, path.and_then(Repository::from_path), NOW)
        }
    }

    pub fn next(&self) -> String {
        let wanted = self.wanted();
        let name = |index: usize| self.entries()[index].details.id.clone();
        match next(&self.known, &wanted) {
            Step::Look(0) => "look at variables".to_owned(),
            Step::Look(1) => "look at the file".to_owned(),
            Step::Look(_) => "run the command".to_owned(),
            Step::CheckSource { is_daily: true, .. } => "check daily".to_owned(),
            Step::CheckSource { .. } => "check".to_owned(),
            Step::LookBehind(_) => "look behind".to_owned(),
            Step::ReadStore => "read".to_owned(),
            Step::FindPeople => "people?".to_owned(),
            Step::FindPlace => "place?".to_owned(),
            Step::TakeTurn => "turn?".to_owned(),
            Step::ReadAgain(None) => "read again".to_owned(),
            Step::ReadAgain(Some(index)) => format!("read again about {}", name(index)),
            Step::AskServer {
                index,
                was_refused: true,
            } => format!("ask once about {}", name(index)),
            Step::AskServer { index, .. } => format!("ask about {}", name(index)),
            Step::Renew { index, was_refused } => {
                let how = if was_refused {
                    "renew refused"
                } else {
                    "renew"
                };
                format!("{how} {}", name(index))
            }
            Step::ExplainSignIn { index, has_ended } => {
                let what = if has_ended { "end" } else { "wait" };
                format!("explain {what} of {}", name(index))
            }
            Step::Replace(index) => format!("replace {}", name(index)),
            Step::ChooseAccount(equal) => {
                let names: Vec<_> = equal.into_iter().map(name).collect();
                format!("choose {}", names.join(","))
            }
            Step::AgreeOnName(index) => format!("agree on {}", name(index)),
            Step::SignIn(contact) => format!("sign in: {contact:?}"),
            Step::ChooseStore => "choose store".to_owned(),
            Step::Explain => "explain".to_owned(),
            Step::PassOver(indices) => {
                let names: Vec<_> = indices.into_iter().map(name).collect();
                format!("pass over {}", names.join(","))
            }
            Step::Serve(Credential::Source(0), serving) => format!("variable {serving:?}"),
            Step::Serve(Credential::Source(1), serving) => format!("file {serving:?}"),
            Step::Serve(Credential::Source(_), serving) => format!("command {serving:?}"),
            Step::Serve(Credential::Entry(index), serving) => {
                format!("{} {serving:?}", name(index))
            }
            Step::Serve(Credential::Pasted, serving) => format!("pasted {serving:?}"),
            Step::End(End::Tell(reason)) => format!("tell {reason:?}"),
            Step::End(end) => format!("{end:?}"),
        }
    }
}
