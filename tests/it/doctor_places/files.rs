//! Files: what Git's own programs and curl make of them before, between and after.

use super::probe::does;
use crate::rig::{Git, Rig, gits, tokens};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::time::{Duration, SystemTime};

/// What `git credential-store` knows of a host.
fn stored(rig: &Rig, git: &Git, host: &str) -> String {
    let message = format!("protocol=https\nhost={host}\n\n");
    let mut command = rig.home.command(git, "git");
    command.args(["credential-store", "get"]);
    rig.run(command, message.as_bytes()).stdout
}

fn store(rig: &Rig, git: &Git, options: &[&str], host: &str, name: &str, secret: &str) {
    let message = format!("protocol=https\nhost={host}\nusername={name}\npassword={secret}\n\n");
    let mut command = rig.home.command(git, "git");
    command.arg("credential-store").args(options).arg("store");
    rig.run(command, message.as_bytes()).expect_success();
}

#[test]
fn lines_of_store_files_go_and_come_back() {
    for git in gits() {
        let rig = Rig::new();
        let file = rig.home.path().join(".git-credentials");
        let named = rig.home.path().join("my secrets");
        store(&rig, &git, &[], "github.com", "bob", "p:w");
        store(&rig, &git, &[], "bitbucket.org", "alice", "p@w %/");
        store(
            &rig,
            &git,
            &[],
            "bitbucket.org",
            "carol",
            &tokens::app_password(1),
        );
        store(&rig, &git, &[], "example.com", "dave", "x");
        let option = format!("--file={}", named.display());
        store(&rig, &git, &[&option], "api.bitbucket.org", "erin", "y");
        rig.home.add_gitconfig(&format!(
            "[credential]\n\thelper = store --file \\\"{}\\\"\n",
            named.display()
        ));
        let mut text = fs::read(&file).expect("a file");
        text.extend_from_slice(b"# kept\r\n\xff\0 https://x");
        fs::write(&file, &text).expect("a file");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("a mode");
        let before = (text, fs::read(&named).expect("a file"));

        let found = does(&rig, &git, "find");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found
                .iter()
                .any(|line| line.ends_with(": bitbucket.org - alice p@w %/")),
            "{found:?}"
        );
        assert_eq!(does(&rig, &git, "heal").len(), 3);
        assert_eq!(does(&rig, &git, "find"), [""; 0]);
        assert_eq!(stored(&rig, &git, "bitbucket.org"), "");
        assert!(stored(&rig, &git, "github.com").contains("password=p:w\n"));
        assert!(stored(&rig, &git, "example.com").contains("password=x\n"));
        assert_eq!(fs::metadata(&file).expect("a file").mode() & 0o7777, 0o640);
        let healed = fs::read(&file).expect("a file");
        assert!(healed.ends_with(b"\n# kept\r\n\xff\0 https://x"));

        assert_eq!(does(&rig, &git, "undo").len(), 3);
        let after = (
            fs::read(&file).expect("a file"),
            fs::read(&named).expect("a file"),
        );
        assert!(after == before);
        assert!(
            does(&rig, &git, "undo")
                .iter()
                .all(|line| line.starts_with("there "))
        );
        assert!(after.0 == fs::read(&file).expect("a file"));
        rig.finish();
    }
}

#[test]
fn the_file_behind_a_link_is_edited() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let folder = rig.home.path().join("dotfiles");
    fs::create_dir(&folder).expect("a folder");
    let (file, link) = (
        folder.join("secrets"),
        rig.home.path().join(".git-credentials"),
    );
    fs::write(&file, "https://a:b@bitbucket.org\nhttps://c:d@x.org\n").expect("a file");
    symlink("dotfiles/secrets", &link).expect("a link");
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    if is_root {
        chown(&file, Some(65_534), Some(65_534)).expect("another's file");
    }
    assert_eq!(
        does(&rig, git, "heal"),
        ["removed line 1 of ~/.git-credentials"]
    );
    assert_eq!(
        fs::read_to_string(&file).expect("a file"),
        "https://c:d@x.org\n"
    );
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    if is_root {
        // Root edits for another user, whose file it stays.
        assert_eq!(fs::metadata(&file).expect("a file").uid(), 65_534);
    }
    assert_eq!(
        does(&rig, git, "undo"),
        ["restored line 1 of ~/.git-credentials"]
    );
    rig.finish();
}

/// A login in `.netrc` comes before every helper: Git itself shows when it is gone.
#[test]
fn entries_of_netrc_go_and_come_back() {
    for git in gits() {
        let (mut rig, token) = Rig::with_alice();
        let text = format!(
            "# mine\nmachine github.com login x password y\nmachine bitbucket.org\n\tlogin alice\n\
             # stale?\n\tpassword {token}\nmacdef init\nmachine www.bitbucket.org login no password no\n\n\
             default login anonymous password me@x.org\n"
        );
        // A macro would keep the entry where it is.
        let text = text.replace("macdef init", "machine z.org macdef init");
        let file = rig.home.add_file(".netrc", &text);
        rig.home.set("GIT_TERMINAL_PROMPT", "0");
        let url = "https://bitbucket.org/acme/widgets.git";
        rig.git(&git, &["ls-remote", url]).expect_success();
        let found = does(&rig, &git, "find");
        assert_eq!(
            found,
            [
                format!("line 3 of ~/.netrc: bitbucket.org - alice {token}"),
                "line 10 of ~/.netrc: * - anonymous me@x.org (stays)".to_owned(),
            ],
        );
        assert_eq!(does(&rig, &git, "heal"), ["removed line 3 of ~/.netrc"]);
        let without = text.replace("machine bitbucket.org\n\tlogin alice\n", "");
        let without = without.replace(&format!("\tpassword {token}\n"), "");
        assert_eq!(fs::read_to_string(&file).expect("a file"), without);
        rig.bitbucket.expect_name("anonymous");
        rig.git(&git, &["ls-remote", url]).expect_failure("fatal: ");
        does(&rig, &git, "undo");
        assert_eq!(fs::read_to_string(&file).expect("a file"), text);
        rig.git(&git, &["ls-remote", url]).expect_success();
        rig.finish();
    }
}

/// Programs differ in what a comment behind other words is; none takes these entries for
/// another host's afterwards, and none loses its own.
#[test]
fn a_comment_in_netrc_gives_no_entry_away() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let text = "machine gitlab.com # not machine bitbucket.org\nlogin carol\npassword hunter2\n\
        machine bitbucket.org login alice password dead # account for ci\n";
    let file = rig.home.add_file(".netrc", text);
    let stays = "line 4 of ~/.netrc: bitbucket.org - alice dead (stays)";
    assert_eq!(does(&rig, git, "find"), [stays]);
    assert_eq!(does(&rig, git, "heal"), [""; 0]);
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    rig.finish();
}

/// A newer one for the same name is the one that its readers go on finding.
#[test]
fn what_has_taken_a_line_s_place_is_not_written_over() {
    for git in gits() {
        let rig = Rig::new();
        store(&rig, &git, &[], "github.com", "bob", "x");
        store(&rig, &git, &[], "bitbucket.org", "alice", "dead");
        let netrc = |secret: &str| {
            let entry = format!("machine bitbucket.org login alice password {secret}\n");
            rig.home.add_file(".netrc", &entry)
        };
        let netrc_file = netrc("dead");
        assert_eq!(does(&rig, &git, "heal").len(), 2);
        store(&rig, &git, &[], "bitbucket.org", "alice", "newer");
        netrc("newer");
        let lines = fs::read(rig.home.path().join(".git-credentials")).expect("a file");
        let reason =
            "another secret has taken its place: to have this one back, remove that one first";
        assert_eq!(
            does(&rig, &git, "undo"),
            [
                format!("lost line 1 of ~/.git-credentials: {reason}"),
                format!("lost line 1 of ~/.netrc: {reason}"),
            ]
        );
        let now = fs::read(rig.home.path().join(".git-credentials")).expect("a file");
        assert!(now == lines);
        let now = fs::read_to_string(netrc_file).expect("a file");
        assert!(
            now.ends_with(" newer\n") && now.lines().count() == 1,
            "{now}"
        );
        rig.finish();
    }
}

#[test]
fn logins_of_a_configuration_go_and_come_back() {
    for git in gits() {
        let rig = Rig::new();
        let token = tokens::api_token(1);
        let local = format!(
            "[core]\r\n\trepositoryFormatVersion = 0 ; as ever\r\n[remote \"origin\"]\n\
             \turl = \"https://alice:p#@bitbucket.org/acme/widgets.git\" # mine\n\
             \tpushUrl = https://x-token-auth:{token}@bitbucket.org/acme/widgets.git\n\
             [remote \"other\"]\n\turl = https://bob:pw@github.com/x.git\n\
             [submodule \"lib\"]\n\turl = https://{token}@bitbucket.org/acme/lib\n"
        );
        let local = local.replace("p#@", "p;@");
        let global = format!(
            "[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer {token}\n\
             [http]\n\textraHeader = Authorization: Basic YTpi\n\
             [url \"https://u:pw@bitbucket.org/\"]\n\tinsteadOf = bb:"
        );
        rig.git(&git, &["init", "--quiet"]).expect_success();
        let file = rig.home.work().join(".git/config");
        fs::write(&file, &local).expect("a file");
        rig.home.add_gitconfig(&global);
        let global = rig.home.gitconfig();
        let urls = ["config", "--get-regexp", "url$"];
        let seen = rig.git(&git, &urls).expect_success().stdout;

        let found = does(&rig, &git, "find");
        let stay = found.iter().filter(|line| line.ends_with(" (stays)"));
        assert_eq!((found.len(), stay.count()), (6, 1), "{found:#?}");
        let healed = does(&rig, &git, "heal");
        assert_eq!(healed.len(), 5, "{healed:#?}");
        assert!(
            healed.iter().all(|line| line.starts_with("removed ")),
            "{healed:#?}"
        );
        let now = rig.git(&git, &urls).expect_success().stdout;
        let expected = [
            ("alice:p;@", ""),
            (&format!("x-token-auth:{token}@"), ""),
            (&format!("{token}@"), ""),
        ]
        .iter()
        .fold(seen, |text, (login, nothing)| text.replace(login, nothing));
        assert_eq!(now, expected);
        let gone = "[http \"https://bitbucket.org/\"]\n[http]";
        assert!(
            rig.home.gitconfig().contains(gone),
            "{}",
            rig.home.gitconfig()
        );
        assert!(
            rig.home
                .gitconfig()
                .ends_with("[url \"https://bitbucket.org/\"]\n\tinsteadOf = bb:")
        );

        does(&rig, &git, "undo");
        assert_eq!(fs::read_to_string(&file).expect("a file"), local);
        assert_eq!(rig.home.gitconfig(), global);
        rig.finish();
    }
}

/// Included twice, and a third time by way of a link.
#[test]
fn an_included_file_is_searched_once() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let login = "[remote \"shared\"]\n\turl = https://a:b@bitbucket.org/c\n";
    rig.home.add_file("included", login);
    symlink("included", rig.home.path().join("link")).expect("a link");
    rig.home
        .add_gitconfig("[include]\n\tpath = included\n\tpath = included\n\tpath = link\n");
    let line = "remote.shared.url (~/included:2): bitbucket.org c a b";
    assert_eq!(does(&rig, git, "find"), [line]);
    assert_eq!(does(&rig, git, "heal").len(), 1);
    rig.finish();
}

/// Submodules have configurations of their own; `.gitmodules` is everybody's.
#[test]
fn submodules_are_searched() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    rig.git(git, &["init", "--quiet"]).expect_success();
    let bare = [
        ".git/modules/libs/one",
        ".git/modules/two",
        ".git/modules/two/modules/three",
    ];
    for folder in bare {
        rig.git(git, &["init", "--quiet", "--bare", folder])
            .expect_success();
        let config = format!("{folder}/config");
        let url = "https://a:b@bitbucket.org/acme/lib";
        rig.git(
            git,
            &["config", "--file", &config, "remote.origin.url", url],
        )
        .expect_success();
    }
    let shared = rig.home.work().join(".gitmodules");
    let text = "[submodule \"one\"]\n\turl = https://a:b@bitbucket.org/acme/lib\n";
    fs::write(&shared, text).expect("a file");
    let found = does(&rig, git, "find");
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[3].ends_with(" (stays)"), "{found:#?}");
    assert_eq!(does(&rig, git, "heal").len(), 3);
    assert_eq!(does(&rig, git, "find").len(), 1);
    assert_eq!(fs::read_to_string(&shared).expect("a file"), text);
    rig.finish();
}

/// As Git Credential Manager 2.7 writes them.
#[test]
fn files_of_the_manager_s_plain_store_go_and_come_back() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let folder = rig.home.path().join(".gcm/store/git/https");
    for (path, text) in [
        (
            "bitbucket.org/alice.credential",
            "p w\nservice=https://bitbucket.org\naccount=alice\n",
        ),
        (
            "bitbucket.org/acme/w.git/bob.credential",
            "q\r\nservice=https://bitbucket.org/acme/w.git\r\naccount=bob\r\n",
        ),
        (
            "github.com/alice.credential",
            "x\nservice=https://github.com\naccount=alice\n",
        ),
    ] {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }
    let alice = folder.join("bitbucket.org/alice.credential");
    let before = fs::read(&alice).expect("a file");
    let root = "~/.gcm/store/git/https/bitbucket.org";
    assert_eq!(
        does(&rig, git, "find"),
        [
            format!("{root}/alice.credential: bitbucket.org - alice p w"),
            format!("{root}/acme/w.git/bob.credential: bitbucket.org acme/w.git bob q"),
        ]
    );
    assert_eq!(does(&rig, git, "heal").len(), 2);
    assert!(!alice.exists() && folder.join("github.com/alice.credential").exists());
    assert_eq!(does(&rig, git, "undo").len(), 2);
    assert!(fs::read(&alice).expect("a file") == before);
    assert_eq!(fs::metadata(&alice).expect("a file").mode() & 0o7777, 0o600);
    fs::write(&alice, "newer\n").expect("a file");
    let undone = does(&rig, git, "undo");
    let outcomes = undone
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default());
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        ["lost", "there"],
        "{undone:#?}"
    );
    assert_eq!(fs::read(&alice).expect("a file"), b"newer\n");
    rig.finish();
}

/// A lock that a killed run of ours has left is empty; any other is another program's.
#[test]
fn only_a_lock_of_ours_beside_a_manager_s_file_is_cleared() {
    let (rig, git) = (Rig::new(), &gits()[0]);
    let folder = rig.home.path().join(".gcm/store/git/https/bitbucket.org");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("alice.credential");
    fs::write(&file, "p w\nservice=https://bitbucket.org\naccount=alice\n").expect("a file");
    let lock = folder.join("alice.credential.lock");
    let leave = |text: &str| {
        fs::write(&lock, text).expect("a file");
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        let left = fs::File::options().write(true).open(&lock);
        left.and_then(|left| left.set_modified(long_ago))
            .expect("its time");
    };
    leave("another program's");
    let healed = does(&rig, git, "heal");
    assert!(healed[0].starts_with("FAILED "), "{healed:#?}");
    assert!(file.exists() && lock.exists());
    leave("");
    let healed = does(&rig, git, "heal");
    assert!(healed[0].starts_with("removed "), "{healed:#?}");
    assert!(!file.exists() && !lock.exists());
    rig.finish();
}
