//! Every direct dependency has its reason and its budget in `docs/architecture.md`, and no
//! reason outlives its dependency.

use std::collections::BTreeSet;

const MANIFEST: &str = include_str!("../../Cargo.toml");
const DOCUMENT: &str = include_str!("../../docs/architecture.md");

/// The names below `[dependencies]` and below those of single platforms.
fn declared() -> BTreeSet<&'static str> {
    let mut counts = false;
    let mut names = BTreeSet::new();
    for line in MANIFEST.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let dependencies = header.ends_with("dependencies]");
            counts = dependencies && !header.ends_with("dev-dependencies]");
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| counts) {
            names.insert(name);
        }
    }
    names
}

/// The first and the other columns of the table below "Dependencies".
fn documented() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, section) = DOCUMENT
        .split_once("\n## Dependencies\n")
        .unwrap_or_default();
    let rows = section.lines().skip_while(|line| !line.starts_with("|---"));
    rows.skip(1)
        .map_while(|line| {
            line.strip_prefix("| `")?
                .strip_suffix(" |")?
                .split_once("` | ")
        })
        .map(|(name, rest)| (name, rest.split(" | ").collect()))
        .collect()
}

#[test]
fn every_dependency_has_a_reason() {
    let documented = documented();
    let names: BTreeSet<_> = documented.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, declared());
    assert_eq!(names.len(), documented.len(), "a name twice");
    for (name, columns) in &documented {
        assert_eq!(columns.len(), 2, "{name}");
        assert!(columns.iter().all(|text| text.len() > 4), "{name}");
    }
    let budget = format!(
        "\nBudget: {} direct for all systems together, ",
        names.len()
    );
    assert!(DOCUMENT.contains(&budget), "{budget}");
}
