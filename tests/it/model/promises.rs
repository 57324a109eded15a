//! What must hold after each command: pure, over what the model knows. A sentence for each
//! promise that was broken.

use super::step::Step;
use super::world::{Reach, Served, Token, World};

/// In how many commands a token may be served after its death.
const LONGEST: u32 = 2;

pub fn broken(world: &World, step: &Step) -> Vec<String> {
    let mut all = Vec::new();
    if world.strangers > 0 {
        all.push("a secret was served that nobody entered".to_owned());
    }
    for (number, token) in world.tokens.iter().enumerate() {
        let mut say = |text: &str| all.push(format!("token {number} of {}: {text}", token.owner));
        if token.was_kept && !token.kept && token.alive && token.may_go.is_none() {
            say("the server accepts it, and it is gone");
        }
        if world.entered == Some(number) && !token.kept {
            say("a person entered it, and it is not kept");
        }
        if token.served_dead > LONGEST {
            say("the server refuses it, and it is served again and again");
        }
    }
    if let Step::Fetch { .. } = step {
        for served in &world.served {
            all.extend(misplaced(world, step, served));
        }
    }
    all
}

/// Whether somebody got what is another's.
fn misplaced(world: &World, step: &Step, served: &Served) -> Option<String> {
    let Step::Fetch {
        repository,
        name,
        path,
        ..
    } = step
    else {
        return None;
    };
    let number = served.token;
    let token = &world.tokens[number];
    let fits = |other: &&Token| {
        let account = name.is_none_or(|name| other.name.as_deref() == Some(name));
        other.was_kept && other.alive && account && other.covers(repository)
    };
    let better = || world.tokens.iter().filter(fits).filter(|it| it.vouched);
    // Without a path the folder would tell, and nothing is there.
    let is_limited = !token.reaches.contains(&Reach::Site);
    let what = if is_limited && !(*path && token.covers(repository)) {
        "it is for another place"
    } else if name.is_some_and(|name| token.name.as_ref().is_some_and(|own| own != name)) {
        "it is another account's"
    } else if name.is_some() && !token.vouched && better().any(|it| it.reaches == token.reaches) {
        "nobody entered it, and one that was entered is kept"
    } else if *path
        && name.is_none()
        && token.alive
        && !token.opens(repository)
        && better().any(|it| it.witness == Some(repository) && it.reaches == token.reaches)
    {
        "it cannot open this repository, and one that was entered for it is kept"
    } else {
        return None;
    };
    Some(format!(
        "token {number} of {} was served: {what}",
        token.owner
    ))
}

/// What the promises are worth: a world in which each is broken, one after another.
#[cfg(test)]
mod planted {
    use super::broken;
    use crate::model::step::{Client, Step, Weather};
    use crate::model::world::{Reach, Served, Token, World};
    use crate::rig::{Kind, tokens};

    fn token(owner: &'static str, name: Option<&str>) -> Token {
        let mut token = Token::new(tokens::api_token(1), Kind::ApiToken, owner, true);
        token.name = name.map(str::to_owned);
        token.reaches = vec![Reach::Site];
        token.kept = true;
        token.was_kept = true;
        token
    }

    fn fetch(repository: &'static str, name: Option<&'static str>) -> Step {
        Step::Fetch {
            repository,
            name,
            path: true,
            push: false,
            client: Client::New,
            weather: Weather::Fair,
            late: false,
        }
    }

    /// The fault, and what the two tokens of alice and bob become by it; 1 is served.
    fn sentence(name: Option<&'static str>, plant: impl Fn(&mut World)) -> Vec<String> {
        let mut world = World {
            tokens: vec![token("alice", Some("alice")), token("bob", None)],
            served: vec![Served { token: 1 }],
            ..World::default()
        };
        plant(&mut world);
        broken(&world, &fetch("home/two", name))
    }

    #[test]
    fn each_promise_can_be_broken() {
        assert!(sentence(None, |_| ()).is_empty());
        let gone = sentence(None, |world| world.tokens[0].kept = false);
        assert_eq!(
            gone,
            ["token 0 of alice: the server accepts it, and it is gone"]
        );
        let allowed = sentence(None, |world| {
            world.tokens[0].kept = false;
            world.tokens[0].may_go = Some("a person said so");
        });
        assert!(allowed.is_empty());
        let other = sentence(Some("alice"), |world| {
            world.tokens[1].name = Some("bob".to_owned());
        });
        assert_eq!(
            other,
            ["token 1 of bob was served: it is another account's"]
        );
        let place = sentence(None, |world| {
            world.tokens[1].reaches = vec![Reach::Workspace("work".to_owned())];
        });
        assert_eq!(
            place,
            ["token 1 of bob was served: it is for another place"]
        );
        let dead = sentence(None, |world| world.tokens[1].served_dead = 3);
        assert!(dead[0].contains("served again and again"), "{dead:?}");
        let seen = sentence(Some("alice"), |world| world.tokens[0].vouched = true);
        assert!(seen[0].contains("nobody entered it"), "{seen:?}");
        let closed = sentence(None, |world| {
            world.tokens[0].vouched = true;
            world.tokens[0].witness = Some("home/two");
            world.tokens[1].owner = "alice";
        });
        assert!(
            closed[0].contains("it cannot open this repository"),
            "{closed:?}"
        );
        let lost = sentence(None, |world| {
            world.entered = Some(0);
            world.tokens[0].kept = false;
            world.tokens[0].was_kept = false;
        });
        assert!(lost[0].contains("it is not kept"), "{lost:?}");
        let stranger = sentence(None, |world| world.strangers = 1);
        assert!(stranger[0].contains("that nobody entered"), "{stranger:?}");
    }
}
