//! Real repositories on disk, served by `git http-backend` (CGI, RFC 3875).

use super::answer::Answer;
use super::log::Request;
use hyper::HeaderMap;
use hyper::body::Bytes;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The folder of all repositories: `<root>/<workspace>/<repository>.git`.
pub struct Backend {
    root: PathBuf,
}

impl Backend {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub fn directory(&self, repository: &str) -> PathBuf {
        self.root.join(format!("{repository}.git"))
    }

    /// Creates a repository whose `main` has one commit.
    pub fn create(&self, repository: &str) {
        let bare = self.directory(repository);
        let bare = bare.to_str().expect("a path in UTF-8");
        git(
            &self.root,
            &["init", "--quiet", "--bare", "--initial-branch=main", bare],
        );
        let tree = git(Path::new(bare), &["mktree"]);
        let commit = git(Path::new(bare), &["commit-tree", "-m", "Begin", &tree]);
        git(Path::new(bare), &["update-ref", "refs/heads/main", &commit]);
    }

    /// Lets the real Git answer.
    pub async fn serve(
        &self,
        request: &Request,
        headers: &HeaderMap,
        body: Bytes,
        user: &str,
    ) -> Answer {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let mut command = Command::from(base_command());
        command
            .arg("http-backend")
            .current_dir(&self.root)
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("REMOTE_ADDR", "127.0.0.1")
            .env(
                "REMOTE_USER",
                if user.is_empty() { "anonymous" } else { user },
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("git http-backend starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let feed = async move {
            // A backend that refuses early closes its end: its answer says why.
            let _ = stdin.write_all(&body).await;
        };
        let ((), output) = tokio::join!(feed, child.wait_with_output());
        from_cgi(&output.expect("git http-backend ends").stdout)
    }
}

/// Reads a CGI answer: header lines, an empty line, the body.
fn from_cgi(output: &[u8]) -> Answer {
    let end = output
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a CGI answer has a header");
    let head = String::from_utf8_lossy(&output[..end]);
    let mut answer = Answer {
        status: 200,
        headers: Vec::new(),
        body: output[end + 4..].to_vec(),
    };
    for line in head.lines() {
        let (name, value) = line.split_once(": ").expect("a CGI header line");
        if name.eq_ignore_ascii_case("status") {
            answer.status = value[..3].parse().expect("a status code");
        } else {
            answer = answer.header(name, value);
        }
    }
    answer
}

/// The first `git` on PATH, deaf to the configuration of whoever runs the tests.
fn base_command() -> std::process::Command {
    let mut command = std::process::Command::new("git");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Server")
        .env("GIT_AUTHOR_EMAIL", "server@example.com")
        .env("GIT_COMMITTER_NAME", "Server")
        .env("GIT_COMMITTER_EMAIL", "server@example.com");
    command
}

/// Runs Git on the server's side and returns what it printed.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = base_command()
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("git starts");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}
