//! How it stands with one credential, whether it is kept or lies elsewhere: decided here
//! once, from what the server said and what was known before. The row, the plan and who
//! answers Git follow from it. Nothing is asked, and nothing done, here.

use super::messages::{self, DoctorRow};
use super::secret_form::SecretForm;
use crate::accounts::Entry;
use crate::accounts::renewal::Prospect;
use crate::bitbucket::{Advice, Kind, Refusal, Site, Verdict};

/// How it stands with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What is known of it.
    pub fact: Fact,
    /// Whether nothing is known that keeps it from authenticating a push.
    pub may_push: bool,
}

/// What is known of a credential. Times are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// The server accepts it.
    Accepted,
    /// The server accepts it, or did, but not for pushing.
    ReadOnly,
    /// The same of a browser sign-in.
    SignInReadOnly,
    /// The access token of a browser sign-in has ended, and is renewed.
    Renewable,
    /// The access token of a browser sign-in works until then, and is not renewed.
    Ending(u64),
    /// The access token of a browser sign-in has ended, and is not renewed.
    SignInEnded,
    /// The server refuses it for good.
    Refused,
    /// The server accepts it, and shows it no repository where a push would go.
    NoAccess,
    /// The server accepts it, and it lacks a scope without which Git can do nothing.
    Lacking,
    /// The server accepts it, but not with the user name that goes with it.
    OtherName,
    /// It lies where a user name belongs, so that Git takes it for one.
    AsName,
    /// Nobody knows: it is what Git Credential Manager got by a sign-in in the browser.
    ManagersSignIn,
    /// The server was asked and said neither yes nor no for good.
    Unclear,
    /// The server was not asked, and its date has passed.
    Expired(u64),
    /// The server was not asked; when Git used it last, it was refused.
    Doubted(u64),
    /// The server was not asked, and it is an app password that has not been accepted since
    /// they were removed.
    Unconfirmed,
    /// The server was not asked, and nothing speaks against it.
    NotAsked,
    /// By its form it is an account password: it is never sent, and Bitbucket takes none.
    Password,
    /// It has no form of ours: it is never sent, and may be good for something.
    Unrecognised,
}

/// When Bitbucket removed app passwords: 2026-07-28, in Unix seconds.
const APP_PASSWORDS_REMOVED: u64 = 1_785_196_800;

/// What was known of a credential before the server was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PriorRecord {
    /// Whether it may push.
    pub write: Option<bool>,
    /// Until when it is valid.
    pub expires: Option<u64>,
    /// When Git was refused with it, if that has not been explained since.
    pub refused: Option<u64>,
    /// Whether it is an app password that has not been accepted since they were removed.
    pub unconfirmed: bool,
    /// Whether the server is asked about it with the repository that a push would go to.
    pub asked_here: bool,
    /// Of a browser sign-in, whether it goes on once its access token has ended.
    pub prospect: Option<Prospect>,
    /// Whether the OAuth client is not known here that it came from.
    pub lacks_client: bool,
}

impl PriorRecord {
    /// What is kept with an entry.
    pub fn of(entry: &Entry) -> Self {
        let verified = entry.details.verified.unwrap_or_default();
        let is_recent = verified >= APP_PASSWORDS_REMOVED;
        let details = &entry.details;
        Self {
            write: details.rights.write,
            expires: details.expires,
            refused: details.refused.filter(|_| details.refusals > 0),
            unconfirmed: details.kind == Kind::AppPassword && !is_recent,
            asked_here: false,
            prospect: Prospect::of(entry),
            lacks_client: false,
        }
    }

    /// Whether a browser sign-in goes on once its access token has ended.
    fn goes_on(self) -> bool {
        match self.prospect {
            Some(Prospect::ByItself) => !self.lacks_client,
            Some(Prospect::ByAnotherHelper) => true,
            Some(Prospect::Refused(_) | Prospect::Never) | None => false,
        }
    }

    /// What is known of a secret that lies somewhere.
    pub fn of_kind(kind: Kind) -> Self {
        Self {
            unconfirmed: kind == Kind::AppPassword,
            ..Self::default()
        }
    }
}

impl Standing {
    /// Of a secret that lies elsewhere. `asked_here` as in [`PriorRecord`].
    pub fn of_secret(form: &SecretForm, verdict: Option<&Verdict>, asked_here: bool) -> Self {
        match form {
            SecretForm::Token(kind) => {
                let known = PriorRecord {
                    asked_here,
                    ..PriorRecord::of_kind(*kind)
                };
                Self::of(known, verdict, 0)
            }
            SecretForm::Password(_) => Self {
                fact: Fact::Password,
                may_push: false,
            },
            SecretForm::Doubtful(_) => Self {
                fact: Fact::Unrecognised,
                may_push: false,
            },
            SecretForm::ManagersSignIn => Self {
                fact: Fact::ManagersSignIn,
                may_push: false,
            },
        }
    }

    /// What the server says comes first; it says of a date that it has passed.
    pub fn of(record: PriorRecord, verdict: Option<&Verdict>, now: u64) -> Self {
        let expired = record.expires.filter(|&time| time <= now);
        let told = verdict.and_then(Verdict::accepted);
        let write = told.and_then(|told| told.rights.write).or(record.write);
        let writes = write != Some(false);
        let (fact, may_push) = match verdict {
            Some(verdict) if verdict.is_refused_for_good() => (Fact::Refused, false),
            Some(Verdict::Refused(Refusal::NoAccess)) if record.asked_here => {
                (Fact::NoAccess, false)
            }
            Some(Verdict::Refused(_) | Verdict::Unknown(_)) => (
                Fact::Unclear,
                writes && expired.is_none() && !record.unconfirmed,
            ),
            Some(_) if told.is_some_and(|told| told.denied) => (Fact::OtherName, false),
            Some(verdict) if !verdict.serves() && write != Some(true) => (Fact::Lacking, false),
            Some(_) if writes => (Fact::Accepted, true),
            Some(_) => (Fact::ReadOnly, false),
            None => match (expired, record.refused) {
                (Some(time), _) => (Fact::Expired(time), false),
                (None, None) if record.unconfirmed => (Fact::Unconfirmed, false),
                (None, Some(time)) => (Fact::Doubted(time), writes && !record.unconfirmed),
                (None, None) if writes => (Fact::NotAsked, true),
                (None, None) => (Fact::ReadOnly, false),
            },
        };
        let standing = Self { fact, may_push };
        match record.prospect {
            Some(_) => standing.of_sign_in(record, writes, expired.is_some()),
            None => standing,
        }
    }

    /// Of a browser sign-in: its access token ends every two hours, and that the server does not
    /// take that one any more says nothing of what renews it.
    fn of_sign_in(self, record: PriorRecord, writes: bool, has_ended: bool) -> Self {
        let fact = match self.fact {
            Fact::Unclear if !has_ended => Fact::Unclear,
            Fact::Unclear | Fact::Refused | Fact::Expired(_) => match record.goes_on() {
                true if writes => Fact::Renewable,
                true => Fact::SignInReadOnly,
                false => Fact::SignInEnded,
            },
            Fact::ReadOnly => Fact::SignInReadOnly,
            Fact::Accepted | Fact::NotAsked if !record.goes_on() => {
                record.expires.map_or(self.fact, Fact::Ending)
            }
            fact => fact,
        };
        let may_push = fact == Fact::Renewable || fact != Fact::SignInEnded && self.may_push;
        Self { fact, may_push }
    }

    /// Of the same secret where a user name belongs.
    pub fn as_name(self) -> Self {
        if self.is_dead() {
            return self;
        }
        Self {
            fact: Fact::AsName,
            may_push: false,
        }
    }

    /// Whether it is certain that Bitbucket does not take it.
    pub fn is_dead(self) -> bool {
        matches!(self.fact, Fact::Refused | Fact::Password)
    }

    /// Whether its form says that it is a token, whatever that is worth.
    fn is_token(self) -> bool {
        !matches!(
            self.fact,
            Fact::Password | Fact::Unrecognised | Fact::ManagersSignIn
        )
    }

    /// What is said of it if it is kept. What has no form of ours is not kept.
    pub fn kept_row(self) -> &'static DoctorRow {
        match self.fact {
            Fact::Accepted => &messages::KEPT_ACCEPTED,
            Fact::ReadOnly => &messages::KEPT_READ_ONLY,
            Fact::SignInReadOnly => &messages::KEPT_SIGN_IN_READ_ONLY,
            Fact::Renewable => &messages::KEPT_RENEWABLE,
            Fact::Ending(_) => &messages::KEPT_NOT_RENEWED,
            Fact::SignInEnded => &messages::KEPT_SIGN_IN_ENDED,
            Fact::Refused | Fact::Password => &messages::KEPT_REFUSED,
            Fact::NoAccess => &messages::KEPT_NO_ACCESS,
            Fact::Lacking | Fact::OtherName => &messages::KEPT_USELESS,
            Fact::Unclear | Fact::Unrecognised | Fact::AsName | Fact::ManagersSignIn => {
                &messages::KEPT_UNKNOWN
            }
            Fact::Unconfirmed => &messages::KEPT_UNCONFIRMED,
            Fact::Expired(_) => &messages::KEPT_EXPIRED,
            Fact::Doubted(_) => &messages::KEPT_DOUBTED,
            Fact::NotAsked => &messages::KEPT,
        }
    }

    /// What is said of it, with what the server's answer tells.
    pub fn advice(self, site: &Site, told: Advice) -> Advice {
        let is_told = !matches!(self.fact, Fact::OtherName | Fact::AsName);
        if is_told && !told.message.is_empty() {
            return told;
        }
        Advice {
            message: self.reason().to_owned(),
            next_step: match self.fact {
                Fact::OtherName => site.login_command(),
                _ => told.next_step,
            },
        }
    }

    /// Why it does not authenticate a push, where the server's answer does not say it.
    pub fn reason(self) -> &'static str {
        match self.fact {
            Fact::OtherName => {
                "Bitbucket accepts it, but not with the user name that goes with it: Git is refused."
            }
            Fact::AsName => "It stands where a user name belongs, and Git takes it for one.",
            Fact::Password => "It looks like an account password, which Bitbucket does not take.",
            Fact::Unrecognised => "It looks like a token that was cut off or mistyped.",
            Fact::Unconfirmed => {
                "Bitbucket removed app passwords on 2026-07-28, and was not asked about this one."
            }
            _ => "",
        }
    }

    /// Whether its row speaks of how a browser sign-in goes on.
    pub fn is_about_renewal(self) -> bool {
        matches!(
            self.fact,
            Fact::Renewable | Fact::Ending(_) | Fact::SignInEnded
        )
    }

    /// The time that the row of what is kept speaks of.
    pub fn date(self) -> Option<u64> {
        match self.fact {
            Fact::Expired(time) | Fact::Doubted(time) | Fact::Ending(time) => Some(time),
            _ => None,
        }
    }
}

/// How it stands with a secret where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlacedSecret {
    pub standing: Standing,
    /// Whether it cannot be removed from here.
    pub fixed: bool,
    /// Whether it is sent to every host.
    pub for_every_host: bool,
    /// Whether it is a variable of ours, which is told of as one.
    pub our_variable: bool,
}

/// How `--fix` takes a secret away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakingAway {
    /// With a backup.
    SetAside,
    /// For good.
    Discard,
}

impl PlacedSecret {
    /// Whether it may be meant for another host.
    pub fn may_be_another_hosts(self) -> bool {
        self.for_every_host && !self.standing.is_token()
    }

    /// What is said of it.
    pub fn row(self) -> &'static DoctorRow {
        match self.standing.fact {
            _ if self.may_be_another_hosts() => &messages::ELSEWHERE_FOR_ALL,
            _ if self.fixed => &messages::ELSEWHERE_FIXED,
            Fact::Accepted | Fact::ReadOnly => &messages::ELSEWHERE_ACCEPTED,
            Fact::Refused => &messages::ELSEWHERE_REFUSED,
            Fact::Unclear | Fact::NoAccess | Fact::Lacking | Fact::OtherName => {
                &messages::ELSEWHERE_UNKNOWN
            }
            Fact::AsName => &messages::ELSEWHERE_AS_NAME,
            Fact::NotAsked
            | Fact::Unconfirmed
            | Fact::Expired(_)
            | Fact::Doubted(_)
            | Fact::SignInReadOnly
            | Fact::Renewable
            | Fact::Ending(_)
            | Fact::SignInEnded => &messages::ELSEWHERE_TOKEN,
            Fact::Password => &messages::ELSEWHERE_PASSWORD,
            Fact::ManagersSignIn => &messages::ELSEWHERE_SIGN_IN,
            Fact::Unrecognised => &messages::ELSEWHERE_DOUBTFUL,
        }
    }

    /// Whether `--fix` removes it because Bitbucket does not take it.
    pub fn can_be_healed(self) -> bool {
        self.standing.is_dead() && !self.fixed && !self.may_be_another_hosts()
    }

    /// How `--fix` takes it away, if it does. `leaves`: it is good, kept by then, and may go.
    pub fn taking_away(self, leaves: bool) -> Option<TakingAway> {
        let goes = self.can_be_healed() || leaves && !self.fixed && self.standing.is_token();
        let how = if self.standing.fact == Fact::Password {
            TakingAway::Discard
        } else {
            TakingAway::SetAside
        };
        (goes && !self.our_variable).then_some(how)
    }
}

#[cfg(test)]
mod tests;
