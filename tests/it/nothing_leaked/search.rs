//! Searching bytes for a secret in every form that we or a library could give it.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use std::fmt::Write as _;
use std::fs;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

/// What is searched for: a piece from the middle of the secret, so that a text that was
/// cut, or that shows a part only, is found, too.
pub struct Canary {
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Canary {
    pub fn new(secret: &str) -> Self {
        // An app password is short: nearly all of it is the piece.
        let middle = secret.len() / 2;
        let piece = &secret.as_bytes()[middle.saturating_sub(14)..middle + 10];
        let hexadecimal = |digits: fn(u8) -> String| piece.iter().map(|b| digits(*b)).collect();
        let lower: String = hexadecimal(|byte| format!("{byte:02x}"));
        let upper: String = hexadecimal(|byte| format!("{byte:02X}"));
        let percent: String = hexadecimal(|byte| format!("%{byte:02X}"));
        let mut forms = vec![
            ("plain", piece.to_vec()),
            ("reversed", piece.iter().rev().copied().collect()),
            ("hexadecimal", lower.into_bytes()),
            ("hexadecimal", upper.into_bytes()),
            ("percent", percent.to_lowercase().into_bytes()),
            ("percent", percent.into_bytes()),
            ("UTF-16", piece.iter().flat_map(|byte| [*byte, 0]).collect()),
        ];
        // Its first letters are the same for all of its kind.
        let pieces = secret.as_bytes()[12..].chunks_exact(24);
        forms.extend(pieces.map(|piece| ("plain", piece.to_vec())));
        // Of the three ways in which a piece can lie within Base64, one is met whatever
        // stands before it: any user's name and a colon.
        for offset in 0..3 {
            let encoded = BASE64_STANDARD_NO_PAD.encode([&[b'x'; 2][..offset], piece].concat());
            let first = [0, 2, 3][offset];
            let last = encoded.len() - usize::from(!(offset + piece.len()).is_multiple_of(3));
            forms.push(("Base64", encoded.as_bytes()[first..last].to_vec()));
        }
        Self { forms }
    }

    /// The form in which it is there.
    pub fn form_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let mut forms = self.forms.iter();
        forms
            .find(|(_, form)| is_within(bytes, form))
            .map(|(name, _)| *name)
    }

    /// # Panics
    /// If it is there.
    #[track_caller]
    pub fn expect_absent(&self, place: &str, bytes: &[u8]) {
        if let Some(form) = self.form_in(bytes) {
            panic!(
                "{place} has the secret ({form}): {}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    /// The files below a folder that have it in their content or their name. The
    /// keychain's own are passed over.
    pub fn files_with(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            let is_there = |bytes: &[u8]| self.form_in(bytes).is_some();
            if is_there(path.file_name().unwrap_or_default().as_encoded_bytes()) {
                found.push(path.clone());
            }
            match kind {
                Ok(kind) if kind.is_dir() && !path.ends_with("keyrings") => {
                    found.extend(self.files_with(&path));
                }
                // Neither links, which lead to our program, nor sockets.
                Ok(kind) if kind.is_file() && is_there(&fs::read(&path).unwrap_or_default()) => {
                    found.push(path);
                }
                _ => {}
            }
        }
        found
    }
}

/// Core files are large: the standard library looks for the first byte, in optimised code.
fn is_within(mut bytes: &[u8], form: &[u8]) -> bool {
    // Reading from memory does not fail; at the end nothing is left to begin with the rest.
    while bytes.skip_until(form[0]).is_ok_and(|read| read > 0) {
        if bytes.starts_with(&form[1..]) {
            return true;
        }
    }
    false
}

/// A secret in the forms of the table, as tests plant them.
pub fn planted(secret: &str) -> Vec<(&'static str, String)> {
    let digits = |before: &str| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{before}{byte:02X}");
            text
        })
    };
    let encode = |user: &str| BASE64_STANDARD_NO_PAD.encode(format!("{user}:{secret}"));
    vec![
        ("plain", format!("password={secret}\n")),
        ("plain", format!("cut: {}", &secret[..secret.len() * 7 / 8])),
        ("reversed", secret.chars().rev().collect()),
        ("hexadecimal", digits("")),
        ("Base64", encode("a")),
        ("Base64", encode("bo")),
        ("Base64", encode("eve")),
        ("percent", digits("%")),
    ]
}
