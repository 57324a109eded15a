//! Credentials from the environment: scripts and CI push with them, they win over the
//! keychain, and nothing of them is ever kept or handed to a child.

use crate::rig::scene::{CONFIGURED, REQUEST, URL};
use crate::rig::{Credential, Fault, GIT_SCOPES, Git, Kind, Rig, Surface, gits, tokens};
use std::fs;

const APP_SCOPES: [&str; 2] = ["Repositories: Read", "Repositories: Write"];
/// What is remembered from one run to the next, below the home.
const NOTES: &str = ".cache/git-credential-bitbucket/notes.json";
const STATIC_NAME: &str = "x-bitbucket-api-token-auth";

/// A home with the helper, an open keychain and a clone to push from.
fn scene(git: &Git) -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.home.add_gitconfig(CONFIGURED);
    if !rig.start_keyring() {
        return None;
    }
    for arguments in [
        &["init", "--quiet", "--initial-branch=topic", "."][..],
        &["remote", "add", "origin", URL],
        &["commit", "--quiet", "--allow-empty", "--message=First"],
    ] {
        rig.git(git, arguments).expect_success();
    }
    Some((rig, token))
}

/// Puts a credential into the keychain.
fn keep(rig: &Rig, token: &str) {
    rig.put(token, STATIC_NAME);
}

/// A push of a new commit; returns what was said.
#[track_caller]
fn push(rig: &Rig, git: &Git, options: &[&str]) -> String {
    for arguments in [
        &["commit", "--quiet", "--allow-empty", "--message=Next"][..],
        &[options, &["push", "--quiet", "origin", "topic"]].concat(),
    ] {
        let ended = rig.git(git, arguments).expect_success();
        if arguments.contains(&"push") {
            let head = rig.git(git, &["rev-parse", "HEAD"]).expect_success();
            assert_eq!(
                rig.bitbucket.commit("acme/widgets", "topic"),
                head.stdout.trim()
            );
            return ended.stderr;
        }
    }
    unreachable!("the last command is a push")
}

/// What is said once of a variable that comes before what is kept.
fn hides(name: &str) -> String {
    format!(
        "bitbucket: {name} is set and comes before API token, which is kept; if another program's \
         token is meant there, run: git credential-bitbucket configure --ignore-environment\n"
    )
}

/// Which secrets Git sent.
fn sent(rig: &Rig) -> Vec<String> {
    let requests = rig.requests();
    let logins = requests.iter().filter_map(|request| {
        let login = request.authorization.as_ref()?;
        request.is_from_git().then(|| login.secret.clone())
    });
    let mut secrets: Vec<String> = logins.collect();
    secrets.dedup();
    secrets
}

/// Every credential that is not an app password: served without a question to the server,
/// in preference to the keychain, and not kept.
#[test]
fn tokens_push_win_and_are_not_kept() {
    for git in gits() {
        let Some((mut rig, kept_token)) = scene(&git) else {
            return;
        };
        keep(&rig, &kept_token);
        let api = tokens::api_token(2);
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, &api, "alice", &GIT_SCOPES));
        let access = tokens::access_token(3);
        rig.bitbucket.issue(Credential::new(
            Kind::RepositoryToken,
            &access,
            "acme/widgets",
            &["repository", "repository:write"],
        ));
        for (name, secret) in [
            ("BITBUCKET_TOKEN", &api),
            ("BITBUCKET_TOKEN", &access),
            // Many scripts still use this name for what is a token today.
            ("BITBUCKET_APP_PASSWORD", &api),
            ("BITBUCKET_APP_PASSWORD", &access),
        ] {
            for ending in ["", "\n", "\r\n"] {
                rig.home.set(name, format!("{secret}{ending}"));
                rig.forget_requests();
                let said = push(&rig, &git, &[]);
                let expected = if ending.is_empty() {
                    hides(name)
                } else {
                    String::new()
                };
                assert_eq!(said, expected, "{git} {name} {ending:?}");
                assert_eq!(sent(&rig), [secret.as_str()], "{git} {name} {ending:?}");
                assert_eq!(rig.requests_not_from_git().len(), 0);
                assert_eq!(rig.payloads(), [kept_token.as_str()]);
            }
            rig.home.unset(name);
        }
    }
}

/// An app password, under the name from the variable or from the URL.
#[test]
fn an_app_password_that_works_pushes_and_is_not_kept() {
    for git in gits() {
        for secret in [tokens::app_password(4), tokens::old_app_password(5)] {
            let Some((mut rig, kept_token)) = scene(&git) else {
                return;
            };
            keep(&rig, &kept_token);
            rig.bitbucket.world().switches.app_passwords_removed = false;
            let credential = Credential::new(Kind::AppPassword, &secret, "alice", &APP_SCOPES);
            rig.bitbucket.issue(credential);
            rig.home
                .set("BITBUCKET_APP_PASSWORD", format!("{secret}\n"));
            rig.home.set("BITBUCKET_USERNAME", "alice");
            assert_eq!(push(&rig, &git, &[]), hides("BITBUCKET_APP_PASSWORD"));
            assert_eq!(sent(&rig), [secret.as_str()]);
            // Asked once, and for a day not again.
            assert_eq!(rig.requests_not_from_git().len(), 1);
            rig.home.unset("BITBUCKET_USERNAME");
            let url = "https://alice@bitbucket.org/acme/widgets.git";
            rig.git(&git, &["remote", "set-url", "origin", url])
                .expect_success();
            assert_eq!(push(&rig, &git, &[]), "");
            assert_eq!(rig.requests_not_from_git().len(), 1);
            assert_eq!(rig.payloads(), [kept_token.as_str()]);
        }
    }
}

/// Scripts silence prompts with `GIT_ASKPASS=echo`; the token is used all the same.
#[test]
fn a_script_with_a_silenced_askpass_pushes() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.home.set("GIT_ASKPASS", "echo");
        assert_eq!(push(&rig, &git, &[]), "");
        assert_eq!(rig.payloads(), [""; 0]);
    }
}

/// A variable that another program uses, too, does not get in the way of ours, nor any once that is
/// said in the helper line.
#[test]
fn our_own_name_wins_and_all_can_be_passed_over() {
    let git = &gits()[0];
    let Some((mut rig, kept_token)) = scene(git) else {
        return;
    };
    keep(&rig, &kept_token);
    let own = tokens::api_token(2);
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &own, "alice", &GIT_SCOPES));
    rig.home.set("BITBUCKET_TOKEN", "another program's");
    rig.home.set("BITBUCKET_HELPER_TOKEN", &own);
    rig.forget_requests();
    assert_eq!(push(&rig, git, &[]), "");
    assert_eq!(sent(&rig), [own.as_str()]);
    for arguments in [&["configure", "--ignore-environment"][..], &["configure"]] {
        rig.helper_with(git, arguments, "").expect_success();
        let line = fs::read_to_string(rig.home.path().join(".gitconfig")).expect("the file");
        assert!(line.contains(" --ignore-environment\n"), "{line}");
    }
    rig.forget_requests();
    assert_eq!(push(&rig, git, &[]), "");
    assert_eq!(sent(&rig), [kept_token.as_str()]);
    let status = rig
        .helper_with(git, &["status"], "")
        .expect_success()
        .stdout;
    let said = "BITBUCKET_HELPER_TOKEN is set and passed over (--ignore-environment).\n";
    assert!(status.starts_with(said), "{status}");
    rig.helper_with(git, &["configure", "--store", "auto"], "")
        .expect_success();
    rig.forget_requests();
    push(&rig, git, &[]);
    assert_eq!(sent(&rig), [own.as_str()]);
}

/// A variable that a build service leaves empty, and the one by which it forbids questions, are
/// told as the reasons.
#[test]
fn an_empty_variable_and_ci_are_named() {
    let git = &gits()[0];
    let Some((mut rig, _)) = scene(git) else {
        return;
    };
    let address = rig.keyring().address.clone();
    rig.home.set("CI", "true");
    for (value, keyring, expected) in [
        (
            None,
            true,
            ", and nobody can be asked (CI forbids it); run: git credential-bitbucket login",
        ),
        (
            Some(""),
            true,
            ", BITBUCKET_TOKEN is empty, and nobody can be asked (CI forbids it); put a token into BITBUCKET_TOKEN\n",
        ),
        (
            Some("\n"),
            false,
            "bitbucket: BITBUCKET_TOKEN is empty, and the Secret Service keyring cannot be used: ",
        ),
    ] {
        match value {
            Some(value) => rig.home.set("BITBUCKET_TOKEN", value),
            None => rig.home.unset("BITBUCKET_TOKEN"),
        }
        if keyring {
            rig.home.set("DBUS_SESSION_BUS_ADDRESS", &address);
        } else {
            rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
        }
        let ended = rig.git(git, &["push", "--quiet", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

/// CI: no D-Bus session, no terminal, no keychain, no home worth the name.
#[test]
fn a_bare_container_pushes() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.home.set("CI", "true");
        rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
        assert_eq!(push(&rig, &git, &[]), "");
    }
}

/// What cannot be used is named, is not sent, and does not stand in the way.
#[test]
fn an_unknown_shape_is_refused_unless_it_is_stated() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let unknown = tokens::oauth_token(6);
        let quoted = format!("'{token}'");
        for (name, value, complaint) in [
            (
                "BITBUCKET_HELPER_TOKEN",
                &*quoted,
                "BITBUCKET_HELPER_TOKEN holds quotation marks around the token; take them out",
            ),
            (
                "BITBUCKET_TOKEN",
                "${{ secrets.BITBUCKET_TOKEN }}",
                "BITBUCKET_TOKEN holds the name of a variable and not its value; see why nothing replaced the name",
            ),
            (
                "BITBUCKET_TOKEN",
                &*unknown,
                "BITBUCKET_TOKEN does not look like a Bitbucket credential; if it is one, say which in BITBUCKET_TOKEN_KIND",
            ),
            (
                "BITBUCKET_APP_PASSWORD",
                "hunter2",
                "BITBUCKET_APP_PASSWORD holds what looks like an account password, which Bitbucket does not take; put a token there",
            ),
            (
                "BITBUCKET_APP_PASSWORD",
                "0123456789abcdefABCD",
                "BITBUCKET_APP_PASSWORD is an app password and needs BITBUCKET_USERNAME",
            ),
        ] {
            rig.home.set(name, value);
            rig.forget_requests();
            let said = push(&rig, &git, &[]);
            assert_eq!(said, format!("bitbucket: {complaint}\n"), "{git} {name}");
            assert_eq!(sent(&rig), [token.as_str()]);
            rig.home.unset(name);
        }
        rig.bitbucket.issue(Credential::new(
            Kind::RepositoryToken,
            &unknown,
            "acme/widgets",
            &["repository", "repository:write"],
        ));
        rig.home.set("BITBUCKET_TOKEN", &unknown);
        rig.home.set("BITBUCKET_TOKEN_KIND", "access-token");
        rig.forget_requests();
        assert_eq!(push(&rig, &git, &[]), hides("BITBUCKET_TOKEN"));
        assert_eq!(sent(&rig), [unknown.as_str()]);
    }
}

/// A dead app password in some profile cannot beat a good token that is kept: it is named
/// once, then passed over without a word or a request.
#[test]
fn a_dead_app_password_is_named_once_and_passed_over() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let dead = tokens::app_password(7);
        let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
        rig.bitbucket.issue(credential);
        rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
        rig.home.set("BITBUCKET_USERNAME", "alice");
        let said = push(&rig, &git, &[]);
        assert!(
            said.starts_with(
                "bitbucket: the app password in BITBUCKET_APP_PASSWORD is passed over: "
            ) && said.contains("API token")
                && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(rig.requests_not_from_git().len(), 1);
        assert_eq!(sent(&rig), [token.as_str()]);
        rig.forget_requests();
        assert_eq!(push(&rig, &git, &[]), "");
        assert_eq!(rig.requests_not_from_git().len(), 0);
        assert_eq!(sent(&rig), [token.as_str()]);
        assert_eq!(rig.payloads(), [token.as_str()]);
    }
}

/// A server that gives no answer says nothing about it: it is used, asked about again only
/// after a while, and not taken for accepted until then.
#[test]
fn no_answer_about_an_app_password_is_not_an_answer() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene(git) else {
        return;
    };
    keep(&rig, &token);
    let dead = tokens::app_password(7);
    let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
    rig.bitbucket.issue(credential);
    rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
    rig.home.set("BITBUCKET_USERNAME", "alice");
    rig.bitbucket.fail(Surface::Git, Fault::down(), 1);
    let served = format!("username=alice\npassword={dead}\n");
    for said in [hides("BITBUCKET_APP_PASSWORD"), String::new()] {
        let ended = rig.helper("get", REQUEST).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), (&*served, &*said));
        assert_eq!(rig.requests().len(), 1);
    }
    let notes = fs::read_to_string(rig.home.path().join(NOTES)).expect("notes");
    assert!(notes.contains(r#""word":"unknown""#), "{notes}");
    assert!(!notes.contains(&dead), "{notes}");
}

/// Nothing is kept either: the dead variable is no credential, and Git ends.
#[test]
fn a_dead_app_password_alone_ends_git() {
    for git in gits() {
        let Some((mut rig, _)) = scene(&git) else {
            return;
        };
        let dead = tokens::app_password(7);
        let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
        rig.bitbucket.issue(credential);
        rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
        rig.home.set("BITBUCKET_USERNAME", "alice");
        let ended = rig.git(&git, &["push", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        assert!(ended.stderr.contains("passed over"), "{}", ended.stderr);
        assert!(sent(&rig).is_empty());
    }
}

/// A token of the environment that the server refuses: Git from 2.46 on comes back, it is
/// passed over, and what is kept makes the same command succeed. An older Git fails, and
/// says which credential it was. In neither case does the keychain lose anything.
#[test]
fn a_refused_token_of_the_environment_gives_way() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let revoked = tokens::api_token(8);
        rig.home.set("BITBUCKET_TOKEN", &revoked);
        let ended = rig.git(&git, &["push", "--quiet", "origin", "topic"]);
        let named = if git.has_capabilities() {
            "bitbucket: the API token in BITBUCKET_TOKEN is passed over: Bitbucket refused the API \
             token: it is mistyped"
        } else {
            "bitbucket: bitbucket.org refused what BITBUCKET_TOKEN holds; "
        };
        assert!(ended.stderr.contains(named), "{git} {}", ended.stderr);
        assert!(!ended.stderr.contains(&revoked));
        assert_eq!(ended.success(), git.has_capabilities(), "{}", ended.stderr);
        if git.has_capabilities() {
            assert_eq!(sent(&rig), [revoked.as_str(), token.as_str()]);
        }
        assert_eq!(rig.payloads(), [token.as_str()]);
    }
}

/// The same where what is kept is of another kind: the name with which Git comes back was
/// ours, and no person's wish.
#[test]
fn a_refused_token_gives_way_to_one_of_another_kind() {
    for git in gits().into_iter().filter(Git::has_capabilities) {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        keep(&rig, &token);
        let revoked = tokens::access_token(8);
        rig.home.set("BITBUCKET_TOKEN", &revoked);
        push(&rig, &git, &[]);
        assert_eq!(sent(&rig), [revoked.as_str(), token.as_str()]);
        assert_eq!(rig.payloads(), [token.as_str()]);
        // Nor is a credential of that name missed where nothing is kept.
        rig.helper("erase", REQUEST).expect_success();
        let ended = rig.git(&git, &["push", "--quiet", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        let said = "bitbucket: no credential is kept for ";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

/// A stray 401 to a good token of the environment costs nothing where Git comes back.
#[test]
fn a_stray_refusal_of_a_good_token_costs_nothing() {
    for git in gits().into_iter().filter(Git::has_capabilities) {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.bitbucket
            .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
        assert_eq!(push(&rig, &git, &[]), "");
    }
}

/// Programs that we start see none of the variables, whatever they hold.
#[test]
fn children_do_not_inherit_the_variables() {
    let git = &gits()[0];
    let Some((mut rig, _)) = scene(git) else {
        return;
    };
    let record = rig.home.add_file("record", "");
    let text = format!(
        "{{ echo started; env; echo \"$@\"; }} >>'{}'\nexec '{}' \"$@\"\n",
        record.display(),
        git.program().display()
    );
    rig.home.add_script("recorder/git", &text);
    let path = format!("{}/recorder:/usr/bin:/bin", rig.home.path().display());
    let dead = tokens::app_password(7);
    let credential = Credential::new(Kind::AppPassword, &dead, "alice", &APP_SCOPES);
    rig.bitbucket.issue(credential);
    rig.home.set("BITBUCKET_APP_PASSWORD", &dead);
    rig.home.set("BITBUCKET_USERNAME", "alice");
    rig.home.set("BITBUCKET_TOKEN_KIND", "app-password");
    let helper = rig.home.path().join("bin/git-credential-bitbucket");
    let helper = helper.to_str().expect("UTF-8");
    for (arguments, input) in [
        (&["get"][..], REQUEST),
        (&["login", "--with-token", URL], &tokens::api_token(9)),
        (&["configure"], ""),
        (&["unconfigure"], ""),
    ] {
        let mut command = rig.without_terminal(git, helper);
        command.args(arguments).env("PATH", &path);
        // Whatever they come to: they have started a program by then.
        rig.run(command, input.as_bytes());
        let recorded = fs::read_to_string(&record).expect("a file in the home");
        assert!(recorded.contains("started"), "{arguments:?}");
        assert!(
            !recorded.contains("BITBUCKET_"),
            "{arguments:?}: {recorded}"
        );
        assert!(!recorded.contains(&dead), "{arguments:?}: {recorded}");
        rig.home.add_file("record", "");
    }
}

/// Bitbucket Pipelines: the clone is authenticated already, so nothing is said; a token of
/// the environment is used there as everywhere.
#[test]
fn silent_in_pipelines() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene(git) else {
        return;
    };
    rig.home.set("CI", "true");
    rig.home.set("BITBUCKET_BUILD_NUMBER", "17");
    rig.home.set(
        "BITBUCKET_GIT_HTTP_ORIGIN",
        "http://bitbucket.org/acme/widgets",
    );
    let address = rig.keyring().address.clone();
    for address in [Some(address), None] {
        match &address {
            Some(address) => rig.home.set("DBUS_SESSION_BUS_ADDRESS", address),
            None => rig.home.unset("DBUS_SESSION_BUS_ADDRESS"),
        }
        let ended = rig.helper("get", REQUEST).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""), "{address:?}");
    }
    rig.home.set("BITBUCKET_TOKEN", &token);
    let ended = rig.helper("get", REQUEST).expect_success();
    let expected = format!("username={STATIC_NAME}\npassword={token}\n");
    assert_eq!((&*ended.stdout, &*ended.stderr), (&*expected, ""));
}
