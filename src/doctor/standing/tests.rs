//! The tables: how it stands, and what follows.

use super::*;
use crate::bitbucket::site::DataCenter;
use crate::bitbucket::{Accepted, Kind, Refusal, Rights, Uncertainty};

const NOW: u64 = 1_000;
const PAST: Option<u64> = Some(999);
const FUTURE: Option<u64> = Some(1_001);

fn accepted(write: Option<bool>) -> Verdict {
    let rights = Rights {
        read: Some(true),
        write,
    };
    Verdict::Verified(Accepted {
        rights,
        ..Accepted::default()
    })
}

fn lacking(read: Option<bool>, write: Option<bool>) -> Verdict {
    let rights = Rights { read, write };
    let accepted = Accepted {
        rights,
        ..Accepted::default()
    };
    Verdict::Lacking(accepted, vec!["one", "other"])
}

fn denied() -> Verdict {
    Verdict::Verified(Accepted {
        denied: true,
        ..Accepted::default()
    })
}

fn record(write: Option<bool>, expires: Option<u64>, refused: Option<u64>) -> PriorRecord {
    PriorRecord {
        write,
        expires,
        refused,
        ..PriorRecord::default()
    }
}

fn standing(fact: Fact, may_push: bool) -> Standing {
    Standing { fact, may_push }
}

#[test]
#[rustfmt::skip]
fn what_is_known_and_what_the_server_says_make_one_standing() {
    let none = record(None, None, None);
    let here = PriorRecord { asked_here: true, ..none };
    let removed = PriorRecord { unconfirmed: true, ..none };
    let removed_and_refused = PriorRecord { refused: Some(5), ..removed };
    let no_access = || Some(Verdict::Refused(Refusal::NoAccess));
    for (known, verdict, fact, may_push) in [
        // An app password that nobody has confirmed since they were removed.
        (removed, None, Fact::Unconfirmed, false),
        (removed_and_refused, None, Fact::Doubted(5), false),
        (removed, Some(accepted(None)), Fact::Accepted, true),
        (removed, Some(Verdict::Unknown(Uncertainty::TooManyAttempts)), Fact::Unclear, false),
        // What counts is the repository that a push would go to.
        (here, no_access(), Fact::NoAccess, false),
        (none, no_access(), Fact::Unclear, true),
        (here, Some(Verdict::Refused(Refusal::AddressOrToken)), Fact::Unclear, true),
        (here, Some(Verdict::Refused(Refusal::Invalid)), Fact::Refused, false),
        // Nobody asked.
        (none, None, Fact::NotAsked, true),
        (record(Some(true), None, None), None, Fact::NotAsked, true),
        (record(Some(true), FUTURE, None), None, Fact::NotAsked, true),
        (record(Some(false), None, None), None, Fact::ReadOnly, false),
        (record(Some(false), FUTURE, None), None, Fact::ReadOnly, false),
        (record(None, PAST, None), None, Fact::Expired(999), false),
        (record(None, Some(NOW), None), None, Fact::Expired(NOW), false),
        (record(Some(false), PAST, None), None, Fact::Expired(999), false),
        (record(None, PAST, Some(5)), None, Fact::Expired(999), false),
        (record(None, None, Some(5)), None, Fact::Doubted(5), true),
        (record(None, FUTURE, Some(5)), None, Fact::Doubted(5), true),
        (record(Some(false), None, Some(5)), None, Fact::Doubted(5), false),
        // The server says yes: that counts more than a date or an old refusal.
        (none, Some(accepted(None)), Fact::Accepted, true),
        (none, Some(accepted(Some(true))), Fact::Accepted, true),
        (none, Some(accepted(Some(false))), Fact::ReadOnly, false),
        (record(None, PAST, None), Some(accepted(None)), Fact::Accepted, true),
        (record(None, None, Some(5)), Some(accepted(None)), Fact::Accepted, true),
        (record(Some(false), None, None), Some(accepted(None)), Fact::ReadOnly, false),
        (record(Some(false), None, None), Some(accepted(Some(true))), Fact::Accepted, true),
        (record(Some(true), None, None), Some(accepted(Some(false))), Fact::ReadOnly, false),
        // It says yes to the token, and no to all that Git wants of it.
        (none, Some(lacking(Some(false), None)), Fact::Lacking, false),
        (record(Some(true), None, None), Some(lacking(Some(false), Some(false))), Fact::Lacking, false),
        (none, Some(lacking(Some(false), Some(true))), Fact::Accepted, true),
        (none, Some(lacking(Some(true), Some(false))), Fact::ReadOnly, false),
        (none, Some(denied()), Fact::OtherName, false),
        // The server says no.
        (none, Some(Verdict::Refused(Refusal::Invalid)), Fact::Refused, false),
        (none, Some(Verdict::Refused(Refusal::Expired)), Fact::Refused, false),
        (none, Some(Verdict::Refused(Refusal::AccountPassword)), Fact::Refused, false),
        (none, Some(Verdict::Refused(Refusal::AppPasswordRemoved)), Fact::Refused, false),
        (record(Some(true), FUTURE, None), Some(Verdict::Refused(Refusal::Invalid)), Fact::Refused, false),
        // The server says neither.
        (none, Some(Verdict::Refused(Refusal::NoAccess)), Fact::Unclear, true),
        (none, Some(Verdict::Refused(Refusal::AddressOrToken)), Fact::Unclear, true),
        (none, Some(Verdict::Unknown(Uncertainty::TooManyAttempts)), Fact::Unclear, true),
        (none, Some(Verdict::Unknown(Uncertainty::NothingToAsk)), Fact::Unclear, true),
        (none, Some(Verdict::Unknown(Uncertainty::Unexpected(302))), Fact::Unclear, true),
        (record(Some(false), None, None), Some(Verdict::Unknown(Uncertainty::NothingToAsk)), Fact::Unclear, false),
        (record(None, PAST, None), Some(Verdict::Unknown(Uncertainty::NothingToAsk)), Fact::Unclear, false),
        (record(None, FUTURE, Some(5)), Some(Verdict::Unknown(Uncertainty::NothingToAsk)), Fact::Unclear, true),
    ] {
        let found = Standing::of(known, verdict.as_ref(), NOW);
        assert_eq!(found, standing(fact, may_push), "{known:?} {verdict:?}");
    }
}

/// Whatever the server says of an access token: what renews it was not refused by that, so
/// nothing is dead that may go on.
#[test]
#[rustfmt::skip]
fn a_browser_sign_in_is_judged_by_what_renews_it() {
    use Prospect::{ByAnotherHelper, ByItself, Never, Refused};
    let of = |prospect, write, expires| PriorRecord {
        prospect: Some(prospect),
        ..record(write, expires, None)
    };
    let living = |prospect| of(prospect, Some(true), FUTURE);
    let ended = |prospect| of(prospect, Some(true), PAST);
    let without_client = |record| PriorRecord { lacks_client: true, ..record };
    let refused = || Some(Verdict::Refused(crate::bitbucket::Refusal::Invalid));
    let unasked = || Some(Verdict::Unknown(Uncertainty::NothingToAsk));
    let down = || Some(Verdict::Unknown(Uncertainty::TooManyAttempts));
    for (known, verdict, fact, may_push) in [
        (living(ByItself), None, Fact::NotAsked, true),
        (living(ByItself), Some(accepted(Some(true))), Fact::Accepted, true),
        (living(ByItself), down(), Fact::Unclear, true),
        (living(ByItself), refused(), Fact::Renewable, true),
        (living(ByAnotherHelper), refused(), Fact::Renewable, true),
        (living(Refused(5)), None, Fact::Ending(1_001), true),
        (living(Refused(5)), Some(accepted(Some(true))), Fact::Ending(1_001), true),
        (living(Refused(5)), refused(), Fact::SignInEnded, false),
        (living(Never), Some(accepted(None)), Fact::Ending(1_001), true),
        (of(Never, None, None), None, Fact::NotAsked, true),
        (without_client(living(ByItself)), None, Fact::Ending(1_001), true),
        (without_client(living(ByAnotherHelper)), None, Fact::NotAsked, true),
        (ended(ByItself), None, Fact::Renewable, true),
        (ended(ByItself), unasked(), Fact::Renewable, true),
        (ended(ByAnotherHelper), unasked(), Fact::Renewable, true),
        (ended(Refused(5)), None, Fact::SignInEnded, false),
        (ended(Refused(5)), unasked(), Fact::SignInEnded, false),
        (ended(Never), unasked(), Fact::SignInEnded, false),
        (without_client(ended(ByItself)), unasked(), Fact::SignInEnded, false),
        // What may not push.
        (of(ByItself, Some(false), FUTURE), None, Fact::SignInReadOnly, false),
        (of(ByItself, Some(false), PAST), None, Fact::SignInReadOnly, false),
        (living(ByItself), Some(accepted(Some(false))), Fact::SignInReadOnly, false),
        (living(Refused(5)), Some(accepted(Some(false))), Fact::SignInReadOnly, false),
        (of(Never, Some(false), PAST), None, Fact::SignInEnded, false),
        (living(ByItself), Some(lacking(Some(false), None)), Fact::Accepted, true),
        (of(ByItself, None, FUTURE), Some(lacking(Some(false), None)), Fact::Lacking, false),
    ] {
        let found = Standing::of(known, verdict.as_ref(), NOW);
        assert_eq!(found, standing(fact, may_push), "{known:?} {verdict:?}");
        assert!(!found.is_dead(), "{known:?} {verdict:?}");
    }
}

#[test]
fn the_form_of_a_secret_comes_before_what_the_server_would_say() {
    let password = SecretForm::Password("a password");
    let doubtful = SecretForm::Doubtful("a key".to_owned());
    for (form, verdict, fact, may_push) in [
        (
            SecretForm::Token(Kind::ApiToken),
            None,
            Fact::NotAsked,
            true,
        ),
        (
            SecretForm::Token(Kind::AppPassword),
            Some(Verdict::Refused(Refusal::AppPasswordRemoved)),
            Fact::Refused,
            false,
        ),
        (
            SecretForm::Token(Kind::AccessToken),
            Some(accepted(None)),
            Fact::Accepted,
            true,
        ),
        (password.clone(), None, Fact::Password, false),
        (password, Some(accepted(None)), Fact::Password, false),
        (doubtful, None, Fact::Unrecognised, false),
    ] {
        let found = Standing::of_secret(&form, verdict.as_ref(), false);
        assert_eq!(found, standing(fact, may_push), "{form:?} {verdict:?}");
    }
}

/// All facts, with the rows of what is kept and of what lies elsewhere.
const FACTS: [(Fact, &str, &str, bool); 19] = [
    (
        Fact::SignInReadOnly,
        "kept-sign-in-read-only",
        "elsewhere-token",
        false,
    ),
    (Fact::Renewable, "kept-renewable", "elsewhere-token", false),
    (
        Fact::Ending(5),
        "kept-not-renewed",
        "elsewhere-token",
        false,
    ),
    (
        Fact::SignInEnded,
        "kept-sign-in-ended",
        "elsewhere-token",
        false,
    ),
    (
        Fact::ManagersSignIn,
        "kept-unknown",
        "elsewhere-sign-in",
        false,
    ),
    (Fact::Lacking, "kept-useless", "elsewhere-unknown", false),
    (Fact::OtherName, "kept-useless", "elsewhere-unknown", false),
    (Fact::AsName, "kept-unknown", "elsewhere-as-name", false),
    (Fact::NoAccess, "kept-no-access", "elsewhere-unknown", false),
    (
        Fact::Unconfirmed,
        "kept-unconfirmed",
        "elsewhere-token",
        false,
    ),
    (Fact::Accepted, "kept-accepted", "elsewhere-accepted", false),
    (
        Fact::ReadOnly,
        "kept-read-only",
        "elsewhere-accepted",
        false,
    ),
    (Fact::Refused, "kept-refused", "elsewhere-refused", true),
    (Fact::Unclear, "kept-unknown", "elsewhere-unknown", false),
    (Fact::Expired(5), "kept-expired", "elsewhere-token", false),
    (Fact::Doubted(5), "kept-doubted", "elsewhere-token", false),
    (Fact::NotAsked, "kept", "elsewhere-token", false),
    (Fact::Password, "kept-refused", "elsewhere-password", true),
    (
        Fact::Unrecognised,
        "kept-unknown",
        "elsewhere-doubtful",
        false,
    ),
];

fn placed(fact: Fact) -> PlacedSecret {
    PlacedSecret {
        standing: standing(fact, false),
        fixed: false,
        for_every_host: false,
        our_variable: false,
    }
}

#[test]
fn every_fact_has_its_rows() {
    for (fact, kept, elsewhere, is_dead) in FACTS {
        let standing = standing(fact, false);
        assert_eq!(standing.kept_row().id, kept, "{fact:?}");
        assert_eq!(standing.is_dead(), is_dead, "{fact:?}");
        let date = standing.date().is_some();
        let has_date = standing.kept_row().message.contains("{date}");
        assert_eq!(date, has_date, "{fact:?}");
        assert_eq!(placed(fact).row().id, elsewhere, "{fact:?}");
    }
}

/// What the server says counts, but not where it does not know what Git does with it.
#[test]
fn a_reason_is_the_server_s_or_our_own() {
    let company = DataCenter {
        url: "https://git.acme.test".to_owned(),
        ..DataCenter::default()
    };
    let site = company.site().expect("a site");
    let told = || Advice {
        message: "Said.".to_owned(),
        next_step: "Do.".to_owned(),
    };
    for (fact, message, next_step) in [
        (Fact::Refused, "Said.", "Do."),
        (Fact::Lacking, "Said.", "Do."),
        (
            Fact::OtherName,
            "not with the user name",
            "git credential-bitbucket login https://git.acme.test",
        ),
        (Fact::AsName, "where a user name belongs", "Do."),
    ] {
        let advice = standing(fact, false).advice(&site, told());
        assert!(advice.message.contains(message), "{advice:?}");
        assert_eq!(advice.next_step, next_step);
    }
    let silent = standing(Fact::Unrecognised, false).advice(&site, Advice::default());
    assert!(silent.message.contains("cut off"), "{silent:?}");
}

#[test]
fn a_token_for_a_name_is_no_credential() {
    for (fact, expected) in [
        (Fact::Accepted, Fact::AsName),
        (Fact::NotAsked, Fact::AsName),
        (Fact::Refused, Fact::Refused),
    ] {
        let found = standing(fact, true).as_name();
        assert_eq!(found.fact, expected);
        assert!(expected != Fact::AsName || !found.may_push);
    }
}

#[test]
fn a_place_that_is_not_ours_to_change_has_a_row_of_its_own() {
    for (fact, ..) in FACTS {
        let fixed = PlacedSecret {
            fixed: true,
            ..placed(fact)
        };
        assert_eq!(fixed.row().id, "elsewhere-fixed", "{fact:?}");
        assert_eq!(fixed.taking_away(true), None, "{fact:?}");
        // Where it goes to every host, another host's secret is not judged by us.
        let sent_to_all = PlacedSecret {
            for_every_host: true,
            ..fixed
        };
        let is_token = !matches!(
            fact,
            Fact::Password | Fact::Unrecognised | Fact::ManagersSignIn
        );
        let expected = if is_token {
            "elsewhere-fixed"
        } else {
            "elsewhere-for-all"
        };
        assert_eq!(sent_to_all.row().id, expected, "{fact:?}");
    }
}

#[test]
#[rustfmt::skip]
fn what_is_dead_goes_and_what_is_good_only_where_it_may() {
    use TakingAway::{Discard, SetAside};
    for (fact, where_it_is_kept, otherwise) in [
        (Fact::Accepted, Some(SetAside), None),
        (Fact::ReadOnly, Some(SetAside), None),
        (Fact::Refused, Some(SetAside), Some(SetAside)),
        (Fact::NoAccess, Some(SetAside), None),
        (Fact::Unclear, Some(SetAside), None),
        (Fact::Unconfirmed, Some(SetAside), None),
        (Fact::NotAsked, Some(SetAside), None),
        (Fact::Password, Some(Discard), Some(Discard)),
        (Fact::Unrecognised, None, None),
        (Fact::ManagersSignIn, None, None),
        (Fact::AsName, Some(SetAside), None),
    ] {
        let one = placed(fact);
        assert_eq!(one.taking_away(true), where_it_is_kept, "{fact:?}");
        assert_eq!(one.taking_away(false), otherwise, "{fact:?}");
        assert_eq!(one.can_be_healed(), otherwise.is_some(), "{fact:?}");
        let variable = PlacedSecret { our_variable: true, ..one };
        assert_eq!(variable.taking_away(true), None, "{fact:?}");
        let for_all = PlacedSecret { for_every_host: true, ..one };
        let stays = matches!(fact, Fact::Password | Fact::Unrecognised | Fact::ManagersSignIn);
        assert_eq!(for_all.may_be_another_hosts(), stays, "{fact:?}");
        let expected = otherwise.filter(|_| !stays);
        assert_eq!(for_all.taking_away(false), expected, "{fact:?}");
    }
}
