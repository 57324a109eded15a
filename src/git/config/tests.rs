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
        Config::parse(
            &self.git(&[before, &QUESTION].concat()),
            true,
            Path::new(""),
        )
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
    let config = Config::of(&[("unknown", "http.proxy", "http://x.test")]);
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
                .filter(|pattern| crate::git::pattern::applies_to_credentials(pattern, &url(text)))
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

/// A Git before 2.26 does not tell the scopes: nothing is the person's then.
#[test]
fn without_scopes_nothing_is_trusted() {
    let output = b"file:/home/alice/.gitconfig\0http.proxy\nhttp://x.test\0command line:\0a.b\0";
    let config = Config::parse(output, false, Path::new("/work"));
    assert!(config.ensure_scopes().is_err());
    assert!(config.iter().all(Setting::is_repository_local));
    let places: Vec<_> = config.iter().map(ToString::to_string).collect();
    let environment = "the environment (GIT_CONFIG_COUNT) or git -c";
    assert_eq!(places, ["/home/alice/.gitconfig", environment]);
    assert!(
        Config::of(&[("global", "a.b", "c")])
            .ensure_scopes()
            .is_ok()
    );
}

#[test]
fn a_setting_is_read_with_its_place() {
    for (scope, origin, text, expected) in [
        (
            "global",
            "file:/home/a/.gitconfig",
            "credential.helper\nstore",
            "true credential - helper store /home/a/.gitconfig",
        ),
        (
            "local",
            "file:.git/config",
            "Remote.Origin.PushURL\nx\ny",
            "false remote Origin pushurl x\ny /work/.git/config",
        ),
        (
            "command",
            "command line:",
            "http.https://x.test/a.b/.proxy\n",
            "true http https://x.test/a.b/ proxy  -",
        ),
        (
            "worktree",
            "file:/c",
            "core.bare",
            "false core - bare true /c",
        ),
        ("system", "blob:x", "a.b\nc", "true a - b c -"),
        ("submodule", "file:/c", "a.b\nc", "false a - b c /c"),
    ] {
        let output = format!("{scope}\0{origin}\0{text}\0");
        let config = Config::parse(output.as_bytes(), true, Path::new("/work"));
        let found = config.iter().next().unwrap();
        let file = found.file.as_ref().map(|file| file.to_string_lossy());
        let found = format!(
            "{} {} {} {} {} {}",
            found.trusted,
            found.section,
            found.subsection.as_deref().unwrap_or("-"),
            found.key,
            *found.value,
            file.as_deref().unwrap_or("-").replace('\\', "/")
        );
        assert_eq!(found, expected);
    }
    // What Git would not print is passed over.
    let odd = Config::parse(
        b"global\0file:/c\0nodot\nx\0global\0file:/c",
        true,
        Path::new(""),
    );
    assert_eq!(odd.iter().count(), 0);
}

#[test]
fn an_empty_helper_removes_those_before_it() {
    let any = "credential.helper";
    let ours = "credential.https://bitbucket.org.helper";
    let other = "credential.https://other.test.helper";
    for (lines, helpers, remover) in [
        (&[][..], &[][..], None),
        (&[(any, "store")], &["store"], None),
        (
            &[(any, "bitbucket"), (any, "store")],
            &["bitbucket", "store"],
            None,
        ),
        (&[(any, "bitbucket"), (any, "")], &[], Some(any)),
        (&[(any, ""), (any, "bitbucket")], &["bitbucket"], None),
        (&[(any, "bitbucket"), (other, "")], &["bitbucket"], None),
        (
            &[(any, "bitbucket"), (ours, ""), (ours, "cache")],
            &["cache"],
            Some(ours),
        ),
        (
            &[(any, "bitbucket"), (any, ""), (any, "bitbucket")],
            &["bitbucket"],
            None,
        ),
        // Without a line of ours, the first that removes anything.
        (&[(any, "store"), (ours, "")], &[], Some(ours)),
        (&[(other, "store")], &[], None),
    ] {
        let settings: Vec<_> = lines
            .iter()
            .map(|(key, value)| ("global", *key, *value))
            .collect();
        let config = Config::of(&settings);
        let url = url("https://bitbucket.org/acme/widgets.git");
        let found = config.helpers(&url);
        let found: Vec<&str> = found.iter().map(|line| line.value.as_str()).collect();
        assert_eq!(found, helpers, "{lines:?}");
        let found = config
            .remover(&url, "bitbucket")
            .map(|line| match &line.subsection {
                Some(pattern) => format!("credential.{pattern}.helper"),
                None => any.to_owned(),
            });
        assert_eq!(found.as_deref(), remover, "{lines:?}");
    }
}
