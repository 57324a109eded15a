//! The questions to a Data Center, in their order, and what its answers come to. Each failed
//! login may bring the account nearer to a CAPTCHA, so nothing is sent again that was refused,
//! and nothing under another name.

use super::{Inquired, Inquiry, ReadAnswer, nothing_to_ask};
use crate::bitbucket::answer_facts::{SignedIn, signed_in};
use crate::bitbucket::kind::Kind;
use crate::bitbucket::outcomes::{Refusal, Uncertainty};
use crate::bitbucket::placeholder::account_name;
use crate::bitbucket::rights::Rights;
use crate::bitbucket::site::Repository;
use crate::bitbucket::status_codes::{Meaning, Surface};
use crate::bitbucket::verdict::{Accepted, Verdict};
use crate::network::Authorization;

impl Inquiry<'_, '_> {
    /// Asks who this is; then, if a repository is known and it matters, whether it may push
    /// there.
    pub(super) fn at_data_center(&mut self, wants_rights: bool) -> Inquired {
        let candidate = self.candidate;
        if !wants_rights {
            // The page that answers nobody tells in one request, also where the name of whoever
            // has signed in is taken off on the way. Git was refused already.
            return self.as_user();
        }
        let identity = self.as_itself(Surface::Rest, candidate.site.whose_url().to_owned())?;
        let user = match identity.meaning {
            Meaning::Allowed | Meaning::Valid => signed_in(&identity.response),
            // Everybody is answered so: whether that is nobody, a page for users only tells.
            Meaning::Refused(Refusal::NotSignedIn) if identity.response.status == 200 => {
                return self.as_user();
            }
            _ => return Ok(identity.ending()),
        };
        let accepted = self.accepted(user);
        match candidate.repository {
            Some(repository) => self.may_push_at_data_center(repository, accepted),
            None => Ok(Verdict::Verified(accepted)),
        }
    }

    fn as_user(&mut self) -> Inquired {
        let site = self.candidate.site.url();
        let url = format!("{site}/rest/api/latest/users?limit=1");
        let answer = self.as_itself(Surface::Rest, url)?;
        Ok(match answer.meaning {
            Meaning::Allowed | Meaning::Valid => {
                Verdict::Verified(self.accepted(signed_in(&answer.response)))
            }
            _ => answer.ending(),
        })
    }

    fn may_push_at_data_center(
        &mut self,
        repository: &Repository,
        mut accepted: Accepted,
    ) -> Inquired {
        let remote = self.candidate.site.remote(repository);
        let url = format!("{remote}/info/refs?service=git-receive-pack");
        let push = self.as_itself(Surface::Git, url)?;
        let rights = |read, write| Rights { read, write };
        accepted.rights = match push.meaning {
            Meaning::Allowed => rights(Some(true), Some(true)),
            Meaning::Forbidden => rights(None, Some(false)),
            // It was recognised a moment ago, sent in the same way.
            Meaning::Refused(Refusal::Invalid | Refusal::NotSignedIn) | Meaning::Valid => {
                return Ok(Verdict::Unknown(Uncertainty::BearerRefused));
            }
            Meaning::Unknown(why) if why.leaves_only_pushing_open() => Rights::default(),
            Meaning::LacksScope => Rights::default(),
            Meaning::Refused(_) | Meaning::Unknown(_) => return Ok(push.ending()),
        };
        Ok(Verdict::Verified(accepted))
    }

    /// What is known of who is signed in.
    fn accepted(&self, user: Option<SignedIn>) -> Accepted {
        let asked = self.candidate.username.and_then(account_name);
        let asked = asked.filter(|name| !name.is_empty());
        let Some(SignedIn { username, holder }) = user else {
            return Accepted::default();
        };
        let is_another = |asked: &str| match &username {
            Some(name) => !name.eq_ignore_ascii_case(asked),
            None => holder.is_some(),
        };
        Accepted {
            rights: Rights::default(),
            denied: asked.is_some_and(is_another),
            username,
            holder,
        }
    }

    /// One question with the credential, sent as its kind is.
    fn as_itself(&mut self, surface: Surface, url: String) -> Result<ReadAnswer, Verdict> {
        let candidate = self.candidate;
        let authorization = match candidate.kind() {
            Some(Kind::Password) => {
                let name = candidate.username.filter(|name| !name.is_empty());
                Authorization::Basic(name.ok_or_else(nothing_to_ask)?, candidate.secret)
            }
            _ => Authorization::Bearer(candidate.secret),
        };
        self.question(surface, url, authorization)
    }
}
