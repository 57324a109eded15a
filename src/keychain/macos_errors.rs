//! What the numbers mean with which the Keychain of macOS says no (`SecBase.h`).

use super::Failure;

/// The meaning of an `OSStatus`; `text` is the system's own.
pub fn meaning(status: i32, text: String) -> Failure {
    match status {
        // errSecInteractionNotAllowed, errSecInteractionRequired: it is locked and no dialog
        // may be shown, because nobody is there, we forbade it, or the session is one of ssh.
        -25308 | -25315 => Failure::Locked,
        // errSecUserCanceled, errSecAuthFailed: the dialog was closed or denied.
        -128 | -25293 => Failure::Dismissed,
        // errSecNotAvailable, errSecNoSuchKeychain, errSecInvalidKeychain,
        // errSecNoDefaultKeychain: there is none.
        -25291 | -25294 | -25295 | -25307 => Failure::Unreachable(text.into()),
        _ => Failure::Failed(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_states_are_never_mixed() {
        let text = || "text".to_owned();
        for (status, expected) in [
            (-25308, Failure::Locked),
            (-25315, Failure::Locked),
            (-128, Failure::Dismissed),
            (-25293, Failure::Dismissed),
            (-25291, Failure::Unreachable(text().into())),
            (-25294, Failure::Unreachable(text().into())),
            (-25295, Failure::Unreachable(text().into())),
            (-25307, Failure::Unreachable(text().into())),
            // Somebody else's item, a Keychain that is read-only, a full disk.
            (-61, Failure::Failed(text().into())),
            (-25244, Failure::Failed(text().into())),
            (-25292, Failure::Failed(text().into())),
            (-25299, Failure::Failed(text().into())),
            (-34, Failure::Failed(text().into())),
            (0, Failure::Failed(text().into())),
        ] {
            assert_eq!(meaning(status, text()), expected, "{status}");
        }
    }
}
