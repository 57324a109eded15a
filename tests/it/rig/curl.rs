//! `curl` through the proxy: a client that is neither Git nor our program.

use super::Rig;
use super::gits::gits;

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

    pub fn json(&self) -> serde_json::Value {
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
