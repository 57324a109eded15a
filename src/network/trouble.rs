//! Why there is no answer, and how that is told from what the HTTP library reports.

use crate::trace::Harmless;
use rustls::{AlertDescription as Alert, CertificateError as Certificate};
use std::error::Error;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The deadline passed.
    TimedOut,
    /// The server's name does not resolve.
    NameNotFound,
    /// No connection to the server (or none at all).
    NotConnected,
    /// The proxy cannot be reached.
    ProxyUnreachable,
    /// The proxy asks for a login (407).
    ProxyLogin,
    /// The proxy refused to connect to the server.
    ProxyRefused,
    /// The certificate is not signed by an authority that is trusted here.
    UntrustedCertificate,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is not valid at this clock's time.
    WrongTime,
    /// The server refused the connection while it was secured, as one does that asks for a
    /// certificate of ours.
    RefusedByServer,
    /// Git is configured not to verify certificates: nothing is sent then.
    VerificationDisabled,
    /// A setting of Git cannot be used, so nothing is sent; the text names it and
    /// never holds a password.
    BadSetting(String),
    /// The connection broke or the answer was not HTTP.
    Broken,
}

impl Trouble {
    /// Reads what went wrong from the chain of causes; the library's words are never shown.
    pub(super) fn of(error: &reqwest::Error, proxied: bool) -> Self {
        if let Some(trouble) = causes(error).find_map(Self::of_cause) {
            return trouble;
        }
        match (error.is_timeout(), error.is_connect()) {
            (true, _) => Self::TimedOut,
            // With a proxy, its name is the only one that is looked up here.
            (false, true) if proxied => Self::ProxyUnreachable,
            (false, true) if error.is_dns() => Self::NameNotFound,
            (false, true) => Self::NotConnected,
            (false, false) => Self::Broken,
        }
    }

    fn of_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(tls));
        }
        // The type of a tunnel's error is private to the library; its words are not.
        match cause.to_string().strip_prefix("tunnel error: ")? {
            "proxy authorization required" => Some(Self::ProxyLogin),
            "failed to create underlying connection" => None,
            _ => Some(Self::ProxyRefused),
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(reason) => match reason {
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                    Self::WrongName
                }
                Certificate::Expired
                | Certificate::ExpiredContext { .. }
                | Certificate::NotValidYet
                | Certificate::NotValidYetContext { .. } => Self::WrongTime,
                _ => Self::UntrustedCertificate,
            },
            // What a server says that asks for a client's certificate and gets none: TLS 1.3 has a
            // word for it, TLS 1.2 has not.
            rustls::Error::AlertReceived(
                Alert::CertificateRequired
                | Alert::HandshakeFailure
                | Alert::BadCertificate
                | Alert::AccessDenied,
            ) => Self::RefusedByServer,
            _ => Self::Broken,
        }
    }
}

/// Without the setting, which only people who are asked for it need.
impl Harmless for Trouble {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::TimedOut => "timed out",
            Self::NameNotFound => "name not found",
            Self::NotConnected => "not connected",
            Self::ProxyUnreachable => "proxy unreachable",
            Self::ProxyLogin => "proxy asks for a login",
            Self::ProxyRefused => "proxy refused",
            Self::UntrustedCertificate => "certificate not trusted",
            Self::WrongName => "certificate for another name",
            Self::WrongTime => "certificate not valid now",
            Self::RefusedByServer => "refused by the server",
            Self::VerificationDisabled => "certificates are not verified",
            Self::BadSetting(_) => "a setting is in the way",
            Self::Broken => "broken",
        });
    }
}

/// An error and everything below it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// What is directly below; `std::io::Error` does not name what it wraps as its source.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::Error::{AlertReceived, InvalidCertificate};

    #[test]
    fn a_certificate_is_wrong_by_its_name_its_time_or_its_signer() {
        for (error, expected) in [
            (
                InvalidCertificate(Certificate::NotValidForName),
                Trouble::WrongName,
            ),
            (InvalidCertificate(Certificate::Expired), Trouble::WrongTime),
            (
                InvalidCertificate(Certificate::NotValidYet),
                Trouble::WrongTime,
            ),
            (
                InvalidCertificate(Certificate::UnknownIssuer),
                Trouble::UntrustedCertificate,
            ),
            (
                InvalidCertificate(Certificate::BadSignature),
                Trouble::UntrustedCertificate,
            ),
            (
                InvalidCertificate(Certificate::Revoked),
                Trouble::UntrustedCertificate,
            ),
            (
                AlertReceived(Alert::CertificateRequired),
                Trouble::RefusedByServer,
            ),
            (
                AlertReceived(Alert::HandshakeFailure),
                Trouble::RefusedByServer,
            ),
            (AlertReceived(Alert::InternalError), Trouble::Broken),
            (rustls::Error::DecryptError, Trouble::Broken),
        ] {
            assert_eq!(Trouble::of_tls(&error), expected, "{error}");
        }
    }

    /// An error whose words are these.
    #[derive(Debug)]
    struct Words(&'static str);

    impl std::fmt::Display for Words {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str(self.0)
        }
    }

    impl Error for Words {}

    #[test]
    fn the_words_of_a_tunnel_tell_what_the_proxy_wants() {
        for (words, expected) in [
            (
                "tunnel error: proxy authorization required",
                Some(Trouble::ProxyLogin),
            ),
            ("tunnel error: unsuccessful", Some(Trouble::ProxyRefused)),
            (
                "tunnel error: unexpected end of file",
                Some(Trouble::ProxyRefused),
            ),
            ("tunnel error: failed to create underlying connection", None),
            ("connection reset", None),
        ] {
            assert_eq!(Trouble::of_cause(&Words(words)), expected, "{words}");
        }
    }

    #[test]
    fn what_an_io_error_wraps_is_among_the_causes() {
        let inner = std::io::Error::other(Words("tunnel error: unsuccessful"));
        let outer = std::io::Error::other(inner);
        let found: Vec<_> = causes(&outer).map(ToString::to_string).collect();
        assert_eq!(
            found.last().map(String::as_str),
            Some("tunnel error: unsuccessful")
        );
        let trouble = causes(&outer).find_map(Trouble::of_cause);
        assert_eq!(trouble, Some(Trouble::ProxyRefused));
    }

    #[test]
    fn a_setting_is_not_told_to_a_trace() {
        let mut line = String::new();
        Trouble::BadSetting("http.proxy=http://alice:secret@proxy".into()).tell(&mut line);
        assert_eq!(line, "a setting is in the way");
    }
}
