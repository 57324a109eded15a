//! One secret in the bytes of a file, whatever the file's format: how it is cut out, and how
//! its place is known again, so that no other byte moves. How a format is read stands in
//! `files`.

use super::login_url::LoginUrl;
use crate::reason::Reason;
use crate::secret::Secret;
use std::ops::Range;

/// What a span is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanRole {
    /// An entry of its own.
    Entry,
    /// The login of a URL that is a setting's value.
    Value,
    /// The login of a URL that is a section's name.
    Section,
    /// A setting that holds a header.
    Header,
}

/// One secret in the bytes of a file.
pub(super) struct SecretSpan {
    /// What goes when it is removed: ascending, apart from each other, never empty.
    pub cuts: Vec<Range<usize>>,
    /// Counted from 1.
    pub line: usize,
    pub role: SpanRole,
    /// The configuration's key, without a login; empty in other formats.
    pub key: String,
    /// What the value or the section's name is once the span is gone.
    pub remainder: Vec<u8>,
    pub host: String,
    pub path: Option<String>,
    pub username: Option<String>,
    pub secret: Secret,
    /// Whether it stands where a user name belongs.
    pub in_name: bool,
    /// Why it stays.
    pub fixed: Option<Reason>,
}

impl SecretSpan {
    /// The login of a URL, as the value of a place that is not told yet.
    pub fn of_login(url: LoginUrl) -> Self {
        Self {
            cuts: Vec::new(),
            line: 0,
            role: SpanRole::Value,
            key: String::new(),
            remainder: Vec::new(),
            host: url.host,
            path: url.path,
            username: url.username,
            secret: url.secret,
            in_name: url.in_name,
            fixed: None,
        }
    }

    /// Whether another secret is in this one's place: it would be found in its stead, or
    /// sent with it. `names_apart`: entries for one host do not contend if their names differ.
    pub fn contends_with(&self, other: &Self, names_apart: bool) -> bool {
        matches!(self.role, SpanRole::Entry | SpanRole::Header)
            && (self.role, &self.key) == (other.role, &other.key)
            && (&self.host, &self.path) == (&other.host, &other.path)
            && (!names_apart || self.username == other.username)
            && self.secret != other.secret
    }

    /// Its bytes, cut by cut.
    pub fn bytes<'a>(&'a self, content: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.cuts.iter().map(|cut| &content[cut.clone()])
    }
}

/// The content without some ranges, which are ascending.
pub(super) fn without(content: &[u8], cuts: &[Range<usize>]) -> Vec<u8> {
    let mut left = Vec::with_capacity(content.len());
    let mut from = 0;
    for cut in cuts {
        left.extend_from_slice(&content[from..cut.start]);
        from = cut.end;
    }
    left.extend_from_slice(&content[from..]);
    left
}

/// A content without all spans that can be removed: what our edits have in common, and
/// by which a place in it is known, whatever else we have removed.
pub(super) struct Stripped {
    pub content: Vec<u8>,
    /// Of each cut: where it is in the whole content and where it was in this one.
    cuts: Vec<(Range<usize>, usize)>,
}

impl Stripped {
    pub fn of(content: &[u8], spans: &[SecretSpan]) -> Self {
        let mut all: Vec<_> = spans
            .iter()
            .filter(|span| span.fixed.is_none())
            .flat_map(|span| span.cuts.iter().cloned())
            .collect();
        all.sort_by_key(|cut| cut.start);
        let mut removed = 0;
        let cuts = all
            .iter()
            .map(|cut| {
                let offset = cut.start - removed;
                removed += cut.len();
                (cut.clone(), offset)
            })
            .collect();
        Self {
            content: without(content, &all),
            cuts,
        }
    }

    /// Where a cut was, and how many others lie between that place and it.
    pub fn place_of(&self, cut: &Range<usize>) -> (usize, usize) {
        let at = self
            .cuts
            .partition_point(|(other, _)| other.start < cut.start);
        let offset = self.cuts.get(at).map_or(0, |(_, offset)| *offset);
        let before = self.cuts[..at].iter().rev();
        let rank = before.take_while(|(_, place)| *place == offset).count();
        (offset, rank)
    }

    /// The position in the whole content that belongs to such a place.
    pub fn position(&self, offset: usize, rank: usize) -> usize {
        let here: Vec<_> = self
            .cuts
            .iter()
            .filter(|(_, place)| *place == offset)
            .map(|(cut, _)| cut)
            .collect();
        if let Some(next) = here.get(rank) {
            return next.start;
        }
        if let Some(last) = here.last() {
            return last.end;
        }
        let before = self.cuts.iter().filter(|(_, place)| *place < offset);
        offset + before.map(|(cut, _)| cut.len()).sum::<usize>()
    }
}

/// The number of the line in which a position lies, counted from 1.
pub(super) fn line_of(content: &[u8], position: usize) -> usize {
    content[..position].split(|&byte| byte == b'\n').count()
}

/// Every line with its end, as a range.
pub(super) fn lines(content: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    content
        .split_inclusive(|&byte| byte == b'\n')
        .map(move |line| {
            let range = start..start + line.len();
            start = range.end;
            range
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(cut: Range<usize>) -> SecretSpan {
        SecretSpan {
            cuts: std::iter::once(cut).collect(),
            line: 1,
            role: SpanRole::Entry,
            key: String::new(),
            remainder: Vec::new(),
            host: "bitbucket.org".to_owned(),
            path: None,
            username: Some("alice".to_owned()),
            secret: Secret::copy_of(b"secret"),
            in_name: false,
            fixed: None,
        }
    }

    fn range(text: &str) -> Range<usize> {
        let (start, end) = text.split_once('-').unwrap();
        start.parse().unwrap()..end.parse().unwrap()
    }

    #[test]
    fn what_is_cut_out_leaves_every_other_byte() {
        for (cuts, left) in [
            ("", "0123456789"),
            ("0-3", "3456789"),
            ("7-10", "0123456"),
            ("1-2 4-6", "0236789"),
            ("0-10", ""),
        ] {
            let cuts: Vec<_> = cuts.split_whitespace().map(range).collect();
            assert_eq!(without(b"0123456789", &cuts), left.as_bytes(), "{cuts:?}");
        }
    }

    #[test]
    fn a_place_is_found_again_whatever_else_is_gone() {
        let content = b"aBBcDDeFFg";
        let spans = [span(1..3), span(4..6), span(7..9)];
        let whole = Stripped::of(content, &spans);
        assert_eq!(whole.content, b"aceg");
        for cut in [1..3, 4..6, 7..9] {
            let (offset, rank) = whole.place_of(&cut);
            assert_eq!(rank, 0);
            assert_eq!(whole.position(offset, rank), cut.start, "{cut:?}");
        }
        // Without the first one, the second lies two bytes before.
        let fewer = b"acDDeFFg";
        let fewer = Stripped::of(fewer, &[span(2..4), span(5..7)]);
        let (offset, rank) = whole.place_of(&(4..6));
        assert_eq!(fewer.position(offset, rank), 2);
    }

    #[test]
    fn neighbours_with_nothing_between_them_keep_their_order() {
        let whole = Stripped::of(b"aBBCCd", &[span(1..3), span(3..5)]);
        assert_eq!(whole.place_of(&(1..3)), (1, 0));
        assert_eq!(whole.place_of(&(3..5)), (1, 1));
        assert_eq!(whole.position(1, 0), 1);
        assert_eq!(whole.position(1, 1), 3);
        // A third one would come behind both.
        assert_eq!(whole.position(1, 2), 5);
    }

    #[test]
    fn what_stays_is_no_cut() {
        let mut fixed = span(1..3);
        fixed.fixed = Some(Reason::from("it is a macro"));
        let stripped = Stripped::of(b"aBBcDD", &[fixed, span(4..6)]);
        assert_eq!(stripped.content, b"aBBc");
    }

    #[test]
    fn two_secrets_contend_for_one_place() {
        let one = span(0..1);
        let other = |change: fn(&mut SecretSpan)| {
            let mut other = span(0..1);
            other.secret = Secret::copy_of(b"another");
            change(&mut other);
            other
        };
        for (other, together, apart) in [
            (other(|_| {}), true, true),
            (
                other(|it| it.secret = Secret::copy_of(b"secret")),
                false,
                false,
            ),
            (other(|it| it.username = None), true, false),
            (other(|it| it.path = Some("acme".to_owned())), false, false),
            (
                other(|it| it.host = "api.bitbucket.org".to_owned()),
                false,
                false,
            ),
            (other(|it| it.role = SpanRole::Value), false, false),
        ] {
            assert_eq!(one.contends_with(&other, false), together);
            assert_eq!(one.contends_with(&other, true), apart);
        }
    }

    #[test]
    fn lines_are_counted_from_one() {
        let content = b"one\ntwo\n\nfour";
        let all: Vec<_> = lines(content).collect();
        assert_eq!(all, [0..4, 4..8, 8..9, 9..13]);
        for (position, line) in [(0, 1), (3, 1), (4, 2), (8, 3), (9, 4), (13, 4)] {
            assert_eq!(line_of(content, position), line, "{position}");
        }
    }
}
