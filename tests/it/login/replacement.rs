//! A token that comes where others are kept: the same again, a new one of the same account, and one
//! of which a person or an option has to say whether it takes another's place.

use super::{WIDGETS, run, scene};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Credential, GIT_SCOPES, Kind, Repository, gits, tokens};

/// The first push keeps it without a name; with its address, it learns one.
#[test]
fn one_token_twice_is_one_entry() {
    let Some((rig, _)) = scene() else { return };
    let token = tokens::api_token(2);
    let scopes = [GIT_SCOPES[0], GIT_SCOPES[1], "read:user:bitbucket"];
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &token, "alice", &scopes));
    let by_address = ["login", "--with-token", "--email=alice@example.com"];
    let here = ["login", "--with-token", WIDGETS];
    for (arguments, label) in [
        (&here, "Bitbucket: API token"),
        (&by_address, "Bitbucket: alice (API token)"),
        (&here, "Bitbucket: alice (API token)"),
    ] {
        run(&rig, arguments, &token).expect_success();
        assert_eq!(rig.labels(), [label]);
    }
    let limited = ["login", "--with-token", "--workspace=ACME", WIDGETS];
    for workspace in ["acme", "ACME"] {
        let option = format!("--workspace={workspace}");
        let limited = [limited[0], limited[1], &option, limited[3]];
        run(&rig, &limited, &token).expect_success();
        let label = format!("Bitbucket: alice for {workspace} (API token)");
        assert_eq!(rig.labels(), [label]);
    }
}

/// The new token is asked about under the only name that is kept, within the two requests.
#[test]
fn a_renewal_finds_out_whose_it_is() {
    let Some((rig, old)) = scene() else { return };
    let login = ["login", "--with-token", "--username=alice", WIDGETS];
    run(&rig, &login, &old).expect_success();
    for (seed, scopes) in [(2, &GIT_SCOPES[..]), (3, &GIT_SCOPES[..1])] {
        let new = tokens::api_token(seed);
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, &new, "alice", scopes));
        rig.forget_requests();
        let done = run(&rig, &["login", "--with-token", WIDGETS], &new).expect_success();
        assert!(
            done.stderr
                .contains("It takes the place of alice (API token).")
        );
        assert_eq!(rig.requests_not_from_git().len(), 2);
        assert_eq!(rig.secrets(), [new]);
        assert_eq!(rig.labels(), ["Bitbucket: alice (API token)"]);
    }
    // Another account's stays beside it, and nobody is asked.
    let bob = tokens::api_token(4);
    rig.bitbucket.add_user("bob", "bob@example.com", "x y");
    let widgets = Repository::private().writer("alice").writer("bob");
    let name = "acme/widgets".to_owned();
    rig.bitbucket.world().repositories.insert(name, widgets);
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &bob, "bob", &GIT_SCOPES));
    run(&rig, &["login", "--with-token", WIDGETS], &bob).expect_success();
    assert_eq!(rig.secrets().len(), 2);
}

/// Of several that could be meant none goes, and that is said.
#[test]
fn an_option_that_replaces_nothing_says_so() {
    let Some((rig, old)) = scene() else { return };
    let others = [2, 3].map(tokens::api_token);
    for token in &others {
        let credential = Credential::new(Kind::ApiToken, token, "alice", &GIT_SCOPES);
        rig.bitbucket.issue(credential);
    }
    let [second, third] = &others;
    run(&rig, &["login", "--with-token", WIDGETS], &old).expect_success();
    run(
        &rig,
        &["login", "--with-token", "--beside", WIDGETS],
        second,
    )
    .expect_success();
    let replace = ["login", "--with-token", "--replace", WIDGETS];
    let said = run(&rig, &replace, third).expect_success().stderr;
    assert!(said.contains("It takes the place of none"), "{said}");
    assert!(said.contains("logout NAME"), "{said}");
    assert_eq!(rig.secrets().len(), 3);
}

/// Where the server cannot tell, a person can, or an option.
#[test]
fn a_renewal_of_somebody_s_is_asked_about() {
    for (options, answer, left) in [
        (&[][..], Some(""), 1),
        (&[], Some("y"), 1),
        (&[], Some("n"), 2),
        (&["--replace"], None, 1),
        (&["--beside"], None, 2),
    ] {
        let Some((rig, old)) = scene() else { return };
        run(&rig, &["login", "--with-token", WIDGETS], &old).expect_success();
        let new = tokens::api_token(2);
        rig.bitbucket
            .issue(Credential::new(Kind::ApiToken, &new, "alice", &GIT_SCOPES));
        let mut command = rig.home.command(&gits()[0], "git-credential-bitbucket");
        command.args([&["login", WIDGETS], options].concat());
        let mut terminal = Terminal::open(&command);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&new);
        terminal.expect("When does it expire?");
        terminal.send_line("");
        if let Some(answer) = answer {
            terminal.expect("Does it replace API token? [Y/n]");
            terminal.send_line(answer);
        }
        let ended = terminal.finish().expect_success();
        let told = ended
            .transcript
            .contains("It takes the place of API token.");
        assert_eq!(told, left == 1, "{}", ended.transcript);
        assert_eq!(rig.secrets().len(), left, "{options:?} {answer:?}");
    }
    // In a script both stay, and what to do is said.
    let Some((rig, old)) = scene() else { return };
    run(&rig, &["login", "--with-token", WIDGETS], &old).expect_success();
    let new = tokens::api_token(2);
    rig.bitbucket
        .issue(Credential::new(Kind::ApiToken, &new, "alice", &GIT_SCOPES));
    let done = run(&rig, &["login", "--with-token", WIDGETS], &new).expect_success();
    assert!(done.stderr.contains("run this again with --replace"));
    assert_eq!(rig.secrets().len(), 2);
}
