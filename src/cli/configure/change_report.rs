//! What people read of a change to Git's configuration: what would be written, what was, whom Git
//! asks now and what that harms, and what to do next.

use super::Arguments;
use crate::bitbucket::Site;
use crate::helper::source::{self, Supply};
use crate::keychain::Choice;
use crate::setup::line_options::{Options, displayed};
use crate::setup::{self, Change, HelperChain, SectionChange};
use std::io::Write;

/// What is said of a change.
pub(super) struct ChangeReport<'a> {
    pub(super) url: &'a str,
    pub(super) site: &'a Site,
    /// Whether nothing more is changed after it.
    pub(super) is_last: bool,
    pub(super) change: &'a Change<'a>,
}

impl ChangeReport<'_> {
    pub(super) fn print_plan(&self, out: &mut dyn Write) -> anyhow::Result<()> {
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

    pub(super) fn print_success(
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
        if !self.is_last {
            return Ok(());
        }
        let undo = setup::command("unconfigure", arguments.scope(), self.site);
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
    pub(super) fn print_chain(
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
