//! What is found in each format of file, as tables, and that no other byte moves.

mod bytes_that_stay;
mod files;
mod newer_secrets;

use super::removal::FileSpan;
use super::searches::files::{FileFormat, GIT_CONFIG, NETRC, STORE_FILE};
use super::span::{SecretSpan, Stripped};
use crate::bitbucket::site::CLOUD;
use std::path::Path;

/// An API token with a right checksum.
pub(super) fn api_token() -> String {
    let body = format!("ATATT3xFfGF0{}=", "aB3_-".repeat(30));
    format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
}

/// `line host user secret` of each piece; `!` before one that stays.
fn told(format: &'static FileFormat, content: &[u8]) -> Vec<String> {
    let tell = |piece: &SecretSpan| {
        format!(
            "{}{} {} {} {}",
            if piece.fixed.is_some() { "!" } else { "" },
            piece.line,
            piece.host,
            piece.username.as_deref().unwrap_or("-"),
            String::from_utf8_lossy(piece.secret.expose()),
        )
    };
    (format.spans)(content, &CLOUD).iter().map(tell).collect()
}

/// What would be kept of the pieces that can be removed.
fn kept(format: &'static FileFormat, content: &[u8]) -> Vec<FileSpan> {
    let pieces = (format.spans)(content, &CLOUD);
    let stripped = Stripped::of(content, &pieces);
    pieces
        .iter()
        .filter(|piece| piece.fixed.is_none())
        .map(|piece| {
            FileSpan::of(
                Path::new("/x"),
                format,
                content,
                piece,
                (&pieces, &stripped),
            )
        })
        .collect()
}
