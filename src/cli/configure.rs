//! `configure`: makes Git ask us, and nobody before us, about Bitbucket; and proves it
//! by asking Git. What cannot be made to work is undone.

use super::store_argument::{choices, meanings, path};
use crate::bitbucket::Site;
use crate::git::chain::{self, Helper};
use crate::git::config_file::{ConfigFile, Edit};
use crate::git::section::{self, Section};
use crate::git::{Config, Context, Git, Scope, helper_value};
use crate::helper::options::{Options, displayed, parse_timeout};
use crate::helper::token_file_fault;
use crate::keychain::Choice;
use crate::text::shown;
use anyhow::{anyhow, ensure};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

    /// An error with what helps against it, if that is known.
    pub(super) fn explain(self, error: anyhow::Error) -> anyhow::Error {
        let denied = error
            .root_cause()
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        if denied && self.system {
            error.context("--system needs an administrator's rights (sudo)")
        } else {
            error
        }
    }

    /// The command with its scope, as one would type it.
    pub(super) fn typed(self, command: &str) -> String {
        let scope = match self.scope() {
            Scope::System => " --system",
            Scope::Global => "",
            Scope::Local => " --local",
        };
        format!("git credential-bitbucket {command}{scope}")
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
            timeout: self.timeout,
        };
        ensure!(
            options.timeout.is_none() || options.choice().remembers().is_some(),
            "--timeout is for --store {}",
            Choice::with_timeout()
        );
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
    let git = Git::new(context, arguments.scope())?;
    let exec_path = git.ask(&["--exec-path"])?;
    let file = ConfigFile::at(&git.files()?[0])?;
    let before = match options_in(&git, Some(file.path()))? {
        // A repository keeps tokens where everything else does.
        None if arguments.scope() == Scope::Local => options_in(&git, None)?,
        here => here,
    };
    let before = before.unwrap_or_default();
    let options = if options == Options::default() {
        before.clone()
    } else {
        options
    };
    let name = helper_value::choose(context, &exec_path)?;
    let helper = [name, options.written()?].concat();
    let job = Job {
        site,
        section: Section {
            url: site.url(),
            helper: &helper,
        },
        file,
        git,
        arguments,
        options,
        before,
    };
    let before = job.file.read()?;
    if let Some(before) = before.as_deref().filter(|file| job.section.is_in(file))
        && let Ok(Outcome::Reached(chain)) = job.outcome()
        && (chain.len() == 1 && job.sends_path() || job.section.add(Some(before)) == before)
    {
        writeln!(
            out,
            "Nothing to do: Git already asks git-credential-bitbucket about {}.",
            site.url()
        )?;
        return job.print_chain(&chain, out);
    }
    if arguments.dry_run {
        return job.print_plan(before.as_deref(), out);
    }
    let edit = job
        .file
        .edit(
            |now| Some(job.section.add(now)),
            |file| without_section(file, site.url()),
        )
        .map_err(|error| arguments.explain(error))?;
    match job.outcome() {
        Ok(Outcome::Reached(chain)) => job.print_success(&edit, &chain, out),
        Ok(Outcome::InTheWay(what)) => Err(job.undo(&edit, &what)?),
        Err(error) => Err(job.undo(&edit, &format!("{error:#}. Repair that"))?),
    }
}

/// What the last line that names us says in this file, or in all that Git reads; what cannot
/// be read is dropped. None if there is no such line.
pub(super) fn options_in(git: &Git, file: Option<&Path>) -> anyhow::Result<Option<Options>> {
    let config = Config::list(git)?;
    let ours = config.helper_lines().rfind(|setting| {
        (file.is_none() || setting.file.as_deref() == file)
            && helper_value::names_us(&setting.value)
    });
    let options = ours.map(|setting| Options::parse(&helper_value::options(&setting.value)));
    Ok(options.map(Result::unwrap_or_default))
}

/// A file without our section; what else is in it is nobody's business here.
pub(super) fn without_section(file: &[u8], url: &str) -> Vec<u8> {
    section::remove(file, url).content
}

struct Job<'a> {
    site: &'a Site,
    git: Git<'a>,
    file: ConfigFile,
    section: Section<'a>,
    arguments: Arguments,
    options: Options,
    /// Those that were there.
    before: Options,
}

/// What Git does with the file as it is now.
enum Outcome {
    /// It asks us first, then the others.
    Reached(Vec<Helper>),
    /// It does not: why, and what to do about it.
    InTheWay(String),
}

impl Job<'_> {
    fn outcome(&self) -> anyhow::Result<Outcome> {
        let config = Config::list(&self.git)?;
        let chain = chain::effective(&self.git, self.section.url, &config)?;
        Ok(match chain.first() {
            Some(first) if !helper_value::names_us(&first.value) => {
                Outcome::InTheWay(self.what_is_in_the_way(&config, Some(first)))
            }
            None => Outcome::InTheWay(self.what_is_in_the_way(&config, None)),
            Some(first) if !first.found => Outcome::InTheWay(format!(
                "Git cannot start {}, set in {}. Install the program there, or remove that line",
                displayed(&first.value),
                first.place
            )),
            Some(_) => Outcome::Reached(chain),
        })
    }

    fn what_is_in_the_way(&self, config: &Config, first: Option<&Helper>) -> String {
        let ours = String::from_utf8_lossy(self.section.helper);
        if !config.helper_lines().any(|line| *line.value == *ours) {
            return format!(
                "Git does not read {}. Look for GIT_CONFIG_NOSYSTEM and GIT_CONFIG_GLOBAL \
                 in your environment, or use another scope",
                self.path()
            );
        }
        if let Some(remover) = config.remover(&self.site.parsed_url(), &ours) {
            return format!(
                "the empty `helper =` in {remover} removes every helper before it. \
                 Remove that line"
            );
        }
        first.map_or_else(
            || "Git asks no helper at all. Look at `git config --list --show-origin`".into(),
            |Helper { value, place, .. }| {
                let value = displayed(value);
                format!("{value} in {place} is asked first. Remove that line")
            },
        )
    }

    /// Puts the file back and says why.
    fn undo(&self, edit: &Edit, why: &str) -> anyhow::Result<anyhow::Error> {
        let without = |file: &[u8]| without_section(file, self.section.url);
        let undone = self.file.edit(
            |now| match now {
                now if now == edit.after.as_deref() => edit.before.clone(),
                now => now.map(without),
            },
            without,
        )?;
        let end = if undone.after == edit.before {
            "is as it was"
        } else {
            "was edited meanwhile; only our section was taken out of it"
        };
        Ok(anyhow!(
            "Git would not ask us about {}: {why}, then run: {}\n{} {end}.",
            self.section.url,
            self.arguments.typed("configure"),
            self.path()
        ))
    }

    fn print_plan(&self, before: Option<&[u8]>, out: &mut dyn Write) -> anyhow::Result<()> {
        let how = match before {
            None => "Would create",
            Some(file) if section::remove(file, self.section.url).sections > 0 => {
                "Would write our section anew at the end of"
            }
            Some(_) => "Would add to the end of",
        };
        writeln!(out, "{how} {}:", self.path())?;
        for line in self.section.lines() {
            let line = String::from_utf8_lossy(&line).replace('\t', "    ");
            writeln!(out, "    {}", shown(&line))?;
        }
        writeln!(out, "Nothing was changed.")?;
        Ok(())
    }

    fn print_success(
        &self,
        edit: &Edit,
        chain: &[Helper],
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let done = match &edit.before {
            None => "created",
            Some(before) if section::remove(before, self.section.url).sections > 0 => {
                "our section is now at its end"
            }
            Some(_) => "a section was added at its end",
        };
        writeln!(
            out,
            "Git now asks git-credential-bitbucket about {}.",
            self.section.url
        )?;
        writeln!(out, "  file:    {} ({done})", self.path())?;
        self.print_chain(chain, out)?;
        writeln!(out, "  undo:    {}", self.arguments.typed("unconfigure"))?;
        let left = self.before.choice();
        if left.names_a_store() && left != self.options.choice() {
            writeln!(
                out,
                "note: what is kept with --store={0} stays there; to remove it: \
                 git credential-bitbucket logout --all --store {0}",
                left.row().name
            )?;
        }
        let next = match (self.options.choice(), &self.options.token_file) {
            (_, Some(_)) if token_file_fault(&self.options).is_some() => {
                "put that right; then git push (or fetch) uses the token in that file"
            }
            (_, Some(_)) => "git push (or fetch); it uses the token in that file",
            (choice, None) if !choice.keeps() => {
                "git push (or fetch); it asks for your token each time"
            }
            _ => "git push (or fetch); the first time it asks for your token",
        };
        writeln!(out, "Next: {next}.")?;
        Ok(())
    }

    /// The helpers in order, and who besides us is told our secret.
    fn print_chain(&self, chain: &[Helper], out: &mut dyn Write) -> anyhow::Result<()> {
        for (index, helper) in chain.iter().enumerate() {
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
        for helper in chain.iter().skip(1).filter(|helper| helper.found) {
            writeln!(
                out,
                "warning: {} in {} is given every Bitbucket token too: Git tells all\n         \
                 helpers what worked. Remove that line, or limit it to other hosts.",
                displayed(&helper.value),
                helper.place
            )?;
        }
        if let Some(fault) = token_file_fault(&self.options) {
            writeln!(out, "warning: {fault}.")?;
        }
        if !self.sends_path() {
            writeln!(
                out,
                "warning: useHttpPath is off for {}; tokens of single repositories cannot be told apart.\n         \
                 See who set it: git config --show-origin --get-all credential.{}.useHttpPath",
                self.section.url, self.section.url
            )?;
        }
        Ok(())
    }

    /// Whether Git tells its helpers which repository it is about.
    fn sends_path(&self) -> bool {
        let key = "credential.useHttpPath";
        self.git
            .ask(&[
                "config",
                "--type=bool",
                "--get-urlmatch",
                key,
                self.section.url,
            ])
            .is_ok_and(|answer| answer == Path::new("true"))
    }

    fn path(&self) -> String {
        display(self.file.path())
    }
}

pub(super) fn display(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_rights_to_the_system_file_are_explained() {
        for (kind, system, explained) in [
            (io::ErrorKind::PermissionDenied, true, true),
            (io::ErrorKind::PermissionDenied, false, false),
            (io::ErrorKind::NotFound, true, false),
        ] {
            let arguments = Arguments {
                system,
                ..Arguments::default()
            };
            let error = anyhow::Error::new(io::Error::from(kind)).context("cannot write x");
            let text = format!("{:#}", arguments.explain(error));
            assert_eq!(text.contains("administrator"), explained, "{text}");
        }
    }
}
