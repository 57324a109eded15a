//! No file of this folder is forgotten: a test in a file that no module names would never run.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a package of its own.
const OTHER_PACKAGE: &str = "programs";

/// The Rust files of a folder that no `mod` line leads to.
fn forgotten(folder: &Path, root: &str) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join(root)).unwrap_or_default();
    let declared = |name: &str| {
        text.lines()
            .any(|line| line.trim_start_matches("pub ") == format!("mod {name};"))
    };
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("an entry of it").path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let module = file.strip_suffix(".rs").unwrap_or(&file);
        if path.is_dir() {
            if path.join("mod.rs").exists() && declared(module) {
                forgotten.extend(self::forgotten(&path, "mod.rs"));
            } else if module != OTHER_PACKAGE {
                forgotten.extend(rust_files(&path));
            }
        } else if file.ends_with(".rs") && file != root && !declared(module) {
            forgotten.push(path);
        }
    }
    forgotten
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of tests");
    let paths = entries.map(|entry| entry.expect("an entry of it").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect()
}

#[test]
fn every_file_of_tests_is_in_a_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    assert_eq!(forgotten(&folder, "main.rs"), Vec::<PathBuf>::new());
}

/// The control: files beside the modules, in them, and in a folder without a module.
#[test]
fn a_file_in_no_module_is_found() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for (file, text) in [
        ("main.rs", "mod one;\nmod two;\npub mod three;\n"),
        ("one.rs", ""),
        ("two/mod.rs", "mod inner;\n"),
        ("two/inner.rs", ""),
        ("two/lost.rs", ""),
        ("three.rs", ""),
        ("lost.rs", ""),
        ("lost_folder/deep/file.rs", ""),
        ("text.txt", ""),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("the folder")).expect("a folder of ours");
        fs::write(path, text).expect("a file of ours");
    }
    let mut found = forgotten(folder.path(), "main.rs");
    found.sort();
    let expected = ["lost.rs", "lost_folder/deep/file.rs", "two/lost.rs"];
    assert_eq!(found, expected.map(|file| folder.path().join(file)));
}
