//! What these tests start from, and the ways of running Git without anybody there.

pub use crate::rig::scene::{CONFIGURED, URL};
use crate::rig::terminal::Terminal;
use crate::rig::{Git, Rig};
use std::process::Command;

pub const ADVICE: &str = "bitbucket: no credential is kept for https://bitbucket.org/acme/widgets, \
    and nobody can be asked; \
    run: git credential-bitbucket login https://bitbucket.org/acme/widgets\n";

pub type Variables<'a> = &'a [(&'a str, &'a str)];

/// A home with the helper and an open keychain, in which nothing is kept yet.
pub fn scene() -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.home.add_gitconfig(CONFIGURED);
    rig.start_keyring().then_some((rig, token))
}

/// A Git command that needs a credential, with this environment and these options.
pub fn ls_remote(command: &mut Command, variables: Variables, options: &[&str]) {
    command
        .args(options)
        .args(["ls-remote", URL])
        .envs(variables.iter().copied());
}

/// The command without a terminal, and what it left on standard error.
pub fn without_terminal(
    rig: &Rig,
    git: &Git,
    variables: Variables,
    options: &[&str],
) -> (u32, String) {
    let mut command = rig.without_terminal(git, "git");
    ls_remote(&mut command, variables, options);
    let ended = rig.run(command, b"");
    let code = ended.code.and_then(|code| code.try_into().ok());
    (code.unwrap_or(u32::MAX), ended.stderr)
}

pub fn on_terminal(rig: &Rig, git: &Git, variables: Variables, options: &[&str]) -> Terminal {
    let mut command = rig.home.command(git, "git");
    ls_remote(&mut command, variables, options);
    Terminal::open(&command)
}

/// Git ended because we said so, with one line of ours that names the command.
#[track_caller]
pub fn assert_stopped(code: u32, text: &str, situation: &str) {
    assert_ne!(code, 0, "{situation}: {text}");
    assert_eq!(without_cause(&ours(text)), ADVICE, "{situation}: {text}");
    assert!(text.contains("told us to quit"), "{situation}: {text}");
    assert_unasked(text, situation);
}

/// A line of ours without the signal that it names.
pub fn without_cause(line: &str) -> String {
    match (line.find(" ("), line.find(" forbids it)")) {
        (Some(begin), Some(end)) => {
            format!("{}{}", &line[..begin], &line[end + " forbids it)".len()..])
        }
        _ => line.to_owned(),
    }
}

#[track_caller]
pub fn assert_unasked(text: &str, situation: &str) {
    for question in ["Username for", "Password for"] {
        assert!(!text.contains(question), "{situation}: {text}");
    }
}

/// Our own lines.
pub fn ours(text: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| line.starts_with("bitbucket: "))
        .collect()
}

/// Every way of saying that nobody shall be asked.
pub const SIGNALS: [(Variables, &[&str]); 14] = [
    (&[], &["-c", "credential.interactive=false"]),
    (&[], &["-c", "credential.interactive=never"]),
    (
        &[],
        &["-c", "credential.https://bitbucket.org.interactive=0"],
    ),
    (
        &[
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "credential.interactive"),
            ("GIT_CONFIG_VALUE_0", "false"),
        ],
        &[],
    ),
    // What `git maintenance` does in the background.
    (
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'credential.interactive'='false' 'core.askPass'='true'",
        )],
        &[],
    ),
    // Go.
    (&[("GIT_TERMINAL_PROMPT", "0")], &[]),
    (&[("GIT_TERMINAL_PROMPT", "false")], &[]),
    (&[("GCM_INTERACTIVE", "never")], &[]),
    (&[("GCM_INTERACTIVE", "0")], &[]),
    (&[("GCM_INTERACTIVE", "false")], &[]),
    (
        &[
            ("VSCODE_GIT_COMMAND", "fetch"),
            ("VSCODE_GIT_FETCH_SILENT", "true"),
        ],
        &[],
    ),
    (&[("CI", "true")], &[]),
    (&[("CI", "1"), ("DISPLAY", ":0")], &[]),
    // An empty one switches askpass off, the others included.
    (
        &[
            ("CI", "true"),
            ("GIT_ASKPASS", ""),
            ("SSH_ASKPASS", "/bin/false"),
        ],
        &["-c", "core.askPass=/bin/false"],
    ),
];

/// A program that answers Git's questions, as Jenkins and editors have.
pub fn askpass(rig: &Rig, username: &str, password: &str) -> String {
    let text = format!("case $1 in Username*) echo {username} ;; *) echo {password} ;; esac\n");
    let path = rig.home.add_script("askpass", &text);
    path.to_string_lossy().into_owned()
}
