//! Any values as an answer to Git: what is written reads back as the same values, and what
//! could be mistaken for another line is not written at all.

use git_credential_bitbucket::protocol::{self, Answer, Capabilities, Served};
use git_credential_bitbucket::secret::Secret;

/// The username, the password, the state and the expiry, apart from each other by `0xff`.
fn served(input: &[u8]) -> Option<Served> {
    let mut parts = input.split(|&byte| byte == 0xff);
    let mut text = || String::from_utf8(parts.next()?.to_vec()).ok();
    Some(Served {
        username: text()?,
        password: Secret::new(text()?.into_bytes()),
        bearer: input.len().is_multiple_of(3),
        state: text(),
        password_expiry_utc: text()
            .and_then(|number| number.parse().ok())
            .filter(|&time| time > 0),
        oauth_refresh_token: None,
        r#continue: input.len().is_multiple_of(2),
    })
}

/// Panics if this input breaks the promise above.
pub fn check(input: &[u8]) {
    let Some(served) = served(input) else { return };
    let capabilities = Capabilities {
        authtype: false,
        state: true,
    };
    let answer = Answer::Credential(served);
    let written = protocol::write(&answer, capabilities);
    let Answer::Credential(served) = answer else {
        return;
    };
    let password = served.password.expose_text().expect("it was text");
    let values = [
        Some(&*served.username),
        Some(password),
        served.state.as_deref(),
    ];
    let values = || values.iter().flatten();
    let breaks_lines = |text: &str| text.is_empty() || text.contains(['\n', '\r', '\0']);
    assert_eq!(written.is_err(), values().any(|text| breaks_lines(text)));
    let Ok(written) = written else { return };
    // Git may hear what we would not take from it, but never another line.
    let strange = |text: &str| {
        text.len() > 60_000
            || text
                .chars()
                .any(|c| c.is_control() || "\u{2028}\u{2029}".contains(c))
    };
    let Ok(read) = protocol::parse(written.expose()) else {
        return assert!(values().any(|text| strange(text)));
    };
    assert_eq!(read.username.as_ref(), Some(&served.username));
    assert!(read.password.as_ref() == Some(&served.password));
    assert_eq!(read.password_expiry_utc, served.password_expiry_utc);
    assert_eq!(read.r#continue, served.r#continue && served.state.is_some());
    assert!(read.protocol.is_none() && read.host.is_none() && read.path.is_none());
    assert!(!read.ephemeral && !read.capabilities.authtype && !read.has_wwwauth);
    // A strange state counts as another helper's.
    let state = served.state.filter(|text| !strange(text));
    assert_eq!(read.state, Vec::from_iter(state));
}
