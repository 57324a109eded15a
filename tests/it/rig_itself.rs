//! The rig's own parts: terminal, keychain, Gits, tokens. The server has its own file.
#![cfg(target_os = "linux")]

use crate::rig::terminal::Terminal;
use crate::rig::{self, Git, Rig, gits, tokens};

fn shell(rig: &Rig, script: &str) -> Terminal {
    let mut command = rig.home.command(&gits()[0], "sh");
    command.args(["-c", script]);
    Terminal::open(&command)
}

#[test]
fn a_terminal_is_a_terminal() {
    let rig = Rig::new();
    let mut terminal = shell(
        &rig,
        "stty -echo </dev/tty; printf 'Secret: '; read -r secret; stty echo; echo \"<$secret>\"",
    );
    terminal.expect_prompt("Secret: ");
    terminal.send_line("typed");
    terminal.expect("<typed>");
    let ended = terminal.finish().expect_success();
    assert_eq!(ended.transcript, "Secret: <typed>\n");
}

#[test]
fn an_unusable_terminal_is_noticed() {
    let rig = Rig::new();
    for broken in ["-echo", "-icanon", "-isig"] {
        let ended = shell(&rig, &format!("stty {broken}")).finish();
        assert_eq!((ended.code, ended.sane), (0, false), "{broken}");
    }
}

#[test]
fn keys_send_signals() {
    let rig = Rig::new();
    let mut terminal = shell(&rig, "echo ready; read -r line");
    terminal.expect("ready");
    terminal.send("\x03");
    let ended = terminal.finish();
    assert!(ended.signal.is_some(), "{ended:?}");
    assert!(ended.sane);
}

#[test]
fn the_environment_is_cleared() {
    let rig = Rig::new();
    let output = rig
        .run(rig.home.command(&gits()[0], "env"), b"")
        .expect_success();
    let mut names: Vec<&str> = output
        .stdout
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "GIT_CONFIG_NOSYSTEM",
            "HOME",
            "LANG",
            "PATH",
            "TERM",
            "TMPDIR",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_RUNTIME_DIR",
            "XDG_STATE_HOME",
        ]
    );
}

#[test]
fn each_git_is_the_one_asked_for() {
    let rig = Rig::new();
    for git in gits() {
        let said = rig.git(&git, &["--version"]).expect_success();
        assert_eq!(rig::gits::parse(&said.stdout), Some(git.version), "{git}");
        let helper = rig.git(&git, &["credential-bitbucket", "--version"]);
        assert!(
            !helper.stderr.contains("is not a git command"),
            "{helper:?}"
        );
    }
}

#[test]
fn without_a_terminal_is_without() {
    let rig = Rig::new();
    let mut command = rig.without_terminal(&gits()[0], "sh");
    command.args(["-c", "exec 3</dev/tty"]);
    rig.run(command, b"").expect_failure("/dev/tty");
}

/// Runs the keychain's test again where none of its programs can be found.
#[test]
fn missing_programs_are_said() {
    let test = "rig_itself::a_keychain_of_its_own";
    let again = |skip: &str| {
        let program = std::env::current_exe().expect("a test has a program");
        let output = std::process::Command::new(program)
            .args(["--exact", test])
            .env("PATH", "/nonexistent")
            .env("GCB_TESTS_SKIP", skip)
            .output()
            .expect("it runs again");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let missing = "dbus-daemon, gnome-keyring-daemon missing";
    let (success, said) = again("curl,keyring");
    assert!(success, "{said}");
    assert!(said.contains(&format!("SKIPPED {test}: {missing}.")));
    let (success, said) = again("curl");
    assert!(!success, "{said}");
    assert!(said.contains(missing), "{said}");
}

#[test]
fn versions_of_git_are_read() {
    for (text, version) in [
        ("git version 2.39.5\n", Some((2, 39, 5))),
        ("git version 2.39.5 (Apple Git-154)", Some((2, 39, 5))),
        ("git version 2.47.3.windows.1", Some((2, 47, 3))),
        ("git version 2.48.0-rc1", Some((2, 48, 0))),
        ("git version 2.56", Some((2, 56, 0))),
        ("git version next", None),
        ("", None),
    ] {
        assert_eq!(rig::gits::parse(text), version, "{text}");
    }
    let directory = std::path::PathBuf::new();
    for (version, has) in [((2, 45, 9), false), ((2, 46, 0), true), ((3, 0, 0), true)] {
        let git = Git {
            directory: directory.clone(),
            version,
        };
        assert_eq!(git.has_capabilities(), has, "{git}");
    }
}

#[test]
fn tokens_are_well_formed() {
    use git_credential_bitbucket::bitbucket::{Kind, Shape, shape};
    use git_credential_bitbucket::secret::Secret;
    for (text, expected) in [
        (tokens::api_token(1), Shape::Known(Kind::ApiToken)),
        (tokens::access_token(1), Shape::Known(Kind::AccessToken)),
        (tokens::app_password(1), Shape::Known(Kind::AppPassword)),
        (tokens::old_app_password(1), Shape::PerhapsAppPassword),
        (tokens::oauth_token(1), Shape::Unrecognised),
    ] {
        assert_eq!(shape(&Secret::copy_of(text.as_bytes())), expected, "{text}");
    }
    assert_eq!(tokens::api_token(1), tokens::api_token(1));
    assert_ne!(tokens::api_token(1), tokens::api_token(2));
}

#[test]
fn an_ordinary_user_has_the_same() {
    let (mut rig, token) = Rig::with_alice();
    rig.home.give_to_ordinary_user();
    let id = rig.run(rig.home.command(&gits()[0], "id"), b"").stdout;
    assert!(!id.starts_with("uid=0"), "{id}");
    let url = format!("https://alice:{token}@bitbucket.org/acme/widgets.git");
    for git in gits() {
        rig.git(&git, &["ls-remote", &url]).expect_success();
        let helper = rig.git(&git, &["credential-bitbucket", "--version"]);
        assert!(
            !helper.stderr.contains("is not a git command"),
            "{helper:?}"
        );
    }
    let mut terminal = shell(&rig, "id -u >/dev/tty; read -r line </dev/tty; echo $line");
    terminal.send_line("typed");
    terminal.expect("\r\ntyped\r\n");
    terminal.finish().expect_success();
    keep_and_lock(rig);
}

#[test]
fn a_keychain_of_its_own() {
    keep_and_lock(Rig::new());
}

fn keep_and_lock(mut rig: Rig) {
    if !rig.start_keyring() {
        return;
    }
    let keyring = rig.keyring();
    assert_eq!(keyring.search(&[("service", "x")]), []);
    keyring.store("One", "first secret", &[("service", "x"), ("user", "one")]);
    keyring.store(
        "Two",
        "second = secret",
        &[("service", "x"), ("user", "two")],
    );
    let mut items = keyring.search(&[("service", "x")]);
    items.sort_by(|a, b| a.label.cmp(&b.label));
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].label, "One");
    assert_eq!(items[0].secret, "first secret");
    assert_eq!(items[0].attributes["user"], "one");
    assert_eq!(items[1].secret, "second = secret");
    assert_eq!(items[1].attributes["user"], "two");

    assert!(!keyring.is_locked());
    keyring.lock();
    let locked = keyring.search(&[("service", "x")]);
    assert!(locked.iter().all(|item| item.secret.is_empty()));
    keyring.unlock();
    // Read again from its file, an item also shows a schema.
    let unlocked = keyring.search(&[("user", "one")]);
    assert_eq!(unlocked.len(), 1);
    assert_eq!(unlocked[0].secret, "first secret");
}

/// A real gzip unpacks the small answer to a large one.
#[test]
fn the_bomb_is_one() {
    use std::io::Write as _;
    use std::process::Stdio;
    let answer = rig::bomb::answer();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let body = answer[end.expect("a head") + 4..].to_vec();
    assert!(body.len() < 256 << 10, "{}", body.len());
    let mut gzip = std::process::Command::new("gzip")
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip");
    let mut stdin = gzip.stdin.take().expect("a pipe");
    let feed = std::thread::spawn(move || stdin.write_all(&body));
    let output = gzip.wait_with_output().expect("it ends");
    feed.join().expect("it ends").expect("it reads all");
    assert!(output.status.success());
    assert!(output.stdout.len() > 30 << 20);
}
