//! A file of Git's that cannot be replaced: why, and what a person does instead. Trying it is
//! not done here.

use crate::git::Scope;
use crate::text::shown;
use anyhow::{Error, anyhow};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What was to be done to the file.
#[derive(Clone, Copy)]
pub(super) enum FileChange<'a> {
    /// These lines were to be added.
    Lines(&'a [Vec<u8>]),
    /// Ours were to go.
    Removal,
}

/// An error with what helps against it, if that is known.
pub(super) fn explained(error: Error, scope: Scope, path: &Path, wanted: FileChange) -> Error {
    let kind = error.root_cause().downcast_ref().map(io::Error::kind);
    let Some(kind) = kind else {
        return error;
    };
    if scope == Scope::System && kind == ErrorKind::PermissionDenied {
        return error.context("--system needs an administrator's rights (sudo)");
    }
    let Some(reason) = reason(kind) else {
        return error;
    };
    let path = shown(&path.to_string_lossy());
    let step = step(wanted);
    anyhow!("cannot write {path}: {reason}. {step}")
}

/// Why a file that may be written in principle cannot be replaced.
fn reason(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ReadOnlyFilesystem => "it is on a read-only file system",
        ErrorKind::ResourceBusy => "it is mounted by itself, so nothing can take its place",
        ErrorKind::PermissionDenied => "you may not change it there",
        _ => return None,
    })
}

fn step(wanted: FileChange) -> String {
    match wanted {
        FileChange::Lines(lines) => format!(
            "Put these lines at the end of what it is made from:{}",
            as_text(lines)
        ),
        FileChange::Removal => "Take our section out of what it is made from.".to_owned(),
    }
}

/// Each on a line of its own, for a person to copy.
fn as_text(lines: &[Vec<u8>]) -> String {
    lines.iter().fold(String::new(), |text, line| {
        text + "\n    " + &line_as_text(line)
    })
}

/// A line of a configuration file, as it is shown.
pub(super) fn line_as_text(line: &[u8]) -> String {
    shown(&String::from_utf8_lossy(line).replace('\t', "    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: ErrorKind, scope: Scope, wanted: FileChange) -> String {
        let error = Error::new(io::Error::from(kind)).context("cannot write x.lock");
        format!("{:#}", explained(error, scope, Path::new("/x"), wanted))
    }

    #[test]
    fn the_reason_and_the_step_are_known_or_the_error_stays() {
        let lines = [b"[a]".to_vec(), b"\tb = \x1b[1m".to_vec()];
        let lines = FileChange::Lines(&lines);
        for (kind, scope, wanted, expected) in [
            (
                ErrorKind::ReadOnlyFilesystem,
                Scope::Global,
                lines,
                "cannot write /x: it is on a read-only file system. Put these lines at the end \
                 of what it is made from:\n    [a]\n        b = \\u{1b}[1m",
            ),
            (
                ErrorKind::ResourceBusy,
                Scope::System,
                FileChange::Removal,
                "cannot write /x: it is mounted by itself, so nothing can take its place. Take \
                 our section out of what it is made from.",
            ),
            (
                ErrorKind::PermissionDenied,
                Scope::Local,
                FileChange::Removal,
                "cannot write /x: you may not change it there. Take our section out of what it \
                 is made from.",
            ),
            (
                ErrorKind::PermissionDenied,
                Scope::System,
                lines,
                "--system needs an administrator's rights (sudo): cannot write x.lock: \
                 permission denied",
            ),
            (
                ErrorKind::StorageFull,
                Scope::Global,
                lines,
                "cannot write x.lock: no storage space",
            ),
        ] {
            assert_eq!(text(kind, scope, wanted), expected, "{kind:?} {scope:?}");
        }
    }

    #[test]
    fn an_error_of_ours_stays_as_it_is() {
        let error = explained(
            anyhow!("no"),
            Scope::Global,
            Path::new("/x"),
            FileChange::Removal,
        );
        assert_eq!(error.to_string(), "no");
    }
}
