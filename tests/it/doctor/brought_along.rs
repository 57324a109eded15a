//! What a repository brings along: whoever made it may have put a token there, and says itself
//! which repository it is, so that nothing of it is kept.

use super::scene::{Scene, URL, with_id};
use crate::rig::Repository;
use base64::{Engine, prelude::BASE64_STANDARD};

const OTHER: &str = "https://bitbucket.org/acme/gadgets.git";

impl Scene {
    /// In a clone.
    fn cloned() -> Option<Self> {
        let scene = Self::bare()?;
        scene.run(&["configure"]).expect_success();
        scene.clone_with(URL);
        let other = Repository::private().writer("alice");
        scene.rig.bitbucket.add_repository("acme/gadgets", other);
        Some(scene)
    }

    /// A URL with alice's login.
    fn with_login(&self, url: &str) -> String {
        url.replace("https://", &format!("https://alice:{}@", self.token))
    }

    fn path(&self, name: &str) -> String {
        let path = self.rig.home.path().join(name);
        path.to_string_lossy().into_owned()
    }

    /// A file of `git credential-store`, and the helper that reads it.
    fn store(&self) -> String {
        self.write("store", &self.with_login("https://bitbucket.org\n"));
        format!("store --file '{}'", self.path("store"))
    }

    fn write_modules(&self, url: &str) {
        let url = self.with_login(url);
        let text = format!("[submodule \"x\"]\n\tpath = x\n\turl = {url}\n");
        self.write("work/.gitmodules", &text);
    }

    /// Heals, and tells under which accounts what is kept.
    fn accounts_after_fix(&self) -> Vec<String> {
        self.doctor(&["--fix", "--yes"]);
        let kept = self.rig.items();
        kept.iter()
            .map(|item| item.attributes["account"].clone())
            .collect()
    }
}

/// It claims to be `acme/widgets`, and all clones of that would push with its token.
#[test]
fn a_token_of_a_repository_is_not_kept_for_all_clones() {
    let cases: [fn(&Scene); 6] = [
        |scene| scene.git(&["config", "remote.origin.url", &scene.with_login(URL)]),
        |scene| {
            let login = BASE64_STANDARD.encode(format!("alice:{}", scene.token));
            let header = format!("Authorization: Basic {login}");
            let key = "http.https://bitbucket.org/.extraHeader";
            scene.git(&["config", key, &header]);
        },
        |scene| {
            let base = scene.with_login("https://bitbucket.org/");
            let key = format!("url.{base}.insteadOf");
            scene.git(&["config", &key, "https://bitbucket.org/"]);
        },
        |scene| {
            let login = scene.with_login("https://bitbucket.org/");
            scene.write("more", &format!("[url \"{login}\"]\n\tinsteadOf = bb:\n"));
            scene.git(&["config", "include.path", &scene.path("more")]);
        },
        |scene| scene.git(&["config", "credential.helper", &scene.store()]),
        |scene| {
            let socket = format!("--socket={}", scene.path("sockets/socket"));
            scene.cache(&socket, &scene.token);
            let helper = format!("cache '{socket}'");
            scene.git(&["config", "credential.helper", &helper]);
        },
    ];
    for (number, spoil) in cases.into_iter().enumerate() {
        let Some(scene) = Scene::cloned() else { return };
        spoil(&scene);
        let report = scene.report(&[]);
        let found = with_id(&report, "elsewhere-held-back");
        assert_eq!(found.len(), 1, "{number}: {report:#}");
        let message = found[0]["message"].to_string();
        assert!(
            message.contains("whoever made those may have put it there"),
            "{message}"
        );
        assert_eq!(scene.accounts_after_fix(), [""; 0], "{number}");
    }
}

#[test]
fn what_the_person_names_as_well_is_the_person_s() {
    let cases: [fn(&Scene); 2] = [
        |scene| {
            let store = scene.store();
            scene.git(&["config", "credential.helper", &store]);
            scene.git(&["config", "--global", "--add", "credential.helper", &store]);
        },
        |scene| {
            let base = scene.with_login("https://bitbucket.org/");
            let key = format!("url.{base}.insteadOf");
            scene.git(&["config", "--global", &key, "bb:"]);
            scene.git(&["config", "include.path", &scene.path(".gitconfig")]);
        },
    ];
    for (number, spoil) in cases.into_iter().enumerate() {
        let Some(scene) = Scene::cloned() else { return };
        spoil(&scene);
        assert_eq!(scene.accounts_after_fix(), ["alice"], "{number}");
    }
}

/// Whoever clones it gets `.gitmodules`; and what is for another repository would answer
/// there in the place of the person's own.
#[test]
fn a_token_for_another_repository_is_not_kept() {
    let cases: [fn(&Scene); 5] = [
        |scene| scene.write_modules(OTHER),
        |scene| scene.write_modules(URL),
        |scene| {
            let url = scene.with_login(OTHER);
            scene.git(&["config", "submodule.gadgets.url", &url]);
        },
        |scene| {
            scene.git(&["init", "--quiet", "--bare", ".git/modules/gadgets"]);
            let file = ".git/modules/gadgets/config";
            let url = scene.with_login(OTHER);
            scene.git(&["config", "--file", file, "remote.origin.url", &url]);
        },
        // Which repository this is, nobody knows.
        |scene| {
            scene.git(&["config", "remote.origin.url", "https://example.org/a/b.git"]);
            let url = scene.with_login(OTHER);
            scene.git(&["config", "submodule.gadgets.url", &url]);
        },
    ];
    for (number, spoil) in cases.into_iter().enumerate() {
        let Some(scene) = Scene::cloned() else { return };
        spoil(&scene);
        assert_eq!(scene.accounts_after_fix(), [""; 0], "{number}");
    }
}
