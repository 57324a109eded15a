//! What of an output is the token, what is said where none is, and whose command is run.

use super::*;
use crate::git::Config;

const TOKEN: &str = "ATATT3xFfGF0one=0A1B2C3D";
const OTHER: &str = "ATATT3xFfGF0two=0A1B2C3D";

/// `token name` of what is printed, or the complaint.
fn found(output: &[u8]) -> String {
    match read(output) {
        Ok(printed) => {
            let token = printed.token.expose_text().unwrap_or("no text").to_owned();
            match printed.username {
                Some(name) => format!("{token} of {name}"),
                None => token,
            }
        }
        Err(reason) => reason.to_string(),
    }
}

#[test]
fn the_token_is_the_first_line_or_what_a_helper_of_git_s_says() {
    for (output, expected) in [
        ("TOKEN", "TOKEN"),
        ("TOKEN\n", "TOKEN"),
        ("\r\n  TOKEN \r\n", "TOKEN"),
        ("\u{feff}TOKEN\n", "TOKEN"),
        // As `pass` keeps it.
        ("TOKEN\nlogin: alice\nurl: https://bitbucket.org\n", "TOKEN"),
        ("TOKEN\nusername=alice\n", "TOKEN of alice"),
        ("username=alice\nTOKEN\n", "TOKEN of alice"),
        ("TOKEN\nusername=\n", "TOKEN"),
        ("TOKEN\nTOKEN\n", "TOKEN"),
        (
            "protocol=https\nhost=bitbucket.org\nusername=alice\npassword=TOKEN\n",
            "TOKEN of alice",
        ),
        (
            "capability[]=state\npassword=TOKEN\nstate[]=x\ncontinue=1\n\n",
            "TOKEN",
        ),
        // What an app password is called does not matter.
        (
            "0123456789abcdefABCD\nusername=bob",
            "0123456789abcdefABCD of bob",
        ),
        // A name is none if it is a secret.
        ("password=TOKEN\nusername=OTHER\n", "TOKEN"),
    ] {
        let [output, expected] =
            [output, expected].map(|text| text.replace("TOKEN", TOKEN).replace("OTHER", OTHER));
        assert_eq!(found(output.as_bytes()), expected, "{output}");
    }
}

#[test]
fn what_is_no_token_is_named() {
    for (output, expected) in [
        ("", "it printed nothing"),
        ("\n \r\n", "it printed nothing"),
        ("TOKEN\nOTHER\n", "two lines that may both be the token"),
        (
            "TOKEN\npassword=OTHER\n",
            "two lines that may both be the token",
        ),
        (
            "password=TOKEN\npassword=OTHER\n",
            "two lines that may both be the token",
        ),
        ("TOKEN\nusername=a\nusername=b\n", "two user names"),
        (
            "Reading the vault\nTOKEN\n",
            "the first line that it printed is no token",
        ),
        (
            "Authorization: Bearer TOKEN",
            "what it printed holds a header",
        ),
        ("export X=TOKEN", "what it printed holds the assignment"),
        (
            "$TOKEN_NAME",
            "what it printed holds the name of a variable",
        ),
        ("username=alice\n", "what it printed holds no token"),
        (
            "username=alice\npassword=\n",
            "what it printed holds no token",
        ),
    ] {
        let output = output
            .replace("$TOKEN_NAME", "$NAME")
            .replace("TOKEN", TOKEN)
            .replace("OTHER", OTHER);
        let said = found(output.as_bytes());
        assert!(said.contains(expected), "{output:?}: {said}");
        assert!(!said.contains("ATATT"), "{said}");
    }
    for (output, expected) in [
        (&b"\xff\xfeA\0T\0"[..], "UTF-16"),
        (b"\xf0\x28\x8c\x28", "no text (UTF-8)"),
        (b"ATATT\xff\n", "no text (UTF-8)"),
    ] {
        let said = found(output);
        assert!(said.contains(expected), "{output:?}: {said}");
    }
}

/// Scope and value of each helper line; `/config` is where all of them stand.
fn decide(lines: &[(&str, &str)], is_outside: bool) -> Result<(), String> {
    let settings: Vec<_> = lines
        .iter()
        .map(|(scope, value)| (*scope, "credential.helper", *value))
        .collect();
    let config = Config::of(&settings);
    may_run_by(config.helper_lines(), "op read x", is_outside).map_err(|it| it.to_string())
}

#[test]
fn only_a_person_s_own_configuration_has_a_command_run() {
    const OURS: &str = "bitbucket --token-command='op read x'";
    for (lines, expected) in [
        (&[("global", OURS)][..], ""),
        (&[("system", OURS)], ""),
        (&[("command", OURS)], ""),
        (
            &[(
                "global",
                r"/x/git-credential-bitbucket --token-command op\ read\ x",
            )],
            "",
        ),
        // The repository says the same as the person, or something else.
        (&[("global", OURS), ("local", OURS)], ""),
        (&[("global", OURS), ("local", "bitbucket")], ""),
        (
            &[("local", OURS)],
            "a repository's configuration (/config) names it",
        ),
        (
            &[("worktree", OURS)],
            "a repository's configuration (/config) names it",
        ),
        (
            &[("", OURS)],
            "a repository's configuration (/config) names it",
        ),
        (
            &[("global", "bitbucket"), ("local", OURS)],
            "a repository's configuration (/config) names it",
        ),
        (
            &[
                ("global", "bitbucket --token-command=other"),
                ("local", OURS),
            ],
            "a repository's configuration (/config) names it",
        ),
        // What the shell makes of it is not known here.
        (
            &[("local", "bitbucket --token-command=$(echo op read x)")],
            "a repository's configuration (/config) names it",
        ),
        // Whoever started us by hand.
        (&[], ""),
        (&[("local", "store")], ""),
    ] {
        match decide(lines, true) {
            Ok(()) => assert_eq!(expected, "", "{lines:?}"),
            Err(said) => assert!(!expected.is_empty() && said.contains(expected), "{said}"),
        }
    }
    // By hand, or by a configuration of the folder that Git takes for the person's.
    assert!(decide(&[], false).is_err());
    assert!(decide(&[("global", OURS)], false).is_ok());
}

#[test]
#[cfg(unix)]
fn how_it_ended_is_told() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;
    for (raw, expected) in [
        (127 << 8, "there is no such program; install it"),
        (126 << 8, "it may not be run; make it executable"),
        (
            1 << 8,
            "it failed with exit code 1; run it yourself to see why",
        ),
        (
            9,
            "it was killed (signal: 9 (SIGKILL)); run it yourself to see why",
        ),
    ] {
        let ended = Ended {
            status: ExitStatus::from_raw(raw),
            stdout: Secret::copy_of(TOKEN.as_bytes()),
            stderr: String::new(),
        };
        let said = printed(&ended)
            .err()
            .map(|it| it.to_string())
            .unwrap_or_default();
        assert!(said.starts_with(expected), "{said}");
    }
}
