//! `--fix` and `--undo`: what is dead goes, what is good is kept, nobody else's line
//! changes, and what went comes back.

use super::scene::{Scene, URL, with_id};
use crate::rig::keyring::Item;
use crate::rig::{Fault, Surface, tokens};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::collections::BTreeMap;
use std::fs;

const ASIDE: &str = "git-credential-bitbucket:set-aside";

/// A part of a file: what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Somebody else's, or nobody's.
    Stays,
    /// Goes, and comes back.
    Goes,
    /// An account password: goes, and does not come back.
    IsGone,
}
use Part::{Goes, IsGone, Stays};

type Parts = Vec<(Part, String)>;

/// A machine on which twelve stale secrets lie in eight places, others' between them.
struct Patient {
    scene: Scene,
    files: BTreeMap<&'static str, Parts>,
}

fn text(parts: &Parts, wanted: &[Part]) -> String {
    let parts = parts.iter().filter(|(part, _)| wanted.contains(part));
    parts.map(|(_, text)| &**text).collect()
}

/// A line of `git credential-store`.
fn stored(part: Part, login: &str, host: &str) -> (Part, String) {
    (part, format!("https://{login}@{host}\n"))
}

impl Patient {
    fn new() -> Option<Self> {
        let mut scene = Scene::bare()?;
        scene.clone_with(URL);
        let tokens: Vec<String> = (70..76).map(tokens::api_token).collect();
        let passwords: Vec<String> = (76..81).map(tokens::app_password).collect();
        // Two are known to Bitbucket, which answers 410; the others it has never seen.
        scene.issue_app_password(&passwords[0]);
        scene.issue_app_password(&passwords[1]);
        let alice = |secret: &str| format!("alice:{secret}");
        let files = BTreeMap::from([
            (".git-credentials", vec![
                stored(Stays, "a:ghp_0123456789abcdefghij", "github.com"),
                stored(Goes, &alice(&tokens[0]), "bitbucket.org"),
                stored(Stays, "b:glpat-01234567890123456789", "gitlab.com"),
                stored(Goes, &alice(&passwords[0]), "bitbucket.org"),
                stored(IsGone, &alice("correct%20horse"), "bitbucket.org"),
                (Stays, "# no URL\n".to_owned()),
                stored(Stays, "c:d", "example.org"),
            ]),
            ("old-store", vec![
                stored(Goes, &alice(&tokens[1]), "bitbucket.org"),
                stored(Stays, "x:y", "example.org"),
            ]),
            (".netrc", vec![
                (Stays, "machine github.com login a password ghp_0123\n".to_owned()),
                (Goes, format!("machine bitbucket.org\n\tlogin alice\n\tpassword {}\n", passwords[1])),
                (Goes, format!("machine api.bitbucket.org login alice password {}\n", passwords[2])),
                (Stays, "machine example.org login c password d\n".to_owned()),
            ]),
            (".gitconfig", scene.settings_of_patient(&tokens, &passwords)),
            ("work/.git/config", vec![
                (Stays, "[core]\n\tbare = false\n[remote \"other\"]\n\turl = https://a:ghp_01@github.com/a/b.git\n[remote \"origin\"]\n\turl = https://".to_owned()),
                (Goes, alice(&passwords[3]) + "@"),
                (Stays, "bitbucket.org/acme/widgets.git\n".to_owned()),
            ]),
        ]);
        for (file, parts) in &files {
            scene.write(file, &text(parts, &[Stays, Goes, IsGone]));
        }
        scene.cache("--timeout=900", &tokens[4]);
        scene.store_as_libsecret("bitbucket.org", &tokens[5]);
        scene.store_as_libsecret("github.com", "ghp_1");
        scene.secrets.extend(tokens);
        scene.secrets.extend(passwords);
        scene
            .secrets
            .extend(["correct horse".into(), "correct%20horse".into()]);
        Some(Self { scene, files })
    }

    /// The files have these parts, byte for byte, besides a section of ours.
    #[track_caller]
    fn assert_has(&self, wanted: &[Part]) {
        for (file, parts) in &self.files {
            let now = fs::read_to_string(self.scene.rig.home.path().join(file));
            let now = now.unwrap_or_default();
            let begin = now.find("# Added by git-credential-bitbucket");
            let now = &now[..begin.unwrap_or(now.len())];
            assert_eq!(now, text(parts, wanted), "{file}");
        }
    }

    fn assert_untouched(&self) {
        self.assert_has(&[Stays, Goes, IsGone]);
        assert!(self.set_aside().is_empty());
    }

    fn set_aside(&self) -> Vec<Item> {
        self.scene.rig.keyring().search(&[("service", ASIDE)])
    }

    /// Of Git's own helper for the Secret Service.
    fn in_libsecret(&self, host: &str) -> usize {
        self.scene.rig.keyring().search(&[("server", host)]).len()
    }
}

impl Scene {
    fn settings_of_patient(&self, tokens: &[String], passwords: &[String]) -> Parts {
        let old = self.rig.home.path().join("old-store");
        let basic = BASE64_STANDARD.encode(format!("alice:{}", passwords[4]));
        vec![
            (Stays, self.rig.home.gitconfig()),
            (
                Stays,
                format!(
                    "[credential]\n\thelper = cache\n\thelper = store\n\thelper = store --file '{}'\n",
                    old.display()
                ),
            ),
            (Stays, "[url \"https://".to_owned()),
            (Goes, format!("alice:{}@", tokens[2])),
            (Stays, "bitbucket.org/\"]\n\tinsteadOf = bb:\n".to_owned()),
            (
                Stays,
                "[url \"https://a:ghp_01@github.com/\"]\n\tinsteadOf = gh:\n".to_owned(),
            ),
            (
                Stays,
                "[http \"https://github.com\"]\n\textraHeader = \"Authorization: Bearer ghp_01\"\n"
                    .to_owned(),
            ),
            (Stays, "[http \"https://bitbucket.org\"]\n".to_owned()),
            (
                Goes,
                format!("\textraHeader = \"Authorization: Bearer {}\"\n", tokens[3]),
            ),
            (
                Goes,
                format!("\textraHeader = \"Authorization: Basic {basic}\"\n"),
            ),
            (Stays, "\tpostBuffer = 1048576\n".to_owned()),
        ]
    }

    fn store_as_libsecret(&self, host: &str, secret: &str) {
        let attributes = [
            ("xdg:schema", "org.git.Password"),
            ("user", "alice"),
            ("protocol", "https"),
            ("server", host),
        ];
        let label = format!("Git: https://{host}/");
        self.rig.keyring().store(&label, secret, &attributes);
    }
}

#[test]
fn twelve_stale_secrets_in_eight_places() {
    let Some(patient) = Patient::new() else {
        return;
    };
    let scene = &patient.scene;
    let report = scene.report(&[]);
    let findings = report["findings"].as_array().map_or(&[][..], |all| all);
    let found = findings.iter().filter(|it| it.get("secret").is_some());
    let found = found.filter(|it| it["id"] != "elsewhere-answers").count();
    assert_eq!(found, 12, "{report:#}");
    patient.assert_untouched();

    let healed = scene.doctor(&["--fix", "--yes"]);
    assert_eq!(healed.stdout.matches(". Done: ").count(), 13, "{healed:#?}");
    assert!(
        healed
            .stdout
            .contains("Passwords are deleted without a backup."),
        "{healed:#?}"
    );
    patient.assert_has(&[Stays]);
    assert_eq!(patient.in_libsecret("bitbucket.org"), 0);
    assert_eq!(patient.in_libsecret("github.com"), 1);
    let report = scene.report(&["--offline"]);
    assert_eq!(with_id(&report, "elsewhere-nothing").len(), 1, "{report:#}");

    let login = &["login", "--with-token", URL];
    let token = scene.token.clone();
    scene
        .rig
        .helper_with(&scene.git, login, &token)
        .expect_success();
    scene.doctor(&[]).expect_success();
    scene.git(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
    scene.git(&["push", "--quiet", "origin", "HEAD:refs/heads/topic"]);

    let undone = scene.doctor(&["--undo"]).expect_success();
    assert_eq!(undone.stdout.matches("Back: ").count(), 11, "{undone:#?}");
    patient.assert_has(&[Stays, Goes]);
    assert_eq!(patient.in_libsecret("bitbucket.org"), 1);
    assert!(patient.set_aside().is_empty());
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
    let file = scene.rig.home.path().join(".git-credentials");
    let store = || fs::read_to_string(&file).unwrap_or_default();
    scene.settings("[credential]\n\thelper = store\n");
    let healed = scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(
        healed.stdout.contains("Keep an API token of alice"),
        "{healed:#?}"
    );
    assert_eq!(store(), text);
    let kept = scene.rig.items();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].secret.starts_with(&scene.token));
    // The same again has nothing to do.
    let again = scene.doctor(&["--fix", "--yes"]).expect_success();
    assert!(
        again.stdout.contains("nothing to fix from here"),
        "{again:#?}"
    );
    let moved = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(
        moved.stdout.contains("1. Done: set aside and removed."),
        "{moved:#?}"
    );
    assert_eq!(store(), "https://x:y@example.org\n");
    scene.doctor(&["--undo"]).expect_success();
    assert_eq!(store(), text);
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
    patient.assert_untouched();
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
    patient.assert_untouched();
}

/// A server that answers nothing but that it cannot answer was not asked.
#[test]
fn while_bitbucket_is_down_nothing_is_done_but_reported() {
    for fault in [Fault::down(), Fault::rate_limited("30")] {
        let Some(patient) = Patient::new() else {
            return;
        };
        let scene = &patient.scene;
        scene.rig.bitbucket.fail(Surface::Git, fault, 9);
        let report = scene.report(&[]);
        assert_eq!(report["checked"], false, "{report:#}");
        assert_eq!(with_id(&report, "network").len(), 0, "{report:#}");
        let found = with_id(&report, "network-silent");
        assert_eq!(found.len(), 1, "{report:#}");
        let message = found[0]["message"].to_string();
        assert!(message.contains("Bitbucket cannot be asked: "), "{message}");
        assert_eq!(scene.rig.requests().len(), 1, "{report:#}");
        let ended = scene.doctor(&["--fix", "--yes"]);
        ended.expect_failure("nothing was changed, since Bitbucket could not be asked");
        patient.assert_untouched();
    }
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
    patient.scene.rig.keyring().unlock();
    patient.assert_untouched();
}

#[test]
fn what_was_set_aside_is_forgotten_after_a_month() {
    let Some(patient) = Patient::new() else {
        return;
    };
    let scene = &patient.scene;
    scene.doctor(&["--fix", "--yes"]);
    let aside = || patient.set_aside();
    assert_eq!(aside().len(), 11);
    scene.doctor(&["--offline"]);
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
    scene.doctor(&["--offline"]);
    assert!(aside().is_empty());
    let undone = scene.doctor(&["--undo"]).expect_success();
    assert_eq!(undone.stdout, "Nothing is set aside.\n");
}

/// What `configure` repairs is repaired; what a repository says is not ours to change.
#[test]
fn settings_are_healed_where_they_are_one_s_own() {
    for (setting, own) in [
        ("[credential]\n\thelper =\n", true),
        (
            "[credential \"bitbucket.org\"]\n\thelper =\n\thelper = cache\n",
            true,
        ),
        (
            "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = false\n",
            true,
        ),
        ("[credential]\n\thelper =\n", false),
    ] {
        let Some(scene) = Scene::healthy() else {
            return;
        };
        let file = if own {
            ".gitconfig"
        } else {
            "work/.git/config"
        };
        let path = scene.rig.home.path().join(file);
        let before = fs::read_to_string(&path).unwrap_or_default() + setting;
        scene.write(file, &before);
        let healed = scene.doctor(&["--fix", "--yes"]);
        assert_eq!(healed.success(), own, "{setting}: {healed:#?}");
        let done = healed.stdout.contains("1. Done: configured.");
        assert_eq!(done, own, "{setting}: {healed:#?}");
        if !own {
            assert!(
                healed.stdout.contains("belongs to this repository"),
                "{healed:#?}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap_or_default(), before);
        }
    }
}

/// Where nothing stays for a month, nothing is taken away.
#[test]
fn a_store_that_forgets_sets_nothing_aside() {
    let Some(scene) = Scene::bare() else { return };
    scene.clone_with(URL);
    scene.settings("[credential]\n\thelper = store\n");
    let text = format!("https://alice:{}@bitbucket.org\n", tokens::api_token(70));
    scene.write(".git-credentials", &text);
    let file = scene.rig.home.path().join(".git-credentials");
    for store in ["none", "memory"] {
        scene.run(&["configure", "--store", store]).expect_success();
        let ended = scene.doctor(&["--fix", "--yes"]);
        ended.expect_failure("cannot keep for 30 days what is set aside");
        assert_eq!(fs::read_to_string(&file).unwrap_or_default(), text);
    }
}
