//! `erase`: forgets exactly what was refused, or what a person asked to forget.

use super::environment;
use super::session::{Session, explain_failure, now};
use crate::accounts::{Entry, answers_to};
use crate::bitbucket::{Repository, Site, Verdict, advise};
use crate::keychain::{Deletion, Failure, Unlock};
use crate::protocol::Request;
use crate::secret::Secret;
use crate::text::{notice, shown};

/// Forgets what equals the request.
pub fn erase(request: &Request, site: &'static Site) {
    // Background maintenance answers prompts with nothing; that refuses no credential.
    let without_password = request.password.as_ref().is_some_and(Secret::is_empty);
    if without_password || request.username.as_deref() == Some("") {
        return;
    }
    if let Some(variable) = request.password.as_ref().and_then(environment::origin) {
        notice(&format!(
            "{} refused what {variable} holds; replace it if that happens again",
            site.host
        ));
    }
    let session = Session::new(site);
    let vault = session.vault();
    let outcome = session.unlocking(|unlock| {
        let contents = vault.read(unlock)?;
        for mut entry in contents.entries {
            if !is_meant(&entry, request) {
                continue;
            }
            // A person's `git credential reject` names no challenge; neither does Git
            // before 2.41, where the two look alike.
            if request.has_wwwauth {
                doubt(&session, &mut entry, request, unlock)?;
            } else if vault.remove(&entry, unlock)? == Deletion::Deleted {
                notice(&format!(
                    "{} was removed from {}",
                    shown(&entry.title()),
                    vault.store_name()
                ));
            }
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        notice(&format!(
            "nothing was erased: {}",
            explain_failure(&failure, vault.store_name())
        ));
    }
}

/// A server answered 401. Bitbucket also gives that to good tokens now and then
/// (BCLOUD-24107), so it is asked once before anything is removed; where it cannot be
/// asked, the second refusal in a row counts.
fn doubt(
    session: &Session,
    entry: &mut Entry,
    request: &Request,
    unlock: Unlock,
) -> Result<(), Failure> {
    let repository = session.repository(request.path.as_deref());
    let verdict = session.recheck(entry, repository.as_ref());
    let host = session.site.host;
    let title = shown(&entry.title());
    match &verdict {
        Verdict::Refused(refusal) if refusal.is_final() => {
            session.discard(entry, *refusal, repository.as_ref());
            Ok(())
        }
        _ if verdict.accepted().is_some() => {
            entry.details.refusals = 0;
            entry.details.verified = Some(now());
            notice(&format!(
                "{host} refused {title} but still accepts it when asked again, so it was kept; try once more"
            ));
            session.vault().update(entry, unlock)
        }
        _ if entry.details.refusals == 0 => {
            entry.details.refusals = 1;
            entry.details.refused = Some(now());
            let reason = advise(&verdict, Some(entry.details.kind), repository.as_ref());
            notice(&format!(
                "{host} refused {title}; it is kept until that happens again, since it could not be verified. {reason}"
            ));
            session.vault().update(entry, unlock)
        }
        _ => {
            notice(&format!(
                "{host} refused {title} twice in a row; it was removed"
            ));
            session.vault().remove(entry, unlock).map(|_| ())
        }
    }
}

/// Whether the request means this entry. A secret decides alone: Git sends back the
/// name for Git, which need not be the account's. Without one, name and path do; a path
/// never excludes an entry for the whole site.
fn is_meant(entry: &Entry, request: &Request) -> bool {
    if let Some(password) = &request.password {
        return entry.secret == *password;
    }
    let named = request
        .username()
        .is_none_or(|name| answers_to(entry, name));
    let repository = request.path.as_deref().and_then(Repository::from_path);
    named && repository.is_none_or(|repository| entry.details.reach.covers(&repository))
}
