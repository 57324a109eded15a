//! Carries a command out with the real program, and notes what came of it.

use super::git::{Answer, challenge, description, state};
use super::step::{Client, Limit, Step, Weather, Witness};
use super::world::{Flight, PEOPLE, REPOSITORIES, Reach, Served, Token, World};
use crate::rig::log::Authorization;
use crate::rig::{
    Credential, Fault, Finished, GIT_SCOPES, Kind, Repository, Rig, Sender, State, Surface, gits,
    rules, tokens,
};
use std::fmt::Write as _;

const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";

/// Where tokens are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    File,
    Keyring,
}

pub struct Driver {
    rig: Rig,
    keyring: bool,
    place: Place,
    pub world: World,
    history: Vec<String>,
}

impl Driver {
    /// Two people and four repositories.
    pub fn new() -> Self {
        let mut rig = Rig::new();
        let keyring = rig.start_keyring();
        for name in PEOPLE {
            let address = format!("{name}@example.com");
            rig.bitbucket.add_user(name, &address, "correct horse");
        }
        for (name, writers) in REPOSITORIES {
            let repository = writers
                .iter()
                .fold(Repository::private(), |it, name| it.writer(name));
            rig.bitbucket.add_repository(name, repository);
        }
        Self {
            rig,
            keyring,
            place: Place::File,
            world: World::default(),
            history: Vec::new(),
        }
    }

    pub fn has_keyring(&self) -> bool {
        self.keyring
    }

    /// Forgets everything.
    pub fn begin(&mut self, place: Place, seed: u64) {
        self.place = place;
        self.helper(&["logout", "--all"], "");
        let state = self.rig.home.path().join(".local/state");
        for entry in std::fs::read_dir(state).expect("a folder in the home") {
            let path = entry.expect("an entry of it").path();
            std::fs::remove_dir_all(path).expect("a folder of ours");
        }
        self.rig.bitbucket.world().credentials.clear();
        self.world = World {
            // The same seed is to make the same secrets.
            made: seed * 1000,
            ..World::default()
        };
        self.history.clear();
    }

    /// What was done, and what came of it.
    pub fn history(&self) -> String {
        self.history.join("\n")
    }

    fn helper(&self, arguments: &[&str], input: &str) -> Finished {
        let store = match self.place {
            Place::File => "--store=file",
            Place::Keyring => "--store=keychain",
        };
        let (operation, options) = arguments.split_first().expect("an operation");
        let arguments = match *operation {
            "get" | "store" | "erase" => vec![store, operation],
            _ => [&[*operation, store], options].concat(),
        };
        self.rig.helper_with(&gits()[0], &arguments, input)
    }

    /// What Git has the helper do.
    fn ask(&mut self, operation: &str, input: &str) -> Finished {
        let ended = self.helper(&[operation], &format!("{input}\n"));
        assert!(ended.success(), "{operation}: {ended:#?}");
        self.note(&format!("  {operation}: {}", ended.stderr.trim()));
        ended
    }

    fn note(&mut self, text: &str) {
        self.history.push(text.to_owned());
    }

    /// Carries out one command, and looks at what is kept then.
    pub fn run(&mut self, step: &Step) {
        self.note(&format!("{step:?}"));
        self.rig.forget_requests();
        self.world.served.clear();
        self.world.entered = None;
        self.world.strangers = 0;
        for token in &mut self.world.tokens {
            token.was_kept = token.kept;
            token.may_go = None;
            if !token.kept {
                token.forget();
            }
        }
        match *step {
            Step::Login { token, .. } => self.log_in(token, step),
            Step::Url {
                token,
                repository,
                named,
                path,
            } => self.use_url(token, repository, named, path),
            Step::Fetch { .. } => self.fetch(step),
            Step::Late { flight } => self.store_late(flight),
            Step::Die { token } => {
                self.world.tokens[token].alive = false;
                let secret = &self.world.tokens[token].secret;
                if self.rig.bitbucket.world().credential(secret).is_some() {
                    self.rig.bitbucket.set_state(secret, State::Revoked);
                }
            }
            Step::Reject { token } => {
                let it = &mut self.world.tokens[token];
                it.may_go = Some("a person rejected it");
                it.doubts += 1;
                let secret = &self.world.tokens[token].secret;
                let login = format!("username=alice\npassword={secret}\n");
                self.ask("erase", &(description(Client::Old, None) + &login));
            }
            Step::Forget => {
                for token in &mut self.world.tokens {
                    token.may_go = Some("a person forgot everything");
                }
                self.helper(&["logout", "--all"], "").expect_success();
            }
            Step::Foreign { client, username } => {
                self.world.made += 1;
                let secret = tokens::api_token(self.world.made);
                let login = format!("username={username}\npassword={secret}\n");
                let lines = description(client, Some("work/one"));
                self.ask("erase", &(lines + &login + challenge(client)));
            }
        }
        self.rig.bitbucket.recover();
        self.look();
    }

    /// The server knows a token once it is used.
    fn issue(&self, token: usize) {
        let it = &self.world.tokens[token];
        let mut server = self.rig.bitbucket.world();
        if server.credential(&it.secret).is_none() {
            let scopes: &[&'static str] = match (it.kind, it.may_push) {
                (Kind::ApiToken, true) => &GIT_SCOPES,
                (Kind::ApiToken, false) => &GIT_SCOPES[..1],
                (_, true) => &["repository", "repository:write"],
                (_, false) => &["repository"],
            };
            let credential = Credential::new(it.kind, &it.secret, it.owner, scopes);
            server.credentials.push(credential);
        }
    }

    fn set_weather(&self, weather: Weather) {
        let fault = match weather {
            Weather::Deaf(0) => Fault::Close,
            Weather::Deaf(1) => Fault::Hang,
            Weather::Deaf(429) => Fault::rate_limited("60"),
            Weather::Deaf(status) => Fault::status(status, ""),
            Weather::Down => Fault::down(),
            Weather::Fair | Weather::StrayRefusal | Weather::StrayRefusals => return,
        };
        for surface in [Surface::Git, Surface::Rest] {
            let server = &self.rig.bitbucket;
            server.fail_for(Sender::Helper, surface, fault.clone(), usize::MAX);
        }
    }

    fn log_in(&mut self, token: usize, step: &Step) {
        let Step::Login {
            witness,
            limit,
            name,
            weather,
            ..
        } = *step
        else {
            return;
        };
        self.issue(token);
        self.set_weather(weather);
        let it = &self.world.tokens[token];
        let mut arguments = vec!["login".to_owned(), "--with-token".to_owned()];
        match witness {
            Witness::Repository(place) => arguments.push(format!("https://bitbucket.org/{place}")),
            Witness::Address => arguments.push(format!("--email={}@example.com", it.owner)),
        }
        match limit {
            Limit::None => {}
            Limit::Workspace(place) => arguments.push(format!("--workspace={place}")),
            Limit::Repository(place) => arguments.push(format!("--repository={place}")),
        }
        arguments.extend(name.map(|name| format!("--username={name}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = self.helper(&arguments, &it.secret);
        self.note(&format!("  login: {}{}", ended.stdout, ended.stderr));
        if !ended.success() {
            return;
        }
        let (_, title) = ended.stdout.split_once(": ").expect("a title");
        let named = PEOPLE.into_iter().find(|name| {
            let rest = title.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(' '))
        });
        let it = &mut self.world.tokens[token];
        it.limit(match limit {
            Limit::Workspace(place) => Reach::Workspace(place.to_owned()),
            Limit::Repository(place) => Reach::Repository(place.to_owned()),
            Limit::None if it.is_access_token() => Reach::Repository(it.owner.to_owned()),
            Limit::None => Reach::Site,
        });
        it.name = named.map(str::to_owned);
        it.vouched = true;
        it.doubts = 0;
        it.served_dead = 0;
        if let Witness::Repository(place) = witness {
            it.witness = Some(place);
        }
        let new = it.clone();
        self.world.entered = Some(token);
        for (number, other) in self.world.tokens.iter_mut().enumerate() {
            if number != token && other.is_same_account(&new) {
                other.may_go = Some("a person replaced it");
            }
        }
    }

    fn use_url(&mut self, token: usize, repository: &str, named: bool, path: bool) {
        self.issue(token);
        let it = &self.world.tokens[token];
        let username = match it.kind {
            Kind::ApiToken if named => it.owner,
            Kind::ApiToken => "x-bitbucket-api-token-auth",
            _ => "x-token-auth",
        };
        // Without a path nothing tells what an access token is good for.
        let path = (path || it.is_access_token()).then_some(repository);
        let login = format!("username={username}\npassword={}\n", it.secret);
        let lines = description(Client::New, path) + &login;
        let name = (named && !it.is_access_token()).then(|| username.to_owned());
        let it = &mut self.world.tokens[token];
        // It works where it was not known to: whose it is, is learnt by that.
        let is_news = path.is_some_and(|place| !it.covers(place));
        if it.kept && it.name.is_none() && is_news {
            it.name.clone_from(&name);
        }
        self.note_sight(token, name);
        self.ask("store", &lines);
    }

    /// Git saw it work: what that means for it, and for others that were merely seen.
    fn note_sight(&mut self, token: usize, name: Option<String>) {
        let it = &mut self.world.tokens[token];
        it.doubts = 0;
        it.served_dead = 0;
        if !it.kept {
            it.vouched = false;
            it.name = name;
            it.reaches = vec![if it.is_access_token() {
                Reach::Repository(it.owner.to_owned())
            } else {
                Reach::Site
            }];
        }
        let new = it.clone();
        for (number, other) in self.world.tokens.iter_mut().enumerate() {
            if number != token && !other.vouched && !new.kept && other.is_same_account(&new) {
                other.may_go = Some("Git saw another of this account later");
            }
        }
    }

    fn store_late(&mut self, flight: usize) {
        let Flight { token, lines } = self.world.flights.swap_remove(flight);
        let name = lines
            .lines()
            .find_map(|line| line.strip_prefix("username="));
        let name = name.filter(|name| PEOPLE.contains(name)).map(str::to_owned);
        self.note_sight(token, name);
        self.ask("store", &lines);
    }

    /// A fetch or push, without a Git: what it would have the helper do.
    fn fetch(&mut self, step: &Step) {
        let Step::Fetch {
            repository,
            name,
            path,
            client,
            weather,
            late,
            ..
        } = *step
        else {
            return;
        };
        self.set_weather(weather);
        let described = description(client, path.then_some(repository));
        let asked = name.map_or_else(String::new, |name| format!("username={name}\n"));
        let told = challenge(client);
        let request = format!("{described}{asked}{told}");
        let Some((mut answer, mut token)) = self.get(&request) else {
            return;
        };
        let mut status = self.status(step, &answer, 0);
        if status == 401 && answer.comes_back && client == Client::New {
            self.count_refusal(token, weather);
            let state = state(client, &answer);
            let again = format!("{described}username={}\n{told}{state}", answer.username);
            let Some(next) = self.get(&again) else {
                return;
            };
            (answer, token) = next;
            status = self.status(step, &answer, 1);
        }
        self.note(&format!("  token {token} got {status}"));
        let state = state(client, &answer);
        let login = format!("{described}{}", answer.login());
        match status {
            200 if late => self.world.flights.push(Flight {
                token,
                lines: login + &state,
            }),
            200 => {
                self.world.tokens[token].doubts = 0;
                self.ask("store", &(login + &state));
            }
            401 => {
                self.count_refusal(token, weather);
                let it = &mut self.world.tokens[token];
                // A limit says nothing of the token, however often Git is refused meanwhile.
                if weather != Weather::Deaf(429) {
                    it.doubts += 1;
                    if it.doubts > 1 {
                        it.may_go = Some("Git was refused twice in a row");
                    } else if client == Client::Old && weather != Weather::Fair {
                        it.may_go = Some("it may have been a person, and the server could not say");
                    }
                }
                self.ask("erase", &(login + told + &state));
            }
            _ => {}
        }
    }

    /// Once for each command. While Bitbucket limits our questions nobody can tell a dead token
    /// from a stray refusal, so those do not count.
    fn count_refusal(&mut self, token: usize, weather: Weather) {
        let times = self.world.served.iter().filter(|it| it.token == token);
        let first = times.count() < 2;
        let it = &mut self.world.tokens[token];
        if !it.alive && first && weather != Weather::Deaf(429) {
            it.served_dead += 1;
        }
    }

    /// What the program serves.
    fn get(&mut self, request: &str) -> Option<(Answer, usize)> {
        let answer = Answer::read(&self.ask("get", request).stdout)?;
        let is_it = |token: &Token| token.secret == answer.password;
        let Some(token) = self.world.tokens.iter().position(is_it) else {
            self.world.strangers += 1;
            return None;
        };
        self.note(&format!("  served: token {token} as {}", answer.username));
        self.world.served.push(Served { token });
        Some((answer, token))
    }

    /// What Bitbucket answers Git, the first time (0) or the second.
    fn status(&self, step: &Step, answer: &Answer, time: u32) -> u16 {
        let Step::Fetch {
            repository,
            push,
            weather,
            ..
        } = *step
        else {
            return 0;
        };
        match (weather, time) {
            (Weather::Down, _) => return 503,
            (Weather::StrayRefusal, 0) | (Weather::StrayRefusals, _) => return 401,
            _ => {}
        }
        let login = Authorization {
            scheme: "Basic".to_owned(),
            user: answer.username.clone(),
            secret: answer.password.clone(),
        };
        let server = self.rig.bitbucket.world();
        match rules::git(&server, Some(&login), repository, push) {
            Ok(_) => 200,
            Err(refusal) => refusal.status,
        }
    }

    /// Notes which tokens are kept, and which the server refused to us.
    fn look(&mut self) {
        for request in self.rig.requests_not_from_git() {
            let secret = request.authorization.map(|login| login.secret);
            let is_it = |token: &&mut Token| Some(&token.secret) == secret.as_ref();
            if let Some(token) = self.world.tokens.iter_mut().find(is_it)
                && [401, 410].contains(&request.status)
            {
                token.may_go = Some("the server refused it");
            }
        }
        let kept = match self.place {
            Place::Keyring => {
                let items = self.rig.keyring().search(&[("service", SERVICE)]);
                items.into_iter().map(|item| item.secret).collect()
            }
            Place::File => {
                let path = ".local/share/git-credential-bitbucket/credentials";
                let path = self.rig.home.path().join(path);
                std::fs::read_to_string(path).unwrap_or_default()
            }
        };
        for token in &mut self.world.tokens {
            token.kept = match self.place {
                Place::Keyring => kept.contains(&token.secret),
                Place::File => kept.contains(&hexadecimal(&token.secret)),
            };
        }
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
