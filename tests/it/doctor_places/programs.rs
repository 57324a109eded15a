//! Secrets that other programs hold: daemons, keychains, the environment.

use super::probe::does;
use crate::rig::keyring::Item;
use crate::rig::{Git, Rig, gits, programs, tokens};
use std::path::PathBuf;
use std::process::Command;

/// What a cache has for a host and a user.
fn cached(rig: &Rig, git: &Git, host: &str, user: &str) -> String {
    let message = format!("protocol=https\nhost={host}\nusername={user}\n\n");
    let mut command = rig.home.command(git, "git");
    command.args(["credential-cache", "get"]);
    rig.run(command, message.as_bytes()).stdout
}

/// Its daemon, gone with the guard.
struct Cache<'a>(&'a Rig, Git);

impl Cache<'_> {
    fn store(&self, host: &str, user: &str, secret: &str) {
        let message =
            format!("protocol=https\nhost={host}\nusername={user}\npassword={secret}\n\n");
        let mut command = self.0.home.command(&self.1, "git");
        command.args(["credential-cache", "store"]);
        self.0.run(command, message.as_bytes()).expect_success();
    }
}

impl Drop for Cache<'_> {
    fn drop(&mut self) {
        let mut command: Command = self.0.home.command(&self.1, "git");
        let _ = command.args(["credential-cache", "exit"]).status();
    }
}

#[test]
fn a_cache_forgets_and_learns_again() {
    for git in gits() {
        let rig = Rig::new();
        rig.home
            .add_gitconfig("[credential]\n\thelper = cache --timeout 600\n");
        let cache = Cache(&rig, git.clone());
        let token = tokens::access_token(1);
        cache.store("github.com", "alice", "other");
        cache.store("bitbucket.org", "alice", "p w");
        cache.store("bitbucket.org", "x-token-auth", &token);
        let found = does(&rig, &git, "find");
        let place = "git credential-cache (~/.cache/git/credential/socket): bitbucket.org -";
        assert!(
            found.contains(&format!("{place} x-token-auth {token}")),
            "{found:#?}"
        );
        // A name that nothing else tells is found when its neighbour is gone, at the latest.
        does(&rig, &git, "heal");
        does(&rig, &git, "heal");
        assert_eq!(does(&rig, &git, "find"), [""; 0]);
        assert_eq!(cached(&rig, &git, "bitbucket.org", "alice"), "");
        assert_eq!(cached(&rig, &git, "bitbucket.org", "x-token-auth"), "");
        assert!(cached(&rig, &git, "github.com", "alice").contains("password=other\n"));
        let restored = does(&rig, &git, "undo");
        assert!(
            restored.iter().all(|line| line.starts_with("restored ")),
            "{restored:#?}"
        );
        assert!(cached(&rig, &git, "bitbucket.org", "alice").contains("password=p w\n"));
        let again = does(&rig, &git, "undo");
        assert!(
            again.iter().all(|line| line.starts_with("there ")),
            "{again:#?}"
        );
        drop(cache);
        // Asking starts no daemon.
        assert_eq!(does(&rig, &git, "find"), [""; 0]);
        assert!(
            !rig.home
                .path()
                .join(".cache/git/credential/socket")
                .exists()
        );
        rig.finish();
    }
}

/// What a daemon has for a path is served for that path only, and there it comes back.
#[test]
fn a_cache_learns_again_for_which_path_it_was() {
    for git in gits() {
        let rig = Rig::new();
        let cache = Cache(&rig, git.clone());
        rig.git(&git, &["init", "--quiet"]).expect_success();
        let url = "https://carol@bitbucket.org/acme/my%20widgets.git/";
        rig.git(&git, &["remote", "add", "origin", url])
            .expect_success();
        let path = "bitbucket.org\npath=acme/my widgets.git";
        cache.store("bitbucket.org", "carol", "for all");
        cache.store(path, "carol", "for one");
        let place = "git credential-cache (~/.cache/git/credential/socket)";
        assert_eq!(
            does(&rig, &git, "find"),
            [
                format!("{place}: bitbucket.org acme/my widgets.git carol for one"),
                format!("{place}: bitbucket.org - carol for all"),
            ]
        );
        let healed = format!("removed {place}");
        assert_eq!(does(&rig, &git, "heal"), [&*healed; 2]);
        assert_eq!(cached(&rig, &git, "bitbucket.org", "carol"), "");
        let restored = format!("restored {place}");
        assert_eq!(does(&rig, &git, "undo"), [&*restored; 2]);
        assert!(cached(&rig, &git, path, "carol").contains("password=for one\n"));
        assert!(cached(&rig, &git, "bitbucket.org", "carol").contains("password=for all\n"));
        let there = format!("there {place}");
        assert_eq!(does(&rig, &git, "undo"), [&*there; 2]);
        drop(cache);
        rig.finish();
    }
}

#[test]
fn what_a_cache_has_learnt_since_is_not_written_over() {
    for git in gits() {
        let rig = Rig::new();
        let cache = Cache(&rig, git.clone());
        cache.store("bitbucket.org", "x-token-auth", "dead");
        assert_eq!(does(&rig, &git, "heal").len(), 1);
        cache.store("bitbucket.org", "x-token-auth", "newer");
        let place = "git credential-cache (~/.cache/git/credential/socket)";
        assert_eq!(
            does(&rig, &git, "undo"),
            [format!(
                "lost {place}: another secret has taken its place: to have this one back, \
                remove that one first"
            )]
        );
        let now = cached(&rig, &git, "bitbucket.org", "x-token-auth");
        assert!(now.contains("password=newer\n"), "{now}");
        drop(cache);
        rig.finish();
    }
}

/// Git's helper for the Secret Service, built from the source that Debian ships.
fn libsecret_helper(rig: &Rig) -> Option<PathBuf> {
    let source = "/usr/share/doc/git/contrib/credential/libsecret/git-credential-libsecret.c";
    let program = rig.home.path().join("bin/git-credential-libsecret");
    let script = "cc -o \"$1\" \"$2\" $(pkg-config --cflags --libs libsecret-1 glib-2.0)";
    let mut command = Command::new("sh");
    let built = command
        .args(["-c", script, "sh"])
        .arg(&program)
        .arg(source)
        .output();
    built
        .is_ok_and(|output| output.status.success())
        .then_some(program)
}

/// The items of a keychain: what libsecret's helper and Git Credential Manager keep for
/// Bitbucket and for others, and ours.
struct Items {
    rig: Rig,
    git: Git,
    token: String,
}

const GIT: (&str, &str) = ("xdg:schema", "org.git.Password");
const HTTPS: (&str, &str) = ("protocol", "https");
const ALICE: (&str, &str) = ("user", "alice");
const LIBSECRET: [(&str, &str); 4] = [GIT, HTTPS, ("server", "bitbucket.org"), ALICE];
const FOREIGN: [(&str, &str); 4] = [GIT, HTTPS, ("server", "github.com"), ALICE];
const MANAGER: [(&str, &str); 3] = [
    ("xdg:schema", "com.microsoft.GitCredentialManager"),
    ("service", "git:https://bitbucket.org"),
    ("account", "carol"),
];
const OURS: [(&str, &str); 2] = [
    ("service", "git-credential-bitbucket:https://bitbucket.org"),
    ("account", "a"),
];

impl Items {
    fn new() -> Option<Self> {
        let mut rig = Rig::new();
        if !rig.start_keyring() {
            return None;
        }
        let token = tokens::api_token(1);
        let payload = format!("{token}\npassword_expiry_utc=4102444800");
        let keyring = rig.keyring();
        keyring.store("Git: https://bitbucket.org/", &payload, &LIBSECRET);
        keyring.store("Git: https://github.com/", "other", &FOREIGN);
        keyring.store("git:https://bitbucket.org", "secret", &MANAGER);
        keyring.store("Bitbucket: a", "ours", &OURS);
        let git = gits().swap_remove(0);
        Some(Self { rig, git, token })
    }

    fn does(&self, task: &str) -> Vec<String> {
        does(&self.rig, &self.git, task)
    }

    fn all(&self) -> [Vec<Item>; 4] {
        [&LIBSECRET[..], &FOREIGN, &MANAGER, &OURS].map(|attributes| {
            let mut items = self.rig.keyring().search(attributes);
            // The service adds a schema to those without one, some time.
            for item in &mut items {
                let generic = "org.freedesktop.Secret.Generic";
                item.attributes.retain(|_, value| value != generic);
            }
            items
        })
    }
}

#[test]
fn items_of_other_helpers_go_and_come_back() {
    let Some(items) = Items::new() else {
        return;
    };
    let before = items.all();
    assert!(before.iter().all(|found| found.len() == 1), "{before:#?}");
    let place = "the keychain, item of";
    let token = &items.token;
    assert_eq!(
        items.does("find"),
        [
            format!("{place} git-credential-libsecret: bitbucket.org - alice {token}"),
            format!("{place} Git Credential Manager: bitbucket.org - carol secret"),
        ]
    );
    assert_eq!(items.does("heal").len(), 2);
    let now = items.all();
    assert_eq!(now.each_ref().map(Vec::len), [0, 1, 0, 1], "{now:#?}");
    items.does("undo");
    assert_eq!(items.all(), before);
    let again = items.does("undo");
    assert!(again.iter().all(|line| line.starts_with("there ")));
    items.rig.finish();
}

#[test]
fn what_has_taken_an_item_s_place_is_not_written_over() {
    let Some(items) = Items::new() else {
        return;
    };
    items.does("heal");
    let keyring = items.rig.keyring();
    keyring.store("Git: https://bitbucket.org/", "newer", &LIBSECRET);
    let undone = items.does("undo");
    let lost = undone.iter().filter(|line| line.starts_with("lost "));
    assert_eq!(lost.count(), 1, "{undone:#?}");
    assert_eq!(keyring.search(&LIBSECRET)[0].secret, "newer");
    items.rig.finish();
}

/// A service takes an item that says more for the same, unless it is told otherwise.
#[test]
fn an_item_that_says_more_stays() {
    let Some(items) = Items::new() else {
        return;
    };
    items.does("heal");
    let keyring = items.rig.keyring();
    let more = [&LIBSECRET[..], &[("object", "acme/widgets.git")]].concat();
    keyring.store("Git: https://bitbucket.org/acme/widgets.git", "good", &more);
    let undone = items.does("undo");
    assert!(
        undone.iter().all(|line| line.starts_with("restored ")),
        "{undone:#?}"
    );
    let good = keyring.search(&more);
    assert!(good.len() == 1 && good[0].secret == "good", "{good:#?}");
    assert_eq!(keyring.search(&LIBSECRET).len(), 2);
    items.rig.finish();
}

#[test]
fn a_locked_keychain_is_told() {
    let Some(items) = Items::new() else {
        return;
    };
    items.rig.keyring().lock();
    assert_eq!(
        items.does("find"),
        ["TROUBLE the keychain: it is locked: unlock it, then try again"]
    );
    items.rig.finish();
}

/// Git's own program finds what we put back, and we what it keeps.
#[test]
fn the_libsecret_helper_and_we_see_the_same() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    if !rig.start_keyring() {
        return;
    }
    let Some(helper) = libsecret_helper(&rig) else {
        programs::say_skipped("libsecret's development files");
        return;
    };
    let run = |operation: &str, message: &str| {
        let mut command = rig.home.command(git, &helper);
        command.arg(operation);
        rig.run(command, message.as_bytes()).stdout
    };
    let ask = "protocol=https\nhost=bitbucket.org\n\n";
    run(
        "store",
        "protocol=https\nhost=bitbucket.org\nusername=alice\npassword=p w\n\n",
    );
    assert!(run("get", ask).contains("password=p w\n"));
    let found = does(&rig, git, "heal");
    assert_eq!(
        found,
        ["removed the keychain, item of git-credential-libsecret"]
    );
    assert_eq!(run("get", ask), "");
    does(&rig, git, "undo");
    assert!(run("get", ask).contains("password=p w\n"));
    rig.finish();
}

/// A helper of a platform's keychain, which its own program asks: here a small one.
#[test]
fn a_keychain_helper_is_asked_about_our_hosts_only() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let script = "#!/bin/sh\ncase $1 in get) grep -e '^host=' -e ^username= | tee -a \"$HOME/asked\" |\n\
        grep -q '^host=bitbucket.org$' && test -e \"$HOME/kept\" &&\n\
        printf 'username=alice\\npassword=p\\n' ;;\n\
        erase) grep -q '^password=p$' && rm \"$HOME/kept\" ;; store) grep -q '^password=p$' && : >\"$HOME/kept\" ;; esac\n";
    rig.home
        .add_script("bin/git-credential-osxkeychain", script);
    rig.home.add_file("kept", "");
    rig.git(git, &["init", "--quiet"]).expect_success();
    let url = "https://bitbucket.org/acme/x%0ahost=github.com";
    rig.git(git, &["remote", "add", "origin", url])
        .expect_success();
    assert_eq!(does(&rig, git, "find"), [""; 0]);
    rig.home
        .add_gitconfig("[credential]\n\thelper = osxkeychain\n");
    let line = "the keychain, item of git-credential-osxkeychain";
    assert_eq!(
        does(&rig, git, "find"),
        [format!("{line}: bitbucket.org - alice p")]
    );
    assert_eq!(does(&rig, git, "heal"), [format!("removed {line}")]);
    assert!(!rig.home.path().join("kept").exists());
    assert_eq!(does(&rig, git, "undo"), [format!("restored {line}")]);
    assert!(rig.home.path().join("kept").exists());
    let asked = std::fs::read_to_string(rig.home.path().join("asked")).expect("questions");
    let hosts = asked.lines().filter_map(|line| line.strip_prefix("host="));
    assert!(
        hosts
            .into_iter()
            .all(|host| host.ends_with("bitbucket.org")),
        "{asked}"
    );
    rig.finish();
}

#[test]
fn variables_are_told_and_stay() {
    let git = &gits()[0];
    let mut rig = Rig::new();
    let token = tokens::api_token(1);
    rig.home.set("MY_TOKEN", &token);
    rig.home
        .set("REMOTE", format!("https://u:{token}@bitbucket.org/a/b"));
    rig.home.set("OTHER", "https://u:p@github.com/a/b");
    rig.home.set("GIT_CONFIG_COUNT", "1");
    rig.home.set(
        "GIT_CONFIG_KEY_0",
        "http.https://bitbucket.org/.extraHeader",
    );
    rig.home.set(
        "GIT_CONFIG_VALUE_0",
        format!("Authorization: Bearer {token}"),
    );
    let mut found = does(&rig, git, "find");
    found.sort();
    let told = |name: &str, rest: &str| {
        format!("the variable {name}: bitbucket.org {rest} {token} (stays)")
    };
    assert_eq!(
        found,
        [
            told("GIT_CONFIG_VALUE_0", "- -"),
            told("MY_TOKEN", "- -"),
            told("REMOTE", "a/b u")
        ]
    );
    assert_eq!(does(&rig, git, "heal"), [""; 0]);
    rig.finish();
}
