//! Git LFS as Bitbucket has it: the batch endpoint and the locks lie beside the repository
//! and take Git's own login; the objects lie elsewhere, under a grant of the batch's answer,
//! so that no login of a person belongs there.

use super::answer::Answer;
use super::log::Request;
use hyper::HeaderMap;
use hyper::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the objects of Bitbucket Cloud lie.
pub const MEDIA_HOST: &str = "api.media.atlassian.com";
const JSON: &str = "application/vnd.git-lfs+json";

/// An endpoint beside the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST .../info/lfs/objects/batch`
    Batch,
    /// `POST .../info/lfs/locks/verify`
    VerifyLocks,
}

/// What one grant of a batch allows.
struct Grant {
    object: String,
    upload: bool,
}

#[derive(Default)]
struct Objects {
    /// By `workspace/repository/oid`.
    contents: BTreeMap<String, Bytes>,
    grants: BTreeMap<String, Grant>,
}

/// The store of large objects.
#[derive(Default)]
pub struct Lfs(Mutex<Objects>);

/// A request that follows the protocol.
pub struct Call {
    /// Whether it needs the right to push.
    pub write: bool,
    /// Of `Batch`: the objects, as `(oid, size)`.
    objects: Vec<(String, u64)>,
}

impl Call {
    /// Reads a request, or says what no client of the protocol sends.
    pub fn read(endpoint: Endpoint, headers: &HeaderMap, body: &[u8]) -> Result<Self, String> {
        for name in ["accept", "content-type"] {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            let kind = value.unwrap_or_default().split(';').next();
            if kind != Some(JSON) {
                return Err(format!("{name} of LFS is {value:?}"));
            }
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| "LFS without JSON")?;
        if endpoint == Endpoint::VerifyLocks {
            return Ok(Self {
                write: true,
                objects: Vec::new(),
            });
        }
        let write = match body["operation"].as_str() {
            Some("upload") => true,
            Some("download") => false,
            other => return Err(format!("operation of LFS is {other:?}")),
        };
        let objects = body["objects"].as_array().ok_or("LFS without objects")?;
        let objects = objects.iter().map(|object| {
            let oid = object["oid"].as_str().filter(|oid| is_digest(oid));
            Some((oid?.to_owned(), object["size"].as_u64()?))
        });
        Ok(Self {
            write,
            objects: objects
                .collect::<Option<_>>()
                .ok_or("an object of LFS without digest or size")?,
        })
    }
}

impl Lfs {
    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content of every object that was uploaded, by `workspace/repository/oid`.
    pub fn contents(&self) -> BTreeMap<String, Bytes> {
        self.objects().contents.clone()
    }

    /// Answers somebody who is let in; the objects lie below this address.
    pub fn serve(
        &self,
        address: &str,
        repository: &str,
        endpoint: Endpoint,
        call: &Call,
    ) -> Answer {
        let answer = match endpoint {
            Endpoint::VerifyLocks => json!({ "ours": [], "theirs": [] }),
            Endpoint::Batch => {
                let objects = call.objects.iter();
                let objects = objects.map(|(oid, size)| {
                    let object = format!("{repository}/{oid}");
                    self.object(address, object, (oid, *size), call.write)
                });
                json!({ "transfer": "basic", "objects": objects.collect::<Vec<_>>() })
            }
        };
        let mut answer = Answer::json(200, &answer);
        answer.headers = vec![("Content-Type".to_owned(), JSON.to_owned())];
        answer
    }

    /// One object of a batch: with a grant, or without where there is nothing to do.
    fn object(
        &self,
        address: &str,
        object: String,
        (oid, size): (&str, u64),
        upload: bool,
    ) -> Value {
        let mut objects = self.objects();
        match (upload, objects.contents.contains_key(&object)) {
            (true, true) => return json!({ "oid": oid, "size": size }),
            (false, false) => {
                let error = json!({ "code": 404, "message": "Object does not exist" });
                return json!({ "oid": oid, "size": size, "error": error });
            }
            _ => {}
        }
        let grant = format!("media-grant-{}", objects.grants.len());
        let action = json!({
            "href": format!("{address}/{object}"),
            "header": { "Authorization": format!("Bearer {grant}") },
        });
        objects.grants.insert(grant, Grant { object, upload });
        let name = if upload { "upload" } else { "download" };
        json!({ "oid": oid, "size": size, "authenticated": true, "actions": { name: action } })
    }

    /// Takes or hands out an object; `Err` says why no client of the protocol asks so.
    pub fn media(&self, object: &str, request: &Request, body: Bytes) -> Result<Answer, String> {
        let mut objects = self.objects();
        let upload = request.method == "PUT";
        let login = request.authorization.as_ref();
        let granted = login
            .filter(|login| login.scheme == "Bearer")
            .and_then(|login| objects.grants.get(&login.secret))
            .is_some_and(|grant| grant.object == object && grant.upload == upload);
        if !granted {
            return Err("media without its grant".to_owned());
        }
        if !upload {
            let mut answer = Answer::text(200, "");
            answer.body = objects.contents[object].to_vec();
            return Ok(answer);
        }
        if !object.ends_with(&digest(&body)) {
            return Err("media with another digest".to_owned());
        }
        objects.contents.insert(object.to_owned(), body);
        Ok(Answer::text(200, ""))
    }
}

/// SHA-256 in hexadecimal, an object's name.
pub fn digest(content: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(content) {
        write!(text, "{byte:02x}").expect("memory takes text");
    }
    text
}

/// Whether it has the form of an object's name.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
