//! `configure`: makes Git ask us, and nobody before us, about Bitbucket. What it does, and how
//! that is proved, is in the room `setup`; here is what is typed and what is said.

use super::store_argument::{choices, meanings, path};
use crate::bitbucket::Site;
use crate::git::{Context, Scope};
use crate::helper::Session;
use crate::helper::source::{self, Supply};
use crate::keychain::Choice;
use crate::setup::options::{Options, displayed, parse_command, parse_timeout};
use crate::setup::{self, Change, HelperChain, SectionChange};
use anyhow::bail;
use std::io::Write;
use std::path::PathBuf;

/// What `configure` and `unconfigure` can be told.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Arguments {
    /// For everybody on this machine (an administrator's right)
    #[arg(long, conflicts_with = "local")]
    pub system: bool,
    /// Only for the repository you are in
    #[arg(long)]
    pub local: bool,
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Arguments {
    pub(super) fn scope(self) -> Scope {
        match self {
            Self { system: true, .. } => Scope::System,
            Self { local: true, .. } => Scope::Local,
            _ => Scope::Global,
        }
    }
}

/// What `configure` can be told besides.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(after_help = meanings())]
pub struct Configure {
    #[command(flatten)]
    arguments: Arguments,
    /// Keep tokens there; without this, where they were kept before
    #[arg(long, value_name = "NAME", value_parser = choices(), conflicts_with = "token_file")]
    store: Option<Choice>,
    /// How long `memory` remembers
    #[arg(long, value_name = "SECONDS", value_parser = parse_timeout, requires = "store")]
    timeout: Option<u32>,
    /// Serve the token in this file, and keep none
    #[arg(long, value_name = "PATH", value_parser = path)]
    token_file: Option<PathBuf>,
    /// Serve what this command prints, and keep nothing; it is run as Git runs helpers
    #[arg(long, value_name = "COMMAND", value_parser = parse_command)]
    token_command: Option<String>,
    /// The user name that goes with it, for an app password
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Pass over tokens in variables, which may be another program's
    #[arg(long)]
    ignore_environment: bool,
}

impl Configure {
    pub(super) fn run(
        self,
        context: &Context,
        site: &Site,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let options = Options {
            store: self.store,
            token_file: self.token_file,
            token_command: self.token_command,
            username: self.username,
            timeout: self.timeout,
            ignore_environment: self.ignore_environment,
        };
        if let Err(fault) = options.ensure_consistent() {
            bail!(fault);
        }
        run(context, site, self.arguments, options, out)
    }
}

/// Runs `configure`. What a person should read goes to `out`; a failure has left the
/// file as it was. Without `options` those stay that are there.
pub fn run(
    context: &Context,
    site: &Site,
    arguments: Arguments,
    options: Options,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let change = Change::of(context, site, arguments.scope(), options)?;
    let report = ChangeReport {
        url: site.url(),
        change: &change,
    };
    if let Some(chain) = change.is_done()? {
        let url = site.url();
        writeln!(
            out,
            "Nothing to do: Git already asks git-credential-bitbucket about {url}."
        )?;
        let supplies = supplies(site, &change);
        return report.print_chain(&chain, source::alone(&supplies), out);
    }
    if arguments.dry_run {
        return report.print_plan(out);
    }
    let (done, chain) = change.apply()?;
    report.print_success(arguments, done, &chain, &supplies(site, &change), out)
}

/// What comes before the store from now on.
fn supplies(site: &Site, change: &Change) -> Vec<Supply> {
    source::supplies(&Session::new(site, change.options.clone()))
}

/// What is said of a change.
struct ChangeReport<'a> {
    url: &'a str,
    change: &'a Change<'a>,
}

impl ChangeReport<'_> {
    fn print_plan(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (what, lines) = self.change.preview()?;
        let how = match what {
            SectionChange::Created => "Would create",
            SectionChange::Renewed => "Would write our section anew at the end of",
            SectionChange::Added => "Would add to the end of",
        };
        writeln!(out, "{how} {}:", self.change.path())?;
        for line in lines {
            writeln!(out, "    {line}")?;
        }
        writeln!(out, "Nothing was changed.")?;
        Ok(())
    }

    fn print_success(
        &self,
        arguments: Arguments,
        done: SectionChange,
        chain: &HelperChain,
        supplies: &[Supply],
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let alone = source::alone(supplies);
        let done = match done {
            SectionChange::Created => "created",
            SectionChange::Renewed => "our section is now at its end",
            SectionChange::Added => "a section was added at its end",
        };
        writeln!(
            out,
            "Git now asks git-credential-bitbucket about {}.",
            self.url
        )?;
        writeln!(out, "  file:    {} ({done})", self.change.path())?;
        self.print_chain(chain, alone, out)?;
        let undo = setup::command("unconfigure", arguments.scope());
        writeln!(out, "  undo:    {undo}")?;
        let options = &self.change.options;
        if let Some(left) = left_behind(&self.change.before, options) {
            writeln!(
                out,
                "note: what is kept with --store={0} stays there; to remove it: \
                 git credential-bitbucket logout --all --store {0}",
                left.row().name
            )?;
        }
        writeln!(out, "Next: {}.", next_step(options, alone))?;
        Ok(())
    }

    /// The helpers in order, and who besides us is told our secret.
    fn print_chain(
        &self,
        chain: &HelperChain,
        alone: Option<&Supply>,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        for (index, helper) in chain.helpers.iter().enumerate() {
            let label = if index == 0 { "helpers:" } else { "" };
            let missing = if helper.found { "" } else { " (not found)" };
            writeln!(
                out,
                "  {label:8} {}. {}, set in {}{missing}",
                index + 1,
                displayed(&helper.value).trim_matches('`'),
                helper.place
            )?;
        }
        for helper in chain.helpers.iter().skip(1).filter(|helper| helper.found) {
            writeln!(
                out,
                "warning: {} in {} is given every Bitbucket token too: Git tells all\n         \
                 helpers what worked. Remove that line, or limit it to other hosts.",
                displayed(&helper.value),
                helper.place
            )?;
        }
        if let Some(Err(fault)) = alone.map(|it| &it.credential) {
            writeln!(out, "warning: {fault}.")?;
        }
        if !chain.sends_path {
            let url = self.url;
            writeln!(
                out,
                "warning: useHttpPath is off for {url}; tokens of single repositories cannot be told apart.\n         \
                 See who set it: git config --show-origin --get-all credential.{url}.useHttpPath"
            )?;
        }
        Ok(())
    }
}

/// The store that was named before and is not used any more.
fn left_behind(before: &Options, now: &Options) -> Option<Choice> {
    let left = before.choice();
    (left.names_a_store() && left != now.choice()).then_some(left)
}

/// What to do then.
fn next_step(options: &Options, alone: Option<&Supply>) -> String {
    match alone {
        Some(supply) if supply.credential.is_err() => format!(
            "put that right; then git push (or fetch) uses {}",
            supply.source.token()
        ),
        Some(supply) => format!("git push (or fetch); it uses {}", supply.source.token()),
        None if options.choice().keeps() => {
            "git push (or fetch); the first time it asks for your token".to_owned()
        }
        None => "git push (or fetch); it asks for your token each time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Entry;
    use crate::bitbucket::Kind;
    use crate::helper::source::Source;
    use crate::reason::Reason;
    use crate::secret::Secret;

    #[test]
    fn a_store_that_was_named_is_left_behind() {
        for (choice, now, expected) in [
            (Choice::Auto, Choice::File, None),
            (Choice::None, Choice::File, None),
            (Choice::File, Choice::File, None),
            (Choice::File, Choice::Auto, Some(Choice::File)),
            (Choice::Memory, Choice::None, Some(Choice::Memory)),
            (Choice::Keychain, Choice::File, Some(Choice::Keychain)),
        ] {
            let left = left_behind(&choice.into(), &now.into());
            assert_eq!(left, expected, "{choice:?} {now:?}");
        }
    }

    #[test]
    fn the_next_step_says_whether_and_when_it_asks() {
        let file = |credential: Result<&[u8], &'static str>| {
            let entry = |secret| Entry::new(Kind::ApiToken, Secret::copy_of(secret), 0);
            Some(Supply {
                source: Source::File("/token".to_owned()),
                credential: credential.map(entry).map(Box::new).map_err(Reason::from),
            })
        };
        for (choice, supply, expected) in [
            (Choice::Auto, None, "the first time"),
            (Choice::Memory, None, "the first time"),
            (Choice::None, None, "each time"),
            (
                Choice::Auto,
                file(Ok(b"x")),
                "; it uses the token in that file",
            ),
            (Choice::Auto, file(Err("it is empty")), "put that right"),
        ] {
            let options = Options::from(choice);
            let step = next_step(&options, supply.as_ref());
            assert!(step.contains(expected), "{options:?} {step}");
        }
    }
}
