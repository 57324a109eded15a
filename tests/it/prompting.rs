//! What a person is asked, and what is done with the answer: names, scopes, addresses,
//! doubts about a paste. On a terminal, with every Git.
#![cfg(target_os = "linux")]

use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{
    Credential, Fault, GIT_SCOPES, Git, Kind, Repository, Rig, Surface, gits, tokens,
};

/// A configured home with an empty keychain; `None` where no keychain can be had.
fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then(|| {
        rig.helper_with(&gits()[0], &["configure"], "")
            .expect_success();
        (rig, token)
    })
}

fn fetch(rig: &Rig, git: &Git, url: &str) -> Terminal {
    rig.terminal(git, &["ls-remote", url])
}

/// Every request of ours: the path's end and the status.
fn asked(rig: &Rig) -> Vec<(String, u16)> {
    let requests = rig.requests_not_from_git();
    let name = |query: &str, path: &str| {
        let end = query.rsplit('=').next().unwrap_or_default();
        if end.is_empty() {
            path.to_owned()
        } else {
            end.to_owned()
        }
    };
    requests
        .iter()
        .map(|request| (name(&request.query, &request.path), request.status))
        .collect()
}

#[test]
fn a_token_for_reading_serves_and_says_what_a_push_needs() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        let token = tokens::api_token(2);
        rig.bitbucket.issue(Credential::new(
            Kind::ApiToken,
            &token,
            "alice",
            &GIT_SCOPES[..1],
        ));
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.expect("valid for reading acme/widgets, but pushes will be refused: it lacks write:repository:bitbucket");
        terminal.finish().expect_success();
        assert_eq!(rig.labels(), ["Bitbucket: API token"]);
        assert_eq!(
            asked(&rig),
            [
                ("git-receive-pack".to_owned(), 403),
                ("git-upload-pack".to_owned(), 200)
            ]
        );
    }
}

#[test]
fn a_token_without_scopes_is_refused_and_asked_for_again() {
    for git in gits() {
        let Some((rig, good)) = scene() else { return };
        let token = tokens::api_token(3);
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, &token, "alice", &[]));
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        for _ in 0..2 {
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            terminal.expect("Try again");
        }
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&good);
        let ended = terminal.finish().expect_success();
        assert!(ended.transcript.contains("created without scopes"));
        assert!(
            ended
                .transcript
                .contains("the same again, so it was not sent")
        );
        let refused: Vec<_> = asked(&rig)
            .into_iter()
            .filter(|(_, status)| *status == 401)
            .collect();
        assert_eq!(refused.len(), 1, "the same refused token went out twice");
        assert_eq!(rig.labels().len(), 1);
    }
}

#[test]
fn a_cut_off_token_is_sent_only_if_the_person_insists() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let cut = &token[..token.len() - 1];
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(cut);
        terminal.expect("cut off or mistyped");
        terminal.expect("[y/N] ");
        terminal.send_line("");
        terminal.expect_prompt(SECRET_QUESTION);
        assert_eq!(asked(&rig), []);
        terminal.send_line(&token);
        terminal.finish().expect_success();
        assert_eq!(asked(&rig), [("git-receive-pack".to_owned(), 200)]);
    }
}

#[test]
fn other_services_secrets_are_named_and_not_sent() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        for (secret, name) in [
            (
                "ghp_0123456789012345678901234567890123456",
                "a GitHub personal access token",
            ),
            (
                "glpat-01234567890123456789",
                "a GitLab personal access token",
            ),
            (
                "BBDC-MDM0MjM5NDc2MDxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "a Bitbucket Data Center token",
            ),
        ] {
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(secret);
            terminal.expect(name);
        }
        let ended = terminal.finish();
        assert_ne!(ended.code, 0);
        assert_eq!(asked(&rig), []);
    }
}

/// Without a path and outside a repository there is no Git surface to ask.
#[test]
fn without_a_repository_the_address_is_asked_for() {
    for git in gits() {
        let Some((rig, _)) = scene() else { return };
        rig.home
            .add_gitconfig("[credential \"https://bitbucket.org\"]\n\tuseHttpPath = false\n");
        let token = tokens::api_token(4);
        rig.bitbucket.issue(Credential::new(
            Kind::ApiToken,
            &token,
            "alice",
            &[GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"],
        ));
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.expect("E-mail of your Atlassian account");
        terminal.send_line("alice@example.com");
        terminal.finish().expect_success();
        assert_eq!(asked(&rig), [("/2.0/user".to_owned(), 200)]);
        assert_eq!(rig.labels(), ["Bitbucket: alice (API token)"]);
    }
}

/// Skipped, it stays unverified, and is kept only because Git's `store` says it worked.
#[test]
fn an_unverified_token_is_kept_when_git_says_it_worked() {
    for git in gits() {
        for works in [true, false] {
            let Some((rig, token)) = scene() else { return };
            rig.home
                .add_gitconfig("[credential \"https://bitbucket.org\"]\n\tuseHttpPath = false\n");
            if !works {
                rig.bitbucket.revoke(&token);
            }
            let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            terminal.expect("E-mail of your Atlassian account");
            terminal.send_line("");
            terminal.expect("could not be verified");
            let ended = terminal.finish();
            assert_eq!(ended.code == 0, works, "{}", ended.transcript);
            assert_eq!(rig.labels().len(), usize::from(works));
            assert_eq!(asked(&rig), []);
        }
    }
}

#[test]
fn bitbucket_down_at_the_prompt_stops_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        // Git's own question without a login comes first, then ours.
        rig.bitbucket.fail_logins(Surface::Git, Fault::down(), 1);
        let mut terminal = fetch(&rig, &git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.expect("Bitbucket has trouble of its own (status 503)");
        terminal.finish().expect_success();
        assert_eq!(rig.labels().len(), 1, "Git's store said that it worked");
    }
}

/// An account under another name answers for `user@` only after a yes, asked once.
#[test]
fn an_old_name_in_a_url_is_asked_about_once() {
    for git in gits() {
        for agreed in [true, false] {
            let Some((rig, token)) = scene() else { return };
            sign_in_as_alice(&rig, &git, &token);
            rig.bitbucket.expect_name("old-alice");
            let old = "https://old-alice@bitbucket.org/acme/widgets.git";
            let mut terminal = fetch(&rig, &git, old);
            terminal.expect("Git asks for old-alice at bitbucket.org. Use alice (API token) for that name, too? [y/N] ");
            if agreed {
                terminal.send_line("y");
                terminal.finish().expect_success();
                let ended = fetch(&rig, &git, old).finish().expect_success();
                assert!(!ended.transcript.contains("for that name, too?"));
                assert_eq!(rig.labels().len(), 1);
            } else {
                terminal.send_line("n");
                terminal.expect_prompt(SECRET_QUESTION);
                terminal.send("\x04");
                assert_ne!(terminal.finish().code, 0);
            }
        }
    }
}

/// Old remotes have the address where a username belongs. A token needs none, and where
/// the address is needed, it is taken from there.
#[test]
fn an_e_mail_address_in_a_url_does_no_harm() {
    for git in gits() {
        for (has_path, question) in [(true, "git-receive-pack"), (false, "/2.0/user")] {
            let Some((rig, token)) = scene() else { return };
            rig.home.add_gitconfig(&format!(
                "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = {has_path}\n"
            ));
            let url = "https://alice%40example.com@bitbucket.org/acme/widgets.git";
            let mut terminal = fetch(&rig, &git, url);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            let ended = terminal.finish().expect_success();
            assert!(!ended.transcript.contains("E-mail"), "{}", ended.transcript);
            assert_eq!(asked(&rig).len(), 1);
            assert_eq!(asked(&rig)[0].0, question);
            fetch(&rig, &git, url).finish().expect_success();
            assert_eq!(rig.labels().len(), 1);
        }
    }
}

/// Bitbucket tells upper from lower case in usernames, and so does the question.
#[test]
fn a_name_in_another_case_is_pointed_out() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        sign_in_as_alice(&rig, &git, &token);
        rig.bitbucket.expect_name("Alice");
        let mut terminal = fetch(&rig, &git, "https://Alice@bitbucket.org/acme/widgets.git");
        terminal.expect(
            "Git asks for Alice at bitbucket.org, which differs from alice (API token) in upper and \
             lower case only. Use it all the same? [y/N] ",
        );
        terminal.send_line("y");
        terminal.finish().expect_success();
    }
}

/// Without a terminal nobody can agree: the other account is not used.
#[test]
fn without_a_terminal_another_account_never_answers() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        sign_in_as_alice(&rig, &git, &token);
        rig.bitbucket
            .add_user("bob", "bob@example.com", "bobs password");
        rig.git(
            &git,
            &["ls-remote", "https://bob@bitbucket.org/acme/widgets.git"],
        )
        .expect_failure("no credential of bob is kept");
    }
}

/// `user@` at the first push is confirmed by the server, so the name is known.
fn sign_in_as_alice(rig: &Rig, git: &Git, token: &str) {
    let mut terminal = fetch(rig, git, "https://alice@bitbucket.org/acme/widgets.git");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(token);
    terminal.finish().expect_success();
    assert_eq!(rig.labels(), ["Bitbucket: alice (API token)"]);
}

/// A name that the token does not belong to is not believed: a person is told, and asked.
#[test]
fn a_token_of_somebody_else_is_not_taken_for_the_name_in_the_url() {
    const URL: &str = "https://bob@bitbucket.org/acme/shared.git";
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        rig.bitbucket
            .add_user("bob", "bob@example.com", "bobs password");
        rig.bitbucket.add_repository(
            "acme/shared",
            Repository::private().writer("alice").writer("bob"),
        );
        for agrees in [false, true] {
            let mut terminal = fetch(&rig, &git, URL);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            terminal.expect("it is an API token of another account than bob.");
            terminal.expect("for that name, too? [y/N] ");
            if agrees {
                terminal.send_line("y");
                terminal.finish().expect_success();
                continue;
            }
            terminal.send_line("n");
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line("");
            assert_ne!(terminal.finish().code, 0);
            assert_eq!(rig.labels(), [""; 0]);
        }
        assert_eq!(rig.labels(), ["Bitbucket: API token"]);
        rig.git(&git, &["ls-remote", URL]).expect_success();
    }
}

/// A browser that shows nothing, and writes down what it was to show.
fn add_browser(rig: &mut Rig, code: u8) {
    let script = format!("echo \"$*\" >>\"$HOME/opened\"\nexit {code}\n");
    let path = rig.home.add_script("browser", &script);
    rig.home.set("BROWSER", path);
}

#[test]
fn enter_opens_the_page_for_tokens_once_and_gives_up_then() {
    const PAGE: &str = "https://id.atlassian.com/manage-profile/security/api-tokens";
    let git = &gits()[0];
    for (code, said) in [
        (0, "Your browser shows that page now"),
        (1, "open that page yourself"),
    ] {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        add_browser(&mut rig, code);
        let mut terminal = fetch(&rig, git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect("Enter alone opens that page in your browser.");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line("");
        terminal.expect(said);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line("");
        terminal.expect("Cancelled; nothing was kept.");
        assert_ne!(terminal.finish().code, 0);
        let opened = || std::fs::read_to_string(rig.home.path().join("opened")).expect("opened");
        assert_eq!(opened(), format!("{PAGE}\n"));
        // A token may be pasted afterwards as well.
        let mut terminal = fetch(&rig, git, "https://bitbucket.org/acme/widgets.git");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line("");
        terminal.expect(said);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        terminal.finish().expect_success();
        assert_eq!(opened().lines().count(), 2);
    }
}

#[test]
fn an_address_is_a_link_where_the_terminal_makes_links() {
    let Some((mut rig, _)) = scene() else { return };
    rig.home.set("TERM", "xterm-kitty");
    let mut terminal = fetch(&rig, &gits()[0], "https://bitbucket.org/acme/widgets.git");
    terminal
        .expect("\u{1b}]8;;https://id.atlassian.com/manage-profile/security/api-tokens\u{1b}\\");
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line("");
    terminal.finish();
}
