//! The stores that are chosen by name, and the file with a token: they have the secret and
//! hand it to Git, and that is all.

use super::watch::{Answer, Watch};
use super::{CHALLENGE, HELPER, NAME, REQUEST, URL, scene};
use crate::rig::gits;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_token_file_tells_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        // Beside the home, in which nothing may have the secret.
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let file = folder.path().join("token");
        fs::write(&file, &token).expect("a file of ours");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("ours");
        let option = format!("--token-file={}", file.display());
        let watch = Watch::new(&rig, &git, &token);
        let served = format!("{REQUEST}{CHALLENGE}username={NAME}\npassword={token}\n");
        let run = |answer, operation, input: &str| {
            watch
                .run(answer, &[HELPER, &option, operation], input)
                .expect_success();
        };
        run(Answer::Secret, "get", REQUEST);
        for operation in ["store", "erase"] {
            run(Answer::Other, operation, &served);
        }
        for arguments in [&["configure", &option][..], &["status"]] {
            let arguments = [&[HELPER], arguments].concat();
            watch.run(Answer::Other, &arguments, "").expect_success();
        }
        // Refused: what is said of it is not what it is.
        rig.bitbucket.revoke(&token);
        run(Answer::Other, "erase", &served);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("ours");
        run(Answer::Other, "get", REQUEST);
    }
}

/// What a command prints goes through a pipe to us, and on to Git.
#[test]
fn a_token_command_tells_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        // Beside the home, in which nothing may have the secret.
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let file = folder.path().join("token");
        fs::write(&file, &token).expect("a file of ours");
        let option = format!("--token-command=cat '{}'", file.display());
        let watch = Watch::new(&rig, &git, &token);
        let served = format!("{REQUEST}{CHALLENGE}username={NAME}\npassword={token}\n");
        let run = |answer, operation, input: &str| {
            watch
                .run(answer, &[HELPER, &option, operation], input)
                .expect_success();
        };
        run(Answer::Secret, "get", REQUEST);
        for operation in ["store", "erase"] {
            run(Answer::Other, operation, &served);
        }
        for arguments in [&["configure", &option][..], &["status"], &["doctor"]] {
            let arguments = [&[HELPER], arguments].concat();
            watch.run(Answer::Other, &arguments, "");
        }
        // Two lines, of which none is told.
        let twice = "cat 'FILE'; echo; echo \"$(cat 'FILE')0\"";
        let twice = twice.replace("FILE", &file.display().to_string());
        let twice = format!("--token-command={twice}");
        watch
            .run(Answer::Other, &[HELPER, &twice, "get"], REQUEST)
            .expect_success();
        rig.bitbucket.revoke(&token);
        run(Answer::Other, "erase", &served);
    }
}

/// It goes to the daemon over its socket, and into no file.
#[test]
fn memory_tells_nobody() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let store = "--store=memory";
        let login = [HELPER, "login", "--with-token", store, URL];
        // Starts the daemon, for whose end strace would wait.
        rig.helper_with(&git, &login[1..], &token).expect_success();
        let watch = Watch::new(&rig, &git, &token);
        watch.run(Answer::Other, &login, &token).expect_success();
        watch
            .run(Answer::Secret, &[HELPER, store, "get"], REQUEST)
            .expect_success();
        for arguments in [&["status", store][..], &["logout", store]] {
            let arguments = [&[HELPER], arguments].concat();
            watch.run(Answer::Other, &arguments, "").expect_success();
        }
    }
}

/// It is written to the one file, and read by nobody but us.
#[test]
fn file_is_one_file() {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        let watch = Watch::new(&rig, &git, &token);
        let store = "--store=file";
        let login = watch.command(&[HELPER, "login", "--with-token", store, URL]);
        let ended = rig.run(login, token.as_bytes()).expect_success();
        watch.check_text("login", &(ended.stdout + &ended.stderr));
        let record = watch.take_record();
        let leaks = watch.leaks(&record);
        let written = leaks.len() == 1 && leaks[0].contains("/credentials.new>");
        assert!(written, "{git}: {leaks:#?}");
        let files = watch.canary.files_with(rig.home.path());
        let folder = rig
            .home
            .path()
            .join(".local/share/git-credential-bitbucket");
        assert_eq!(files.len(), 1, "{files:?}");
        rig.helper_with(&git, &["logout", store], "")
            .expect_success();
        assert!(!folder.join("credentials").exists());
        let files = watch.canary.files_with(rig.home.path());
        assert_eq!(files.len(), 0, "{files:?}");
    }
}
