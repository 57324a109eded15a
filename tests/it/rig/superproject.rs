//! A repository whose submodules have any URLs: whoever wrote it chose them.

use super::{Git, Rig};

/// A submodule: its URL, and the commit that belongs there.
pub type Part = (String, String);

/// Puts a commit with these submodules, `part0` and so on, on the branch `main` of the repository
/// at `url`, which may be a folder.
pub fn push(rig: &Rig, git: &Git, parts: &[Part], url: &str) {
    let run = |arguments: &[&str]| drop(rig.git(git, arguments).expect_success());
    let inside = |arguments: &[&str]| run(&[&["-C", "template"], arguments].concat());
    run(&["init", "--quiet", "template"]);
    for (number, (url, commit)) in parts.iter().enumerate() {
        let path = format!("part{number}");
        let set = |key: &str, value: &str| {
            let name = format!("submodule.{path}.{key}");
            inside(&["config", "--file=.gitmodules", &name, value]);
        };
        set("path", &path);
        set("url", url);
        let link = format!("160000,{commit},{path}");
        inside(&["update-index", "--add", "--cacheinfo", &link]);
    }
    inside(&["add", ".gitmodules"]);
    inside(&["commit", "--quiet", "--message=Parts"]);
    inside(&["push", "--quiet", "--force", url, "HEAD:main"]);
}
