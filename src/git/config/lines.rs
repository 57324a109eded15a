//! On which line of its file each setting stands: Git does not tell. The file is read once
//! more, and believed only if it shows what Git has read of it, name by name.

use super::Setting;
use crate::git::config_text::{ConfigText, MappedText};
use std::path::{Path, PathBuf};

/// Numbers the settings of each file that `read` gives.
pub(super) fn number(settings: &mut [Setting], read: impl Fn(&Path) -> Option<Vec<u8>>) {
    let mut files: Vec<PathBuf> = settings.iter().filter_map(|it| it.file.clone()).collect();
    files.sort();
    files.dedup();
    for file in files {
        let mut here: Vec<&mut Setting> = settings
            .iter_mut()
            .filter(|setting| setting.file.as_ref() == Some(&file))
            .collect();
        if let Some(lines) = read(&file).and_then(|content| lines_of(&content, &here)) {
            for (setting, line) in here.iter_mut().zip(lines.into_iter().cycle()) {
                setting.line = Some(line);
            }
        }
    }
}

/// The line of each setting of a file; `None` if it is not what Git has read. A file that is
/// included twice was read twice.
fn lines_of(content: &[u8], here: &[&mut Setting]) -> Option<Vec<usize>> {
    let text = ConfigText::parse(content)?;
    let names: Vec<_> = text
        .settings
        .iter()
        .map(|written| {
            let header = &text.headers[written.header];
            let subsection = header.subsection.as_ref().map(MappedText::lossy);
            (&*header.name, subsection, &*written.key)
        })
        .collect();
    let is_what_git_read = !names.is_empty()
        && here.len().is_multiple_of(names.len())
        && here
            .iter()
            .zip(names.iter().cycle())
            .all(|(setting, name)| {
                (&*setting.section, &setting.subsection, &*setting.key) == (name.0, &name.1, name.2)
            });
    is_what_git_read.then(|| {
        let settings = text.settings.iter();
        settings
            .map(|it| line_of(content, it.range.start))
            .collect()
    })
}

fn line_of(content: &[u8], position: usize) -> usize {
    content[..position].split(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Git would list of a file.
    fn settings(names: &[&str]) -> Vec<Setting> {
        names
            .iter()
            .filter_map(|name| {
                let text = format!("{name}\nx");
                Setting::parse(b"global", b"file:/f", text.as_bytes(), Path::new("/"))
            })
            .collect()
    }

    fn lines(file: &str, names: &[&str]) -> Vec<Option<usize>> {
        let mut settings = settings(names);
        number(&mut settings, |_| Some(file.as_bytes().to_vec()));
        settings.iter().map(|setting| setting.line).collect()
    }

    #[test]
    fn lines_are_counted_as_git_counts_them() {
        let file = "[credential]\n\thelper = a\n# helper = no\n[user]\n\thelper = no\n\
            [CREDENTIAL \"https://x\"] HELPER=b\n  helper\n  helperx = \"no\" \\\n  more\n\
            [credentials]\r\nhelper = no\r\n[credential \"y\"]\nhelper =\n";
        let names = [
            "credential.helper",
            "user.helper",
            "credential.https://x.helper",
            "credential.https://x.helper",
            "credential.https://x.helperx",
            "credentials.helper",
            "credential.y.helper",
        ];
        let expected = [2, 5, 6, 7, 8, 11, 13].map(Some);
        assert_eq!(lines(file, &names), expected);
        let twice = [names, names].concat();
        assert_eq!(lines(file, &twice), [expected, expected].concat());
    }

    #[test]
    fn a_file_that_is_not_what_git_read_is_not_believed() {
        for (file, names) in [
            ("[a]\nb = 1\n", &["a.b", "a.c"][..]),
            ("[a]\nb = 1\nc = 2\n", &["a.b"]),
            ("[a]\nb = 1\n", &["a.c"]),
            ("[a \"x\"]\nb = 1\n", &["a.b"]),
            ("", &["a.b"]),
            ("[a\n", &["a.b"]),
        ] {
            assert_eq!(lines(file, names), vec![None; names.len()], "{file:?}");
        }
        let mut unread = settings(&["a.b"]);
        number(&mut unread, |_| None);
        assert_eq!(unread[0].line, None);
    }
}
