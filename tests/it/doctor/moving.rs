//! `--fix --move`: a token leaves a place only if what is kept of it is good for all that
//! the place was good for, and nothing newer is written over.

use super::scene::{Scene, URL};
use crate::rig::{Credential, Kind, Repository, tokens};
use std::fs;

const STORE: &str = ".git-credentials";

impl Scene {
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.rig.home.path().join(file)).unwrap_or_default()
    }

    /// In a clone, asking `git credential-store`.
    fn with_store_file() -> Option<Self> {
        let scene = Self::bare()?;
        scene.run(&["configure"]).expect_success();
        scene.clone_with(URL);
        scene.settings("[credential]\n\thelper = store\n");
        Some(scene)
    }
}

#[test]
fn a_token_of_more_than_is_kept_stays() {
    for (kind, owner, path, leaves) in [
        (Kind::ProjectToken, "P", "", false),
        (Kind::ProjectToken, "P", "/acme/widgets", true),
        (Kind::RepositoryToken, "acme/widgets", "", true),
        (Kind::WorkspaceToken, "acme", "", true),
    ] {
        let Some(mut scene) = Scene::with_store_file() else {
            return;
        };
        let token = tokens::access_token(7);
        let scopes = ["repository:write"];
        let server = &scene.rig.bitbucket;
        server.add_repository("acme/widgets", Repository::private().in_project("P"));
        server.issue(Credential::new(kind, &token, owner, &scopes));
        let text = format!("https://x-token-auth:{token}@bitbucket.org{path}\n");
        scene.write(STORE, &text);
        scene.secrets.push(token);
        let healed = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
        assert!(healed.stdout.contains("1. Done: kept."), "{healed:#?}");
        let left = if leaves { "" } else { &*text };
        assert_eq!(scene.read(STORE), left, "{kind:?} {path}: {healed:#?}");
    }
}

/// What a person has limited to a repository is no reason to take it from the others.
#[test]
fn a_token_that_is_kept_for_one_repository_stays_for_the_others() {
    for (reach, leaves) in [
        (r#","reach":{"repository":"acme/widgets"}"#, false),
        (r#","reach":{"workspace":"acme"}"#, false),
        ("", true),
    ] {
        let Some(scene) = Scene::with_store_file() else {
            return;
        };
        scene.keep(reach);
        let text = format!("https://alice:{}@bitbucket.org\n", scene.token);
        scene.write(STORE, &text);
        let healed = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
        let left = if leaves { "" } else { &*text };
        assert_eq!(scene.read(STORE), left, "{reach}: {healed:#?}");
        let kept = scene.rig.items();
        assert_eq!(kept.len(), 1, "{reach}: {healed:#?}");
    }
}

/// What Bitbucket says of it for one repository says nothing about another.
#[test]
fn a_token_is_kept_only_for_a_repository_that_it_was_tried_with() {
    let Some(mut scene) = Scene::with_store_file() else {
        return;
    };
    let token = tokens::access_token(7);
    let server = &scene.rig.bitbucket;
    server.add_repository("acme/other", Repository::private());
    let scopes = ["repository:write"];
    let credential = Credential::new(Kind::RepositoryToken, &token, "acme/other", &scopes);
    server.issue(credential);
    let login = format!("https://x-token-auth:{token}@bitbucket.org/acme/other.git\n");
    scene.write(STORE, &login);
    let login = format!("machine bitbucket.org login x-token-auth password {token}\n");
    scene.write(".netrc", &login);
    scene.secrets.push(token);
    let healed = scene.doctor(&["--fix", "--yes"]);
    let kept = scene.rig.items();
    assert_eq!(kept.len(), 1, "{healed:#?}");
    assert_eq!(kept[0].attributes["account"], "x-token-auth@acme/other");
}

/// Programs other than Git ask there, for which nothing of ours answers.
#[test]
fn a_good_token_of_a_neighbour_stays() {
    for (host, leaves) in [
        ("api.bitbucket.org", false),
        ("www.bitbucket.org", false),
        ("bitbucket.org", true),
    ] {
        let Some(scene) = Scene::with_store_file() else {
            return;
        };
        let text = format!("machine {host} login alice password {}\n", scene.token);
        scene.write(".netrc", &text);
        let healed = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
        assert!(healed.stdout.contains("1. Done: kept."), "{healed:#?}");
        let left = if leaves { "" } else { &*text };
        assert_eq!(scene.read(".netrc"), left, "{host}: {healed:#?}");
    }
}

/// A person logs in elsewhere while the question waits.
#[test]
fn what_is_kept_meanwhile_is_not_written_over() {
    let Some(mut scene) = Scene::with_store_file() else {
        return;
    };
    let text = format!("https://alice:{}@bitbucket.org\n", scene.token);
    scene.write(STORE, &text);
    let newer = scene.issue(&tokens::api_token(9));
    scene.secrets.push(newer.clone());
    let mut terminal = scene.terminal(&["doctor", "--fix", "--move"]);
    terminal.expect("Do all of this? [y/N] ");
    let login = ["login", "--with-token", "--username", "alice", URL];
    let kept = scene.rig.helper_with(&scene.git, &login, &newer);
    kept.expect_success();
    terminal.send_line("y");
    let ended = terminal.finish();
    assert!(
        ended
            .transcript
            .contains("1. Not done: Keep an API token of alice"),
        "{ended:#?}"
    );
    scene.assert_tells_nothing(&ended.transcript);
    let kept = scene.rig.items();
    assert!(
        kept.len() == 1 && kept[0].secret.starts_with(&newer),
        "{ended:#?}"
    );
    assert_eq!(scene.read(STORE), text);
}
