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
