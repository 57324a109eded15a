//! Which program Git asks for a name and a password: what `git_prompt` of Git's own source
//! decides, and which of them we may run in Git's place.

use super::Config;
use crate::platform;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Names of programs that answer without anybody being asked; the first is what
/// `git maintenance` sets.
const STUBS: [&str; 3] = ["true", "false", "echo"];

/// Who is asked in Git's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskpassSetting {
    /// Nobody.
    Nobody,
    /// A program that Git would find from where it runs, or that a repository names: it is
    /// left to Git to run it.
    OfGit,
    /// A program of the person's, by its absolute path.
    Program(PathBuf),
}

impl AskpassSetting {
    /// Of three settings the first one counts, even if it is empty: that switches the
    /// others off.
    pub fn find(config: &Config, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let setting = || config.askpass().map(OsString::from);
        let of_person = config.askpass() == config.trusted_askpass();
        let (value, trusted) = match variable("GIT_ASKPASS") {
            Some(value) => (value, true),
            None => match setting() {
                Some(value) => (value, of_person),
                None => (variable("SSH_ASKPASS").unwrap_or_default(), true),
            },
        };
        let name = Path::new(&value).file_stem();
        if value.is_empty() || STUBS.iter().any(|stub| name == Some(OsStr::new(stub))) {
            return Self::Nobody;
        }
        let found = trusted.then(|| locate(&value, &variable)).flatten();
        found.map_or(Self::OfGit, Self::Program)
    }
}

/// The program of this name: in an absolute folder of `PATH`, or by an absolute path, be it
/// below `~/`. Whatever depends on the current folder is not found.
fn locate(value: &OsStr, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = Path::new(value);
    let candidates: Vec<PathBuf> = if path.components().count() == 1 && !path.has_root() {
        std::env::split_paths(&variable("PATH")?)
            .map(|folder| folder.join(path))
            .collect()
    } else if let Ok(below) = path.strip_prefix("~") {
        vec![Path::new(&variable("HOME")?).join(below)]
    } else {
        vec![path.to_owned()]
    };
    candidates
        .into_iter()
        .find(|path| path.is_absolute() && platform::is_program(path))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::{AskpassSetting, Config};
    use std::ffi::OsString;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder with a program `ask` in it, and what is found with these settings, in which
    /// `@` stands for the folder.
    struct Scene(tempfile::TempDir);

    impl Scene {
        fn new() -> Self {
            let scene = Self(tempfile::tempdir().unwrap());
            let program = scene.0.path().join("ask");
            std::fs::write(&program, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
            scene
        }

        fn ours(&self) -> AskpassSetting {
            AskpassSetting::Program(self.0.path().join("ask"))
        }

        fn find(&self, variables: &[(&str, &str)], config: &[(&str, &str)]) -> AskpassSetting {
            let filled = |text: &str| text.replace('@', self.0.path().to_str().unwrap());
            let values: Vec<_> = config
                .iter()
                .map(|(scope, value)| (*scope, filled(value)))
                .collect();
            let settings: Vec<_> = values
                .iter()
                .map(|(scope, value)| (*scope, "core.askpass", &**value))
                .collect();
            let config = Config::of(&settings);
            AskpassSetting::find(&config, |name| {
                let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
                Some(OsString::from(filled(value)))
            })
        }
    }

    #[test]
    fn the_program_is_the_one_that_git_asks() {
        let scene = Scene::new();
        let ours = scene.ours();
        for (variables, config, expected) in [
            (&[][..], &[][..], AskpassSetting::Nobody),
            (&[("GIT_ASKPASS", "@/ask")], &[], ours.clone()),
            (&[("SSH_ASKPASS", "@/ask")], &[], ours.clone()),
            (&[], &[("global", "@/ask")], ours.clone()),
            (&[], &[("command", "@/ask")], ours.clone()),
            (&[("HOME", "@")], &[("global", "~/ask")], ours.clone()),
            // The first that is defined counts.
            (
                &[("GIT_ASKPASS", "@/ask"), ("SSH_ASKPASS", "/other")],
                &[("global", "/other")],
                ours.clone(),
            ),
            (
                &[("SSH_ASKPASS", "@/ask")],
                &[("global", "/other")],
                AskpassSetting::OfGit,
            ),
            (
                &[("GIT_ASKPASS", ""), ("SSH_ASKPASS", "@/ask")],
                &[("global", "@/ask")],
                AskpassSetting::Nobody,
            ),
            // By name, on PATH.
            (&[("GIT_ASKPASS", "ask"), ("PATH", "@")], &[], ours.clone()),
        ] {
            let found = scene.find(variables, config);
            assert_eq!(found, expected, "{variables:?} {config:?}");
        }
    }

    #[test]
    fn what_depends_on_the_folder_is_left_to_git() {
        let scene = Scene::new();
        for (variables, config) in [
            (&[("GIT_ASKPASS", "ask"), ("PATH", ".")][..], &[][..]),
            (&[("GIT_ASKPASS", "./ask"), ("PATH", "@")], &[]),
            (&[("GIT_ASKPASS", "/nowhere/ask")], &[]),
            (&[], &[("global", "~/ask")]),
            (&[("HOME", ".")], &[("global", "~/ask")]),
            (&[], &[("local", "@/ask")]),
            (&[], &[("global", "/other"), ("worktree", "@/ask")]),
        ] {
            let found = scene.find(variables, config);
            assert_eq!(found, AskpassSetting::OfGit, "{variables:?} {config:?}");
        }
    }

    #[test]
    fn some_programs_have_nobody_behind_them() {
        let scene = Scene::new();
        for stub in ["true", "/bin/echo", "/usr/bin/false", ""] {
            for variable in ["GIT_ASKPASS", "SSH_ASKPASS"] {
                assert_eq!(scene.find(&[(variable, stub)], &[]), AskpassSetting::Nobody);
            }
            let found = scene.find(&[], &[("command", stub)]);
            assert_eq!(found, AskpassSetting::Nobody, "{stub}");
        }
    }
}
