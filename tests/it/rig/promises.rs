//! What was promised, how often it was tried and how often it was held.

/// Prints the line that `--nocapture` shows, for whoever collects these: a promise broken
/// once has failed the test before.
#[allow(clippy::print_stdout, reason = "the test harness hides or shows it")]
pub fn held(promise: &str, tried: impl std::fmt::Display) {
    println!("PROMISE {promise}, {tried}, {tried}");
}
