//! The picture of a first push: the recorded session `first-push`, line by line as text, in the
//! frame of a window. It brings its own background, so that it reads on a light and on a dark page.
//! Nothing moves in it, and nothing is loaded or run.

use crate::rig::programs;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// As `tests/it/sessions` records it, from the real program under the real Git.
const SESSION: &str = include_str!("../sessions/first-push.txt");

const TITLE: &str = "A first push to Bitbucket in a terminal";
const DESCRIPTION: &str = "git push asks once for an API token, which stays invisible. The token is \
verified with Bitbucket and kept in the keychain, and the push goes through. The git fetch after it \
asks nothing.";
/// How Git was configured before is left out.
const BEGIN: &str = "$ git push ";

/// The terminal that the session was recorded on.
const COLUMNS: usize = 80;
/// In pixels; a letter of a fixed width is six tenths of its size wide.
const SIZE: f64 = 14.0;
const LETTER: f64 = 8.4;
const LINE: f64 = 20.0;
const MARGIN: f64 = 20.0;
/// The bar at the top with the three dots.
const BAR: f64 = 34.0;

const STYLE: &str = "\
.page { fill: #1d2330; stroke: #7d8590; }\n\
.bar { fill: #2c3444; }\n\
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", monospace; \
fill: #d7dde8; white-space: pre; }\n\
.typed { fill: #ffffff; font-weight: bold; }\n\
.prompt { fill: #7ee787; font-weight: bold; }\n";

/// The whole file.
pub fn first_push() -> String {
    let begin = SESSION.find(BEGIN).expect("a push in the session");
    of(&SESSION[begin..])
}

fn of(session: &str) -> String {
    let lines: Vec<String> = session.lines().flat_map(broken).collect();
    let columns = f64::from(u32::try_from(COLUMNS).expect("a small number"));
    let rows = f64::from(u32::try_from(lines.len()).expect("a small number"));
    let width = columns * LETTER + 2.0 * MARGIN;
    let height = BAR + rows * LINE + 2.0 * MARGIN - (LINE - SIZE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <!-- Made of tests/it/sessions/first-push.txt by tests/it/made/picture.rs. -->\n\
         <title id=\"title\">{TITLE}</title>\n\
         <desc id=\"description\">{DESCRIPTION}</desc>\n\
         <style>\n{STYLE}</style>\n"
    );
    window(&mut svg, width, height);
    for (row, line) in (0_u32..).zip(&lines) {
        let baseline = BAR + MARGIN + SIZE - 3.0 + f64::from(row) * LINE;
        draw(&mut svg, line, baseline);
    }
    svg + "</svg>\n"
}

/// The frame, its bar, and the dots in it.
fn window(svg: &mut String, width: f64, height: f64) {
    let (right, bottom) = (width - 1.0, height - 1.0);
    let parts = format!(
        "<rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{right}\" height=\"{bottom}\" rx=\"9\"/>\n\
         <path class=\"bar\" d=\"M1 {BAR}V10a9 9 0 0 1 9-9H{}a9 9 0 0 1 9 9V{BAR}z\"/>\n\
         <circle cx=\"20\" cy=\"17\" r=\"5.5\" fill=\"#f47067\"/>\n\
         <circle cx=\"39\" cy=\"17\" r=\"5.5\" fill=\"#daaa3f\"/>\n\
         <circle cx=\"58\" cy=\"17\" r=\"5.5\" fill=\"#57ab5a\"/>\n",
        width - 10.0
    );
    svg.push_str(&parts);
}

/// One line: whatever font there is, it is as wide as its letters are on a terminal.
fn draw(svg: &mut String, line: &str, baseline: f64) {
    let text = line.trim_start();
    if text.is_empty() {
        return;
    }
    let start = MARGIN + width_of(&line[..line.len() - text.len()]);
    let (length, shown) = (width_of(text), escaped(text));
    let shown = match shown.strip_prefix("$ ") {
        Some(typed) => {
            format!("<tspan class=\"prompt\">$ </tspan><tspan class=\"typed\">{typed}</tspan>")
        }
        None => shown,
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<text x=\"{start:.1}\" y=\"{baseline}\" textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{shown}</text>"
    );
}

fn width_of(text: &str) -> f64 {
    f64::from(u32::try_from(text.chars().count()).expect("a line of a terminal")) * LETTER
}

/// A line as the terminal breaks it.
fn broken(line: &str) -> Vec<String> {
    let letters: Vec<char> = line.chars().collect();
    let rows = letters.chunks(COLUMNS).map(|row| row.iter().collect());
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        vec![String::new()]
    } else {
        rows
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What a session may have in it that means something to XML, or is too long for a line.
#[test]
fn a_session_is_drawn_as_it_is() {
    let long = "x".repeat(COLUMNS + 1);
    let svg = of(&format!("$ git <push> & \"go\"\n  * two\n\n{long}\n"));
    for part in [
        "<tspan class=\"typed\">git &lt;push&gt; &amp; \"go\"</tspan></text>",
        "<text x=\"36.8\" y=\"85\" textLength=\"42.0\"",
        ">* two</text>",
        &format!(">{}</text>", &long[1..]),
        ">x</text>",
    ] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert_eq!(svg.matches("<text ").count(), 4, "{svg}");
}

/// A browser shows no picture that is not well-formed.
#[test]
fn the_picture_is_well_formed() {
    if !programs::present("python", &["python3"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file = folder.path().join("picture.svg");
    fs::write(&file, first_push()).expect("a file of ours");
    let mut command = Command::new("python3");
    let parse = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])";
    let ended = command.args(["-c", parse]).arg(&file).output();
    let ended = ended.expect("python3 starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
}

/// Nothing is run, loaded or followed, and nothing of the machine it was made on is in it.
#[test]
fn the_picture_is_a_picture_only() {
    let svg = first_push();
    for part in [
        "<script",
        "href",
        "url(",
        "@import",
        "<image",
        "<foreignObject",
        "/tmp/",
    ] {
        assert!(!svg.contains(part), "{part}: {svg}");
    }
    for part in [
        "<title id=\"title\">",
        "git push",
        "The API token is valid.",
        "git fetch",
    ] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
}
