//! What a Data Center answers that is no word about the credential, each class by the whole
//! program: typed, it is told why it was not verified; kept, it stays whatever Git is refused.

use super::{BASE, is_kept, log_in, run};
use crate::rig::data_center::DataCenter;
use crate::rig::data_center::world::UserHeader;
use crate::rig::{Fault, Rig, Sender, Surface};
use git_credential_bitbucket::bitbucket::outcomes::{self, Fate};

const MIRROR: &str = "https://mirror.acme.example";

/// A class of answers.
struct Class {
    /// As in the outcome tables.
    cause: &'static str,
    /// The address that is configured.
    configured: &'static str,
    bring_about: fn(&DataCenter),
}

const CLASSES: [Class; 4] = [
    Class {
        cause: "a mirror in place of the primary server",
        configured: MIRROR,
        bring_about: |_| {},
    },
    // As a web server answers in whose folder no Bitbucket is.
    Class {
        cause: "an address without its folder",
        configured: BASE,
        bring_about: |server| {
            let nothing = Fault::status(404, "Not Found");
            server.fail(Surface::Rest, nothing, usize::MAX);
        },
    },
    Class {
        cause: "403 of a server or its gateway",
        configured: BASE,
        bring_about: |server| {
            // Whoever forbids it is not Bitbucket, and says nothing of a user.
            server.world().switches.user_header = UserHeader::TakenOff;
            let forbidden = Fault::status(403, "");
            server.fail(Surface::Rest, forbidden.clone(), usize::MAX);
            server.fail_for(Sender::Login, Surface::Git, forbidden, usize::MAX);
        },
    },
    Class {
        cause: "Bearer refused for Git",
        configured: BASE,
        bring_about: |server| {
            let refused = Fault::status(401, "");
            server.fail_for(Sender::Login, Surface::Git, refused, usize::MAX);
        },
    },
];

/// The words of a row after what is filled in.
fn words(cause: &str) -> &'static str {
    let row = outcomes::rows_of_data_center().find(|row| row.causes.contains(&cause));
    let row = row.expect("a row");
    assert_eq!(row.fate, Fate::LeftAlone, "{cause}");
    let words = row.message.split(['{', '}']).next_back();
    words.unwrap_or_default().trim_start_matches([':', ' '])
}

/// What Git says of a login that was refused.
fn refused(url: &str, secret: &str) -> String {
    let (host, path) = url["https://".len()..].split_once('/').expect("a path");
    format!(
        "protocol=https\nhost={host}\npath={path}\nusername=jdoe\npassword={secret}\n\
         wwwauth[]=Basic realm=\"Atlassian Bitbucket\"\n\n"
    )
}

/// Told in command after command, it removes nothing, and costs few failed logins.
#[track_caller]
fn stays(rig: &Rig, cause: &str, line: &[&str], base: &str, refused: &str) {
    for _ in 0..3 {
        let erase = [line, &["erase"]].concat();
        let told = run(rig, &erase, refused).stderr;
        let is_told = ["it is kept", "still accepts it", "it was kept"];
        assert!(
            is_told.iter().any(|text| told.contains(text)),
            "{cause}: {told}"
        );
        assert!(is_kept(rig, base), "{cause}");
    }
}

#[test]
fn each_class_is_told_and_removes_no_token() {
    for class in CLASSES {
        let (rig, server, token) = Rig::with_data_center(BASE);
        let _mirror = rig.start_mirror(&server, MIRROR);
        let base = class.configured;
        let configure = [
            "configure",
            "--offline",
            "--store=file",
            "--data-center",
            base,
        ];
        run(&rig, &configure, "").expect_success();
        let url = format!("{base}/scm/acme/widgets.git");
        let line = format!("--data-center={base}");
        let line = [&*line, "--store=file"];
        // As Git has seen it to work, somewhere.
        let store = [&line[..], &["store"]].concat();
        run(&rig, &store, &refused(&url, &token)).expect_success();
        assert!(is_kept(&rig, base), "{}", class.cause);
        (class.bring_about)(&server);

        let typed = log_in(&rig, &url, &token);
        let words = words(class.cause);
        assert!(typed.stderr.contains(words), "{}: {typed:?}", class.cause);
        assert!(is_kept(&rig, base), "{}", class.cause);
        stays(&rig, class.cause, &line, base, &refused(&url, &token));
        assert!(server.failed_logins(&token) <= 2, "{}", class.cause);
    }
}

/// A password is sent by Basic only; where that is off, it is no failed login.
#[test]
fn basic_switched_off_removes_no_password() {
    let (rig, server, _) = Rig::with_data_center(BASE);
    let configure = [
        "configure",
        "--store=file",
        "--allow-password",
        "--data-center",
        BASE,
    ];
    run(&rig, &configure, "").expect_success();
    let url = server.remote("acme/widgets");
    let password = "correct horse";
    let login = ["login", "--with-token", "--username=jdoe", &url];
    run(&rig, &login, password).expect_success();
    server.world().switches.basic = false;

    let typed = run(&rig, &login, password);
    let cause = "Basic authentication switched off";
    let words = words(cause);
    assert!(typed.stderr.contains(words), "{words}: {typed:?}");
    assert!(is_kept(&rig, BASE));
    let line = format!("--data-center={BASE}");
    let line = [&*line, "--store=file", "--allow-password"];
    stays(&rig, cause, &line, BASE, &refused(&url, password));
    assert_eq!(server.failed_logins_in_all(), 0);
}
