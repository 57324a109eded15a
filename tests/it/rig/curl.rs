//! `curl` through the proxy: a client that is neither Git nor our program.

use super::Rig;
use super::gits::gits;
use super::lfs::digest;
use serde_json::{Value, json};

/// What a login looks like on the wire.
#[derive(Clone, Copy, Debug)]
pub enum Login<'a> {
    None,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

/// An answer as curl saw it.
#[derive(Debug)]
pub struct Reply {
    /// curl's own exit code: 0 is an answer, whatever its status.
    pub exit: i32,
    /// 0 without an answer.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// The value of a header, the last one of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .rfind(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body of JSON")
    }
}

/// Asks for a URL with further options of curl.
pub fn curl(rig: &Rig, login: Login, url: &str, options: &[&str]) -> Reply {
    let mut command = rig.home.command(&gits()[0], "curl");
    command
        .args(["--silent", "--include", "--suppress-connect-headers"])
        .args(["--proxy", &rig.proxy.url(), "--cacert"])
        .arg(rig.home.authority());
    match login {
        Login::None => {}
        Login::Basic(user, secret) => {
            command.args(["--user", &format!("{user}:{secret}")]);
        }
        Login::Bearer(secret) => {
            command.args(["--header", &format!("Authorization: Bearer {secret}")]);
        }
    }
    command.args(options).arg(url);
    let output = rig.run(command, b"");
    let (head, body) = output
        .stdout
        .split_once("\r\n\r\n")
        .unwrap_or((&output.stdout, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    Reply {
        exit: output.code.unwrap_or(-1),
        status: status.and_then(|text| text.parse().ok()).unwrap_or(0),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

/// What Git LFS says of its requests.
pub const LFS_KINDS: [&str; 4] = [
    "--header",
    "Accept: application/vnd.git-lfs+json",
    "--header",
    "Content-Type: application/vnd.git-lfs+json",
];

/// Asks the LFS of a remote for a batch of one object with this content.
pub fn batch(rig: &Rig, login: Login, remote: &str, operation: &str, content: &str) -> Reply {
    let object = json!({ "oid": digest(content.as_bytes()), "size": content.len() });
    let body = json!({ "operation": operation, "objects": [object] }).to_string();
    let options = [&LFS_KINDS[..], &["--data-binary", &body]].concat();
    let url = format!("{remote}/info/lfs/objects/batch");
    curl(rig, login, &url, &options)
}

/// The address and the grant of a batch's answer.
pub fn granted(reply: &Reply, operation: &str) -> (String, String) {
    let action = &reply.json()["objects"][0]["actions"][operation];
    let text = |value: &Value| value.as_str().expect("an action").to_owned();
    let grant = text(&action["header"]["Authorization"]);
    let grant = grant.strip_prefix("Bearer ").expect("a grant").to_owned();
    (text(&action["href"]), grant)
}

/// The address that a fetch (or, with `write`, a push) asks first.
pub fn references(repository: &str, write: bool) -> String {
    let service = if write {
        "git-receive-pack"
    } else {
        "git-upload-pack"
    };
    format!("https://bitbucket.org/{repository}.git/info/refs?service={service}")
}

/// The address of the REST API's verification.
pub const USER: &str = "https://api.bitbucket.org/2.0/user";
