//! The stores that are chosen by name, and the sources before the store: they have the secret
//! and hand it to Git, and that is all.

use super::watch::{Answer, Besides, Watch};
use super::{CHALLENGE, HELPER, NAME, REQUEST, URL, kept, prepare_push, scene};
use crate::rig::gpg::Gpg;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Git, Rig, gits, memory_name, programs, tokens};
use std::any::Any;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// How `memory` calls itself where the kernel keeps it, and what makes that it refuses.
const KERNEL: &str = "the kernel's keyring";
const REFUSAL: &str = "inject=keyctl,add_key,request_key:error=EPERM";

/// From a source to Git, asked as `option` says: `FILE` in it stands for a file with the token.
/// What else the source may do is tried in the end.
fn source_tells_nobody(option: &str, also: impl Fn(&Watch, &Path)) {
    for git in gits() {
        let Some((rig, token)) = scene() else { return };
        prepare_push(&rig, &git);
        // Beside the home, in which nothing may have the secret.
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let file = folder.path().join("token");
        fs::write(&file, &token).expect("a file of ours");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("ours");
        let option = naming(option, &file);
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
            watch.run(Answer::Other, &arguments, "").expect_success();
        }
        let push = ["git", "push", "origin", "topic"];
        watch.run(Answer::Other, &push, "").expect_success();
        // Refused: what is said of it is not what it is.
        rig.bitbucket.revoke(&token);
        run(Answer::Other, "erase", &served);
        assert!(!watch.run(Answer::Other, &push, "").success());
        also(&watch, &file);
    }
}

fn naming(option: &str, file: &Path) -> String {
    option.replace("FILE", &file.display().to_string())
}

#[test]
fn a_token_file_tells_nobody() {
    let option = "--token-file=FILE";
    source_tells_nobody(option, |watch, file| {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("ours");
        watch
            .run(
                Answer::Other,
                &[HELPER, &naming(option, file), "get"],
                REQUEST,
            )
            .expect_success();
    });
}

/// What a command prints goes through a pipe to us, and on to Git; whatever is wrong with it.
#[test]
fn a_token_command_tells_nobody() {
    source_tells_nobody("--token-command=cat 'FILE'", |watch, file| {
        for (command, answer) in [
            ("echo username=alice; cat 'FILE'", Answer::Secret),
            // As another helper answers.
            (
                "!f() { printf 'username=alice\\npassword='; cat 'FILE'; echo; }; f",
                Answer::Secret,
            ),
            ("cat 'FILE'; echo; echo \"$(cat 'FILE')0\"", Answer::Other),
            ("cat 'FILE'; exit 3", Answer::Other),
            ("cat 'FILE'; printf '\\377'", Answer::Other),
            (
                "cat 'FILE'; head -c 200000 /dev/zero | tr '\\0' x",
                Answer::Other,
            ),
            ("cat 'FILE'; kill -KILL $$", Answer::Other),
        ] {
            let option = format!("--token-command={}", naming(command, file));
            watch
                .run(answer, &[HELPER, &option, "get"], REQUEST)
                .expect_success();
        }
    });
}

/// A store, and where the secret goes that is kept there.
struct Place {
    /// After `--store=`.
    store: &'static str,
    /// How messages call it.
    name: &'static str,
    besides: Besides,
    /// What it needs; that lives as long as the guard. `None` where it cannot be had.
    set_up: fn(&Rig, &Git) -> Option<Box<dyn Any>>,
}

impl Place {
    /// From a token that is typed to one that is refused: by pushes, and by every command.
    fn tells_nobody(&self) {
        for git in gits() {
            let Some((rig, token)) = scene() else { return };
            prepare_push(&rig, &git);
            let Some(_guard) = (self.set_up)(&rig, &git) else {
                return;
            };
            let watch = Watch::with(&rig, &git, &token, &self.besides);
            let option = format!("--store={}", self.store);
            let run = |arguments: &[&str], input: &str| {
                watch.run(Answer::Other, &[&[HELPER], arguments].concat(), input)
            };
            run(&["configure", &option], "").expect_success();
            let push = |branch: &str| {
                let branch = format!("topic:{branch}");
                watch.run(Answer::Other, &["git", "push", "origin", &branch], "")
            };
            let mut terminal = watch.open(&["git", "push", "origin", "topic"]);
            terminal.expect_prompt(SECRET_QUESTION);
            terminal.send_line(&token);
            assert_eq!(watch.check_ended(terminal), 0);
            push("second").expect_success();
            watch
                .run(Answer::Secret, &[HELPER, &option, "get"], REQUEST)
                .expect_success();
            let there = run(&["status"], "").expect_success().stdout;
            assert!(
                there.starts_with(&format!("Kept in {}:", self.name)),
                "{there}"
            );
            let served = format!("{REQUEST}username={NAME}\npassword={token}\n");
            let refused = format!("{CHALLENGE}{served}");
            for (arguments, input) in [
                (&["status", "--check"][..], ""),
                (&["default", NAME], ""),
                (&[&option, "store"], &*served),
                (&[&option, "erase"], &*refused),
                (&["logout"], ""),
                (&["login", "--with-token", URL], &*token),
            ] {
                run(arguments, input).expect_success();
            }
            // Not all is well: the keychain is open beside it.
            run(&["doctor"], "");
            rig.bitbucket.revoke(&token);
            assert!(!push("third").success());
            let left = run(&["status"], "").expect_success().stdout;
            assert!(left.starts_with("Nothing is kept"), "{left}");
            assert!(watch.has_seen_sign(), "{}", self.besides.sign);
            assert_eq!(kept(&rig), 0, "in the keychain");
        }
    }
}

/// No daemon, no socket, no file: into the kernel and out of it.
#[test]
fn the_kernel_tells_nobody() {
    Place {
        store: "memory",
        name: KERNEL,
        besides: Besides {
            carries: |call| {
                call.starts_with("add_key(\"user\", \"git-credential-bitbucket:")
                    || call.starts_with("keyctl(KEYCTL_READ, ")
                    || call.starts_with("<... keyctl resumed>")
            },
            sign: "add_key(\"user\", ",
            ..Besides::NOTHING
        },
        set_up: |_, _| {
            if memory_name() == KERNEL {
                return Some(Box::new(()));
            }
            programs::say_skipped(KERNEL);
            None
        },
    }
    .tells_nobody();
}

/// It goes to the daemon over its socket, and into no file.
#[test]
fn the_daemon_tells_nobody() {
    Place {
        store: "memory",
        name: "Git's credential cache",
        besides: Besides {
            strace: &["-e", REFUSAL],
            sign: "(INJECTED)",
            ..Besides::NOTHING
        },
        // For its end strace would wait, and it ends when it has nothing to keep.
        set_up: |rig, git| {
            let mut command = rig.without_terminal(git, "sh");
            // strace stays with the daemon, and is to hold none of our pipes.
            command.args(["-c", "exec \"$@\" >/dev/null 2>&1", "sh", "strace"]);
            command.args(["--follow-forks", "--daemonize=grandchild", "--quiet=all"]);
            command.args(["--output=/dev/null", "--trace=keyctl,add_key,request_key"]);
            command.args(["-e", REFUSAL, HELPER, "--store=memory"]);
            command.args(["--data-center=https://git.acme.example", "store"]);
            let other = format!(
                "protocol=https\nhost=git.acme.example\nusername=jdoe\npassword={}\n",
                tokens::data_center_token(5)
            );
            rig.run(command, other.as_bytes()).expect_success();
            Some(Box::new(()))
        },
    }
    .tells_nobody();
}

/// How strace writes that gpg starts.
const GPG: &str = "/gpg\", [\"gpg\"";

fn set_up_pass(rig: &Rig, git: &Git) -> Option<Box<dyn Any>> {
    let environment = rig.home.environment(git);
    let start = move |program: &str| environment.command(program);
    Gpg::is_possible().then(|| Box::new(Gpg::set_up(rig.home.path(), "", start)) as Box<dyn Any>)
}

/// To pass and its programs by pipes, and encrypted into its file.
#[test]
fn pass_tells_nobody() {
    Place {
        store: "pass",
        name: "the password store (pass)",
        besides: Besides {
            sign: GPG,
            ..Besides::NOTHING
        },
        set_up: set_up_pass,
    }
    .tells_nobody();
}

/// It is written to the one file, and read by nobody but us.
#[test]
fn file_is_one_file() {
    Place {
        store: "file",
        name: "the credential file",
        besides: Besides {
            carries: |call| call.starts_with("write(") && call.contains("/credentials.new>"),
            file: Some("git-credential-bitbucket/credentials"),
            sign: "/credentials.new",
            ..Besides::NOTHING
        },
        set_up: |_, _| Some(Box::new(())),
    }
    .tells_nobody();
}

/// What a variable holds is for us, and neither for pass nor for what it starts.
#[test]
fn pass_is_not_told_what_a_variable_holds() {
    let git = &gits()[0];
    let Some((rig, token)) = scene() else { return };
    let Some(_gpg) = set_up_pass(&rig, git) else {
        return;
    };
    let kept = format!("{REQUEST}username=bob\npassword={}\n", tokens::api_token(5));
    for (arguments, input) in [
        (&["configure", "--store=pass"][..], ""),
        (&["--store=pass", "store"], &kept),
    ] {
        rig.helper_with(git, arguments, input).expect_success();
    }
    let script = format!("read -r BITBUCKET_TOKEN; export BITBUCKET_TOKEN; exec {HELPER} \"$@\"\n");
    let program = rig.home.add_script("with-secret", &script);
    let watch = Watch::new(&rig, git, &token);
    let command = watch.command(&[&program.to_string_lossy(), "status"]);
    let ended = rig.run(command, format!("{token}\n").as_bytes());
    let ended = ended.expect_success();
    watch.check_text("status", &(ended.stdout + &ended.stderr));
    let record = watch.take_record();
    assert!(record.contains(GPG), "{record}");
    let leaks = watch.leaks(&record);
    // The start of our own program.
    assert!(leaks.len() == 1 && leaks[0].contains(HELPER), "{leaks:#?}");
    assert_eq!(watch.canary.files_with(rig.home.path()).len(), 0);
}
