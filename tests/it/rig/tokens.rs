//! Well-formed secrets that belong to nobody. The same seed makes the same secret.

use base64::{Engine, prelude::BASE64_STANDARD};

/// An Atlassian API token of the usual length.
pub fn api_token(seed: u64) -> String {
    with_checksum(format!("ATATT3xFfGF0{}=", letters(seed, 171)))
}

/// An access token of a repository, project or workspace.
pub fn access_token(seed: u64) -> String {
    with_checksum(format!("ATCTT3xFfGN0{}=", letters(seed, 171)))
}

/// An app password of the newer style.
pub fn app_password(seed: u64) -> String {
    with_checksum(format!("ATBB{}", letters(seed, 24)))
}

/// An app password of the older style: 20 letters and digits, no checksum.
pub fn old_app_password(seed: u64) -> String {
    letters(seed, 20)
}

/// An OAuth access token: opaque, without a known beginning.
pub fn oauth_token(seed: u64) -> String {
    oauth_token_of_length(seed, 2600)
}

/// The same in another length.
pub fn oauth_token_of_length(seed: u64, length: usize) -> String {
    letters(seed, length)
}

/// An HTTP access token of a Data Center: of a user, a project or a repository.
pub fn data_center_token(seed: u64) -> String {
    format!("BBDC-{}", old_data_center_token(seed))
}

/// The same of before 8.0: the id and 20 bytes, in the alphabet that has `+` and `/`.
pub fn old_data_center_token(seed: u64) -> String {
    let id = 434_239_476_055 + seed;
    // Letters and digits alone would make none of the two.
    let random = letters(seed, 18).into_bytes();
    BASE64_STANDARD.encode([format!("{id:012}:").as_bytes(), &[0xfb, 0xff], &random].concat())
}

/// The last eight characters are the CRC-32/IEEE of all before, in upper-case hexadecimal.
fn with_checksum(body: String) -> String {
    let checksum = format!("{:08X}", crc32fast::hash(body.as_bytes()));
    body + &checksum
}

/// Letters and digits from a linear congruential generator (Knuth's MMIX constants).
fn letters(seed: u64, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let number = usize::try_from(state >> 33).expect("31 bits");
            char::from(ALPHABET[number % ALPHABET.len()])
        })
        .collect()
}
