//! Secrets that a script puts into standard input: a token for `login --with-token`, the secret of an
//! OAuth client for `configure --with-secret`. Read without a buffer that is never wiped.

use crate::bitbucket::token_in;
use crate::platform::StandardInput;
use crate::secret::Secret;
use anyhow::{Context, Result, anyhow, ensure};
use std::io::Read;

/// More than any token has, in bytes.
const LONGEST_TOKEN: usize = 64 * 1024;

/// The token in standard input.
pub(super) fn read_token() -> Result<Secret> {
    let text = read_input()?;
    token_in(text.expose()).map_err(|found| anyhow!("standard input {}", found.explanation()))
}

/// Any secret in standard input, of one line.
pub(super) fn read_secret() -> Result<Secret> {
    let secret = read_input()?.trimmed();
    let is_word = !secret.is_empty() && secret.expose().iter().all(u8::is_ascii_graphic);
    ensure!(
        is_word,
        "standard input has no secret, or more than one word"
    );
    Ok(secret)
}

fn read_input() -> Result<Secret> {
    let mut bytes = Vec::with_capacity(LONGEST_TOKEN);
    StandardInput
        .take(LONGEST_TOKEN as u64)
        .read_to_end(&mut bytes)
        .context("standard input cannot be read")?;
    Ok(Secret::new(bytes))
}
