//! One attempt at signing in: what is made up for it, and the address that the browser opens.
//! What comes back is judged in `callback`.

use super::{Client, Provider};
use crate::secret::Secret;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

/// One attempt, which ends with its callback.
pub struct Attempt {
    /// Comes back with the browser: who does not know it has not been sent by us.
    pub(super) state: String,
    /// Whose digest goes with the browser, and which itself goes with the code (RFC 7636).
    pub(super) verifier: Secret,
    /// Where the browser comes back to.
    pub(super) redirect: String,
    /// The path of that.
    pub(super) path: String,
}

/// The system gives no random bytes, without which nobody can sign in.
#[derive(Debug)]
pub struct NoRandomness;

impl Attempt {
    /// An attempt for whoever listens at this port.
    pub fn new(client: &Client, port: u16) -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; 64]);
        getrandom::fill(&mut *bytes).map_err(|_| NoRandomness)?;
        let (state, verifier) = bytes.split_at(32);
        Ok(Self::of(client, port, state, verifier))
    }

    fn of(client: &Client, port: u16, state: &[u8], verifier: &[u8]) -> Self {
        let text = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Self {
            state: text(state),
            verifier: Secret::new(text(verifier).into_bytes()),
            redirect: client.redirect.address(port),
            path: client.redirect.path().to_owned(),
        }
    }

    /// The address that the browser opens. It has no secret: the state serves nobody who does
    /// not listen here, and of the verifier it has a digest.
    pub fn address(&self, provider: &Provider, client: &Client) -> String {
        // A provider's addresses are parsed by a test, or by whoever made the site.
        let Ok(mut url) = Url::parse(&provider.authorize) else {
            return String::new();
        };
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &client.id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("state", &self.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(scopes) = provider.scopes {
            query.append_pair("scope", scopes);
        }
        drop(query);
        url.into()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{CLOUD, Redirect};
    use super::*;

    pub fn client() -> Client {
        Client {
            id: "an id".into(),
            secret: Secret::copy_of(b"hush"),
            redirect: Redirect::parse(CLOUD.callback).unwrap(),
        }
    }

    /// An attempt whose state is `AQEB…`.
    pub fn attempt() -> Attempt {
        // The verifier of the example in RFC 7636, appendix B.
        let verifier = BASE64_URL_SAFE_NO_PAD
            .decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
            .unwrap();
        Attempt::of(&client(), 4321, &[1; 32], &verifier)
    }

    #[test]
    fn the_address_has_all_that_the_server_wants_and_no_secret() {
        let address = attempt().address(&CLOUD, &client());
        assert_eq!(
            address,
            "https://bitbucket.org/site/oauth2/authorize?client_id=an+id&response_type=code\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4321%2Fcallback\
             &state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
             &code_challenge_method=S256"
        );
        let scoped = Provider {
            scopes: Some("REPO_WRITE"),
            ..CLOUD.clone()
        };
        let address = attempt().address(&scoped, &client());
        assert!(address.ends_with("&scope=REPO_WRITE"), "{address}");
    }

    #[test]
    fn no_two_attempts_share_anything() {
        let [one, other] = [(); 2].map(|()| Attempt::new(&client(), 1).unwrap());
        assert_ne!(one.state, other.state);
        assert!(one.verifier != other.verifier);
        assert!(one.verifier.expose() != one.state.as_bytes());
        assert_eq!((one.state.len(), one.verifier.expose().len()), (43, 43));
    }
}
