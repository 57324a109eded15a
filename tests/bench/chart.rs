//! The times as bars, for the README: one SVG that needs nothing else and has no script.

use std::fmt::Write as _;
use std::path::Path;

/// One bar: what it is, its median in milliseconds, and whether it is ours.
pub struct Bar {
    pub name: String,
    pub median: f64,
    pub is_ours: bool,
}

const ROW: usize = 22;
const LABELS: usize = 290;
const LONGEST: f64 = 380.0;
const WIDTH: usize = 760;

/// Writes the chart.
///
/// # Panics
/// If the file cannot be written.
pub fn write(path: &Path, bars: &[Bar], caption: &str) {
    std::fs::write(path, svg(bars, caption)).expect("the chart is written");
}

fn svg(bars: &[Bar], caption: &str) -> String {
    let height = 58 + bars.len() * ROW;
    let most = bars.iter().map(|bar| bar.median).fold(0.0, f64::max);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>How long one call of a Git credential helper takes, in milliseconds</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"24\" font-weight=\"bold\" fill=\"#1f2328\">One call, in milliseconds \
         (median; shorter is better)</text>\n"
    );
    for (row, bar) in bars.iter().enumerate() {
        let top = 38 + row * ROW;
        let length = (bar.median / most * LONGEST).max(1.0);
        let (colour, weight) = if bar.is_ours {
            ("#0b57d0", "bold")
        } else {
            ("#8c959f", "normal")
        };
        let end = 300.0 + length + 6.0;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "<text x=\"{LABELS}\" y=\"{}\" text-anchor=\"end\" font-weight=\"{weight}\" \
             fill=\"#1f2328\">{}</text>\n\
             <rect x=\"300\" y=\"{top}\" width=\"{length:.1}\" height=\"15\" rx=\"2\" \
             fill=\"{colour}\"/>\n\
             <text x=\"{end:.1}\" y=\"{}\" fill=\"#1f2328\">{:.2}</text>\n",
            top + 12,
            escaped(&bar.name),
            top + 12,
            bar.median
        );
    }
    let _ = write!(
        text,
        "<text x=\"12\" y=\"{}\" font-size=\"11\" fill=\"#59636e\">{}</text>\n</svg>\n",
        height - 8,
        escaped(caption)
    );
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
