//! Nothing leaked: whatever command runs and whatever goes wrong, the secret is in the one
//! answer, on its way to the keychain and under TLS, and nowhere else. Searched are
//! standard output and error, the terminal, every byte that any process writes or sends,
//! every argument and environment, the whole home, and a core file.

#![cfg(target_os = "linux")]

mod faults;
mod memory;
mod search;
mod sign_in;
mod stores;
mod trace;
mod watch;

use crate::rig::scene::{CHALLENGE, REQUEST, URL};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Credential, GIT_SCOPES, Git, Kind, Rig, gits, programs, tokens};
use search::{Canary, planted};
use std::fs;
use watch::{Answer, Watch};

const HELPER: &str = "git-credential-bitbucket";
const NAME: &str = "x-bitbucket-api-token-auth";

/// Alice with a keychain and every trace that there is switched on, written into the home.
fn scene() -> Option<(Rig, String)> {
    if !programs::present("strace", &["strace"]) {
        return None;
    }
    // Nobody else may look into our program, not even its own user: strace would see of it
    // that it runs, and every search would find nothing.
    if !rustix::process::geteuid().is_root() {
        programs::say_skipped("the rights of root");
        return None;
    }
    let (mut rig, token) = Rig::with_alice_and_keychain()?;
    rig.home.add_gitconfig(
        "[credential \"https://bitbucket.org\"]\n\thelper =\n\thelper = bitbucket\n\
         \tuseHttpPath = true\n",
    );
    for name in ["", "2", "2_EVENT", "2_PERF", "_CURL", "_PACKET", "_SETUP"] {
        let file = rig.home.path().join(format!("trace{name}"));
        rig.home.set(&format!("GIT_TRACE{name}"), file);
    }
    let file = rig.home.path().join("trace-of-ours");
    rig.home.set("BITBUCKET_TRACE", file);
    rig.home.set("RUST_BACKTRACE", "full");
    rig.home.set("RUST_LOG", "trace");
    rig.home.set("ZBUS_LOG", "trace");
    Some((rig, token))
}

fn keep(rig: &Rig, token: &str) {
    rig.put(token, NAME);
}

fn kept(rig: &Rig) -> usize {
    rig.items().len()
}

fn prepare_push(rig: &Rig, git: &Git) {
    for arguments in [
        &["init", "--quiet", "--initial-branch=topic", "."][..],
        &["remote", "add", "origin", URL],
        &["commit", "--quiet", "--allow-empty", "--message=First"],
    ] {
        rig.git(git, arguments).expect_success();
    }
}

fn trace_of_ours(rig: &Rig) -> String {
    fs::read_to_string(rig.home.path().join("trace-of-ours")).unwrap_or_default()
}

/// What all others rest on: what is planted in any form and any place is found.
#[test]
fn a_planted_secret_is_found_everywhere() {
    let Some((rig, token)) = scene() else { return };
    let git = &gits()[0];
    let secrets = [
        token.clone(),
        tokens::access_token(3),
        tokens::app_password(4),
    ];
    for secret in &secrets {
        let canary = Canary::new(secret);
        for (form, text) in planted(secret) {
            assert_eq!(canary.form_in(text.as_bytes()), Some(form), "{text}");
        }
        for other in secrets.iter().filter(|other| *other != secret) {
            assert_eq!(canary.form_in(other.as_bytes()), None);
        }
    }
    let watch = Watch::new(&rig, git, &token);
    for leaking in [
        // Into a file, a temporary one that is gone, a name, an argument, a variable.
        "printf %s \"$SECRET\" >kept",
        "printf %s \"$SECRET\" >../tmp/gone; rm ../tmp/gone",
        "mkdir \"../tmp/$(printf %.60s \"$SECRET\")\"",
        "/bin/true \"$SECRET\"",
        "export SECRET; /bin/true",
        "printf %s \"$SECRET\" | base64 -w0 >encoded",
    ] {
        let script = format!("read -r SECRET; {leaking}");
        let mut command = watch.command(&["/bin/bash", "-c", &script]);
        command.env("PATH", "/usr/bin:/bin");
        rig.run(command, format!("{token}\n").as_bytes());
        let record = watch.take_record();
        assert!(!watch.leaks(&record).is_empty(), "{leaking}: {record}");
    }
    assert_eq!(
        watch.canary.files_with(rig.home.path()).len(),
        3,
        "two files and a folder"
    );
    let mut command = rig.home.command(git, "/bin/echo");
    command.arg(&token);
    let ended = Terminal::open(&command).finish();
    // Standard error and output are searched in the same way.
    assert!(watch.canary.form_in(ended.transcript.as_bytes()).is_some());
}

/// The first push with the token typed, one with the kept token, and one with a refused one.
#[test]
fn pushes_tell_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        prepare_push(&rig, &git);
        let watch = Watch::new(&rig, &git, &token);
        let mut terminal = watch.open(&["git", "push", "origin", "topic"]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        assert_eq!(watch.check_ended(terminal), 0);
        let push = |name: &str| watch.run(Answer::Other, &["git", "push", "origin", name], "");
        push("topic:second").expect_success();
        rig.bitbucket.revoke(&token);
        assert!(!push("topic:third").success());
        assert_eq!(kept(&rig), 0);
        // Git's own trace and ours have seen it all.
        let traced = fs::read_to_string(rig.home.path().join("trace_CURL")).unwrap_or_default();
        assert!(traced.contains("Authorization: Basic <redacted>"), "{git}");
        let traced = trace_of_ours(&rig);
        assert!(traced.contains("answer: a credential"), "{traced}");
    }
}

/// Every command that takes, gives or keeps a secret.
#[test]
fn commands_tell_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let watch = Watch::new(&rig, &git, &token);
        let run = |arguments: &[&str], input: &str| {
            watch.run(Answer::Other, &[&[HELPER], arguments].concat(), input)
        };
        let served = format!("{REQUEST}username={NAME}\npassword={token}\n");
        let by_mail = &["login", "--with-token", "--email=alice@example.com"][..];
        for (arguments, input, items) in [
            (&["configure"][..], "", 0),
            (&["login", "--with-token", URL], &*token, 1),
            (&["status"], "", 1),
            (&["status", "--check"], "", 1),
            (&["status", "--json"], "", 1),
            (&["default", NAME], "", 1),
            (&["store"], &served, 1),
            (&["erase"], &format!("{CHALLENGE}{served}"), 1),
            (&["erase"], &served, 1),
            (&["erase"], &served, 0),
            (&["store"], &served, 1),
            (&["logout"], "", 0),
            (by_mail, &token, 1),
            (&["logout", "--all"], "", 0),
            (&["unconfigure"], "", 0),
        ] {
            let ended = run(arguments, input);
            assert_eq!(kept(&rig), items, "{git} {arguments:?}: {ended:#?}");
        }
        // One that is refused.
        rig.bitbucket.revoke(&token);
        let ended = run(&["login", "--with-token", URL], &token);
        assert_eq!(kept(&rig), 0, "{git}: {ended:#?}");
        keep(&rig, &token);
        watch
            .run(Answer::Secret, &[HELPER, "get"], REQUEST)
            .expect_success();
    }
}

/// The doctor, while it looks, keeps, sets aside, removes and puts back.
#[test]
fn the_doctor_tells_nobody() {
    let Some((rig, token)) = scene() else { return };
    let git = &gits()[0];
    prepare_push(&rig, git);
    let item = [
        ("xdg:schema", "org.git.Password"),
        ("user", "alice"),
        ("protocol", "https"),
        ("server", "bitbucket.org"),
    ];
    rig.keyring()
        .store("Git: https://bitbucket.org/", &token, &item);
    let watch = Watch::new(&rig, git, &token);
    for (arguments, ours, others) in [
        (&["--json"][..], 0, 1),
        (&["--fix", "--move", "--yes"], 1, 0),
        (&[], 1, 0),
        (&["--undo"], 1, 1),
    ] {
        let command = [&[HELPER, "doctor"], arguments].concat();
        let ended = watch.run(Answer::Other, &command, "");
        let there = (kept(&rig), rig.keyring().search(&item).len());
        assert_eq!(there, (ours, others), "{arguments:?}: {ended:#?}");
    }
}

/// `login` where a person types, accepted and refused.
#[test]
fn logins_on_a_terminal_tell_nobody() {
    let Some((rig, token)) = scene() else { return };
    let git = &gits()[0];
    let watch = Watch::new(&rig, git, &token);
    for (revoked, code) in [(false, 0), (true, 1)] {
        if revoked {
            rig.bitbucket.revoke(&token);
        }
        let mut terminal = watch.open(&[HELPER, "login", URL]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        if revoked {
            // The same again, then nothing.
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            terminal.expect_prompt(SECRET_QUESTION);
        } else {
            terminal.expect("expire?");
        }
        terminal.send_line("");
        assert_eq!(watch.check_ended(terminal), code);
    }
}

/// A secret in the environment is not told to what we start, whatever we say of it.
#[test]
fn variables_tell_nobody() {
    let git = &gits()[0];
    let old = &["Repositories: Read", "Repositories: Write"];
    for (name, kind, secret, scopes) in [
        (
            "BITBUCKET_TOKEN",
            Kind::ApiToken,
            tokens::api_token(20),
            &GIT_SCOPES,
        ),
        (
            "BITBUCKET_APP_PASSWORD",
            Kind::AppPassword,
            tokens::app_password(21),
            old,
        ),
    ] {
        let Some((mut rig, _)) = scene() else { return };
        let credential = Credential::new(kind, &secret, "alice", scopes);
        rig.bitbucket.issue(credential);
        rig.bitbucket.world().switches.app_passwords_removed = false;
        // Only our program has it, and not what leads to it.
        rig.home.add_script(
            "with-secret",
            &format!("read -r SECRET; export {name}=\"$SECRET\"; exec {HELPER} \"$@\"\n"),
        );
        rig.home.set("BITBUCKET_USERNAME", "alice");
        let program = rig
            .home
            .path()
            .join("with-secret")
            .to_string_lossy()
            .into_owned();
        let watch = Watch::new(&rig, git, &secret);
        let refused = format!("{REQUEST}{CHALLENGE}username=alice\npassword={secret}\n");
        for (operation, input) in [("get", REQUEST), ("erase", &refused), ("store", &refused)] {
            let command = watch.command(&[&program, operation]);
            let ended = rig.run(command, format!("{secret}\n{input}\n").as_bytes());
            watch.check_text(operation, &ended.stderr);
            assert_eq!(
                ended.stdout.contains(&secret),
                operation == "get",
                "{ended:#?}"
            );
            let record = watch.take_record();
            let leaks = watch.leaks(&record);
            // One: the start of our own program.
            assert!(
                leaks.len() == 1 && leaks[0].contains(HELPER),
                "{operation}: {leaks:#?}"
            );
            assert_eq!(watch.canary.files_with(rig.home.path()).len(), 0);
        }
    }
}

/// A program that asks in our name gets the question; the answer comes through a pipe. Our
/// own variables are not for it, whatever is in them.
#[test]
fn programs_that_ask_are_told_nothing() {
    for git in gits() {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        prepare_push(&rig, &git);
        // Beside the home, which is searched.
        let answer = rig.home.path().with_extension("answer");
        fs::write(&answer, format!("{token}\n")).unwrap();
        let text = format!(
            "case $1 in Username*) echo alice ;; *) cat '{}' ;; esac\n",
            answer.display()
        );
        let program = rig.home.add_script("ask", &text);
        let start = format!("execve(\"{}\"", program.display());
        rig.home.set("GIT_ASKPASS", program);
        let push = |watch: &Watch<'_>, name: &str| {
            let target = format!("topic:{name}");
            watch.run(Answer::Other, &["git", "push", URL, &target], "")
        };
        push(&Watch::new(&rig, &git, &token), "one").expect_success();
        assert_eq!(kept(&rig), 1);
        rig.helper_with(&git, &["logout", "--all"], "")
            .expect_success();
        // One that is not used for want of a name; Git itself has it in its environment.
        let other = tokens::app_password(7);
        let watch = Watch::new(&rig, &git, &other);
        let mut command = watch.command(&["git", "push", URL, "topic:two"]);
        command.env("BITBUCKET_APP_PASSWORD", &other);
        rig.run(command, b"").expect_success();
        let record = watch.take_record();
        let starts: Vec<_> = record
            .lines()
            .filter(|line| line.contains(&start))
            .collect();
        assert_eq!(starts.len(), 2, "{record}");
        for start in starts {
            watch.check_text("the start of the program", start);
        }
        fs::remove_file(answer).unwrap();
    }
}
