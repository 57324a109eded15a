//! Stores that keep all their items in one text, which is replaced whole: what
//! `memory` and `file` have in common. Where the text lies is theirs.

use super::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::lock::Lock;
use crate::reason::Reason;
use crate::secret::Secret;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What the text begins with; the number is the format's version.
const HEADER: &[u8] = b"git-credential-bitbucket:1";

/// How long other writers are waited for. Each of them takes milliseconds, but on a busy
/// machine many may come at once, and to give up would lose what was to be kept.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// A place for one text. Each call ends by its deadline, as far as the system lets it.
pub(super) trait TextPlace {
    /// How messages call the store.
    fn name(&self) -> &'static str;

    /// The lock without which nothing is written.
    fn lock(&self) -> Result<Lock, Failure>;

    /// The text; `None` if there is none, never if it cannot be read.
    fn read(&self, deadline: Instant) -> Result<Option<Secret>, Failure>;

    /// Puts the text in place of what is there, or takes that away.
    fn replace(&self, text: Option<&Secret>, deadline: Instant) -> Result<(), Failure>;

    /// What to do about a text that cannot be understood.
    fn remedy(&self) -> String;
}

/// The store that keeps all in this place.
pub(super) struct TextStore<P>(pub P);

struct Record {
    service: Secret,
    account: Secret,
    payload: Secret,
}

impl<P: TextPlace> TextStore<P> {
    fn records(&self, deadline: Instant) -> Result<Vec<Record>, Failure> {
        match self.0.read(deadline)? {
            None => Ok(Vec::new()),
            Some(text) => {
                decode(&text).map_err(|why| Failure::Failed(Reason::new(why, self.0.remedy())))
            }
        }
    }

    fn replace(&self, records: &[Record], deadline: Instant) -> Result<(), Failure> {
        let text = (!records.is_empty()).then(|| encode(records));
        self.0.replace(text.as_ref(), deadline)
    }

    /// Nobody else writes as long as the lock lives.
    fn alone(&self) -> Result<Lock, Failure> {
        let lock = self.0.lock()?;
        if lock.take(LONGEST_WAIT, |_| {}) {
            Ok(lock)
        } else {
            Err(Failure::Unreachable(Reason::fixed(
                "another process is writing to it still",
                "try again",
            )))
        }
    }
}

impl<P: TextPlace> Store for TextStore<P> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn items(&self, service: &str, account: Option<&str>, _: Unlock) -> Result<Vec<Kept>, Failure> {
        let mut records = self.records(deadline())?;
        records.retain(|record| {
            is(&record.service, service)
                && account.is_none_or(|account| is(&record.account, account))
        });
        Ok(records.into_iter().map(Kept::from).collect())
    }

    fn write(&self, service: &str, item: &Item, _: Unlock) -> Result<(), Failure> {
        let _alone = self.alone()?;
        let deadline = deadline();
        let mut records = self.records(deadline)?;
        records
            .retain(|record| !(is(&record.service, service) && is(&record.account, &item.account)));
        records.push(Record {
            service: Secret::copy_of(service.as_bytes()),
            account: Secret::copy_of(item.account.as_bytes()),
            payload: item.payload.duplicate(),
        });
        self.replace(&records, deadline)
    }

    fn delete(&self, service: &str, kept: &Kept, _: Unlock) -> Result<Deletion, Failure> {
        let _alone = self.alone()?;
        let deadline = deadline();
        let mut records = self.records(deadline)?;
        let before = records.len();
        records.retain(|record| {
            !(is(&record.service, service)
                && is(&record.account, &kept.handle)
                && record.payload == kept.payload)
        });
        if records.len() == before {
            return Ok(Deletion::Unchanged);
        }
        self.replace(&records, deadline)?;
        Ok(Deletion::Deleted)
    }
}

impl From<Record> for Kept {
    fn from(record: Record) -> Self {
        Self {
            handle: String::from_utf8_lossy(record.account.expose()).into_owned(),
            payload: record.payload,
        }
    }
}

fn is(found: &Secret, wanted: &str) -> bool {
    found.expose() == wanted.as_bytes()
}

/// No dialog is ever open, whoever is there.
fn deadline() -> Instant {
    Instant::now() + Unlock::Never.limit()
}

/// How long it is until then.
#[cfg(unix)]
pub(super) fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// Words with one space between: the header, three in hexadecimal for each record (service,
/// account, payload), and a checksum of all before it. No word has a line end, so that a
/// line of Git's protocol can hold it.
fn encode(records: &[Record]) -> Secret {
    let words = || {
        records
            .iter()
            .flat_map(|record| [&record.service, &record.account, &record.payload])
    };
    let digits: usize = words().map(|word| 1 + 2 * word.expose().len()).sum();
    // All that it will need, so that no copy stays behind where it grew.
    let mut text = Vec::with_capacity(HEADER.len() + digits + 9);
    text.extend_from_slice(HEADER);
    for word in words() {
        text.push(b' ');
        push_hexadecimal(&mut text, word.expose());
    }
    let checksum = crc32fast::hash(&text).to_be_bytes();
    text.push(b' ');
    push_hexadecimal(&mut text, &checksum);
    Secret::new(text)
}

/// The records, or what is wrong with the text.
fn decode(text: &Secret) -> Result<Vec<Record>, &'static str> {
    const DAMAGED: &str = "what it keeps is damaged";
    let text = text.expose();
    let version = HEADER.len() - 1;
    let header = text.split(|&byte| byte == b' ').next().unwrap_or_default();
    if header != HEADER {
        return Err(
            if header.starts_with(&HEADER[..version]) && header.len() > version {
                "what it keeps was written by another version of this program"
            } else {
                DAMAGED
            },
        );
    }
    let end = text.iter().rposition(|&byte| byte == b' ').ok_or(DAMAGED)?;
    let checksum = from_hexadecimal(&text[end + 1..]).ok_or(DAMAGED)?;
    if checksum.expose() != crc32fast::hash(&text[..end]).to_be_bytes() {
        return Err(DAMAGED);
    }
    let mut words = text[..end].split(|&byte| byte == b' ').skip(1);
    let mut records = Vec::new();
    while let Some(service) = words.next() {
        let word = |word: Option<&[u8]>| word.and_then(from_hexadecimal).ok_or(DAMAGED);
        records.push(Record {
            service: word(Some(service))?,
            account: word(words.next())?,
            payload: word(words.next())?,
        });
    }
    Ok(records)
}

/// The same text in half as many bytes, for a place that takes any of them: the header, a zero
/// byte, and each word as it is before hexadecimal, with its length before it.
#[cfg(target_os = "linux")]
pub(super) fn pack(text: &Secret) -> Option<Secret> {
    let words = text.expose().strip_prefix(HEADER)?.strip_prefix(b" ")?;
    // More than it will need, so that no copy stays behind where it grew.
    let mut packed = Vec::with_capacity(HEADER.len() + 1 + 2 * words.len());
    packed.extend_from_slice(HEADER);
    packed.push(0);
    for word in words.split(|&byte| byte == b' ') {
        let bytes = from_hexadecimal(word)?;
        let length = u32::try_from(bytes.expose().len()).ok()?;
        packed.extend_from_slice(&length.to_be_bytes());
        packed.extend_from_slice(bytes.expose());
    }
    Some(Secret::new(packed))
}

/// The text that was packed; what was not is the text itself. Whether it is whole is for
/// [`decode`] to say, of which nothing that is damaged passes.
#[cfg(target_os = "linux")]
pub(super) fn unpack(packed: Secret) -> Secret {
    let marked = packed.expose().strip_prefix(HEADER);
    let Some(mut rest) = marked.and_then(|it| it.strip_prefix(b"\0")) else {
        return packed;
    };
    let mut text = Vec::with_capacity(HEADER.len() + 2 * rest.len());
    text.extend_from_slice(HEADER);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let Some((word, after)) = after.split_at_checked(length) else {
            return Secret::new(Vec::new());
        };
        text.push(b' ');
        push_hexadecimal(&mut text, word);
        rest = after;
    }
    if rest.is_empty() {
        Secret::new(text)
    } else {
        Secret::new(Vec::new())
    }
}

fn push_hexadecimal(text: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.extend([
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
}

fn from_hexadecimal(word: &[u8]) -> Option<Secret> {
    let (pairs, rest) = word.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Large enough from the start, so that no copy stays behind where it grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for &[high, low] in pairs {
        bytes.push(digit(high)? << 4 | digit(low)?);
    }
    Some(Secret::new(std::mem::take(&mut *bytes)))
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADER, Record, Secret, decode, encode};

    fn record(service: &str, account: &str, payload: &[u8]) -> Record {
        Record {
            service: Secret::copy_of(service.as_bytes()),
            account: Secret::copy_of(account.as_bytes()),
            payload: Secret::copy_of(payload),
        }
    }

    fn sample() -> Vec<Record> {
        let all: Vec<u8> = (0..=255).collect();
        vec![
            record("service:https://bitbucket.org", "alice", &all),
            record("", "", b""),
        ]
    }

    #[test]
    fn every_byte_comes_back_and_nothing_ends_a_line() {
        let text = encode(&sample());
        assert!(
            text.expose()
                .iter()
                .all(|byte| (b' '..=b'~').contains(byte))
        );
        let read = decode(&text).map_err(str::to_owned).unwrap();
        assert_eq!(read.len(), 2);
        for (read, written) in read.iter().zip(sample()) {
            assert!(read.service == written.service);
            assert!(read.account == written.account);
            assert!(read.payload == written.payload);
        }
    }

    #[test]
    fn a_text_cut_anywhere_is_damaged_and_never_empty() {
        let text = encode(&sample());
        let text = text.expose();
        for length in 0..text.len() {
            assert!(
                decode(&Secret::copy_of(&text[..length])).is_err(),
                "{length}"
            );
        }
        assert!(decode(&Secret::new([text, b" "].concat())).is_err());
    }

    #[test]
    fn a_text_with_a_byte_changed_is_damaged() {
        let text = encode(&sample());
        for position in 0..text.expose().len() {
            for change in [1, 0x20, 0x80] {
                let mut bytes = text.expose().to_vec();
                bytes[position] ^= change;
                assert!(decode(&Secret::new(bytes)).is_err(), "{position} {change}");
            }
        }
    }

    /// Half as long, the same again, and never taken for less where a byte is gone or another.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_packed_text_comes_back_whole_or_is_damaged() {
        use super::{pack, unpack};
        let text = encode(&sample());
        let packed = pack(&text).unwrap();
        let (length, long) = (packed.expose().len(), text.expose().len());
        assert!(length < long * 6 / 10, "{length} of {long}");
        assert!(unpack(packed.duplicate()) == text);
        // What an earlier version of this program left there.
        assert!(unpack(text.duplicate()) == text);
        for position in 0..length {
            let cut = Secret::copy_of(&packed.expose()[..position]);
            assert!(decode(&unpack(cut)).is_err(), "{position}");
            for change in [1, 0x20, 0x80] {
                let mut bytes = packed.expose().to_vec();
                bytes[position] ^= change;
                let changed = unpack(Secret::new(bytes));
                assert!(decode(&changed).is_err(), "{position} {change}");
            }
        }
        let longer = Secret::new([packed.expose(), b"\0"].concat());
        assert!(decode(&unpack(longer)).is_err());
        for text in [
            "",
            "git-credential-bitbucket:2 00",
            "git-credential-bitbucket:1 zz",
        ] {
            assert!(pack(&Secret::copy_of(text.as_bytes())).is_none(), "{text}");
        }
    }

    #[test]
    fn another_version_is_named() {
        for (text, expected) in [
            ("git-credential-bitbucket:2 whatever", "another version"),
            (
                "git-credential-bitbucket:10 00 00 00 00000000",
                "another version",
            ),
            ("git-credential-bitbucket:", "damaged"),
            ("{}", "damaged"),
            ("", "damaged"),
        ] {
            let reason = decode(&Secret::copy_of(text.as_bytes())).err().unwrap();
            assert!(reason.contains(expected), "{text}: {reason}");
        }
    }

    #[test]
    fn a_right_checksum_makes_no_sense_of_nonsense() {
        for words in [
            " ",
            " 00",
            " 00 00",
            " 0 00 00",
            " zz 00 00",
            " 00  00 00",
            " AA 00 00",
        ] {
            let mut text = [HEADER, words.as_bytes()].concat();
            let checksum = crc32fast::hash(&text);
            text.extend(format!(" {checksum:08x}").bytes());
            assert!(decode(&Secret::new(text)).is_err(), "{words:?}");
        }
    }
}
