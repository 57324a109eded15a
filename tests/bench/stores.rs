//! The same token in every store, and what a browser sign-in keeps.

use super::sample::Case;
use super::scene::{SERVICE, Scene, URL, WANTED};

impl Scene {
    /// A stored `get` of each store besides the keychain that can be had here.
    pub fn stored_elsewhere(&self) -> Vec<Case> {
        let stores = [
            ("get, stored, file", "--store=file", ""),
            ("get, stored, memory", "--store=memory", "--timeout=600"),
        ];
        let kept = stores.into_iter().filter_map(|(name, store, timeout)| {
            let options: Vec<_> = [store, timeout]
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect();
            let token = format!("{}\n", self.token());
            let line = [&["login", "--with-token", URL], &[store][..]].concat();
            let ended = self.rig.helper_with(self.git(), &line, &token);
            ended.success().then(|| {
                let arguments = [&options[..], &["get"]].concat();
                self.ours_with(name, &arguments, WANTED)
            })
        });
        kept.collect()
    }

    /// A home whose keychain holds a browser sign-in that lives for a long time.
    pub fn signed_in(other: &Self) -> Self {
        let scene = Self::empty(other.program());
        let details = r#"{"version":1,"id":"1","kind":"oauth","username":"alice","added":1,"expires":4102444800}"#;
        let secret = format!("{}\n{details}\n{}", "a".repeat(400), "r".repeat(40));
        let attributes = [("service", SERVICE), ("account", "alice")];
        scene.rig.keyring().store("Bitbucket", &secret, &attributes);
        scene
    }
}
