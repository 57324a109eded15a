//! The command of `--token-command`: run at each `get`, never kept. Here is whether it may be
//! run, how, and what of its output is the token; what it says besides: `complaints`; how a
//! program is started and bounded: `git/child`. What a token must look like: `environment`.

mod complaints;
#[cfg(test)]
mod tests;

use super::environment;
use super::{Inquiry, Source, Supply};
use crate::bitbucket::{NoToken, is_credential, token_in};
use crate::git::child::{self, Ended, Limits, Unanswering};
use crate::git::{self, Setting};
use crate::helper::session::Session;
use crate::helper::single_flight;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::setup::helper_line;
use crate::setup::line_options::{Options, TOKEN_COMMAND, program_of};
use crate::text;
use complaints::Complaints;
use std::time::Duration;

/// How long the command may take where nobody is there.
const UNATTENDED: Duration = Duration::from_secs(3);

/// How long where a person is, who may have to type a master password or to touch a key.
const ATTENDED: Duration = Duration::from_secs(60);

/// More than any token has with all that belongs to it, in bytes.
const LONGEST: usize = 64 * 1024;

/// Set for what the command starts: a helper that is asked by it must not ask it again.
const RUNNING: &str = "GCB_TOKEN_COMMAND_RUNS";

/// The command that these options name.
pub fn named(options: &Options) -> Option<Source> {
    let command = options.token_command.as_deref()?;
    Some(Source::Command(program_of(command)))
}

/// The command stands alone, so that it has printed whatever was served. It is not run for that.
pub fn holds(session: &Session, _: &Secret) -> Option<Source> {
    named(&session.options)
}

/// What the command prints, if there is that option.
pub fn look(inquiry: &Inquiry) -> Option<Supply> {
    let options = &inquiry.session.options;
    let command = options.token_command.as_deref()?;
    let source = named(options)?;
    let credential = may_run(inquiry.session, command)
        .and_then(|()| run(inquiry, command))
        .and_then(|ended| printed(&ended))
        .map_err(|it| {
            let program = program_of(command);
            let why = format!("{program} of {TOKEN_COMMAND} gives no token: {}", it.why);
            Reason::new(why, it.next)
        })
        .and_then(|said| {
            let stated = said.username.or_else(|| options.username.clone());
            let variable = environment::with_name(options, stated);
            let site = &inquiry.session.site;
            environment::judge(site, said.token, &source, variable, inquiry.username)
        });
    Some(Supply { source, credential })
}

/// A repository's configuration runs nothing: whoever made the folder made that file.
fn may_run(session: &Session, command: &str) -> Result<(), Reason> {
    if std::env::var_os(RUNNING).is_some() {
        return Err(Reason::fixed(
            "it asks for the very token that it is to print",
            "name a command that does not ask Git for it",
        ));
    }
    let config = session.config();
    let url = session.url();
    let lines = config.helper_lines();
    let lines = lines.filter(|line| line.is_about_credentials_of(&url));
    may_run_by(lines, command, git::is_configuration_outside())
}

/// The same, by the lines of Git's configuration. Where none of them names us, the command comes
/// from whoever started us, who can start it as well.
fn may_run_by<'a>(
    lines: impl Iterator<Item = &'a Setting>,
    command: &str,
    is_outside: bool,
) -> Result<(), Reason> {
    let ours: Vec<_> = lines
        .filter(|line| helper_line::names_us(&line.value))
        .collect();
    let says_so = |line: &&&Setting| {
        let options = Options::parse(&helper_line::options(&line.value));
        options.is_ok_and(|options| options.token_command.as_deref() == Some(command))
    };
    let is_own = |line: &&Setting| !line.is_repository_local();
    if ours
        .iter()
        .filter(|line| is_own(line))
        .any(|line| says_so(&line))
    {
        return Ok(());
    }
    let next = "if you trust it, put it into your own configuration: git credential-bitbucket \
        configure --token-command";
    match ours.iter().find(|line| line.is_repository_local()) {
        Some(line) => Err(Reason::new(
            format!(
                "it was not run, since a repository's configuration ({}) names it",
                line.place()
            ),
            next,
        )),
        None if is_outside => Ok(()),
        None => Err(Reason::fixed(
            "it was not run, since HOME or another variable makes a folder's configuration yours",
            "set HOME to an absolute path",
        )),
    }
}

/// Runs it as Git runs a helper, with what Git says to one.
fn run(inquiry: &Inquiry, command: &str) -> Result<Ended, Reason> {
    let session = inquiry.session;
    let is_attended = session.somebody_is_there();
    let limits = Limits {
        patience: if is_attended { ATTENDED } else { UNATTENDED },
        longest: LONGEST,
    };
    // As in Git's own `helper = !command`, where it is no negation.
    let command = command.strip_prefix('!').unwrap_or(command);
    let Some(mut shell) = git::shell_command(command) else {
        return Err(Reason::fixed(
            "there is no shell (sh) on PATH",
            "install one",
        ));
    };
    shell.env(RUNNING, "1");
    let mut complaints = Complaints::default();
    let show = move |said: Option<&[u8]>| {
        let text = match said {
            Some(said) => complaints.take(said),
            None => complaints.end(),
        };
        text::pass_on(&text);
    };
    let question = question(inquiry);
    // A person types a master password once, and not beside another question for it.
    let _turn = is_attended.then(|| single_flight::begin(TOKEN_COMMAND, || true));
    child::converse(
        shell,
        question.as_bytes(),
        limits,
        is_attended,
        Box::new(show),
    )
    .map_err(|why| explain(&why, is_attended))
}

/// What Git says to a helper that it asks.
fn question(inquiry: &Inquiry) -> String {
    let url = inquiry.session.url();
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let mut text = format!("protocol={}\nhost={host}{port}\n", url.scheme());
    let username = inquiry
        .username
        .or(inquiry.session.options.username.as_deref());
    for (key, value) in [("path", inquiry.path), ("username", username)] {
        if let Some(value) = value.filter(|value| !value.contains(['\n', '\r', '\0'])) {
            text.extend([key, "=", value, "\n"]);
        }
    }
    text + "\n"
}

fn explain(why: &Unanswering, is_attended: bool) -> Reason {
    match why {
        Unanswering::Failed(error) => format!("it cannot be started ({error})").into(),
        Unanswering::TooLate(patience) => Reason::new(
            format!(
                "it had not ended after {} s, and was ended",
                patience.as_secs()
            ),
            if is_attended {
                "run it yourself to see what it waits for"
            } else {
                "if it waits for a person, unlock what it reads from first"
            },
        ),
        Unanswering::TooMuch => Reason::fixed(
            "it printed more than any token has",
            "have it print the token alone",
        ),
    }
}

/// What a command prints that is of use.
struct Printed {
    token: Secret,
    username: Option<String>,
}

fn printed(ended: &Ended) -> Result<Printed, Reason> {
    const SEE: &str = "run it yourself to see why";
    if ended.status.success() {
        return read(ended.stdout.expose());
    }
    Err(match ended.status.code() {
        // What a shell says of it.
        Some(127) => Reason::fixed(
            "there is no such program",
            "install it, or name it by its whole path",
        ),
        Some(126) => Reason::fixed("it may not be run", "make it executable"),
        Some(code) => Reason::new(format!("it failed with exit code {code}"), SEE),
        None => Reason::new(format!("it was killed ({})", ended.status), SEE),
    })
}

/// The first line that is not empty is the token, a line `username=…` a name; or it is what a
/// helper of Git's says, where `password=…` is the token.
fn read(output: &[u8]) -> Result<Printed, Reason> {
    if output.trim_ascii().is_empty() {
        return Err(Reason::fixed(
            "it printed nothing",
            "see what it should print",
        ));
    }
    let Ok(text) = std::str::from_utf8(output) else {
        return Err(match token_in(output) {
            Err(found) => described(found),
            Ok(_) => Reason::fixed(
                "what it printed is no text (UTF-8)",
                "have it print the token alone",
            ),
        });
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let values = |key: &'static str| lines().filter_map(move |line| line.strip_prefix(key));
    let username = only(values("username="))
        .map_err(|()| "it printed two user names")?
        .filter(|name| !name.is_empty() && !is_credential(name));
    let password = only(values("password=")).map_err(|()| two_tokens())?;
    let others = || lines().filter(|line| !line.starts_with("username="));
    let tokens = others().filter(|line| is_credential(line)).chain(password);
    let only_token = only(tokens).map_err(|()| two_tokens())?;
    let token = match (password, others().next()) {
        (Some(password), _) => token_in(password.as_bytes()),
        (None, Some(first)) if only_token.is_some_and(|token| token != first) => {
            return Err(Reason::fixed(
                "the first line that it printed is no token, and a later one is",
                "have it print the token alone",
            ));
        }
        (None, first) => token_in(first.unwrap_or_default().as_bytes()),
    };
    let token = token.map_err(described)?;
    Ok(Printed {
        token,
        username: username.map(str::to_owned),
    })
}

/// What was printed in place of a token.
fn described(found: NoToken) -> Reason {
    let found = found.explanation();
    Reason::new(format!("what it printed {}", found.why), found.next)
}

fn two_tokens() -> Reason {
    Reason::fixed(
        "it printed two lines that may both be the token",
        "have it print one",
    )
}

/// The one value of these, which may be there more than once.
fn only<'a>(mut values: impl Iterator<Item = &'a str>) -> Result<Option<&'a str>, ()> {
    let first = values.next();
    if values.all(|value| Some(value) == first) {
        Ok(first)
    } else {
        Err(())
    }
}
