//! What the documents promise: each test that they name is one, and each row of the table
//! of threats names one.

use std::fs;
use std::path::{Path, PathBuf};

/// The names of tests in a text: `` `tests/file.rs::name` ``.
fn named(text: &str) -> Vec<(&str, &str)> {
    text.split('`')
        .filter_map(|code| {
            code.split_once(".rs::")
                .map(|(file, name)| (code, file, name))
        })
        .map(|(code, file, name)| (&code[..file.len() + 3], name))
        .collect()
}

/// Whether the file has this test.
fn exists(file: &str, name: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let signature = format!("fn {name}()");
    let Some(at) = lines.iter().position(|line| line.starts_with(&signature)) else {
        return false;
    };
    let attributes = lines[..at].iter().rev();
    attributes
        .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
        .any(|line| *line == "#[test]")
}

fn missing(text: &str) -> Vec<String> {
    let missing = named(text)
        .into_iter()
        .filter(|(file, name)| !exists(file, name));
    missing
        .map(|(file, name)| format!("{file}::{name}"))
        .collect()
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("docs")).expect("the documents");
    let paths = entries.map(|entry| entry.expect("a document").path());
    let is_text = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "md");
    paths
        .filter(is_text)
        .chain([root.join("README.md")])
        .collect()
}

#[test]
fn every_test_that_a_document_names_exists() {
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        count += named(&text).len();
        assert_eq!(missing(&text), [""; 0], "{}", path.display());
    }
    assert!(count > 40, "{count}");
}

/// The last column of the tables of threats and promises is the proof.
#[test]
fn every_promise_of_security_md_names_its_test() {
    let text = include_str!("../../docs/SECURITY.md");
    let mut rows = 0;
    let mut in_table = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            in_table = false;
        } else if line.ends_with("| shown by |") {
            in_table = true;
        } else if in_table && !line.starts_with("|---") {
            let last = line
                .trim_end_matches('|')
                .rsplit('|')
                .next()
                .unwrap_or_default();
            assert!(!named(last).is_empty(), "no test is named: {line}");
            rows += 1;
        }
    }
    assert!(rows > 20, "{rows}");
}

/// The control: what does not exist, or is no test, is missed.
#[test]
fn a_test_that_is_not_there_is_missed() {
    let text = "`tests/it/documents.rs::every_promise_of_security_md_names_its_test`, \
        `tests/it/documents.rs::no_such_test`, `tests/it/documents.rs::missing` and \
        `tests/no_such_file.rs::x`.";
    assert_eq!(
        missing(text),
        [
            "tests/it/documents.rs::no_such_test",
            "tests/it/documents.rs::missing",
            "tests/no_such_file.rs::x"
        ]
    );
}
