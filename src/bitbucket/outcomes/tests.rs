//! The table is whole, and the documented one is equal to it.

use super::*;
use crate::bitbucket::advice::{Particulars, how_to_create};
use crate::bitbucket::kind::KINDS;
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::bitbucket::{Accepted, Rights};
use crate::bitbucket::{Repository, Site, Verdict};
use std::collections::BTreeSet;

/// Everybody: each kind, and a secret of none.
fn kinds() -> impl Iterator<Item = Option<Kind>> {
    KINDS.iter().map(|row| Some(row.kind)).chain([None])
}

/// Every verdict that is not an acceptance.
fn verdicts() -> impl Iterator<Item = Verdict> {
    let refused = refused::ROWS.iter().chain(data_center::REFUSED);
    let refused = refused.map(|(key, _)| Verdict::Refused(*key));
    let unknown = uncertain::ROWS.iter().chain(data_center::UNKNOWN);
    let unknown = unknown.map(|(key, _)| key.clone());
    refused.chain(unknown.map(Verdict::Unknown))
}

#[test]
fn every_verdict_has_words_for_every_kind_and_one_fate_for_all() {
    for verdict in verdicts() {
        for kind in kinds() {
            let row = verdict.row(kind);
            let said = row.is_some_and(|row| !row.message.is_empty());
            assert!(said, "{verdict:?} {kind:?}");
            assert_eq!(row.map(|row| row.fate), Some(verdict.fate()), "{kind:?}");
        }
    }
}

#[test]
fn every_row_can_be_reached_and_every_name_is_its_own() {
    let (mut ids, mut causes) = (BTreeSet::new(), BTreeSet::new());
    for row in rows() {
        assert!(ids.insert(row.id), "{} twice", row.id);
        for cause in row.causes {
            assert!(causes.insert(*cause), "{cause} twice");
        }
    }
    let told = |verdict: Verdict| kinds().filter_map(move |kind| verdict.row(kind));
    let reached: BTreeSet<_> = verdicts().flat_map(told).map(|row| row.id).collect();
    for row in rows().skip(unsent::ROWS.len() + accepted::ROWS.len()) {
        assert!(reached.contains(row.id), "{}", row.id);
    }
}

/// Only words that the server gave for good remove a token.
#[test]
fn what_is_left_open_removes_nothing() {
    let open = [Fate::Open, Fate::LeftAlone];
    let mut unknown = uncertain::ROWS.iter().chain(data_center::UNKNOWN);
    assert!(unknown.all(|(_, row)| open.contains(&row.fate)));
    let kept = refused::ROWS
        .iter()
        .filter(|(_, row)| row.fate != Fate::Removed);
    let kept: Vec<_> = kept.map(|(refusal, _)| *refusal).collect();
    let expected = [
        Refusal::AddressOrToken,
        Refusal::NoAccess,
        Refusal::NoAccess,
    ];
    assert_eq!(kept, expected);
}

/// Row by row: after these a second question would be one too many.
#[test]
fn what_ends_questions_is_said_of_every_reason() {
    let ending = [
        "too-many-attempts",
        "limited",
        "down",
        "maintenance",
        "timed-out",
        "name-not-found",
        "not-connected",
        "proxy-unreachable",
        "proxy-login",
        "proxy-refused",
        "untrusted-certificate",
        "wrong-name",
        "wrong-time",
        "refused-by-server",
        "verification-disabled",
        "bad-setting",
        "broken",
    ];
    let asking_on = [
        "address-not-allowed",
        "two-step-demanded",
        "unexpected",
        "email-as-username",
        "username-as-email",
        "no-address",
        "no-username",
        "captcha",
        "basic-off",
        "bearer-refused",
        "licence-expired",
        "login-page",
        "mirror",
        "no-bitbucket",
        "forbidden",
    ];
    let rows = uncertain::ROWS.iter().chain(data_center::UNKNOWN);
    for (why, row) in rows.clone() {
        let ends = ending.contains(&row.id);
        assert!(ends || asking_on.contains(&row.id), "{} is new", row.id);
        assert_eq!(why.ends_questions(), ends, "{}", row.id);
    }
    assert_eq!(rows.count(), ending.len() + asking_on.len());
}

/// What is told of a credential's fate is what the verdict decides.
#[test]
fn fate_and_verdict_agree() {
    let accepted = |read, write| Accepted {
        rights: Rights { read, write },
        ..Accepted::default()
    };
    let (yes, no) = (Some(true), Some(false));
    for (verdict, fate) in [
        (Verdict::Verified(accepted(yes, yes)), Fate::Kept),
        (Verdict::Verified(accepted(yes, no)), Fate::Kept),
        (Verdict::Lacking(accepted(yes, no), vec!["w"]), Fate::Kept),
        (
            Verdict::Lacking(accepted(no, yes), vec!["r"]),
            Fate::NotKept,
        ),
        (
            Verdict::Lacking(accepted(no, None), vec!["r", "w"]),
            Fate::NotKept,
        ),
        (Verdict::Refused(Refusal::Invalid), Fate::Removed),
        (Verdict::Refused(Refusal::AddressOrToken), Fate::NotKept),
        (Verdict::Refused(Refusal::NoAccess), Fate::NotKept),
        (Verdict::Unknown(Uncertainty::TooManyAttempts), Fate::Open),
    ] {
        assert_eq!(verdict.fate(), fate, "{verdict:?}");
        let serves = matches!(fate, Fate::Kept | Fate::Open);
        assert_eq!(verdict.serves(), serves, "{verdict:?}");
    }
}

#[test]
fn particulars_are_put_in_once() {
    let particular = |word: &str| format!("<{word} {{b}}>");
    assert_eq!(fill("x {a} y{b}", particular), "x <a {b}> y<b {b}>");
    assert_eq!(fill("", particular), "");
}

const HEADER: &str = "| what is the matter | what Bitbucket says | what you read | the credential is |\n|---|---|---|---|\n";

/// The table for people; `…` stands for how to create a token, which a section tells.
fn documented(rows: impl Iterator<Item = &'static Row>, site: &Site) -> String {
    rows.filter(|row| !row.causes.is_empty())
        .fold(HEADER.to_owned(), |table, row| {
            let (causes, answer, fate) = (row.causes.join("; "), row.answer, fate(row));
            table
                + &format!(
                    "| {causes} | {answer} | {} | {fate} |\n",
                    example(row, site)
                )
        })
}

fn example(row: &Row, site: &Site) -> String {
    let usual = site.kinds()[0];
    let kind = row.kind.or(Some(match row.id {
        "expired" => Kind::AccessToken,
        "email-as-username" => Kind::AppPassword,
        "basic-off" => Kind::Password,
        _ => usual,
    }));
    let facts = Kind::ApiToken.facts();
    let (read, write) = (facts.read_scope, facts.write_scope);
    let repository = Repository::from_path("acme/widgets");
    let both = [read, write];
    let particulars = Particulars {
        site,
        kind,
        repository: repository.as_ref(),
        missing: match row.id {
            "lacks-push" => &both[1..],
            _ => &both,
        },
        status: match row.id {
            "down" => 503,
            _ => 302,
        },
        named: match row.id {
            "foreign-typed" => "a GitHub personal access token",
            _ => "no certificates in /etc/acme.pem",
        },
        ..Particulars::default()
    };
    let how_to = how_to_create(particulars.site, kind);
    let (_, tail) = how_to.split_at(how_to.find("token").map_or(0, |start| start + 5));
    let text = particulars.fill(row).to_string();
    text.replace(tail, " …")
        .replace(tail.trim_end_matches('.'), " …")
}

fn fate(row: &Row) -> &'static str {
    match row.fate {
        Fate::Kept => "kept",
        Fate::NotKept => "not kept",
        Fate::Removed => "removed",
        Fate::Open => "left open",
        Fate::LeftAlone => "left alone",
    }
}

#[test]
fn the_documented_table_is_this_one() {
    let document = include_str!("../../../docs/troubleshooting.md");
    let server = DataCenter::at("https://git.example.com");
    let server = server.site().expect("an address");
    for table in [
        documented(rows(), &CLOUD),
        documented(rows_of_data_center(), &server),
    ] {
        assert!(
            document.contains(&table),
            "docs/troubleshooting.md needs:\n{table}"
        );
    }
}

#[test]
fn of_a_kept_one_its_own_past_tells_more_than_the_row() {
    let past = Some(86_400);
    for (refusal, ended, was_confirmed, expected) in [
        (Refusal::Invalid, past, true, Some("date was 02 Jan 1970")),
        (Refusal::Invalid, past, false, Some("date was 02 Jan 1970")),
        (
            Refusal::Invalid,
            None,
            true,
            Some("expired, or it was revoked"),
        ),
        (Refusal::Invalid, None, false, None),
        (Refusal::Expired, past, true, None),
        (Refusal::NoAccess, past, true, None),
    ] {
        let text = refusal.of_kept(ended, was_confirmed);
        let fits = match (&text, expected) {
            (Some(said), Some(words)) => said.contains(words),
            (None, None) => true,
            _ => false,
        };
        assert!(fits, "{refusal:?} {ended:?} {was_confirmed}: {text:?}");
    }
}
