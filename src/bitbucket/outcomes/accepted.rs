//! Credentials that the server accepts, by what they may do.

use super::{Fate, Row};
use crate::bitbucket::rights::Rights;

/// Accepted.
pub static VALID: Row = Row {
    causes: &[
        "nothing: it can fetch and push",
        "nothing: it can fetch and push, by its scopes",
        "nothing, but the scopes are not named",
    ],
    answer: "200, or 403 that names sufficient scopes or is usual for the kind",
    message: "{who} is valid.",
    ..Row::new("valid", Fate::Kept)
};

/// Accepted for reading; pushing is not allowed, and no scope is to blame.
pub static READ_ONLY: Row = Row {
    causes: &["an account that may only read the repository"],
    answer: "403 or 404 to a push, 200 to a fetch",
    message: "{who} is valid for reading{here}, but pushes will be refused, since it has \
              no write access there.",
    next_step: "To push, ask whoever administers the repository for write access.",
    ..Row::new("read-only", Fate::Kept)
};

/// Accepted for reading; the scope to push is missing.
pub static LACKS_PUSH: Row = Row {
    causes: &[
        "scope to read, none to push",
        "permission to read, none to push",
        "scope to read, none to push, without a repository",
    ],
    answer: "403 to a push that speaks of scopes, 200 to a fetch; or 403 that names scopes",
    message: "{who} is valid for reading{here}, but pushes will be refused: it lacks {missing}. Scopes cannot be added later.",
    next_step: "{create}",
    ..Row::new("lacks-push", Fate::Kept)
};

/// Accepted, but not even for reading; the server named the scopes.
pub static LACKS_READ: Row = Row {
    causes: &[
        "scope to push, none to read, without a repository",
        "admin scope only, without a repository",
        "scopes of another product, named",
        "an access token without a scope for repositories",
    ],
    answer: "403 that names scopes",
    message: "{who} is valid, but lacks what Git needs: {missing}. Scopes cannot be added \
          later.",
    next_step: "{create}",
    ..Row::new("lacks-reading", Fate::NotKept)
};

/// Accepted, but the server spoke of missing scopes without naming them.
pub static LACKS_SOME: Row = Row {
    causes: &[
        "scope to push, none to read",
        "admin scope only",
        "scopes for other things",
    ],
    answer: "403 that speaks of scopes, to push and fetch",
    message: "{who} is valid, but lacks one or more of the scopes that Git needs: {missing}. \
          Scopes cannot be added later.",
    next_step: "{create}",
    ..Row::new("lacks-some", Fate::NotKept)
};

/// All of them.
pub static ROWS: [&Row; 5] = [&VALID, &READ_ONLY, &LACKS_PUSH, &LACKS_READ, &LACKS_SOME];

/// The row for a credential of which the server named no missing scope.
pub fn verified(rights: Rights) -> &'static Row {
    match rights.write {
        Some(false) => &READ_ONLY,
        _ => &VALID,
    }
}

/// The row for a credential that lacks this many scopes.
pub fn lacking(rights: Rights, missing: usize) -> &'static Row {
    match (rights.read, rights.write) {
        (Some(false), None) if missing > 1 => &LACKS_SOME,
        (Some(false), _) => &LACKS_READ,
        _ => &LACKS_PUSH,
    }
}
