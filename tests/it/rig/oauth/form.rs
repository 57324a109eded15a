//! The fields of a query or of a form.

use url::form_urlencoded;

/// The fields of a query or a form; `None` if one is there twice.
pub fn fields(text: &[u8]) -> Option<Vec<(String, String)>> {
    let all: Vec<(String, String)> = form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let is_single = |(name, _): &(String, String)| all.iter().filter(|it| it.0 == *name).count();
    all.iter().all(|it| is_single(it) == 1).then_some(all)
}

pub fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}
