//! A stated date of expiry: told to Git while it lies ahead, and past it the server is
//! asked before the token is handed out. The server decides, not the date.
#![cfg(target_os = "linux")]

use crate::rig::scene::{REQUEST, URL};
use crate::rig::{Fault, Rig, Surface, gits};

/// Alice's token, kept with this date; `None` where no keychain can be had.
fn scene(expires: u64) -> Option<(Rig, String)> {
    let (rig, token) = Rig::with_alice_and_keychain()?;
    let details = format!(
        r#"{{"version":1,"id":"1","kind":"api-token","username":"alice","added":1,"expires":{expires}}}"#
    );
    rig.put(&format!("{token}\n{details}"), "alice");
    Some((rig, token))
}

fn now() -> u64 {
    std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// From 14 days before, once a day, and only where a person reads it.
#[test]
fn a_coming_expiry_is_mentioned_once_a_day_on_a_terminal() {
    const WARNING: &str = "alice (API token) expires in 5 days, on ";
    for git in gits() {
        let Some((rig, _)) = scene(now() + 5 * 86_400 + 3_600) else {
            return;
        };
        rig.home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n");
        let unattended = rig.git(&git, &["ls-remote", URL]).expect_success();
        assert!(
            !unattended.stderr.contains("expires"),
            "{}",
            unattended.stderr
        );
        let on_terminal = || {
            rig.terminal(&git, &["ls-remote", URL])
                .finish()
                .expect_success()
                .transcript
        };
        for expected in [1, 0] {
            let transcript = on_terminal();
            assert_eq!(
                transcript.matches(WARNING).count(),
                expected,
                "{transcript}"
            );
        }
        turn_back_a_day(&rig);
        assert_eq!(on_terminal().matches(WARNING).count(), 1);
    }
}

/// Lets what is noted seem a day older.
fn turn_back_a_day(rig: &Rig) {
    let path = rig
        .home
        .path()
        .join(".cache/git-credential-bitbucket/notes.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut notes: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    for time in notes["warned"]
        .as_object_mut()
        .into_iter()
        .flat_map(|warned| warned.values_mut())
    {
        *time = (time.as_u64().unwrap_or_default() - 86_400).into();
    }
    std::fs::write(&path, notes.to_string())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

#[test]
fn far_from_its_date_nothing_is_said() {
    for git in gits() {
        let Some((rig, _)) = scene(now() + 15 * 86_400) else {
            return;
        };
        rig.home
            .add_gitconfig("[credential]\n\thelper = bitbucket\n");
        let ended = rig
            .terminal(
                &git,
                &["ls-remote", "https://bitbucket.org/acme/widgets.git"],
            )
            .finish()
            .expect_success();
        assert!(
            !ended.transcript.contains("expires"),
            "{}",
            ended.transcript
        );
    }
}

#[test]
fn a_date_ahead_is_told_without_asking_anybody() {
    let Some((rig, token)) = scene(32_503_680_000) else {
        return;
    };
    let answer = rig.helper("get", REQUEST).expect_success();
    assert_eq!(
        answer.stdout,
        format!("username=alice\npassword={token}\npassword_expiry_utc=32503680000\n")
    );
    assert_eq!(rig.requests().len(), 0);
}

#[test]
fn past_its_date_but_still_valid_it_is_served_and_the_date_dropped() {
    let Some((rig, token)) = scene(2) else { return };
    for requests in [1, 0] {
        let answer = rig.helper("get", REQUEST).expect_success();
        assert_eq!(answer.stdout, format!("username=alice\npassword={token}\n"));
        assert_eq!(rig.requests().len(), requests);
        assert!(
            !rig.payloads()[0].contains("expires"),
            "the date is dropped"
        );
        assert_eq!(
            answer.stderr.contains("that date is forgotten"),
            requests == 1
        );
        rig.forget_requests();
    }
}

#[test]
fn past_its_date_and_refused_it_is_removed() {
    let Some((rig, token)) = scene(2) else { return };
    rig.bitbucket.revoke(&token);
    let answer = rig.helper("get", REQUEST).expect_success();
    assert_eq!(answer.stdout, "quit=1\n");
    assert!(
        answer
            .stderr
            .contains("no longer accepts alice (API token)"),
        "{}",
        answer.stderr
    );
    assert_eq!(rig.payloads(), [""; 0]);
    assert_eq!(rig.requests().len(), 2, "once more before it is removed");
}

/// Bitbucket's mistake, met before Git was refused anything.
#[test]
fn past_its_date_one_stray_refusal_costs_nothing() {
    let Some((rig, token)) = scene(2) else { return };
    rig.bitbucket
        .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
    let answer = rig.helper("get", REQUEST).expect_success();
    assert_eq!(answer.stdout, format!("username=alice\npassword={token}\n"));
    assert_eq!(rig.payloads().len(), 1);
}

#[test]
fn past_its_date_with_bitbucket_down_it_is_served_and_kept() {
    let Some((rig, token)) = scene(2) else { return };
    rig.bitbucket.fail(Surface::Git, Fault::down(), 1);
    let answer = rig.helper("get", REQUEST).expect_success();
    assert_eq!(answer.stdout, format!("username=alice\npassword={token}\n"));
    assert!(rig.payloads()[0].contains("\"expires\":2"));
}
