//! A person's shell: commands are typed, questions answered, and all of it written down.

pub use crate::rig::scene::URL;
use crate::rig::terminal::{SECRET_QUESTION, Terminal};
use crate::rig::{Git, Rig, gits};
use std::path::Path;
use std::process::Command;

/// Whether a session looks the same with every Git.
pub enum Looks {
    Same,
    /// It depends on whether Git can come back within one command (2.46).
    ByGit,
}

/// A person in the folder for work.
pub struct Shell {
    pub rig: Rig,
    /// Alice's API token, which she has at hand.
    pub token: String,
    pub git: Git,
    transcript: String,
}

/// Plays a session with every Git, in a fresh home with a keychain, and compares what it
/// looked like. Nothing is configured yet.
pub fn play(name: &str, looks: &Looks, session: fn(&mut Shell)) {
    for git in gits() {
        let (mut rig, token) = Rig::with_alice();
        if !rig.start_keyring() {
            return;
        }
        // The texts are the same in every colour.
        rig.home.set("NO_COLOR", "1");
        let mut shell = Shell {
            rig,
            token,
            git,
            transcript: String::new(),
        };
        session(&mut shell);
        let suffix = match looks {
            Looks::ByGit if !shell.git.has_capabilities() => "-before-2.46",
            _ => "",
        };
        let path = format!(
            "{}/tests/it/sessions/{name}{suffix}.txt",
            env!("CARGO_MANIFEST_DIR")
        );
        snapbox::Assert::new().action_env("SESSIONS").eq(
            shell.normalised(),
            snapbox::Data::read_from(Path::new(&path), None).raw(),
        );
    }
}

impl Shell {
    /// Makes Git ask us, as `configure` does, without showing it.
    pub fn configure(&self) {
        self.rig
            .helper_with(&self.git, &["configure"], "")
            .expect_success();
    }

    /// A clone with one commit to push, without showing it.
    pub fn prepare(&self) {
        for arguments in [
            &["init", "--quiet", "--initial-branch=topic", "."][..],
            &["remote", "add", "origin", URL],
            &[
                "commit",
                "--quiet",
                "--allow-empty",
                "--message=Change the widgets",
            ],
        ] {
            self.rig.git(&self.git, arguments).expect_success();
        }
    }

    /// Puts a credential of ours into the keychain.
    pub fn keep(&self, account: &str, secret: &str, details: &str) {
        let payload = format!("{secret}\n{{\"version\":1,{details}}}");
        self.rig.put(&payload, account);
    }

    /// Types a command and answers its questions: the end of each, and what is typed.
    pub fn types(&mut self, line: &str, answers: &[(&str, &str)]) {
        let mut terminal = Terminal::with_columns(&self.command(line), 80);
        for (question, answer) in answers {
            if *question == SECRET_QUESTION {
                terminal.expect_prompt(&format!("\n{SECRET_QUESTION}"));
            } else {
                terminal.expect(question);
                terminal.expect(" ");
            }
            terminal.send_line(answer);
        }
        let ended = terminal.finish();
        assert!(ended.sane, "{ended:#?}");
        self.write_down(line, &ended.screen);
    }

    /// Lets a program run the command: no terminal, no answers.
    pub fn runs_unattended(&mut self, line: &str) {
        let (program, arguments) = split(line);
        let mut command = self.rig.without_terminal(&self.git, program);
        command.args(arguments);
        let ended = self.rig.run(command, b"");
        let heading = format!("{line}    # without a terminal");
        self.write_down(&heading, &(ended.stdout + &ended.stderr));
    }

    fn command(&self, line: &str) -> Command {
        let (program, arguments) = split(line);
        let mut command = self.rig.home.command(&self.git, program);
        command.args(arguments);
        command
    }

    fn write_down(&mut self, line: &str, shown: &str) {
        let end = if shown.is_empty() || shown.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        self.transcript.extend(["$ ", line, "\n", shown, end]);
    }

    /// Without what differs from run to run.
    fn normalised(&self) -> String {
        let home = self.rig.home.path().to_string_lossy().into_owned();
        let transcript = self.transcript.replace(&home, "[HOME]");
        let lines = transcript.split_inclusive('\n').map(|line| {
            if line.starts_with("✓ Git 2.") {
                "✓ Git [VERSION].\n"
            } else {
                line
            }
        });
        without_dates(&lines.collect::<String>())
    }
}

fn split(line: &str) -> (&str, Vec<&str>) {
    let mut words = line.split(' ');
    (words.next().unwrap_or_default(), words.collect())
}

/// Dates as `24 Nov 2026`, with or without a time, are `[DATE]`.
fn without_dates(text: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut rest = text;
    let mut result = String::new();
    let position = |text: &str| {
        let months = MONTHS.iter().map(|month| format!(" {month} 20"));
        months.filter_map(|month| text.find(&month)).min()
    };
    while let Some(at) = position(rest) {
        let (before, after) = rest.split_at(at);
        result.push_str(before.trim_end_matches(|character: char| character.is_ascii_digit()));
        result.push_str("[DATE]");
        rest = &after[" Nov 2026".len()..];
        let time = " 21:40 UTC".len();
        if rest.get(time - 3..time) == Some("UTC") {
            rest = &rest[time..];
        }
    }
    result + rest
}
