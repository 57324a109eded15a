//! Browser sign-ins and the client that they come from: a row for each, and what `--fix` leaves
//! alone.

use super::findings::{Case, play};
use super::scene::{Scene, with_id};
use crate::rig::oauth::CLIENT_SCOPES;
use crate::rig::scene::REQUEST;
use crate::rig::tokens;

/// What a browser sign-in says of itself.
const OURS: &str = r#","client":"client-id""#;
const NOT_RENEWED: &str = r#","client":"client-id","renewal_refused":1795000000"#;
const ENDED: u64 = 1_795_000_000;
const LIVING: u64 = 4_000_000_000;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    ("client", |scene| scene.add_client(), &["--offline"], "use the OAuth client client-id, which is named in the Secret Service keyring; its secret is there, too.", true),
    (
        "client",
        |scene| scene.settings("[credential \"https://bitbucket.org\"]\n\toauthClientId = x\n\toauthClientSecret = y\n"),
        &["--offline"],
        "/.gitconfig; its secret is there, too.",
        true,
    ),
    (
        "client",
        |scene| { scene.add_client(); scene.settings("[credential]\n\toauthClientId = client-id\n"); },
        &["--offline"],
        "/.gitconfig; its secret is in the Secret Service keyring.",
        true,
    ),
    ("client-unusable", |scene| scene.settings("[credential]\n\toauthClientId = x\n"), &["--offline"], "the secret of the OAuth client x is not known here.\" \"Enter it: git credential-bitbucket configure --oauth-client ID", true),
    ("kept-renewable", |scene| { scene.keep_sign_in(ENDED, &CLIENT_SCOPES, OURS); scene.add_client(); }, &[], "Its access token has ended, and Git's next question renews it.", true),
    ("kept-renewable", |scene| { scene.keep_sign_in(LIVING, &CLIENT_SCOPES, OURS); scene.add_client(); scene.rig.bitbucket.revoke(&tokens::oauth_token(75)); }, &[], "Git's next question renews it.", true),
    ("kept-renewable", |scene| scene.keep_sign_in(ENDED, &CLIENT_SCOPES, ""), &["--offline"], "the helper that brought it renews it.", true),
    ("kept-not-renewed", |scene| { scene.keep_sign_in(LIVING, &CLIENT_SCOPES, NOT_RENEWED); scene.add_client(); }, &[], "works until 02 Oct 2096 07:06 UTC; then it ends, since bitbucket.org refused to renew it on 18 Nov 2026.\" \"git credential-bitbucket login --web", true),
    ("kept-not-renewed", |scene| scene.keep_sign_in(LIVING, &CLIENT_SCOPES, OURS), &["--offline"], "since the OAuth client client-id that it came from is not known here.\" \"git credential-bitbucket configure --oauth-client ID", true),
    (
        "kept-sign-in-ended",
        |scene| {
            scene.keep_sign_in(ENDED, &CLIENT_SCOPES, OURS);
            scene.add_client();
            // The server knows no such refresh token, and says so.
            let said = scene.rig.helper("get", REQUEST).stderr;
            assert!(said.contains("does not renew it"), "{said}");
        },
        &[],
        "but has ended, and bitbucket.org refused to renew it on",
        false,
    ),
    ("kept-sign-in-ended", |scene| scene.keep_sign_in(ENDED, &CLIENT_SCOPES, OURS), &["--offline"], "is not known here", false),
    ("kept-sign-in-read-only", |scene| { scene.keep_sign_in(LIVING, &["account", "repository"], OURS); scene.add_client(); }, &[], "lacks the scope repository:write", false),
];

#[test]
fn what_browsers_brought() {
    play(CASES);
}

/// The server does not take the access token, which says nothing of what renews it.
#[test]
fn fix_forgets_no_sign_in() {
    for (end, details) in [
        (ENDED, OURS),
        (LIVING, OURS),
        (ENDED, NOT_RENEWED),
        (LIVING, ""),
    ] {
        let Some(mut scene) = Scene::healthy() else {
            return;
        };
        scene.keep_sign_in(end, &CLIENT_SCOPES, details);
        scene.add_client();
        scene.rig.bitbucket.revoke(&tokens::oauth_token(75));
        scene.doctor(&["--fix", "--yes"]);
        assert_eq!(scene.rig.items().len(), 1, "{end} {details}");
    }
}

/// What has ended is not sent: at a Data Center it would count as a failed login.
#[test]
fn what_has_ended_is_not_asked_about() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    scene.keep_sign_in(ENDED, &CLIENT_SCOPES, OURS);
    scene.add_client();
    scene.rig.forget_requests();
    let told = scene.doctor(&[]);
    assert!(
        told.stderr.contains("no token was found to ask about"),
        "{told:?}"
    );
    let mut sent = scene.rig.requests();
    sent.retain(|request| request.authorization.is_some());
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(with_id(&scene.report(&[]), "kept-renewable").len(), 1);
}
