//! Killed at any moment of a renewal: the next question is answered, or says that one has to
//! sign in again, and a refresh token that the server still takes is kept.

use super::{access, expire, scene, sign_in, value};
use crate::rig::random::Random;
use crate::rig::scene::REQUEST;
use crate::rig::{Finished, Git, Rig, gits, held};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How many renewals are killed.
fn kills() -> u32 {
    let all = std::env::var("GCB_TESTS_KILLS").map_or(40, |all| all.parse().expect("a number"));
    all / 3
}

/// A `get` that is to be killed, in a process that is the one to kill.
fn start(rig: &Rig, git: &Git) -> Child {
    let mut command = rig.home.command(git, "git-credential-bitbucket");
    command.arg("get").stdin(Stdio::piped());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("our program");
    let mut input = child.stdin.take().expect("a pipe");
    // It fits the pipe's buffer.
    input.write_all(REQUEST.as_bytes()).expect("a pipe");
    child
}

/// Every refresh token of the only grant, the newest last.
fn refresh_tokens(rig: &Rig) -> Vec<String> {
    let grant = rig.bitbucket.world().oauth.grant().clone();
    [grant.rotated, vec![grant.refresh]].concat()
}

/// The refresh token that is kept, which is one of those that the server knows.
fn kept(rig: &Rig) -> Option<String> {
    let path = ".local/share/git-credential-bitbucket/credentials";
    let text = std::fs::read_to_string(rig.home.path().join(path)).expect("what is kept");
    let hexadecimal = |token: &str| {
        token.bytes().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    let all = refresh_tokens(rig);
    let kept: Vec<&String> = all
        .iter()
        .filter(|it| text.contains(&hexadecimal(it)))
        .collect();
    assert!(kept.len() < 2, "{} are kept", kept.len());
    kept.first().map(|it| (*it).clone())
}

/// The next question. What it is answered with came with what renews it, which is kept by then.
fn get(rig: &Rig) -> Finished {
    let answer = rig.helper("get", REQUEST).expect_success();
    if let Some(password) = value(&answer.stdout, "password") {
        assert_eq!(password, access(rig));
        assert_eq!(kept(rig).as_ref(), refresh_tokens(rig).last());
    }
    answer
}

/// Kills renewals at random moments of their life and a little beyond; after each, `check`.
fn kill(rig: &Rig, git: &Git, check: impl Fn()) {
    let mut life = Duration::ZERO;
    for _ in 0..3 {
        expire(rig);
        let begin = Instant::now();
        start(rig, git).wait().expect("it ends");
        life = life.max(begin.elapsed());
    }
    let seed = u64::from(std::process::id());
    say(&format!("seed {seed}"));
    let mut random = Random::new(seed);
    let (mut renewed, mut written) = (0, 0);
    for _ in 0..kills() {
        expire(rig);
        let before = refresh_tokens(rig).len();
        let mut victim = start(rig, git);
        let micros = usize::try_from(life.as_micros()).expect("a short life");
        let moment = u64::try_from(random.below(micros)).expect("a short life");
        // Not a wait for anything: the moment of the kill.
        std::thread::sleep(Duration::from_micros(moment));
        victim.kill().expect("a child of ours");
        victim.wait().expect("it ends");
        let known = refresh_tokens(rig);
        renewed += u32::from(known.len() > before);
        written += u32::from(known.len() > before && kept(rig).as_ref() == known.last());
        check();
    }
    say(&format!(
        "of {} kills {renewed} came after the server's answer, {written} after it was written",
        kills()
    ));
}

/// Where the kills fell: worth knowing, not worth failing for.
#[allow(clippy::print_stdout, reason = "the test harness hides or shows it")]
fn say(text: &str) {
    println!("{text}");
}

/// The server takes the former refresh token for a while: nobody ever signs in again.
#[test]
fn within_the_grace_nobody_signs_in_again() {
    let git = &gits()[0];
    let rig = scene(git);
    sign_in(&rig, git);
    kill(&rig, git, || {
        let refresh = kept(&rig).expect("a refresh token");
        assert!(rig.bitbucket.world().oauth.takes(&refresh));
        let answer = get(&rig);
        assert!(value(&answer.stdout, "password").is_some(), "{answer:?}");
    });
    assert_eq!(super::file(&rig, "opened").lines().count(), 1);
    held("killed during a renewal", kills());
}

/// The server takes nothing but the newest one. What it gave to whoever was killed is lost,
/// which is said; what it still takes is not.
#[test]
fn without_a_grace_it_works_or_is_said() {
    let git = &gits()[0];
    let rig = scene(git);
    rig.bitbucket.world().oauth.grace = false;
    // Of a client that is locked out for a while `renewing` tells.
    rig.bitbucket.world().oauth.lock_out = 0;
    sign_in(&rig, git);
    kill(&rig, git, || {
        let answer = get(&rig);
        if value(&answer.stdout, "password").is_some() {
            return;
        }
        let expected = "sign in again: git credential-bitbucket login --web";
        assert!(answer.stderr.contains(expected), "{answer:?}");
        let refresh = kept(&rig).expect("a refresh token");
        assert!(!rig.bitbucket.world().oauth.takes(&refresh), "{answer:?}");
        rig.bitbucket.world().oauth.grants.clear();
        sign_in(&rig, git);
    });
    held("killed during a renewal", kills());
}
