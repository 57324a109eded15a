//! `doctor`: what is wrong between Git and Bitbucket on this machine; `--fix` heals it. It
//! shows no secret. What can be found, and how, is in the room of that name.

use super::site_argument::SiteArgument;
use crate::doctor::{self, Healing, Progress};
use crate::git::{self, Context};
use crate::helper::Session;
use crate::output_style::{OutputStyle, WIDTH};
use crate::prompt::{Person as _, Terminal, Waiting};
use crate::text;
use anyhow::{Result, bail, ensure};
use std::io::{self, Write};

/// What `doctor` takes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option that people type"
)]
pub struct Doctor {
    /// Send nothing: say what can be seen on this machine alone
    #[arg(long, conflicts_with_all = ["check", "fix", "undo"])]
    offline: bool,
    /// What it does anyway: asks Bitbucket about every token that is found
    #[arg(long, hide = true)]
    check: bool,
    /// Print JSON for programs
    #[arg(long, conflicts_with = "fix")]
    json: bool,
    /// Show what can be done, ask once, do it
    #[arg(long)]
    fix: bool,
    /// Do it without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    /// Remove good tokens from where they lie, once they are in the keychain
    #[arg(long = "move", requires = "fix")]
    moving: bool,
    /// Put back what `--fix` has set aside in the last 30 days
    #[arg(long, conflicts_with_all = ["check", "json", "fix"])]
    undo: bool,
    #[command(flatten)]
    site: SiteArgument,
}

const EXAMPLES: &str = "\
Bitbucket is asked about every token that is found; before it is, one line says so.
Account passwords are never sent anywhere, and no secret is ever shown.
The exit code is 0 if a push would be authenticated.

Examples:
  git credential-bitbucket doctor
  git credential-bitbucket doctor --offline --json
  git credential-bitbucket doctor --fix --move
  git credential-bitbucket doctor --undo";

impl Doctor {
    /// Fails if a push would not be authenticated.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        let chosen = self.site.choose()?;
        if !self.json {
            chosen.tell(output)?;
        }
        let site = &chosen.site;
        let session = if self.fix || self.undo {
            Session::of_command(site, &chosen.config, None)?
        } else {
            Session::despite_fault(site, &chosen.config)
        };
        let style = OutputStyle::of_process();
        let context = match Context::of_process() {
            Ok(context) => context,
            Err(error) if self.fix || self.undo => return Err(error),
            Err(_) if git::find().is_none() => {
                return self.print(&doctor::without_git(site), style, output);
            }
            Err(error) => return Err(error),
        };
        if self.undo {
            doctor::undo(&context, &session, output)
        } else if self.fix {
            self.fix(&context, &session, style, output)
        } else {
            let announce = |what: &str| say(&format!("{what} (--offline asks nothing.)"));
            let progress = Progress {
                wait: &wait,
                announce: &announce,
            };
            let report = doctor::examine(&context, &session, !self.offline, &progress)?;
            self.print(&report, style, output)
        }
    }

    fn print(
        &self,
        report: &doctor::DoctorReport,
        style: OutputStyle,
        output: &mut dyn Write,
    ) -> Result<()> {
        if self.json {
            report.print_json(output)?;
        } else {
            report.print(style, output)?;
        }
        ensure!(report.healthy, doctor::Unhealthy);
        Ok(())
    }

    fn fix(
        &self,
        context: &Context,
        session: &Session,
        style: OutputStyle,
        output: &mut dyn Write,
    ) -> Result<()> {
        let mut healing = Healing {
            moving: self.moving,
            agreed: &mut || self.ask(),
            progress: Progress {
                wait: &wait,
                announce: &say,
            },
        };
        doctor::fix(context, session, style, &mut healing, output)
    }

    fn ask(&self) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        match Terminal::open().map(|mut terminal| terminal.confirm("Do all of this?")) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Ok(false),
            Err(_) => bail!("there is no terminal to ask on, so nothing was changed; use --yes"),
        }
    }
}

/// Beside the report, which programs may read.
fn say(what: &str) {
    // A standard error that nobody reads any more is no reason to fail.
    let _ = io::stderr().write_all((text::wrapped(&text::escaped(what), WIDTH) + "\n").as_bytes());
}

/// Helpers and Bitbucket may take their time.
fn wait() -> Waiting {
    Terminal::open().map_or_else(
        |_| Waiting::unseen(),
        |mut terminal| terminal.wait("Looking"),
    )
}
