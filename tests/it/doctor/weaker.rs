//! What heals makes nothing weaker: a push that worked before `--fix` works after it, and what is
//! held back says why. One case of each class; the others are rows in `src/doctor/keeping`.

use super::scene::{Scene, URL, with_id};
use crate::rig::{Credential, GIT_SCOPES, Kind, Repository, tokens};

/// Without the lines that it is wrapped into.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Scene {
    /// Whether Git can push now.
    #[track_caller]
    fn assert_push_works(&self) {
        self.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
        self.git(&["push", "--dry-run", "--quiet", "origin", "HEAD:topic"]);
    }

    /// The keys of what is kept.
    fn accounts(&self) -> Vec<String> {
        let kept = self.rig.items();
        let accounts = kept.iter().map(|item| item.attributes["account"].clone());
        accounts.collect()
    }

    /// A remote of the person's own settings, with a login, for another repository.
    fn own_remote(&self, login: &str) {
        let other = Repository::private().writer("alice");
        self.rig.bitbucket.add_repository("acme/other", other);
        let url = format!("https://{login}@bitbucket.org/acme/other.git");
        self.settings(&format!("[remote \"mirror\"]\n\turl = {url}\n"));
    }
}

#[test]
fn a_token_that_may_only_read_does_not_take_over() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    let token = scene.issue_for_reading();
    // There it would come before the token for all of them.
    scene.own_remote(&format!("alice:{token}"));
    scene.write(
        ".git-credentials",
        &format!("https://alice:{token}@bitbucket.org/acme/widgets\n"),
    );
    scene.settings("[credential]\n\thelper = store\n");
    scene.secrets.push(token);
    scene.assert_push_works();
    let report = scene.report(&[]);
    let held_back = with_id(&report, "elsewhere-held-back");
    assert_eq!(held_back.len(), 2, "{report:#}");
    let texts: Vec<String> = held_back
        .iter()
        .map(|it| it["message"].to_string())
        .collect();
    let why = "it may not push, and alice (API token) may";
    assert!(texts.iter().any(|text| text.contains(why)), "{texts:#?}");
    let healed = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(flat(&healed.stdout).contains(why), "{healed:#?}");
    assert_eq!(scene.accounts(), ["alice"], "{healed:#?}");
    scene.assert_push_works();
}

/// What is kept may not push, and another helper has what may: it goes on being asked.
#[test]
fn git_is_not_turned_away_from_what_may_push() {
    let snippet = |scene: &Scene, token: &str| {
        let text = format!("echo username=alice\necho password={token}\n");
        let program = scene.rig.home.add_script("helpers/somebody-s", &text);
        scene.settings(&format!("[credential]\n\thelper = {}\n", program.display()));
    };
    let store = |scene: &Scene, token: &str| {
        scene.settings("[credential]\n\thelper = store\n");
        scene.write(
            ".git-credentials",
            &format!("https://alice:{token}@bitbucket.org\n"),
        );
    };
    let cases: [fn(&Scene, &str); 2] = [snippet, store];
    for (number, other) in cases.into_iter().enumerate() {
        let Some(mut scene) = Scene::bare() else {
            return;
        };
        scene.clone_with(URL);
        let weak = scene.issue_for_reading();
        let good = std::mem::replace(&mut scene.token, weak);
        scene.secrets.push(scene.token.clone());
        scene.keep("");
        other(&scene, &good);
        scene.assert_push_works();
        let before = scene.rig.home.gitconfig();
        let healed = scene.doctor(&["--fix", "--yes"]);
        let why = "Git is not made to ask git-credential-bitbucket first";
        assert!(healed.stdout.contains(why), "{number}: {healed:#?}");
        assert_eq!(scene.rig.home.gitconfig(), before, "{number}: {healed:#?}");
        scene.assert_push_works();
    }
}

/// Two accounts that Git knew of: the one that answered goes on answering, without a question.
#[test]
fn who_answered_goes_on_answering() {
    let Some(mut scene) = Scene::bare() else {
        return;
    };
    scene.clone_with(URL);
    let other = tokens::api_token(73);
    scene
        .rig
        .bitbucket
        .add_user("bob", "bob@example.com", "battery staple");
    let bob = Credential::new(Kind::ApiToken, &other, "bob", &GIT_SCOPES);
    scene.rig.bitbucket.issue(bob);
    let repository = Repository::private().writer("alice").writer("bob");
    scene
        .rig
        .bitbucket
        .add_repository("acme/widgets", repository);
    scene.settings("[credential]\n\thelper = store\n");
    let text = format!(
        "https://alice:{}@bitbucket.org\nhttps://bob:{other}@bitbucket.org\n",
        scene.token
    );
    scene.write(".git-credentials", &text);
    scene.secrets.push(other);
    let healed = scene.doctor(&["--fix", "--yes"]).expect_success();
    let then = "Then a push to bitbucket.org would be authenticated with alice (API token).";
    assert!(flat(&healed.stdout).contains(then), "{healed:#?}");
    assert!(
        flat(&healed.stdout).contains("another account than alice"),
        "{healed:#?}"
    );
    assert_eq!(scene.accounts(), ["alice"], "{healed:#?}");
    scene.assert_push_works();
}

/// Nobody entered what `--fix` found, so that what a person enters comes before it.
#[test]
fn what_is_found_counts_as_seen() {
    let Some(scene) = Scene::bare() else { return };
    scene.clone_with(URL);
    scene.run(&["configure"]).expect_success();
    scene.settings("[credential]\n\thelper = store\n");
    let text = format!("https://alice:{}@bitbucket.org\n", scene.token);
    scene.write(".git-credentials", &text);
    scene.doctor(&["--fix", "--yes"]).expect_success();
    let kept = scene.rig.items();
    assert_eq!(kept.len(), 1);
    assert!(
        kept[0].secret.contains("\"seen\":true"),
        "not marked as seen"
    );
    assert!(
        !kept[0].secret.contains("\"verified\""),
        "as if a person had entered it"
    );
}
