//! S29: any bytes as a message from Git: never a panic, never a value that could become
//! another line, and an answer built from it has only keys that we may send.

use git_credential_bitbucket::protocol::{self, Answer, Served};
use git_credential_bitbucket::secret::Secret;

const ALLOWED: [&str; 9] = [
    "authtype",
    "capability[]",
    "credential",
    "username",
    "password",
    "password_expiry_utc",
    "oauth_refresh_token",
    "state[]",
    "continue",
];

/// Panics if this input breaks the promise above.
pub fn check(message: &[u8]) {
    let Ok(request) = protocol::parse(message) else {
        return;
    };
    let texts = [
        &request.protocol,
        &request.host,
        &request.path,
        &request.username,
    ];
    for text in texts.into_iter().flatten() {
        assert!(!text.chars().any(char::is_control));
    }
    let answer = Answer::Credential(Served {
        username: request.username.clone().unwrap_or_default(),
        password: request.password.unwrap_or_else(|| Secret::copy_of(message)),
        bearer: request.ephemeral,
        password_expiry_utc: request.password_expiry_utc,
        oauth_refresh_token: request.oauth_refresh_token,
        state: request.state.first().cloned(),
        r#continue: request.r#continue,
    });
    let Ok(lines) = protocol::write(&answer, request.capabilities) else {
        return;
    };
    for line in lines.expose().split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").expect("every line ends");
        let equals = line
            .iter()
            .position(|&byte| byte == b'=')
            .expect("every line has `=`");
        let key = std::str::from_utf8(&line[..equals]).expect("a key");
        assert!(ALLOWED.contains(&key), "{key}");
    }
    assert!(protocol::parse(lines.expose()).is_ok());
}
