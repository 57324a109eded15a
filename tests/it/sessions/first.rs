//! The first push, and what may go wrong with what is pasted.

use super::shell::{Looks, Shell, play};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Credential, GIT_SCOPES, Kind, tokens};

const PUSH: &str = "git push --no-progress origin topic";

#[test]
fn first_push() {
    play("first-push", &Looks::Same, |shell| {
        shell.prepare();
        shell.types("git credential-bitbucket configure", &[]);
        let token = shell.token.clone();
        shell.types(PUSH, &[(SECRET_QUESTION, &token)]);
        shell.types("git fetch --no-progress", &[]);
    });
}

#[test]
fn wrong_secret_three_times() {
    play("wrong-secret", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let (wrong, other) = (tokens::api_token(7), tokens::api_token(8));
        let answers = [
            (SECRET_QUESTION, &*wrong),
            (SECRET_QUESTION, &wrong),
            (SECRET_QUESTION, &other),
        ];
        shell.types(PUSH, &answers);
    });
}

#[test]
fn account_password() {
    play("account-password", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        shell.types(
            PUSH,
            &[(SECRET_QUESTION, "correct horse"), (SECRET_QUESTION, "")],
        );
    });
}

#[test]
fn cut_off_token() {
    play("cut-off-token", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = shell.token.clone();
        let cut_off = &token[..token.len() - 20];
        let answers = [
            (SECRET_QUESTION, cut_off),
            ("[y/N]", "n"),
            (SECRET_QUESTION, &token),
        ];
        shell.types(PUSH, &answers);
    });
}

#[test]
fn another_service_s_token() {
    play("another-service", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let foreign = "ghp_0123456789012345678901234567890123456";
        shell.types(PUSH, &[(SECRET_QUESTION, foreign), (SECRET_QUESTION, "")]);
    });
}

fn issue(shell: &Shell, kind: Kind, secret: &str, owner: &str, scopes: &[&'static str]) {
    shell
        .rig
        .bitbucket
        .issue(Credential::new(kind, secret, owner, scopes));
}

#[test]
fn read_only_token() {
    play("read-only-token", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = tokens::api_token(3);
        issue(shell, Kind::ApiToken, &token, "alice", &GIT_SCOPES[..1]);
        shell.types(PUSH, &[(SECRET_QUESTION, &token)]);
    });
}

#[test]
fn token_without_scopes() {
    play("no-scopes", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = tokens::api_token(3);
        issue(
            shell,
            Kind::ApiToken,
            &token,
            "alice",
            &["read:user:bitbucket"],
        );
        shell.types(PUSH, &[(SECRET_QUESTION, &token), (SECRET_QUESTION, "")]);
    });
}

#[test]
fn app_password_that_was_removed() {
    play("app-password", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let password = tokens::app_password(3);
        let scopes = ["Repositories: Read", "Repositories: Write"];
        issue(shell, Kind::AppPassword, &password, "alice", &scopes);
        let token = shell.token.clone();
        let answers = [
            (SECRET_QUESTION, &*password),
            ("Username for 'https://bitbucket.org':", "alice"),
            (SECRET_QUESTION, &token),
        ];
        shell.types(PUSH, &answers);
    });
}

#[test]
fn access_token() {
    play("access-token", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = tokens::access_token(3);
        let scopes = ["repository", "repository:write"];
        issue(
            shell,
            Kind::RepositoryToken,
            &token,
            "acme/widgets",
            &scopes,
        );
        // Where the server does not say what it is bound to, the person is asked.
        shell.rig.bitbucket.world().switches.scope_headers = false;
        shell.types(PUSH, &[(SECRET_QUESTION, &token), ("[y/N]", "")]);
    });
}

#[test]
fn offline() {
    play("offline", &Looks::Same, |shell| {
        let token = shell.token.clone();
        shell.configure();
        shell.rig.set_proxy_down(true);
        shell.types(
            "git credential-bitbucket login https://bitbucket.org/acme/widgets",
            &[
                (SECRET_QUESTION, &token),
                ("[y/N]", "y"),
                ("if unknown):", ""),
            ],
        );
        shell.types("git credential-bitbucket status --check", &[]);
        shell.rig.set_proxy_down(false);
        shell.prepare();
        shell.types("git fetch --no-progress", &[]);
    });
}
