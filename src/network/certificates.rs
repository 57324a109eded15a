//! The certificate authorities of a file or a folder, as `http.sslCAInfo` and
//! `http.sslCAPath` name them.

use super::Trouble;
use reqwest::Certificate;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The longest file that is read, in bytes; the bundles of distributions are under 300 KiB.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// All certificates in these files and folders; [`Trouble::BadSetting`] for a path that cannot be
/// read or a file that holds none. A folder without any adds nothing, as for Git, but something must
/// have one.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Certificate>, Trouble> {
    let mut all = Vec::new();
    for path in paths {
        let found = if path.is_dir() {
            in_folder(path)
        } else {
            in_file(path).filter(|found| !found.is_empty())
        };
        all.extend(found.ok_or_else(|| no_certificates(path))?);
    }
    match paths.first() {
        Some(first) if all.is_empty() => Err(no_certificates(first)),
        _ => Ok(all),
    }
}

fn no_certificates(path: &Path) -> Trouble {
    Trouble::BadSetting(format!("no certificates in {}", path.display()))
}

fn in_folder(path: &Path) -> Option<Vec<Certificate>> {
    let entries = std::fs::read_dir(path).ok()?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Some(files.filter_map(|file| in_file(&file)).flatten().collect())
}

fn in_file(path: &Path) -> Option<Vec<Certificate>> {
    // A pipe or a device could keep us waiting.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut pem = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(LONGEST_FILE).read_to_end(&mut pem).ok()?;
    Certificate::from_pem_bundle(&pem).ok()
}
