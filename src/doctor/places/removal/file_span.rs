//! A span of a file, known again whatever else has changed around it: removing it, and
//! laying it back where it was.

use super::super::searches::files::{FileFormat, LostSpan};
use super::super::span::{SecretSpan, SpanRole, Stripped, without};
use super::bytes::Bytes;
use super::{RemovalOutcome, RestoreOutcome};
use crate::bitbucket::Site;
use crate::git::config_file::ConfigFile;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is kept of a span. Its bytes contain the secret.
#[derive(Clone, Serialize, Deserialize)]
pub(in super::super) struct FileSpan {
    file: PathBuf,
    // As earlier versions have written it.
    #[serde(rename = "form", deserialize_with = "format_of")]
    format: &'static FileFormat,
    /// The configuration's key, and what its value is without the span.
    key: String,
    remainder: Bytes,
    in_section: bool,
    cuts: Vec<Cut>,
    /// How many other spans lay between the first cut's offset and it.
    rank: usize,
    /// Whether the file ended behind it without a newline.
    open_end: bool,
    /// A salted digest of all that remains before its last cut.
    salt: [u8; 8],
    before: [u8; 32],
    /// The same of each secret that lay in its place besides. Earlier versions did not keep
    /// it.
    #[serde(default)]
    beside: Vec<[u8; 32]>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Cut {
    bytes: Bytes,
    /// In the content without any span.
    offset: usize,
}

impl FileSpan {
    /// What is kept of one of a file's spans.
    pub fn of(
        file: &Path,
        format: &'static FileFormat,
        content: &[u8],
        span: &SecretSpan,
        (all, stripped): (&[SecretSpan], &Stripped),
    ) -> Self {
        let mut salt = [0; 8];
        // A digest without salt is no worse than none: it is kept beside the secret.
        let _ = getrandom::fill(&mut salt);
        let cuts: Vec<_> = span
            .cuts
            .iter()
            .map(|cut| Cut {
                bytes: Bytes::of(&content[cut.clone()]),
                offset: stripped.place_of(cut).0,
            })
            .collect();
        let last = span.cuts.last().map_or(0, |cut| cut.end);
        let first = span.cuts.first();
        let offset = cuts.last().map_or(0, |cut| cut.offset);
        Self {
            file: file.to_owned(),
            format,
            key: span.key.clone(),
            remainder: Bytes::of(&span.remainder),
            in_section: span.role == SpanRole::Section,
            rank: first.map_or(0, |cut| stripped.place_of(cut).1),
            open_end: last == content.len() && !content.ends_with(b"\n"),
            before: digest(
                salt,
                &stripped.content[..offset.min(stripped.content.len())],
            ),
            beside: all
                .iter()
                .filter(|other| span.contends_with(other, format.names_apart))
                .map(|other| digest(salt, other.secret.expose()))
                .collect(),
            salt,
            cuts,
        }
    }

    /// Where it belongs among the spans of all files.
    pub fn order(&self) -> (&Path, usize, usize) {
        let offset = self.cuts.first().map_or(0, |cut| cut.offset);
        (&self.file, offset, self.rank)
    }

    /// Whether another has the same bytes at the same place.
    #[cfg(test)]
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|span| &span.cuts[0]);
        one.offset == two.offset
            && without_end(one.bytes.as_slice()) == without_end(two.bytes.as_slice())
    }

    pub fn remove(&self, site: &Site) -> anyhow::Result<RemovalOutcome> {
        let Some(file) = self.open()? else {
            return Ok(RemovalOutcome::AlreadyGone);
        };
        let edit = file.edit(
            |content| {
                let content = content?;
                let spans = (self.format.spans)(content, site);
                let span = spans.iter().find(|span| self.is(span, content));
                Some(span.map_or_else(|| content.to_vec(), |span| without(content, &span.cuts)))
            },
            |content| self.stripped(content, site).content,
        )?;
        Ok(if edit.changed() {
            RemovalOutcome::Done
        } else {
            RemovalOutcome::AlreadyGone
        })
    }

    pub fn restore(&self, site: &Site) -> anyhow::Result<RestoreOutcome> {
        let gone = || {
            let file = crate::text::shown(&self.file.to_string_lossy());
            RestoreOutcome::NoPlace(format!("{file} is gone"))
        };
        let Some(file) = self.open()? else {
            return Ok(gone());
        };
        let outcome = RefCell::new(gone());
        file.edit(
            |content| {
                let content = content?;
                let (restored, new) = self.laid_back(content, site);
                outcome.replace(restored);
                Some(new.unwrap_or_else(|| content.to_vec()))
            },
            |content| self.stripped(content, site).content,
        )?;
        Ok(outcome.into_inner())
    }

    /// `None` if there is no file.
    fn open(&self) -> anyhow::Result<Option<ConfigFile>> {
        match std::fs::metadata(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            _ => ConfigFile::of_ours(&self.file).map(Some),
        }
    }

    fn stripped(&self, content: &[u8], site: &Site) -> Stripped {
        Stripped::of(content, &(self.format.spans)(content, site))
    }

    /// Whether a span of a content is this one.
    fn is(&self, span: &SecretSpan, content: &[u8]) -> bool {
        span.fixed.is_none()
            && span.key == self.key
            && span.remainder == self.remainder.as_slice()
            && (span.role == SpanRole::Section) == self.in_section
            && span.bytes(content).map(without_end).eq(self
                .cuts
                .iter()
                .map(|cut| without_end(cut.bytes.as_slice())))
    }

    /// The content with the span in it, if it lacks it and has a place for it.
    pub fn laid_back(&self, content: &[u8], site: &Site) -> (RestoreOutcome, Option<Vec<u8>>) {
        let spans = (self.format.spans)(content, site);
        let stripped = Stripped::of(content, &spans);
        let end = self.cuts.last().map_or(0, |cut| cut.offset);
        let same_place = stripped
            .content
            .get(..end)
            .is_some_and(|before| digest(self.salt, before) == self.before);
        let mut equals = spans.iter().filter(|span| self.is(span, content));
        let is_there = equals.any(|span| {
            let first = span.cuts.first().map(|cut| stripped.place_of(cut).0);
            !same_place || first == self.cuts.first().map(|cut| cut.offset)
        });
        if is_there {
            return (RestoreOutcome::AlreadyThere, None);
        }
        let exactly = same_place.then(|| self.exactly(content, &stripped));
        // What could not be read back as what it was is not written.
        let count = |content: &[u8]| {
            let spans = (self.format.spans)(content, site);
            let equals = spans.iter().filter(|span| self.is(span, content));
            (spans.len(), equals.count())
        };
        let (all, equal) = count(content);
        let new = exactly
            .into_iter()
            .chain(self.nearby(content))
            .find(|new| count(new) == (all + 1, equal + 1));
        if let Some(new) = new {
            return if self.is_contended(&new, site) {
                (RestoreOutcome::replaced(), None)
            } else {
                (RestoreOutcome::Done, Some(new))
            };
        }
        let reason = format!(
            "{} has changed too much: the place is not there any more",
            crate::text::shown(&self.file.to_string_lossy())
        );
        (RestoreOutcome::NoPlace(reason), None)
    }

    /// Whether a content with the span in it has a secret in its place that was not beside
    /// it before.
    fn is_contended(&self, content: &[u8], site: &Site) -> bool {
        let spans = (self.format.spans)(content, site);
        let Some(this) = spans.iter().find(|span| self.is(span, content)) else {
            return false;
        };
        let mut rivals = spans
            .iter()
            .filter(|other| this.contends_with(other, self.format.names_apart));
        rivals.any(|other| {
            !self
                .beside
                .contains(&digest(self.salt, other.secret.expose()))
        })
    }

    /// Byte for byte where it was.
    fn exactly(&self, content: &[u8], stripped: &Stripped) -> Vec<u8> {
        let mut new = Vec::with_capacity(content.len() + 256);
        let mut from = 0;
        for (number, cut) in self.cuts.iter().enumerate() {
            let rank = if number == 0 { self.rank } else { 0 };
            let at = stripped.position(cut.offset, rank).max(from);
            new.extend_from_slice(&content[from..at]);
            new.extend_from_slice(cut.bytes.as_slice());
            from = at;
        }
        if self.open_end && from < content.len() {
            new.push(b'\n');
        }
        new.extend_from_slice(&content[from..]);
        new
    }

    /// As well as it can be where its neighbours have changed.
    fn nearby(&self, content: &[u8]) -> Option<Vec<u8>> {
        let bytes: Vec<u8> = self
            .cuts
            .iter()
            .flat_map(|cut| cut.bytes.as_slice().to_vec())
            .collect();
        let lost = LostSpan {
            key: &self.key,
            remainder: self.remainder.as_slice(),
            in_section: self.in_section,
            bytes: &bytes,
        };
        (self.format.place_for)(content, &lost)
    }
}

fn format_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static FileFormat, D::Error> {
    let name = String::deserialize(deserializer)?;
    FileFormat::named(&name).ok_or_else(|| D::Error::custom("a format that is not known here"))
}

/// A line without its end, which may have been added when it was laid back.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn digest(salt: [u8; 8], bytes: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(bytes)
        .finalize()
        .into()
}
