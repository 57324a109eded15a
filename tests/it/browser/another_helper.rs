//! As a store for others: what another helper brings, and how to renew it, is kept and given
//! back as it came.

use super::value;
use crate::rig::scene::REQUEST;
use crate::rig::{Rig, gits};

const TOKEN: &str = "opaque-token-of-another-helper-that-renews-it-by-itself=";

fn store(rig: &Rig, token: &str, end: u64, refresh: &str) {
    let message = format!(
        "{REQUEST}username=x-token-auth\npassword={token}\npassword_expiry_utc={end}\n\
         oauth_refresh_token={refresh}\n\n"
    );
    rig.helper("store", &message).expect_success();
}

#[test]
fn what_another_helper_renews_comes_back_as_it_came() {
    let git = &gits()[0];
    let (rig, _) = Rig::with_alice();
    rig.helper_with(git, &["configure", "--store=file"], "")
        .expect_success();
    let end = 4_000_000_000;
    store(&rig, TOKEN, end, "refresh-1");
    let get = || rig.helper("get", REQUEST).expect_success().stdout;
    let check = |token: &str, end: u64, refresh: &str| {
        let answer = get();
        assert_eq!(value(&answer, "username"), Some("x-token-auth"), "{answer}");
        assert_eq!(value(&answer, "password"), Some(token), "{answer}");
        let end = end.to_string();
        assert_eq!(value(&answer, "password_expiry_utc"), Some(&*end));
        assert_eq!(value(&answer, "oauth_refresh_token"), Some(refresh));
    };
    check(TOKEN, end, "refresh-1");
    // The same with another end, then another in its place.
    store(&rig, TOKEN, end + 1, "refresh-2");
    check(TOKEN, end + 1, "refresh-2");
    store(&rig, "another-token", end, "refresh-3");
    check("another-token", end, "refresh-3");
    let status = rig.helper_with(git, &["status"], "").expect_success();
    assert_eq!(
        status.stdout.matches("browser sign-in").count(),
        1,
        "{status:?}"
    );
    assert_eq!(rig.requests().len(), 0);
}
