//! Which entry answers a request: one pure function, tested as a table.

use super::entry::{Entry, Reach};
use crate::bitbucket::{Kind, Repository};
use crate::trace::Harmless;

/// What a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// `user@` of the URL or `credential.username`.
    pub username: Option<&'a str>,
    /// The repository, if the request names one.
    pub repository: Option<&'a Repository>,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Selection {
    /// This entry answers.
    Entry(usize),
    /// These fit equally well, and nothing chooses between them; the one that worked
    /// last comes first.
    Several(Vec<usize>),
    /// Only accounts with other names are kept: a person may agree to one of them.
    OtherNames(Vec<usize>),
    /// Nothing fits.
    Nothing,
}

impl Harmless for Selection {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Entry(_) => "one",
            Self::Several(_) => "several",
            Self::OtherNames(_) => "other names only",
            Self::Nothing => "none",
        });
    }
}

/// How well an entry fits the wanted name; the order is the preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameFit {
    /// Its own name is unknown, or it belongs to no account: answers any name.
    Any,
    /// A person agreed to this name.
    Agreed,
    /// Its own name.
    Own,
}

/// Chooses the most specific entry that fits, then the best name, then the account that
/// was chosen for the workspace before, then the default. Never an account with another
/// known name.
pub fn select(entries: &[Entry], wanted: &Wanted) -> Selection {
    let reachable = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| in_reach(entry, wanted));
    let fitting: Vec<(Preference, usize)> = reachable
        .clone()
        .filter_map(|(index, entry)| Some((preference(entry, wanted)?, index)))
        .collect();
    if let Some((best, _)) = fitting.iter().max() {
        let equal = fitting.iter().filter(|(preference, _)| preference == best);
        return among(entries, equal.map(|(_, index)| *index).collect());
    }
    let others: Vec<usize> = match wanted.username.map(Kind::with_static_name) {
        // A static name asks for a kind, not for an account.
        None | Some(Some(_)) => Vec::new(),
        Some(None) => reachable.map(|(index, _)| index).collect(),
    };
    if others.is_empty() {
        Selection::Nothing
    } else {
        Selection::OtherNames(others)
    }
}

/// Whether this entry may answer the request at all.
pub fn fits(entry: &Entry, wanted: &Wanted) -> bool {
    in_reach(entry, wanted) && preference(entry, wanted).is_some()
}

/// Whether `name` (from `store`, `erase` or a person) means this entry: the same rule by
/// which `get` would answer that name.
pub fn answers_to(entry: &Entry, name: &str) -> bool {
    name_fit(entry, name).is_some()
}

fn in_reach(entry: &Entry, wanted: &Wanted) -> bool {
    wanted
        .repository
        .is_none_or(|repository| entry.details.reach.covers(repository))
}

/// Of one account twice, which a process that was killed may leave behind, the later one.
fn among(entries: &[Entry], mut equal: Vec<usize>) -> Selection {
    equal.sort_by_key(|&index| std::cmp::Reverse(entries[index].details.last_known_good()));
    let accounts: Vec<String> = equal
        .iter()
        .map(|&index| entries[index].account())
        .collect();
    let mut seen = accounts.iter().enumerate();
    let mut distinct = equal.clone();
    distinct.retain(|_| {
        seen.next()
            .is_some_and(|(position, account)| !accounts[..position].contains(account))
    });
    match distinct[..] {
        [only] => Selection::Entry(only),
        _ => Selection::Several(distinct),
    }
}

/// What decides, in this order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    specific: u8,
    name: NameFit,
    chosen_for_workspace: bool,
    default: bool,
}

fn preference(entry: &Entry, wanted: &Wanted) -> Option<Preference> {
    let details = &entry.details;
    let width = match details.reach {
        Reach::Site => 0,
        Reach::Workspace(_) => 1,
        Reach::Repository(_) => 2,
    };
    Some(Preference {
        // Without a path the widest entry is the likeliest to fit.
        specific: match wanted.repository {
            Some(_) => width,
            None => 2 - width,
        },
        name: match wanted.username {
            Some(name) => name_fit(entry, name)?,
            None => NameFit::Any,
        },
        chosen_for_workspace: wanted
            .repository
            .is_some_and(|repository| details.is_chosen_for(&repository.workspace)),
        default: details.default,
    })
}

fn name_fit(entry: &Entry, name: &str) -> Option<NameFit> {
    let details = &entry.details;
    if details.username.as_deref() == Some(name) || details.email.as_deref() == Some(name) {
        Some(NameFit::Own)
    } else if details.aliases.iter().any(|alias| alias == name) {
        Some(NameFit::Agreed)
    } else if let Some(kind) = Kind::with_static_name(name) {
        (details.kind == kind).then_some(NameFit::Any)
    } else {
        details.username.is_none().then_some(NameFit::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    /// Kind, username, reach, time.
    type Row = (Kind, Option<&'static str>, &'static str, u64);

    /// What is kept, the wanted name and path, and the choice.
    type Case<'a> = (&'a [Row], Option<&'a str>, Option<&'a str>, Selection);

    fn entries(rows: &[Row]) -> Vec<Entry> {
        rows.iter()
            .map(|&(kind, username, reach, time)| {
                let mut entry = Entry::new(kind, Secret::copy_of(b"secret"), time);
                entry.details.username = username.map(Into::into);
                entry.details.reach = match reach {
                    "" => Reach::Site,
                    place if place.contains('/') => Reach::Repository(place.into()),
                    place => Reach::Workspace(place.into()),
                };
                entry
            })
            .collect()
    }

    fn chosen(entries: &[Entry], username: Option<&str>, path: Option<&str>) -> Selection {
        let repository = path.and_then(Repository::from_path);
        select(
            entries,
            &Wanted {
                username,
                repository: repository.as_ref(),
            },
        )
    }

    #[test]
    fn the_table_of_choices() {
        use Kind::{AccessToken, ApiToken};
        use Selection::{Entry, Nothing, OtherNames, Several};
        let alice: Row = (ApiToken, Some("alice"), "", 10);
        let bob: Row = (ApiToken, Some("bob"), "", 20);
        let nameless: Row = (ApiToken, None, "", 5);
        let acme: Row = (ApiToken, Some("carol"), "acme", 1);
        let widgets: Row = (AccessToken, None, "acme/widgets", 1);
        let table: &[Case] = &[
            (&[], None, None, Nothing),
            (&[], Some("alice"), None, Nothing),
            (&[alice], None, None, Entry(0)),
            (&[alice], None, Some("any/thing.git"), Entry(0)),
            (&[alice], Some("alice"), None, Entry(0)),
            (&[alice], Some("Alice"), None, OtherNames(vec![0])),
            (&[alice, bob], Some("old"), None, OtherNames(vec![0, 1])),
            (&[nameless], Some("anyone"), None, Entry(0)),
            (&[alice, bob], None, None, Several(vec![1, 0])),
            (&[bob, alice], None, Some("acme/x"), Several(vec![0, 1])),
            (&[alice, alice], None, None, Entry(0)),
            (&[alice, bob, widgets], None, Some("acme/widgets"), Entry(2)),
            (&[alice, bob], Some("alice"), None, Entry(0)),
            (&[nameless, alice], Some("alice"), None, Entry(1)),
            (&[alice, nameless], Some("old"), None, Entry(1)),
            (&[alice], Some("x-token-auth"), None, Nothing),
            (&[alice], Some("x-bitbucket-api-token-auth"), None, Entry(0)),
            (&[alice, widgets], Some("x-token-auth"), None, Entry(1)),
            (
                &[alice, acme, widgets],
                None,
                Some("acme/widgets.git"),
                Entry(2),
            ),
            (&[alice, acme, widgets], None, Some("ACME/other"), Entry(1)),
            (&[alice, acme, widgets], None, Some("else/where"), Entry(0)),
            (&[widgets], None, Some("else/where"), Nothing),
            (&[widgets], None, None, Entry(0)),
            (&[widgets, alice], None, None, Entry(1)),
            (&[widgets], Some("alice"), Some("acme/widgets"), Entry(0)),
            (&[acme], Some("alice"), Some("else/where"), Nothing),
        ];
        for (number, (rows, username, path, expected)) in table.iter().enumerate() {
            assert_eq!(
                chosen(&entries(rows), *username, *path),
                *expected,
                "row {number}"
            );
        }
    }

    #[test]
    fn agreed_names_and_addresses_count_as_names() {
        let mut kept = entries(&[(Kind::ApiToken, Some("alice"), "", 0)]);
        kept[0].details.aliases.push("old".into());
        kept[0].details.email = Some("alice@acme.example".into());
        assert_eq!(chosen(&kept, Some("old"), None), Selection::Entry(0));
        assert_eq!(
            chosen(&kept, Some("alice@acme.example"), None),
            Selection::Entry(0)
        );
        for (name, answers) in [
            ("alice", true),
            ("old", true),
            ("alice@acme.example", true),
            ("bob", false),
            ("x-token-auth", false),
        ] {
            assert_eq!(answers_to(&kept[0], name), answers, "{name}");
        }
    }

    #[test]
    fn a_choice_for_the_workspace_counts_more_than_the_default() {
        use Kind::ApiToken;
        let mut kept = entries(&[
            (ApiToken, Some("alice"), "", 1),
            (ApiToken, Some("bob"), "", 2),
        ]);
        kept[0].details.default = true;
        assert_eq!(chosen(&kept, None, None), Selection::Entry(0));
        assert_eq!(chosen(&kept, None, Some("acme/x")), Selection::Entry(0));
        assert_eq!(chosen(&kept, Some("bob"), None), Selection::Entry(1));
        kept[1].details.choose_for("acme");
        assert_eq!(chosen(&kept, None, Some("acme/x")), Selection::Entry(1));
        assert_eq!(chosen(&kept, None, Some("other/x")), Selection::Entry(0));
        assert_eq!(
            chosen(&kept, Some("alice"), Some("acme/x")),
            Selection::Entry(0)
        );
    }
}
