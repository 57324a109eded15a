//! Git's configuration, read by one `git config` for everything that we need of it.
//!
//! A repository may carry a configuration of its own (scopes `local` and `worktree`),
//! and whoever made the folder made that file. For its own traffic Git obeys it; we
//! send a secret, so where it travels and how TLS is checked is only up to the person:
//! the scopes `system`, `global` and `command` (`-c`, `GIT_CONFIG_COUNT`). A scope that
//! Git does not name counts as the repository's.

use super::entry::Entry;
use super::pattern::{Closeness, applies_to_credentials, closeness};
use super::program;
use url::Url;

/// What is read. `http.extraHeader` and cookies stay where they are.
const WANTED: &str = "^(\
    http\\.(.*\\.)?(proxy|proxyauthmethod|sslcainfo|sslcapath|sslverify|sslbackend|schannelusesslcainfo)\
    |credential\\..*\
    |core\\.askpass\
    |remote\\..*\\.(push)?url)$";

const QUESTION: [&str; 5] = ["config", "--null", "--show-scope", "--get-regexp", WANTED];

/// The values of one moment, in Git's order: later ones win.
#[derive(Default)]
pub struct Config(Vec<Entry>);

impl Config {
    /// Asks Git in the current directory: one process. Without a git, with one older
    /// than 2.26 or with a broken configuration it is empty.
    pub fn read() -> Self {
        program::output_of(&QUESTION)
            .map(|output| Self::parse(&output))
            .unwrap_or_default()
    }

    /// Reads `scope NUL name [LF value] NUL` again and again. Values that are not UTF-8
    /// are passed over.
    pub(super) fn parse(output: &[u8]) -> Self {
        let mut fields = output.split(|&byte| byte == 0);
        let mut entries = Vec::new();
        while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
            if let Ok(text) = std::str::from_utf8(entry) {
                entries.extend(Entry::parse(scope, text));
            }
        }
        Self(entries)
    }

    /// The value of `http.<key>` for a URL as Git would choose it, from the scopes that
    /// are the person's own. `key` in lower case.
    pub fn http(&self, url: &Url, key: &str) -> Option<&str> {
        self.closest(url, "http", key, |entry| entry.trusted)
    }

    /// The value of `credential.<key>` for a URL, from any scope: Git itself has
    /// obeyed these before it asked us. `key` in lower case.
    pub fn credential(&self, url: &Url, key: &str) -> Option<&str> {
        self.closest(url, "credential", key, |_| true)
    }

    /// The helpers that Git asks about a URL, in its order: an empty value forgets the
    /// ones before it.
    pub fn helpers(&self, url: &Url) -> Vec<&str> {
        let mut helpers = Vec::new();
        for entry in &self.0 {
            let applies = entry
                .subsection
                .as_deref()
                .is_none_or(|pattern| applies_to_credentials(pattern, url));
            if entry.section == "credential" && entry.key == "helper" && applies {
                if entry.value.is_empty() {
                    helpers.clear();
                } else {
                    helpers.push(entry.value.as_str());
                }
            }
        }
        helpers
    }

    /// `core.askPass`, from any scope: what Git runs if we give no answer. Never run it
    /// ourselves; [`Config::trusted_askpass`] is for that.
    pub fn askpass(&self) -> Option<&str> {
        self.askpass_where(|_| true)
    }

    /// `core.askPass` as the person set it: a program that we may run.
    pub fn trusted_askpass(&self) -> Option<&str> {
        self.askpass_where(|entry| entry.trusted)
    }

    /// Every URL of every remote, for fetching and for pushing, without user and
    /// password. What is not a URL (`git@host:path`, a folder) is left out, and
    /// `url.<base>.insteadOf` is not followed.
    pub fn remotes(&self) -> Vec<Url> {
        self.0
            .iter()
            .filter(|entry| entry.section == "remote" && entry.key.ends_with("url"))
            .filter_map(|entry| Url::parse(&entry.value).ok())
            .map(|mut url| {
                // Both fail only for a URL that cannot have them.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url
            })
            .collect()
    }

    fn askpass_where(&self, allowed: impl Fn(&Entry) -> bool) -> Option<&str> {
        self.0
            .iter()
            .rfind(|entry| entry.section == "core" && entry.key == "askpass" && allowed(entry))
            .map(|entry| entry.value.as_str())
    }

    fn closest(
        &self,
        url: &Url,
        section: &str,
        key: &str,
        allowed: impl Fn(&Entry) -> bool,
    ) -> Option<&str> {
        self.0
            .iter()
            .filter(|entry| entry.section == section && entry.key == key && allowed(entry))
            .filter_map(|entry| match &entry.subsection {
                Some(pattern) => Some((closeness(pattern, url)?, entry)),
                None => Some((Closeness::default(), entry)),
            })
            // Of equals the last one is taken.
            .max_by_key(|(closeness, _)| *closeness)
            .map(|(_, entry)| entry.value.as_str())
    }
}

/// Reads a boolean as Git does; `None` if it is none.
pub fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// Every git on `PATH`; the oldest and the newest answer alike.
    fn gits() -> Vec<PathBuf> {
        let path = std::env::var_os("PATH").unwrap();
        let all: Vec<_> = std::env::split_paths(&path)
            .map(|folder| folder.join(format!("git{}", std::env::consts::EXE_SUFFIX)))
            .filter(|program| program.is_file())
            .collect();
        assert!(!all.is_empty(), "these tests need git");
        all
    }

    /// A home and a repository that nobody else's settings reach.
    struct World {
        folder: tempfile::TempDir,
        git: PathBuf,
    }

    impl World {
        fn new(git: &Path) -> Self {
            let world = Self {
                folder: tempfile::tempdir().unwrap(),
                git: git.to_owned(),
            };
            world.git(&["init", "--quiet", "."]);
            world
        }

        fn git(&self, arguments: &[&str]) -> Vec<u8> {
            let output = Command::new(&self.git)
                .args(arguments)
                .current_dir(self.folder.path())
                .env_clear()
                .env("HOME", self.folder.path())
                .env("GIT_CONFIG_SYSTEM", self.folder.path().join("system"))
                .output()
                .unwrap();
            output.stdout
        }

        fn write(&self, file: &str, text: &str) {
            std::fs::write(self.folder.path().join(file), text).unwrap();
        }

        fn read(&self, before: &[&str]) -> Config {
            Config::parse(&self.git(&[before, &QUESTION].concat()))
        }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    const USER: &str = "https://api.bitbucket.org/2.0/user";

    #[test]
    fn a_repository_cannot_decide_where_secrets_go() {
        for git in gits() {
            let world = World::new(&git);
            let repository = "[http]\nproxy = http://evil.test\nsslCAInfo = /evil\nsslVerify = false\n\
                [http \"https://api.bitbucket.org/\"]\nproxy = http://evil.test\nsslCAPath = /evil\n\
                [core]\naskPass = evil\n[credential]\nusername = bob\n";
            world.write(".git/included", repository);
            world.git(&["config", "include.path", "included"]);
            world.git(&["config", "extensions.worktreeConfig", "true"]);
            world.write(".git/config.worktree", repository);
            let alone = world.read(&[]);
            for key in ["proxy", "sslcainfo", "sslcapath", "sslverify"] {
                assert_eq!(alone.http(&url(USER), key), None, "{key} {git:?}");
            }
            assert_eq!(alone.trusted_askpass(), None);
            assert_eq!(alone.askpass(), Some("evil"));
            assert_eq!(alone.credential(&url(USER), "username"), Some("bob"));

            world.write(
                ".gitconfig",
                "[http]\nproxy = http://mine.test\nsslVerify\n",
            );
            world.write("system", "[http]\nsslCAInfo = /authority.pem\n");
            let own = world.read(&[]);
            assert_eq!(own.http(&url(USER), "proxy"), Some("http://mine.test"));
            assert_eq!(own.http(&url(USER), "sslverify"), Some("true"));
            assert_eq!(own.http(&url(USER), "sslcainfo"), Some("/authority.pem"));
            let typed = world.read(&["-c", "http.proxy=http://typed.test"]);
            assert_eq!(typed.http(&url(USER), "proxy"), Some("http://typed.test"));
        }
    }

    /// A scope that this git does not name might be the repository's.
    #[test]
    fn an_unknown_scope_is_not_trusted() {
        let config = Config::parse(b"unknown\0http.proxy\nhttp://x.test\0");
        assert_eq!(config.http(&url(USER), "proxy"), None);
    }

    #[test]
    fn urls_are_matched_as_git_matches_them() {
        let patterns = [
            "https://bitbucket.org",
            "https://bitbucket.org/",
            "https://BitBucket.org:443",
            "https://bitbucket.org:8443",
            "https://bitbucket.org./",
            "https://api.bitbucket.org",
            "https://*.bitbucket.org",
            "https://*.org",
            "https://*",
            "https://alice@bitbucket.org",
            "https://bitbucket.org/acme",
            "https://bitbucket.org/acme/",
            "https://bitbucket.org/ac",
            "https://bitbucket.org/acme/widgets.git",
            "https://*.org/acme/widgets.git/info",
            "http://bitbucket.org",
            "bitbucket.org",
            "https://",
            "nonsense",
        ];
        let urls = [
            "https://bitbucket.org/acme/widgets.git/info/refs?service=git-receive-pack",
            "https://bitbucket.org/",
            "https://alice@bitbucket.org/acme",
            USER,
        ];
        // A key for every pair in every order, so that each rule of precedence decides.
        let pairs = patterns
            .iter()
            .flat_map(|one| patterns.iter().map(move |two| (one, two)));
        let mut file = String::new();
        for (number, (one, two)) in pairs.clone().enumerate() {
            write!(
                file,
                "[credential]\nk{number} = first\n[credential \"{one}\"]\nk{number} = one\n\
                 [credential \"{two}\"]\nk{number} = two\n[credential]\nk{number} = last\n"
            )
            .unwrap();
        }
        for git in gits() {
            let world = World::new(&git);
            world.write(".gitconfig", &file);
            let config = world.read(&[]);
            for text in urls {
                let chosen = world.git(&["config", "--get-urlmatch", "credential", text]);
                let chosen = String::from_utf8(chosen).unwrap();
                let chosen: HashMap<_, _> = chosen
                    .lines()
                    .filter_map(|line| line.split_once(' '))
                    .collect();
                for (number, (one, two)) in pairs.clone().enumerate() {
                    let key = format!("k{number}");
                    assert_eq!(
                        config.credential(&url(text), &key),
                        chosen.get(&*format!("credential.{key}")).copied(),
                        "{git:?} {one} {two} {text}"
                    );
                }
            }
        }
    }

    /// Git is asked with a helper for each pattern: those that it runs are those that apply.
    /// They are snippets for a shell of Unix.
    #[test]
    #[cfg(unix)]
    #[allow(clippy::too_many_lines, reason = "one table")]
    fn helpers_are_chosen_as_git_chooses_them() {
        let patterns = [
            "https://bitbucket.org",
            "https://BitBucket.org:443/",
            "https://*.org",
            "https://bitbucket.org/acme",
            "https://bitbucket.org/ac",
            "http://bitbucket.org",
            "bitbucket.org",
            "BitBucket.org",
            "bitbucket.org/",
            "bitbucket.org:443",
            "bitbucket.org/acme/widgets.git",
            "bitbucket.org/acme",
            "alice@bitbucket.org",
            "bob@bitbucket.org",
            "www.bitbucket.org",
            "org",
            "*.org",
            "https://",
            "http://",
            "://bitbucket.org",
            "/acme/widgets.git",
            "/acme",
            "nonsense",
        ];
        let mut file = String::new();
        for (number, pattern) in patterns.iter().enumerate() {
            writeln!(
                file,
                "[credential \"{pattern}\"]\nhelper = \"!echo {number} >>seen; :\""
            )
            .unwrap();
        }
        for git in gits() {
            let world = World::new(&git);
            world.write(".gitconfig", &file);
            for text in [
                "https://bitbucket.org/acme/widgets.git",
                "https://alice@bitbucket.org/acme/widgets.git",
                "https://bitbucket.org:8443/acme",
            ] {
                world.write("seen", "");
                let script = format!("printf 'url={text}\n' | \"$0\" credential fill");
                let _ = Command::new("sh")
                    .args(["-c", &script, &git.to_string_lossy()])
                    .current_dir(world.folder.path())
                    .env_clear()
                    .env("PATH", "/usr/bin:/bin")
                    .env("HOME", world.folder.path())
                    .env("GIT_CONFIG_SYSTEM", world.folder.path().join("system"))
                    .env("GIT_TERMINAL_PROMPT", "0")
                    .output()
                    .unwrap();
                let seen = std::fs::read_to_string(world.folder.path().join("seen")).unwrap();
                let seen: Vec<&str> = seen
                    .lines()
                    .map(|line| patterns[line.parse::<usize>().unwrap()])
                    .collect();
                let ours: Vec<&str> = patterns
                    .into_iter()
                    .filter(|pattern| applies_to_credentials(pattern, &url(text)))
                    .collect();
                assert_eq!(ours, seen, "{git:?} {text}");
                assert!(text.contains("8443") || seen.contains(&"bitbucket.org"));
            }
        }
    }

    #[test]
    fn remotes_are_urls_without_a_login() {
        let world = World::new(&gits()[0]);
        for (name, value) in [
            (
                "remote.origin.url",
                "https://alice:pw@bitbucket.org/acme/widgets.git",
            ),
            (
                "remote.origin.pushurl",
                "https://bob@bitbucket.org/acme/gadgets.git",
            ),
            ("remote.a.b.url", "ssh://git@ssh.bitbucket.org/acme/x.git"),
            ("remote.scp.url", "git@bitbucket.org:acme/x.git"),
            ("remote.folder.url", "../x.git"),
            ("remote.origin.fetch", "https://bitbucket.org/not/this"),
        ] {
            world.git(&["config", name, value]);
        }
        let remotes: Vec<_> = world
            .read(&[])
            .remotes()
            .iter()
            .map(Url::to_string)
            .collect();
        assert_eq!(
            remotes,
            [
                "https://bitbucket.org/acme/widgets.git",
                "https://bitbucket.org/acme/gadgets.git",
                "ssh://ssh.bitbucket.org/acme/x.git"
            ]
        );
    }

    /// What is not ours to know is not even read.
    #[test]
    fn other_settings_stay_where_they_are() {
        let world = World::new(&gits()[0]);
        world.write(
            ".gitconfig",
            "[http]\nextraHeader = Authorization: x\ncookieFile = /x\n\
             [http \"https://bitbucket.org\"]\nextraHeader = Authorization: y\n",
        );
        assert!(world.git(&QUESTION).is_empty());
    }

    #[test]
    fn booleans_are_read_as_git_reads_them() {
        for (text, expected) in [
            ("true", Some(true)),
            ("YES", Some(true)),
            ("on", Some(true)),
            ("1", Some(true)),
            ("-1", Some(true)),
            ("false", Some(false)),
            ("No", Some(false)),
            ("off", Some(false)),
            ("0", Some(false)),
            ("", Some(false)),
            ("never", None),
        ] {
            assert_eq!(boolean(text), expected, "{text}");
        }
    }
}
