//! One payload over several credentials of Windows, each of which takes 2,560 bytes. Only
//! the form, no calls: a head that says how many bytes its parts have, and the parts.

use super::Failure;
use crate::secret::Secret;
use std::fmt::Write as _;

/// The most bytes of one credential: `CRED_MAX_CREDENTIAL_BLOB_SIZE` of `wincred.h`.
pub const LARGEST: usize = 5 * 512;

/// The most parts of one payload: ten times what the longest token needs with all its
/// details. Whoever wants more has made a mistake that should be heard of.
pub const MOST: usize = 32;

/// How a head begins: no payload of text does.
const MARK: &[u8] = b"\0parts ";

/// A payload that was too large for one credential.
#[derive(Debug, PartialEq, Eq)]
pub struct Split {
    /// Names the parts, so that those of two payloads never mix.
    id: String,
    /// The payload's bytes.
    length: usize,
}

impl Split {
    /// How a payload must be split; `None` if one credential takes it as it is. An error
    /// if all of them would not take it.
    pub fn of(payload: &[u8]) -> Result<Option<Self>, Failure> {
        let length = payload.len();
        if length <= LARGEST && !payload.starts_with(MARK) {
            return Ok(None);
        }
        let most = LARGEST * MOST;
        if length > most {
            return Err(Failure::Failed(
                format!("it takes {most} bytes in one entry, and this one has {length}").into(),
            ));
        }
        let number = getrandom::u64()
            .map_err(|error| Failure::Failed(format!("no random name: {error}").into()))?;
        let mut id = String::new();
        // Writing to a String cannot fail.
        let _ = write!(id, "{number:016x}");
        Ok(Some(Self { id, length }))
    }

    /// Reads a credential; `None` if it holds a payload itself.
    pub fn from_head(head: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(head.strip_prefix(MARK)?).ok()?;
        let (id, length) = text.split_once(' ')?;
        let length = length
            .parse()
            .ok()
            .filter(|&length| length <= LARGEST * MOST)?;
        let id = id.to_owned();
        Some(Self { id, length })
    }

    /// What stands in the place of the payload.
    pub fn head(&self) -> Vec<u8> {
        let mut head = MARK.to_vec();
        head.extend_from_slice(format!("{} {}", self.id, self.length).as_bytes());
        head
    }

    /// The names of the parts, in order.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.length.div_ceil(LARGEST)).map(|number| format!("{}.{number}", self.id))
    }

    /// The payload again; `None` if the parts are not all of it.
    pub fn join(&self, parts: &[Secret]) -> Option<Secret> {
        // At once large enough, so that no copy stays behind on growing.
        let mut payload = Vec::with_capacity(self.length);
        for part in parts {
            if payload.len() + part.expose().len() > self.length {
                return None;
            }
            payload.extend_from_slice(part.expose());
        }
        let payload = Secret::new(payload);
        (payload.expose().len() == self.length).then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(payload: &[u8]) -> Vec<Secret> {
        payload.chunks(LARGEST).map(Secret::copy_of).collect()
    }

    #[test]
    fn nothing_is_cut_whatever_its_length() {
        for (length, count) in [
            (0, None),
            (1, None),
            (LARGEST - 1, None),
            (LARGEST, None),
            (LARGEST + 1, Some(2)),
            (2 * LARGEST, Some(2)),
            (2 * LARGEST + 1, Some(3)),
            // A browser sign-in: one token of 6,000 characters, and both with what is beside them.
            (6_000, Some(3)),
            (12_500, Some(5)),
            (MOST * LARGEST, Some(MOST)),
        ] {
            let payload: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
            let split = Split::of(&payload).unwrap();
            assert_eq!(split.as_ref().map(|split| split.names().count()), count);
            let Some(split) = split else { continue };
            let parts = parts(&payload);
            assert_eq!(parts.len(), split.names().count(), "{length}");
            assert!(parts.iter().all(|part| part.expose().len() <= LARGEST));
            let read = Split::from_head(&split.head());
            assert_eq!(read.as_ref(), Some(&split));
            let joined = split.join(&parts).unwrap();
            assert!(joined == Secret::new(payload), "{length}");
        }
    }

    #[test]
    fn what_no_entry_takes_is_an_error() {
        for length in [MOST * LARGEST + 1, 1 << 20] {
            let failure = Split::of(&vec![b'a'; length]).unwrap_err();
            assert_eq!(
                failure,
                Failure::Failed(
                    format!("it takes 81920 bytes in one entry, and this one has {length}").into()
                )
            );
        }
    }

    #[test]
    fn parts_that_are_not_all_of_it_are_no_payload() {
        let payload = vec![b'a'; 2 * LARGEST + 7];
        let split = Split::of(&payload).unwrap().unwrap();
        let all = parts(&payload);
        assert!(split.join(&all[..2]).is_none());
        assert!(split.join(&all[1..]).is_none());
        assert!(split.join(&[]).is_none());
        let more = parts(&vec![b'a'; 3 * LARGEST]);
        assert!(split.join(&more).is_none());
    }

    #[test]
    fn a_payload_is_never_taken_for_a_head() {
        for payload in [
            &b""[..],
            b"token\n{}",
            b"\0parts",
            b"parts 1 2",
            b"\0parts \xff 1",
            b"\0parts id",
            b"\0parts id x",
            b"\0parts id 99999999",
        ] {
            assert_eq!(Split::from_head(payload), None, "{payload:?}");
        }
        let odd = b"\0parts 0123456789abcdef 3";
        assert!(Split::of(odd).unwrap().is_some());
    }

    #[test]
    fn two_payloads_of_one_length_share_no_part() {
        let payload = vec![b'a'; LARGEST + 1];
        let [one, two] = [(), ()].map(|()| Split::of(&payload).unwrap().unwrap());
        assert!(
            one.names()
                .all(|name| two.names().all(|other| name != other))
        );
    }
}
