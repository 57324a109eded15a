//! Many processes that need the same credential at once: one question to the person, one
//! to the server, and everybody has the answer.
#![cfg(target_os = "linux")]

use crate::rig::scene::{CAPABLE_REQUEST, CHALLENGE, URL};
use crate::rig::terminal::{Ended, SECRET_QUESTION, Terminal};
use crate::rig::{
    self, Credential, Fault, Finished, GIT_SCOPES, Git, Kind, Rig, Sender, Surface, gits, held,
    tokens, wait_until,
};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

const WAITING: &str = "bitbucket: another Git command is asking for the same credential";
const MANY: usize = 8;

struct Scene {
    rig: Rig,
    git: Git,
    token: String,
}

impl Scene {
    /// `None` where no keychain can be had.
    fn new(git: &Git) -> Option<Self> {
        let (rig, token) = Rig::with_alice_and_keychain()?;
        rig.helper_with(git, &["configure"], "").expect_success();
        let git = git.clone();
        Some(Self { rig, git, token })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.rig.home.work().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("a file in the home");
    }

    /// What a process has written to a file so far.
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// A terminal on which a shell runs this.
    fn shell(&self, script: &str) -> Terminal {
        let mut command = self.rig.home.command(&self.git, "sh");
        command.args(["-c", script]);
        Terminal::open(&command)
    }

    /// `command` so many times at once on one terminal; the errors of each go to `told.N`,
    /// its code to `code.N`.
    fn at_once(&self, command: &str) -> Terminal {
        let numbers: Vec<_> = (0..MANY).map(|number| number.to_string()).collect();
        let numbers = numbers.join(" ");
        self.shell(&format!(
            "for n in {numbers}; do ({command} >said.$n 2>told.$n; echo $? >code.$n) & done; wait"
        ))
    }

    fn codes(&self) -> Vec<String> {
        let code = |number| self.read(&format!("code.{number}")).trim().to_owned();
        (0..MANY).map(code).collect()
    }

    /// Waits until all but one of them wait.
    fn until_the_others_wait(&self) {
        wait_until("the others wait", || {
            let waits = |number: &usize| self.read(&format!("told.{number}")).contains(WAITING);
            (0..MANY).filter(waits).count() == MANY - 1
        });
    }

    fn run(&self, arguments: &[&str], input: &str) -> Finished {
        self.rig
            .helper_with(&self.git, arguments, input)
            .expect_success()
    }

    /// Writes into `request` what Git says after a 401 to what it was served just now,
    /// and issues a newer token, which is returned.
    fn prepare_refusal(&self, operation: &str) -> String {
        let served = self.run(&["get"], &format!("{CAPABLE_REQUEST}\n")).stdout;
        let state = served.lines().find(|line| line.starts_with("state[]="));
        let state = state.expect("a mark");
        let secret = match operation {
            "erase" => format!("password={}\n", self.token),
            _ => String::new(),
        };
        let request = format!("{CAPABLE_REQUEST}username=alice\n{secret}{CHALLENGE}{state}\n\n");
        self.write("request", &request);
        let newer = tokens::api_token(2);
        let credential = Credential::new(Kind::ApiToken, &newer, "alice", &GIT_SCOPES);
        self.rig.bitbucket.issue(credential);
        newer
    }

    fn log_in(&self) {
        self.run(
            &["login", "--with-token", "--username=alice", URL],
            &self.token,
        );
        self.rig.forget_requests();
    }
}

fn prompts(ended: &Ended) -> usize {
    ended.transcript.matches(SECRET_QUESTION).count()
}

/// Another process asks, keeps the answer and ends, all between our look into the keychain
/// and our turn: nobody was waited for, and still there is nothing left to ask.
#[test]
fn who_comes_just_too_late_asks_nobody() {
    if !rig::programs::present("strace", &["strace"]) {
        return;
    }
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.write("request", &format!("{CAPABLE_REQUEST}\n"));
        // Stops at the lock, which it does not take.
        let late = scene.shell(
            "strace -D -o trace -e trace=flock -e inject=flock:error=EINTR:signal=STOP:when=1 \
             git-credential-bitbucket get <request >answer & echo $! >late; wait",
        );
        wait_until("it is stopped", || {
            scene.read("trace").contains("stopped by SIGSTOP")
        });
        let mut first = scene.shell("git-credential-bitbucket get <request >first");
        first.expect_prompt(SECRET_QUESTION);
        first.send_line(&scene.token);
        first.finish().expect_success();
        scene.shell("kill -CONT $(cat late)").finish();
        let ended = late.finish().expect_success();
        assert_eq!(prompts(&ended), 0, "{ended:#?}");
        let password = format!("password={}\n", scene.token);
        assert!(scene.read("answer").contains(&password));
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
    }
}

#[test]
fn many_fetches_ask_once_and_all_succeed() {
    let mut tried = 0;
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        let mut terminal = scene.at_once(&format!("git ls-remote {URL}"));
        terminal.expect_prompt(SECRET_QUESTION);
        scene.until_the_others_wait();
        terminal.send_line(&scene.token);
        let ended = terminal.finish().expect_success();
        assert_eq!(scene.codes(), ["0"; MANY], "{ended:#?}");
        assert_eq!(prompts(&ended), 1, "{ended:#?}");
        assert_eq!(scene.rig.requests_not_from_git().len(), 1);
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
        tried += MANY;
    }
    held("parallel fetches share one question", tried);
}

#[test]
fn who_cancels_cancels_for_all_who_wait() {
    let mut tried = 0;
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        let command = format!("git ls-remote {URL}");
        let mut terminal = scene.at_once(&command);
        terminal.expect_prompt(SECRET_QUESTION);
        scene.until_the_others_wait();
        terminal.send("\x03");
        let ended = terminal.finish();
        assert!(ended.sane, "{ended:#?}");
        assert_eq!(prompts(&ended), 1, "{ended:#?}");
        assert_eq!(scene.codes(), ["128"; MANY], "{ended:#?}");
        // The next one asks anew.
        let mut terminal = scene.shell(&command);
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&scene.token);
        terminal.finish().expect_success();
        tried += MANY;
    }
    held("a cancel ends all who wait", tried);
}

#[test]
fn if_the_one_that_asks_is_killed_the_next_one_asks() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.write("request", &format!("{CAPABLE_REQUEST}\n"));
        let mut terminal = scene.shell(
            "sh -c 'echo $$ >first; exec git-credential-bitbucket get <request' &
             until test -e go; do sleep 0.01; done
             exec git-credential-bitbucket get <request >said 2>told",
        );
        terminal.expect_prompt(SECRET_QUESTION);
        scene.write("go", "");
        wait_until("it waits", || scene.read("told").starts_with(WAITING));
        let first = scene.read("first").trim().parse().expect("a number");
        let first = rustix::process::Pid::from_raw(first).expect("a process");
        rustix::process::kill_process(first, rustix::process::Signal::KILL).expect("it runs");
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send_line(&scene.token);
        terminal.finish();
        assert!(scene.read("said").contains(&scene.token));
    }
    held("a killed process holds nobody up", gits().len());
}

/// Nobody may see the question: whose it is stands where others wait for it, at once and when they
/// give up.
#[test]
fn who_waits_learns_whose_question_it_is() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    scene.write("request", &format!("{CAPABLE_REQUEST}\n"));
    let mut terminal = scene.shell(
        "echo 'git-credential-bitbucket get <request & echo $! >asks; wait' >unseen; sh unseen",
    );
    terminal.expect_prompt(SECRET_QUESTION);
    let asks = scene.read("asks");
    let whose = format!("(process {}, started by sh on pts/", asks.trim());
    let mut command = scene
        .rig
        .without_terminal(&scene.git, "git-credential-bitbucket");
    command.arg("get");
    // After 15 s.
    let ended = scene.rig.run(command, scene.read("request").as_bytes());
    let told: Vec<&str> = ended.stderr.lines().collect();
    let [waiting, gave_up] = told[..] else {
        panic!("{told:#?}");
    };
    assert!(
        waiting.starts_with(&format!("{WAITING} {whose}")),
        "{waiting}"
    );
    assert!(waiting.ends_with("; waiting"), "{waiting}");
    assert!(
        gave_up.contains(&format!("another Git command {whose}")),
        "{gave_up}"
    );
    let place = "https://bitbucket.org/acme/widgets";
    let next = format!("; answer it there, or run: git credential-bitbucket login {place}");
    assert!(gave_up.ends_with(&next), "{gave_up}");
    terminal.send_line(&scene.token);
    terminal.finish().expect_success();
}

/// An editor beside the terminal on which the person is asked.
#[test]
fn whoever_has_no_terminal_takes_the_answer_of_another() {
    for git in gits() {
        let Some(scene) = Scene::new(&git) else {
            return;
        };
        scene.write("request", &format!("{CAPABLE_REQUEST}\n"));
        let mut terminal = scene.shell("exec git-credential-bitbucket get <request");
        terminal.expect_prompt(SECRET_QUESTION);
        let mut command = scene.rig.without_terminal(&git, "sh");
        let get = "exec git-credential-bitbucket get <request >said 2>told";
        let mut other = command.args(["-c", get]).spawn().expect("a shell");
        wait_until("it waits", || scene.read("told").starts_with(WAITING));
        terminal.send_line(&scene.token);
        terminal.finish().expect_success();
        assert!(other.wait().expect("it ends").success());
        assert!(scene.read("said").contains(&scene.token));
        let told = scene.read("told");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

/// What Git asks for once more after a 401, in each of many processes.
#[test]
fn many_refusals_of_one_token_are_checked_once() {
    for (operation, good) in [
        ("get", true),
        ("get", false),
        ("erase", true),
        ("erase", false),
    ] {
        let Some(scene) = Scene::new(&gits()[0]) else {
            return;
        };
        scene.log_in();
        let newer = scene.prepare_refusal(operation);
        if !good {
            scene.rig.bitbucket.revoke(&scene.token);
        }
        let permit = Arc::new(Semaphore::new(0));
        let fault = Fault::Held(permit.clone());
        let server = &scene.rig.bitbucket;
        server.fail_for(Sender::Helper, Surface::Git, fault, 1);
        let command = format!("git-credential-bitbucket {operation} <request");
        let mut terminal = scene.at_once(&command);
        scene.until_the_others_wait();
        permit.add_permits(1);
        let asks = operation == "get" && !good;
        if asks {
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&newer);
        }
        let ended = terminal.finish().expect_success();
        assert_eq!(prompts(&ended), usize::from(asks), "{ended:#?}");
        let questions = scene.rig.requests_not_from_git();
        let about = |secret: &str| {
            let sent = |request: &&rig::log::Request| {
                let sent = request.authorization.as_ref();
                sent.is_some_and(|sent| sent.secret == secret)
            };
            questions.iter().filter(sent).count()
        };
        assert_eq!(about(&scene.token), 1, "{operation} {good}");
        // Whether it is good, and whether it is alice's.
        let newer_ones = if asks { 2 } else { 0 };
        assert_eq!(about(&newer), newer_ones, "{questions:#?}");
        let right = if asks { &newer } else { &scene.token };
        let left: &[&str] = if operation == "erase" && !good {
            &[]
        } else {
            &[right]
        };
        assert_eq!(scene.rig.secrets(), left, "{operation} {good}");
        for number in (0..MANY).filter(|_| operation == "get") {
            assert!(scene.read(&format!("said.{number}")).contains(right));
        }
    }
    held("parallel refusals are checked once", 4 * MANY);
}

/// Processes that were served before the first refusal: theirs are the same one, and no
/// second in a row, even if the server cannot be asked.
#[test]
fn refusals_of_what_was_handed_out_before_count_as_one() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    scene.log_in();
    scene.prepare_refusal("erase");
    let server = &scene.rig.bitbucket;
    server.fail_for(Sender::Helper, Surface::Git, Fault::down(), usize::MAX);
    for _ in 0..MANY {
        let ended = scene.run(&["erase"], &scene.read("request"));
        assert!(ended.stderr.contains("it is kept until that happens again"));
    }
    assert_eq!(scene.rig.secrets(), [&*scene.token]);
    // What is handed out from now on counts.
    scene.prepare_refusal("erase");
    let ended = scene.run(&["erase"], &scene.read("request"));
    assert!(ended.stderr.contains("twice in a row"), "{ended:#?}");
    assert_eq!(scene.rig.secrets(), [""; 0]);
}

/// The lock of somebody else, or a link in its place, neither stops nor leads us.
#[test]
fn without_a_lock_everybody_asks() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let command = format!("git ls-remote {URL}");
    let mut terminal = scene.shell(&command);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send("\x03");
    assert_ne!(terminal.finish().code, 0);
    let folder = scene
        .rig
        .home
        .path()
        .join(".cache/git-credential-bitbucket");
    let locks: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(locks.len(), 1, "{locks:?}");
    scene.write("precious", "precious");
    fs::remove_file(&locks[0]).expect("a file of ours");
    std::os::unix::fs::symlink(scene.file("precious"), &locks[0]).expect("a link");
    let before = fs::metadata(scene.file("precious")).expect("a file");
    let mut terminal = scene.shell(&command);
    terminal.expect_prompt(SECRET_QUESTION);
    terminal.send_line(&scene.token);
    terminal.finish().expect_success();
    let after = fs::metadata(scene.file("precious")).expect("a file");
    assert_eq!(after.modified().ok(), before.modified().ok());
    assert_eq!(scene.read("precious"), "precious");
}
