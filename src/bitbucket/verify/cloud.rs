//! The questions to Bitbucket Cloud, in their order, and what its answers come to.

use super::candidate::is_email;
use super::{Candidate, Inquired, Inquiry, ReadAnswer, nothing_to_ask, unexpected};
use crate::bitbucket::answer_facts::{holder, rights, scopes, username};
use crate::bitbucket::kind::{Holder, Kind};
use crate::bitbucket::outcomes::Refusal;
use crate::bitbucket::rights::Rights;
use crate::bitbucket::site::Repository;
use crate::bitbucket::status_codes::{Meaning, Surface};
use crate::bitbucket::verdict::{Accepted, Verdict};
use crate::network::Authorization;

/// The services of Git's surface.
const PUSH: &str = "git-receive-pack";
const FETCH: &str = "git-upload-pack";

impl Inquiry<'_, '_> {
    /// Asks Git's own surface, with the rights to push first: that sends no data.
    pub(super) fn over_git(&mut self, repository: &Repository) -> Inquired {
        let candidate = self.candidate;
        let name = candidate.git_name().ok_or_else(nothing_to_ask)?;
        let push = self.git(repository, PUSH, name)?;
        match push.meaning {
            Meaning::Allowed => Ok(self.may_push(repository, &push)),
            // The token was recognised, so that the second question is also about the name.
            Meaning::LacksScope if candidate.asks_for_name() => {
                let own = candidate.username().unwrap_or(name);
                let fetch = self.git(repository, FETCH, own)?;
                Ok(candidate.may_not_push_as(own, &push, &fetch))
            }
            // 403 or 404: recognised, but not let in for pushing. Reading may still do.
            Meaning::LacksScope | Meaning::Refused(Refusal::NoAccess) | Meaning::Forbidden => {
                let fetch = self.git(repository, FETCH, name)?;
                Ok(candidate.may_not_push(&push, &fetch))
            }
            _ => Ok(push.ending()),
        }
    }

    /// Asks Git's own surface whether the credential is still accepted at all.
    pub(super) fn once_over_git(&mut self, repository: &Repository) -> Inquired {
        let name = self.candidate.git_name().ok_or_else(nothing_to_ask)?;
        let push = self.git(repository, PUSH, name)?;
        Ok(match push.meaning {
            Meaning::Allowed | Meaning::LacksScope => Verdict::Verified(Accepted::default()),
            // 403 that speaks of the repository: recognised, but not allowed here.
            Meaning::Refused(Refusal::NoAccess) if push.response.status == 403 => {
                Verdict::Verified(Accepted::default())
            }
            // Any other may be a gateway's that lets nobody push and knows nothing of the
            // credential; of fetching Bitbucket itself may say that it refuses it.
            Meaning::Forbidden => {
                let fetch = self.git(repository, FETCH, name)?;
                match fetch.meaning {
                    Meaning::Refused(_) => fetch.ending(),
                    _ => push.ending(),
                }
            }
            _ => push.ending(),
        })
    }

    /// The credential may push. A second request tells whether an API token belongs to
    /// the account that was asked for (it asks for pushing again, since a public
    /// repository lets anybody fetch), and what an access token is bound to.
    fn may_push(&mut self, repository: &Repository, push: &ReadAnswer) -> Verdict {
        let candidate = self.candidate;
        let answer = match candidate.username().filter(|_| candidate.asks_for_name()) {
            Some(name) => self.git(repository, PUSH, name).map(|it| it.meaning),
            None => Ok(Meaning::Allowed),
        };
        let confirmed = answer == Ok(Meaning::Allowed);
        let includes = |kind: Kind| kind.facts().write_includes_read;
        let read = candidate.kind().is_none_or(includes).then_some(true);
        let said = scopes(&push.response).map(|names| rights(&names));
        candidate.accepted(Accepted {
            rights: Rights {
                read: said.and_then(|said| said.read).or(read),
                write: Some(true),
            },
            username: candidate.own_name().filter(|_| confirmed),
            denied: answer == Ok(Meaning::Refused(Refusal::Invalid)),
            holder: holder(&push.response).or_else(|| self.holder_over_rest()),
        })
    }

    /// What an access token is bound to, which Git's surface does not say.
    fn holder_over_rest(&mut self) -> Option<Holder> {
        let candidate = self.candidate;
        if candidate.kind() != Some(Kind::AccessToken) {
            return None;
        }
        let authorization = candidate.rest_authorization()?;
        let url = candidate.site.whose_url().to_owned();
        let answer = self.question(Surface::Rest, url, authorization).ok()?;
        holder(&answer.response)
    }

    /// Asks the REST API who this is.
    pub(super) fn over_rest(&mut self) -> Inquired {
        let candidate = self.candidate;
        let authorization = candidate.rest_authorization().ok_or_else(nothing_to_ask)?;
        let by_email = matches!(authorization, Authorization::Basic(name, _) if is_email(name));
        let url = candidate.site.whose_url().to_owned();
        let answer = self.question(Surface::Rest, url, authorization)?;
        if !matches!(
            answer.meaning,
            Meaning::Allowed | Meaning::LacksScope | Meaning::Valid
        ) {
            return Ok(match answer.meaning {
                // The address may have changed: that says nothing of the token.
                Meaning::Refused(Refusal::Invalid) if by_email => {
                    Verdict::Refused(Refusal::AddressOrToken)
                }
                _ => answer.ending(),
            });
        }
        let named = scopes(&answer.response).map(|names| rights(&names));
        let accepted = Accepted {
            rights: named.unwrap_or_default(),
            username: username(&answer.response),
            denied: false,
            holder: holder(&answer.response),
        };
        Ok(candidate.accepted(accepted))
    }

    fn git(
        &mut self,
        repository: &Repository,
        service: &str,
        name: &str,
    ) -> Result<ReadAnswer, Verdict> {
        let remote = self.candidate.site.remote(repository);
        let url = format!("{remote}/info/refs?service={service}");
        let authorization = Authorization::Basic(name, self.candidate.secret);
        self.question(Surface::Git, url, authorization)
    }
}

impl Candidate<'_> {
    /// Reads the answers to both questions of Git's surface, the second under the account's
    /// name. A token that was recognised a moment ago and is refused now is another's.
    fn may_not_push_as(&self, name: &str, push: &ReadAnswer, fetch: &ReadAnswer) -> Verdict {
        let accepted = |read, denied: bool| Accepted {
            rights: Rights {
                read,
                write: Some(false),
            },
            username: Some(name.to_owned()).filter(|_| !denied),
            denied,
            holder: None,
        };
        let lacking = |accepted| Verdict::Lacking(accepted, vec![self.facts().write_scope]);
        match fetch.meaning {
            Meaning::Allowed => lacking(accepted(Some(true), false)),
            Meaning::Refused(Refusal::Invalid) => lacking(accepted(None, true)),
            _ => self.may_not_push(push, fetch),
        }
    }

    /// Reads the answers to both questions of Git's surface.
    fn may_not_push(&self, push: &ReadAnswer, fetch: &ReadAnswer) -> Verdict {
        let facts = self.facts();
        let accepted = |read, write| Accepted {
            rights: Rights {
                read: Some(read),
                write,
            },
            // The static name was used: it confirms nobody's.
            username: self
                .own_name()
                .filter(|_| self.kind() != Some(Kind::ApiToken)),
            denied: false,
            holder: holder(&push.response),
        };
        match fetch.meaning {
            // A public repository answers this to anybody; but a credential that was not
            // recognised would have met a 401 before. Only if the server spoke of scopes
            // is one to blame.
            Meaning::Allowed if push.meaning == Meaning::LacksScope => {
                Verdict::Lacking(accepted(true, Some(false)), vec![facts.write_scope])
            }
            // The 403 may be a gateway's, and the repository public.
            Meaning::Allowed if push.meaning == Meaning::Forbidden => unexpected(push),
            Meaning::Allowed => Verdict::Verified(accepted(true, Some(false))),
            // Which of the two is missing, Git's surface does not say.
            Meaning::LacksScope => Verdict::Lacking(
                accepted(false, facts.write_includes_read.then_some(false)),
                vec![facts.read_scope, facts.write_scope],
            ),
            // Recognised a moment ago and now not: Bitbucket is known for stray 401s.
            Meaning::Refused(Refusal::Invalid) if push.meaning != Meaning::Forbidden => {
                unexpected(fetch)
            }
            _ => fetch.ending(),
        }
    }

    /// The verdict on rights that the server stated by naming scopes.
    fn accepted(&self, accepted: Accepted) -> Verdict {
        let facts = self.facts();
        let missing: Vec<_> = [
            (accepted.rights.read, facts.read_scope),
            (accepted.rights.write, facts.write_scope),
        ]
        .into_iter()
        .filter(|(right, _)| *right == Some(false))
        .map(|(_, scope)| scope)
        .collect();
        if missing.is_empty() {
            Verdict::Verified(accepted)
        } else {
            Verdict::Lacking(accepted, missing)
        }
    }
}
