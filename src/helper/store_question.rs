//! The question where there is no keychain, or none with a place in it: which store to use. It
//! is asked once; the answer goes into the person's own Git configuration, where `configure`
//! writes, too. A keyring that is created instead needs no note.

use super::notes::Notes;
use super::session::{Session, explain_failure};
use crate::git::Config;
use crate::keychain::{self, Choice, Failure};
use crate::prompt::{Person, Unanswered};
use crate::setup;
use crate::setup::line_options::{Options, STORE};
use crate::text::escaped;
use std::fmt::Write as _;

/// What helps where there is no keychain and nobody to ask.
pub const INSTEAD: &str = "where there is none, choose another store (git credential-bitbucket \
    configure --store memory) or put a token into BITBUCKET_TOKEN";

/// The same where the Secret Service has no default keyring.
pub const CREATE_OR_CHOOSE: &str = "create one (in a desktop session: seahorse), choose another \
    store (git credential-bitbucket configure --store memory) or put a token into BITBUCKET_TOKEN";

/// What a person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoreAnswer {
    /// This store instead.
    Instead(Choice),
    /// The keychain after all: it shall get the default keyring that it lacks.
    NewKeyring,
}

/// Asks, uses the answer from now on and remembers it.
pub fn ask(
    session: &Session,
    person: &mut dyn Person,
    failure: &Failure,
) -> Result<(), Unanswered> {
    let reason = explain_failure(failure, session.vault().store());
    let mut may_create = *failure == Failure::NoDefaultKeyring && keychain::shows_dialogs();
    let choice = loop {
        match choose(person, &reason, &offers(may_create))? {
            StoreAnswer::Instead(choice) => break choice,
            StoreAnswer::NewKeyring => {
                if keychain::create_default_keyring().is_ok() {
                    person.tell("The Secret Service has its default keyring now.");
                    return Ok(());
                }
                person.tell("No keyring was created: its dialog was closed, or not shown.");
                may_create = false;
            }
        }
    };
    let options = session.options.with_store(choice);
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

/// What can be answered; who just presses Enter takes the first.
fn offers(may_create: bool) -> Vec<StoreAnswer> {
    let created = may_create.then_some(StoreAnswer::NewKeyring);
    let instead = Choice::offered().map(StoreAnswer::Instead);
    created.into_iter().chain(instead).collect()
}

impl StoreAnswer {
    fn name(self) -> &'static str {
        match self {
            Self::Instead(choice) => choice.row().name,
            Self::NewKeyring => "keyring",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Instead(choice) => choice.row().meaning,
            Self::NewKeyring => {
                "the Secret Service creates one, encrypted; choose its password in the dialog"
            }
        }
    }

    fn protects(self) -> &'static str {
        match self {
            Self::Instead(choice) => choice.row().protects,
            Self::NewKeyring => Choice::Keychain.row().protects,
        }
    }
}

fn choose(
    person: &mut dyn Person,
    reason: &str,
    offers: &[StoreAnswer],
) -> Result<StoreAnswer, Unanswered> {
    let mut list = format!(
        "{}{}.\nWhere shall Bitbucket tokens be kept instead?",
        reason[..1].to_uppercase(),
        &reason[1..]
    );
    for (index, offer) in offers.iter().enumerate() {
        let (name, meaning, protects) = (offer.name(), offer.meaning(), offer.protects());
        // Writing to a String cannot fail.
        let _ = write!(list, "\n  {}. {name}: {meaning}.", index + 1);
        let _ = write!(list, "\n     Safe {protects}.");
    }
    person.tell(&list);
    loop {
        let answer = person.ask("Number [1]:")?;
        let answer = answer.trim();
        if answer.is_empty() {
            let first = offers.first().copied();
            return Ok(first.unwrap_or(StoreAnswer::Instead(Choice::None)));
        }
        let numbered = answer.parse::<usize>().ok();
        let numbered = numbered.and_then(|number| offers.get(number.checked_sub(1)?));
        let named = offers.iter().find(|offer| offer.name() == answer);
        if let Some(offer) = numbered.or(named) {
            return Ok(*offer);
        }
        person.tell(&format!("Type a number from 1 to {}.", offers.len()));
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

    fn chosen(
        answers: &'static [&'static str],
        may_create: bool,
    ) -> Result<StoreAnswer, Unanswered> {
        let mut person = Scripted::new(answers);
        // Without those that are offered only where they are set up.
        let mut offers = offers(may_create);
        offers.retain(|offer| *offer != StoreAnswer::Instead(Choice::Pass));
        let chosen = choose(&mut person, "there is no keychain", &offers);
        assert!(person.heard[0].starts_with("There is no keychain.\n"));
        assert_eq!(person.left(), 0);
        chosen
    }

    #[test]
    fn a_keyring_is_created_only_where_it_is_offered_and_then_first() {
        for (answers, may_create, expected) in [
            (&[""][..], true, StoreAnswer::NewKeyring),
            (&["keyring"], true, StoreAnswer::NewKeyring),
            (&["memory"], true, StoreAnswer::Instead(Choice::Memory)),
            (
                &["keyring", "memory"],
                false,
                StoreAnswer::Instead(Choice::Memory),
            ),
        ] {
            assert_eq!(chosen(answers, may_create), Ok(expected), "{answers:?}");
        }
    }

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
            let expected = expected.map(StoreAnswer::Instead);
            assert_eq!(chosen(answers, false), expected, "{answers:?}");
        }
    }
}
