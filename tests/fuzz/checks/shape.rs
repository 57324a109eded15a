//! Any bytes as a secret for Bitbucket Cloud: only a whole token goes out without a refusal or a
//! question before it, and a whole one that is changed is whole no more.

use git_credential_bitbucket::bitbucket::shape_advice::{doubt, refusal};
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::bitbucket::{Kind, Shape};
use git_credential_bitbucket::secret::Secret;

fn with_checksum(body: &str) -> Vec<u8> {
    format!("{body}{:08X}", crc32fast::hash(body.as_bytes())).into_bytes()
}

/// What is certain of any secret's shape.
fn judge(bytes: &[u8]) -> Shape {
    let shape = CLOUD.shape(&Secret::copy_of(bytes));
    let begins = |kind: Kind| bytes.starts_with(kind.prefix().as_bytes());
    match shape {
        Shape::Known(kind) => {
            let (body, checksum) = bytes.split_at(bytes.len() - 8);
            assert_eq!(
                checksum,
                format!("{:08X}", crc32fast::hash(body)).as_bytes()
            );
            assert!(begins(kind) && bytes.iter().all(u8::is_ascii_graphic));
        }
        Shape::Damaged(kind) => assert!(begins(kind)),
        Shape::PerhapsAppPassword => assert!(bytes.len() == 20),
        Shape::Unrecognised => assert!(bytes.len() >= 40 && !bytes.contains(&b' ')),
        Shape::Foreign(_) | Shape::AccountPassword => {
            assert!(!CLOUD.kinds().iter().any(|&kind| begins(kind)));
        }
    }
    let known = matches!(shape, Shape::Known(_));
    let unsent = refusal(&CLOUD, shape).is_some();
    let asked = doubt(shape, "bitbucket.org").is_some();
    assert_eq!(
        [known, unsent, asked].iter().filter(|&&is| is).count(),
        1,
        "{shape:?}"
    );
    shape
}

/// Panics if this input breaks the promise above.
pub fn check(bytes: &[u8]) {
    judge(bytes);
    let plain = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let plain: String = plain.map(|&byte| char::from(byte)).collect();
    for (kind, prefix, length, end) in [
        (Kind::ApiToken, "ATATT3xFfGF0", 80..=800, "="),
        (Kind::AccessToken, "ATCTT3xFfGN0", 80..=800, "="),
        (Kind::AppPassword, "ATBB", 24..=24, ""),
    ] {
        let mut token = with_checksum(&format!("{prefix}{plain}{end}"));
        let whole = length.contains(&plain.len());
        let expected = if whole {
            Shape::Known(kind)
        } else {
            Shape::Damaged(kind)
        };
        assert_eq!(judge(&token), expected);
        let place = bytes.len() % token.len();
        token[place] ^= 1;
        assert!(!matches!(judge(&token), Shape::Known(_)));
    }
}
