//! What is said of a kept credential that the server refuses, where its own past tells more than the
//! row in `refused` does. What the doctor says of one: `doctor/messages`.

use super::refused::Refusal;
use crate::dates::day;

impl Refusal {
    /// What is said of a kept credential in place of its row; `None`: the row holds. `ended` is the
    /// date on which it was to expire, in seconds since 1970, if that is past. One that was
    /// confirmed before was neither mistyped nor made without scopes.
    pub fn of_kept(self, ended: Option<u64>, was_confirmed: bool) -> Option<String> {
        if self != Self::Invalid {
            return None;
        }
        match ended {
            Some(time) => Some(format!("It has expired: its date was {}.", day(time))),
            None if was_confirmed => Some("It has expired, or it was revoked.".to_owned()),
            None => None,
        }
    }
}
