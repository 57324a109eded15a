//! A secret that no line of Git's can hold, with a line end or a NUL character inside: it is told
//! in one line with the next step, and what else there is answers. `get` does not end in silence.
#![cfg(target_os = "linux")]

use crate::rig::scene::{CONFIGURED, REQUEST, URL};
use crate::rig::{Credential, GIT_SCOPES, Kind, Rig, gits, tokens};

/// Breaks a token in the middle.
fn broken(token: &str, by: &str) -> String {
    format!("{}{by}{}", &token[..30], &token[30..])
}

fn log_in(rig: &Rig, token: &str) {
    let login = ["login", "--with-token", "--username=alice", URL];
    rig.helper_with(&gits()[0], &login, token).expect_success();
}

/// What `get` serves and what it says.
fn get(rig: &Rig) -> (Option<String>, String) {
    let ended = rig.helper("get", &format!("{REQUEST}\n")).expect_success();
    let mut lines = ended.stdout.lines();
    let password = lines.find_map(|line| line.strip_prefix("password="));
    (password.map(str::to_owned), ended.stderr)
}

#[test]
fn what_is_kept_is_passed_over_and_told() {
    let Some((rig, token)) = Rig::with_alice_and_keychain() else {
        return;
    };
    rig.home.add_gitconfig(CONFIGURED);
    log_in(&rig, &token);
    let payload = &rig.payloads()[0];
    rig.put(&payload.replace(&token, &broken(&token, "\r")), "alice");
    let told = "bitbucket: alice (API token) is passed over: it has a line end or a NUL character \
                inside, which Git cannot be told; to enter it anew, run: git credential-bitbucket \
                login https://bitbucket.org/acme/widgets\n";
    let (password, said) = get(&rig);
    assert_eq!(password, None);
    let (first, second) = said.split_at(told.len().min(said.len()));
    assert_eq!(first, told);
    assert!(second.contains("no credential is kept"), "{second}");
    // Git tells as much.
    for git in gits() {
        let ended = rig.git(&git, &["ls-remote", URL]);
        ended.expect_failure("alice (API token) is passed over");
    }
    // Another one that fits answers.
    let newer = tokens::api_token(2);
    let credential = Credential::new(Kind::ApiToken, &newer, "bob", &GIT_SCOPES);
    rig.bitbucket.issue(credential);
    rig.put(&newer, "x-bitbucket-api-token-auth");
    let (password, _) = get(&rig);
    assert_eq!(password, Some(newer));
}

#[test]
fn what_a_source_has_is_passed_over_and_told() {
    let Some((mut rig, token)) = Rig::with_alice_and_keychain() else {
        return;
    };
    log_in(&rig, &token);
    for end in ["\n", "\r", "\r\n"] {
        rig.home.set("BITBUCKET_TOKEN", broken(&token, end));
        let (password, said) = get(&rig);
        assert_eq!(password.as_ref(), Some(&token));
        assert_eq!(
            said,
            "bitbucket: BITBUCKET_TOKEN holds a line end or a NUL character inside, which Git \
             cannot be told; put the token there in one line\n"
        );
    }
}

/// Nothing but the file may answer.
#[test]
fn what_a_token_file_has_is_told() {
    let rig = Rig::new();
    for inside in ["\r", "\0"] {
        let token = broken(&tokens::api_token(1), inside);
        let path = rig.home.add_file("token", &token);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("a file of ours");
        let option = format!("--token-file={}", path.display());
        let request = format!("{REQUEST}\n");
        let ended = rig.helper_with(&gits()[0], &[&option, "get"], &request);
        let ended = ended.expect_success();
        assert!(!ended.stdout.contains("password="), "{ended:?}");
        assert!(
            ended.stderr.contains("put the token there in one line"),
            "{ended:?}"
        );
    }
}

/// Nor is it sent, or kept.
#[test]
fn what_is_entered_is_refused_unsent() {
    let Some((rig, token)) = Rig::with_alice_and_keychain() else {
        return;
    };
    for inside in ["\r", "\0"] {
        let arguments = ["login", "--with-token", URL];
        let ended = rig.helper_with(&gits()[0], &arguments, &broken(&token, inside));
        ended.expect_failure("in one line");
    }
    assert!(rig.secrets().is_empty() && rig.requests().is_empty());
}
