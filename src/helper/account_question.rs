//! Questions about which of the accounts that are kept is meant.

use crate::accounts::Entry;
use crate::prompt::{Person, Unanswered};
use crate::text::shown;
use std::fmt::Write as _;

/// Asks whether an account may answer for another name (`user@` of an old remote), and
/// notes a yes in the entry.
pub fn agree_on_name(
    person: &mut dyn Person,
    entry: &mut Entry,
    wanted: &str,
    host: &str,
) -> Result<bool, Unanswered> {
    let (title, name) = (shown(&entry.title()), shown(wanted));
    let own = entry.details.username.as_deref();
    let question = if own.is_some_and(|own| own.eq_ignore_ascii_case(wanted)) {
        format!(
            "Git asks for {name} at {host}, which differs from {title} in upper and lower case \
             only. Use it all the same?"
        )
    } else {
        format!("Git asks for {name} at {host}. Use {title} for that name, too?")
    };
    let agreed = person.confirm(&question)?;
    if agreed {
        entry.details.aliases.push(wanted.to_owned());
    }
    Ok(agreed)
}

/// Asks which of several accounts is meant; the first is the one that worked last.
pub fn choose_one(
    person: &mut dyn Person,
    place: &str,
    accounts: &[&Entry],
) -> Result<usize, Unanswered> {
    let mut list = format!(
        "Several accounts are kept here. Which one is for {}?",
        shown(place)
    );
    for (index, entry) in accounts.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(list, "\n  {}. {}", index + 1, shown(&entry.title()));
    }
    person.tell(&list);
    loop {
        let answer = person.ask("Number [1]:")?;
        match answer.trim() {
            "" => return Ok(0),
            text => match text.parse::<usize>() {
                Ok(number) if (1..=accounts.len()).contains(&number) => return Ok(number - 1),
                _ => person.tell(&format!("Type a number from 1 to {}.", accounts.len())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::Kind;
    use crate::prompt::Scripted;
    use crate::secret::Secret;

    fn entry(name: &str) -> Entry {
        let mut entry = Entry::new(Kind::ApiToken, Secret::copy_of(name.as_bytes()), 0);
        entry.details.username = Some(name.to_owned());
        entry
    }

    #[test]
    fn only_a_yes_lets_an_account_answer_for_another_name() {
        for (answers, expected, aliases) in [
            (&["y"][..], Ok(true), &["old"][..]),
            (&["n"], Ok(false), &[]),
            (&[], Err(Unanswered::Cancelled), &[]),
        ] {
            let (mut person, mut entry) = (Scripted::new(answers), entry("alice"));
            let agreed = agree_on_name(&mut person, &mut entry, "old", "bitbucket.org");
            assert_eq!(agreed, expected);
            assert_eq!(entry.details.aliases, aliases);
            assert_eq!(person.heard.len(), 1);
        }
    }

    #[test]
    fn a_name_in_another_case_is_asked_about_as_such() {
        for (wanted, words) in [
            ("Alice", "upper and lower case only"),
            ("bob", "Use alice (API token) for that name, too?"),
        ] {
            let mut person = Scripted::new(&["n"]);
            let outcome = agree_on_name(&mut person, &mut entry("alice"), wanted, "bitbucket.org");
            assert_eq!(outcome, Ok(false));
            assert!(person.heard[0].contains(words), "{:?}", person.heard);
        }
    }

    #[test]
    fn an_account_is_chosen_by_its_number() {
        let (alice, bob) = (entry("alice"), entry("bob"));
        for (answers, expected, questions) in [
            (&[""][..], Ok(0), 1),
            (&["1"], Ok(0), 1),
            (&[" 2 "], Ok(1), 1),
            (&["0", "2"], Ok(1), 2),
            (&["3", "2"], Ok(1), 2),
            (&["bob", "-1", "1"], Ok(0), 3),
            (&["x"], Err(Unanswered::Cancelled), 2),
            (&[], Err(Unanswered::Cancelled), 1),
        ] {
            let mut person = Scripted::new(answers);
            let chosen = choose_one(&mut person, "bitbucket.org/acme/widgets", &[&alice, &bob]);
            assert_eq!(chosen, expected, "{answers:?}");
            let asked = person.heard.iter().filter(|text| *text == "Number [1]:");
            assert_eq!(asked.count(), questions, "{answers:?}");
        }
    }
}
