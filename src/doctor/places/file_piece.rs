//! A piece of a file, known again whatever else has changed around it: removing it, and
//! laying it back where it was.

use super::bytes::Bytes;
use super::piece::{Form, Part, Piece, Stripped, without};
use super::{Removed, Restored, config};
use crate::git::config_file::ConfigFile;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is kept of a piece. Its bytes contain the secret.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FilePiece {
    file: PathBuf,
    form: Form,
    /// The configuration's key, and what its value is without the piece.
    key: String,
    remainder: Bytes,
    in_section: bool,
    cuts: Vec<Cut>,
    /// How many other pieces lay between the first cut's offset and it.
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
    /// In the content without any piece.
    offset: usize,
}

impl FilePiece {
    /// What is kept of one of a file's pieces.
    pub fn of(
        file: &Path,
        form: Form,
        content: &[u8],
        piece: &Piece,
        (all, stripped): (&[Piece], &Stripped),
    ) -> Self {
        let mut salt = [0; 8];
        // A digest without salt is no worse than none: it is kept beside the secret.
        let _ = getrandom::fill(&mut salt);
        let cuts: Vec<_> = piece
            .cuts
            .iter()
            .map(|cut| Cut {
                bytes: Bytes::of(&content[cut.clone()]),
                offset: stripped.place_of(cut).0,
            })
            .collect();
        let last = piece.cuts.last().map_or(0, |cut| cut.end);
        let first = piece.cuts.first();
        let offset = cuts.last().map_or(0, |cut| cut.offset);
        Self {
            file: file.to_owned(),
            form,
            key: piece.key.clone(),
            remainder: Bytes::of(&piece.remainder),
            in_section: piece.part == Part::Section,
            rank: first.map_or(0, |cut| stripped.place_of(cut).1),
            open_end: last == content.len() && !content.ends_with(b"\n"),
            before: digest(
                salt,
                &stripped.content[..offset.min(stripped.content.len())],
            ),
            beside: all
                .iter()
                .filter(|other| piece.contends_with(other, form))
                .map(|other| digest(salt, other.secret.expose()))
                .collect(),
            salt,
            cuts,
        }
    }

    /// Where it belongs among the pieces of all files.
    pub fn order(&self) -> (&Path, usize, usize) {
        let offset = self.cuts.first().map_or(0, |cut| cut.offset);
        (&self.file, offset, self.rank)
    }

    /// Whether another has the same bytes at the same place.
    #[cfg(test)]
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|piece| &piece.cuts[0]);
        one.offset == two.offset
            && without_end(one.bytes.as_slice()) == without_end(two.bytes.as_slice())
    }

    pub fn remove(&self) -> anyhow::Result<Removed> {
        let Some(file) = self.open()? else {
            return Ok(Removed::AlreadyGone);
        };
        let edit = file.edit(
            |content| {
                let content = content?;
                let pieces = self.form.pieces(content);
                let piece = pieces.iter().find(|piece| self.is(piece, content));
                Some(piece.map_or_else(|| content.to_vec(), |piece| without(content, &piece.cuts)))
            },
            |content| self.stripped(content).content,
        )?;
        Ok(if edit.changed() {
            Removed::Done
        } else {
            Removed::AlreadyGone
        })
    }

    pub fn restore(&self) -> anyhow::Result<Restored> {
        let gone = || {
            let file = crate::text::shown(&self.file.to_string_lossy());
            Restored::NoPlace(format!("{file} is gone"))
        };
        let Some(file) = self.open()? else {
            return Ok(gone());
        };
        let outcome = RefCell::new(gone());
        file.edit(
            |content| {
                let content = content?;
                let (restored, new) = self.laid_back(content);
                outcome.replace(restored);
                Some(new.unwrap_or_else(|| content.to_vec()))
            },
            |content| self.stripped(content).content,
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

    fn stripped(&self, content: &[u8]) -> Stripped {
        Stripped::of(content, &self.form.pieces(content))
    }

    /// Whether a piece of a content is this one.
    fn is(&self, piece: &Piece, content: &[u8]) -> bool {
        piece.fixed.is_none()
            && piece.key == self.key
            && piece.remainder == self.remainder.as_slice()
            && (piece.part == Part::Section) == self.in_section
            && piece.bytes(content).map(without_end).eq(self
                .cuts
                .iter()
                .map(|cut| without_end(cut.bytes.as_slice())))
    }

    /// The content with the piece in it, if it lacks it and has a place for it.
    pub fn laid_back(&self, content: &[u8]) -> (Restored, Option<Vec<u8>>) {
        let pieces = self.form.pieces(content);
        let stripped = Stripped::of(content, &pieces);
        let end = self.cuts.last().map_or(0, |cut| cut.offset);
        let same_place = stripped
            .content
            .get(..end)
            .is_some_and(|before| digest(self.salt, before) == self.before);
        let mut equals = pieces.iter().filter(|piece| self.is(piece, content));
        let is_there = equals.any(|piece| {
            let first = piece.cuts.first().map(|cut| stripped.place_of(cut).0);
            !same_place || first == self.cuts.first().map(|cut| cut.offset)
        });
        if is_there {
            return (Restored::AlreadyThere, None);
        }
        let exactly = same_place.then(|| self.exactly(content, &stripped));
        // What could not be read back as what it was is not written.
        let count = |content: &[u8]| {
            let pieces = self.form.pieces(content);
            let equals = pieces.iter().filter(|piece| self.is(piece, content));
            (pieces.len(), equals.count())
        };
        let (all, equal) = count(content);
        let new = exactly
            .into_iter()
            .chain(self.elsewhere(content))
            .find(|new| count(new) == (all + 1, equal + 1));
        if let Some(new) = new {
            return if self.is_contended(&new) {
                (Restored::replaced(), None)
            } else {
                (Restored::Done, Some(new))
            };
        }
        let reason = format!(
            "{} has changed too much: the place is not there any more",
            crate::text::shown(&self.file.to_string_lossy())
        );
        (Restored::NoPlace(reason), None)
    }

    /// Whether a content with the piece in it has a secret in its place that was not beside
    /// it before.
    fn is_contended(&self, content: &[u8]) -> bool {
        let pieces = self.form.pieces(content);
        let Some(this) = pieces.iter().find(|piece| self.is(piece, content)) else {
            return false;
        };
        let mut rivals = pieces
            .iter()
            .filter(|other| this.contends_with(other, self.form));
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
    fn elsewhere(&self, content: &[u8]) -> Option<Vec<u8>> {
        let bytes: Vec<u8> = self
            .cuts
            .iter()
            .flat_map(|cut| cut.bytes.as_slice().to_vec())
            .collect();
        let line = |bytes: &[u8]| {
            let newline: &[u8] = if bytes.ends_with(b"\n") { b"" } else { b"\n" };
            [bytes, newline].concat()
        };
        match self.form {
            Form::Store if content.is_empty() => Some(bytes),
            Form::Store => Some([line(content).as_slice(), &line(&bytes)].concat()),
            // At its begin a netrc file is in no entry and in no macro.
            Form::Netrc => Some([line(&bytes).as_slice(), content].concat()),
            Form::Config => config::put_back(
                content,
                &self.key,
                self.remainder.as_slice(),
                self.in_section,
                &bytes,
            ),
        }
    }
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
