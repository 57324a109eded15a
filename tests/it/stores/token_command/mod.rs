//! `--token-command`: run at each `get` as Git runs helpers, never kept; what it prints is judged
//! like everything that is pasted. Stand-ins speak as the programs that people have; `pass` and
//! `gopass` are the real ones.

mod faults;
mod terminal;

use super::scene::{REQUEST, Scene, ours};
use crate::rig::{Credential, Fault, GIT_SCOPES, Git, Kind, Surface, gits, programs, tokens};
use std::fs;
use std::process::Command;

/// A scene whose helper line names this command.
fn scene(git: &Git, command: &str) -> Scene {
    let scene = Scene::new(git);
    fs::write(scene.rig.home.path().join("token"), &scene.token).expect("a file in the home");
    scene
        .ours(&["configure", "--token-command", command])
        .expect_success();
    scene
}

/// A program of the home, `~/tools/NAME`.
fn add(scene: &Scene, name: &str, script: &str) {
    scene.rig.home.add_script(&format!("tools/{name}"), script);
}

/// What each program is asked, and how it speaks. `$HOME/token` has Alice's token.
const PROGRAMS: [(&str, &str, &str); 7] = [
    (
        "op",
        "~/tools/op read \"op://Work/Bitbucket/token\"",
        "[ \"$1 $2\" = 'read op://Work/Bitbucket/token' ] && cat ~/token && echo\n",
    ),
    (
        "vault",
        "~/tools/vault kv get -field=token secret/bitbucket",
        "[ \"$*\" = 'kv get -field=token secret/bitbucket' ] && cat ~/token\n",
    ),
    (
        "bw",
        "~/tools/bw get password bitbucket --nointeraction",
        "[ \"$*\" = 'get password bitbucket --nointeraction' ] && cat ~/token\n",
    ),
    (
        "aws",
        "~/tools/aws secretsmanager get-secret-value --secret-id bitbucket --query SecretString \
         --output text",
        "[ \"$1 $2\" = 'secretsmanager get-secret-value' ] && cat ~/token && echo\n",
    ),
    // With what `pass` keeps beside it, and a pipe.
    (
        "show",
        "~/tools/show | sed 's/^token: //;1!d'",
        "printf 'token: %s\\nlogin: alice\\nurl: bitbucket.org\\n' \"$(cat ~/token)\"\n",
    ),
    // Another helper of Git's, which reads what Git would say to it.
    (
        "git-helper",
        "!~/tools/git-helper get",
        "grep -qx host=bitbucket.org && [ \"$1\" = get ] || exit 1\n\
         printf 'username=alice\\npassword=%s\\n' \"$(cat ~/token)\"\n",
    ),
    (
        "banner",
        "~/tools/banner 2>/dev/null",
        "echo 'A new version is available!' >&2; echo; cat ~/token\n",
    ),
];

#[test]
fn whole_pushes_with_what_each_program_prints() {
    for git in gits() {
        for (name, command, script) in PROGRAMS {
            let scene = scene(&git, command);
            add(&scene, name, script);
            for _ in 0..2 {
                assert_eq!(scene.push().expect_success().stderr, "", "{git} {name}");
            }
            // Nothing is asked of the server, and nothing is kept.
            assert!(scene.rig.requests_not_from_git().is_empty());
            let file = scene.rig.home.path().join("token");
            scene.assert_in_no_file(&scene.token, |path| path == file);
        }
    }
}

/// A token that was renewed counts at once, and one that is refused is told.
#[test]
fn a_refused_token_must_be_renewed_where_it_comes_from() {
    for git in gits() {
        let scene = scene(&git, "cat ~/token");
        scene.rig.bitbucket.revoke(&scene.token);
        let ended = scene.push();
        assert!(!ended.success());
        let lines = ours(&ended.stderr).join("\n");
        let expected = if git.has_capabilities() {
            "the API token in the output of `cat` is passed over: "
        } else {
            "bitbucket.org refused the token that `cat` prints; if that happens again, put a new one"
        };
        assert!(lines.contains(expected), "{git}: {lines}");
        let next = tokens::api_token(2);
        let credential = Credential::new(Kind::ApiToken, &next, "alice", &GIT_SCOPES);
        scene.rig.bitbucket.issue(credential);
        fs::write(scene.rig.home.path().join("token"), &next).expect("a file in the home");
        assert_eq!(scene.push().expect_success().stderr, "");
    }
}

/// As Git runs helpers: in the home, told what Git tells; without our variables, and without
/// those of the repository.
#[test]
fn it_is_run_as_a_helper_is() {
    let git = &gits()[0];
    let mut scene = scene(git, "~/tools/spy");
    add(&scene, "spy", "{ pwd; env; cat; } >~/seen; cat ~/token\n");
    for (name, value) in [
        ("BITBUCKET_TOKEN_KIND", "api-token"),
        ("BITBUCKET_USERNAME", "bob"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "user.name"),
        ("GIT_CONFIG_VALUE_0", "canary"),
    ] {
        scene.rig.home.set(name, value);
    }
    let url = "https://alice@bitbucket.org/acme/widgets.git";
    scene
        .rig
        .git(git, &["remote", "set-url", "origin", url])
        .expect_success();
    scene.commit();
    let options = [
        "-c",
        "user.email=canary@example.com",
        "push",
        "--quiet",
        "origin",
        "topic",
    ];
    scene.rig.git(git, &options).expect_success();
    let seen = fs::read_to_string(scene.rig.home.path().join("seen")).expect("it was run");
    let home = scene.rig.home.path().canonicalize().expect("a home");
    assert!(seen.starts_with(&format!("{}\n", home.display())), "{seen}");
    let question = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\nusername=alice\n\n";
    assert!(seen.ends_with(question), "{seen}");
    for unwanted in [
        "BITBUCKET_",
        "GIT_DIR",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_P",
        "canary",
    ] {
        assert!(!seen.contains(unwanted), "{unwanted}: {seen}");
    }
}

/// An app password needs a name: from the option or, before that, from the command's own line.
#[test]
fn the_user_name_comes_with_it_or_from_the_option() {
    let git = &gits()[0];
    let password = tokens::app_password(4);
    for (option, line, expected) in [
        ("", "", "is an app password and needs --username"),
        ("--username=alice", "", "username=alice\n"),
        (
            "--username=x-token-auth",
            "username=alice",
            "username=alice\n",
        ),
        ("--username=alice", "username=", "username=alice\n"),
    ] {
        let scene = Scene::new(git);
        let printed = format!("{password}\n{line}\n");
        fs::write(scene.rig.home.path().join("token"), printed).expect("a file in the home");
        // The server says nothing of it, so that it is served.
        scene.rig.bitbucket.fail(Surface::Git, Fault::down(), 9);
        let words = ["--token-command=cat ~/token", option, "get"];
        let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let ended = scene.rig.helper_with(git, &words, REQUEST).expect_success();
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains(expected), "{option} {line}: {said}");
    }
}

/// Whoever made a repository has no command run, by nobody.
#[test]
fn a_repository_s_command_is_not_run() {
    for git in gits() {
        let scene = Scene::configured(&git, &["--store", "none"]);
        let command = "touch ~/ran; cat ~/token";
        fs::write(scene.rig.home.path().join("token"), &scene.token).expect("a file in the home");
        let value = format!("bitbucket --token-command='{command}'");
        let key = "credential.https://bitbucket.org.helper";
        for arguments in [&["config", key, ""][..], &["config", "--add", key, &value]] {
            scene.rig.git(&git, arguments).expect_success();
        }
        let said = scene.push().expect_failure("told us to quit").stderr;
        let expected = "it was not run, since a repository's configuration (";
        assert!(
            said.contains(expected) && said.contains(".git/config) names it"),
            "{said}"
        );
        let status = scene.ours(&["status"]);
        assert!(status.stdout.contains(expected), "{status:#?}");
        for arguments in [
            &["doctor"][..],
            &["doctor", "--offline"],
            &["configure", "--dry-run"],
        ] {
            scene.ours(arguments);
        }
        let refused = scene.ours(&["configure", "--local", "--token-command", command]);
        let refused = refused.expect_failure("is not for --local");
        assert!(refused.stderr.contains("leave --local out"), "{refused:#?}");
        assert!(!scene.rig.home.path().join("ran").exists(), "{git}");
        // The person's own says the same.
        scene
            .ours(&["configure", "--token-command", command])
            .expect_success();
        assert_eq!(scene.push().expect_success().stderr, "");
        assert!(scene.rig.home.path().join("ran").exists(), "{git}");
    }
}

#[test]
fn commands_say_what_is_served() {
    let scene = scene(&gits()[0], "cat ~/token");
    let file = fs::read_to_string(scene.rig.home.path().join(".gitconfig")).expect("the file");
    assert!(file.contains(" --token-command='cat ~/token'\n"), "{file}");
    let said = scene.ours(&["status"]).expect_success().stdout;
    assert_eq!(
        said,
        "The token in the output of `cat` is served; nothing is kept.\n"
    );
    let json = scene.ours(&["status", "--json"]).expect_success().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["token_command"]["program"], "`cat`");
    assert_eq!(json["token_command"]["fault"], serde_json::Value::Null);
    let again = scene.ours(&["configure"]).expect_success().stdout;
    assert!(again.contains("--token-command=…"), "{again}");
    let login = ["login", "--with-token"];
    let login = scene.rig.helper_with(&scene.git, &login, &scene.token);
    let login = login.expect_failure("is served and nothing else");
    assert!(
        login
            .stderr
            .contains("have that command print a token that works"),
        "{login:#?}"
    );
    fs::remove_file(scene.rig.home.path().join("token")).expect("a file of ours");
    let said = scene.ours(&["status"]).expect_success().stdout;
    assert!(
        said.starts_with("Nothing is served or kept: `cat` of --token-command"),
        "{said}"
    );
    let configured = scene
        .ours(&["configure", "--token-command", "false"])
        .expect_success();
    let warning = "warning: `false` of --token-command gives no token: it failed with exit code 1";
    assert!(configured.stdout.contains(warning), "{configured:#?}");
    scene.ours(&["unconfigure"]).expect_success();
    let token = scene.token.clone();
    let refused = scene.ours(&["configure", "--token-command", &format!("echo {token}")]);
    assert!(
        !refused.success() && !refused.stderr.contains(&token),
        "{refused:#?}"
    );
}

/// The real programs, with a key of their own.
#[test]
fn pass_and_gopass_push() {
    for (group, program, setup) in [("pass", "pass", "pass"), ("gopass", "gopass", "pass")] {
        if !programs::present(group, &[program, setup, "gpg"]) {
            continue;
        }
        for git in gits() {
            let command = format!("{program} show work/bitbucket");
            let mut scene = scene(&git, &command);
            // The path of its agent's socket must be short.
            let keys = tempfile::Builder::new()
                .prefix("g")
                .tempdir_in("/tmp")
                .expect("a folder");
            scene.rig.home.set("GNUPGHOME", keys.path());
            let script = "set -e; chmod 700 \"$GNUPGHOME\"\n\
                gpg --batch --quiet --passphrase '' --quick-generate-key alice@example.com rsa2048 \
                encrypt never\n\
                pass init alice@example.com\n\
                { cat ~/token; printf '\\nlogin: alice\\n'; } | pass insert -m work/bitbucket\n\
                rm ~/token\n";
            let mut setup = scene.rig.without_terminal(&git, "sh");
            setup.args(["-c", script]);
            scene.rig.run(setup, b"").expect_success();
            for _ in 0..2 {
                assert_eq!(scene.push().expect_success().stderr, "", "{git} {program}");
            }
            let mut end = Command::new("gpgconf");
            end.args(["--kill", "all"]).env("GNUPGHOME", keys.path());
            assert!(end.status().expect("a part of gpg").success());
        }
    }
}
