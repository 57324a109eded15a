//! A certificate authority of one test, and the server's certificate from it.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio_rustls::rustls::{self, ServerConfig};

/// The two names the server speaks for.
pub const HOSTS: [&str; 2] = ["bitbucket.org", "api.bitbucket.org"];

/// An authority: its certificate for `http.sslCAInfo`, and what serves TLS under it.
pub struct Authority {
    pub pem: String,
    pub tls: Arc<ServerConfig>,
}

impl Authority {
    pub fn new() -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters
            .distinguished_name
            .push(DnType::CommonName, "Authority of one test");
        let authority = parameters
            .self_signed(&authority_key)
            .expect("a certificate");
        let issuer = Issuer::new(parameters, authority_key);

        let key = KeyPair::generate().expect("a key");
        let mut parameters =
            CertificateParams::new(HOSTS.map(str::to_owned)).expect("two host names");
        parameters
            .distinguished_name
            .push(DnType::CommonName, HOSTS[0]);
        let leaf = parameters.signed_by(&key, &issuer).expect("a certificate");
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions of the provider")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .expect("a certificate that fits its key");
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            pem: authority.pem(),
            tls: Arc::new(tls),
        }
    }
}
