//! Tokens of one repository or one workspace: for what they are kept, and that they are served there
//! and nowhere else.

use super::scene;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Credential, Kind, gits, tokens};

/// An access token typed at a prompt is kept for what it is bound to; where the server
/// does not say, the person is asked.
#[test]
fn an_access_token_is_kept_for_what_it_is_bound_to() {
    let asked = "Use it for the whole workspace third, and not only for third/tools? [y/N] ";
    for git in gits() {
        for (kind, owner, said, answer, label) in [
            (
                Kind::RepositoryToken,
                "third/tools",
                true,
                None,
                "third/tools",
            ),
            (Kind::WorkspaceToken, "third", true, None, "third"),
            (Kind::WorkspaceToken, "third", false, Some("y"), "third"),
            (
                Kind::WorkspaceToken,
                "third",
                false,
                Some(""),
                "third/tools",
            ),
        ] {
            let Some(scene) = scene() else { return };
            let rig = &scene.rig;
            rig.bitbucket.world().switches.scope_headers = said;
            let token = tokens::access_token(4);
            let scopes = ["repository", "repository:write"];
            rig.bitbucket
                .issue(Credential::new(kind, &token, owner, &scopes));
            let url = "https://bitbucket.org/third/tools.git";
            let mut terminal = rig.terminal(&git, &["ls-remote", url]);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            if let Some(answer) = answer {
                terminal.expect(asked);
                terminal.send_line(answer);
            }
            terminal.finish().expect_success();
            let service = "git-credential-bitbucket:https://bitbucket.org";
            let items = rig.keyring().search(&[("service", service)]);
            assert_eq!(items[0].label, format!("Bitbucket: {label} (access token)"));
        }
    }
}

/// A clone whose URL carries an access token: Git has it stored, and its success proves this
/// one repository. Each token stays with its own, beside a login for everything else.
#[test]
fn an_access_token_from_a_url_is_kept_for_its_repository() {
    for git in gits() {
        // Without the path it is the clone's own remote that tells.
        for with_path in ["true", "false"] {
            let Some(scene) = scene() else { return };
            let rig = &scene.rig;
            let other = tokens::access_token(4);
            let scopes = ["repository", "repository:write"];
            rig.bitbucket.issue(Credential::new(
                Kind::RepositoryToken,
                &other,
                "third/other",
                &scopes,
            ));
            scene
                .login(&["--email=bob@example.com"], &scene.bob)
                .expect_success();
            let option = format!("credential.https://bitbucket.org.useHttpPath={with_path}");
            for (repository, token) in [("third/tools", &scene.tools), ("third/other", &other)] {
                let url = format!("https://x-token-auth:{token}@bitbucket.org/{repository}.git");
                rig.git(&git, &["-c", &option, "clone", "--quiet", &url])
                    .expect_success();
            }
            let service = "git-credential-bitbucket:https://bitbucket.org";
            let items = rig.keyring().search(&[("service", service)]);
            let mut labels: Vec<_> = items.into_iter().map(|item| item.label).collect();
            labels.sort();
            assert_eq!(
                labels,
                [
                    "Bitbucket: bob (API token)",
                    "Bitbucket: third/other (access token)",
                    "Bitbucket: third/tools (access token)",
                ],
                "{git} {with_path}"
            );
            for (repository, token) in [
                ("third/tools", &scene.tools),
                ("third/other", &other),
                ("home/two", &scene.bob),
            ] {
                scene.read(&git, repository).expect_success();
                assert_eq!(scene.last_login().1, *token, "{git} {repository}");
            }
        }
    }
}

/// One of a workspace has the same form: where it worked as well, it answers as well.
#[test]
fn an_access_token_that_works_elsewhere_is_kept_for_there_too() {
    let Some(scene) = scene() else { return };
    let rig = &scene.rig;
    let token = tokens::access_token(4);
    for (repository, kept) in [
        ("third/tools", 1),
        ("third/other", 2),
        ("third/tools", 2),
        ("Third/Other", 2),
    ] {
        let description = format!(
            "protocol=https\nhost=bitbucket.org\npath={repository}.git\n\
             username=x-token-auth\npassword={token}\n\n"
        );
        rig.helper("store", &description).expect_success();
        let service = "git-credential-bitbucket:https://bitbucket.org";
        let items = rig.keyring().search(&[("service", service)]);
        assert_eq!(items.len(), kept, "{repository}");
    }
}

/// What is limited to a place is served only where the request is known to lie within.
#[test]
fn a_path_that_is_no_repository_s_gets_no_limited_token() {
    let Some(scene) = scene() else { return };
    let tools = ["--repository=third/tools"];
    scene.login(&tools, &scene.tools).expect_success();
    let work = ["--workspace=work", "--email=alice@example.com"];
    scene.login(&work, &scene.alice).expect_success();
    let served = |lines: &str| {
        let request = format!("protocol=https\nhost=bitbucket.org\n{lines}\n");
        let answer = scene.rig.helper("get", &request).stdout;
        answer.lines().any(|line| line.starts_with("password="))
    };
    assert!(served("path=third/tools.git\n") && served("path=work/any.git\n"));
    for path in [
        "third/a b",
        "third/.app",
        "{0}/{1}",
        "evil/../third/tools",
        "third/tools/../../evil/app",
        "third/tools?/%2e%2e/../evil/app",
        "third%2ftools/x",
        "third/tools%2e",
        "third",
        "work",
        "work/",
        "work/a b",
    ] {
        for name in ["", "username=alice\n", "username=x-token-auth\n"] {
            assert!(!served(&format!("path={path}\n{name}")), "{path} {name}");
        }
    }
    // Without a path the folder tells, and here is nothing.
    assert!(!served("") && !served("username=x-token-auth\n"));
    let git = &gits()[0];
    scene.rig.git(git, &["init", "--quiet"]).expect_success();
    let url = "https://bitbucket.org/third/tools.git";
    let remote = ["remote", "add", "origin", url];
    scene.rig.git(git, &remote).expect_success();
    assert!(served("") && served("username=x-token-auth\n"));
}
