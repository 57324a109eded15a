//! The ways on which good tokens were lost once, each by itself and with real Git where Git
//! has a part in it.

use crate::rig::{Credential, Finished, GIT_SCOPES, Kind, Repository, Rig, gits, tokens};

const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";

/// Alice works on `work/one`, Bob on `home/two`. `None` where no keychain can be had.
fn scene() -> Option<Rig> {
    let mut rig = Rig::new();
    for (name, repository) in [("alice", "work/one"), ("bob", "home/two")] {
        let address = format!("{name}@example.com");
        rig.bitbucket.add_user(name, &address, "correct horse");
        rig.bitbucket
            .add_repository(repository, Repository::private().writer(name));
    }
    if !rig.start_keyring() {
        return None;
    }
    rig.helper("configure", "").expect_success();
    Some(rig)
}

fn issue(rig: &Rig, seed: u64, owner: &str, scopes: &[&'static str]) -> String {
    let secret = tokens::api_token(seed);
    let credential = Credential::new(Kind::ApiToken, &secret, owner, scopes);
    rig.bitbucket.issue(credential);
    secret
}

fn log_in(rig: &Rig, secret: &str, arguments: &[&str]) -> Finished {
    let arguments = [&["login", "--with-token"], arguments].concat();
    rig.helper_with(&gits()[0], &arguments, secret)
        .expect_success()
}

fn kept(rig: &Rig) -> Vec<String> {
    let items = rig.keyring().search(&[("service", SERVICE)]);
    let secret = |payload: String| payload.lines().take(1).collect();
    items.into_iter().map(|item| secret(item.secret)).collect()
}

/// The secret that is served for a repository.
fn served(rig: &Rig, repository: &str, lines: &str) -> Option<String> {
    let request = format!("protocol=https\nhost=bitbucket.org\npath={repository}.git\n{lines}\n");
    let answer = rig.helper("get", &request).stdout;
    let mut lines = answer.lines();
    lines.find_map(|line| Some(line.strip_prefix("password=")?.to_owned()))
}

#[test]
fn two_tokens_whose_accounts_nobody_knows_both_stay() {
    let Some(rig) = scene() else { return };
    let alice = issue(&rig, 1, "alice", &GIT_SCOPES);
    let bob = issue(&rig, 2, "bob", &GIT_SCOPES);
    log_in(&rig, &alice, &["https://bitbucket.org/work/one"]);
    log_in(&rig, &bob, &["https://bitbucket.org/home/two"]);
    assert_eq!(kept(&rig).len(), 2);
    for _ in 0..2 {
        assert_eq!(served(&rig, "work/one", ""), Some(alice.clone()));
        assert_eq!(served(&rig, "home/two", ""), Some(bob.clone()));
    }
}

#[test]
fn a_token_that_a_person_replaced_does_not_come_back() {
    let Some(rig) = scene() else { return };
    let old = issue(&rig, 1, "alice", &GIT_SCOPES);
    let new = issue(&rig, 2, "alice", &GIT_SCOPES);
    let login = ["--username=alice", "https://bitbucket.org/work/one"];
    log_in(&rig, &old, &login);
    log_in(&rig, &new, &login);
    let lines = format!(
        "protocol=https\nhost=bitbucket.org\npath=work/one.git\nusername=alice\npassword={old}\n\n"
    );
    rig.helper("store", &lines).expect_success();
    assert_eq!(kept(&rig), [&*new]);
    assert_eq!(served(&rig, "work/one", "username=alice\n"), Some(new));
}

#[test]
fn a_token_in_a_url_does_not_replace_the_one_that_was_entered() {
    for git in gits() {
        let Some(rig) = scene() else { return };
        let push = issue(&rig, 1, "alice", &GIT_SCOPES);
        let read = issue(&rig, 2, "alice", &GIT_SCOPES[..1]);
        let login = ["--username=alice", "https://bitbucket.org/work/one"];
        log_in(&rig, &push, &login);
        for user in ["alice", "x-bitbucket-api-token-auth"] {
            let url = format!("https://{user}:{read}@bitbucket.org/work/one.git");
            rig.git(&git, &["ls-remote", &url]).expect_success();
            for lines in ["", "username=alice\n"] {
                let answer = served(&rig, "work/one", lines);
                assert_eq!(answer.as_ref(), Some(&push), "{git} {user} {lines}");
            }
        }
        assert!(kept(&rig).contains(&push), "{git}");
    }
}

/// A token that Git merely saw has the name's own key; the one that was entered is beside it.
#[test]
fn a_token_that_was_entered_answers_its_name_before_one_that_git_saw() {
    let Some(rig) = scene() else { return };
    let seen = issue(&rig, 1, "alice", &GIT_SCOPES[..1]);
    let entered = issue(&rig, 2, "alice", &GIT_SCOPES);
    let request = "protocol=https\nhost=bitbucket.org\nusername=alice\n";
    rig.helper("store", &format!("{request}password={seen}\n\n"))
        .expect_success();
    log_in(
        &rig,
        &entered,
        &["https://bitbucket.org/work/one", "--beside"],
    );
    assert_eq!(kept(&rig).len(), 2);
    let answer = rig.helper("get", &format!("{request}\n")).stdout;
    assert!(answer.contains(&entered), "{answer}");
}
