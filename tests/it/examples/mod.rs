//! The examples of the documents are run: the shell's parts as they stand, the rest read by
//! what reads it in earnest, where that can be had, and then done as it would be done there.
#![cfg(target_os = "linux")]

mod administrators;
mod blocks;
mod editors;
mod from_gcm;
mod pipelines;
mod scene;
mod schedules;

use blocks::blocks;

/// Every block of these documents, by heading and language; each is run by a test here, the
/// one for Cargo by `tests/it/clients/cargo.rs`.
const RUN: [(&str, &[(&str, &str)]); 2] = [
    (
        "automation.md",
        &[
            ("Programs that use Git", "toml"),
            ("Bitbucket Pipelines", "yaml"),
            ("GitHub Actions", "yaml"),
            ("GitLab CI", "yaml"),
            ("Jenkins", "groovy"),
            ("Docker", "dockerfile"),
            ("Docker", "sh"),
            ("cron", "sh"),
            ("cron", "crontab"),
            ("systemd", "ini"),
            ("systemd", "ini"),
            ("VS Code", "sh"),
            ("VS Code", "json"),
            ("Administrators", "sh"),
            ("Administrators", "ini"),
            ("Administrators", "ini"),
        ],
    ),
    (
        "from-gcm.md",
        &[
            ("There", "sh"),
            ("There", "sh"),
            ("There", "sh"),
            ("Back", "sh"),
            ("Back", "sh"),
        ],
    ),
];

#[test]
fn no_example_is_forgotten() {
    for (document, expected) in RUN {
        let found = blocks(document);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|block| (&*block.heading, &*block.language))
            .collect();
        assert_eq!(found, expected, "{document}");
    }
}
