//! `erase`: forgets exactly what was refused, or what a person asked to forget.

use super::mark::Mark;
use super::session::{Session, explain_failure};
use super::single_flight::{self, Before};
use super::source;
use crate::accounts::renewal::Kept;
use crate::accounts::{Entry, Reach, Vault, answers_to, is_alike, is_called};
use crate::bitbucket::outcomes::Fate;
use crate::bitbucket::{Repository, Verdict, account_name, advise};
use crate::dates::now;
use crate::keychain::{Deletion, Failure, Store, Unlock};
use crate::protocol::Request;
use crate::secret::Secret;
use crate::text::{notice, shown};
use crate::trace;

/// Where there is no need for one.
const ANOTHER: &str = "Another token is kept for the same; try again";

/// Forgets what equals the request.
pub fn erase(request: &Request, session: &Session) {
    // Background maintenance answers prompts with nothing; that refuses no credential.
    let without_password = request.secret().is_some_and(Secret::is_empty);
    if without_password || request.username.as_deref() == Some("") {
        return;
    }
    let password = request.secret();
    if let Some(source) = password.and_then(|password| source::holder(session, password)) {
        notice(&source.after_refusal(session.site.host()));
    }
    if !session.choice().keeps() {
        return;
    }
    let vault = session.vault();
    let contents = match session.unlocking(|unlock| vault.read(unlock)) {
        Ok(contents) => contents,
        // There was no keychain to serve it from, so what Git was refused is not from it.
        Err(failure) if failure.is_no_place() && is_refusal(request) => return,
        Err(failure) => return report(&failure, vault.store()),
    };
    let mut meant = contents.entries;
    let path = request.path.as_deref();
    let path = path.map(|path| session.site.below_repositories(path).unwrap_or(path));
    meant.retain(|entry| is_meant(entry, request, path));
    trace::tell("entries meant", &[&meant.len()]);
    if request.secret().is_some() {
        doubt(session, &mut meant, request);
    } else {
        leave_out_nameless(&mut meant, request.username());
        remove(&vault, &meant);
    }
}

/// Where tokens have the name that a person says, they alone are meant: what has no name would
/// answer to this one as to any other, and may be anybody's.
fn leave_out_nameless(meant: &mut Vec<Entry>, name: Option<&str>) {
    let Some(name) = name else { return };
    if meant.iter().any(|entry| is_called(entry, name)) {
        meant.retain(|entry| is_called(entry, name));
    }
}

/// Whether Git was refused, and no person rejects anything: only Git tells of a server's
/// challenge, and of a credential that is no password.
fn is_refusal(request: &Request) -> bool {
    request.has_wwwauth || request.authtype.is_some()
}

/// Whether Git had been refused before it was served this entry: it comes back only then, also
/// where the server names no challenge.
fn is_second_round(entry: &Entry, request: &Request) -> bool {
    Mark::of(request).is_some_and(|mark| mark.again && mark.matches(&entry.secret))
}

/// What a person asked to forget goes at once.
fn remove(vault: &Vault, entries: &[Entry]) {
    for entry in entries {
        match vault.remove(entry, Unlock::Never) {
            Ok(Deletion::Deleted) => notice(&format!(
                "{} was removed from {}; the next command asks for another",
                shown(&entry.title()),
                vault.store_name()
            )),
            Ok(Deletion::Unchanged) => {}
            Err(failure) => report(&failure, vault.store()),
        }
    }
}

/// A server answered 401 to this secret, which several entries may hold. Bitbucket also
/// gives that to good tokens now and then (BCLOUD-24107), so it is asked once before
/// anything is removed; where it cannot be asked, the second refusal within a day counts.
///
/// Git before 2.41 and other clients (Git LFS, gitoxide) tell of no refusal, and look like a
/// person who rejects what `git credential fill` printed: only the server's yes keeps it
/// then, and only once within a day.
fn doubt(session: &Session, entries: &mut [Entry], request: &Request) {
    let Some(first) = entries.iter().min_by_key(|entry| &entry.details.id) else {
        return;
    };
    if entries.iter().all(|entry| Kept::of(entry).is_some()) {
        return expire(session, entries, request);
    }
    let (before, _turn) = single_flight::begin(&first.details.id, || false);
    // The same refusal, and another process has judged it.
    if before != Before::Nothing {
        return;
    }
    let repository = session.repository(request.path.as_deref());
    let verdict = session.recheck(first, repository.as_ref());
    for entry in entries {
        // Handed out before the last refusal was noted: this is the same one.
        let known = Mark::of(request).is_some_and(|mark| mark.is_of(entry) && !mark.doubted);
        if known {
            entry.details.refusals = 0;
        }
        let is_git_s = is_refusal(request) || is_second_round(entry, request);
        let is_first = !entry.details.was_refused_lately(now());
        let fate = fate(&verdict, is_first, is_git_s);
        if fate == Judgement::Rejected {
            remove(&session.vault(), std::slice::from_ref(entry));
        } else if let Some(text) = judge(session, entry, fate, &verdict, repository.as_ref()) {
            notice(&text);
        }
    }
}

/// Browser sign-ins are never removed for a refusal: what was refused is the access token, and
/// the next `get` renews it.
fn expire(session: &Session, entries: &[Entry], request: &Request) {
    let host = session.site.host();
    for entry in entries {
        let outcome = session.vault().change(entry, Unlock::Never, |entry| {
            entry.details.expires = Some(now());
        });
        let title = shown(&entry.title());
        match outcome {
            // Another process has renewed it meanwhile.
            Ok(None) => {}
            Ok(Some(_)) if is_second_round(entry, request) => notice(&format!(
                "{host} refused {title} although it was renewed; if that happens again, sign in \
                 again: {}",
                session.site.web_login_command()
            )),
            Ok(Some(_)) => notice(&format!(
                "{host} refused {title}; the next command renews it, so try again"
            )),
            Err(failure) => report(&failure, session.vault().store()),
        }
    }
}

/// What becomes of an entry whose secret Git reports as refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    /// The server refuses it for good: removed.
    Refused,
    /// Nobody could be asked, for the second time within a day: removed.
    RefusedTwice,
    /// The server accepts it: kept.
    Accepted,
    /// The same, but it may have been a person who does not want it: kept this once.
    AcceptedOnce,
    /// What a person would expect: removed.
    Rejected,
    /// Nobody could be asked: kept until that happens again.
    Doubted,
    /// What answers speaks of something else: kept, and not counted.
    LeftAlone,
    /// The same, but it may have been a person who does not want it: kept, and told how it goes.
    LeftToPerson,
}

/// `is_first`: no other refusal was reported within the last day; `challenged`: see
/// [`is_refusal`].
fn fate(verdict: &Verdict, is_first: bool, challenged: bool) -> Judgement {
    match verdict.fate() {
        // A limit or a CAPTCHA comes just when old Gits are refused good tokens, too.
        Fate::LeftAlone if !challenged => Judgement::LeftToPerson,
        _ if !challenged && is_first && verdict.accepted().is_some() => Judgement::AcceptedOnce,
        _ if !challenged => Judgement::Rejected,
        Fate::Removed => Judgement::Refused,
        Fate::LeftAlone => Judgement::LeftAlone,
        _ if verdict.accepted().is_some() => Judgement::Accepted,
        _ if is_first => Judgement::Doubted,
        _ => Judgement::RefusedTwice,
    }
}

/// Keeps or removes an entry, and returns what to say of it.
fn judge(
    session: &Session,
    entry: &mut Entry,
    fate: Judgement,
    verdict: &Verdict,
    repository: Option<&Repository>,
) -> Option<String> {
    let refused = format!("{} refused {}", session.site.host(), shown(&entry.title()));
    let text = match fate {
        Judgement::Refused => {
            let text = session.discard(entry, verdict, repository)?;
            return Some(format!("{text} {}", next_step(session, entry)));
        }
        Judgement::RefusedTwice => {
            let removed = session.remove(entry)?;
            let next = next_step(session, entry);
            return Some(format!("{refused} twice in a row; {removed}. {next}"));
        }
        Judgement::Rejected => return None,
        Judgement::Accepted => {
            entry.details.refusals = 0;
            entry.details.verified = Some(now());
            format!(
                "{refused} but still accepts it when asked again, so it was kept; try once more"
            )
        }
        Judgement::AcceptedOnce => {
            entry.details.refusals = 1;
            entry.details.refused = Some(now());
            entry.details.verified = Some(now());
            format!(
                "{} still accepts {}, so it was kept this once; to remove it, reject it once \
                 more or run: git credential-bitbucket logout",
                session.site.host(),
                shown(&entry.title())
            )
        }
        Judgement::LeftAlone => {
            let advice = advice(session, entry, verdict, repository);
            return Some(format!("{refused}; it is kept. {advice}"));
        }
        Judgement::LeftToPerson => {
            let advice = advice(session, entry, verdict, repository);
            return Some(format!(
                "{} is kept. {advice} To remove it all the same, run: git credential-bitbucket \
                 logout",
                shown(&entry.title())
            ));
        }
        Judgement::Doubted => {
            entry.details.refusals = 1;
            entry.details.refused = Some(now());
            let advice = advice(session, entry, verdict, repository);
            format!("{refused}; it is kept until that happens again. {advice}")
        }
    };
    // What cannot be noted is forgotten: it stays kept either way.
    let _ = session.vault().update(entry, Unlock::Never);
    Some(text)
}

/// What is said of a verdict on a kept entry.
fn advice(
    session: &Session,
    entry: &Entry,
    verdict: &Verdict,
    repository: Option<&Repository>,
) -> String {
    let witness = Session::witness(entry, repository);
    let kind = Some(entry.details.kind);
    advise(&session.site, verdict, kind, witness.as_ref()).to_string()
}

/// What a person does now that an entry is gone.
fn next_step(session: &Session, gone: &Entry) -> String {
    let left = session.vault().read(Unlock::Never);
    match left {
        Ok(left) if left.entries.iter().any(|other| is_alike(other, gone)) => ANOTHER.to_owned(),
        _ => format!("Run: {}", session.site.login_command()),
    }
}

fn report(failure: &Failure, store: &dyn Store) {
    let reason = explain_failure(failure, store);
    notice(&format!("nothing was erased: {reason}"));
}

/// Whether the request means this entry. A secret decides alone: Git sends back the
/// name for Git, which need not be the account's. Without one, what Git was refused is not
/// ours; a person means what the name and the path say, and a path never excludes an entry
/// for the whole site. A placeholder means the kind that goes with it: removing takes more than
/// serving, which it does not narrow.
fn is_meant(entry: &Entry, request: &Request, path: Option<&str>) -> bool {
    if let Some(password) = request.secret() {
        return entry.secret == *password;
    }
    // Nor does a person repeat what a helper had Git remember.
    if is_refusal(request) || !request.state.is_empty() {
        return false;
    }
    let named = request.username().is_none_or(|name| {
        if account_name(name).is_some() {
            answers_to(entry, name)
        } else {
            entry.details.kind.has_static_name(name)
        }
    });
    // One that names no repository means a workspace at most; none means everything.
    let place = Reach::of_path(path);
    named && (place == Reach::Site || entry.details.reach.includes(&place))
}

#[cfg(test)]
mod tests;
