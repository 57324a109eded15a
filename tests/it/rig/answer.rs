//! Answers of the loopback Bitbucket, with its very texts.

use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::Response;
use hyper::body::Bytes;
use std::convert::Infallible;

pub type Body = BoxBody<Bytes, Infallible>;

pub const NO_ACCESS_OR_GONE: &str = "You may not have access to this repository or it no longer \
exists in this workspace. If you think this repository exists and you have access, make sure you \
are authenticated.";
pub const ACCOUNT_PASSWORD_FOR_GIT: &str = "Bitbucket Cloud recently stopped supporting account \
passwords for Git authentication.\nSee our community post for more details.\nApp passwords are \
recommended for most use cases and can be created in your Personal settings:";
pub const ACCOUNT_PASSWORD_FOR_API: &str =
    "Bitbucket Cloud recently stopped supporting account passwords for API authentication.";
pub const APP_PASSWORD_REMOVED: &str = "CHANGE-3222 - Functionality has been deprecated\nApp \
passwords are deprecated and must be replaced with API tokens.";
pub const SCOPE_MISSING: &str = "Your credentials lack one or more required privilege scopes.";
pub const NO_REPOSITORY: &str =
    "The requested repository either does not exist or you do not have access.";
pub const ADDRESS_NOT_ALLOWED: &str = "To access this repository, an admin must whitelist your IP.";
pub const TWO_STEP_DEMANDED: &str = "To access this repository, enable two-step authentication.";
pub const TOO_MANY_FAILURES: &str =
    "Too many failed authentication attempts. Please try again later.";
pub const LOGIN_FAILED: &str = "Login failed due to incorrect login credentials or method.";
pub const TOKEN_INVALID: &str = "Token is invalid, expired, or not supported for this endpoint.";
pub const TOKEN_EXPIRED: &str = "Access token expired.";

/// An answer before it becomes HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(
            status,
            "text/plain; charset=utf-8",
            text.as_bytes().to_vec(),
        )
    }

    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string().into_bytes())
    }

    /// The REST API's form of an error.
    pub fn json_error(status: u16, message: &str) -> Self {
        Self::json(
            status,
            &serde_json::json!({ "type": "error", "error": { "message": message } }),
        )
    }

    fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As HTTP, with a body other than its own.
    pub fn with_body(self, body: Body) -> Response<Body> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        response.body(body).expect("headers a test can send")
    }

    pub fn into_response(mut self) -> Response<Body> {
        let body = std::mem::take(&mut self.body);
        self.with_body(Full::new(Bytes::from(body)).boxed())
    }
}
