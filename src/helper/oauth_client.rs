//! Which OAuth client people sign in with: the one that Git's configuration names, else the one
//! in the store, else one that was built in. Nobody's is shipped with the source.

use super::session::Session;
use crate::accounts::KeptClient;
use crate::bitbucket::Site;
use crate::bitbucket::oauth::{Client, Redirect};
use crate::keychain::Unlock;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;

/// A client that a packager or a company has built in; its secret is none to whoever has the
/// program.
const BUILT_IN: (Option<&str>, Option<&str>) = (
    option_env!("BITBUCKET_OAUTH_CLIENT_ID"),
    option_env!("BITBUCKET_OAUTH_CLIENT_SECRET"),
);

/// What Git's configuration says, in git-credential-oauth's keys.
#[derive(Default)]
struct Settings<'a> {
    id: Option<&'a str>,
    secret: Option<&'a str>,
    redirect: Option<&'a str>,
}

/// Who knows something of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientOrigin {
    /// Git's configuration.
    Settings,
    /// The store.
    Store,
    /// Whoever built this program.
    Builder,
}

/// A client, and where it is known from.
pub struct KnownClient {
    /// The client itself.
    pub client: Client,
    /// Who names it.
    pub named_by: ClientOrigin,
    /// Who has its secret.
    pub secret_of: ClientOrigin,
}

impl Session {
    /// The client to sign in with; `None` where there is none, or where the site signs nobody
    /// in. `Err`: one is named, and cannot be used.
    pub fn client(&self) -> Option<Result<Client, Reason>> {
        Some(self.known_client()?.map(|known| known.client))
    }

    /// The same, and where it is known from.
    pub fn known_client(&self) -> Option<Result<KnownClient, Reason>> {
        let provider = self.site.oauth()?;
        let (config, url) = (self.config(), self.url());
        let setting = |key| config.trusted_credential(&url, key);
        let settings = Settings {
            id: setting("oauthclientid"),
            secret: setting("oauthclientsecret"),
            redirect: setting("oauthredirecturl"),
        };
        let kept = self.vault().client(Unlock::Never).ok().flatten();
        let built_in = Some(BUILT_IN).filter(|_| provider.has_common_client);
        choose(&self.site, &settings, kept, built_in.unwrap_or_default())
    }

    /// The client of this name.
    pub fn client_named(&self, id: &str) -> Result<Client, Reason> {
        match self.client() {
            Some(Ok(client)) if client.id == id => Ok(client),
            Some(Err(reason)) => Err(reason),
            _ => Err(Reason::new(
                format!(
                    "the OAuth client {} that it came from is not known here",
                    shown(id)
                ),
                format!("enter it again: {}", self.site.client_command()),
            )),
        }
    }
}

fn choose(
    site: &Site,
    settings: &Settings,
    kept: Option<KeptClient>,
    built_in: (Option<&str>, Option<&str>),
) -> Option<Result<KnownClient, Reason>> {
    use ClientOrigin::{Builder, Settings as InSettings, Store};
    let named = |text: Option<&str>| {
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let secret = |text: String| Secret::new(text.into_bytes());
    let built_in = named(built_in.0).zip(named(built_in.1).map(secret));
    let built_in = built_in.map(|(id, secret)| (id, secret, Builder));
    let kept = kept.map(|kept| (kept.id, kept.secret, Store));
    let (id, named_by, own) = if let Some(id) = named(settings.id) {
        let stated = named(settings.secret).map(|text| (id.clone(), secret(text), InSettings));
        let mut known = [stated, kept, built_in].into_iter().flatten();
        let own = known.find(|known| known.0 == id);
        (id, InSettings, own.map(|known| (known.1, known.2)))
    } else {
        let (id, secret, origin) = kept.or(built_in)?;
        (id, origin, Some((secret, origin)))
    };
    let Some((secret, secret_of)) = own else {
        return Some(Err(Reason::new(
            format!(
                "the secret of the OAuth client {} is not known here",
                shown(&id)
            ),
            format!("enter it: {}", site.client_command()),
        )));
    };
    let usual = site.oauth()?.callback;
    let stated = named(settings.redirect);
    let Some(redirect) = Redirect::parse(stated.as_deref().unwrap_or(usual)) else {
        return Some(Err(Reason::new(
            "oauthRedirectURL is no http address of this machine",
            format!("name one as {usual}, which is the client's callback URL"),
        )));
    };
    let client = Client {
        id,
        secret,
        redirect,
    };
    Some(Ok(KnownClient {
        client,
        named_by,
        secret_of,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::{CLOUD, DataCenter};

    fn told(
        settings: &Settings,
        kept: Option<(&str, &str)>,
        built_in: (Option<&str>, Option<&str>),
    ) -> String {
        let kept = kept.map(|(id, secret)| KeptClient {
            id: id.into(),
            secret: Secret::copy_of(secret.as_bytes()),
        });
        match choose(&CLOUD, settings, kept, built_in) {
            None => "none".to_owned(),
            Some(Err(reason)) => reason.why.into_owned(),
            Some(Ok(KnownClient { client, .. })) => format!(
                "{}:{} {}",
                client.id,
                client.secret.expose_text().unwrap_or_default(),
                client.redirect.address(9)
            ),
        }
    }

    /// The ID and the secret in the configuration, what is kept, what is built in, the outcome.
    type ClientRow = (
        Option<&'static str>,
        Option<&'static str>,
        Option<(&'static str, &'static str)>,
        (Option<&'static str>, Option<&'static str>),
        &'static str,
    );

    const NOT_BUILT_IN: (Option<&str>, Option<&str>) = (None, None);

    #[test]
    fn the_configuration_names_one_before_the_store_and_that_before_the_builder() {
        let usual = "http://127.0.0.1:9/callback";
        let built_in = (Some("built"), Some("b"));
        let missing = "the secret of the OAuth client set is not known here";
        let k = Some(("kept", "k"));
        let rows: [ClientRow; 12] = [
            (None, None, None, NOT_BUILT_IN, "none"),
            (None, None, None, built_in, "built:b"),
            (None, None, None, (Some("built"), None), "none"),
            (None, None, None, (Some(""), Some("b")), "none"),
            (None, None, k, built_in, "kept:k"),
            (Some("set"), Some("s"), k, built_in, "set:s"),
            // The name alone may stand in the configuration.
            (Some("kept"), None, k, built_in, "kept:k"),
            (Some("built"), None, k, built_in, "built:b"),
            (Some("kept"), Some("s"), k, built_in, "kept:s"),
            (None, Some("s"), None, NOT_BUILT_IN, "none"),
            (Some(" "), Some("s"), None, NOT_BUILT_IN, "none"),
            (Some("set"), None, k, NOT_BUILT_IN, missing),
        ];
        for (id, secret, kept, built_in, expected) in rows {
            let redirect = None;
            let settings = Settings {
                id,
                secret,
                redirect,
            };
            let found = told(&settings, kept, built_in);
            let found = found.trim_end_matches(&format!(" {usual}"));
            assert_eq!(found, expected, "{id:?} {secret:?} {kept:?}");
        }
    }

    #[test]
    fn it_is_known_who_names_a_client_and_who_has_its_secret() {
        use ClientOrigin::{Builder, Settings as InSettings, Store};
        let built_in = (Some("built"), Some("b"));
        for (id, secret, named_by, secret_of) in [
            (None, None, Store, Store),
            (Some("kept"), None, InSettings, Store),
            (Some("kept"), Some("s"), InSettings, InSettings),
            (Some("built"), None, InSettings, Builder),
        ] {
            let redirect = None;
            let settings = Settings {
                id,
                secret,
                redirect,
            };
            let kept = KeptClient {
                id: "kept".into(),
                secret: Secret::copy_of(b"k"),
            };
            let known = choose(&CLOUD, &settings, Some(kept), built_in)
                .unwrap()
                .unwrap();
            assert_eq!((known.named_by, known.secret_of), (named_by, secret_of));
        }
        let known = choose(&CLOUD, &Settings::default(), None, built_in);
        let known = known.unwrap().unwrap();
        assert_eq!((known.named_by, known.secret_of), (Builder, Builder));
    }

    /// Each site's usual callback URL, and the command for it.
    #[test]
    fn a_data_center_has_a_port_of_its_own() {
        let site = DataCenter {
            url: "https://git.acme.test/bitbucket".to_owned(),
            ..DataCenter::default()
        };
        let site = site.site().unwrap();
        let kept = KeptClient {
            id: "kept".into(),
            secret: Secret::copy_of(b"k"),
        };
        let known = choose(&site, &Settings::default(), Some(kept), NOT_BUILT_IN);
        let redirect = known.unwrap().unwrap().client.redirect;
        assert_eq!(redirect.registered(), "http://127.0.0.1:34106/callback");
        let settings = Settings {
            id: Some("set"),
            ..Settings::default()
        };
        let reason = choose(&site, &settings, None, NOT_BUILT_IN);
        let reason = reason.unwrap().err().unwrap();
        let expected = "enter it: git credential-bitbucket configure --oauth-client ID \
                        --data-center https://git.acme.test/bitbucket";
        assert_eq!(reason.next, expected);
    }

    #[test]
    fn the_callback_url_may_be_another_on_this_machine() {
        let of = |redirect| Settings {
            redirect,
            ..Settings::default()
        };
        let kept = Some(("kept", "k"));
        let found = told(&of(Some("http://localhost:8000/x")), kept, NOT_BUILT_IN);
        assert_eq!(found, "kept:k http://localhost:9/x");
        let found = told(&of(Some("https://example.com/")), kept, NOT_BUILT_IN);
        assert_eq!(found, "oauthRedirectURL is no http address of this machine");
        assert_eq!(
            told(&of(Some("https://example.com/")), None, NOT_BUILT_IN),
            "none"
        );
    }
}
