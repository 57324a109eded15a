//! Secrets whose form says that they are nothing for Bitbucket: they are sent nowhere.

use super::{Fate, Row};

/// It looks like a password that a person chose.
pub static PASSWORD_TYPED: Row = Row {
    causes: &["an account password"],
    message: "This looks like an account password. Bitbucket takes none for Git, so it was \
          not sent.",
    next_step: "{create}",
    ..Row::new("password-typed", Fate::NotKept)
};

/// It looks like another service's secret.
pub static FOREIGN_TYPED: Row = Row {
    causes: &["another service's token"],
    message: "This looks like {foreign}, not like a credential of {product}. It was \
          not sent anywhere.",
    next_step: "{create}",
    ..Row::new("foreign-typed", Fate::NotKept)
};

/// All of them.
pub static ROWS: [&Row; 2] = [&PASSWORD_TYPED, &FOREIGN_TYPED];
