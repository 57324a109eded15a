//! `store`: Git says that a credential worked. What we served needs nothing; what came
//! from elsewhere is kept if it is an application credential.

use super::mark::Mark;
use super::notes::Notes;
use super::session::{Session, explain_failure};
use super::source;
use crate::accounts::{Entry, Reach};
use crate::bitbucket::{Kind, Repository, Shape, Site, account_name, is_of_oauth, shape_advice};
use crate::dates::now;
use crate::keychain::Failure;
use crate::protocol::Request;
use crate::secret::Secret;
use crate::text::notice;
use crate::trace;

/// Keeps what Git says worked.
pub fn store(request: &Request, session: &Session) {
    if !session.choice().keeps() {
        return;
    }
    let (Some(password), Some(username)) = (request.secret(), name_in(request)) else {
        return;
    };
    let expired = request
        .password_expiry_utc
        .is_some_and(|time| time <= now());
    if password.is_empty() || request.ephemeral || expired {
        return;
    }
    // Served from the keychain a moment ago: it is there, and nothing is to be set right.
    if Mark::of(request).is_some_and(|mark| mark.matches(password) && !mark.doubted) {
        return;
    }
    if source::holder(session, password).is_some() {
        return;
    }
    let is_renewable = request.oauth_refresh_token.is_some();
    let decision = kind_to_keep(&session.site, username, password, is_renewable);
    let what = match decision {
        Keep::Yes(_) => "is kept",
        Keep::No(_) => "is not to be kept",
        Keep::LeaveAlone => "is left to others",
    };
    trace::tell("what worked", &[&what]);
    match decision {
        Keep::Yes(kind) => keep(request, session, kind, username, password),
        Keep::No(reason) => notice(reason),
        Keep::LeaveAlone => {}
    }
}

/// The name that went with the secret: with `Authorization: Bearer` none does.
fn name_in(request: &Request) -> Option<&str> {
    let is_bearer = request.password.is_none() && request.bearer().is_some();
    if is_bearer {
        Some("")
    } else {
        request.username()
    }
}

/// What to do with a credential that is not from us.
#[derive(Debug, PartialEq, Eq)]
enum Keep {
    Yes(Kind),
    No(&'static str),
    LeaveAlone,
}

/// `is_renewable`: another helper has said what renews it, and wants it back from us.
fn kind_to_keep(site: &Site, username: &str, password: &Secret, is_renewable: bool) -> Keep {
    match (site.shape(password), account_name(username)) {
        (Shape::Unrecognised | Shape::AccountPassword | Shape::PerhapsAppPassword, _)
            if is_renewable =>
        {
            Keep::Yes(Kind::OAuth)
        }
        // Without a name it went as Bearer, as kinds of ours may, and many others' tokens.
        (Shape::Known(kind) | Shape::Damaged(kind), _)
            if username.is_empty() && !kind.facts().is_bearer =>
        {
            Keep::LeaveAlone
        }
        // The server accepted it, so a wrong checksum is no reason against it.
        (Shape::Known(kind) | Shape::Damaged(kind), _) => Keep::Yes(kind),
        _ if username.is_empty() => Keep::LeaveAlone,
        (_, None) if is_of_oauth(username) => Keep::LeaveAlone,
        (Shape::Unrecognised, _) => Keep::Yes(site.kinds()[0]),
        (Shape::PerhapsAppPassword, Some(_)) => Keep::Yes(Kind::AppPassword),
        (Shape::Foreign(_), _) => Keep::No(shape_advice::FOREIGN_NOT_KEPT),
        (Shape::AccountPassword | Shape::PerhapsAppPassword, _) => {
            Keep::No(shape_advice::password_not_kept(site))
        }
    }
}

fn keep(request: &Request, session: &Session, kind: Kind, username: &str, password: &Secret) {
    let vault = session.vault();
    let path = request.path.as_deref();
    let repository = path.and_then(|path| session.site.repository(path));
    let outcome = session.unlocking(|unlock| {
        let mut contents = vault.read(unlock)?;
        let undecided = undecided_workspace(repository.as_ref(), &contents.entries);
        let same = |entry: &&mut Entry| {
            let reaches = |place| entry.details.reach.covers(place);
            entry.secret == *password && repository.as_ref().is_none_or(reaches)
        };
        // Known already: it worked, so earlier refusals no longer count.
        if let Some(entry) = contents.entries.iter_mut().find(same) {
            let news = note_success(entry, undecided.as_deref());
            if note_renewal(entry, request) || news {
                vault.update(entry, unlock)?;
            }
            return Ok(());
        }
        let mut entry = Entry::new(kind, password.duplicate(), now());
        let name = account_name(username).filter(|name| !name.is_empty());
        entry.details.username = name.map(str::to_owned);
        entry.details.expires = request.password_expiry_utc;
        if kind.is_sign_in() {
            entry.refresh = request.oauth_refresh_token.as_ref().map(Secret::duplicate);
        }
        entry.details.witness = repository.as_ref().map(ToString::to_string);
        // A Data Center's token without a name may be a repository's.
        let is_nobody_s = entry.details.username.is_none() && kind == Kind::HttpToken;
        if kind == Kind::AccessToken || is_nobody_s {
            entry.details.reach = proven_reach(request, session);
        }
        entry.details.seen = true;
        vault.keep(&entry, unlock).map(|_| ())
    });
    if let Err(failure) = outcome
        && !is_said(&failure)
    {
        notice(&format!(
            "the {} was not kept: {}",
            kind.facts().name,
            explain_failure(&failure, vault.store())
        ));
    }
}

/// Whether it was said within the last day that there is no keychain, as `get` does.
fn is_said(failure: &Failure) -> bool {
    if !failure.is_no_place() {
        return false;
    }
    let notes = Notes::read();
    let said = notes.missed_lately(now());
    if !said {
        notes.note_missing(now());
    }
    said
}

/// The workspace of the request, if several entries are kept and none was chosen for it.
fn undecided_workspace(repository: Option<&Repository>, entries: &[Entry]) -> Option<String> {
    let workspace = &repository?.workspace;
    let open = entries.len() > 1
        && !entries
            .iter()
            .any(|entry| entry.details.is_chosen_for(workspace));
    open.then(|| workspace.clone())
}

/// That an access token worked proves one repository and no more. Without a path that is the
/// directory's, as far as anybody can tell; where nothing tells, nothing limits it.
fn proven_reach(request: &Request, session: &Session) -> Reach {
    let repository = session.repository(request.path.as_deref());
    repository.as_ref().map_or(Reach::Site, Reach::repository)
}

/// Notes that an entry worked; whether that is news.
fn note_success(entry: &mut Entry, workspace: Option<&str>) -> bool {
    let details = &mut entry.details;
    if let Some(workspace) = workspace {
        details.choose_for(workspace);
    }
    let news = workspace.is_some() || details.refusals > 0;
    details.refusals = 0;
    news
}

/// Takes over what another helper says of what it brought; whether that is news.
fn note_renewal(entry: &mut Entry, request: &Request) -> bool {
    let Some(refresh) = request
        .oauth_refresh_token
        .as_ref()
        .filter(|_| entry.is_lent())
    else {
        return false;
    };
    let expires = request.password_expiry_utc;
    let is_news = entry.refresh.as_ref() != Some(refresh) || entry.details.expires != expires;
    entry.refresh = Some(refresh.duplicate());
    entry.details.expires = expires;
    is_news
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;
    use crate::bitbucket::site::DataCenter;

    #[test]
    fn at_a_data_center_its_own_tokens_are_kept_and_no_passwords() {
        let token = "BBDC-MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4Vi";
        let api = format!("ATATT3xFfGF0{}", "x".repeat(100));
        let named = |allows_password| DataCenter {
            allows_password,
            ..DataCenter::at("https://git.acme.test")
        };
        let [site, lax] = [false, true].map(|it| named(it).site().expect("an address"));
        for (site, username, password, expected) in [
            (&site, "", token, Keep::Yes(Kind::HttpToken)),
            (&site, "jdoe", token, Keep::Yes(Kind::HttpToken)),
            (&site, "x-token-auth", token, Keep::Yes(Kind::HttpToken)),
            (
                &site,
                "",
                "an OAuth token of forty letters or some more",
                Keep::LeaveAlone,
            ),
            (
                &site,
                "jdoe",
                &api,
                Keep::No(shape_advice::FOREIGN_NOT_KEPT),
            ),
            (
                &site,
                "jdoe",
                "hunter2",
                Keep::No(shape_advice::password_not_kept(&site)),
            ),
            (&lax, "jdoe", "hunter2", Keep::Yes(Kind::Password)),
            (&CLOUD, "", token, Keep::LeaveAlone),
            (&CLOUD, "x", token, Keep::No(shape_advice::FOREIGN_NOT_KEPT)),
            (&CLOUD, "", &api, Keep::LeaveAlone),
        ] {
            let secret = Secret::copy_of(password.as_bytes());
            assert_eq!(
                kind_to_keep(site, username, &secret, false),
                expected,
                "{username}"
            );
        }
    }

    #[test]
    fn what_another_helper_renews_is_kept_for_it() {
        let token = |prefix: &str| {
            let body = format!("{prefix}{}=", "x".repeat(100));
            format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
        };
        for (username, password, expected) in [
            (
                "x-token-auth",
                "0123456789".repeat(5),
                Keep::Yes(Kind::OAuth),
            ),
            ("x-token-auth", "opaque".to_owned(), Keep::Yes(Kind::OAuth)),
            ("alice", "0123456789".repeat(5), Keep::Yes(Kind::OAuth)),
            ("alice", token("ATATT3xFfGF0"), Keep::Yes(Kind::ApiToken)),
            (
                "alice",
                "ghp_x".to_owned(),
                Keep::No(shape_advice::FOREIGN_NOT_KEPT),
            ),
        ] {
            let password = Secret::new(password.into_bytes());
            assert_eq!(kind_to_keep(&CLOUD, username, &password, true), expected);
        }
    }

    #[test]
    fn what_is_kept_depends_on_shape_and_name() {
        let middle = "x".repeat(100);
        let token = |prefix: &str| {
            let body = format!("{prefix}{middle}=");
            format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
        };
        let long = "0123456789".repeat(5);
        for (username, password, expected) in [
            (
                "alice",
                token("ATATT3xFfGF0").as_str(),
                Keep::Yes(Kind::ApiToken),
            ),
            (
                "x-token-auth",
                &token("ATCTT3xFfGN0"),
                Keep::Yes(Kind::AccessToken),
            ),
            ("alice", "ATATT3xFfGF0cut", Keep::Yes(Kind::ApiToken)),
            (
                "alice",
                "0123456789abcdefABCD",
                Keep::Yes(Kind::AppPassword),
            ),
            (
                "alice",
                "hunter2",
                Keep::No(shape_advice::ACCOUNT_PASSWORD_NOT_KEPT),
            ),
            (
                "alice",
                "ghp_0123456789",
                Keep::No(shape_advice::FOREIGN_NOT_KEPT),
            ),
            ("alice", &long, Keep::Yes(Kind::ApiToken)),
            ("x-token-auth", &long, Keep::LeaveAlone),
            ("x-token-auth", "opaque", Keep::LeaveAlone),
            ("x-token-auth", "0123456789abcdefABCD", Keep::LeaveAlone),
            ("OAUTH_USERNAME", &long, Keep::LeaveAlone),
            (
                "x-bitbucket-api-token-auth",
                &long,
                Keep::Yes(Kind::ApiToken),
            ),
            (
                "x-bitbucket-api-token-auth",
                "0123456789abcdefABCD",
                Keep::No(shape_advice::ACCOUNT_PASSWORD_NOT_KEPT),
            ),
        ] {
            assert_eq!(
                kind_to_keep(
                    &CLOUD,
                    username,
                    &Secret::copy_of(password.as_bytes()),
                    false
                ),
                expected,
                "{username} {password}"
            );
        }
    }
}
