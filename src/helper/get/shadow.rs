//! What is kept and not served, since a variable comes before it that another program may have
//! set. It is said once for each secret; nothing else follows from it.

use super::Get;
use super::known::{GetRequest, Looked};
use crate::accounts::{Entry, Selection, select};
use crate::bitbucket::Kind;
use crate::dates::now;
use crate::helper::notes::Notes;
use crate::helper::source::Supply;
use crate::keychain::{Failure, Unlock};
use crate::secret::Secret;
use crate::text::{notice, shown};

impl Get<'_> {
    /// Says what the source at this place hides, unless that was said before.
    pub(super) fn look_behind(&mut self, index: usize) {
        let Some(looked) = self.known.sources.get_mut(index) else {
            return;
        };
        looked.is_compared = true;
        let Looked {
            supply:
                Some(Supply {
                    source,
                    credential: Ok(served),
                }),
            ..
        } = &self.known.sources[index]
        else {
            return;
        };
        let now = now();
        if Notes::read().compared_lately(&served.secret, now) {
            return;
        }
        match self.session.vault().read(Unlock::Never) {
            Ok(contents) => {
                if let Some(title) = hidden(&contents.entries, &self.wanted, &served.secret) {
                    notice(&format!(
                        "{source} is set and comes before {}, which is kept; if another program's \
                         token is meant there, run: git credential-bitbucket configure \
                         --ignore-environment",
                        shown(&title)
                    ));
                    Notes::read().note_comparison(&served.secret, true, now);
                }
            }
            // That is found out at once.
            Err(Failure::Missing(_) | Failure::KeepsNothing | Failure::Locked) => {}
            Err(_) => Notes::read().note_comparison(&served.secret, false, now),
        }
    }
}

/// What of these would be served in place of this secret, if nothing is known against it.
fn hidden(entries: &[Entry], wanted: &GetRequest, served: &Secret) -> Option<String> {
    let index = match select(entries, &wanted.account()) {
        Selection::Entry(index) => index,
        Selection::Several(equal) => *equal.first()?,
        Selection::OtherNames(_) | Selection::Nothing => return None,
    };
    let entry = &entries[index];
    let is_doubtful = entry.details.refusals > 0
        || entry.must_be_checked(wanted.now)
        || entry.details.kind == Kind::AppPassword;
    (entry.secret != *served && !is_doubtful).then(|| entry.title())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Request;

    const NOW: u64 = 2_000_000_000;

    #[test]
    fn only_another_good_token_that_fits_is_hidden() {
        let token = || Entry::new(Kind::ApiToken, Secret::copy_of(b"kept"), NOW - 10);
        let with = |change: fn(&mut Entry)| {
            let mut entry = token();
            entry.details.username = Some("alice".to_owned());
            change(&mut entry);
            vec![entry]
        };
        for (entries, name, served, expected) in [
            (vec![], None, "other", false),
            (with(|_| {}), None, "other", true),
            (with(|_| {}), Some("alice"), "other", true),
            (with(|_| {}), Some("bob"), "other", false),
            (with(|_| {}), None, "kept", false),
            (with(|it| it.details.refusals = 1), None, "other", false),
            (
                with(|it| it.details.expires = Some(NOW - 1)),
                None,
                "other",
                false,
            ),
            (
                with(|it| it.details.kind = Kind::AppPassword),
                None,
                "other",
                false,
            ),
        ] {
            let request = Request {
                username: name.map(str::to_owned),
                ..Request::default()
            };
            let wanted = GetRequest::of(&request, None, NOW);
            let served = Secret::copy_of(served.as_bytes());
            let found = hidden(&entries, &wanted, &served);
            assert_eq!(found.is_some(), expected, "{name:?}");
        }
    }
}
