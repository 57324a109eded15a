//! The worst days: faults of the server and of the keychain, input that nobody should send,
//! no memory, an abort, a panic.

use super::search::Canary;
use super::watch::{Answer, Watch};
use super::{CHALLENGE, HELPER, NAME, REQUEST, URL, keep, kept, scene};
use crate::rig::{Certificate, Fault, Mood, Sender, Surface, gits, tokens};

/// What goes wrong at the server and on the way to it while the secret is in our hands.
#[test]
fn faults_of_the_server_tell_nobody() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene() else {
        return;
    };
    let echo = |status| Fault::status(status, &format!("you sent {token}, {token}"));
    for fault in [
        echo(200),
        echo(401),
        echo(403),
        echo(404),
        echo(500),
        Fault::Redirect(format!("https://evil.example/{token}")),
        Fault::Garbage,
        Fault::Close,
        Fault::HugeBody,
        Fault::Gzip,
    ] {
        let name = format!("{fault:.80?}");
        rig.bitbucket
            .fail_for(Sender::Helper, Surface::Git, fault, usize::MAX);
        commands_at_work(&Watch::new(&rig, git, &token), &name);
        rig.bitbucket.recover();
    }
    for certificate in [
        Certificate::Untrusted,
        Certificate::WrongName,
        Certificate::Expired,
    ] {
        rig.bitbucket.world().switches.certificate = certificate;
        commands_at_work(&Watch::new(&rig, git, &token), &format!("{certificate:?}"));
    }
    rig.bitbucket.world().switches.certificate = Certificate::Right;
    for mood in [Mood::Refusing(403), Mood::DemandingLogin("bob:x".into())] {
        rig.proxy.set_mood(mood.clone());
        commands_at_work(&Watch::new(&rig, git, &token), &format!("{mood:?}"));
    }
    rig.set_proxy_down(true);
    commands_at_work(&Watch::new(&rig, git, &token), "proxy down");
}

fn commands_at_work(watch: &Watch<'_>, fault: &str) {
    let refused = format!(
        "{REQUEST}{CHALLENGE}username={NAME}\npassword={}\n",
        watch.secret
    );
    for (arguments, input) in [
        (&["login", "--with-token", URL][..], watch.secret),
        (&["erase"], &refused),
        (&["store"], &refused),
        (&["status", "--check"], ""),
    ] {
        let ended = watch.run(Answer::Other, &[&[HELPER], arguments].concat(), input);
        assert!(ended.code.is_some(), "{fault}: {arguments:?}: {ended:#?}");
    }
}

/// Every way in which the keychain is not there.
#[test]
fn faults_of_the_keychain_tell_nobody() {
    let git = &gits()[0];
    for fault in ["locked", "no bus", "no such bus", "no bus at all"] {
        let Some((mut rig, token)) = scene() else {
            return;
        };
        keep(&rig, &token);
        match fault {
            "locked" => rig.keyring().lock(),
            "no bus" => rig.home.set("DBUS_SESSION_BUS_ADDRESS", ""),
            "no such bus" => rig
                .home
                .set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/dev/null/bus"),
            _ => rig.home.unset("DBUS_SESSION_BUS_ADDRESS"),
        }
        let watch = Watch::new(&rig, git, &token);
        commands_at_work(&watch, fault);
        watch.run(Answer::Other, &[HELPER, "get"], REQUEST);
    }
}

/// Messages that are not what Git sends, secrets in all places, and command lines that
/// have one.
#[test]
fn malformed_input_tells_nobody() {
    let git = &gits()[0];
    let Some((rig, token)) = scene() else { return };
    // So that what is stored by the way is erased by the way.
    rig.bitbucket.revoke(&token);
    let watch = Watch::new(&rig, git, &token);
    let long = "x".repeat(100_000);
    for message in [
        format!("{REQUEST}username=a\npassword={token}"),
        format!("{REQUEST}username=a\npassword={token}\0\n"),
        format!("{REQUEST}username=a\npassword={token}\r\n"),
        format!("{REQUEST}host=example.com\nusername=a\npassword={token}\n"),
        format!("{REQUEST}password={token}\n{token}\n"),
        format!("{REQUEST}{token}={token}\n"),
        format!("{REQUEST}username={token}\n"),
        format!("{REQUEST}username={token}\npassword={token}\n{CHALLENGE}"),
        format!("{REQUEST}username=a\npassword={token}{long}\n"),
        format!("protocol=https\nhost={token}\n"),
        format!("protocol=https\nhost=bitbucket.org\npath={token}\n"),
        format!("{REQUEST}wwwauth[]={token}\nstate[]={token}\nstate[]=bitbucket:1:{token}\n"),
        format!("protocol=http\nhost=bitbucket.org\nusername=a\npassword={token}\n"),
    ] {
        for operation in ["get", "store", "erase"] {
            watch.run(Answer::Other, &[HELPER, operation], &message);
            watch.run(Answer::Other, &[HELPER, operation], &format!("{message}\n"));
        }
    }
    let with_password = format!("https://alice:{token}@bitbucket.org/acme/widgets.git");
    let with_name = format!("https://{token}@bitbucket.org/acme/widgets.git");
    for arguments in [
        &["login", &*token][..],
        &["login", URL, &token],
        &["login", "--with-token", &token],
        &["login", &format!("--kind={token}"), URL],
        &["login", &with_password],
        &["login", &with_name],
        &["logout", &token],
        &["default", &token],
        &[&token],
    ] {
        let mut command = watch.command(&[HELPER]);
        command.args(arguments);
        let ended = rig.run(command, b"");
        assert!(!ended.success(), "{arguments:?}");
        watch.check_text(&format!("{arguments:?}: stderr"), &ended.stderr);
        watch.check_text(&format!("{arguments:?}: stdout"), &ended.stdout);
    }
}

/// A token in a URL, where a name belongs, does not hide what is kept, and is nobody's name.
#[test]
fn a_token_for_a_name_is_no_name() {
    let git = &gits()[0];
    let Some((rig, token)) = scene() else { return };
    keep(&rig, &token);
    let other = tokens::api_token(9);
    let watch = Watch::new(&rig, git, &other);
    let message = format!("{REQUEST}username={other}\n");
    let ended = watch.run(Answer::Other, &[HELPER, "get"], &format!("{message}\n"));
    assert!(
        ended.stdout.contains(&format!("password={token}\n")),
        "{ended:#?}"
    );
    assert!(ended.stderr.contains("git remote set-url"), "{ended:#?}");
    // Neither kept as a name nor taken for "every name".
    let own = tokens::api_token(10);
    watch.run(
        Answer::Other,
        &[HELPER, "store"],
        &format!("{message}password={own}\n\n"),
    );
    watch.run(Answer::Other, &[HELPER, "erase"], &format!("{message}\n"));
    assert_eq!(kept(&rig), 1);
}

/// No memory to be had at any point, which aborts, and a panic: no text and no file has
/// the secret. The panic is a real one: no thread can be had for looking up a name.
#[test]
fn panics_and_aborts_tell_nobody() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene() else {
        return;
    };
    let canary = Canary::new(&token);
    let limited = |limit: &str, arguments: &str| {
        let script = format!(
            "cd ../tmp; ulimit -c unlimited 2>/dev/null; {limit}; exec {HELPER} {arguments}"
        );
        ["-c".to_owned(), script]
    };
    let (mut starved, mut survived) = (0, 0);
    for kilobytes in (4_000..60_000).step_by(4_000) {
        let mut command = rig.without_terminal(git, "/bin/bash");
        // Without memory the standard library waits for itself when it writes a backtrace: what
        // that needs fails once more, and the second failure waits for the lock of the first.
        command.env_remove("RUST_BACKTRACE");
        command.args(limited(
            &format!("ulimit -v {kilobytes}"),
            &format!("login --with-token {URL}"),
        ));
        let ended = rig.run(command, token.as_bytes());
        canary.expect_absent("stderr without memory", ended.stderr.as_bytes());
        canary.expect_absent("stdout without memory", ended.stdout.as_bytes());
        if ended.code == Some(0) {
            survived += 1;
        } else {
            starved += 1;
        }
    }
    assert!(starved > 0 && survived > 0, "{starved} {survived}");
    assert!(canary.files_with(rig.home.path()).is_empty());

    rig.home.give_to_ordinary_user();
    let address = rig.proxy.url().replace("127.0.0.1", "localhost");
    rig.home.set("https_proxy", address);
    // No process either, and so not what Git's configuration says.
    let mut command = rig.without_terminal(git, "/bin/bash");
    command.args(limited("ulimit -u 1", &format!("login --with-token {URL}")));
    let ended = rig.run(command, token.as_bytes());
    if rustix::process::geteuid().is_root() {
        assert!(ended.stderr.contains("panicked"), "{ended:#?}");
    }
    canary.expect_absent("stderr of a panic", ended.stderr.as_bytes());
    canary.expect_absent("stdout of a panic", ended.stdout.as_bytes());
    assert!(canary.files_with(rig.home.path()).is_empty());
}
