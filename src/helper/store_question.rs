//! The question where there is no keychain: which store to use. It is asked once; the
//! answer goes into the person's own Git configuration, where `configure` writes, too.

use super::notes::Notes;
use super::session::{Session, explain_failure};
use crate::git::Config;
use crate::keychain::{Choice, Failure};
use crate::prompt::{Person, Unanswered};
use crate::setup;
use crate::setup::options::{Options, STORE};
use crate::text::escaped;
use std::fmt::Write as _;

/// What helps where there is no keychain and nobody to ask.
pub const INSTEAD: &str = "where there is none, choose another store (git credential-bitbucket \
    configure --store memory) or put a token into BITBUCKET_TOKEN";

/// Asks, uses the answer from now on and remembers it.
pub fn ask(
    session: &Session,
    person: &mut dyn Person,
    failure: &Failure,
) -> Result<(), Unanswered> {
    let reason = explain_failure(failure, session.vault().store_name());
    let options = Options {
        ignore_environment: session.options.ignore_environment,
        ..choose(person, &reason)?.into()
    };
    session.use_store(&options);
    let text = remember(session, &options).unwrap_or_else(|error| {
        let reason = escaped(&format!("{error:#}"));
        if Notes::read().note_store(options.choice()) {
            format!("Remembered, but not in Git's configuration: {reason}")
        } else {
            format!("That could not be noted, so you will be asked again: {reason}")
        }
    });
    person.tell(&text);
    Ok(())
}

fn choose(person: &mut dyn Person, reason: &str) -> Result<Choice, Unanswered> {
    let mut list = format!(
        "{}{}.\nWhere shall Bitbucket tokens be kept instead?",
        reason[..1].to_uppercase(),
        &reason[1..]
    );
    let offered: Vec<_> = Choice::offered().collect();
    for (index, choice) in offered.iter().enumerate() {
        let row = choice.row();
        // Writing to a String cannot fail.
        let _ = write!(list, "\n  {}. {}: {}", index + 1, row.name, row.meaning);
    }
    person.tell(&list);
    loop {
        let answer = person.ask("Number [1]:")?;
        let answer = answer.trim();
        if answer.is_empty() {
            return Ok(offered.first().copied().unwrap_or_default());
        }
        let numbered = answer.parse::<usize>().ok();
        let numbered = numbered.and_then(|number| offered.get(number.checked_sub(1)?));
        let named = offered.iter().find(|choice| choice.row().name == answer);
        if let Some(choice) = numbered.or(named) {
            return Ok(*choice);
        }
        person.tell(&format!("Type a number from 1 to {}.", offered.len()));
    }
}

/// Writes the choice to where the person's own configuration is, and returns what to say.
fn remember(session: &Session, options: &Options) -> anyhow::Result<String> {
    let (path, helper) = setup::note(&session.site, options)?;
    let url = session.site.url();
    if Options::in_force(&Config::read(), &session.url()).as_ref() != Ok(options) {
        // That one may not be ours to change; it counts here all the same if it names no store.
        Notes::read().note_store(options.choice());
        return Ok(format!(
            "Noted in {path}, but another line is in force here; see which: \
             git config --show-origin --get-all credential.{url}.helper"
        ));
    }
    Ok(format!(
        "Noted in {path}, for {url} in all your sessions:\n    helper = {helper}\n\
         To change it: git credential-bitbucket configure {STORE} NAME"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Scripted;

    #[test]
    fn a_store_is_chosen_by_its_number_or_its_name() {
        for (answers, expected) in [
            (&[""][..], Ok(Choice::Memory)),
            (&["1"], Ok(Choice::Memory)),
            (&["2"], Ok(Choice::File)),
            (&["3"], Ok(Choice::None)),
            (&[" file "], Ok(Choice::File)),
            (&["none"], Ok(Choice::None)),
            // What is not offered is not taken, by whatever name.
            (
                &["keychain", "4", "0", "auto", "memory"],
                Ok(Choice::Memory),
            ),
            (&["9"], Err(Unanswered::Cancelled)),
            (&[], Err(Unanswered::Cancelled)),
        ] {
            let mut person = Scripted::new(answers);
            let chosen = choose(&mut person, "there is no keychain");
            assert_eq!(chosen, expected, "{answers:?}");
            assert!(person.heard[0].starts_with("There is no keychain.\n"));
            assert_eq!(person.left(), 0);
        }
    }
}
