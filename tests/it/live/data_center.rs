//! A company's own server: everything as expected, and everything different.

use super::person::{Answer, answer, end, hidden, shown, start_with};
use super::report::Report;
use crate::rig::data_center::world::UserHeader;
use crate::rig::data_center::{DataCenter, Right, Token, World};
use crate::rig::{Fault, Git, Repository, Rig, State, Surface, gits, tokens};
use std::sync::Arc;

const BASE: &str = "https://git.zebrafinch.example:8443/numbat";
const MIRROR: &str = "https://mirror.zebrafinch.example";
const REPOSITORY: &str = "wombat/quokka";
const USER: &str = "canary";

const NAMES: [&str; 6] = ["zebrafinch", "numbat", "wombat", "quokka", "canary", "8443"];

/// Whose the token is that may push.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    User,
    Repository,
}

struct Scene {
    rig: Rig,
    server: Arc<DataCenter>,
    mirror: Arc<DataCenter>,
    good: String,
    reading: String,
    expired: String,
}

impl Scene {
    fn new(whose: Whose) -> Self {
        let rig = Rig::new();
        let server = rig.start_data_center(BASE);
        let mirror = rig.start_mirror(&server, MIRROR);
        let [good, reading, expired] = [1, 2, 3].map(tokens::data_center_token);
        server.add_user(USER, "correct horse");
        server.add_repository(REPOSITORY, Repository::private().writer(USER));
        server.issue(match whose {
            Whose::User => Token::of_user(&good, USER, Right::Write),
            Whose::Repository => Token::of_repository(&good, REPOSITORY, Right::Write),
        });
        server.issue(Token::of_user(&reading, USER, Right::Read));
        server.issue(Token::of_user(&expired, USER, Right::Write));
        server.set_state(&expired, State::Expired);
        server.expect_name("any-name");
        Self {
            rig,
            server,
            mirror,
            good,
            reading,
            expired,
        }
    }

    fn answers(&self) -> [Answer; 6] {
        let remote = "https://git.zebrafinch.example:8443/numbat/scm/wombat/quokka.git";
        [
            shown("Address of a private repository", remote),
            shown("Your user name there", USER),
            hidden("HTTP access token that may push", &self.good),
            hidden("HTTP access token that may only read", &self.reading),
            hidden("has expired or was revoked", &self.expired),
            shown("Address of a mirror", MIRROR),
        ]
    }

    /// Runs the check; nothing of it stays and nothing is told. `None`: it cannot be run here.
    fn run(&self) -> Option<(u32, Report)> {
        self.run_with(&gits()[0])
    }

    fn run_with(&self, git: &Git) -> Option<(u32, Report)> {
        let mut terminal = start_with(&self.rig, git)?;
        answer(&mut terminal, &self.answers());
        let (ended, report) = end(&self.rig, terminal);
        let branches = std::fs::read_dir(self.server.directory(REPOSITORY).join("refs/heads"));
        assert_eq!(branches.expect("branches").count(), 1);
        let sent = self.rig.requests().len();
        assert_eq!(sent, report.requests(), "{}", report.text);
        assert!(sent <= 60, "{}", report.text);
        report.has_none_of(&NAMES);
        for secret in [&self.good, &self.reading, &self.expired] {
            report.has_nothing_of(secret);
            assert!(!ended.transcript.contains(secret), "{}", ended.transcript);
        }
        Some((ended.code, report))
    }
}

#[test]
fn all_is_as_expected() {
    for (git, whose) in gits()
        .iter()
        .flat_map(|git| [(git, Whose::User), (git, Whose::Repository)])
    {
        let scene = Scene::new(whose);
        let Some((code, report)) = scene.run_with(git) else {
            return;
        };
        assert_eq!(report.with("different"), [""; 0], "{}", report.text);
        let mut skipped = vec!["D12", "D13", "D14", "D15", "D16"];
        if whose == Whose::User {
            skipped.insert(0, "D11");
        }
        assert_eq!(report.with("skipped"), skipped, "{}", report.text);
        assert_eq!(code, 0, "{}", report.text);
        // Nothing that can lock the person out, but for the expired token, by REST.
        let failed = scene.server.failed_logins(&scene.good);
        assert_eq!(failed, usize::from(whose == Whose::Repository));
    }
}

/// How a server may be in another way, and which rows tell of it.
#[test]
fn what_is_different_is_told() {
    type Change = fn(&Scene, &mut World);
    let changes: [(Whose, Change, &[&str]); 5] = [
        (
            Whose::User,
            |_, world| world.switches.basic = false,
            &["D4", "D5"],
        ),
        (
            Whose::Repository,
            |_, world| world.switches.token_name = false,
            &["D4", "D5"],
        ),
        (
            Whose::User,
            |_, world| world.switches.bad_bearer_status = 401,
            &["D9"],
        ),
        (
            Whose::User,
            |_, world| world.switches.user_header = UserHeader::TakenOff,
            &["D2"],
        ),
        (
            Whose::User,
            |scene, world| {
                world.tokens.retain(|token| token.secret != scene.reading);
                let token = Token::of_user(&scene.expired, USER, Right::Write);
                world.tokens.retain(|token| token.secret != scene.expired);
                world.tokens.push(token);
            },
            &["D7", "D10"],
        ),
    ];
    for (whose, change, expected) in changes {
        let scene = Scene::new(whose);
        change(&scene, &mut scene.server.world());
        let Some((_, report)) = scene.run() else {
            return;
        };
        assert_eq!(report.with("different"), expected, "{}", report.text);
    }
}

#[test]
fn nothing_unknown_is_taken_for_expected() {
    let scene = Scene::new(Whose::Repository);
    let teapot = || Fault::status(418, "canary likes wombat/quokka at git.zebrafinch.example");
    for surface in [Surface::Git, Surface::Rest] {
        scene.server.fail(surface, teapot(), 1000);
        scene.mirror.fail(surface, teapot(), 1000);
    }
    let Some((_, report)) = scene.run() else {
        return;
    };
    assert!(
        report.with("as expected").iter().all(|id| *id == "P8"),
        "{}",
        report.text
    );
}

/// A CAPTCHA is met by one request, and that was the last.
#[test]
fn a_captcha_ends_it() {
    for status in [401, 403] {
        let scene = Scene::new(Whose::User);
        scene.server.demand_captcha(USER);
        scene.server.world().switches.captcha_status = status;
        let Some((code, report)) = scene.run() else {
            return;
        };
        assert_eq!(code, 1);
        assert_eq!(scene.rig.requests().len(), 2, "{}", report.text);
        assert!(
            report.result("D3").contains("a CAPTCHA is demanded"),
            "{}",
            report.text
        );
        assert!(
            report.text.contains("ended early: stopped at a sign"),
            "{}",
            report.text
        );
    }
}
