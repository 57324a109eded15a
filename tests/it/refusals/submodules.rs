//! Submodules: their URLs were chosen by whoever wrote the repository.

use crate::rig::foreign::Foreign;
use crate::rig::superproject::{self, Part};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Credential, Git, Kind, Repository, Rig, gits, tokens};

const PARTS: [&str; 3] = ["acme/one", "acme/two", "acme/three"];

/// A repository `acme/whole` whose submodules have these URLs; alice may write all of
/// Bitbucket's. `None` where no keychain can be had.
fn scene(git: &Git, whole: Repository, urls: &[String]) -> Option<(Rig, String)> {
    let (rig, token) = Rig::with_alice_and_keychain()?;
    rig.helper_with(git, &["configure"], "").expect_success();
    rig.bitbucket.add_repository("acme/whole", whole);
    for part in PARTS {
        let private = Repository::private().writer("alice");
        rig.bitbucket.add_repository(part, private);
    }
    let commits = PARTS.map(|part| rig.bitbucket.commit(part, "main"));
    let parts: Vec<Part> = urls.iter().cloned().zip(commits).collect();
    let directory = rig.bitbucket.directory("acme/whole");
    superproject::push(&rig, git, &parts, &directory.to_string_lossy());
    Some((rig, token))
}

fn urls() -> Vec<String> {
    let url = |part: &&str| format!("https://bitbucket.org/{part}.git");
    PARTS.iter().map(url).collect()
}

const CLONE: [&str; 4] = [
    "clone",
    "--recurse-submodules",
    "https://bitbucket.org/acme/whole.git",
    "copy",
];

/// Whether the superproject asks for a login or only its parts do.
#[test]
fn a_clone_with_three_private_submodules_asks_once() {
    for git in gits() {
        let private = || Repository::private().writer("alice");
        for (whole, named, jobs) in [
            (private(), "acme/whole", "1"),
            (
                Repository::public(),
                "the submodule https://bitbucket.org/acme/one",
                "1",
            ),
            (private(), "acme/whole", "3"),
            (
                Repository::public(),
                "the submodule https://bitbucket.org/acme/",
                "3",
            ),
        ] {
            let Some((rig, token)) = scene(&git, whole, &urls()) else {
                return;
            };
            let jobs = format!("submodule.fetchJobs={jobs}");
            let clone = [&["-c", &*jobs][..], &CLONE].concat();
            let mut terminal = rig.terminal(&git, &clone);
            terminal.expect(&format!("Sign in to bitbucket.org for {named}"));
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            let ended = terminal.finish().expect_success();
            assert_eq!(
                ended.transcript.matches(SECRET_QUESTION).count(),
                1,
                "{ended:#?}"
            );
            for number in 0..PARTS.len() {
                let part = rig.home.work().join(format!("copy/part{number}/.git"));
                assert!(part.exists(), "{ended:#?}");
            }
        }
    }
}

/// Git goes on with the next submodule and comes back to the first, but whoever cancelled
/// was asked for all of them. The next command asks anew.
#[test]
fn a_cancelled_question_is_not_asked_for_the_next_submodule() {
    for git in gits() {
        let Some((rig, token)) = scene(&git, Repository::public(), &urls()) else {
            return;
        };
        let mut terminal = rig.terminal(&git, &CLONE);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send("\x03");
        terminal.expect(
            "bitbucket: no credential is kept for https://bitbucket.org/acme/two, and the \
             question was cancelled; run: git credential-bitbucket login \
             https://bitbucket.org/acme/two",
        );
        let ended = terminal.finish();
        assert!(ended.code != 0 && ended.sane, "{ended:#?}");
        assert_eq!(
            ended.transcript.matches(SECRET_QUESTION).count(),
            1,
            "{ended:#?}"
        );

        let update = ["-C", "copy", "submodule", "update", "--init"];
        let mut terminal = rig.terminal(&git, &update);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.finish().expect_success();
    }
}

/// The one account that is kept is limited to the superproject: nobody is asked for
/// another one, and the command that helps names the submodule. So a token can be kept from
/// submodules of the same host (codex-security, pull request 208).
#[test]
fn a_submodule_that_no_kept_account_fits_asks_nobody() {
    for git in gits() {
        let whole = Repository::private().writer("alice");
        let Some((rig, _)) = scene(&git, whole, &urls()[..1]) else {
            return;
        };
        let secret = tokens::access_token(4);
        rig.bitbucket.issue(Credential::new(
            Kind::RepositoryToken,
            &secret,
            "acme/whole",
            &["repository"],
        ));
        rig.helper_with(
            &git,
            &["login", "--with-token", "https://bitbucket.org/acme/whole"],
            &secret,
        )
        .expect_success();
        rig.forget_requests();
        let ended = rig.terminal(&git, &CLONE).finish();
        assert!(ended.code != 0 && ended.sane, "{ended:#?}");
        assert!(!ended.transcript.contains(SECRET_QUESTION), "{ended:#?}");
        assert!(!ended.transcript.contains("Username for"), "{ended:#?}");
        assert!(
            ended.transcript.contains(
                "bitbucket: no credential is kept for https://bitbucket.org/acme/one, and no \
                 account that is kept fits this submodule; run: git credential-bitbucket login \
                 https://bitbucket.org/acme/one\n"
            ),
            "{ended:#?}"
        );
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

/// S27: a submodule on a host that is not ours (CVE-2024-53858).
#[test]
fn a_submodule_of_a_foreign_host_gets_no_answer() {
    for git in gits() {
        let foreign = Foreign::start();
        let url = format!("{}/acme/one.git", foreign.url);
        let whole = Repository::private().writer("alice");
        let Some((rig, token)) = scene(&git, whole, &[url]) else {
            return;
        };
        rig.home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n");
        rig.home
            .add_gitconfig(&format!("[http \"{}\"]\n\tproxy =\n", foreign.url));
        rig.helper_with(
            &git,
            &["login", "--with-token", "https://bitbucket.org/acme/whole"],
            &token,
        )
        .expect_success();
        rig.forget_requests();
        rig.git(&git, &CLONE)
            .expect_failure("could not read Username");
        assert_eq!(rig.requests_not_from_git().len(), 0);
        let heard = foreign.heard();
        assert!(!heard.is_empty());
        assert!(!heard.iter().any(|head| head.contains("authorization:")));
        let asked = "protocol=https\nhost=bitbucket.example\npath=acme/one.git\n\n";
        let answer = rig.helper_with(&git, &["get"], asked).expect_success();
        assert_eq!((&*answer.stdout, &*answer.stderr), ("", ""));
    }
}
