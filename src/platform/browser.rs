//! The person's browser: which programs may open an address, and starting one of them.

use super::{find_in_path, is_program};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program that opens the address: its name, and its arguments.
type Opener = (OsString, Vec<OsString>);

/// How long a program is watched that opens the browser: one that fails does so at once.
const WATCH: Duration = Duration::from_secs(2);

/// From one look at it to the next.
const PAUSE: Duration = Duration::from_millis(20);

/// Opens an address in the person's browser; `prepare` makes the command of a program. False:
/// there is none, or none of its programs starts.
pub fn open_in_browser(address: &str, prepare: fn(&Path) -> Command) -> bool {
    let openers = openers(address, |name| std::env::var_os(name));
    openers.into_iter().any(|(program, arguments)| {
        locate(&program).is_some_and(|path| {
            let mut command = prepare(&path);
            command.args(arguments);
            starts(command)
        })
    })
}

/// Whether there is a program that may open an address, as far as can be told without one.
pub fn has_browser() -> bool {
    let openers = openers("", |name| std::env::var_os(name));
    openers.iter().any(|(program, _)| locate(program).is_some())
}

/// What may open an address, the likeliest first. `BROWSER` names programs, each for itself,
/// with colons between them; `%s` in one stands for the address. Empty, it means: none.
fn openers(address: &str, variable: impl Fn(&str) -> Option<OsString>) -> Vec<Opener> {
    if let Some(value) = variable("BROWSER") {
        let text = value.to_string_lossy().into_owned();
        let named = text.split(SEPARATOR).filter_map(|one| named(one, address));
        return named.collect();
    }
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    // Where there is no screen, xdg-open would start a browser on the terminal.
    if NEEDS_SCREEN && !SCREENS.iter().any(is_set) {
        return Vec::new();
    }
    open::commands(address)
        .into_iter()
        .map(|command| {
            let arguments = command.get_args().map(OsString::from).collect();
            (command.get_program().to_owned(), arguments)
        })
        .collect()
}

/// Between the programs of `BROWSER`.
const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Whether a browser needs one of [`SCREENS`].
const NEEDS_SCREEN: bool = cfg!(all(unix, not(target_os = "macos")));

/// Variables that a session with a screen has; the last one is the Windows Subsystem for
/// Linux, whose browser is the one of Windows.
const SCREENS: [&str; 3] = ["WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME"];

fn named(words: &str, address: &str) -> Option<Opener> {
    let mut words = words.split_whitespace();
    let program = OsString::from(words.next()?);
    let mut has_address = false;
    let mut arguments: Vec<OsString> = words
        .map(|word| {
            has_address |= word.contains("%s");
            word.replace("%s", address).into()
        })
        .collect();
    if !has_address {
        arguments.push(address.into());
    }
    Some((program, arguments))
}

/// The program of this name: by an absolute path, or in an absolute folder of `PATH`. What
/// depends on the current folder may be a repository's.
fn locate(program: &OsString) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.is_absolute() {
        return is_program(path).then(|| path.to_owned());
    }
    if path.components().count() != 1 {
        return None;
    }
    let name = if path.extension().is_none() {
        format!(
            "{}{}",
            program.to_string_lossy(),
            std::env::consts::EXE_SUFFIX
        )
        .into()
    } else {
        program.clone()
    };
    find_in_path(name)
}

/// Starts it with nothing of ours: no input, no output, and no signals from our terminal. One
/// that is still running after a while has a browser to show.
fn starts(mut command: Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let deadline = Instant::now() + WATCH;
    while Instant::now() < deadline {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => sleep(PAUSE),
            Err(_) => return false,
        }
    }
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://bitbucket.org/?a=b&c=d";

    fn told(variables: &[(&str, &str)]) -> Vec<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let openers = openers(ADDRESS, variable).into_iter();
        let text = |(program, arguments): Opener| {
            let words: Vec<_> = std::iter::once(program).chain(arguments).collect();
            words.join(" ".as_ref()).to_string_lossy().into_owned()
        };
        openers.map(text).collect()
    }

    #[test]
    fn the_variable_names_programs_or_none() {
        for (value, expected) in [
            ("firefox", vec![format!("firefox {ADDRESS}")]),
            (
                "a -x:/b/c",
                vec![format!("a -x {ADDRESS}"), format!("/b/c {ADDRESS}")],
            ),
            ("a --url=%s -y", vec![format!("a --url={ADDRESS} -y")]),
            ("a %s", vec![format!("a {ADDRESS}")]),
            ("", vec![]),
            (" : ", vec![]),
        ] {
            assert_eq!(
                told(&[("BROWSER", value), ("DISPLAY", ":0")]),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn without_a_screen_there_is_no_browser() {
        assert_eq!(told(&[]), Vec::<String>::new());
        assert_eq!(told(&[("DISPLAY", "")]), Vec::<String>::new());
        for screen in SCREENS {
            let all = told(&[(screen, "x")]);
            assert!(
                all.iter().any(|one| one.starts_with("xdg-open ")),
                "{all:?}"
            );
            assert!(all.iter().all(|one| one.ends_with(ADDRESS)), "{all:?}");
        }
    }

    #[test]
    fn only_what_no_folder_of_a_repository_has_is_started() {
        assert!(locate(&"/bin/sh".into()).is_some());
        assert!(locate(&"sh".into()).is_some_and(|path| path.is_absolute()));
        for name in [
            "./sh",
            "bin/sh",
            "../bin/sh",
            "no-such-program-of-ours",
            "/no/such",
        ] {
            assert_eq!(locate(&name.into()), None, "{name}");
        }
    }

    #[test]
    fn a_program_that_fails_at_once_opens_nothing() {
        for (program, expected) in [
            ("/bin/true", true),
            ("/bin/false", false),
            ("/no/such", false),
        ] {
            assert_eq!(starts(Command::new(program)), expected, "{program}");
        }
    }
}
