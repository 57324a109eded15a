//! The file of `--token-file`: read at each `get`, never written. Whether it may be believed
//! is decided in `platform`, what it may hold in `environment`; here is the wording.

use super::environment;
use super::{Inquiry, Source, Supply};
use crate::bitbucket::token_in;
use crate::helper::session::Session;
use crate::platform::{self, Unread};
use crate::reason::Reason;
use crate::secret::Secret;
use crate::setup::line_options::Options;
use crate::text::shown;
use std::io::ErrorKind;
use std::path::Path;

/// More than any token has, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Whether the file is there and holds exactly this secret.
pub fn holds(session: &Session, secret: &Secret) -> Option<Source> {
    let path = session.options.token_file.as_deref()?;
    let holds = read(path).is_ok_and(|token| token == *secret);
    holds.then(|| source(path))
}

/// The file that these options name.
pub fn named(options: &Options) -> Option<Source> {
    options.token_file.as_deref().map(source)
}

/// What the file has, if there is that option; read anew each time, so that it can be replaced
/// at any moment.
pub fn look(inquiry: &Inquiry) -> Option<Supply> {
    let Session { site, options, .. } = inquiry.session;
    let path = options.token_file.as_deref()?;
    let source = source(path);
    let credential = read(path)
        .map_err(|it| Reason::new(format!("{source} is not used: {}", it.why), it.next))
        .and_then(|secret| {
            let variable = environment::with_name(options, options.username.clone());
            environment::judge(site, secret, &source, variable, inquiry.username)
        });
    Some(Supply { source, credential })
}

fn source(path: &Path) -> Source {
    Source::File(shown(&path.to_string_lossy()))
}

/// The token in the file; the error says what is wrong and what to do.
fn read(path: &Path) -> Result<Secret, Reason> {
    let contents = platform::read_secret_mount(path, LONGEST).map_err(|fault| explain(&fault))?;
    let contents = Secret::new(contents);
    token_in(contents.expose()).map_err(|found| {
        let reason = found.explanation();
        Reason::new(format!("it {}", reason.why), reason.next)
    })
}

fn explain(fault: &Unread) -> Reason {
    match fault {
        Unread::Error(error) if error.kind() == ErrorKind::NotFound => Reason::fixed(
            "there is no such file",
            "put a token there, or correct --token-file",
        ),
        Unread::Error(error) if error.kind() == ErrorKind::PermissionDenied => {
            Reason::fixed("you may not read it", "have its owner allow that")
        }
        Unread::Error(error) => format!("it cannot be read ({error})").into(),
        Unread::NotPlain => Reason::fixed("it is no plain file", "name one"),
        Unread::TooLong => "it is too long for a token".into(),
        Unread::Writable => Reason::fixed(
            "others than its owner can write to it",
            "run chmod go-w on it, and see who did",
        ),
        Unread::Foreign => Reason::fixed("it is neither yours nor root's", "have one of your own"),
        Unread::Readable => Reason::fixed("others can read it", "run chmod go-rwx on it"),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// What is read of a file with these contents and this mode.
    fn read_of(contents: &str, mode: u32) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        read(&path)
            .map(|token| token.expose_text().unwrap().to_owned())
            .map_err(|reason| reason.to_string())
    }

    #[test]
    fn the_first_line_that_is_not_empty_is_the_token() {
        for contents in [
            "abc",
            "abc\n",
            "abc\r\n",
            " abc \n",
            "abc\nmore\n",
            "abc\n\n",
        ] {
            assert_eq!(
                read_of(contents, 0o600).as_deref(),
                Ok("abc"),
                "{contents:?}"
            );
        }
        assert_eq!(read_of(" \nabc\n", 0o600).as_deref(), Ok("abc"));
        for contents in ["", "\n"] {
            let reason = read_of(contents, 0o600).unwrap_err();
            assert!(reason.contains("it holds no token"), "{reason}");
        }
        let reason = read_of(&"x".repeat(65 * 1024), 0o600).unwrap_err();
        assert!(reason.contains("too long"), "{reason}");
    }

    #[test]
    fn what_others_can_change_or_read_is_refused() {
        for (mode, expected) in [
            (0o620, "write"),
            (0o602, "write"),
            (0o666, "write"),
            (0o644, "read it"),
            (0o640, "read it"),
        ] {
            let reason = read_of("abc", mode).unwrap_err();
            assert!(reason.contains(expected), "{mode:o}: {reason}");
        }
    }

    /// Kubernetes leads to the file by two links, and moves the inner one to rotate it.
    #[test]
    fn links_are_followed_to_plain_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for version in ["1", "2"] {
            fs::create_dir(path(version)).unwrap();
            let file = path(version).join("token");
            fs::write(&file, version).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
        }
        symlink("..data/token", path("token")).unwrap();
        for version in ["1", "2"] {
            symlink(version, path("..new")).unwrap();
            fs::rename(path("..new"), path("..data")).unwrap();
            let token = read(&path("token")).unwrap();
            assert_eq!(token.expose(), version.as_bytes());
        }
        let fault = |path: &Path| {
            read(path)
                .err()
                .map(|reason| reason.to_string())
                .unwrap_or_default()
        };
        assert!(fault(folder.path()).contains("no plain file"));
        let pipe = path("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(fault(&pipe).contains("no plain file"));
        assert!(fault(&path("nothing")).contains("no such file"));
    }
}
