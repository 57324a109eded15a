//! A stated date of expiry: told to Git while it lies ahead, and past it the server is
//! asked before the token is handed out. The server decides, not the date.
#![cfg(target_os = "linux")]

mod rig;

use rig::{Fault, Rig, Surface};

const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";
const GET: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";

/// Alice's token, kept with this date; `None` where no keychain can be had.
fn scene(expires: u64) -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    if !rig.start_keyring() {
        return None;
    }
    let details = format!(
        r#"{{"version":1,"id":"1","kind":"api-token","username":"alice","added":1,"expires":{expires}}}"#
    );
    let attributes = [("service", SERVICE), ("account", "alice")];
    rig.keyring()
        .store("Bitbucket", &format!("{token}\n{details}"), &attributes);
    Some((rig, token))
}

fn kept(rig: &Rig) -> Vec<String> {
    let items = rig.keyring().search(&[("service", SERVICE)]);
    items.into_iter().map(|item| item.secret).collect()
}

#[test]
fn a_date_ahead_is_told_without_asking_anybody() {
    let Some((rig, token)) = scene(32_503_680_000) else {
        return;
    };
    let answer = rig.helper("get", GET).expect_success();
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
        let answer = rig.helper("get", GET).expect_success();
        assert_eq!(answer.stdout, format!("username=alice\npassword={token}\n"));
        assert_eq!(rig.requests().len(), requests);
        assert!(!kept(&rig)[0].contains("expires"), "the date is dropped");
        rig.forget_requests();
    }
}

#[test]
fn past_its_date_and_refused_it_is_removed() {
    let Some((rig, token)) = scene(2) else { return };
    rig.bitbucket.revoke(&token);
    let answer = rig.helper("get", GET).expect_success();
    assert_eq!(answer.stdout, "quit=1\n");
    assert!(
        answer
            .stderr
            .contains("no longer accepts alice (API token)"),
        "{}",
        answer.stderr
    );
    assert_eq!(kept(&rig), [""; 0]);
}

#[test]
fn past_its_date_with_bitbucket_down_it_is_served_and_kept() {
    let Some((rig, token)) = scene(2) else { return };
    rig.bitbucket.fail(Surface::Git, Fault::down(), 1);
    let answer = rig.helper("get", GET).expect_success();
    assert_eq!(answer.stdout, format!("username=alice\npassword={token}\n"));
    assert!(kept(&rig)[0].contains("\"expires\":2"));
}
