//! What gpg says for programs (`--status-fd`) when it fails. Its sentences are in the
//! person's language, and are only repeated.

use crate::keychain::Failure;
use crate::reason::Reason;
use crate::text::shown;

/// The low half of a number of libgpg-error's is what happened, the high half who says so.
const WHAT: u32 = 0xffff;

/// `GPG_ERR_TIMEOUT`, `GPG_ERR_NO_PIN_ENTRY`, `GPG_ERR_PIN_ENTRY`, `GPG_ERR_CARD_NOT_PRESENT`:
/// the passphrase is needed, and nobody could be asked, or nobody answered.
const LOCKED: [u32; 4] = [62, 85, 86, 112];

/// `GPG_ERR_BAD_PASSPHRASE`, `GPG_ERR_CANCELED`, `GPG_ERR_BAD_PIN`, `GPG_ERR_FULLY_CANCELED`.
const DISMISSED: [u32; 4] = [11, 87, 99, 198];

/// The meaning of all that pass and its gpg said before they failed.
pub fn meaning(said: &str) -> Failure {
    let words = || {
        said.lines()
            .filter_map(|line| line.strip_prefix("[GNUPG:] "))
    };
    let has = |codes: &[u32]| words().filter_map(code).any(|code| codes.contains(&code));
    let names = |keyword: &str| words().any(|line| line.split(' ').next() == Some(keyword));
    if has(&DISMISSED) {
        return Failure::Dismissed;
    }
    if has(&LOCKED) {
        return Failure::Locked;
    }
    // gpg 2.2 has no number for what its agent says, and the same sentence for all of it.
    if names("DECRYPTION_FAILED") && !names("DECRYPTION_KEY") {
        return match (names("KEY_CONSIDERED"), names("PINENTRY_LAUNCHED")) {
            (false, _) => Failure::Failed(Reason::fixed(
                "the GPG key that it is encrypted with is not on this machine",
                "import the key, or insert its card, then try again",
            )),
            (true, true) => Failure::Dismissed,
            (true, false) => Failure::Locked,
        };
    }
    let sentence = said
        .lines()
        .rfind(|line| !line.starts_with("[GNUPG:]") && !line.trim().is_empty());
    let why = shown(sentence.unwrap_or("pass failed without a word").trim());
    Failure::Failed(Reason::new(why, "correct that, then try again"))
}

/// The number in `ERROR <where> <number>` or `FAILURE <where> <number>`.
fn code(line: &str) -> Option<u32> {
    let mut words = line.split(' ');
    if !matches!(words.next(), Some("ERROR" | "FAILURE")) {
        return None;
    }
    let number: u32 = words.nth(1)?.parse().ok()?;
    Some(number & WHAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_dismissed_and_failed_are_never_mixed() {
        let missing = "the GPG key that it is encrypted with is not on this machine";
        for (said, expected) in [
            // gpg 2.2 with --pinentry-mode=error.
            (
                "[GNUPG:] ENC_TO 1234567890ABCDEF 18 0\n[GNUPG:] KEY_CONSIDERED 30A5 0\n\
                 [GNUPG:] DECRYPTION_FAILED\ngpg: Entschlüsselung fehlgeschlagen\n",
                "locked",
            ),
            // The same with a dialog that was closed, or a wrong passphrase.
            (
                "[GNUPG:] KEY_CONSIDERED 30A5 0\n[GNUPG:] PINENTRY_LAUNCHED 3\n\
                 [GNUPG:] DECRYPTION_FAILED\ngpg: decryption failed: No secret key\n",
                "dismissed",
            ),
            (
                "[GNUPG:] ENC_TO 1234567890ABCDEF 18 0\n[GNUPG:] DECRYPTION_FAILED\n\
                 gpg: decryption failed: No secret key\n",
                missing,
            ),
            // A key that opens it, and a damaged entry.
            (
                "[GNUPG:] KEY_CONSIDERED 30A5 0\n[GNUPG:] DECRYPTION_KEY 64A4 30A5 u\n\
                 [GNUPG:] DECRYPTION_FAILED\ngpg: WARNING: message was not integrity protected\n",
                "gpg: WARNING: message was not integrity protected",
            ),
            // Those that have numbers.
            ("[GNUPG:] ERROR pkdecrypt_failed 67108949\n", "locked"),
            ("[GNUPG:] ERROR pkdecrypt_failed 83886142\n", "locked"),
            ("[GNUPG:] ERROR pkdecrypt_failed 83886179\n", "dismissed"),
            ("[GNUPG:] ERROR pkdecrypt_failed 67109062\n", "dismissed"),
            ("[GNUPG:] ERROR pkdecrypt_failed 67108875\n", "dismissed"),
            (
                "[GNUPG:] INV_RECP 10 x\ngpg: x: There is no assurance\nPassword encryption aborted.\n",
                "Password encryption aborted.",
            ),
            ("", "pass failed without a word"),
            ("ERROR x 67108949\n", "ERROR x 67108949"),
            ("[GNUPG:] ERROR\n[GNUPG:] ERROR a b\ngpg: no\n", "gpg: no"),
        ] {
            let meant = match meaning(said) {
                Failure::Locked => "locked".to_owned(),
                Failure::Dismissed => "dismissed".to_owned(),
                Failure::Failed(reason) => reason.why.into_owned(),
                other => panic!("{other:?}"),
            };
            assert_eq!(meant, expected, "{said}");
        }
    }
}
