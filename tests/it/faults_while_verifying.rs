//! Whatever happens while we ask the server about a credential: one line that says what,
//! why and what to do, Git goes on where it can, and what is kept stays as it is.

use crate::rig::scene::{CHALLENGE, REQUEST, URL};
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{self, Certificate, Fault, Finished, Git, Mood, Rig, Sender, Surface, gits, held};
use std::process::Command;

/// What goes wrong.
#[derive(Clone)]
enum Way {
    /// The server answers our requests like this, but not Git's.
    Server(Fault),
    Proxy(Mood),
    ProxyDown,
    Certificate(Certificate),
    /// Without any network, and with this proxy.
    Offline(&'static str),
}

/// A fault and what is said of it.
struct Row {
    name: &'static str,
    way: Way,
    /// Whether it takes as long as we are ready to wait.
    slow: bool,
    message: &'static str,
}

const NO_ANSWER: &str = "no answer came in time. Check the network connection, then try again.";
const BROKEN: &str = "the connection broke, or the answer was not HTTP. Try again; if it stays \
    so, look for a proxy or firewall in between.";
const NO_PROXY: &str = "the proxy could not be reached. Check http.proxy in Git's configuration \
    (or HTTPS_PROXY, ALL_PROXY).";

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let quick = |name, way, message| Row { name, way, slow: false, message };
    let slow = |name, way| Row { name, way, slow: true, message: NO_ANSWER };
    vec![
        slow("hang", Way::Server(Fault::Hang)),
        slow("dripping body", Way::Server(Fault::Drip)),
        slow("silent proxy", Way::Proxy(Mood::Silent)),
        quick("status 500", Way::Server(Fault::status(500, "Internal Server Error")),
            "Bitbucket has trouble of its own (status 500). Try again later."),
        quick("status 429", Way::Server(Fault::rate_limited("30")),
            "Bitbucket answers no more requests for now (status 429). Try again in 30 seconds."),
        quick("garbage", Way::Server(Fault::Garbage), BROKEN),
        quick("64 MiB body", Way::Server(Fault::HugeBody),
            "Bitbucket gave an answer that is not known here (status 200). Check that the \
             repository's address opens in a browser, then try again."),
        quick("dropped connection", Way::Server(Fault::Close), BROKEN),
        quick("redirect elsewhere", Way::Server(Fault::Redirect("https://evil.example/".into())),
            "Bitbucket gave an answer that is not known here (status 302). Check that the \
             repository's address opens in a browser, then try again."),
        quick("redirect to itself", Way::Server(Fault::Redirect(format!("{URL}/info/refs"))),
            "Bitbucket gave an answer that is not known here (status 302). Check that the \
             repository's address opens in a browser, then try again."),
        slow("dripping head", Way::Server(Fault::SlowHead)),
        quick("10 MiB header", Way::Server(Fault::long_header()), BROKEN),
        quick("truncated TLS", Way::Server(Fault::truncated()), BROKEN),
        quick("HTTP/2 reset", Way::Server(Fault::http2_reset()), BROKEN),
        quick("invalid UTF-8", Way::Server(Fault::invalid_text()),
            "Bitbucket gave an answer that is not known here (status 200). Check that the \
             repository's address opens in a browser, then try again."),
        quick("compression bomb", Way::Server(Fault::compression_bomb()),
            "Bitbucket gave an answer that is not known here (status 200). Check that the \
             repository's address opens in a browser, then try again."),
        quick("proxy down", Way::ProxyDown, NO_PROXY),
        quick("proxy demands a login", Way::Proxy(Mood::DemandingLogin("bob:x".into())),
            "the proxy asks for a login, or refused the one it was given. Set http.proxy in \
             Git's configuration to http://USER:PASSWORD@HOST:PORT."),
        quick("proxy refuses", Way::Proxy(Mood::Refusing(403)),
            "the proxy did not connect to Bitbucket. Ask whoever runs the proxy to allow \
             bitbucket.org and api.bitbucket.org."),
        quick("unknown authority", Way::Certificate(Certificate::Untrusted),
            "the server's certificate comes from an authority that is not trusted here, so \
             nothing was sent. If your network inspects TLS, set http.sslCAInfo for Git to its \
             authority's file."),
        quick("certificate for another name", Way::Certificate(Certificate::WrongName),
            "the server's certificate is for another name, so nothing was sent. Check in a \
             browser whether this network wants you to sign in first."),
        quick("expired certificate", Way::Certificate(Certificate::Expired),
            "the server's certificate is not valid at this machine's time, so nothing was sent. \
             Set this machine's date and clock right, then try again."),
        quick("offline", Way::Offline(""),
            "the server's name was not found. Check that this machine is online and that its \
             DNS works, then try again."),
        quick("offline behind a proxy", Way::Offline("http://proxy.example:3128"), NO_PROXY),
    ]
}

/// Checks every row with every Git in a thread of its name, the slow ones all at once.
fn each(rows: &[Row], gits: &[Git], check: fn(&Row, &Git)) {
    std::thread::scope(|scope| {
        for (row, git) in rows
            .iter()
            .flat_map(|row| gits.iter().map(move |git| (row, git)))
        {
            let running = std::thread::Builder::new()
                .name(row.name.to_owned())
                .spawn_scoped(scope, move || check(row, git))
                .expect("a thread");
            let passed = row.slow || running.join().is_ok();
            assert!(passed, "{} with Git {git}", row.name);
        }
    });
}

impl Row {
    fn begin(&self, rig: &mut Rig) {
        match &self.way {
            Way::Server(fault) => {
                let fault = fault.clone();
                rig.bitbucket
                    .fail_for(Sender::Helper, Surface::Git, fault, usize::MAX);
            }
            Way::Proxy(mood) => rig.proxy.set_mood(mood.clone()),
            Way::ProxyDown => rig.set_proxy_down(true),
            Way::Certificate(certificate) => {
                rig.bitbucket.world().switches.certificate = *certificate;
            }
            Way::Offline(proxy) => rig
                .home
                .add_gitconfig(&format!("[http]\n\tproxy = {proxy}\n")),
        }
    }

    /// A program that this fault meets.
    fn command(&self, rig: &Rig, git: &Git, program: &str) -> Command {
        match self.way {
            Way::Offline(_) => {
                let mut command = rig.home.command(git, "unshare");
                command.args(without_network().unwrap_or_default());
                command.arg(program);
                command
            }
            _ => rig.home.command(git, program),
        }
    }

    fn helper(&self, rig: &Rig, git: &Git, operation: &str, lines: &str) -> Finished {
        let mut command = self.command(rig, git, "setsid");
        command.args(["--wait", "git-credential-bitbucket", operation]);
        rig.run(command, format!("{REQUEST}{lines}\n").as_bytes())
            .expect_success()
    }

    fn verdict(&self) -> String {
        format!("The API token could not be verified: {}\n", self.message)
    }

    fn is_possible(&self) -> bool {
        match self.way {
            Way::Offline(_) => without_network().is_some(),
            _ => true,
        }
    }

    fn is_at_the_server(&self) -> bool {
        matches!(self.way, Way::Server(_))
    }
}

/// How `unshare` takes the network away from a program, as root or as anybody.
fn without_network() -> Option<&'static [&'static str]> {
    let works = |options: &&&[&str]| {
        let mut command = Command::new("unshare");
        let output = command.args(**options).arg("true").output();
        output.is_ok_and(|output| output.status.success())
    };
    [&["--net"][..], &["--user", "--map-current-user", "--net"]]
        .iter()
        .find(works)
        .copied()
}

/// The rows that this machine can produce.
fn possible_rows() -> Vec<Row> {
    let mut rows = rows();
    rows.retain(|row| {
        row.is_possible() || {
            rig::programs::say_skipped(&format!("a network namespace for {:?}", row.name));
            false
        }
    });
    rows
}

/// A configured home; `None` where no keychain can be had.
fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.start_keyring().then(|| {
        rig.helper_with(&gits()[0], &["configure"], "")
            .expect_success();
        (rig, token)
    })
}

/// All that the keychain holds of the only entry.
fn payload(rig: &Rig) -> String {
    let items = rig.items();
    items.into_iter().map(|item| item.secret).collect()
}

/// The secret that the keychain holds; nothing if there is none.
fn kept(rig: &Rig) -> String {
    payload(rig).lines().take(1).collect()
}

/// Types the token, and expects the fault's line and no other.
fn type_token(row: &Row, mut terminal: Terminal, token: &str) -> String {
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(token);
    let ended = terminal.finish().expect_success();
    assert!(!ended.transcript.contains(token));
    let (_, said) = ended
        .screen
        .split_once("characters received.\n")
        .unwrap_or_default();
    match said.strip_prefix(&*row.verdict()) {
        Some(rest) => rest.to_owned(),
        None => panic!("{said}"),
    }
}

/// A token typed meanwhile is given to Git and kept only once Git says that it worked.
#[test]
fn a_token_typed_meanwhile_serves_and_is_kept_once_it_worked() {
    each(&possible_rows(), &gits()[..1], |row, git| {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        let description = rig.home.work().join("description");
        std::fs::write(description, format!("{REQUEST}\n")).expect("a file in the home");
        row.begin(&mut rig);
        let mut command = row.command(&rig, git, "sh");
        command.args(["-c", "git credential fill <description >filled"]);
        let rest = type_token(row, Terminal::open(&command), &token);
        assert_eq!(rest, "");
        assert_eq!(kept(&rig), "");

        let filled = rig.home.work().join("filled");
        let filled = std::fs::read(filled).expect("a file in the home");
        let mut command = row.command(&rig, git, "git");
        command.args(["credential", "approve"]);
        rig.run(command, &filled).expect_success();
        assert_eq!(kept(&rig), token);
    });
}

/// Where the fault meets our question only, the push itself succeeds: with a token just
/// typed, and with a kept one that Git gets a stray refusal for.
#[test]
fn git_goes_on_where_it_can() {
    let mut rows = rows();
    rows.retain(Row::is_at_the_server);
    each(&rows, &gits(), |row, git| {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        let run = |arguments: &[&str]| drop(rig.git(git, arguments).expect_success());
        run(&["init", "--quiet", "--initial-branch=topic"]);
        run(&["commit", "--quiet", "--allow-empty", "--message=Change"]);
        row.begin(&mut rig);
        let push = |branch: &str| rig.terminal(git, &["push", URL, branch]);
        type_token(row, push("HEAD:one"), &token);
        assert_eq!(kept(&rig), token);
        if !git.has_capabilities() {
            return;
        }
        let before = payload(&rig);
        let stray = Fault::stray_refusal();
        rig.bitbucket
            .fail_for(Sender::GitLogin, Surface::Git, stray, 1);
        let ended = push("HEAD:two").finish().expect_success();
        assert!(!ended.transcript.contains("could not be"), "{ended:#?}");
        assert_eq!(payload(&rig), before);
    });
}

/// An invalid token typed meanwhile is not kept, since Git finds that out.
#[test]
fn a_bad_token_typed_meanwhile_is_not_kept() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        rig.bitbucket.revoke(&token);
        let down = Fault::down();
        rig.bitbucket
            .fail_for(Sender::Helper, Surface::Git, down, usize::MAX);
        let mut terminal = rig.terminal(&git, &["ls-remote", URL]);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&token);
        let ended = terminal.finish();
        assert!(ended.code != 0 && ended.sane, "{ended:#?}");
        assert!(ended.transcript.contains("could not be verified"));
        assert_eq!(kept(&rig), "");
    }
}

/// A kept entry that Git gets a refusal for: the second `get` serves it once more without
/// a word, `erase` says what is the matter, and neither loses it.
#[test]
fn a_kept_entry_is_served_and_stays() {
    let rows = possible_rows();
    each(&rows, &gits()[..1], |row, git| {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        rig.helper_with(
            git,
            &["login", "--with-token", "--username=alice", URL],
            &token,
        )
        .expect_success();
        let before = payload(&rig);
        let first = rig.helper_with(
            git,
            &["get"],
            &format!("capability[]=authtype\ncapability[]=state\n{REQUEST}\n"),
        );
        let state = first
            .stdout
            .lines()
            .find(|line| line.starts_with("state[]="));
        let state = state.unwrap_or_default();
        row.begin(&mut rig);

        let lines = format!("capability[]=state\nusername=alice\n{CHALLENGE}{state}\n");
        let again = row.helper(&rig, git, "get", &lines);
        assert!(again.stdout.contains(&format!("password={token}\n")));
        assert!(!again.stdout.contains("continue"));
        assert_eq!(again.stderr, "");
        assert_eq!(payload(&rig), before);

        let lines = format!("username=alice\npassword={token}\n{CHALLENGE}");
        let told = row.helper(&rig, git, "erase", &lines).stderr;
        // Too many requests say nothing about the token, however often that happens.
        let until = match row.name {
            "status 429" => "",
            _ => " until that happens again",
        };
        let kept_once =
            format!("bitbucket: bitbucket.org refused alice (API token); it is kept{until}. ");
        assert_eq!(told, format!("{kept_once}{}", row.verdict()));
        assert_eq!(kept(&rig), token);
        let after = row.helper(&rig, git, "get", "");
        assert!(after.stdout.contains(&token));
    });
    held("a fault while verifying loses no entry", rows.len());
}
