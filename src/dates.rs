//! The clock, and dates as people write and read them. Times are Unix seconds; the calendar's
//! arithmetic is the `httpdate` crate's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One day in seconds.
pub const DAY: u64 = 24 * 60 * 60;

/// Now.
pub fn now() -> u64 {
    unix(SystemTime::now()).unwrap_or_default()
}

/// Seconds since 1970; `None` before.
pub fn unix(time: SystemTime) -> Option<u64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// A moment as `18 Nov 2026 11:06 UTC`; `None` beyond the year 9999.
pub fn moment(time: u64) -> Option<String> {
    /// The end of the year 9999, after which HTTP has no dates.
    const END: u64 = 253_402_300_800;
    (time < END).then(|| {
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time));
        // Of fixed width: `Wed, 18 Nov 2026 11:06:40 GMT`.
        format!("{} UTC", &date[5..22])
    })
}

/// A moment's day as `18 Nov 2026`.
pub fn day(time: u64) -> String {
    moment(time).map_or_else(|| "a far day".to_owned(), |text| text[..11].to_owned())
}

/// Reads `2027-11-24` (the end of that day, UTC), `90d` or `1y` from now. `None` if it is
/// none of these.
pub fn parse_expiry(text: &str, now: u64) -> Option<u64> {
    let text = text.trim();
    for (unit, days) in [("d", 1), ("y", 365)] {
        if let Some(number) = text.strip_suffix(unit) {
            let number: u64 = number.trim().parse().ok().filter(|&number| number > 0)?;
            return number.checked_mul(days * DAY)?.checked_add(now);
        }
    }
    end_of_day(text)
}

fn end_of_day(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let mut parts = text.split('-').map(str::parse::<usize>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let month = MONTHS.get(month.checked_sub(1)?)?;
    if parts.next().is_some() {
        return None;
    }
    // HTTP's dates name the weekday, and only the right one is accepted.
    let time: SystemTime = WEEKDAYS.iter().find_map(|weekday| {
        httpdate::parse_http_date(&format!(
            "{weekday}, {day:02} {month} {year:04} 23:59:59 GMT"
        ))
        .ok()
    })?;
    unix(time)
}

/// A span in words, in the largest unit that it is whole in: `12 hours`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_1970_there_is_no_time() {
        for (time, expected) in [
            (UNIX_EPOCH, Some(0)),
            (UNIX_EPOCH + Duration::from_millis(1_999), Some(1)),
            (UNIX_EPOCH - Duration::from_secs(1), None),
        ] {
            assert_eq!(unix(time), expected);
        }
    }

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        for (seconds, expected) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (5400, "90 minutes"),
            (3600, "1 hour"),
            (43200, "12 hours"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn any_time_can_be_shown() {
        for (time, text) in [
            (0, Some("01 Jan 1970 00:00 UTC")),
            (1_795_000_000, Some("18 Nov 2026 11:06 UTC")),
            (253_402_300_799, Some("31 Dec 9999 23:59 UTC")),
            (253_402_300_800, None),
            (u64::MAX, None),
        ] {
            assert_eq!(moment(time).as_deref(), text);
        }
        assert_eq!(day(1_795_000_000), "18 Nov 2026");
    }

    #[test]
    fn dates_and_spans_are_read() {
        let now = 1_795_000_000;
        for (text, expected) in [
            ("90d", Some(now + 90 * DAY)),
            (" 1y ", Some(now + 365 * DAY)),
            ("2026-11-18", Some(1_795_046_399)),
            ("2028-02-29", Some(1_835_481_599)),
            ("2027-02-29", None),
            ("2027-13-01", None),
            ("2027-00-01", None),
            ("2027-1-1-1", None),
            ("0d", None),
            ("-3d", None),
            ("99999999999999999999d", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse_expiry(text, now), expected, "{text}");
        }
    }
}
