//! What Git tells its helper and when, by its version. Text only.

use super::step::Client;

/// A challenge of the server's, as Git repeats it.
pub const CHALLENGE: &str = "wwwauth[]=Basic realm=\"Bitbucket.org HTTP\"\n";

/// The lines by which Git names a repository.
pub fn description(client: Client, path: Option<&str>) -> String {
    let mut lines = String::new();
    if client == Client::New {
        lines.push_str("capability[]=authtype\ncapability[]=state\n");
    }
    lines.push_str("protocol=https\nhost=bitbucket.org\n");
    let path = path.map(|path| format!("path={path}.git\n"));
    lines + &path.unwrap_or_default()
}

/// What is added to `erase`.
pub fn challenge(client: Client) -> &'static str {
    match client {
        Client::New | Client::Middle => CHALLENGE,
        Client::Old => "",
    }
}

/// A line with our state, for a Git that repeats it.
pub fn state(client: Client, answer: &Answer) -> String {
    match (&answer.state, client) {
        (Some(state), Client::New) => format!("state[]={state}\n"),
        _ => String::new(),
    }
}

/// What the helper printed.
#[derive(Clone, Debug)]
pub struct Answer {
    pub username: String,
    pub password: String,
    pub state: Option<String>,
    pub comes_back: bool,
}

impl Answer {
    /// `None` if there is no credential in it.
    pub fn read(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        };
        Some(Self {
            username: value("username")?.to_owned(),
            password: value("password")?.to_owned(),
            state: value("state[]").map(str::to_owned),
            comes_back: value("continue") == Some("1"),
        })
    }

    pub fn login(&self) -> String {
        format!("username={}\npassword={}\n", self.username, self.password)
    }
}
