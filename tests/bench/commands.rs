//! What people type: `status`, `doctor`, and a fetch of ten remotes.

use super::sample::Case;
use super::scene::{Scene, URL};

impl Scene {
    /// `status`, and a doctor that asks nobody.
    pub fn commands(&self) -> [Case; 2] {
        [
            self.ours_with("status", &["status"], ""),
            self.ours_with("doctor --offline", &["doctor", "--offline"], ""),
        ]
    }

    /// A fetch of ten remotes with our helper, and with Git's own file.
    pub fn fetches_of_ten(&self) -> [Case; 2] {
        for number in 1..10 {
            let name = format!("mirror-{number}");
            let arguments = ["-C", "widgets", "remote", "add", &name, URL];
            self.rig.git(self.git(), &arguments).expect_success();
        }
        self.fetches_with(&["fetch", "--all", "--quiet"])
    }
}
