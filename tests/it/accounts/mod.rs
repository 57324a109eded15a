//! Several accounts, workspaces and access tokens side by side: each repository gets the
//! right one, without a prompt and without a mix-up.
#![cfg(target_os = "linux")]

mod access_tokens;

use crate::rig::{Credential, Finished, GIT_SCOPES, Git, Kind, Repository, Rig, gits, tokens};

/// Alice and Bob, each with an API token, and an access token of `third/tools`; each of
/// three workspaces has one who may read it. `None` where no keychain can be had.
struct Scene {
    rig: Rig,
    alice: String,
    bob: String,
    tools: String,
}

fn scene() -> Option<Scene> {
    let mut rig = Rig::new();
    if !rig.start_keyring() {
        return None;
    }
    rig.helper_with(&gits()[0], &["configure"], "")
        .expect_success();
    let (alice, bob, tools) = (
        tokens::api_token(1),
        tokens::api_token(2),
        tokens::access_token(3),
    );
    let scopes = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    for (name, token, repository) in [("alice", &alice, "work/one"), ("bob", &bob, "home/two")] {
        rig.bitbucket
            .add_user(name, &format!("{name}@example.com"), "correct horse");
        rig.bitbucket
            .add_repository(repository, Repository::private().writer(name));
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, token, name, &scopes));
    }
    rig.bitbucket
        .add_repository("third/tools", Repository::private());
    rig.bitbucket
        .add_repository("third/other", Repository::private().writer("bob"));
    let scopes = ["repository", "repository:write"];
    rig.bitbucket.issue(Credential::new(
        Kind::RepositoryToken,
        &tools,
        "third/tools",
        &scopes,
    ));
    Some(Scene {
        rig,
        alice,
        bob,
        tools,
    })
}

impl Scene {
    fn login(&self, arguments: &[&str], token: &str) -> Finished {
        let arguments = [&["login", "--with-token"], arguments].concat();
        self.rig.helper_with(&gits()[0], &arguments, token)
    }

    fn read(&self, git: &Git, repository: &str) -> Finished {
        let url = format!("https://bitbucket.org/{repository}.git");
        self.rig.git(git, &["ls-remote", &url])
    }

    /// Who asked Bitbucket last, and with what.
    fn last_login(&self) -> (String, String) {
        let requests = self.rig.requests();
        let login = requests
            .iter()
            .rev()
            .find_map(|request| request.authorization.clone());
        login.map_or_else(Default::default, |login| (login.user, login.secret))
    }
}

/// Two accounts by workspace and a token for one repository serve three workspaces.
#[test]
fn each_workspace_gets_its_own() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        scene
            .login(
                &["--workspace=work", "--email=alice@example.com"],
                &scene.alice,
            )
            .expect_success();
        scene
            .login(&["--email=bob@example.com"], &scene.bob)
            .expect_success();
        scene
            .login(&["--repository=third/tools"], &scene.tools)
            .expect_success();
        for (repository, name, token) in [
            ("work/one", "alice", &scene.alice),
            ("home/two", "bob", &scene.bob),
            ("third/tools", "x-token-auth", &scene.tools),
            ("third/other", "bob", &scene.bob),
            ("work/one", "alice", &scene.alice),
        ] {
            scene.rig.forget_requests();
            scene.read(&git, repository).expect_success();
            assert_eq!(
                scene.last_login(),
                (name.to_owned(), token.clone()),
                "{repository}"
            );
            assert_eq!(scene.rig.requests_not_from_git().len(), 0);
        }
    }
}

/// `user@` and `credential.username` choose; the other account is never used for it.
#[test]
fn a_name_chooses_the_account() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        scene
            .login(&["--email=alice@example.com"], &scene.alice)
            .expect_success();
        scene
            .login(&["--email=bob@example.com"], &scene.bob)
            .expect_success();
        let url = "https://alice@bitbucket.org/work/one.git";
        scene.rig.git(&git, &["ls-remote", url]).expect_success();
        assert_eq!(
            scene.last_login(),
            ("alice".to_owned(), scene.alice.clone())
        );
        let option = "credential.https://bitbucket.org.username=bob";
        let url = "https://bitbucket.org/home/two.git";
        scene
            .rig
            .git(&git, &["-c", option, "ls-remote", url])
            .expect_success();
        assert_eq!(scene.last_login(), ("bob".to_owned(), scene.bob.clone()));
    }
}

/// A remote, or a setting, that was written for another kind of token chooses no account.
#[test]
fn a_placeholder_chooses_no_account() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        let login = ["--username=x-token-auth", "--email=alice@example.com"];
        let ended = scene.login(&login, &scene.alice).expect_success();
        assert!(ended.stdout.contains("alice (API token)"), "{ended:?}");
        for name in ["x-token-auth", "x-bitbucket-api-token-auth"] {
            let option = format!("credential.https://bitbucket.org.username={name}");
            let url = format!("https://{name}@bitbucket.org/work/one.git");
            for arguments in [
                &["ls-remote", &url][..],
                &[
                    "-c",
                    &option,
                    "ls-remote",
                    "https://bitbucket.org/work/one.git",
                ],
            ] {
                scene.rig.forget_requests();
                let ended = scene.rig.git(&git, arguments).expect_success();
                assert_eq!(ended.stderr, "", "{arguments:?}");
                let alice = ("alice".to_owned(), scene.alice.clone());
                assert_eq!(scene.last_login(), alice, "{arguments:?}");
            }
        }
    }
}

/// Several and no hint: a person is asked once for each workspace.
#[test]
fn a_person_chooses_once_for_each_workspace() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        scene
            .login(&["--email=alice@example.com"], &scene.alice)
            .expect_success();
        scene
            .login(&["--email=bob@example.com"], &scene.bob)
            .expect_success();
        let url = "https://bitbucket.org/work/one.git";
        let mut terminal = scene.rig.terminal(&git, &["ls-remote", url]);
        terminal.expect("Which one is for bitbucket.org/work/one?");
        // Kept in the same second, so either may come first.
        terminal.expect("  1. ");
        terminal.expect("  2. ");
        terminal.expect("Number [1]: ");
        terminal.send_line("3");
        terminal.expect("Type a number from 1 to 2.");
        // What is typed before a question is no answer to it.
        terminal.expect("Number [1]: ");
        let alice = if terminal.transcript().contains("1. alice") {
            "1"
        } else {
            "2"
        };
        terminal.send_line(alice);
        terminal.finish().expect_success();
        let ended = scene
            .rig
            .terminal(&git, &["ls-remote", url])
            .finish()
            .expect_success();
        assert!(
            !ended.transcript.contains("Which one"),
            "{}",
            ended.transcript
        );
        assert_eq!(scene.last_login().0, "alice");
    }
}

/// With nobody to ask it is the one that worked last, until it has worked here.
#[test]
fn without_a_person_the_last_one_that_worked_answers() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        scene
            .login(&["--email=bob@example.com"], &scene.bob)
            .expect_success();
        scene.read(&git, "home/two").expect_success();
        scene
            .login(
                &["--workspace=work", "--email=alice@example.com"],
                &scene.alice,
            )
            .expect_success();
        scene.read(&git, "home/two").expect_success();
        assert_eq!(scene.last_login().0, "bob");
    }
}

#[test]
fn a_default_can_be_set_and_moved() {
    for git in gits() {
        let Some(scene) = scene() else { return };
        scene
            .login(&["--email=bob@example.com", "--default"], &scene.bob)
            .expect_success();
        scene
            .login(&["--email=alice@example.com"], &scene.alice)
            .expect_success();
        scene.read(&git, "home/two").expect_success();
        assert_eq!(scene.last_login().0, "bob");
        let done = scene
            .rig
            .helper_with(&git, &["default", "alice"], "")
            .expect_success();
        assert_eq!(done.stdout, "Default: alice (API token)\n");
        scene.read(&git, "work/one").expect_success();
        assert_eq!(scene.last_login().0, "alice");
        scene
            .rig
            .helper_with(&git, &["default", "carol"], "")
            .expect_failure("no account that is kept is called carol");
    }
}
