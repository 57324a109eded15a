//! The commands people type, one file each, and the choice between them and what Git
//! asks. Standard output belongs to whoever runs here: Git's answer or a report.

pub mod configure;
mod default;
mod doctor;
mod login;
mod logout;
mod oauth_client;
mod site_argument;
mod standard_input;
mod status;
mod store_argument;
pub mod unconfigure;

use crate::bitbucket::is_credential;
use crate::doctor::Unhealthy;
use crate::git::Context;
use crate::helper::{self, Operation};
use crate::platform::StandardInput;
use crate::setup::line_options;
use crate::text;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Keeps Bitbucket credentials for Git: verified, and in the platform's keychain.
#[derive(Parser)]
#[command(name = "git-credential-bitbucket", version, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  git credential-bitbucket configure       use it for https://bitbucket.org
  git credential-bitbucket configure --data-center https://git.example.com
  git credential-bitbucket login           enter a token before the first push
  git credential-bitbucket status --check  does Bitbucket accept what is kept?
  git credential-bitbucket logout --all    forget all in the store in use
  git credential-bitbucket doctor          why does a push ask, or fail?

Where no keychain is to be had: configure --store memory, or a token in BITBUCKET_TOKEN.
Git itself runs `git credential-bitbucket get|store|erase`.";

#[derive(Subcommand)]
enum Command {
    /// Make Git use this helper for bitbucket.org, or for a company's own server
    Configure(configure::Configure),
    /// Take back what `configure` wrote
    Unconfigure(unconfigure::Unconfigure),
    /// Enter a credential, verify it and keep it
    Login(login::Login),
    /// List what is kept
    Status(status::Status),
    /// Choose the account to use where nothing else chooses
    Default(default::Default),
    /// Forget a credential
    Logout(logout::Logout),
    /// Find out why a push asks or fails, and heal it
    Doctor(doctor::Doctor),
}

/// The definition of the command line, of which the manual page and the completions for
/// shells are made.
pub fn command() -> clap::Command {
    CommandLine::command()
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(operation) = Operation::of(&arguments) {
        let mut output = io::stdout().lock();
        helper::run(operation, &arguments, &mut StandardInput, &mut output);
        // Git ignores the code, but other clients drop an answer with another one.
        return ExitCode::SUCCESS;
    }
    if asks_about_operation(&arguments) {
        const WHAT: &[u8] =
            b"Git runs this with a message on standard input; see git-credential(1).\n";
        // Whoever closed the stream does not want it.
        let _ = io::stdout().write_all(WHAT);
        return ExitCode::SUCCESS;
    }
    if arguments.iter().any(holds_credential) {
        return report(Err(anyhow::anyhow!(
            "the command line contains a secret, which everyone can see in the list of processes; use --with-token"
        )));
    }
    match CommandLine::try_parse() {
        Ok(line) => report(line.command.run(&mut io::stdout().lock())),
        // An operation that a later Git may invent: silence, as gitcredentials(7) asks.
        Err(error) if is_unknown_operation(&error, &arguments) && !io::stdin().is_terminal() => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            print(&error);
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// Whether a person wants to know what `get` and the like are, which are Git's.
fn asks_about_operation(arguments: &[OsString]) -> bool {
    matches!(arguments, [operation, help] if (help == "--help" || help == "-h")
        && Operation::of(std::slice::from_ref(operation)).is_some())
}

/// Help goes to standard output; a complaint, which repeats what was typed, escaped to
/// standard error.
fn print(error: &clap::Error) {
    let text = text::escaped(&error.to_string());
    // Whoever closed the stream does not want it.
    let _ = if error.use_stderr() {
        io::stderr().write_all(text.as_bytes())
    } else {
        io::stdout().write_all(text.as_bytes())
    };
}

/// Whether an argument is a token, or has one as a value, within a URL or within a command: no
/// error may repeat it.
fn holds_credential(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    let value = text.split_once('=').map_or("", |(_, value)| value);
    let is_border = |it: char| it.is_whitespace() || ":/@'\"`()".contains(it);
    text.split(is_border).any(is_credential) || value.split(is_border).any(is_credential)
}

/// Whether these may be words of Git's: one that is no command of ours, and before it nothing
/// but options of `credential.helper`. Anything else was mistyped.
fn is_unknown_operation(error: &clap::Error, arguments: &[OsString]) -> bool {
    use clap::error::ErrorKind::{InvalidSubcommand, UnknownArgument};
    let Some((last, before)) = arguments.split_last() else {
        return false;
    };
    matches!(error.kind(), InvalidSubcommand | UnknownArgument)
        && !last.as_encoded_bytes().starts_with(b"-")
        && line_options::are_options(before.iter().map(|word| word.as_encoded_bytes()))
        && !CommandLine::command()
            .get_subcommands()
            .any(|command| last == command.get_name())
}

impl Command {
    fn run(self, output: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Self::Configure(command) => command.run(&Context::of_process()?, output),
            Self::Unconfigure(command) => command.run(&Context::of_process()?, output),
            Self::Login(command) => command.run(output),
            Self::Status(command) => command.run(output),
            Self::Default(command) => command.run(output),
            Self::Logout(command) => command.run(output),
            Self::Doctor(command) => command.run(output),
        }
    }
}

fn report(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Unhealthy>() => ExitCode::FAILURE,
        Err(error) => {
            // A closed standard error leaves nobody to tell.
            let text = text::escaped(&format!("error: {error:#}\n"));
            let _ = io::stderr().write_all(text.as_bytes());
            ExitCode::FAILURE
        }
    }
}
