//! What a bug report needs, if `BITBUCKET_TRACE` asks for it: each decision and each
//! request, with its time. Whatever can be told here cannot be a secret: words that stand
//! in the source, numbers, and values whose type says so by [`Harmless`]. Names of users
//! are not told either: some people put a token there.

use crate::{platform, text};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `1` or `true` for standard error, or the absolute path of a file.
const VARIABLE: &str = "BITBUCKET_TRACE";

/// What may be told. Text that lives only as long as a secret does is not among it:
///
/// ```compile_fail
/// use git_credential_bitbucket::{secret::Secret, trace};
/// let secret = Secret::copy_of(b"hunter2");
/// trace::tell("token", &[&secret.expose_text().unwrap_or_default()]);
/// ```
///
/// ```compile_fail
/// use git_credential_bitbucket::{secret::Secret, trace};
/// trace::tell("token", &[&Secret::copy_of(b"hunter2")]);
/// ```
///
/// ```compile_fail
/// use git_credential_bitbucket::trace;
/// trace::tell("token", &[&String::from("hunter2")]);
/// ```
///
/// ```
/// use git_credential_bitbucket::trace;
/// trace::tell("tokens", &[&"kept", &2_usize]);
/// ```
pub trait Harmless {
    /// Adds it to a line.
    fn tell(&self, line: &mut String);
}

impl Harmless for &'static str {
    fn tell(&self, line: &mut String) {
        line.push_str(self);
    }
}

impl Harmless for usize {
    fn tell(&self, line: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(line, "{self}");
    }
}

impl Harmless for u16 {
    fn tell(&self, line: &mut String) {
        usize::from(*self).tell(line);
    }
}

impl Harmless for Duration {
    fn tell(&self, line: &mut String) {
        let _ = write!(line, "{} ms", self.as_millis());
    }
}

impl<T: Harmless> Harmless for Option<T> {
    fn tell(&self, line: &mut String) {
        match self {
            Some(value) => value.tell(line),
            None => line.push('-'),
        }
    }
}

/// Tells one thing: `what: detail detail`. Costs nothing unless someone wants to know;
/// the environment is looked at by the first call.
pub fn tell(what: &'static str, details: &[&dyn Harmless]) {
    static SINK: OnceLock<Sink> = OnceLock::new();
    let sink = SINK.get_or_init(Sink::of_environment);
    if matches!(sink, Sink::Nowhere) {
        return;
    }
    let line = line(SystemTime::now(), what, details);
    // One write, so that lines of parallel processes do not mix. A reader that went away
    // is no reason to fail.
    let _ = match sink {
        Sink::Nowhere => Ok(()),
        Sink::StandardError => std::io::stderr().write_all(line.as_bytes()),
        Sink::File(file) => (&*file).write_all(line.as_bytes()),
    };
}

fn line(now: SystemTime, what: &'static str, details: &[&dyn Harmless]) -> String {
    let time = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (second, millisecond) = (time.as_secs() % 86400, time.subsec_millis());
    let mut told = format!(
        "{:02}:{:02}:{:02}.{millisecond:03} {} {what}:",
        second / 3600,
        second / 60 % 60,
        second % 60,
        std::process::id(),
    );
    for detail in details {
        told.push(' ');
        detail.tell(&mut told);
    }
    text::line("bitbucket-trace: ", &told)
}

enum Sink {
    Nowhere,
    StandardError,
    File(File),
}

impl Sink {
    fn of_environment() -> Self {
        let value = std::env::var_os(VARIABLE).unwrap_or_default();
        match value.to_str() {
            Some("" | "0" | "false") => return Self::Nowhere,
            Some("1" | "true") => return Self::StandardError,
            _ => {}
        }
        let path = Path::new(&value);
        // A relative path would name a file of whatever repository we run in.
        if !path.is_absolute() {
            text::notice(&format!(
                "no trace: {VARIABLE} must be 1 or the absolute path of a file"
            ));
            return Self::Nowhere;
        }
        match platform::open_private_log(path) {
            Ok(file) => Self::File(file),
            Err(error) => {
                let path = path.to_string_lossy();
                text::notice(&format!(
                    "no trace in {}: {error}; name a new file, or one that is yours alone (mode 600)",
                    text::shown(&path)
                ));
                Self::Nowhere
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_time_and_no_second_line() {
        let now = UNIX_EPOCH + Duration::from_millis(86_400_000 + 3_723_004);
        let details: &[&dyn Harmless] = &[
            &"two\nlines",
            &7_usize,
            &Some(404_u16),
            &None::<u16>,
            &Duration::from_micros(1_999),
        ];
        let expected = format!(
            "bitbucket-trace: 01:02:03.004 {} answer: two\\u{{a}}lines 7 404 - 1 ms\n",
            std::process::id()
        );
        assert_eq!(line(now, "answer", details), expected);
    }
}
