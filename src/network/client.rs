//! The one way out: GET, and POST of a form, over TLS within a deadline.

use super::{Authorization, LONGEST_BODY, LONGEST_CONNECT, Response, Settings, Trouble};
use super::{certificates, settings};
use crate::secret::Secret;
use crate::trace::{self, Harmless};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

/// Sends the requests of one verification: all of them share one deadline.
pub struct Client {
    http: reqwest::Client,
    proxied: bool,
    deadline: Instant,
    /// `None` only while dropping.
    runtime: Option<Runtime>,
}

impl Client {
    /// A client that has an answer, or none, by `deadline`.
    pub fn new(settings: &Settings, deadline: Instant) -> Result<Self, Trouble> {
        // The second call of a process finds it installed: that is no failure.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!(
                "git-credential-bitbucket/",
                env!("CARGO_PKG_VERSION")
            ))
            .https_only(!settings.is_plain)
            .http1_only()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(LONGEST_CONNECT)
            // The environment's proxy is already among the settings.
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            let proxy = proxy
                .expose_text()
                .and_then(|url| reqwest::Proxy::all(url).ok());
            builder = builder.proxy(proxy.ok_or_else(settings::bad_proxy)?);
        }
        if !settings.authorities.is_empty() {
            builder = builder.tls_certs_only(certificates::read_all(&settings.authorities)?);
        }
        Ok(Self {
            // What is left to fail is a platform without a single trusted authority.
            http: builder.build().map_err(|_| Trouble::UntrustedCertificate)?,
            proxied: settings.proxy.is_some(),
            deadline,
            runtime: Some(
                Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|_| Trouble::NotConnected)?,
            ),
        })
    }

    /// Sends one GET. The answer is the server's whatever its status; redirects are
    /// answers too and are not followed.
    pub fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        authorization: &Authorization<'_>,
    ) -> Result<Response, Trouble> {
        let mut request = self.http.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send("GET", url, request, authorization)
    }

    /// Sends one POST of a form, once. The answer's body stands apart, since it may have
    /// secrets in it.
    pub fn post(
        &self,
        url: &str,
        form: &Secret,
        authorization: &Authorization<'_>,
    ) -> Result<(Response, Secret), Trouble> {
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.expose().to_vec());
        let mut response = self.send("POST", url, request, authorization)?;
        let body = Secret::new(std::mem::take(&mut response.body));
        Ok((response, body))
    }

    fn send(
        &self,
        method: &'static str,
        url: &str,
        request: reqwest::RequestBuilder,
        authorization: &Authorization<'_>,
    ) -> Result<Response, Trouble> {
        let request = match authorization {
            Authorization::Nobody => request,
            Authorization::Basic(name, secret) => {
                request.basic_auth(name, Some(secret.expose_text().ok_or(Trouble::Broken)?))
            }
            Authorization::Bearer(secret) => {
                let value = Zeroizing::new([b"Bearer ", secret.expose()].concat());
                let mut value = HeaderValue::from_bytes(&value).map_err(|_| Trouble::Broken)?;
                value.set_sensitive(true);
                request.header(AUTHORIZATION, value)
            }
        };
        let runtime = self.runtime.as_ref().ok_or(Trouble::NotConnected)?;
        let begin = Instant::now();
        let outcome = runtime.block_on(async {
            tokio::time::timeout_at(self.deadline.into(), receive(request))
                .await
                .map_err(|_| Trouble::TimedOut)?
                .map_err(|error| Trouble::of(&error, self.proxied))
        });
        let result: &dyn Harmless = match &outcome {
            Ok(response) => &response.status,
            Err(trouble) => trouble,
        };
        let place = Url::parse(url).ok().map(Destination);
        trace::tell(method, &[&place, result, &begin.elapsed()]);
        outcome
    }
}

/// Where a request went: host and path, and nothing else of the URL.
struct Destination(Url);

impl Harmless for Destination {
    fn tell(&self, line: &mut String) {
        line.push_str(self.0.host_str().unwrap_or_default());
        line.push_str(self.0.path());
    }
}

impl Drop for Client {
    /// A name that is still being looked up sits in a thread nobody can stop: leave it.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Result<Response, reqwest::Error> {
    let mut answer = request.send().await?;
    let headers = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let mut body = Vec::new();
    while body.len() < LONGEST_BODY {
        match answer.chunk().await? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    body.truncate(LONGEST_BODY);
    Ok(Response {
        status: answer.status().as_u16(),
        headers,
        body,
    })
}
