//! A sign-in with the browser, from the client's secret to the end of the grant: each of its
//! secrets goes its own ways, and is seen on no other.

use super::search::Canary;
use super::watch::{Watch, Way};
use super::{HELPER, REQUEST, prepare_push, scene, trace_of_ours};
use crate::browser::{CLIENT, SECRET, add_browser, file, token_requests};
use crate::rig::answer::Answer;
use crate::rig::{Fault, Finished, Rig, Surface, gits, held};
use serde_json::json;

/// A secret of a sign-in.
struct SignInSecret {
    name: &'static str,
    canary: Canary,
    /// The only ways on which it may be seen.
    ways: &'static [Way],
}

/// A home whose sign-ins last for so short a time that each `get` renews them.
fn scene_with_client() -> Option<Rig> {
    let (mut rig, _) = scene()?;
    {
        let oauth = &mut rig.bitbucket.world().oauth;
        oauth.add_client(CLIENT, SECRET);
        oauth.expires_in = Some(200);
        // Long enough to be searched for, and short enough to be searched for quickly.
        (oauth.code_length, oauth.token_length) = (64, 200);
    }
    add_browser(&mut rig);
    Some(rig)
}

/// What has been secret so far.
fn secrets(rig: &Rig) -> Vec<SignInSecret> {
    let of = |name, secret: &str, ways| SignInSecret {
        name,
        canary: Canary::new(secret),
        ways,
    };
    let world = rig.bitbucket.world();
    let mut all = vec![of("the client's secret", SECRET, &[Way::Keychain])];
    for exchange in &world.oauth.exchanges {
        all.push(of("the code", &exchange.code, &[Way::Callback]));
        all.push(of("the verifier", &exchange.verifier, &[]));
    }
    for credential in world.credentials.iter().skip(1) {
        let ways = &[Way::Keychain, Way::Pipe];
        all.push(of("an access token", &credential.secret, ways));
    }
    for grant in &world.oauth.grants {
        for refresh in grant.rotated.iter().chain([&grant.refresh]) {
            all.push(of("a refresh token", refresh, &[Way::Keychain]));
        }
    }
    all
}

/// Searches what a command said, what it and its children sent, and the home. How many secrets
/// were seen, each on its way.
fn check(rig: &Rig, watch: &Watch, name: &str, said: &[&str]) -> usize {
    let record = watch.take_record();
    assert!(record.contains("execve("), "{name}: nothing was recorded");
    let secrets = secrets(rig);
    let mut seen = 0;
    for SignInSecret {
        name: secret,
        canary,
        ways,
    } in &secrets
    {
        for text in said {
            canary.expect_absent(
                &format!("{name}: {secret} in what it said"),
                text.as_bytes(),
            );
        }
        let found = record
            .lines()
            .filter(|line| canary.form_in(line.as_bytes()).is_some());
        let (due, leaks): (Vec<_>, Vec<_>) =
            found.partition(|line| Way::of(line).is_some_and(|way| ways.contains(&way)));
        assert!(leaks.is_empty(), "{name} lets {secret} out: {leaks:#?}");
        seen += usize::from(!due.is_empty());
        let files = canary.files_with(rig.home.path());
        assert!(files.is_empty(), "{name}: {secret} in {files:?}");
    }
    held("no secret of a sign-in leaves a command", secrets.len());
    seen
}

/// Runs one of our commands.
fn run(rig: &Rig, watch: &Watch, arguments: &[&str], input: &str) -> Finished {
    let command = watch.command(&[&[HELPER], arguments].concat());
    let ended = rig.run(command, input.as_bytes());
    // What a `get` says on standard output goes to Git.
    let said = match arguments {
        ["get"] => vec![&*ended.stderr],
        _ => vec![&*ended.stdout, &*ended.stderr],
    };
    check(rig, watch, &format!("{arguments:?}"), &said);
    ended
}

/// From the first push to `logout`: what a person types, what the browser brings, what renews.
#[test]
fn a_sign_in_and_its_renewal_tell_nobody() {
    for git in gits() {
        let Some(rig) = scene_with_client() else {
            return;
        };
        prepare_push(&rig, &git);
        let watch = Watch::new(&rig, &git, SECRET);
        let configure = ["configure", "--oauth-client", CLIENT, "--with-secret"];
        run(&rig, &watch, &configure, SECRET).expect_success();

        let mut terminal = watch.open(&["git", "push", "origin", "topic"]);
        terminal.expect_prompt("Password for 'https://bitbucket.org': ");
        terminal.send_line("");
        terminal.expect("You are signed in to bitbucket.org as alice.");
        let ended = terminal.finish().expect_success();
        // The code, and both tokens.
        let seen = check(&rig, &watch, "a push that signs in", &[&ended.transcript]);
        assert_eq!(seen, 3, "{git}");
        let opened = file(&rig, "opened");
        assert!(
            opened.contains("&state=") && opened.contains("&code_challenge="),
            "{opened}"
        );
        let record = watch.take_record();
        let started = |line: &str| {
            Some(
                line.split_once("execve(\"")?
                    .1
                    .split_once('"')?
                    .0
                    .to_owned(),
            )
        };
        let is_start = |line: &&str| started(line).is_some_and(|it| it.ends_with("/browser"));
        assert_eq!(record.lines().filter(is_start).count(), 1, "{git}");

        rig.forget_requests();
        let fetch = watch.command(&["git", "fetch", "origin"]);
        let ended = rig.run(fetch, b"").expect_success();
        assert_eq!(token_requests(&rig), 1, "{ended:?}");
        let said = [&*ended.stdout, &*ended.stderr];
        // The new tokens, of which Git gets the one.
        assert_eq!(
            check(&rig, &watch, "a fetch that renews", &said),
            2,
            "{git}"
        );
        let traced = trace_of_ours(&rig);
        assert_eq!(traced.matches(" tokens: granted").count(), 2, "{traced}");

        for arguments in [
            &["status"][..],
            &["status", "--json"],
            &["doctor", "--offline"],
        ] {
            run(&rig, &watch, arguments, "");
        }
        repeat_everything(&rig, &watch);
        run(&rig, &watch, &["logout", "--all"], "").expect_success();
        assert!(rig.bitbucket.world().oauth.grants[0].is_revoked);
    }
}

/// A server that repeats all that it was sent and knows, where it refuses and where it fails.
fn repeat_everything(rig: &Rig, watch: &Watch) {
    let said = {
        let world = rig.bitbucket.world();
        let grant = world.oauth.grant();
        format!("{SECRET} {} {}", grant.refresh, grant.access)
    };
    let refusal = json!({ "error": "invalid_grant", "error_description": &said });
    for (answer, told) in [
        (Answer::text(502, &said), " tokens: unknown"),
        (
            Answer::json(200, &json!({ "access_token": [&said] })),
            " tokens: unknown",
        ),
        (Answer::json(400, &refusal), " tokens: refused, the grant"),
    ] {
        let before = trace_of_ours(rig).matches(told).count();
        rig.bitbucket.fail(Surface::OAuth, Fault::Answer(answer), 1);
        run(rig, watch, &["get"], REQUEST).expect_success();
        let traced = trace_of_ours(rig);
        assert!(traced.matches(told).count() > before, "{traced}");
    }
}
