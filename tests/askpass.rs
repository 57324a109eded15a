//! A person behind a program that asks in Git's name, as editors have it: the questions are
//! Git's own, each comes once, and the answers are judged like typed ones.
#![cfg(target_os = "linux")]

mod rig;

use rig::terminal::Terminal;
use rig::{Finished, Git, Rig, gits, tokens};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";
const URL: &str = "https://bitbucket.org/acme/widgets.git";
const REQUEST: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";
const EDITORS: [&str; 3] = ["vscode", "jetbrains", "jenkins"];

/// Alice at an editor, with our helper and an empty keychain.
struct Scene {
    rig: Rig,
    token: String,
    /// What is typed into the editor's dialogs.
    answers: PathBuf,
    /// What the dialogs showed.
    seen: PathBuf,
}

impl Scene {
    fn new() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(
            "[credential \"https://bitbucket.org\"]\n\thelper =\n\thelper = bitbucket\n\
             \tuseHttpPath = true\n",
        );
        let answers = rig.home.path().join("answers");
        let seen = rig.home.path().join("seen");
        rig.home.set("ANSWERS", &answers);
        rig.home.set("SEEN", &seen);
        rig.start_keyring().then_some(Self {
            rig,
            token,
            answers,
            seen,
        })
    }

    fn use_editor(&mut self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/askpass");
        self.rig.home.set("GIT_ASKPASS", folder.join(name));
    }

    /// A program that runs this text as a shell does.
    fn use_script(&mut self, text: &str) {
        let program = self.rig.home.add_script("ask", text);
        self.rig.home.set("GIT_ASKPASS", program);
    }

    fn will_answer(&self, username: &str, password: &str) {
        for (input, text) in [("username", username), ("password", password)] {
            let text = format!("{text}\n");
            self.rig.home.add_file(&format!("answers/{input}"), &text);
        }
    }

    fn will_close_the_dialog(&self) {
        // There may be no answers yet.
        let _ = fs::remove_dir_all(&self.answers);
    }

    /// What the dialogs showed since the last look, one a line.
    fn take_seen(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.seen).unwrap_or_default();
        let _ = fs::remove_file(&self.seen);
        text.lines().map(str::to_owned).collect()
    }

    fn kept(&self) -> Vec<String> {
        let items = self.rig.keyring().search(&[("service", SERVICE)]);
        items.into_iter().map(|item| item.label).collect()
    }

    fn push(&self, git: &Git, branch: &str) -> Finished {
        let target = format!("HEAD:refs/heads/{branch}");
        self.rig.git(git, &["push", "--quiet", URL, &target])
    }

    fn commit(&self, git: &Git) {
        for arguments in [
            &["init", "--quiet", "."][..],
            &["commit", "--quiet", "--allow-empty", "--message=First"],
        ] {
            self.rig.git(git, arguments).expect_success();
        }
    }
}

/// Everything that was said by us.
fn ours(ended: &Finished) -> Vec<&str> {
    let lines = ended.stderr.lines();
    lines
        .filter_map(|line| line.strip_prefix("bitbucket: "))
        .collect()
}

#[test]
fn a_first_push_is_signed_in_and_the_next_ones_are_not_asked() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            scene.will_answer("alice", &scene.token);
            scene.commit(&git);
            let ended = scene.push(&git, "one").expect_success();
            assert_eq!(ended.stderr, "", "{git} {editor}: nothing is the matter");
            assert_eq!(scene.take_seen().len(), 2, "{git} {editor}");
            assert_eq!(scene.kept(), ["Bitbucket: alice (API token)"], "{editor}");
            scene.push(&git, "two").expect_success();
            assert_eq!(scene.take_seen(), [""; 0], "{git} {editor}");
        }
    }
}

#[test]
fn editors_find_in_the_questions_what_they_look_for() {
    for git in gits() {
        let place = "https://bitbucket.org/acme/widgets.git";
        let named = "https://alice@bitbucket.org/acme/widgets.git";
        for (editor, expected) in [
            (
                "vscode",
                [
                    format!("Git: username {place}"),
                    format!("Git: password {named}"),
                ],
            ),
            (
                "jetbrains",
                [
                    format!("Log In to {place}: username"),
                    format!("Log In to {named}: password"),
                ],
            ),
            (
                "jenkins",
                [
                    format!("Username for '{place}': "),
                    format!("Password for '{named}': "),
                ],
            ),
        ] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            scene.will_answer("alice", &scene.token);
            scene.rig.git(&git, &["ls-remote", URL]).expect_success();
            assert_eq!(scene.take_seen(), expected, "{git}");
        }
    }
}

/// The same questions, byte for byte, as each Git asks without us, in number as well.
#[test]
fn the_questions_are_git_s_own() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        // Another program than the fixtures: it tells apart all that it is given.
        scene.use_script(
            "printf '%s arguments: %s\\n' $# \"$*\" >>\"$SEEN\"\n\
             case $1 in Username*) printf 'some one@x\\r\\nmore\\n' ;; esac\n",
        );
        for (username, path) in [
            ("", "acme/widgets.git"),
            ("", ""),
            ("alice", "acme/widgets.git"),
            ("alice@example.com", "acme/widgets.git"),
            ("a/b:c d~-_.é'\"%", "acme/wid gets'\"?#%&~é.git"),
            ("", "acme/$(id)`id`;!*().git"),
        ] {
            for with_path in ["true", "false"] {
                let mut input = "protocol=https\nhost=bitbucket.org\n".to_owned();
                for (key, value) in [("path", path), ("username", username)] {
                    if !value.is_empty() {
                        input += &format!("{key}={value}\n");
                    }
                }
                let ask = |helper: &str| {
                    let mut command = scene.rig.without_terminal(&git, "git");
                    command.args([
                        "-c",
                        &format!("credential.https://bitbucket.org.helper={helper}"),
                        "-c",
                        &format!("credential.https://bitbucket.org.useHttpPath={with_path}"),
                        "credential",
                        "fill",
                    ]);
                    scene.rig.run(command, format!("{input}\n").as_bytes());
                    scene.take_seen()
                };
                let expected = ask("");
                assert!(!expected.is_empty(), "{git} {username} {path}");
                assert_eq!(ask("bitbucket"), expected, "{git} {username} {path}");
            }
        }
    }
}

/// What is refused, by its form or by the server, is said, and not asked for again.
#[test]
fn answers_are_judged_like_typed_ones() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            let damaged = &scene.token[..scene.token.len() - 1];
            for (password, text, requests) in [
                ("correct horse", "This looks like an account password", 0),
                (
                    "ghp_0123456789012345678901234567890123456",
                    "a GitHub personal access token",
                    0,
                ),
                (damaged, "cut off or mistyped", 0),
                (&tokens::api_token(2), "Bitbucket refused the API token", 1),
            ] {
                scene.rig.forget_requests();
                scene.will_answer("alice", password);
                let ended = scene
                    .rig
                    .git(&git, &["ls-remote", URL])
                    .expect_failure(text);
                let case = format!("{git} {editor} {password}: {ended:#?}");
                let lines = ours(&ended);
                assert_eq!(
                    lines.last(),
                    Some(
                        &"Authentication failed; nothing was kept. To try again in a terminal, \
                          run: git credential-bitbucket login https://bitbucket.org/acme/widgets"
                    ),
                    "{case}"
                );
                assert!(ended.stderr.contains("told us to quit"), "{case}");
                assert_eq!(scene.take_seen().len(), 2, "{case}");
                assert_eq!(scene.rig.requests_not_from_git().len(), requests, "{case}");
                assert_eq!(scene.kept(), [""; 0], "{case}");
                assert!(!ended.stderr.contains(password), "{case}");
            }
        }
    }
}

/// A token that may read only serves, and the editor's log says what a push needs.
#[test]
fn what_restricts_a_token_is_told() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("vscode");
        let token = tokens::api_token(2);
        scene.rig.bitbucket.issue(rig::Credential::new(
            rig::Kind::ApiToken,
            &token,
            "alice",
            &rig::GIT_SCOPES[..1],
        ));
        scene.will_answer("alice@example.com", &token);
        let ended = scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        let lines = ours(&ended);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("pushes will be refused"), "{lines:?}");
        assert_eq!(scene.kept().len(), 1);
    }
}

/// Closing either dialog ends the command; nobody asks another time, Git included.
#[test]
fn closing_the_dialog_cancels() {
    for git in gits() {
        for editor in EDITORS {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor(editor);
            for (url, asked) in [
                (URL, 1),
                ("https://alice@bitbucket.org/acme/widgets.git", 1),
            ] {
                scene.will_close_the_dialog();
                let ended = scene.rig.git(&git, &["ls-remote", url]);
                assert!(!ended.success());
                assert_eq!(ours(&ended), ["cancelled; nothing was kept"], "{ended:#?}");
                assert_eq!(scene.take_seen().len(), asked, "{git} {editor} {url}");
            }
            scene.will_answer("alice", "");
            let ended = scene.rig.git(&git, &["ls-remote", URL]);
            assert_eq!(ours(&ended), ["cancelled; nothing was kept"], "{ended:#?}");
            assert_eq!(scene.take_seen().len(), 2, "{git} {editor}");
            assert_eq!(scene.rig.requests_not_from_git().len(), 0);
        }
    }
}

/// Behind these there is nobody: the command to run is said at once.
#[test]
fn programs_without_anybody_behind_them_are_not_asked() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        for stub in ["true", "echo", "/bin/false", ""] {
            scene.rig.home.set("GIT_ASKPASS", stub);
            let ended = scene.rig.git(&git, &["ls-remote", URL]);
            let lines = ours(&ended);
            assert_eq!(lines.len(), 1, "{ended:#?}");
            assert!(lines[0].contains("run: git credential-bitbucket login"));
            assert!(ended.stderr.contains("told us to quit"), "{ended:#?}");
        }
    }
}

/// An answer without an end, one that is too long, and one of no text.
#[test]
fn answers_of_any_size_and_form_are_survived() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    for script in [
        "yes",
        "head -c 20000 /dev/zero | tr '\\0' x",
        "printf '\\377\\376\\n'",
        "printf '\\n\\n'",
        "kill -9 $$",
    ] {
        scene.use_script(script);
        let ended = scene.rig.helper("get", REQUEST).expect_success();
        assert_eq!(ended.stdout, "quit=1\n", "{script}: {ended:#?}");
        assert_eq!(ours(&ended), ["cancelled; nothing was kept"], "{script}");
    }
    assert_eq!(scene.rig.requests().len(), 0);
}

/// A token where a name is asked for: it is not shown in a second question, as an argument.
#[test]
fn a_token_given_for_a_name_is_taken_for_the_token() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jetbrains");
        scene.will_answer(&scene.token, "unused");
        scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        assert_eq!(scene.take_seen().len(), 1);
        assert_eq!(scene.kept().len(), 1);
    }
}

/// On a terminal a person is asked there, since only there the dialogue is whole; but nobody
/// looks at the one that an editor was started from.
#[test]
fn the_terminal_goes_first_except_for_editors() {
    for git in gits() {
        for (variable, by_program) in [
            ("TERM_PROGRAM", false),
            ("VSCODE_GIT_COMMAND", true),
            ("INTELLIJ_GIT_ASKPASS_HANDLER", true),
        ] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_editor("vscode");
            scene.will_answer("alice", &scene.token);
            scene.rig.home.set(variable, "fetch");
            let mut terminal = scene.rig.terminal(&git, &["ls-remote", URL]);
            if !by_program {
                terminal.expect_prompt("Token: ");
                terminal.send_line(&scene.token);
            }
            terminal.finish().expect_success();
            assert_eq!(scene.take_seen().len(), if by_program { 2 } else { 0 });
        }
    }
}

/// A job in the background of a shell would be stopped by a question on the terminal.
#[test]
fn in_the_background_the_program_is_asked() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("jetbrains");
        scene.will_answer("alice", &scene.token);
        let mut command = scene.rig.home.command(&git, "/bin/bash");
        command.args(["-c", &format!("set -m; git ls-remote {URL} & wait $!")]);
        Terminal::open(&command).finish().expect_success();
        assert_eq!(scene.take_seen().len(), 2);
    }
}

/// Another account's name in an old remote: whoever pastes a token for it is not talked out
/// of what is kept.
#[test]
fn an_account_that_is_not_kept_is_asked_for() {
    for git in gits() {
        let Some(mut scene) = Scene::new() else {
            return;
        };
        scene.use_editor("vscode");
        scene.will_answer("alice", &scene.token);
        scene.rig.git(&git, &["ls-remote", URL]).expect_success();
        scene.take_seen();
        let bobs = tokens::api_token(5);
        scene.rig.bitbucket.add_user("bob", "bob@example.com", "x");
        scene.rig.bitbucket.issue(rig::Credential::new(
            rig::Kind::ApiToken,
            &bobs,
            "bob",
            &rig::GIT_SCOPES,
        ));
        scene.rig.bitbucket.add_repository(
            "acme/shared",
            rig::Repository::private().writer("alice").writer("bob"),
        );
        scene.will_answer("unused", &bobs);
        let url = "https://bob@bitbucket.org/acme/shared.git";
        scene.rig.git(&git, &["ls-remote", url]).expect_success();
        assert_eq!(scene.take_seen(), [format!("Git: password {}", url)]);
        assert_eq!(scene.kept().len(), 2);
    }
}

/// Many at once: one dialog, and its answer is everybody's.
#[test]
fn one_dialog_answers_for_all() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    // Closes only when the other is waiting, too.
    scene.use_script(
        "echo \"$1\" >>\"$SEEN\"\n\
         until [ $(ls \"$ANSWERS\" | grep -c started) = 2 ]; do sleep 0.05; done\n\
         case $1 in Username*) input=username ;; *) input=password ;; esac\n\
         cat \"$ANSWERS/$input\"\n",
    );
    scene.will_answer("alice", &scene.token);
    let git = &gits()[0];
    let run = |name: &str| {
        let mut command = scene.rig.without_terminal(git, "/bin/sh");
        let script = format!("touch \"$ANSWERS/started-{name}\"; exec git ls-remote {URL}");
        command.args(["-c", &script]);
        scene.rig.run(command, b"").expect_success();
    };
    std::thread::scope(|scope| {
        scope.spawn(|| run("one"));
        scope.spawn(|| run("two"));
    });
    assert_eq!(scene.take_seen().len(), 2, "one name and one password");
}

/// A program that never answers ends when we do, and when nobody waits for us any more.
#[test]
fn a_dialog_does_not_outlive_what_it_was_for() {
    for git in gits() {
        for killed in ["the helper", "git"] {
            let Some(mut scene) = Scene::new() else {
                return;
            };
            scene.use_script(
                "sleep 600 &\necho $$ $! $PPID >\"$SEEN.new\"; mv \"$SEEN.new\" \"$SEEN\"; wait\n",
            );
            let mut command: Command = scene.rig.without_terminal(&git, "git");
            command
                .args(["ls-remote", URL])
                .stderr(Stdio::null())
                .stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            let line = wait_for(|| fs::read_to_string(&scene.seen).ok());
            let numbers: Vec<i32> = line
                .split_whitespace()
                .map(|n| n.parse().unwrap())
                .collect();
            let [script, sleeper, helper] = numbers[..] else {
                panic!("{line}")
            };
            if killed == "the helper" {
                terminate(helper);
            } else {
                // Git's own process that speaks HTTP, as when its parent is ended.
                let parent = |process: i32| {
                    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
                    let (_, rest) = status.rsplit_once(") ").unwrap();
                    rest.split(' ').nth(1).unwrap().parse::<i32>().unwrap()
                };
                let name = |process: i32| {
                    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default()
                };
                let mut process = helper;
                while !name(process).starts_with("git-remote-http") {
                    process = parent(process);
                }
                terminate(process);
            }
            for process in [script, sleeper, helper] {
                wait_for(|| is_gone(process).then(String::new));
            }
            // Without an answer of ours Git asks by itself, which is none of our dialogs.
            end_session(child.id());
            child.wait().unwrap();
            assert_eq!(scene.kept(), [""; 0]);
        }
    }
}

fn terminate(process: i32) {
    let process = rustix::process::Pid::from_raw(process).expect("a process");
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it runs");
}

/// Ends all processes of a session, which a test has started.
fn end_session(leader: u32) {
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        let number = entry.file_name().to_string_lossy().parse();
        let status = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let session = status
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(3));
        if let (Ok(process), Some(session)) = (number, session)
            && session == leader.to_string()
        {
            // It may have ended meanwhile.
            let process = rustix::process::Pid::from_raw(process).expect("a process");
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
    }
}

/// Ended, whether or not somebody has taken note of it.
fn is_gone(process: i32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .map_or(true, |status| status.contains(") Z "))
}

/// Waits for what is sure to come, and fails if it does not in a long time.
fn wait_for(found: impl Fn() -> Option<String>) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(text) = found() {
            return text;
        }
        assert!(Instant::now() < deadline, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}
