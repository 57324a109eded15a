//! Addresses that a person can click: as links (OSC 8) where the terminal is known to make them,
//! else as they are. What is shown and where it leads are the same, so no link can mislead.

use std::fmt::Write as _;

/// Makes a link of each address in a text whose lines are broken already.
pub fn with_links(text: &str) -> String {
    let mut linked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("https://") {
        let (before, from_here) = rest.split_at(at);
        let end = from_here.find(|it: char| !is_of_address(it));
        let word = &from_here[..end.unwrap_or(from_here.len())];
        // A sentence may end with it.
        let address = word.trim_end_matches(['.', ',', ';', ':', '?', '!', ')', '\'']);
        linked.push_str(before);
        // Writing to a String cannot fail.
        let _ = write!(
            linked,
            "\u{1b}]8;;{address}\u{1b}\\{address}\u{1b}]8;;\u{1b}\\"
        );
        rest = &from_here[address.len()..];
    }
    linked + rest
}

/// Whether it may stand in a URL as it is (RFC 3986).
fn is_of_address(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character)
}

#[cfg(test)]
mod tests {
    use super::with_links;

    #[test]
    fn an_address_is_a_link_to_itself_and_all_else_stays() {
        let link =
            |address: &str| format!("\u{1b}]8;;{address}\u{1b}\\{address}\u{1b}]8;;\u{1b}\\");
        let page = link("https://id.atlassian.com/a-b?c=d");
        for (text, expected) in [
            ("nothing here", "nothing here".to_owned()),
            ("https://id.atlassian.com/a-b?c=d", page.clone()),
            (
                "at https://id.atlassian.com/a-b?c=d.\nThen",
                format!("at {page}.\nThen"),
            ),
            (
                "(https://id.atlassian.com/a-b?c=d), http://x.test",
                format!("({page}), http://x.test"),
            ),
            // What is no part of an address ends it: an escape spelled out, another script.
            ("https://a.test\\u{1b}", link("https://a.test") + "\\u{1b}"),
            ("https://a.test/ü", link("https://a.test/") + "ü"),
        ] {
            assert_eq!(with_links(text), expected, "{text}");
        }
    }
}
