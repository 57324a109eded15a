//! Commands, what Git asks, and answers in a random order: whatever a Data Center says that is no
//! word about the token, what is kept stays, and what is typed in vain is no more than two failed
//! logins. A failure prints the seed that repeats it: `GCB_TESTS_SEED`.

use super::{BASE, configuration, log_in, push, run};
use crate::rig::data_center::world::{InBand, Limit, Outage, Switches, UserHeader};
use crate::rig::data_center::{DataCenter, Gateway, Right, Token, World};
use crate::rig::random::{Random, seeds};
use crate::rig::tokens::data_center_token;
use crate::rig::{Fault, Finished, Repository, Rig, Sender, Surface, gits, held};
use std::fmt::Write as _;
use std::sync::Arc;

const SEQUENCES: u64 = 6;
const COMMANDS: u64 = 12;

/// What answers, and to whom.
#[derive(Clone, Copy, Debug)]
enum Weather {
    Fair,
    BasicOff,
    Captcha,
    Limit,
    Licence(InBand),
    Gateway(Gateway),
    Outage(Outage),
    /// No `X-AUSERNAME`, or one of everybody.
    Header(UserHeader),
    /// A Bearer that is nobody's is refused.
    Strict,
}

const WEATHERS: [Weather; 13] = [
    Weather::Fair,
    Weather::Fair,
    Weather::BasicOff,
    Weather::Captcha,
    Weather::Limit,
    Weather::Licence(InBand::Yes),
    Weather::Licence(InBand::No),
    Weather::Gateway(Gateway::Redirecting),
    Weather::Gateway(Gateway::Showing),
    Weather::Outage(Outage::Unavailable),
    Weather::Header(UserHeader::TakenOff),
    Weather::Header(UserHeader::Everybody),
    Weather::Strict,
];

impl Weather {
    fn set(self, switches: &mut Switches) {
        match self {
            Self::Fair | Self::Captcha => {}
            Self::BasicOff => switches.basic = false,
            Self::Limit => {
                switches.limit = Some(Limit {
                    size: 0,
                    retry_after: Some(1),
                });
            }
            Self::Licence(how) => switches.licence_expired = Some(how),
            Self::Gateway(gateway) => switches.gateway = Some(gateway),
            Self::Outage(outage) => switches.outage = Some(outage),
            Self::Header(header) => switches.user_header = header,
            Self::Strict => switches.bad_bearer_status = 401,
        }
    }
}

struct Walk {
    rig: Rig,
    server: Arc<DataCenter>,
    random: Random,
    /// The good tokens with their repositories.
    good: [(String, &'static str); 2],
    kept: Vec<String>,
    typed_in_vain: Vec<String>,
    history: String,
}

impl Walk {
    /// `jdoe`'s token, and one of a repository that she may not see.
    fn new(seed: u64) -> Self {
        let (rig, server, own) = Rig::with_data_center(BASE);
        run(&rig, &configuration(BASE), "").expect_success();
        let other = data_center_token(2);
        server.add_repository("other/tools", Repository::private());
        server.issue(Token::of_repository(&other, "other/tools", Right::Write));
        Self {
            rig,
            server,
            random: Random::new(seed),
            good: [(own, "acme/widgets"), (other, "other/tools")],
            kept: Vec::new(),
            typed_in_vain: Vec::new(),
            history: String::new(),
        }
    }

    /// One token or two are kept, or none.
    fn begin(&mut self) {
        for (token, repository) in self.good.clone() {
            if self.random.percent(70) {
                log_in(&self.rig, &self.server.remote(repository), &token).expect_success();
                self.note(&format!("login {repository}"));
                self.kept.push(token);
            }
        }
    }

    fn set_weather(&mut self) {
        let weather = self.random.pick(&WEATHERS);
        self.server.recover();
        self.clear_up();
        weather.set(&mut self.server.world().switches);
        if matches!(weather, Weather::Captcha) {
            self.server.demand_captcha("jdoe");
        }
        // Git alone is refused although the token is good.
        let strays = self.random.weighted(&[(6, 0), (2, 1), (1, 9)]);
        let refused = Fault::status(401, "");
        self.server
            .fail_for(Sender::GitLogin, Surface::Git, refused, strays);
        self.note(&format!("{weather:?}, {strays} strays"));
    }

    fn clear_up(&self) {
        self.server.world().switches = Switches::default();
        self.server.solve_captcha("jdoe");
    }

    fn note(&mut self, text: &str) {
        writeln!(self.history, "{text}").expect("memory takes text");
    }

    fn command(&mut self, number: u64) {
        let (token, repository) = self.good[self.random.below(2)].clone();
        let url = self.server.remote(repository);
        let gits = gits();
        let git = &gits[self.random.below(gits.len())];
        // Before 2.41 Git does not tell its helper whether the server or a person rejected a
        // credential: what comes of strays then is in `tests/it/model`.
        if git.version < (2, 41, 0) {
            self.server.recover();
        }
        let what = self.random.weighted(&[
            (4, "fetch"),
            (4, "push"),
            (2, "login"),
            (3, "mistake"),
            (2, "get"),
            (2, "store"),
            (3, "erase"),
            (1, "logout"),
            (1, "status"),
        ]);
        let ended = match what {
            "fetch" => self.rig.git(git, &["ls-remote", &url]),
            "push" => push(&self.rig, git, &url),
            "login" => log_in(&self.rig, &url, &token),
            "mistake" => {
                let wrong = self.wrong_token(number);
                log_in(&self.rig, &url, &wrong)
            }
            "get" => self.ask("get", &asked_for(repository)),
            // It worked, says Git.
            "store" => self.ask("store", &used(repository, &token)),
            // It was refused, in command after command, or one was that nobody knows.
            "erase" => {
                let wrong = data_center_token(200 + number);
                let secret = if self.random.percent(75) {
                    &token
                } else {
                    &wrong
                };
                let challenge = "wwwauth[]=Basic realm=\"Atlassian Bitbucket\"\n";
                let refused = used(repository, secret) + challenge;
                for _ in 0..self.random.below(3) {
                    self.ask("erase", &refused);
                }
                self.ask("erase", &refused)
            }
            "logout" => run(&self.rig, &["logout", "--all", "--site", BASE], ""),
            _ => run(&self.rig, &["status", "--check", "--site", BASE], ""),
        };
        self.note(&format!("{what} {repository} by {git}: {ended:?}"));
        // Git follows a gateway to its page, without a login; and where it is shown a page
        // in place of its protocol, it takes the server for a folder. We do neither.
        let by_git = ["CONNECT\") login.acme.example:443", "PROPFIND"];
        let is_git_s = |text: &String| by_git.iter().any(|it| text.contains(it));
        let mut strange = self.rig.take_violations();
        strange.retain(|it| !(is_git_s(it) && ["fetch", "push"].contains(&what)));
        assert!(strange.is_empty(), "{strange:?} after:\n{}", self.history);
        match what {
            "login" | "store" if ended.success() && !self.kept.contains(&token) => {
                self.kept.push(token);
            }
            "get" => self.check_answer(&ended.stdout),
            // A person has removed them.
            "logout" => self.kept.clear(),
            _ => {}
        }
    }

    /// What Git asks, in a line of its own.
    fn ask(&self, operation: &str, message: &str) -> Finished {
        let line = format!("--data-center={BASE}");
        let arguments = [&*line, "--store=file", operation];
        run(&self.rig, &arguments, &format!("{message}\n"))
    }

    /// Whatever was typed in vain, what Git gets is a good token or none.
    fn check_answer(&self, answer: &str) {
        let secrets = answer
            .lines()
            .filter_map(|line| line.strip_prefix("password="));
        for secret in secrets {
            let is_good = self.good.iter().any(|(good, _)| good == secret);
            assert!(is_good, "{answer} after:\n{}", self.history);
        }
    }

    /// One that is nobody's, or that was somebody's.
    fn wrong_token(&mut self, number: u64) -> String {
        let wrong = data_center_token(100 + number);
        if self.random.percent(60) {
            let token = if self.random.percent(70) {
                Token::of_user(&wrong, "jdoe", Right::Write)
            } else {
                Token::of_project(&wrong, "ACME", Right::Write)
            };
            self.server.issue(token);
            self.server.revoke(&wrong);
        }
        self.typed_in_vain.push(wrong.clone());
        wrong
    }

    /// What is in the file, in which everything is in hexadecimal.
    fn is_in_store(&self, token: &str) -> bool {
        let place = ".local/share/git-credential-bitbucket/credentials";
        let content = std::fs::read_to_string(self.rig.home.path().join(place));
        let mut wanted = String::new();
        for byte in token.bytes() {
            write!(wanted, "{byte:02x}").expect("memory takes text");
        }
        content.unwrap_or_default().contains(&wanted)
    }

    #[track_caller]
    fn check(&self, seed: u64) {
        let told = || format!("GCB_TESTS_SEED={seed} after:\n{}", self.history);
        for token in &self.kept {
            assert!(self.is_in_store(token), "a good token is gone; {}", told());
        }
        for token in &self.typed_in_vain {
            let failed = self.server.failed_logins(token);
            assert!(failed <= 2, "{failed} failed logins; {}", told());
        }
    }

    /// In fair weather all that is kept works, and is no failed login.
    fn end(&self, seed: u64) {
        self.server.recover();
        self.clear_up();
        let before = self.server.failed_logins_in_all();
        for (token, repository) in &self.good {
            if self.kept.contains(token) {
                let url = self.server.remote(repository);
                let ended = self.rig.git(&gits()[0], &["ls-remote", &url]);
                let told = format!("GCB_TESTS_SEED={seed} after:\n{}", self.history);
                assert!(ended.success(), "{ended:?}; {told}");
            }
        }
        assert_eq!(self.server.failed_logins_in_all(), before);
    }
}

/// What Git says of a repository.
fn asked_for(repository: &str) -> String {
    format!("protocol=https\nhost=git.acme.example:8443\npath=bitbucket/scm/{repository}.git\n")
}

/// The same with the login that it has used.
fn used(repository: &str, secret: &str) -> String {
    let name = match repository {
        "acme/widgets" => "jdoe",
        _ => World::TOKEN_NAME,
    };
    asked_for(repository) + &format!("username={name}\npassword={secret}\n")
}

#[test]
fn no_sequence_of_answers_costs_a_good_token_or_many_failed_logins() {
    let mut commands = 0;
    for seed in seeds(SEQUENCES) {
        let mut walk = Walk::new(seed);
        walk.begin();
        for number in 0..COMMANDS {
            if walk.random.percent(60) {
                walk.set_weather();
            }
            walk.command(number);
            walk.check(seed);
            commands += 1;
        }
        walk.end(seed);
    }
    held(
        "random commands after which a Data Center's good tokens were there",
        commands,
    );
}
