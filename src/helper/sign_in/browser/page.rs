//! The page that ends a sign-in in the browser: one small page that needs nothing else and
//! says nothing but what happened. It takes its address, which has a code in it, out of the
//! browser's sight.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// It worked.
    SignedIn,
    /// The person did not agree.
    Denied,
    /// It did not work.
    Failed,
}

/// Puts the bare path in place of the address.
const SCRIPT: &str = "history.replaceState(null,'','/')";

impl Page {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::SignedIn => (
                "You are signed in",
                "Git goes on in the terminal. You can close this page.",
            ),
            Self::Denied => (
                "You are not signed in",
                "You did not agree, so nothing was kept. You can close this page.",
            ),
            Self::Failed => (
                "You are not signed in",
                "The terminal says why and what to do. You can close this page.",
            ),
        }
    }

    /// The whole answer to the browser.
    pub fn response(self) -> String {
        let (title, text) = self.words();
        let body = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:1.1em sans-serif;margin:20vh auto;max-width:30em}}</style>\
             <script>{SCRIPT}</script><h1>{title}</h1><p>{text}</p></html>\n"
        );
        let digest = BASE64_STANDARD.encode(Sha256::digest(SCRIPT));
        let policy =
            format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'");
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\nContent-Security-Policy: {policy}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }
}

/// The answer to whatever is not the browser that comes back.
pub const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\
    Cache-Control: no-store\r\nConnection: close\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_asks_for_nothing() {
        for page in [Page::SignedIn, Page::Denied, Page::Failed] {
            let response = page.response();
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
            assert!(body.contains(page.words().0) && body.contains(page.words().1));
            for reference in ["src=", "href=", "url(", "http"] {
                assert!(!body.contains(reference), "{body}");
            }
        }
    }
}
