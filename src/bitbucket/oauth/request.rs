//! The requests for tokens: each one POST, sent once, as Git's user configured the network.

use super::answer::{Answered, Tokens};
use super::attempt::Attempt;
use super::{Client, Proof, Provider};
use crate::bitbucket::outcomes::Uncertainty;
use crate::git::Config;
use crate::network::{self, Authorization, Response, Settings, Trouble};
use crate::secret::Secret;
use crate::trace;
use std::time::{Duration, Instant};
use url::Url;
use url::form_urlencoded::Serializer;

/// How long one request may take.
pub const LONGEST_REQUEST: Duration = Duration::from_secs(10);

/// Makes tokens of the code that the browser brought.
pub fn exchange(
    provider: &Provider,
    client: &Client,
    attempt: &Attempt,
    code: &Secret,
    config: &Config,
) -> Answered {
    let redirect = Secret::copy_of(attempt.redirect.as_bytes());
    let fields = [
        ("grant_type", "authorization_code", None),
        ("code", "", Some(code)),
        ("redirect_uri", "", Some(&redirect)),
        ("code_verifier", "", Some(&attempt.verifier)),
    ];
    ask(provider, client, &fields, config)
}

/// Makes new tokens of a refresh token, which is used up by it. The redirect is the one of
/// the sign-in, for sites that want it again.
pub fn renew(provider: &Provider, client: &Client, refresh: &Secret, config: &Config) -> Answered {
    let redirect = Secret::new(client.redirect.registered().into_bytes());
    let mut fields = vec![
        ("grant_type", "refresh_token", None),
        ("refresh_token", "", Some(refresh)),
    ];
    if provider.redirect_on_renewal {
        fields.push(("redirect_uri", "", Some(&redirect)));
    }
    let mut answered = ask(provider, client, &fields, config);
    // A site that does not rotate them sends none.
    if let Answered::Granted(Tokens {
        refresh: new @ None,
        ..
    }) = &mut answered
    {
        *new = Some(refresh.duplicate());
    }
    answered
}

/// Ends a grant at the server. `Ok(false)`: the site has no way to.
pub fn revoke(
    provider: &Provider,
    client: &Client,
    refresh: &Secret,
    config: &Config,
) -> Result<bool, Uncertainty> {
    let Some(url) = &provider.revoke else {
        return Ok(false);
    };
    let fields = [("token", "", Some(refresh))];
    let (head, _) = post(provider, url, client, &fields, config).map_err(Uncertainty::Network)?;
    if head.status == 200 {
        Ok(true)
    } else {
        Err(Uncertainty::of_status(&head))
    }
}

/// A field of a form: its name, and its value, which is a plain word or a secret.
type Field<'a> = (&'a str, &'static str, Option<&'a Secret>);

fn ask(provider: &Provider, client: &Client, fields: &[Field], config: &Config) -> Answered {
    let answered = match post(provider, &provider.token, client, fields, config) {
        Ok((head, body)) => Answered::read(&head, &body),
        Err(trouble) => Answered::Unknown(Uncertainty::Network(trouble)),
    };
    trace::tell("tokens", &[&answered]);
    answered
}

fn post(
    provider: &Provider,
    url: &str,
    client: &Client,
    fields: &[Field],
    config: &Config,
) -> Result<(Response, Secret), Trouble> {
    let settings = Settings::of(&Url::parse(url).map_err(|_| Trouble::Broken)?, config)?;
    let sender = network::Client::new(&settings, Instant::now() + LONGEST_REQUEST)?;
    let authorization = match provider.proof {
        Proof::Basic => Authorization::Basic(&client.id, &client.secret),
        Proof::Form => Authorization::Nobody,
    };
    let form = form(provider, client, fields).ok_or(Trouble::Broken)?;
    sender.post(url, &form, &authorization)
}

/// The form as it is sent; `None` if a secret is no text.
fn form(provider: &Provider, client: &Client, fields: &[Field]) -> Option<Secret> {
    let mut form = Serializer::new(String::with_capacity(16 * 1024));
    for (name, word, secret) in fields {
        let value = match secret {
            Some(secret) => secret.expose_text()?,
            None => word,
        };
        form.append_pair(name, value);
    }
    if provider.proof == Proof::Form {
        form.append_pair("client_id", &client.id);
        form.append_pair("client_secret", client.secret.expose_text()?);
    }
    Some(Secret::new(form.finish().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::CLOUD;
    use super::super::attempt::tests::client;
    use super::*;

    #[test]
    fn a_form_has_the_client_only_where_basic_is_not_taken() {
        let token = Secret::copy_of(b"a+b/c= &d");
        let fields = [
            ("grant_type", "refresh_token", None),
            ("refresh_token", "", Some(&token)),
        ];
        let inside = Provider {
            proof: Proof::Form,
            ..CLOUD.clone()
        };
        for (provider, expected) in [
            (
                &CLOUD,
                "grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D+%26d",
            ),
            (
                &inside,
                "grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D+%26d&client_id=an+id\
                 &client_secret=hush",
            ),
        ] {
            let form = form(provider, &client(), &fields).unwrap();
            assert_eq!(form.expose_text(), Some(expected));
        }
    }

    #[test]
    fn a_data_center_s_addresses_lie_below_its_own() {
        for address in [
            "https://git.acme.test:8443/bitbucket",
            "https://git.acme.test",
        ] {
            let provider = Provider::of_data_center(address);
            for (found, expected) in [
                (&provider.authorize, "rest/oauth2/latest/authorize"),
                (&provider.token, "rest/oauth2/latest/token"),
            ] {
                assert_eq!(**found, format!("{address}/{expected}"));
                assert!(Url::parse(found).is_ok());
            }
            assert!(provider.redirect_on_renewal && provider.proof == Proof::Form);
            assert_eq!((provider.revoke, provider.has_common_client), (None, false));
        }
    }

    #[test]
    fn every_address_of_the_cloud_is_one() {
        let all = [&CLOUD.authorize, &CLOUD.token];
        for address in all.into_iter().chain(&CLOUD.revoke) {
            let url = Url::parse(address).unwrap();
            assert_eq!(
                (url.scheme(), url.host_str()),
                ("https", Some("bitbucket.org"))
            );
        }
    }
}
