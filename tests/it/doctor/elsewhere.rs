//! Secrets that lie elsewhere: each is found, judged by its form, and sent only if it is
//! none that may be a password.

use super::scene::{Scene, with_id};
use crate::rig::{Fault, Surface, tokens};
use serde_json::Value;

/// Its name, the file, its text, the options, what is said of it.
type Case = (
    &'static str,
    &'static str,
    String,
    &'static [&'static str],
    &'static str,
);

const STORE: &str = ".git-credentials";

fn line(secret: &str) -> String {
    format!("https://x:y@github.com\nhttps://alice:{secret}@bitbucket.org\n")
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let dead = tokens::api_token(60);
    vec![
        ("elsewhere-token", STORE, line(&dead), &["--offline"], "An API token of alice lies in line 2 of"),
        ("elsewhere-refused", STORE, line(&dead), &[], "Bitbucket refused the API token"),
        ("elsewhere-refused", STORE, line(&tokens::app_password(60)), &[], "An app password of alice"),
        ("elsewhere-accepted", STORE, line(&tokens::api_token(1)), &[], "--fix --move"),
        ("elsewhere-held-back", STORE, line(&tokens::api_token(61)), &[], "alice (API token) answers in its stead"),
        ("elsewhere-as-name", STORE, format!("https://{}@bitbucket.org\n", tokens::api_token(1)), &[], "where a user name belongs"),
        ("elsewhere-password", STORE, line("correct%20horse"), &[], "What looks like an account password of alice"),
        ("elsewhere-password", STORE, line(&tokens::old_app_password(60)), &[], "of the old form"),
        ("elsewhere-doubtful", STORE, line("ghp_0123456789abcdefghij0123456789abcdef"), &[], "A GitHub personal access token"),
        ("elsewhere-doubtful", STORE, line(&format!("{dead}x")), &[], "cut off or mistyped"),
        ("elsewhere-doubtful", STORE, line(&"0123456789".repeat(8)), &[], "unknown form"),
        ("elsewhere-for-all", ".netrc", "default login alice password hunter2\n".into(), &[], "every host"),
    ]
}

#[test]
fn each_form_is_judged_and_passwords_are_not_sent() {
    for (id, file, text, options, said) in cases() {
        let Some(mut scene) = Scene::healthy() else {
            return;
        };
        scene.issue(&tokens::api_token(61));
        scene
            .rig
            .bitbucket
            .revoke(&scene.issue(&tokens::api_token(60)));
        scene.settings("[credential]\n\thelper = store\n");
        scene.write(file, &text);
        scene.secrets.extend([
            "hunter2".into(),
            "correct horse".into(),
            "correct%20horse".into(),
        ]);
        let secret = text.rsplit(':').next().unwrap_or_default();
        scene
            .secrets
            .extend(secret.split_once("@bit").map(|(it, _)| it.to_owned()));
        let report = scene.report(options);
        let found = with_id(&report, id);
        assert_eq!(found.len(), 1, "{id}: {report:#}");
        let text = format!("{} {}", found[0]["message"], found[0]["next"]);
        assert!(text.contains(said), "{id}: {text}");
        for request in scene.rig.requests() {
            let secret = request
                .authorization
                .map(|it| it.secret)
                .unwrap_or_default();
            assert!(
                secret.is_empty() || secret.starts_with("AT"),
                "{id}: was sent"
            );
        }
        assert!(
            with_id(&report, "elsewhere-nothing").is_empty(),
            "{report:#}"
        );
    }
}

#[test]
fn what_cannot_be_found_out_is_said_to_be_unknown() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    scene.settings("[credential]\n\thelper = store\n");
    scene.write(STORE, &line(&tokens::api_token(60)));
    scene
        .rig
        .bitbucket
        .fail_logins(Surface::Git, Fault::down(), 9);
    let report = scene.report(&[]);
    assert_eq!(with_id(&report, "elsewhere-unknown").len(), 1, "{report:#}");
    // After the first that cannot be answered, no other is sent.
    assert_eq!(scene.rig.requests().len(), 2, "{report:#}");
}

/// Nobody types a password behind `Bearer`, however short it is.
#[test]
fn what_is_sent_as_a_bearer_is_no_password() {
    for secret in ["0123456789abcdef0123456789abcdef", "aBcDeFgHiJkLmNoPqR01"] {
        let Some(mut scene) = Scene::healthy() else {
            return;
        };
        let header = format!("Authorization: Bearer {secret}");
        scene.secrets.push(secret.to_owned());
        let key = "http.https://bitbucket.org/.extraHeader";
        scene.git(&["config", "--global", key, &header]);
        scene.rig.home.set("MY_HEADER", &header);
        let report = scene.report(&[]);
        let found = with_id(&report, "elsewhere-doubtful");
        assert_eq!(found.len(), 1, "{report:#}");
        let message = found[0]["message"].to_string();
        assert!(message.contains("A secret of unknown form"), "{message}");
        let found = with_id(&report, "elsewhere-fixed");
        assert_eq!(found[0]["secret"]["kind"], "other", "{report:#}");
        scene.doctor(&["--fix", "--yes"]);
        assert!(scene.rig.home.gitconfig().contains(secret));
    }
}

/// Equal secrets have equal names within a report; from one to the next nothing can be
/// compared.
#[test]
fn fingerprints_tell_equal_secrets() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let (one, two) = (tokens::api_token(60), tokens::api_token(62));
    scene.settings("[credential]\n\thelper = store\n");
    scene.write(STORE, &(line(&one) + &line(&two)));
    scene.write(
        ".netrc",
        &format!("machine bitbucket.org login alice password {one}\n"),
    );
    let names = |report: &Value| -> Vec<String> {
        let found = with_id(report, "elsewhere-token");
        let names = found
            .iter()
            .map(|it| it["secret"]["fingerprint"].to_string());
        names.collect()
    };
    let first = names(&scene.report(&["--offline"]));
    assert_eq!(first.len(), 3, "{first:?}");
    assert_ne!(first[0], first[1]);
    assert!(first[2] == first[0] || first[2] == first[1]);
    assert_ne!(first, names(&scene.report(&["--offline"])));
}

/// What Git would use before us decides whether a push works.
#[test]
fn what_answers_first_decides() {
    let (good, dead) = (tokens::api_token(61), tokens::api_token(60));
    for (file, text, healthy) in [
        (
            ".netrc",
            format!("machine bitbucket.org login alice password {good}\n"),
            true,
        ),
        (".git-credentials", line(&good), true),
        (".git-credentials", line(&dead), false),
        (".git-credentials", line("correct%20horse"), false),
        (
            ".git-credentials",
            line("correct%20horse").replace("bitbucket", "other"),
            true,
        ),
        (
            ".gitconfig",
            format!(
                "[http \"https://bitbucket.org\"]\n\textraHeader = \"Authorization: Bearer {dead}\"\n"
            ),
            false,
        ),
        (
            "work/.git/config",
            format!(
                "[remote \"origin\"]\n\turl = https://alice:{dead}@bitbucket.org/acme/widgets.git\n"
            ),
            false,
        ),
    ] {
        let Some(scene) = Scene::healthy() else {
            return;
        };
        scene.issue(&good);
        scene.run(&["unconfigure"]).expect_success();
        scene.settings("[credential]\n\thelper = store\n\thelper = bitbucket\n");
        if file.ends_with("config") {
            scene.git(&["config", "--unset-all", "remote.origin.url"]);
            let path = scene.rig.home.path().join(file);
            let before = std::fs::read_to_string(path).unwrap_or_default();
            scene.write(file, &(before + &text));
        } else {
            scene.write(file, &text);
        }
        if file == ".gitconfig" {
            scene.git(&["config", "remote.origin.url", super::scene::URL]);
        }
        let report = scene.report(&[]);
        assert_eq!(report["healthy"], healthy, "{file}: {text}: {report:#}");
        assert_eq!(
            with_id(&report, "elsewhere-answers").len(),
            usize::from(!healthy),
            "{report:#}"
        );
        // Git has the last word.
        scene.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
        let push = ["push", "--dry-run", "--quiet", "origin", "HEAD:topic"];
        let pushed = scene.rig.git(&scene.git, &push);
        assert_eq!(pushed.success(), healthy, "{file}: {pushed:#?}");
    }
}

/// The rows that are brought about here.
pub fn played() -> impl Iterator<Item = &'static str> {
    let others = [
        "elsewhere-unknown",
        "elsewhere-answers",
        "elsewhere-fixed",
        "elsewhere-sign-in",
        "chain-old-manager",
    ];
    cases().into_iter().map(|case| case.0).chain(others)
}

/// What others have to change is told, whatever Bitbucket says of it.
#[test]
fn what_is_not_changed_from_here_says_why() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    let dead = tokens::api_token(60);
    let other = tokens::api_token(63);
    scene.rig.home.set("MY_BITBUCKET_TOKEN", &dead);
    // Other products' tokens look the same: nobody is asked about those.
    scene.rig.home.set("OTHER_TOKEN", &other);
    scene.secrets.extend([dead, other.clone()]);
    let report = scene.report(&[]);
    let found = with_id(&report, "elsewhere-fixed");
    assert_eq!(found.len(), 2, "{report:#}");
    let sent = |secret: &str| {
        let requests = scene.rig.requests();
        let mut logins = requests.iter().filter_map(|it| it.authorization.as_ref());
        logins.any(|login| login.secret == secret)
    };
    assert!(!sent(&other));
    let expected = "An API token lies in the variable MY_BITBUCKET_TOKEN, which is not changed from here: \
        it is set outside. Bitbucket refused the API token: ";
    let message = found[0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(found[0]["next"], "Remove it where it is set.");
    assert_eq!(report["healthy"], true);
    let ended = scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(
        ended.stdout.contains("nothing to fix from here"),
        "{ended:#?}"
    );
}

/// What a repository brings along is told of, and none of it is run.
#[test]
fn a_repository_s_helper_is_not_run() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let mark = scene.rig.home.path().join("ran");
    let evil = format!("!touch '{}'; :", mark.display());
    for setting in ["credential.helper", "credential.bitbucket.org.helper"] {
        scene.git(&["config", "--add", setting, &evil]);
    }
    scene.git(&[
        "config",
        "--add",
        "credential.helper",
        "cache --socket /evil",
    ]);
    let report = scene.report(&[]);
    assert_eq!(with_id(&report, "chain-repository").len(), 3, "{report:#}");
    assert_eq!(with_id(&report, "chain-after").len(), 3, "{report:#}");
    assert!(!mark.exists());
    scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(!mark.exists());
}

/// Nor is one that cannot be read, or of which Git does not say whose it is.
#[test]
fn a_helper_that_may_be_a_repository_s_is_not_run() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    let home = scene.rig.home.path().to_owned();
    let (mark, config) = (home.join("ran"), home.join("work/.git/config"));
    let mut text = std::fs::read(&config).expect("a configuration");
    text.extend(format!("[credential]\n\thelper = \"!touch '{}'; : ", mark.display()).bytes());
    text.extend(b"\xff\"\n");
    std::fs::write(&config, text).expect("a configuration");
    let report = scene.report(&["--offline"]);
    assert_eq!(with_id(&report, "chain-repository").len(), 1, "{report:#}");
    assert!(!mark.exists());

    let git = scene.git.directory.join("git");
    let older = format!(
        "case \"$*\" in *--show-scope*) echo \"unknown option show-scope\" >&2; exit 129;; esac\n\
         exec '{}' \"$@\"",
        git.display()
    );
    let older = scene.rig.home.add_script("older/git", &older);
    let folders = [older.parent().map(Into::into), Some(home.join("bin"))];
    let system = ["/usr/bin", "/bin"].map(Into::into);
    let folders = folders.into_iter().flatten().chain(system);
    scene
        .rig
        .home
        .set("PATH", std::env::join_paths(folders).expect("no colon"));
    let report = scene.report(&["--offline"]);
    let found = with_id(&report, "chain-unknown");
    let message = found[0]["message"].to_string();
    assert!(message.contains("Git 2.26 or newer"), "{message}");
    assert!(!mark.exists());
}

/// A token in the URL of a remote leaves it once the person keeps it.
#[test]
fn a_token_of_a_remote_leaves_it_once_it_is_kept() {
    let Some(scene) = Scene::bare() else { return };
    scene.run(&["configure"]).expect_success();
    let login = format!("alice:{}@", scene.token);
    scene.clone_with(&format!("https://{login}bitbucket.org/acme/widgets.git"));
    let config = scene.rig.home.path().join("work/.git/config");
    let has_login = || std::fs::read_to_string(&config).is_ok_and(|text| text.contains(&login));
    scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(has_login() && scene.rig.items().is_empty());
    scene.keep("");
    scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(!has_login());
    assert_eq!(scene.rig.items().len(), 1);
}
