//! One walk through all places: what was found so far, and what could not be searched.

use super::file_piece::FilePiece;
use super::helper_words::Shell;
use super::piece::{Form, Part, Piece, Stripped};
use super::set_aside::Origin;
use super::{Found, Place, Surroundings, Trouble};
use crate::bitbucket::shape;
use crate::git::{Config, Git, Scope};
use crate::platform;
use crate::text::shown;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The longest file that is read, in bytes.
pub(in crate::doctor) const LONGEST_FILE: u64 = 1024 * 1024;

pub(super) struct Search<'a> {
    pub surroundings: &'a Surroundings,
    /// Standing in the repository, if there is one; `None` if Git does not even start.
    pub git: Option<Git<'a>>,
    /// What Git reads here.
    pub lines: Config,
    /// `None` if the environment names none.
    pub home: Option<PathBuf>,
    pub found: Vec<Found>,
    pub troubles: Vec<Trouble>,
    /// What was read, behind its links, so that nothing is reported twice.
    seen: BTreeSet<PathBuf>,
}

impl<'a> Search<'a> {
    pub fn new(surroundings: &'a Surroundings) -> Self {
        let absolute = |name| {
            let value = surroundings.context.variable(name).map(PathBuf::from);
            value.filter(|path| path.is_absolute())
        };
        let context = &surroundings.context;
        let git = Git::new(context, Scope::Local).or_else(|_| Git::new(context, Scope::Global));
        let git = git.ok();
        let lines = git.as_ref().map_or(Ok(Config::default()), Config::list);
        let error = match &lines {
            Ok(lines) => lines.ensure_scopes().err(),
            Err(error) => Some(anyhow::anyhow!("{error:#}")),
        };
        let lines = lines.unwrap_or_default();
        let mut search = Self {
            surroundings,
            git,
            lines,
            home: absolute("HOME").or_else(|| absolute("USERPROFILE")),
            found: Vec::new(),
            troubles: Vec::new(),
            seen: BTreeSet::new(),
        };
        if let Some(error) = error {
            search.trouble("Git's configuration", format!("{error:#}"));
        }
        search
    }

    /// The `credential.helper` values, and whether only a repository says so; the person's
    /// own come first.
    pub fn helpers(&self) -> Vec<(String, bool)> {
        let is_own = |value: &str| {
            let mut lines = self.lines.helper_lines();
            lines.any(|line| line.trusted && *line.value == value)
        };
        let all = self.lines.helper_lines().map(|line| line.value.to_string());
        let mut all: Vec<_> = all.map(|value| (value.clone(), !is_own(&value))).collect();
        all.sort_by_key(|(_, brought_along)| *brought_along);
        all
    }

    /// A path below a folder that a variable names, or below its default in the home.
    pub fn folder(&self, variable: &str, default: &str, path: &str) -> Option<PathBuf> {
        let named = self.surroundings.context.variable(variable);
        let folder = match named.map(PathBuf::from) {
            Some(folder) if folder.is_absolute() => folder,
            _ => self.home.as_ref()?.join(default),
        };
        Some(folder.join(path))
    }

    /// A path as a program started here takes it.
    pub fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        self.surroundings.context.directory.join(path)
    }

    pub fn shell(&self) -> Shell<'a> {
        let context = &self.surroundings.context;
        Shell {
            home: context.variable("HOME"),
            environment: &context.environment,
        }
    }

    pub fn trouble(&mut self, place: &str, reason: impl Into<String>) {
        let (place, reason) = (shown(place), reason.into());
        let trouble = Trouble { place, reason };
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    /// Reads a file and reports its secrets. No file is no trouble. Returns how many
    /// there are; `None` if it was not read, or read before.
    pub fn file(&mut self, file: &Path, form: Form) -> Option<usize> {
        self.file_of(file, form, false)
    }

    /// The same where only a repository's settings may name the file.
    pub fn file_of(&mut self, file: &Path, form: Form, brought_along: bool) -> Option<usize> {
        self.file_with(file, form, None, brought_along)
    }

    /// The same for a file that others get as well: it is not ours to edit.
    pub fn shared_file(&mut self, file: &Path, form: Form) {
        let fixed = "everybody who clones the repository has it: revoke the secret, then edit \
            and commit the file";
        self.file_with(file, form, Some(fixed), true);
    }

    fn file_with(
        &mut self,
        file: &Path,
        form: Form,
        fixed: Option<&'static str>,
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
        let mut pieces = form.pieces(&content);
        for piece in &mut pieces {
            piece.fixed = piece.fixed.or(fixed);
        }
        let stripped = Stripped::of(&content, &pieces);
        for piece in &pieces {
            let origin = FilePiece::of(file, form, &content, piece, (&pieces, &stripped));
            self.found.push(Found {
                brought_along,
                ..found(file, form, piece, Origin::File(origin))
            });
        }
        Some(pieces.len())
    }
}

fn found(file: &Path, form: Form, piece: &Piece, origin: Origin) -> Found {
    let (file, line, key) = (file.to_owned(), piece.line, piece.key.clone());
    let place = match (form, piece.part) {
        (Form::Store, _) => Place::StoreFile { file, line },
        (Form::Netrc, _) => Place::Netrc { file, line },
        (Form::Config, Part::Header) => Place::ExtraHeader { file, line, key },
        (Form::Config, Part::Section) if key == "url" => Place::InsteadOf { file, line },
        (Form::Config, _) => Place::Url { file, line, key },
    };
    Found {
        place,
        host: piece.host.clone(),
        path: piece.path.clone(),
        username: piece.username.clone(),
        secret: piece.secret.duplicate(),
        shape: shape(&piece.secret.trimmed()),
        fixed: piece.fixed,
        brought_along: false,
        origin,
    }
}
