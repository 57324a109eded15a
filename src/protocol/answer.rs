//! Writing what Git may hear. Only negotiated keys, only values that cannot be
//! mistaken for another line, never `protocol`, `host`, `path` or `url`.

use super::{BEARER, Capabilities};
use crate::secret::Secret;

/// What a `get` answers.
pub enum Answer {
    /// Nothing: Git asks the next helper, then its own prompt.
    Silence,
    /// `quit=1`: Git stops here instead of asking for something Bitbucket cannot accept.
    Quit,
    /// A credential.
    Credential(Served),
}

/// A credential as Git is to use it.
pub struct Served {
    /// The name for HTTP Basic; Git prefers it to the URL's.
    pub username: String,
    /// The token.
    pub password: Secret,
    /// Whether Git shall send it as `Authorization: Bearer`, without the name; if it cannot (it
    /// can since 2.46), by Basic.
    pub bearer: bool,
    /// When the token dies, in Unix seconds; past it Git asks the next helper.
    pub password_expiry_utc: Option<u64>,
    /// What renews it, if another helper said so: it is for that helper, by way of Git.
    pub oauth_refresh_token: Option<Secret>,
    /// Our own `state[]`, without secrets; sent only if `state` was negotiated.
    pub state: Option<String>,
    /// `continue=1`: on a 401 Git asks once more instead of failing (Git 2.46); goes with
    /// `state` only.
    pub r#continue: bool,
}

/// A value that would break the line protocol (LF, CR or NUL), or an empty one.
#[derive(Debug, PartialEq, Eq)]
pub struct Unprintable;

/// The answer as bytes for standard output.
pub fn write(answer: &Answer, capabilities: Capabilities) -> Result<Secret, Unprintable> {
    let mut lines = Vec::with_capacity(1024);
    match answer {
        Answer::Silence => {}
        Answer::Quit => line(&mut lines, "quit", b"1")?,
        Answer::Credential(served) => {
            let state = served.state.as_ref().filter(|_| capabilities.state);
            let bearer = served.bearer && capabilities.authtype;
            if bearer {
                line(&mut lines, "capability[]", b"authtype")?;
            }
            if state.is_some() {
                line(&mut lines, "capability[]", b"state")?;
            }
            if bearer {
                line(&mut lines, "authtype", BEARER.as_bytes())?;
                line(&mut lines, "credential", served.password.expose())?;
            } else {
                line(&mut lines, "username", served.username.as_bytes())?;
                line(&mut lines, "password", served.password.expose())?;
            }
            if let Some(time) = served.password_expiry_utc {
                line(
                    &mut lines,
                    "password_expiry_utc",
                    time.to_string().as_bytes(),
                )?;
            }
            if let Some(token) = &served.oauth_refresh_token {
                line(&mut lines, "oauth_refresh_token", token.expose())?;
            }
            if let Some(state) = state {
                line(&mut lines, "state[]", state.as_bytes())?;
                if served.r#continue {
                    line(&mut lines, "continue", b"1")?;
                }
            }
        }
    }
    Ok(Secret::new(lines))
}

/// The answer to the operation `capability`.
pub fn capabilities() -> &'static [u8] {
    b"version 0\ncapability authtype\ncapability state\n"
}

/// Whether a value can stand in an answer.
pub fn is_printable(value: &[u8]) -> bool {
    !value.is_empty() && !value.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0))
}

fn line(lines: &mut Vec<u8>, key: &str, value: &[u8]) -> Result<(), Unprintable> {
    if !is_printable(value) {
        return Err(Unprintable);
    }
    lines.extend_from_slice(key.as_bytes());
    lines.push(b'=');
    lines.extend_from_slice(value);
    lines.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(password: &[u8]) -> Answer {
        Answer::Credential(Served {
            username: "alice".into(),
            password: Secret::copy_of(password),
            bearer: false,
            password_expiry_utc: Some(17),
            oauth_refresh_token: None,
            state: Some("bitbucket:1".into()),
            r#continue: true,
        })
    }

    fn written(answer: &Answer, state: bool) -> String {
        let capabilities = Capabilities {
            authtype: true,
            state,
        };
        match write(answer, capabilities) {
            Ok(bytes) => String::from_utf8_lossy(bytes.expose()).into_owned(),
            Err(Unprintable) => "unprintable".to_owned(),
        }
    }

    #[test]
    fn state_is_sent_only_when_negotiated_and_capabilities_come_first() {
        assert_eq!(
            written(&served(b"secret"), false),
            "username=alice\npassword=secret\npassword_expiry_utc=17\n"
        );
        assert_eq!(
            written(&served(b"secret"), true),
            "capability[]=state\nusername=alice\npassword=secret\npassword_expiry_utc=17\nstate[]=bitbucket:1\ncontinue=1\n"
        );
    }

    #[test]
    fn bearer_is_for_those_who_know_it() {
        for (authtype, state, expected) in [
            (
                true,
                true,
                "capability[]=authtype\ncapability[]=state\nauthtype=Bearer\ncredential=secret\n\
                 password_expiry_utc=17\nstate[]=bitbucket:1\ncontinue=1\n",
            ),
            (
                true,
                false,
                "capability[]=authtype\nauthtype=Bearer\ncredential=secret\n\
                 password_expiry_utc=17\n",
            ),
            (
                false,
                false,
                "username=alice\npassword=secret\npassword_expiry_utc=17\n",
            ),
        ] {
            let Answer::Credential(mut served) = served(b"secret") else {
                panic!("a credential");
            };
            served.bearer = true;
            let written = write(
                &Answer::Credential(served),
                Capabilities { authtype, state },
            );
            let written = written.unwrap_or_else(|_| panic!("printable"));
            assert_eq!(written.expose_text(), Some(expected), "{authtype} {state}");
        }
    }

    #[test]
    fn what_renews_it_goes_back_to_whoever_brought_it() {
        let Answer::Credential(mut lent) = served(b"secret") else {
            panic!("no credential");
        };
        lent.oauth_refresh_token = Some(Secret::copy_of(b"refresh"));
        assert_eq!(
            written(&Answer::Credential(lent), false),
            "username=alice\npassword=secret\npassword_expiry_utc=17\n\
             oauth_refresh_token=refresh\n"
        );
    }

    #[test]
    fn capabilities_are_told_as_git_reads_them() {
        let text = b"version 0\ncapability authtype\ncapability state\n";
        assert_eq!(capabilities(), text);
    }

    #[test]
    fn silence_and_quit() {
        assert_eq!(written(&Answer::Silence, true), "");
        assert_eq!(written(&Answer::Quit, true), "quit=1\n");
    }

    /// S17: a stored token with a line end would forge another line.
    #[test]
    fn values_that_would_forge_lines_are_never_written() {
        for bad in [&b"a\nb"[..], b"a\rb", b"a\0b", b""] {
            assert_eq!(written(&served(bad), true), "unprintable");
        }
    }
}
