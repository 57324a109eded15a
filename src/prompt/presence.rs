//! Whether somebody may be asked at all, from what Git's configuration and the
//! environment say. Whether there is a terminal is found out by opening it.

/// Whether a person can be expected to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing speaks against it.
    Person,
    /// Asking is unwanted; the name of the setting that says so.
    Nobody(&'static str),
}

/// How a person would be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the terminal.
    Terminal,
    /// By a program, which Git asks whatever it is told of terminals.
    Program,
}

/// Set for the Git commands of an editor, and not for those in the terminal inside it:
/// Visual Studio Code's Git extension, and that of `JetBrains`' editors.
const EDITORS: [&str; 2] = ["VSCODE_GIT_COMMAND", "INTELLIJ_GIT_ASKPASS_HANDLER"];

/// Whether an editor runs Git, so that nobody looks at the terminal that it was started from.
pub fn is_editor(variable: impl Fn(&str) -> Option<String>) -> bool {
    EDITORS.iter().any(|name| variable(name).is_some())
}

/// Whether a program reads the terminal in which Git runs, and shows a person what it knows of
/// it: Git's own questions, and no others. Such programs have Git take no locks that it could do
/// without (git(1)); lazygit does.
pub fn is_program_s(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("GIT_OPTIONAL_LOCKS").is_some_and(|value| is_false(&value))
}

/// For terminals only; git(1).
const NO_TERMINAL: &str = "GIT_TERMINAL_PROMPT";

/// An environment variable and the values by which it forbids questions.
type Signal = (&'static str, fn(&str) -> bool);

/// What forbids questions, besides `credential.interactive`. Sources: git(1); the
/// documentation of Git Credential Manager; Visual Studio Code's Git extension, which
/// sets the third while it fetches by itself; CI services, which all set the last.
const SIGNALS: [Signal; 4] = [
    (NO_TERMINAL, is_false),
    ("GCM_INTERACTIVE", |value| {
        !value.is_empty() && is_false_or_never(value)
    }),
    ("VSCODE_GIT_FETCH_SILENT", |value| !is_false(value)),
    ("CI", |value| !is_false(value)),
];

/// Reads the signals. `interactive` is Git's `credential.interactive` in force, which
/// covers `git -c` and `GIT_CONFIG_COUNT`; `variable` looks up the environment.
pub fn presence(
    way: Way,
    interactive: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Presence {
    if interactive.is_some_and(is_false_or_never) {
        return Presence::Nobody("credential.interactive");
    }
    SIGNALS
        .iter()
        .filter(|(name, _)| way == Way::Terminal || *name != NO_TERMINAL)
        .find(|(name, forbids)| variable(name).is_some_and(|value| forbids(&value)))
        .map_or(Presence::Person, |(name, _)| Presence::Nobody(name))
}

/// Git's ways to write `false`.
fn is_false(value: &str) -> bool {
    ["", "0", "false", "no", "off"].contains(&value.to_ascii_lowercase().as_str())
}

fn is_false_or_never(value: &str) -> bool {
    is_false(value) || value.eq_ignore_ascii_case("never")
}

#[cfg(test)]
mod tests {
    use super::{Presence, Way, is_editor, is_program_s, presence};

    #[test]
    fn each_signal_has_values_that_forbid_and_values_that_do_not() {
        for (name, forbidding, harmless) in [
            (
                "GIT_TERMINAL_PROMPT",
                ["0", "false", "No", "OFF", ""].as_slice(),
                ["1", "true", "yes", "on", "2"].as_slice(),
            ),
            (
                "GCM_INTERACTIVE",
                &["never", "Never", "0", "false"],
                &["", "auto", "always", "1", "true"],
            ),
            ("VSCODE_GIT_FETCH_SILENT", &["true", "1"], &["", "false"]),
            (
                "CI",
                &["true", "1", "woodpecker"],
                &["", "false", "FALSE", "0"],
            ),
            ("GIT_ASKPASS", &[], &["echo", "0", ""]),
            ("VSCODE_GIT_COMMAND", &[], &["fetch"]),
        ] {
            let with = |value: &str| {
                let value = value.to_owned();
                presence(Way::Terminal, None, move |asked| {
                    (asked == name).then(|| value.clone())
                })
            };
            for value in forbidding {
                assert_eq!(with(value), Presence::Nobody(name), "{name}={value}");
            }
            for value in harmless {
                assert_eq!(with(value), Presence::Person, "{name}={value}");
            }
        }
    }

    #[test]
    fn git_s_own_setting_comes_first() {
        let everything = |_: &str| Some("0".to_owned());
        for value in ["false", "never", "0", "no", "Never", ""] {
            assert_eq!(
                presence(Way::Terminal, Some(value), everything),
                Presence::Nobody("credential.interactive"),
                "{value}"
            );
        }
        for value in ["true", "auto", "always", "1"] {
            assert_eq!(
                presence(Way::Terminal, Some(value), |_| None),
                Presence::Person,
                "{value}"
            );
        }
        assert_eq!(presence(Way::Terminal, None, |_| None), Presence::Person);
        assert_eq!(
            presence(Way::Terminal, Some("true"), everything),
            Presence::Nobody("GIT_TERMINAL_PROMPT")
        );
    }

    #[test]
    fn a_program_is_asked_whatever_is_said_of_terminals() {
        for (name, expected) in [
            ("GIT_TERMINAL_PROMPT", Presence::Person),
            ("GCM_INTERACTIVE", Presence::Nobody("GCM_INTERACTIVE")),
            ("CI", Presence::Nobody("CI")),
        ] {
            let value = if name == "CI" { "1" } else { "0" };
            let variable = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(presence(Way::Program, None, variable), expected, "{name}");
        }
        assert_eq!(
            presence(Way::Program, Some("false"), |_| None),
            Presence::Nobody("credential.interactive")
        );
    }

    #[test]
    fn a_program_that_reads_the_terminal_has_git_take_no_locks() {
        for (value, expected) in [(None, false), (Some("0"), true), (Some("1"), false)] {
            let variable = |name: &str| {
                let value = value.filter(|_| name == "GIT_OPTIONAL_LOCKS");
                value.map(str::to_owned)
            };
            assert_eq!(is_program_s(variable), expected, "{value:?}");
        }
    }

    #[test]
    fn an_editor_is_told_from_its_terminal() {
        let with = |known: &'static str| move |name: &str| (name == known).then(String::new);
        assert!(is_editor(with("VSCODE_GIT_COMMAND")));
        assert!(is_editor(with("INTELLIJ_GIT_ASKPASS_HANDLER")));
        assert!(!is_editor(with("GIT_ASKPASS")));
    }
}
