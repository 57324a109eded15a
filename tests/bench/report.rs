//! The two tables in Markdown: what was promised, and what everybody takes.

use super::chart::{self, Bar};
use super::sample::{Ratio, Sample};
use super::scene::{Scene, machine};
use std::fs;
use std::path::Path;

pub struct Report {
    head: String,
    promised: Vec<String>,
    times: Vec<String>,
    bars: Vec<Bar>,
}

impl Report {
    pub fn new(scene: &Scene, rounds: usize) -> Self {
        Self {
            head: format!("{} {rounds} rounds.", scene.versions()),
            promised: Vec::new(),
            times: Vec::new(),
            bars: Vec::new(),
        }
    }

    /// A ratio against its target; infinite where none was set.
    pub fn add(&mut self, what: &str, ratio: Ratio, ours: &Sample, base: &str, target: f64) {
        let shown = if ratio.is_meaningful() {
            format!("{:.2}", ratio.value)
        } else {
            format!("too noisy ({:.2} to {:.2})", ratio.low, ratio.high)
        };
        let target = if target.is_infinite() {
            "reported".to_owned()
        } else {
            let verdict = match ratio {
                Ratio { high, .. } if high <= target => "✓",
                Ratio { low, .. } if low > target => "✗",
                Ratio { value, .. } if value <= target => "✓ (within noise)",
                _ => "✗ (within noise)",
            };
            format!("≤ {target} {verdict}")
        };
        self.promised.push(format!(
            "| {what} | {:.2} ms | {shown} × {base} | {target} |",
            ours.median()
        ));
    }

    /// One row of the second table, and a bar of the chart.
    pub fn time(&mut self, name: &str, sample: &Sample, nothing: &Sample, is_ours: bool) {
        // What Git takes besides is in the table; the chart compares helpers.
        let is_helper = !name.starts_with("git ");
        self.bars.extend(is_helper.then(|| Bar {
            name: if is_ours {
                format!("bitbucket: {name}")
            } else {
                name.to_owned()
            },
            median: sample.median(),
            is_ours,
        }));
        let ratio = Ratio::of(sample, nothing);
        let shown = if ratio.is_meaningful() {
            format!("{:.2}", ratio.value)
        } else {
            "too noisy".to_owned()
        };
        self.times.push(format!(
            "| {name} | {:.2} | {:.2} | {shown} |",
            sample.median(),
            sample.minimum()
        ));
    }

    /// Peak resident sets, in KiB.
    pub fn memory(&mut self, ours: u64, libsecret: Option<u64>) {
        let base = libsecret.map_or("unknown here".to_owned(), |size| {
            let verdict = if ours <= size { "✓" } else { "✗" };
            format!("≤ libsecret's {size} KiB {verdict}")
        });
        self.promised.push(format!(
            "| peak memory of a stored `get` | {ours} KiB | | {base} |"
        ));
    }

    pub fn verification(&mut self, sample: &Sample, (requests, connections): (usize, usize)) {
        let median = sample.median();
        let verdict = if median <= 60.0 && requests <= 2 {
            "✓"
        } else {
            "✗"
        };
        self.promised.push(format!(
            "| `login`, verified over loopback TLS | {median:.1} ms | {requests} requests, \
             {connections} connections | ≤ 60 ms, 2 requests {verdict} |"
        ));
    }

    pub fn size(&mut self, program: &str) {
        let bytes = fs::metadata(program).expect("the program is there").len();
        let verdict = if bytes <= 5_000_000 { "✓" } else { "✗" };
        let tenths = bytes / 100_000;
        self.promised.push(format!(
            "| binary, stripped | {}.{} MB | | ≤ 5 MB {verdict} |",
            tenths / 10,
            tenths % 10
        ));
    }

    /// Draws the bars into this file.
    pub fn draw(&self, path: &str) {
        chart::write(Path::new(path), &self.bars, &machine());
    }

    pub fn print(&self) {
        println!("{}\n", self.head);
        println!("| measure | median | ratio | target |\n|---|---|---|---|");
        println!("{}\n", self.promised.join("\n"));
        println!("| program | median ms | minimum ms | × /bin/true |\n|---|---|---|---|");
        println!("{}\n", self.times.join("\n"));
    }
}
