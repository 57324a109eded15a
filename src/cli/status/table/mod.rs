//! What is kept, as a table for people: a row for each credential, below it what is worth a
//! word. It fits 80 columns; what is exact to the second is in `--json`.

use super::report::{Check, CheckOutcome, Line};
use crate::bitbucket::{Rights, Site};
use crate::dates;
use crate::output_style::{OutputStyle, Tone, WIDTH};
use crate::text::{shown, wrapped};
use std::io::{self, Write};

const HEADINGS: [&str; 4] = ["Account", "May", "Expires", "Verified"];

/// Between two columns.
const GAP: usize = 2;

/// What a cell says, and how it looks.
type Cell = (String, Option<Tone>);

/// Prints the credentials; `now` decides which of them have expired.
pub fn print(
    lines: &[Line],
    site: &Site,
    now: u64,
    style: OutputStyle,
    output: &mut dyn Write,
) -> io::Result<()> {
    let rows: Vec<_> = lines.iter().map(|line| cells(line, now)).collect();
    let widths = widths(&rows);
    let headings = HEADINGS.map(|text| (text.to_owned(), Some(Tone::Heading)));
    write_row(&headings, widths, style, output)?;
    for (line, row) in lines.iter().zip(&rows) {
        write_row(row, widths, style, output)?;
        for (note, tone) in notes(line, site) {
            for part in wrapped(&note, WIDTH - GAP).split('\n') {
                let text = tone.map_or_else(|| part.to_owned(), |tone| style.paint(tone, part));
                writeln!(output, "  {text}")?;
            }
        }
    }
    Ok(())
}

fn cells(line: &Line, now: u64) -> [Cell; 4] {
    let expires = match (line.renewal, line.expires) {
        (Some(renewal), _) if renewal.is_by_itself() => ("renewed".to_owned(), None),
        (_, Some(end)) if end <= now => (dates::day(end), Some(Tone::Bad)),
        (_, Some(end)) => (dates::day(end), None),
        (_, None) => ("not known".to_owned(), None),
    };
    let verified = line.verified.map_or_else(|| "never".to_owned(), dates::day);
    [
        (shown(&line.title), None),
        (rights(line.rights).to_owned(), None),
        expires,
        (verified, None),
    ]
}

/// Each column as wide as what it holds. Where the row would not fit, a long name stands on a
/// line of its own.
fn widths(rows: &[[Cell; 4]]) -> [usize; 4] {
    let length = |text: &str| text.chars().count();
    let mut widths = HEADINGS.map(length);
    for column in 1..HEADINGS.len() {
        let longest = rows.iter().map(|row| length(&row[column].0)).max();
        widths[column] = widths[column].max(longest.unwrap_or(0));
    }
    let others: usize = widths[1..].iter().map(|width| width + GAP).sum();
    let room = WIDTH.saturating_sub(others);
    let names = rows.iter().map(|row| length(&row[0].0));
    let longest = names.filter(|&length| length <= room).max();
    widths[0] = widths[0].max(longest.unwrap_or(0));
    widths
}

fn write_row(
    row: &[Cell; 4],
    widths: [usize; 4],
    style: OutputStyle,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut text = String::new();
    for (index, ((cell, tone), width)) in row.iter().zip(widths).enumerate() {
        let length = cell.chars().count();
        if index > 0 {
            text.push_str(&" ".repeat(GAP));
        }
        match tone {
            Some(tone) => text.push_str(&style.paint(*tone, cell)),
            None => text.push_str(cell),
        }
        if length > width {
            text.push('\n');
            text.push_str(&" ".repeat(width));
        } else if index + 1 < row.len() {
            text.push_str(&" ".repeat(width - length));
        }
    }
    writeln!(output, "{text}")
}

/// What is worth a word besides.
fn notes(line: &Line, site: &Site) -> Vec<(String, Option<Tone>)> {
    let mut notes = Vec::new();
    let mut say = |text: String, tone| notes.push((text, tone));
    // The name for `logout` and `default`, where the title does not begin with it.
    if line.title.split(' ').next() != Some(&line.account) {
        say(format!("its name is {}", shown(&line.account)), None);
    }
    if !line.aliases.is_empty() {
        let aliases = shown(&line.aliases.join(", "));
        say(format!("answers to {aliases}, too"), None);
    }
    let chosen = shown(&line.workspaces.join(", "));
    match (line.default, chosen.is_empty()) {
        (true, true) => say("chosen by default".to_owned(), None),
        (true, false) => say(format!("chosen for {chosen}; by default"), None),
        (false, false) => say(format!("chosen for {chosen}"), None),
        (false, true) => {}
    }
    if let Some(renewal) = line.renewal {
        let end = line.expires.and_then(dates::moment);
        let end = end.unwrap_or_else(|| "a time not known".to_owned());
        say(
            format!("signed in until {end}; {}", renewal.told(site)),
            None,
        );
        let scopes = shown(&line.scopes.join(", "));
        let scopes = if scopes.is_empty() {
            "not known"
        } else {
            &scopes
        };
        say(format!("scopes: {scopes}"), None);
    }
    if let Some(time) = line.refused.and_then(dates::moment) {
        say(format!("refused on {time}"), Some(Tone::Warning));
    }
    if let Some(Check { outcome, message }) = &line.check {
        match outcome {
            CheckOutcome::Accepted => say("still accepted".to_owned(), Some(Tone::Good)),
            CheckOutcome::Refused => say(message.clone(), Some(Tone::Bad)),
            CheckOutcome::Unknown => say(message.clone(), Some(Tone::Warning)),
        }
    }
    notes
}

fn rights(rights: Rights) -> &'static str {
    match (rights.read, rights.write) {
        (Some(true), Some(true)) => "fetch and push",
        (Some(true), Some(false)) => "fetch only",
        (Some(true), None) => "fetch; pushing not tried",
        (None, Some(true)) => "push; fetching not tried",
        (Some(false), Some(true)) => "push only",
        (Some(false), Some(false)) => "neither fetch nor push",
        (Some(false), None) => "not fetch; pushing not tried",
        (None, Some(false)) => "not push; fetching not tried",
        (None, None) => "not known",
    }
}

#[cfg(test)]
mod tests;
