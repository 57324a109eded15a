//! What Bitbucket lets in: the rules for Git and for `GET /2.0/user`, over the world's
//! data. Pure: nothing here reads a socket or a disk.

use super::answer::{self, Answer};
use super::log::Authorization;
use super::world::{Credential, Demand, Detail, Kind, State, World};
use serde_json::json;

/// Decides over a request of Git for `workspace/repository`; `write` is receive-pack.
/// `Ok` lets it through, with the name of whoever sent it.
pub fn git(
    world: &World,
    login: Option<&Authorization>,
    path: &str,
    write: bool,
) -> Result<String, Answer> {
    let public = !write
        && world
            .repositories
            .get(path)
            .is_some_and(|found| found.public);
    let Some(login) = login else {
        return if public {
            Ok(String::new())
        } else {
            Err(Answer::text(401, answer::NO_ACCESS_OR_GONE))
        };
    };
    if let Some(status) = world.switches.too_many_failures {
        return Err(Answer::text(status, answer::TOO_MANY_FAILURES));
    }
    let credential = git_credential(world, login)?;
    match world.switches.demand {
        Some(Demand::AllowedAddress) => {
            return Err(Answer::text(403, answer::ADDRESS_NOT_ALLOWED));
        }
        Some(Demand::TwoStepVerification) => {
            return Err(Answer::text(403, answer::TWO_STEP_DEMANDED));
        }
        None => {}
    }
    if !world.has_access(credential, path, write) {
        let status = world.switches.no_access_status;
        return Err(Answer::text(status, answer::NO_REPOSITORY));
    }
    let scoped = if write {
        credential.may_write()
    } else {
        credential.may_read()
    };
    if scoped || public {
        Ok(credential.owner.clone())
    } else {
        Err(Answer::text(403, answer::SCOPE_MISSING))
    }
}

/// The credential behind a Git login, or why there is none.
fn git_credential<'a>(world: &'a World, login: &Authorization) -> Result<&'a Credential, Answer> {
    let refused = || Answer::text(401, answer::NO_ACCESS_OR_GONE);
    if world.is_account_password(&login.secret) {
        return Err(Answer::text(401, answer::ACCOUNT_PASSWORD_FOR_GIT));
    }
    let credential = world.credential(&login.secret).ok_or_else(refused)?;
    let name_fits = match credential.kind {
        Kind::ApiToken => {
            login.user == credential.owner || login.user == "x-bitbucket-api-token-auth"
        }
        Kind::AppPassword => login.user == credential.owner,
        _ => login.user == "x-token-auth",
    };
    let form_fits = if login.scheme == "Basic" {
        name_fits
    } else {
        credential.kind == Kind::OAuth && world.switches.git_takes_bearer
    };
    if !form_fits || credential.state != State::Active {
        return Err(refused());
    }
    if credential.kind == Kind::AppPassword && world.switches.app_passwords_removed {
        return Err(Answer::text(410, answer::APP_PASSWORD_REMOVED));
    }
    if !credential.is_for_bitbucket() {
        return Err(refused());
    }
    Ok(credential)
}

/// Answers `GET /2.0/user`.
pub fn user(world: &World, login: Option<&Authorization>) -> Answer {
    if let Some(status) = world.switches.too_many_failures {
        return Answer::text(status, answer::TOO_MANY_FAILURES);
    }
    let credential = match login.map(|login| rest_credential(world, login)) {
        None => return Answer::text(401, answer::LOGIN_FAILED),
        Some(Err(refusal)) => return refusal,
        Some(Ok(credential)) => credential,
    };
    let answer = if credential.may_see_user() {
        Answer::json(
            200,
            &json!({
                "type": "user",
                "username": credential.owner,
                "display_name": format!("{} of the tests", credential.owner),
                "account_id": format!("557058:{}", credential.owner),
                "uuid": "{00000000-0000-4000-8000-000000000001}",
            }),
        )
    } else {
        lacking(world, credential)
    };
    if world.switches.scope_headers {
        with_scope_headers(answer, credential)
    } else {
        answer
    }
}

/// The credential behind a login to the REST API, or why there is none.
fn rest_credential<'a>(world: &'a World, login: &Authorization) -> Result<&'a Credential, Answer> {
    if world.is_account_password(&login.secret) {
        return Err(Answer::text(401, answer::ACCOUNT_PASSWORD_FOR_API));
    }
    let login_failed = || Answer::text(401, answer::LOGIN_FAILED);
    let invalid = || Answer::json_error(401, answer::TOKEN_INVALID);
    let credential = world.credential(&login.secret).ok_or_else(login_failed)?;
    let basic = login.scheme == "Basic";
    match credential.kind {
        Kind::ApiToken if basic && !login.user.contains('@') => return Err(login_failed()),
        // Bearer has no name, so that it is no e-mail address of anybody's.
        Kind::ApiToken if world.email_of(&credential.owner) != Some(&*login.user) => {
            return Err(invalid());
        }
        Kind::AppPassword
            if !basic
                || login.user != credential.owner
                || credential.state != State::Active
                || world.switches.app_passwords_removed =>
        {
            return Err(login_failed());
        }
        Kind::ApiToken | Kind::AppPassword => {}
        _ if basic => return Err(invalid()),
        Kind::OAuth if credential.state == State::Expired => {
            return Err(Answer::json_error(401, answer::TOKEN_EXPIRED));
        }
        _ => {}
    }
    if credential.state != State::Active || !credential.is_for_bitbucket() {
        return Err(invalid());
    }
    Ok(credential)
}

/// 403 for a valid credential without the endpoint's scope.
fn lacking(world: &World, credential: &Credential) -> Answer {
    let detail = match world.switches.scope_detail {
        Detail::Arrays => json!({
            "required": [credential.kind.user_scope()],
            "granted": credential.scopes,
        }),
        Detail::Text => json!("The scopes of this credential do not suffice."),
        Detail::Missing => return Answer::json_error(403, answer::SCOPE_MISSING),
    };
    Answer::json(
        403,
        &json!({
            "type": "error",
            "error": { "message": answer::SCOPE_MISSING, "detail": detail },
        }),
    )
}

fn with_scope_headers(answer: Answer, credential: &Credential) -> Answer {
    let kind = match credential.kind {
        Kind::ApiToken => "api_token",
        Kind::RepositoryToken => "repo_access_token",
        Kind::ProjectToken => "project_access_token",
        Kind::WorkspaceToken => "workspace_access_token",
        // Nobody has reported what these say; absence is allowed.
        Kind::AppPassword | Kind::OAuth => return answer,
    };
    answer
        .header("X-Credential-Type", kind)
        .header("X-OAuth-Scopes", &credential.scopes.join(", "))
        .header("X-Accepted-OAuth-Scopes", credential.kind.user_scope())
}
