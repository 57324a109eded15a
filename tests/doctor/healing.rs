//! `--fix` and `--undo`: what is dead goes, what is good is kept, nobody else's line
//! changes, and what went comes back.

use super::rig::tokens;
use super::scene::{SERVICE, Scene, URL, with_id};
use std::collections::BTreeMap;
use std::fs;

const ASIDE: &str = "git-credential-bitbucket:set-aside";

/// The files in which secrets lie.
const FILES: [&str; 5] = [
    ".git-credentials",
    "old-store",
    ".netrc",
    ".gitconfig",
    "work/.git/config",
];

/// A machine on which twelve stale secrets lie in eight places, others' between them.
struct Patient {
    scene: Scene,
    /// The file's texts, before.
    before: BTreeMap<&'static str, String>,
    stale: Vec<String>,
}

impl Patient {
    fn new() -> Option<Self> {
        let mut scene = Scene::bare()?;
        scene.clone_with(URL);
        let stale: Vec<String> = (70..76)
            .map(tokens::api_token)
            .chain((76..81).map(tokens::app_password))
            .chain(["correct%20horse".to_owned()])
            .collect();
        for secret in &stale[6..8] {
            // These are answered with 410.
            scene.issue_app_password(secret);
        }
        let basic = scene.basic("alice", &stale[10]);
        scene.write(
            ".git-credentials",
            &format!(
                "https://a:ghp_0123456789abcdefghij@github.com\nhttps://alice:{}@bitbucket.org\n\
                 https://b:glpat-01234567890123456789@gitlab.com\nhttps://alice:{}@bitbucket.org\n\
                 https://alice:{}@bitbucket.org\n# not a line\nhttps://c:d@example.org\n",
                stale[0], stale[6], stale[11]
            ),
        );
        scene.write(
            "old-store",
            &format!(
                "https://alice:{}@bitbucket.org\nhttps://x:y@example.org\n",
                stale[1]
            ),
        );
        scene.write(
            ".netrc",
            &format!(
                "machine github.com login a password ghp_0123456789abcdefghij\n\
                 machine bitbucket.org\n\tlogin alice\n\tpassword {}\n\
                 machine api.bitbucket.org login alice password {}\n\
                 machine example.org login c password d\n",
                stale[7], stale[8]
            ),
        );
        let old = scene.rig.home.path().join("old-store");
        scene.settings(&format!(
            "[credential]\n\thelper = cache\n\thelper = store\n\thelper = store --file {}\n\
             [url \"https://alice:{}@bitbucket.org/\"]\n\tinsteadOf = bb:\n\
             [url \"https://a:ghp_0123456789abcdefghij@github.com/\"]\n\tinsteadOf = gh:\n\
             [http \"https://github.com\"]\n\textraHeader = \"Authorization: Bearer ghp_0123456789abcdefghij\"\n\
             [http \"https://bitbucket.org\"]\n\textraHeader = \"Authorization: Bearer {}\"\n\
             \textraHeader = \"Authorization: Basic {basic}\"\n\textraHeader = \"X-Mine: yes\"\n",
            old.display(),
            stale[2],
            stale[3],
        ));
        scene.git(&[
            "config",
            "remote.origin.url",
            &format!("https://alice:{}@bitbucket.org/acme/widgets.git", stale[9]),
        ]);
        scene.git(&[
            "config",
            "remote.other.url",
            "https://a:ghp_0123456789abcdefghij@github.com/a/b.git",
        ]);
        scene.cache(&stale[4]);
        let attributes = [
            ("xdg:schema", "org.git.Password"),
            ("user", "alice"),
            ("protocol", "https"),
            ("server", "bitbucket.org"),
        ];
        scene
            .rig
            .keyring()
            .store("Git: https://bitbucket.org/", &stale[5], &attributes);
        let others = [
            attributes[0],
            attributes[1],
            attributes[2],
            ("server", "github.com"),
        ];
        scene
            .rig
            .keyring()
            .store("Git: https://github.com/", "ghp_1", &others);
        scene.secrets.extend(stale.iter().cloned());
        scene.secrets.push("correct horse".to_owned());
        Some(Self {
            before: texts(&scene),
            scene,
            stale,
        })
    }

    /// What no place has any more.
    #[track_caller]
    fn assert_none_left(&self) {
        for (file, text) in texts(&self.scene) {
            for secret in &self.stale {
                assert!(!text.contains(secret), "{file}: {text}");
            }
        }
        let report = self.scene.report(&[]);
        let left = with_id(&report, "elsewhere-nothing");
        assert_eq!(left.len(), 1, "{report:#}");
    }

    /// Each line without a secret of Bitbucket's is where it was.
    #[track_caller]
    fn assert_others_untouched(&self) {
        let now = texts(&self.scene);
        for (file, before) in &self.before {
            let mine = |line: &&str| {
                !self.stale.iter().any(|it| line.contains(it)) && !line.contains("bitbucket.org")
            };
            let mut lines = now[file].lines();
            for line in before
                .lines()
                .filter(mine)
                .filter(|line| !line.contains("login alice") && !line.contains("insteadOf = bb:"))
            {
                assert!(
                    lines.any(|it| it == line),
                    "{file} lacks {line}: {}",
                    now[file]
                );
            }
        }
        let github = self.scene.rig.keyring().search(&[("server", "github.com")]);
        assert_eq!(github.len(), 1);
    }
}

fn texts(scene: &Scene) -> BTreeMap<&'static str, String> {
    let read = |file| fs::read_to_string(scene.rig.home.path().join(file)).unwrap_or_default();
    FILES.into_iter().map(|file| (file, read(file))).collect()
}

/// The line numbers may differ, since `configure` has added a section of ours.
fn without_ours(text: &str) -> String {
    let begin = text.find("# Added by git-credential-bitbucket");
    text[..begin.unwrap_or(text.len())].to_owned()
}

#[test]
fn twelve_stale_secrets_in_eight_places() {
    let Some(patient) = Patient::new() else {
        return;
    };
    let scene = &patient.scene;
    let report = scene.report(&["--check"]);
    let findings = report["findings"].as_array().map_or(&[][..], |all| all);
    let found = findings.iter().filter(|it| it.get("secret").is_some());
    let found = found.filter(|it| it["id"] != "elsewhere-answers").count();
    assert_eq!(found, 12, "{report:#}");
    assert_eq!(texts(scene), patient.before, "looking changes nothing");

    let healed = scene.doctor(&["--fix", "--yes"]);
    assert!(healed.stdout.contains("12. "), "{healed:#?}");
    assert!(!healed.stdout.contains("Not done"), "{healed:#?}");
    assert!(
        healed.stdout.contains("Passwords are set aside nowhere"),
        "{healed:#?}"
    );
    patient.assert_none_left();
    patient.assert_others_untouched();

    let login = &["login", "--with-token", URL];
    let token = scene.token.clone();
    scene
        .rig
        .helper_with(&scene.git, login, &token)
        .expect_success();
    scene.doctor(&["--check"]).expect_success();
    scene.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
    scene.git(&["push", "--quiet", "origin", "HEAD:refs/heads/topic"]);

    let undone = scene.doctor(&["--undo"]).expect_success();
    assert_eq!(undone.stdout.matches("Back: ").count(), 11, "{undone:#?}");
    for (file, text) in texts(scene) {
        let before = &patient.before[file];
        let password = |line: &&str| !line.contains("correct%20horse");
        let expected: String = before.split_inclusive('\n').filter(password).collect();
        assert_eq!(without_ours(&text), expected, "{file}");
    }
    assert!(scene.rig.keyring().search(&[("service", ASIDE)]).is_empty());
}

#[test]
fn good_tokens_are_copied_and_moved_only_if_told() {
    let Some(scene) = Scene::bare() else { return };
    scene.clone_with(URL);
    let text = format!(
        "https://alice:{}@bitbucket.org\nhttps://x:y@example.org\n",
        scene.token
    );
    scene.write(".git-credentials", &text);
    scene.settings("[credential]\n\thelper = store\n");
    let healed = scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(
        healed.stdout.contains("Keep an API token of alice"),
        "{healed:#?}"
    );
    assert_eq!(texts(&scene)[".git-credentials"], text);
    let kept = scene.rig.keyring().search(&[("service", SERVICE)]);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].secret.starts_with(&scene.token));
    // The same again has nothing to do.
    let again = scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(
        again.stdout.contains("Nothing is to be done."),
        "{again:#?}"
    );
    let moved = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(
        moved.stdout.contains("1. Done: set aside and removed."),
        "{moved:#?}"
    );
    assert_eq!(
        texts(&scene)[".git-credentials"],
        "https://x:y@example.org\n"
    );
    scene.doctor(&["--undo"]).expect_success();
    assert_eq!(texts(&scene)[".git-credentials"], text);
}

#[test]
fn nothing_is_done_without_a_yes() {
    let Some(patient) = Patient::new() else {
        return;
    };
    let scene = &patient.scene;
    let ended = scene.doctor(&["--fix"]).expect_failure("use --yes");
    assert!(ended.stdout.contains("This is to be done:"), "{ended:#?}");
    let mut terminal = scene.terminal(&["doctor", "--fix"]);
    terminal.expect("Do all of this? [y/N] ");
    terminal.send_line("n");
    let ended = terminal.finish();
    assert!(
        ended.transcript.contains("error: nothing was changed"),
        "{ended:#?}"
    );
    scene.assert_tells_nothing(&ended.transcript);
    assert_eq!(texts(scene), patient.before);
    assert!(scene.rig.keyring().search(&[("service", ASIDE)]).is_empty());
}

#[test]
fn offline_nothing_is_done_but_reported() {
    let Some(mut patient) = Patient::new() else {
        return;
    };
    patient.scene.rig.set_proxy_down(true);
    let scene = &patient.scene;
    let ended = scene.doctor(&["--fix", "--yes"]);
    let ended = ended.expect_failure("nothing was changed, since Bitbucket could not be asked");
    assert!(
        ended.stdout.contains("proxy could not be reached"),
        "{ended:#?}"
    );
    assert_eq!(texts(scene), patient.before);
    assert!(scene.rig.keyring().search(&[("service", ASIDE)]).is_empty());
}

/// Without a keychain nothing could be set aside.
#[test]
fn a_locked_keychain_changes_nothing() {
    let Some(patient) = Patient::new() else {
        return;
    };
    patient.scene.rig.keyring().lock();
    let ended = patient.scene.doctor(&["--fix", "--yes"]);
    ended.expect_failure("is locked");
    assert_eq!(texts(&patient.scene), patient.before);
}

#[test]
fn what_was_set_aside_is_forgotten_after_a_month() {
    let Some(patient) = Patient::new() else {
        return;
    };
    let scene = &patient.scene;
    scene.doctor(&["--fix", "--yes"]);
    let aside = || scene.rig.keyring().search(&[("service", ASIDE)]);
    assert_eq!(aside().len(), 11);
    scene.doctor(&[]);
    assert_eq!(aside().len(), 11);
    for item in aside() {
        let (_, content) = item.secret.split_once('\n').unwrap_or_default();
        let attributes = [
            ("service", ASIDE),
            ("account", &*item.attributes["account"]),
        ];
        scene.rig.keyring().store(
            &item.label,
            &format!("1790000000000\n{content}"),
            &attributes,
        );
    }
    scene.doctor(&[]);
    assert!(aside().is_empty());
    let undone = scene.doctor(&["--undo"]).expect_success();
    assert_eq!(undone.stdout, "Nothing is set aside.\n");
}
