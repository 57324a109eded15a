//! `configure`, and what Git then does: Git's own port to Windows, built from source. Its
//! shell is a small stand-in (`sh.c`).

use crate::credentials::names;
use crate::home::Home;
use std::fs;

const MESSAGE: &str = "protocol=https\nhost=bitbucket.org\n\n";

fn login(home: &Home, token: &str) {
    let arguments = ["login", "--with-token", "--email", "alice@example.com"];
    home.helper(&arguments, token).expect_success();
}

/// Git is configured, is answered, reports what it thinks, and is as before in the end.
fn round_trip(home: &Home, token: &str, helper: &str) {
    let before = "[user]\r\n\tname = J\u{fc}rgen\r\n";
    fs::write(home.gitconfig(), before).unwrap();
    home.helper(&["configure"], "").expect_success();
    let listed = home
        .git(
            &[
                "config",
                "--get-all",
                "credential.https://bitbucket.org.helper",
            ],
            "",
        )
        .expect_success();
    assert_eq!(listed.stdout, format!("\n{helper}\n"));
    let again = home.helper(&["configure"], "").expect_success();
    assert!(again.stdout.starts_with("Nothing to do"), "{again:?}");

    login(home, token);
    home.server.log.clear();
    let filled = home.git(&["credential", "fill"], MESSAGE).expect_success();
    let password = format!("password={token}\n");
    assert!(filled.stdout.contains(&password), "{filled:?}");
    assert!(home.server.log.connects().is_empty());
    home.git(&["credential", "approve"], &filled.stdout)
        .expect_success();
    assert_eq!(names().len(), 1);
    home.server.bitbucket.revoke(token);
    home.git(&["credential", "reject"], &filled.stdout)
        .expect_success();
    assert!(names().is_empty());

    home.helper(&["unconfigure"], "").expect_success();
    assert_eq!(fs::read_to_string(home.gitconfig()).unwrap(), before);
}

#[test]
fn a_program_on_path_is_named() {
    let (home, token) = Home::new();
    round_trip(&home, &token, "bitbucket");
}

#[test]
fn another_one_by_its_path_with_blanks_and_umlauts() {
    let (mut home, token) = Home::new();
    home.hide_program();
    let path = home.program();
    let path = path.to_str().unwrap().replace('\\', "/");
    round_trip(&home, &token, &path.replace(' ', "\\ "));
}

#[test]
fn a_proxy_and_an_authority_of_git_s_configuration_are_used() {
    let (mut home, token) = Home::new();
    home.unset("HTTPS_PROXY");
    home.unset("GIT_SSL_CAINFO");
    let authority = home.path().join("authority.pem");
    let proxy = home.server.proxy.url();
    for (key, value) in [
        ("http.proxy", &*proxy),
        ("http.sslCAInfo", authority.to_str().unwrap()),
    ] {
        home.git(&["config", "--global", key, value], "")
            .expect_success();
    }
    login(&home, &token);
    assert_eq!(home.server.log.connects(), ["api.bitbucket.org:443"]);
}
