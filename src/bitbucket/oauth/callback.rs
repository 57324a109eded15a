//! What comes back from the browser: a request at our listener, or the address that a person
//! pastes. Anything without the attempt's state is nobody's, and the wait goes on.

use super::Attempt;
use crate::secret::Secret;
use url::Url;

/// How the browser came back.
pub enum Callback {
    /// With a code to exchange.
    Code(Secret),
    /// The person did not agree.
    Denied,
    /// The server could not do it, and does not say more that is of use.
    Failed,
}

/// Why what was pasted is not the end of this attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasteFault {
    /// It is no address with an answer in it.
    NoAnswer,
    /// It belongs to another attempt.
    OtherAttempt,
}

impl Callback {
    /// Judges the first line of a request: `GET /callback?state=…&code=… HTTP/1.1`. `None`: it
    /// is not the browser that comes back.
    pub fn of_request(line: &[u8], attempt: &Attempt) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.trim_end_matches(['\r', '\n']).split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if method != "GET" || !version.starts_with("HTTP/1.") || words.next().is_some() {
            return None;
        }
        if !target.starts_with('/') || target.starts_with("//") {
            return None;
        }
        let url = Url::parse(&format!("http://127.0.0.1{target}")).ok()?;
        if url.path() != attempt.path {
            return None;
        }
        Self::of_answer(&url, attempt).ok()
    }

    /// Judges the address that a person pastes, on which their browser ended. Its host and its
    /// path are whatever made the browser stop there.
    pub fn of_pasted(text: &Secret, attempt: &Attempt) -> Result<Self, PasteFault> {
        let text = text.expose_text().map(str::trim);
        let url = text.and_then(|text| Url::parse(text).ok());
        Self::of_answer(&url.ok_or(PasteFault::NoAnswer)?, attempt)
    }

    fn of_answer(url: &Url, attempt: &Attempt) -> Result<Self, PasteFault> {
        let value = |name: &str| {
            let mut values = url.query_pairs().filter(|(known, _)| known == name);
            let first = values.next()?;
            // Two of a name contradict each other.
            let alone = values.next().is_none() && !first.1.is_empty();
            alone.then(|| Secret::copy_of(first.1.as_bytes()))
        };
        let (code, error) = (value("code"), value("error"));
        if code.is_none() && error.is_none() {
            return Err(PasteFault::NoAnswer);
        }
        let expected = Secret::copy_of(attempt.state.as_bytes());
        if value("state").is_none_or(|state| state != expected) {
            return Err(PasteFault::OtherAttempt);
        }
        Ok(match (error, code) {
            (Some(error), _) if error.expose() == b"access_denied" => Self::Denied,
            (None, Some(code)) => Self::Code(code),
            _ => Self::Failed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::tests::attempt;
    use super::*;

    const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    fn told(callback: Option<Callback>) -> String {
        match callback {
            None => "nobody's".to_owned(),
            Some(Callback::Code(code)) => {
                format!("code {}", code.expose_text().unwrap_or_default())
            }
            Some(Callback::Denied) => "denied".to_owned(),
            Some(Callback::Failed) => "failed".to_owned(),
        }
    }

    #[test]
    fn only_the_browser_that_we_sent_comes_back() {
        for (line, expected) in [
            ("GET /callback?state=@&code=abc HTTP/1.1", "code abc"),
            (
                "GET /callback?code=a%2Bb%3D&state=@ HTTP/1.0\r\n",
                "code a+b=",
            ),
            ("GET /callback?state=@&code=abc&x=y HTTP/1.1", "code abc"),
            (
                "GET /callback?error=access_denied&error_description=No&state=@ HTTP/1.1",
                "denied",
            ),
            (
                "GET /callback?error=server_error&state=@ HTTP/1.1",
                "failed",
            ),
            (
                "GET /callback?error=access_denied&code=x&state=@ HTTP/1.1",
                "denied",
            ),
            ("GET /callback?error=x&code=x&state=@ HTTP/1.1", "failed"),
            // Wrong method, path, state.
            ("POST /callback?state=@&code=abc HTTP/1.1", "nobody's"),
            ("HEAD /callback?state=@&code=abc HTTP/1.1", "nobody's"),
            ("GET /callback/?state=@&code=abc HTTP/1.1", "nobody's"),
            ("GET /?state=@&code=abc HTTP/1.1", "nobody's"),
            ("GET /favicon.ico HTTP/1.1", "nobody's"),
            ("GET /callback?state=other&code=abc HTTP/1.1", "nobody's"),
            ("GET /callback?state=@x&code=abc HTTP/1.1", "nobody's"),
            ("GET /callback?state=&code=abc HTTP/1.1", "nobody's"),
            ("GET /callback?code=abc HTTP/1.1", "nobody's"),
            ("GET /callback?error=access_denied HTTP/1.1", "nobody's"),
            // Nothing to exchange, or twice.
            ("GET /callback?state=@ HTTP/1.1", "nobody's"),
            ("GET /callback?state=@&code= HTTP/1.1", "nobody's"),
            ("GET /callback?state=@&code=a&code=b HTTP/1.1", "nobody's"),
            ("GET /callback?state=@&state=@&code=a HTTP/1.1", "nobody's"),
            ("GET /callback HTTP/1.1", "nobody's"),
            // No HTTP, or another address.
            ("GET /callback?state=@&code=abc", "nobody's"),
            ("GET /callback?state=@&code=abc HTTP/2", "nobody's"),
            ("GET /callback?state=@&code=a b HTTP/1.1", "nobody's"),
            (
                "GET http://127.0.0.1/callback?state=@&code=a HTTP/1.1",
                "nobody's",
            ),
            (
                "GET //evil.test/callback?state=@&code=a HTTP/1.1",
                "nobody's",
            ),
            ("\u{16}\u{3}\u{1}", "nobody's"),
            ("", "nobody's"),
        ] {
            let line = line.replace('@', STATE);
            let found = Callback::of_request(line.as_bytes(), &attempt());
            assert_eq!(told(found), expected, "{line}");
        }
        assert!(Callback::of_request(b"GET /\xff HTTP/1.1", &attempt()).is_none());
    }

    #[test]
    fn a_pasted_address_is_of_this_attempt() {
        use PasteFault::{NoAnswer, OtherAttempt};
        for (text, expected) in [
            (
                "http://127.0.0.1:4321/callback?state=@&code=abc",
                Ok("code abc"),
            ),
            (
                "  http://127.0.0.1:4321/callback?state=@&code=abc\n",
                Ok("code abc"),
            ),
            // A bridge of an editor, say.
            (
                "https://x.example/proxy/4321/?code=abc&state=@",
                Ok("code abc"),
            ),
            (
                "http://127.0.0.1:4321/callback?error=access_denied&state=@",
                Ok("denied"),
            ),
            (
                "http://127.0.0.1:4321/callback?state=old&code=abc",
                Err(OtherAttempt),
            ),
            ("http://127.0.0.1:4321/callback?code=abc", Err(OtherAttempt)),
            ("http://127.0.0.1:4321/callback?state=@", Err(NoAnswer)),
            (
                "https://bitbucket.org/site/oauth2/authorize?state=@",
                Err(NoAnswer),
            ),
            ("abc", Err(NoAnswer)),
            ("", Err(NoAnswer)),
        ] {
            let text = Secret::new(text.replace('@', STATE).into_bytes());
            let found = Callback::of_pasted(&text, &attempt()).map(|it| told(Some(it)));
            let found = found.as_deref().map_err(|fault| *fault);
            assert_eq!(found, expected);
        }
    }
}
