//! The fenced blocks of the documents, found by the heading that they stand under.

use std::fs;
use std::path::Path;

/// One block.
#[derive(Debug)]
pub struct Block {
    pub heading: String,
    pub language: String,
    pub text: String,
}

/// All blocks of a document in `docs`, in their order.
pub fn blocks(document: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(document);
    let text = fs::read_to_string(path).expect("a document");
    let mut blocks = Vec::new();
    let mut heading = "";
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block {
                    heading: heading.to_owned(),
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(found) = line.strip_prefix("## ") {
                    heading = found;
                }
            }
        }
    }
    assert!(open.is_none(), "{document}: a block without an end");
    blocks
}

/// The texts of all blocks of this language under this heading, of which there is one at least.
pub fn under(document: &str, heading: &str, language: &str) -> Vec<String> {
    let blocks = blocks(document).into_iter();
    let meant = blocks.filter(|block| block.heading == heading && block.language == language);
    let texts: Vec<String> = meant.map(|block| block.text).collect();
    assert!(!texts.is_empty(), "{document}: {heading}: {language}");
    texts
}
