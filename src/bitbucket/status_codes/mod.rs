//! What an answer of Bitbucket's means for the credential that was sent: a table, read from the
//! top. Server texts are only recognised here, never shown. The rows are in `cloud_table` and
//! `data_center_table`.

mod cloud_table;
mod data_center_table;

use super::answer_facts::{describes_account, is_api_error, signed_in};
use super::kind::Kind;
use super::outcomes::{Refusal, Uncertainty};
use super::site::Product;
use crate::network::Response;
use crate::trace::Harmless;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// Where a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The smart HTTP protocol that Git itself uses.
    Git,
    /// The REST API.
    Rest,
}

/// What one answer means. What each refusal and each uncertainty leads to: `outcomes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Valid, and allowed to do what was asked.
    Allowed,
    /// Valid, but a scope that this question needs is missing.
    LacksScope,
    /// Valid, but this question does not suit its kind.
    Valid,
    /// 403 on Git's surface without a known reason.
    Forbidden,
    /// Refused.
    Refused(Refusal),
    /// It tells nothing of the credential.
    Unknown(Uncertainty),
}

impl Harmless for Meaning {
    fn tell(&self, line: &mut String) {
        match self {
            Self::Unknown(why) => why.tell(line),
            // The others hold no more than words of the source. Writing to a String cannot fail.
            _ => drop(write!(line, "{self:?}")),
        }
    }
}

impl Meaning {
    fn with_particulars(self, answer: &Response) -> Self {
        match self {
            Self::Unknown(why) => Self::Unknown(why.with_particulars(answer)),
            other => other,
        }
    }
}

/// What a row looks for besides surface, kind and status.
enum Evidence {
    Any,
    /// Words in the body, in lower case.
    Text(&'static str),
    /// A header that only comes with a valid credential.
    Header(&'static str),
    /// A body that Git would accept as a list of references.
    References,
    /// A body that describes an account.
    Account,
    /// A body in which the REST API itself refuses: a gateway's page is none.
    ApiError,
    /// A header of a Data Center that says who is signed in.
    SignedIn,
    /// Words in a header, in lower case.
    HeaderText(&'static str, &'static str),
}

struct MeaningRow {
    surface: Option<Surface>,
    kind: Option<Kind>,
    status: RangeInclusive<u16>,
    evidence: Evidence,
    meaning: Meaning,
}

impl MeaningRow {
    /// A row for one status.
    const fn new(status: u16, evidence: Evidence, meaning: Meaning) -> Self {
        Self {
            surface: None,
            kind: None,
            status: status..=status,
            evidence,
            meaning,
        }
    }

    const fn on(mut self, surface: Surface) -> Self {
        self.surface = Some(surface);
        self
    }

    const fn of(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    const fn up_to(mut self, last: u16) -> Self {
        self.status = *self.status.start()..=last;
        self
    }
}

/// What `response` says about a credential of this kind.
pub fn meaning(
    product: Product,
    surface: Surface,
    kind: Option<Kind>,
    response: &Response,
) -> Meaning {
    let body = String::from_utf8_lossy(&response.body).to_lowercase();
    let rows = match product {
        Product::Cloud => &cloud_table::ROWS[..],
        Product::DataCenter => &data_center_table::ROWS,
    };
    rows.iter()
        .find(|row| {
            row.surface.is_none_or(|only| only == surface)
                && (row.kind.is_none() || row.kind == kind)
                && row.status.contains(&response.status)
                && match row.evidence {
                    Evidence::Any => true,
                    Evidence::Text(words) => body.contains(words),
                    Evidence::Header(name) => response.header(name).is_some(),
                    Evidence::References => lists_references(response),
                    Evidence::Account => describes_account(response),
                    Evidence::ApiError => is_api_error(response),
                    Evidence::SignedIn => signed_in(response).is_some(),
                    Evidence::HeaderText(name, words) => response
                        .header(name)
                        .is_some_and(|value| value.to_ascii_lowercase().contains(words)),
                }
        })
        .map_or(Meaning::Unknown(Uncertainty::Unexpected(0)), |row| {
            row.meaning.clone()
        })
        .with_particulars(response)
}

/// A sign-in page has status 200 too, and so has an error that Git is to show.
fn lists_references(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| {
        kind.starts_with("application/x-git-") && kind.ends_with("-pack-advertisement")
    }) && response.body.get(4..15) == Some(b"# service=g")
}
