//! What a Data Center lets in: the rules for Git and for the REST API, over the world's data,
//! in which failed logins are counted. Nothing here reads a socket or a disk.

use super::answer;
use super::route::Page;
use super::world::{Gateway, InBand, Outage, Principal, World};
use super::{Instance, Kind, Right};
use crate::rig::answer::Answer;
use crate::rig::fault::Surface;
use crate::rig::log::{Authorization, Request};
use serde_json::json;

/// What is asked of a repository.
pub struct Asked<'a> {
    pub request: &'a Request,
    pub surface: Surface,
    pub repository: &'a str,
    pub write: bool,
}

/// Why a login is none.
enum Failure {
    BasicOff,
    Captcha,
    Wrong,
    Limit(Option<u32>),
}

/// Who signs in, which counts: as a failed login, or against the limit.
fn sign_in(world: &mut World, login: &Authorization) -> Result<Principal, Failure> {
    if login.scheme == "Basic" && !world.switches.basic {
        return Err(Failure::BasicOff);
    }
    let failure = if world.must_solve_captcha(login) {
        Failure::Captcha
    } else if let Some(principal) = world.principal(login) {
        return spend(world, principal);
    } else {
        Failure::Wrong
    };
    world.note_failed(login);
    Err(failure)
}

/// Takes one request from the user's bucket.
fn spend(world: &mut World, principal: Principal) -> Result<Principal, Failure> {
    if let Some(limit) = world.switches.limit {
        let spent = world.spent.entry(principal.name.clone()).or_default();
        if *spent >= limit.size {
            return Err(Failure::Limit(limit.retry_after));
        }
        *spent += 1;
    }
    Ok(principal)
}

/// What answers in place of the server, whoever asks.
fn in_place(world: &World) -> Option<Answer> {
    match (world.switches.gateway, world.switches.outage) {
        (Some(Gateway::Redirecting), _) => Some(answer::redirect("https://login.acme.example/")),
        (Some(Gateway::Showing), _) => Some(answer::page(200, "Sign in to Acme")),
        (None, Some(Outage::Unavailable)) => Some(Answer::text(503, "Service Unavailable")),
        (None, Some(Outage::Page)) => Some(answer::page(200, "Bitbucket is starting up")),
        (None, None) => None,
    }
}

/// Decides over a request of Git, or of Git LFS, for a repository. `Ok` lets it through, with
/// the name of whoever sent it.
pub fn repository(world: &mut World, asked: &Asked, site: &Instance) -> Result<String, Answer> {
    if let Some(answer) = in_place(world) {
        return Err(answer);
    }
    let Some(login) = &asked.request.authorization else {
        let public = world.has_access(None, asked.repository, asked.write);
        return if public {
            Ok(String::new())
        } else {
            Err(answer::git_refused())
        };
    };
    let principal = sign_in(world, login).map_err(|failure| match (failure, asked.surface) {
        (Failure::BasicOff, Surface::Git) => Answer::text(403, answer::BASIC_OFF),
        (Failure::BasicOff, _) => answer::rest_error(403, answer::BASIC_OFF, None),
        (Failure::Captcha, Surface::Git) => answer::in_band(asked.request, answer::CAPTCHA),
        (Failure::Captcha, _) => captcha(world),
        (Failure::Wrong, _) => answer::git_refused(),
        (Failure::Limit(seconds), _) => answer::limited(seconds),
    })?;
    if !world.has_access(Some(&principal), asked.repository, false) {
        return Err(Answer::text(404, answer::NO_REPOSITORY));
    }
    if asked.write {
        check_push(world, asked, site, &principal)?;
    }
    Ok(principal.name)
}

fn check_push(
    world: &World,
    asked: &Asked,
    site: &Instance,
    principal: &Principal,
) -> Result<(), Answer> {
    if site.is_mirror {
        return Err(Answer::text(403, answer::MIRROR_IS_READ_ONLY));
    }
    match world.switches.licence_expired {
        Some(InBand::Yes) if asked.surface == Surface::Git => {
            return Err(answer::in_band(asked.request, answer::LICENCE_EXPIRED));
        }
        Some(_) => return Err(Answer::text(403, answer::LICENCE_EXPIRED)),
        None => {}
    }
    if world.has_access(Some(principal), asked.repository, true) {
        Ok(())
    } else {
        Err(Answer::text(403, answer::NO_RIGHT_TO_PUSH))
    }
}

fn captcha(world: &World) -> Answer {
    let status = world.switches.captcha_status;
    answer::rest_error(status, answer::CAPTCHA, Some(answer::CAPTCHA_NAME))
}

/// Answers at an address of the REST API, or of a plug-in.
pub fn page(world: &mut World, page: &Page, request: &Request, site: &Instance) -> Answer {
    if let Some(answer) = in_place(world) {
        return answer;
    }
    let login = request.authorization.as_ref();
    if *page == Page::Plugins {
        return plugins(world, login, site);
    }
    let principal = match login.map(|login| sign_in(world, login)).transpose() {
        Err(Failure::BasicOff) => return answer::rest_error(403, answer::BASIC_OFF, None),
        Err(Failure::Captcha) => return captcha(world),
        Err(Failure::Limit(seconds)) => return answer::limited(seconds),
        Err(Failure::Wrong) if site.is_mirror => None,
        Err(Failure::Wrong) if is_open(world, page, login) => None,
        Err(Failure::Wrong) => return answer::wrong_credential(),
        Ok(principal) => principal,
    };
    if site.is_mirror {
        return answer::mirror_refused(&site.url);
    }
    resource(world, page, principal.as_ref())
}

/// Whether a Bearer that is nobody's is taken for nobody.
fn is_open(world: &World, page: &Page, login: Option<&Authorization>) -> bool {
    *page == Page::Properties
        && login.is_some_and(|login| login.scheme == "Bearer")
        && world.switches.bad_bearer_status == 200
}

/// Tokens are no logins there: a Bearer is led to the login page, Basic counts as failed.
fn plugins(world: &mut World, login: Option<&Authorization>, site: &Instance) -> Answer {
    match login {
        Some(login) if login.scheme == "Basic" => {
            world.note_failed(login);
            answer::wrong_credential()
        }
        _ => answer::redirect(&format!("{}/login", site.url)),
    }
}

fn resource(world: &World, page: &Page, principal: Option<&Principal>) -> Answer {
    match (page, principal) {
        (Page::Properties, _) => Answer::json(
            200,
            &json!({
                "version": world.switches.version,
                "buildNumber": "9004000",
                "buildDate": "1729000000000",
                "displayName": "Bitbucket",
            }),
        ),
        (_, None) | (Page::Plugins | Page::Authorize | Page::Tokens, _) => answer::not_permitted(),
        (Page::Users, Some(_)) => {
            let users = world.users.iter().take(1);
            let users = users.map(|(name, _)| json!({ "name": name, "slug": name }));
            let users: Vec<_> = users.collect();
            Answer::json(
                200,
                &json!({
                    "size": users.len(), "limit": 1, "isLastPage": world.users.len() < 2,
                    "values": users, "start": 0,
                }),
            )
        }
        (Page::Repository(path), Some(principal)) => {
            if !world.repositories.contains_key(path) {
                return answer::no_such_repository(path);
            }
            if !world.has_access(Some(principal), path, false) {
                return answer::not_permitted();
            }
            let (key, slug) = path.split_once('/').unwrap_or((path, ""));
            let key = key.to_ascii_uppercase();
            Answer::json(200, &json!({ "slug": slug, "project": { "key": key } }))
        }
        // A token may not read its own record; who comes with OAuth may.
        (Page::AccessTokens, Some(principal)) => match &principal.kind {
            Kind::OAuth(_) if principal.right == Right::Admin => {
                Answer::json(200, &json!({ "values": [] }))
            }
            _ => answer::not_permitted(),
        },
    }
}
