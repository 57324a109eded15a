//! One walk through all places: what was found so far, and what could not be searched.

use super::super::found::{FoundSecret, Unsearched};
use super::super::machine::{LONGEST_FILE, Machine};
use super::super::place::SecretPlace;
use super::super::removal::{FileSpan, RemovableSecret};
use super::super::span::Stripped;
use super::files::{FORMATS, FileFormat};
use crate::bitbucket::shape;
use crate::platform;
use crate::reason::Reason;
use crate::text::shown;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) struct Search<'a> {
    pub machine: &'a Machine<'a>,
    pub found: Vec<FoundSecret>,
    troubles: Vec<Unsearched>,
    /// What was read, behind its links, so that nothing is reported twice.
    seen: BTreeSet<PathBuf>,
}

impl<'a> Search<'a> {
    pub fn new(machine: &'a Machine) -> Self {
        let mut search = Self {
            machine,
            found: Vec::new(),
            troubles: Vec::new(),
            seen: BTreeSet::new(),
        };
        if let Some(error) = &machine.unreadable {
            search.trouble("Git's configuration", format!("{error:#}"));
        }
        search
    }

    pub fn end(mut self) -> (Vec<FoundSecret>, Vec<Unsearched>) {
        for found in &mut self.found {
            found.keep_secrets_out_of_names();
        }
        (self.found, self.troubles)
    }

    /// Searches the files of every format.
    pub fn files(&mut self) {
        for format in FORMATS {
            let Some(files) = format.files else { continue };
            let named = files(self.machine);
            for (place, reason) in named.troubles {
                self.trouble(place, reason);
            }
            for file in named.files {
                self.file(&file.path, format, file.brought_along);
            }
        }
    }

    pub fn trouble(&mut self, place: &str, reason: impl Into<String>) {
        self.note(Unsearched {
            place: shown(place),
            reason: reason.into(),
            is_keychain: false,
        });
    }

    /// The platform's keychain cannot be searched.
    pub fn keychain_trouble(&mut self, reason: String) {
        self.note(Unsearched {
            place: "the keychain".to_owned(),
            reason,
            is_keychain: true,
        });
    }

    fn note(&mut self, trouble: Unsearched) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    /// Reads a file and reports its secrets. No file is no trouble. `brought_along`: only a
    /// repository's own settings name it. Returns how many there are; `None` if it was not
    /// read, or read before.
    pub fn file(
        &mut self,
        path: &Path,
        format: &'static FileFormat,
        brought_along: bool,
    ) -> Option<usize> {
        self.file_with(path, format, None, brought_along)
    }

    /// The same for a file that others get as well: it is not ours to edit.
    pub fn shared_file(&mut self, file: &Path, format: &'static FileFormat) {
        let fixed = Reason::fixed(
            "everybody who clones the repository has it",
            "revoke the secret, then edit and commit the file",
        );
        self.file_with(file, format, Some(&fixed), true);
    }

    fn file_with(
        &mut self,
        file: &Path,
        format: &'static FileFormat,
        fixed: Option<&Reason>,
        brought_along: bool,
    ) -> Option<usize> {
        let content = match platform::read_plain_file(file, LONGEST_FILE) {
            Ok(content) => content,
            Err(error) => {
                if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
                    let reason = if error.kind() == ErrorKind::FileTooLarge {
                        "it is longer than 1 MiB: look into it yourself".to_owned()
                    } else {
                        error.to_string()
                    };
                    self.trouble(&file.to_string_lossy(), reason);
                }
                return None;
            }
        };
        let behind = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        if !self.seen.insert(behind) {
            return None;
        }
        let mut spans = (format.spans)(&content, self.machine.surroundings.site);
        for span in &mut spans {
            span.fixed = span.fixed.take().or_else(|| fixed.cloned());
        }
        let stripped = Stripped::of(&content, &spans);
        for span in &spans {
            let removal = FileSpan::of(file, format, &content, span, (&spans, &stripped));
            self.found.push(FoundSecret {
                place: SecretPlace {
                    kind: (format.kind)(span),
                    file: file.to_owned(),
                    line: span.line,
                    name: span.key.clone(),
                },
                host: span.host.clone(),
                path: span.path.clone(),
                username: span.username.clone(),
                secret: span.secret.duplicate(),
                shape: shape(&span.secret.trimmed()),
                in_name: span.in_name,
                fixed: span.fixed.clone(),
                brought_along,
                removal: RemovableSecret::File(removal),
            });
        }
        Some(spans.len())
    }
}
