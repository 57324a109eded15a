//! Whether this machine's clock is right, by the time that Bitbucket's answer names.

use super::finding::Finding;
use super::messages;

/// From this difference on a clock is called wrong, in seconds.
const TOLERANCE: u64 = 5 * 60;

/// Compares the server's time with ours, both in Unix seconds.
pub(super) fn clock(theirs: u64, ours: u64) -> Finding {
    let difference = theirs.abs_diff(ours);
    if difference < TOLERANCE {
        return Finding::new(&messages::CLOCK, &[]);
    }
    let span = match difference {
        0..7200 => format!("{} minutes", difference / 60),
        7200..172_800 => format!("{} hours", difference / 3600),
        _ => format!("{} days", difference / 86_400),
    };
    let direction = if ours > theirs { "ahead of" } else { "behind" };
    let particulars = [("difference", &*span), ("direction", direction)];
    Finding::new(&messages::CLOCK_WRONG, &particulars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_from_five_minutes_on() {
        const NOW: u64 = 1_800_000_000;
        for (ours, expected) in [
            (NOW, None),
            (NOW + 299, None),
            (NOW - 299, None),
            (NOW + 300, Some("5 minutes ahead of")),
            (NOW - 300, Some("5 minutes behind")),
            (NOW + 7_199, Some("119 minutes ahead of")),
            (NOW + 7_200, Some("2 hours ahead of")),
            (NOW - 172_799, Some("47 hours behind")),
            (NOW - 172_800, Some("2 days behind")),
        ] {
            let finding = clock(NOW, ours);
            match expected {
                None => assert_eq!(finding.id, messages::CLOCK.id, "{ours}"),
                Some(words) => {
                    assert_eq!(finding.id, messages::CLOCK_WRONG.id, "{ours}");
                    assert!(finding.message.contains(words), "{}", finding.message);
                }
            }
        }
    }
}
