//! How each cause is brought about: what is typed, and what the world is like.

use crate::rig::answer::Answer;
use crate::rig::world::Detail;
use crate::rig::{
    Certificate, Credential, Demand, Fault, GIT_SCOPES, Kind, Mood, Repository, Rig, State,
    Surface, tokens,
};

/// One cause.
pub struct Cause {
    /// As in the catalogue.
    pub name: &'static str,
    /// As for `--kind`.
    pub kind: &'static str,
    /// Whether it has to be said, since the secret's form does not tell.
    pub kind_stated: bool,
    pub secret: fn() -> String,
    pub username: Option<&'static str>,
    pub email: Option<&'static str>,
    pub repository: Option<&'static str>,
    /// What the server has issued, by kind, owner and scopes.
    issued: Option<(Kind, &'static str, &'static [&'static str])>,
    world: fn(&mut Rig),
    /// The hosts file of a machine without a network; `None`: there is one.
    pub hosts: Option<&'static str>,
}

const READ: &str = GIT_SCOPES[0];
const WRITE: &str = GIT_SCOPES[1];
const ADMIN: &str = "admin:repository:bitbucket";
const APP_SCOPES: &[&str] = &["Repositories: Read", "Repositories: Write"];
const ALICE: &str = "alice@example.com";
/// So long that its form does not tell what it is.
const PASSWORD: &str = "correct-horse-battery-staple-correct-horse";

/// More often than anything is asked here.
const ALWAYS: usize = 9;

impl Cause {
    /// Alice's good API token, for `acme/widgets`.
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            kind: "api-token",
            kind_stated: false,
            secret: || tokens::api_token(1),
            username: None,
            email: None,
            repository: Some("acme/widgets"),
            issued: None,
            world: |_| {},
            hosts: None,
        }
    }

    /// Another API token of hers.
    const fn with_scopes(name: &'static str, scopes: &'static [&'static str]) -> Self {
        Self {
            secret: || tokens::api_token(2),
            issued: Some((Kind::ApiToken, "alice", scopes)),
            ..Self::new(name)
        }
    }

    const fn access_token(
        name: &'static str,
        kind: Kind,
        owner: &'static str,
        scopes: &'static [&'static str],
    ) -> Self {
        Self {
            kind: "access-token",
            secret: || tokens::access_token(1),
            issued: Some((kind, owner, scopes)),
            ..Self::new(name)
        }
    }

    const fn app_password(name: &'static str) -> Self {
        Self {
            kind: "app-password",
            secret: || tokens::app_password(1),
            username: Some("alice"),
            issued: Some((Kind::AppPassword, "alice", APP_SCOPES)),
            ..Self::new(name)
        }
    }

    /// Nothing but the REST API can be asked.
    const fn without_repository(self) -> Self {
        Self {
            email: Some(ALICE),
            repository: None,
            ..self
        }
    }

    const fn world(self, world: fn(&mut Rig)) -> Self {
        Self { world, ..self }
    }

    pub fn prepare(&self, rig: &mut Rig) {
        if let Some((kind, owner, scopes)) = self.issued {
            let credential = Credential::new(kind, &(self.secret)(), owner, scopes);
            rig.bitbucket.issue(credential);
        }
        if let Some(hosts) = self.hosts {
            let written = std::fs::write(rig.home.path().join("hosts"), hosts);
            assert!(written.is_ok(), "a file in the home");
            rig.home.add_gitconfig("[http]\n\tproxy =\n");
        }
        (self.world)(rig);
    }

    /// Whether its secret may leave the machine at all.
    pub fn is_sent(&self) -> bool {
        !["an account password", "another service's token"].contains(&self.name)
    }
}

fn fail(rig: &Rig, fault: &Fault) {
    for surface in [Surface::Git, Surface::Rest] {
        rig.bitbucket.fail(surface, fault.clone(), ALWAYS);
    }
}

fn add_bob(rig: &mut Rig) {
    rig.bitbucket.add_user("bob", "bob@example.com", PASSWORD);
}

fn accept_app_passwords(rig: &mut Rig) {
    rig.bitbucket.world().switches.app_passwords_removed = false;
}

fn present(rig: &Rig, certificate: Certificate) {
    rig.bitbucket.world().switches.certificate = certificate;
}

fn set_state(rig: &Rig, state: State) {
    for credential in &mut rig.bitbucket.world().credentials {
        credential.state = state;
    }
}

/// In the order of the catalogue.
pub const CAUSES: &[Cause] = &[
    Cause {
        secret: || "correct horse".to_owned(),
        ..Cause::new("an account password")
    },
    Cause {
        secret: || "ghp_0123456789012345678901234567890123456".to_owned(),
        ..Cause::new("another service's token")
    },
    Cause::new("nothing: it can fetch and push"),
    Cause::with_scopes("nothing: it can fetch and push, by its scopes", &GIT_SCOPES)
        .without_repository(),
    Cause {
        repository: None,
        ..Cause::access_token(
            "nothing, but the scopes are not named",
            Kind::RepositoryToken,
            "acme/widgets",
            &["repository:write"],
        )
    }
    .world(|rig| {
        let switches = &mut rig.bitbucket.world().switches;
        (switches.scope_headers, switches.scope_detail) = (false, Detail::Missing);
    }),
    Cause {
        repository: Some("acme/shown"),
        ..Cause::new("an account that may only read the repository")
    }
    .world(|rig| {
        let shown = Repository::private().reader("alice");
        rig.bitbucket.add_repository("acme/shown", shown);
    }),
    Cause::with_scopes("scope to read, none to push", &[READ]),
    Cause {
        issued: Some((Kind::AppPassword, "alice", &["Repositories: Read"])),
        ..Cause::app_password("permission to read, none to push")
    }
    .world(accept_app_passwords),
    Cause::with_scopes("scope to read, none to push, without a repository", &[READ])
        .without_repository(),
    Cause::with_scopes(
        "scope to push, none to read, without a repository",
        &[WRITE],
    )
    .without_repository(),
    Cause::with_scopes("admin scope only, without a repository", &[ADMIN]).without_repository(),
    Cause::new("scopes of another product, named")
        .without_repository()
        .world(|rig| {
            let detail = serde_json::json!({ "granted": ["read:jira-work", "read:jira-user"] });
            let body = serde_json::json!({ "error": { "detail": detail } });
            fail(rig, &Fault::Answer(Answer::json(403, &body)));
        }),
    Cause {
        repository: None,
        ..Cause::access_token(
            "an access token without a scope for repositories",
            Kind::RepositoryToken,
            "acme/widgets",
            &["account"],
        )
    },
    Cause::with_scopes("scope to push, none to read", &[WRITE]),
    Cause::with_scopes("admin scope only", &[ADMIN]),
    Cause::with_scopes("scopes for other things", &["read:pullrequest:bitbucket"]),
    Cause {
        secret: || tokens::api_token(9),
        ..Cause::new("mistyped")
    },
    Cause::new("expired").world(|rig| set_state(rig, State::Expired)),
    Cause::new("revoked").world(|rig| set_state(rig, State::Revoked)),
    Cause::with_scopes("created without scopes", &[]),
    Cause::with_scopes("a token of another product", &["read:jira-work"]),
    Cause {
        email: Some("bob@example.com"),
        repository: None,
        ..Cause::new("the e-mail address of another account")
    }
    .world(add_bob),
    Cause::new("expired, without a repository")
        .without_repository()
        .world(|rig| set_state(rig, State::Expired)),
    Cause::with_scopes("created without scopes, without a repository", &[]).without_repository(),
    Cause::with_scopes(
        "a token of another product, without a repository",
        &["read:jira-work"],
    )
    .without_repository(),
    Cause::access_token(
        "an access token, revoked",
        Kind::RepositoryToken,
        "acme/widgets",
        &["repository:write"],
    )
    .world(|rig| set_state(rig, State::Revoked)),
    Cause {
        issued: None,
        ..Cause::access_token("an access token, mistyped", Kind::RepositoryToken, "", &[])
    },
    Cause {
        username: Some("bob"),
        ..Cause::app_password("a username of somebody else")
    }
    .world(|rig| {
        add_bob(rig);
        accept_app_passwords(rig);
    }),
    Cause {
        username: Some("Alice"),
        ..Cause::app_password("a username in the wrong case")
    }
    .world(|rig| {
        rig.bitbucket.expect_name("Alice");
        accept_app_passwords(rig);
    }),
    Cause::app_password("an app password, revoked").world(|rig| {
        set_state(rig, State::Revoked);
        accept_app_passwords(rig);
    }),
    Cause::app_password("an app password at the REST API").without_repository(),
    Cause {
        kind_stated: true,
        secret: || PASSWORD.to_owned(),
        issued: None,
        username: Some("bob"),
        ..Cause::app_password("an account password, sent as something else")
    }
    .world(add_bob),
    Cause {
        kind_stated: true,
        secret: || PASSWORD.to_owned(),
        issued: None,
        ..Cause::app_password("an account password, sent to the REST API")
    }
    .without_repository()
    .world(add_bob),
    Cause {
        kind_stated: true,
        secret: || tokens::oauth_token(1),
        repository: None,
        ..Cause::access_token(
            "an OAuth token, expired",
            Kind::OAuth,
            "alice",
            &["repository"],
        )
    }
    .world(|rig| set_state(rig, State::Expired)),
    Cause::app_password("an app password"),
    Cause {
        kind_stated: true,
        secret: || tokens::old_app_password(1),
        ..Cause::app_password("an app password of the old style")
    },
    Cause::access_token(
        "an access token of another repository",
        Kind::RepositoryToken,
        "acme/gadgets",
        &["repository:write"],
    ),
    Cause::access_token(
        "an access token of another workspace",
        Kind::WorkspaceToken,
        "umbrella",
        &["repository:write"],
    )
    .world(|rig| rig.bitbucket.world().switches.no_access_status = 403),
    Cause {
        repository: Some("acme/absent"),
        ..Cause::new("no such repository")
    },
    Cause {
        repository: Some("acme/hidden"),
        ..Cause::new("a repository that the account may not see")
    }
    .world(|rig| {
        rig.bitbucket
            .add_repository("acme/hidden", Repository::private());
        rig.bitbucket.world().switches.no_access_status = 403;
    }),
    Cause::new("an address that the workspace does not allow")
        .world(|rig| rig.bitbucket.world().switches.demand = Some(Demand::AllowedAddress)),
    Cause::new("an account without two-step verification")
        .world(|rig| rig.bitbucket.world().switches.demand = Some(Demand::TwoStepVerification)),
    Cause::new("locked by failures (429)")
        .world(|rig| rig.bitbucket.world().switches.too_many_failures = Some(429)),
    Cause::new("locked by failures (403)")
        .world(|rig| rig.bitbucket.world().switches.too_many_failures = Some(403)),
    Cause::new("too many requests").world(|rig| fail(rig, &Fault::rate_limited("30"))),
    Cause::new("Bitbucket down").world(|rig| fail(rig, &Fault::down())),
    Cause::new("Bitbucket down, without a repository")
        .without_repository()
        .world(|rig| fail(rig, &Fault::status(502, "<html>"))),
    Cause::new("a redirect")
        .world(|rig| fail(rig, &Fault::Redirect("https://evil.test/".to_owned()))),
    Cause::new("a sign-in page").world(|rig| fail(rig, &Fault::status(200, "<html>Log in"))),
    Cause::new("an error of the repository, with status 200")
        .world(|rig| fail(rig, &Fault::status(200, "001eERR Repository not found."))),
    Cause::new("410 at the REST API")
        .without_repository()
        .world(|rig| fail(rig, &Fault::status(410, "Functionality has been removed"))),
    Cause::new("403 without a reason").world(|rig| fail(rig, &Fault::status(403, ""))),
    Cause {
        username: Some(ALICE),
        ..Cause::app_password("an e-mail address where the username belongs")
    },
    Cause {
        email: Some("alice"),
        repository: None,
        ..Cause::new("a username where the e-mail address belongs")
    },
    Cause {
        repository: None,
        ..Cause::new("neither a repository nor an e-mail address")
    },
    Cause::new("Bitbucket silent").world(|rig| fail(rig, &Fault::Hang)),
    Cause::new("a proxy that is down").world(|rig| rig.set_proxy_down(true)),
    Cause::new("a proxy that wants a login").world(|rig| {
        let login = "alice:secret".to_owned();
        rig.proxy.set_mood(Mood::DemandingLogin(login));
    }),
    Cause::new("a proxy that refuses").world(|rig| rig.proxy.set_mood(Mood::Refusing(403))),
    Cause::new("TLS inspection").world(|rig| present(rig, Certificate::Untrusted)),
    Cause::new("a network that wants a sign-in first")
        .world(|rig| present(rig, Certificate::WrongName)),
    Cause::new("a clock a day behind").world(|rig| present(rig, Certificate::NotYetValid)),
    Cause::new("a clock a day ahead").world(|rig| present(rig, Certificate::Expired)),
    Cause::new("a client certificate that is asked for")
        .world(|rig| present(rig, Certificate::AsksForOurs)),
    Cause::new("certificates not checked")
        .world(|rig| rig.home.add_gitconfig("[http]\n\tsslVerify = false\n")),
    Cause::new("a setting that cannot be used").world(|rig| {
        rig.home
            .add_gitconfig("[http]\n\tsslCAInfo = /absent/acme.pem\n");
    }),
    Cause::new("a connection that breaks").world(|rig| fail(rig, &Fault::Close)),
    Cause::new("an answer that is not HTTP").world(|rig| fail(rig, &Fault::Garbage)),
];

/// On a machine whose network is gone.
pub const OFFLINE: &[Cause] = &[
    Cause {
        hosts: Some("127.0.0.1 localhost\n"),
        ..Cause::new("offline")
    },
    Cause {
        hosts: Some("127.0.0.1 localhost bitbucket.org\n"),
        ..Cause::new("no way to the server")
    },
];
