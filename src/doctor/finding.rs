//! One finding, and the report of all of them: as text for people, as JSON for programs.

use super::messages::{self, DoctorRow, FindingState};
use crate::bitbucket::outcomes::fill;
use crate::output_style::{OutputStyle, WIDTH};
use crate::text::{escaped, shown, wrapped};
use serde::Serialize;
use std::io::{self, Write};

/// What was found. Nothing in it is a secret.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// A short fixed name: the row's.
    pub id: &'static str,
    /// How it stands.
    pub state: FindingState,
    /// What is the case.
    pub message: String,
    /// The one next step.
    pub next: Option<String>,
    /// Where a secret lies and what it is; only if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<About>,
}

/// What may be told of a secret.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// `api-token`, `access-token`, `app-password`, `password` or `other`.
    pub kind: &'static str,
    /// `store-file`, `netrc`, …
    pub place: &'static str,
    /// Where exactly, for people.
    #[serde(rename = "where")]
    pub whereabouts: String,
    /// Equal for equal secrets of one report, and for nothing else.
    pub fingerprint: String,
}

impl Finding {
    /// A row with its particulars, which come from anywhere and are made safe here. A word
    /// with a capital begins a sentence.
    pub fn new(row: &DoctorRow, particulars: &[(&str, &str)]) -> Self {
        let word = |name: &str| {
            let known = name.to_ascii_lowercase();
            let found = particulars.iter().find(|(word, _)| *word == known);
            let text = found.map_or_else(String::new, |(_, value)| match &*known {
                // Sentences of ours, whose parts are safe already and which are not to be cut.
                "reason" | "step" | "command" | "login" => escaped(value).replace('\n', " "),
                _ => shown(value),
            });
            if name == known {
                text
            } else {
                capitalised(&text)
            }
        };
        let next = fill(row.next, word);
        Self {
            id: row.id,
            state: row.state,
            message: fill(row.message, word).trim_end().to_owned(),
            next: Some(next).filter(|next| !next.is_empty()),
            secret: None,
        }
    }

    /// The same, about a secret.
    #[must_use]
    pub fn about(self, secret: About) -> Self {
        Self {
            secret: Some(secret),
            ..self
        }
    }

    pub(super) fn print(&self, style: OutputStyle, output: &mut dyn Write) -> io::Result<()> {
        let mut text = format!("  {}", self.message);
        if let Some(next) = &self.next {
            text.push_str("\n  Next: ");
            text.push_str(next);
        }
        let text = wrapped(&text, WIDTH);
        let text = text.trim_start();
        let mark = self.state.mark(style.is_unicode);
        let mark = match self.state.tone() {
            Some(tone) => style.paint(tone, mark),
            None => mark.to_owned(),
        };
        writeln!(output, "{mark} {text}")
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// What `--json` prints. Fields may be added; a field that changes its meaning or goes
/// makes another `version`.
#[derive(Serialize)]
pub struct DoctorReport {
    /// The host that it is about.
    #[serde(skip)]
    pub site: String,
    /// 1.
    pub version: u32,
    /// Whether a push would be authenticated, as far as is known; so says the exit code.
    pub healthy: bool,
    /// With what: an entry's title, a variable's name, or what lies where.
    pub authenticated_with: Option<String>,
    /// Whether Bitbucket was asked.
    pub checked: bool,
    /// In the order in which the doctor looks.
    pub findings: Vec<Finding>,
}

impl DoctorReport {
    /// For people.
    pub fn print(&self, style: OutputStyle, output: &mut dyn Write) -> io::Result<()> {
        for finding in &self.findings {
            finding.print(style, output)?;
        }
        writeln!(output)?;
        self.print_end(output)
    }

    /// Whether a push would be authenticated, and with what.
    pub(super) fn print_end(&self, output: &mut dyn Write) -> io::Result<()> {
        let asked = if self.checked {
            ""
        } else {
            " (Bitbucket was not asked)"
        };
        let site = &self.site;
        let end = match &self.authenticated_with {
            Some(what) => format!(
                "A push to {site} would be authenticated with {}{asked}.",
                escaped(what)
            ),
            None => format!("A push to {site} would not be authenticated{asked}."),
        };
        writeln!(output, "{}", wrapped(&end, WIDTH))
    }

    /// What is wrong, without the steps that `--fix` takes itself.
    pub(super) fn print_troubles(
        &self,
        style: OutputStyle,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let troubles = self
            .findings
            .iter()
            .filter(|it| matches!(it.state, FindingState::Warning | FindingState::Bad));
        for finding in troubles {
            let is_ours = |next: &String| messages::STEPS_OF_FIX.contains(&next.as_str());
            let shown = Finding {
                next: finding.next.clone().filter(|next| !is_ours(next)),
                ..finding.clone()
            };
            shown.print(style, output)?;
        }
        Ok(())
    }

    /// For programs.
    pub fn print_json(&self, output: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *output, self)?;
        writeln!(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_knows_its_site_by_itself() {
        for row in messages::ROWS {
            let named = row.message.contains("bitbucket.org") || row.next.contains("bitbucket.org");
            assert!(!named, "{}", row.id);
            // Where there are several sites, the command names the one that is meant.
            assert!(!row.next.contains("bitbucket login"), "{}", row.id);
        }
    }

    #[test]
    fn particulars_are_spelled_out() {
        let finding = Finding::new(&messages::LFS_ELSEWHERE, &[("host", "\u{1b}[2J")]);
        assert!(finding.message.contains("\\u{1b}[2J"), "{finding:?}");
    }
}
