//! What a command is, and the choice of the next one. Nothing runs here.

use super::world::{ODD_PATHS, PEOPLE, REPOSITORIES, Token, World};
use crate::rig::random::Random;
use crate::rig::{Kind, tokens};

/// Which Git asks: what it tells the helper differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// 2.46: with our `state[]`, and it comes back on a 401.
    New,
    /// 2.41: the challenge of a 401 is told.
    Middle,
    /// Before that, and other programs: nothing is told.
    Old,
}

/// What is wrong with the server during a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// Git gets one 401 although the token is good.
    StrayRefusal,
    /// Git gets nothing but 401.
    StrayRefusals,
    /// Everybody gets 503.
    Down,
    /// Our own questions get this status; 0: no answer, 1: none in time.
    Deaf(u16),
}

/// Where a login is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    Repository(&'static str),
    Address,
}

/// What a login is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    None,
    Workspace(&'static str),
    Repository(&'static str),
}

#[derive(Clone, Debug)]
pub enum Step {
    /// A person enters a token.
    Login {
        token: usize,
        witness: Witness,
        limit: Limit,
        name: Option<&'static str>,
        weather: Weather,
    },
    /// Git works with a token in the URL, and then calls `store`.
    Url {
        token: usize,
        repository: &'static str,
        named: bool,
        path: bool,
    },
    /// Git fetches or pushes.
    Fetch {
        repository: &'static str,
        name: Option<&'static str>,
        path: bool,
        push: bool,
        client: Client,
        weather: Weather,
        /// Whether its `store` comes later.
        late: bool,
    },
    /// The `store` of an earlier fetch.
    Late { flight: usize },
    /// The server refuses the token from now on.
    Die { token: usize },
    /// A person rejects this token.
    Reject { token: usize },
    /// A person forgets everything.
    Forget,
    /// Git was refused with another helper's credential.
    Foreign {
        client: Client,
        username: &'static str,
    },
}

/// The next command. Makes new tokens where it needs some.
pub fn choose(random: &mut Random, world: &mut World) -> Step {
    let alive = world.all(|token| token.alive);
    let repository = if random.percent(8) {
        random.pick(&ODD_PATHS)
    } else {
        random.pick(&REPOSITORIES).0
    };
    match random.weighted(&[
        (40, 0),
        (22, 1),
        (12, 2),
        (6, 3),
        (7, 4),
        (2, 5),
        (1, 6),
        (5, 7),
    ]) {
        1 => login(random, world, &alive),
        2 => {
            let token = token(random, world, &alive);
            let opens = |name: &&str| world.tokens[token].opens(name);
            let open: Vec<&str> = REPOSITORIES.iter().map(|it| it.0).filter(opens).collect();
            Step::Url {
                token,
                repository: random.pick(&open),
                named: random.percent(60),
                path: random.percent(80),
            }
        }
        3 if !world.flights.is_empty() => Step::Late {
            flight: random.below(world.flights.len()),
        },
        4 if !alive.is_empty() => Step::Die {
            token: random.pick(&alive),
        },
        5 if !world.tokens.is_empty() => Step::Reject {
            token: random.below(world.tokens.len()),
        },
        6 => Step::Forget,
        7 => Step::Foreign {
            client: random.pick(&[Client::New, Client::Middle]),
            username: random.pick(&["alice", "bob", "x-token-auth"]),
        },
        _ => Step::Fetch {
            repository,
            name: random.percent(40).then(|| random.pick(&PEOPLE)),
            path: random.percent(85),
            push: random.percent(40),
            client: random.pick(&[Client::New, Client::New, Client::Middle, Client::Old]),
            weather: weather(random),
            late: random.percent(20),
        },
    }
}

fn weather(random: &mut Random) -> Weather {
    random.weighted(&[
        (6000, Weather::Fair),
        (800, Weather::StrayRefusal),
        (500, Weather::StrayRefusals),
        (500, Weather::Down),
        (500, Weather::Deaf(503)),
        (400, Weather::Deaf(429)),
        (400, Weather::Deaf(403)),
        (400, Weather::Deaf(404)),
        (480, Weather::Deaf(0)),
        (20, Weather::Deaf(1)),
    ])
}

fn login(random: &mut Random, world: &mut World, alive: &[usize]) -> Step {
    let token = token(random, world, alive);
    let it = &world.tokens[token];
    let open: Vec<&str> = REPOSITORIES
        .iter()
        .map(|row| row.0)
        .filter(|name| it.opens(name))
        .collect();
    let repository = random.pick(&open);
    let workspace = repository.split('/').next().unwrap_or_default();
    let by_address = !it.is_access_token() && random.percent(35);
    Step::Login {
        token,
        witness: if by_address {
            Witness::Address
        } else {
            Witness::Repository(repository)
        },
        limit: random.weighted(&[
            (7, Limit::None),
            (2, Limit::Workspace(workspace)),
            (1, Limit::Repository(repository)),
        ]),
        name: (!it.is_access_token() && random.percent(30)).then_some(it.owner),
        weather: if random.percent(90) {
            Weather::Fair
        } else {
            Weather::Deaf(503)
        },
    }
}

/// A token that works: a new one, or one that was used before.
fn token(random: &mut Random, world: &mut World, alive: &[usize]) -> usize {
    if !alive.is_empty() && random.percent(40) {
        return random.pick(alive);
    }
    world.made += 1;
    let seed = world.made;
    let may_push = random.percent(65);
    world.tokens.push(if random.percent(80) {
        let owner = random.pick(&PEOPLE);
        Token::new(tokens::api_token(seed), Kind::ApiToken, owner, may_push)
    } else {
        let owner = random.pick(&REPOSITORIES).0;
        let secret = tokens::access_token(seed);
        Token::new(secret, Kind::RepositoryToken, owner, may_push)
    });
    world.tokens.len() - 1
}
