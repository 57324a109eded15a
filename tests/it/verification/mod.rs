//! What a person types and says, verified by the real client against the rig.

mod faults;
mod network;

use crate::rig::Rig;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::bitbucket::verify::{LONGEST_VERIFICATION, verify_by};
use git_credential_bitbucket::bitbucket::{Candidate, Kind, Repository, Verdict};
use git_credential_bitbucket::network::{Settings, Sources};
use git_credential_bitbucket::secret::Secret;
use std::time::{Duration, Instant};

/// What a person has and says.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub kind: Option<Kind>,
    pub secret: &'a str,
    pub username: Option<&'a str>,
    pub email: Option<&'a str>,
    pub repository: Option<&'a str>,
    pub patience: Duration,
}

impl<'a> Typed<'a> {
    pub fn new(kind: Kind, secret: &'a str) -> Self {
        Self {
            kind: Some(kind),
            secret,
            username: None,
            email: None,
            repository: None,
            patience: LONGEST_VERIFICATION,
        }
    }

    pub fn api(secret: &'a str) -> Self {
        Self::new(Kind::ApiToken, secret)
    }

    pub fn by(self, username: &'a str) -> Self {
        Self {
            username: Some(username),
            ..self
        }
    }

    pub fn at(self, email: &'a str) -> Self {
        Self {
            email: Some(email),
            ..self
        }
    }

    /// For `acme/widgets`.
    pub fn here(self) -> Self {
        self.for_repository("acme/widgets")
    }

    pub fn for_repository(self, repository: &'a str) -> Self {
        Self {
            repository: Some(repository),
            ..self
        }
    }

    pub fn verify(self, rig: &Rig) -> Verdict {
        let (proxy, authority) = (rig.proxy.url(), rig.home.authority().display().to_string());
        self.verify_with(&[("proxy", &proxy), ("sslcainfo", &authority)])
    }

    /// With these settings of Git and none of whoever runs the tests.
    pub fn verify_with(self, settings: &[(&str, &str)]) -> Verdict {
        let configured = |key: &str| {
            let found = settings.iter().find(|(known, _)| *known == key)?;
            Some(found.1.to_owned())
        };
        let sources = Sources {
            configured: &configured,
            environment: &|_| None,
        };
        let repository = self.repository.and_then(Repository::from_path);
        verify_by(
            &Candidate {
                site: &CLOUD,
                kind: self.kind,
                secret: &Secret::copy_of(self.secret.as_bytes()),
                username: self.username,
                email: self.email,
                repository: repository.as_ref(),
            },
            &|url| Settings::resolve(url, &sources),
            Instant::now() + self.patience,
        )
    }
}
