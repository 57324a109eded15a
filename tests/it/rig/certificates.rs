//! A certificate authority of one test, and the servers' certificates: the right one and
//! those that nobody should accept.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// By so much a clock is wrong.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the server can present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    #[default]
    Right,
    /// From an authority that nobody knows.
    Untrusted,
    WrongName,
    /// Since yesterday: to a clock a day ahead it looks so.
    Expired,
    /// Until tomorrow: to a clock a day behind it looks so.
    NotYetValid,
    /// The right one, and the client's own is asked for.
    AsksForOurs,
}

impl Certificate {
    pub const ALL: [Self; 6] = [
        Self::Right,
        Self::Untrusted,
        Self::WrongName,
        Self::Expired,
        Self::NotYetValid,
        Self::AsksForOurs,
    ];
}

/// An authority, and another that nobody knows.
pub struct Authority {
    /// Its own certificate, as for `http.sslCAInfo`.
    pub pem: String,
    trusted: Issuer<'static, KeyPair>,
    untrusted: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let (pem, trusted) = issuer("Authority of one test");
        let (_, untrusted) = issuer("Somebody else");
        Self {
            pem,
            trusted,
            untrusted,
        }
    }

    /// Signs what a server of these names can present.
    pub fn certificates(&self, names: &[&str]) -> Certificates {
        let signed = Certificate::ALL.map(|certificate| {
            let issuer = match certificate {
                Certificate::Untrusted => &self.untrusted,
                _ => &self.trusted,
            };
            Arc::new(configuration(certificate, names, issuer))
        });
        Certificates(signed.into())
    }
}

/// What one server can present.
pub struct Certificates(Vec<Arc<ServerConfig>>);

impl Certificates {
    /// What serves TLS with this certificate.
    pub fn configuration(&self, certificate: Certificate) -> Arc<ServerConfig> {
        let position = Certificate::ALL.iter().position(|one| *one == certificate);
        self.0[position.expect("one of all")].clone()
    }
}

fn issuer(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.distinguished_name.push(DnType::CommonName, name);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    (certificate.pem(), Issuer::new(parameters, key))
}

fn configuration(
    certificate: Certificate,
    names: &[&str],
    issuer: &Issuer<'_, KeyPair>,
) -> ServerConfig {
    let names: &[&str] = match certificate {
        Certificate::WrongName => &["bitbucket.example.com"],
        _ => names,
    };
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut parameters = CertificateParams::new(names).expect("host names");
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Server of one test");
    match certificate {
        Certificate::Expired => parameters.not_after = (SystemTime::now() - DAY).into(),
        Certificate::NotYetValid => parameters.not_before = (SystemTime::now() + DAY).into(),
        _ => {}
    }
    let key = KeyPair::generate().expect("a key");
    let signed = parameters.signed_by(&key, issuer).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone());
    let builder = if certificate == Certificate::AsksForOurs {
        let mut authorities = RootCertStore::empty();
        authorities
            .add(signed.der().clone())
            .expect("a certificate");
        let verifier = WebPkiClientVerifier::builder_with_provider(authorities.into(), provider);
        // Since TLS 1.3 the client hears of it only after it has sent its request.
        builder
            .with_protocol_versions(&[&TLS12])
            .expect("a TLS version of the provider")
            .with_client_cert_verifier(verifier.build().expect("a verifier"))
    } else {
        builder
            .with_safe_default_protocol_versions()
            .expect("TLS versions of the provider")
            .with_no_client_auth()
    };
    let mut configuration = builder
        .with_single_cert(vec![signed.der().clone()], private)
        .expect("a certificate that fits its key");
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    configuration
}
