//! The main promise: one prompt at the first push, none ever after. A real terminal,
//! every Git, a real keychain, and `https://bitbucket.org` as its users type it.

#![cfg(target_os = "linux")]

use crate::rig::scene::URL;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Credential, Git, Kind, Rig, gits, programs, tokens};

/// A home with the helper, the usual token not yet typed, and a clone to push from.
/// `None` where no keychain can be had.
fn scene(setup: Setup) -> Option<(Rig, String)> {
    let (rig, token) = Rig::with_alice_and_keychain()?;
    match setup {
        Setup::Configured => {
            rig.helper_with(&gits()[0], &["configure"], "")
                .expect_success();
        }
        Setup::NamedOnly => rig
            .home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n"),
    }
    Some((rig, token))
}

#[derive(Clone, Copy)]
enum Setup {
    /// `git credential-bitbucket configure`.
    Configured,
    /// Only `credential.helper=bitbucket`.
    NamedOnly,
}

/// A repository with one commit and the remote `url`.
fn prepare(rig: &Rig, git: &Git, url: &str) {
    rig.git(git, &["init", "--quiet", "--initial-branch=topic", "."])
        .expect_success();
    rig.git(git, &["remote", "add", "origin", url])
        .expect_success();
    commit(rig, git);
}

fn commit(rig: &Rig, git: &Git) {
    rig.git(
        git,
        &["commit", "--quiet", "--allow-empty", "--message=Change"],
    )
    .expect_success();
}

fn push(rig: &Rig, git: &Git) -> Terminal {
    rig.terminal(git, &["push", "origin", "topic"])
}

fn assert_pushed(rig: &Rig, git: &Git) {
    let head = rig.git(git, &["rev-parse", "HEAD"]).expect_success();
    assert_eq!(
        rig.bitbucket.commit("acme/widgets", "topic"),
        head.stdout.trim()
    );
}

/// (a), (b), (f): the first push asks once, the second not at all and without a request.
fn push_twice(setup: Setup) {
    for git in gits() {
        let Some((rig, token)) = scene(setup) else {
            return;
        };
        prepare(&rig, &git, URL);
        let mut terminal = push(&rig, &git);
        terminal.expect("bitbucket.org");
        terminal.expect("acme/widgets");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        let ended = terminal.finish().expect_success();
        assert!(!ended.transcript.contains(&token));
        assert_pushed(&rig, &git);
        assert!(rig.payloads()[0].starts_with(&token));

        rig.forget_requests();
        commit(&rig, &git);
        let ended = push(&rig, &git).finish().expect_success();
        assert!(
            !ended.transcript.contains(SECRET_QUESTION),
            "{}",
            ended.transcript
        );
        assert_pushed(&rig, &git);
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

#[test]
fn one_prompt_and_none_ever_after() {
    push_twice(Setup::Configured);
}

#[test]
fn the_same_with_nothing_but_the_name_in_the_configuration() {
    push_twice(Setup::NamedOnly);
}

/// (a) and (g): from a fresh home through `install.sh` to a pushed commit, as root and as
/// an ordinary user, without a display.
#[test]
fn from_install_to_push() {
    for git in gits() {
        for ordinary in [false, true] {
            let (mut rig, token) = Rig::with_alice();
            install_beside(&rig);
            // Only the installed program is to be found.
            rig.home.helper_on_path = false;
            if ordinary {
                rig.home.give_to_ordinary_user();
            }
            if !rig.start_keyring() {
                return;
            }
            let mut install = rig.without_terminal(&git, "sh");
            install.arg("../download/install.sh");
            let installed = rig.run(install, b"").expect_success();
            assert!(
                installed.stdout.contains("git push"),
                "{}",
                installed.stdout
            );

            prepare(&rig, &git, URL);
            let mut terminal = push(&rig, &git);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            terminal.finish().expect_success();
            assert_served_without_a_question(&rig, &git);
            assert!(rig.payloads()[0].starts_with(&token));
        }
    }
}

/// A folder `download` with the script and the program lying beside it.
fn install_beside(rig: &Rig) {
    let download = rig.home.path().join("download");
    std::fs::create_dir(&download)
        .and_then(|()| {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
            programs::copy(script.as_ref(), &download.join("install.sh"));
            let program = env!("CARGO_BIN_EXE_git-credential-bitbucket");
            let there = download.join("git-credential-bitbucket");
            programs::copy(program.as_ref(), &there);
            let list = std::process::Command::new("sha256sum")
                .arg("git-credential-bitbucket")
                .current_dir(&download)
                .output()?;
            std::fs::write(download.join("SHA256SUMS"), list.stdout)
        })
        .unwrap_or_else(|error| panic!("{}: {error}", download.display()));
}

/// (c): old clones carry `user@`; the entry under the static name answers them.
#[test]
fn a_clone_with_a_user_in_its_url_uses_the_same_entry() {
    for git in gits() {
        let Some((rig, token)) = scene(Setup::Configured) else {
            return;
        };
        sign_in(&rig, &git, URL, &token);
        rig.forget_requests();
        let ended = rig
            .terminal(
                &git,
                &[
                    "clone",
                    "https://alice@bitbucket.org/acme/widgets.git",
                    "copy",
                ],
            )
            .finish()
            .expect_success();
        assert!(
            !ended.transcript.contains(SECRET_QUESTION),
            "{}",
            ended.transcript
        );
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

/// A first push of `secret`, and whatever questions it brings, answered in order.
fn sign_in(rig: &Rig, git: &Git, url: &str, secret: &str) {
    answer(rig, git, url, secret, &[]);
}

fn answer(rig: &Rig, git: &Git, url: &str, secret: &str, answers: &[(&str, &str)]) {
    prepare(rig, git, url);
    let mut terminal = push(rig, git);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(secret);
    for (question, answer) in answers {
        terminal.expect(question);
        terminal.send_line(answer);
    }
    terminal.finish().expect_success();
    assert_pushed(rig, git);
}

/// (d): an account password is refused on the spot: in no request, no store, no output.
#[test]
fn an_account_password_goes_nowhere() {
    for git in gits() {
        let Some((rig, token)) = scene(Setup::Configured) else {
            return;
        };
        prepare(&rig, &git, URL);
        let mut terminal = push(&rig, &git);
        for password in ["correct horse", "hunter2"] {
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(password);
            terminal.expect("looks like an account password");
            terminal.expect("Create an API token");
        }
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        let ended = terminal.finish().expect_success();
        for password in ["correct horse", "hunter2"] {
            assert!(!ended.transcript.contains(password));
            assert!(
                !rig.payloads()
                    .iter()
                    .any(|secret| secret.contains(password))
            );
            assert!(!sent(&rig, password));
        }
        assert_pushed(&rig, &git);
    }
}

fn sent(rig: &Rig, secret: &str) -> bool {
    rig.requests().iter().any(|request| {
        request
            .authorization
            .as_ref()
            .is_some_and(|authorization| authorization.secret == secret)
    })
}

/// Three account passwords end the command: Git must not ask for one as well.
#[test]
fn three_refusals_end_the_command() {
    for git in gits() {
        let Some((rig, _)) = scene(Setup::Configured) else {
            return;
        };
        prepare(&rig, &git, URL);
        let mut terminal = push(&rig, &git);
        for _ in 0..3 {
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line("hunter2");
        }
        assert_ended_by_us(terminal);
        assert!(rig.payloads().is_empty());
        assert_eq!(rig.requests_not_from_git().len(), 0);
    }
}

/// A cancelled prompt ends the command and leaves the terminal as it was.
#[test]
fn a_cancelled_prompt_ends_the_command() {
    for git in gits() {
        for keys in ["\x03", "\x04", "\r"] {
            let Some((rig, _)) = scene(Setup::Configured) else {
                return;
            };
            prepare(&rig, &git, URL);
            let mut terminal = push(&rig, &git);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send(keys);
            assert_ended_by_us(terminal);
        }
    }
}

fn assert_ended_by_us(terminal: Terminal) {
    let ended = terminal.finish();
    assert!(ended.sane && ended.code != 0, "{ended:#?}");
    assert!(
        ended.transcript.contains("told us to quit"),
        "{}",
        ended.transcript
    );
    // Git would ask for a name first.
    assert!(!ended.transcript.contains("Username for"), "{ended:#?}");
}

/// (e): what a person rejects is gone from the keychain, however they write it.
#[test]
fn git_credential_reject_removes_it() {
    for git in gits() {
        for description in [
            "protocol=https\nhost=bitbucket.org\n\n",
            "url=https://bitbucket.org/acme/widgets.git\n\n",
            "url=https://alice@bitbucket.org\n\n",
        ] {
            let Some((rig, token)) = scene(Setup::Configured) else {
                return;
            };
            sign_in(&rig, &git, URL, &token);
            assert_eq!(rig.payloads().len(), 1);
            rig.forget_requests();
            let mut command = rig.without_terminal(&git, "git");
            command.args(["credential", "reject"]);
            rig.run(command, description.as_bytes()).expect_success();
            assert_eq!(rig.payloads(), [""; 0], "{description}");
            assert_eq!(rig.requests().len(), 0);
        }
    }
}

/// (f): an app password, old and new, as long as the server accepts it.
#[test]
fn an_app_password_that_the_server_accepts_is_used() {
    for git in gits() {
        for (secret, url, answers) in [
            (
                tokens::app_password(7),
                "https://alice@bitbucket.org/acme/widgets.git",
                &[][..],
            ),
            (
                tokens::app_password(8),
                URL,
                &[("Username for 'https://bitbucket.org': ", "alice")],
            ),
            (
                "0123456789abcdefABCD".to_owned(),
                URL,
                &[
                    ("[y/N] ", "y"),
                    ("Username for 'https://bitbucket.org': ", "alice"),
                ],
            ),
        ] {
            let Some((rig, _)) = scene(Setup::Configured) else {
                return;
            };
            rig.bitbucket.world().switches.app_passwords_removed = false;
            rig.bitbucket.issue(Credential::new(
                Kind::AppPassword,
                &secret,
                "alice",
                &["Repositories: Read", "Repositories: Write"],
            ));
            answer(&rig, &git, url, &secret, answers);
            assert_served_without_a_question(&rig, &git);
        }
    }
}

/// (f): an access token of the repository.
#[test]
fn an_access_token_is_used() {
    for git in gits() {
        for setup in [Setup::Configured, Setup::NamedOnly] {
            let Some((rig, _)) = scene(setup) else { return };
            let secret = tokens::access_token(9);
            rig.bitbucket.issue(Credential::new(
                Kind::RepositoryToken,
                &secret,
                "acme/widgets",
                &["repository", "repository:write"],
            ));
            sign_in(&rig, &git, URL, &secret);
            assert_served_without_a_question(&rig, &git);
        }
    }
}

fn assert_served_without_a_question(rig: &Rig, git: &Git) {
    rig.forget_requests();
    commit(rig, git);
    rig.git(git, &["push", "origin", "topic"]).expect_success();
    assert_pushed(rig, git);
    assert_eq!(rig.requests_not_from_git().len(), 0);
}
