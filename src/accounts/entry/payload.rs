//! An entry as text in a keychain item: the secret on the first line, the details as one line of
//! JSON below it, and below that what renews it, if anything does.

use super::{Details, Entry};
use crate::bitbucket::{Shape, Site};
use crate::secret::Secret;

impl Entry {
    /// Reads what a keychain holds for a site. `None` if neither the form nor the secret's own
    /// shape can be recognised: then it is somebody else's, or was edited.
    pub fn from_payload(payload: &Secret, site: &Site) -> Option<Self> {
        let bytes = payload.expose();
        let (secret, rest) = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(end) => (&bytes[..end], &bytes[end + 1..]),
            None => (bytes, &[][..]),
        };
        // Of Windows, where it was put there by hand. All of them: written and read again, it is to
        // stay the same.
        let end = secret.iter().rposition(|&byte| byte != b'\r');
        let secret = Secret::copy_of(end.map_or(&[], |end| &secret[..=end]));
        let (details, refresh) = match (read_details(rest), site.shape(&secret)) {
            _ if secret.is_empty() => return None,
            (Some(known), _) => known,
            // Put there by hand: the secret's shape says enough to serve it.
            (None, Shape::Known(kind)) => (Details::new(kind, 0), None),
            (None, _) => return None,
        };
        Some(Self {
            secret,
            refresh,
            details,
            origin: None,
        })
    }

    /// The form in which a keychain holds it.
    pub fn to_payload(&self) -> Secret {
        let details = serde_json::to_vec(&self.details).unwrap_or_default();
        let refresh = self.refresh.as_ref().map(Secret::expose);
        let lines = [Some(self.secret.expose()), Some(&details), refresh];
        let payload = lines.into_iter().flatten().collect::<Vec<_>>().join(&b'\n');
        Secret::new(payload)
    }
}

/// Reads what stands below the secret: the details, and on a line of its own what renews it.
fn read_details(text: &[u8]) -> Option<(Details, Option<Secret>)> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Details>();
    let details = values.next()?.ok()?;
    let rest = text.get(values.byte_offset()..)?;
    if rest.trim_ascii().is_empty() {
        return Some((details, None));
    }
    let refresh = rest.strip_prefix(b"\n")?.trim_ascii_end();
    let is_token = refresh.iter().all(u8::is_ascii_graphic);
    is_token.then(|| (details, Some(Secret::copy_of(refresh))))
}
