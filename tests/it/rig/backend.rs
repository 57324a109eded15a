//! Real repositories on disk, served by `git http-backend` (CGI, RFC 3875).

use super::answer::Answer;
use super::log::Request;
use hyper::HeaderMap;
use hyper::body::Bytes;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The folder of all repositories: `<root>/<workspace>/<repository>.git`.
#[derive(Clone)]
pub struct Backend {
    root: PathBuf,
}

impl Backend {
    pub fn new(root: PathBuf) -> Self {
        std::fs::create_dir(&root).expect("a folder for repositories");
        Self { root }
    }

    pub fn directory(&self, repository: &str) -> PathBuf {
        self.root.join(format!("{repository}.git"))
    }

    /// Creates a repository whose `main` has one commit: a copy of the first one that Git made,
    /// since nearly every test needs two.
    pub fn create(&self, repository: &str) {
        static MODEL: OnceLock<Folder> = OnceLock::new();
        let model = MODEL.get_or_init(|| {
            let folder = TempDir::new().expect("a folder for the first repository");
            begin(folder.path());
            Folder::read(folder.path())
        });
        model.write(&self.directory(repository));
    }

    /// Lets the real Git answer somebody about a repository: what comes after `.git` in the
    /// request's path is what is asked.
    pub async fn serve(
        &self,
        request: &Request,
        headers: &HeaderMap,
        body: Bytes,
        (repository, user): (&str, &str),
    ) -> Answer {
        let action = request.path.split_once(".git/");
        let action = action.map_or("", |(_, action)| action);
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let mut command = Command::from(base_command(http_backend()));
        command
            .current_dir(&self.root)
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", format!("/{repository}.git/{action}"))
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

/// Makes a bare repository of an empty folder, with one commit on `main`.
fn begin(bare: &Path) {
    git(
        bare,
        &["init", "--quiet", "--bare", "--initial-branch=main"],
    );
    let tree = git(bare, &["mktree"]);
    let commit = git(bare, &["commit-tree", "-m", "Begin", &tree]);
    git(bare, &["update-ref", "refs/heads/main", &commit]);
}

/// A folder in memory: the folders in it and the files.
struct Folder {
    folders: Vec<(OsString, Folder)>,
    files: Vec<(OsString, Vec<u8>)>,
}

impl Folder {
    fn read(path: &Path) -> Self {
        let entries = path.read_dir().expect("a folder that can be read");
        let entries = entries.map(|entry| entry.expect("an entry of it"));
        let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.path().is_dir());
        let read = |path: PathBuf| std::fs::read(path).expect("a file that can be read");
        Self {
            folders: folders
                .iter()
                .map(|folder| (folder.file_name(), Self::read(&folder.path())))
                .collect(),
            files: files
                .iter()
                .map(|file| (file.file_name(), read(file.path())))
                .collect(),
        }
    }

    fn write(&self, path: &Path) {
        std::fs::create_dir_all(path).expect("a folder");
        for (name, folder) in &self.folders {
            folder.write(&path.join(name));
        }
        for (name, content) in &self.files {
            std::fs::write(path.join(name), content).expect("a file");
        }
    }
}

/// The program that `git http-backend` starts, found once.
fn http_backend() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| Path::new(&git(Path::new("/"), &["--exec-path"])).join("git-http-backend"))
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

/// A program of Git's, deaf to the configuration of whoever runs the tests.
fn base_command(program: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(program);
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

/// The first Git of PATH, by its path: so it is started without a copy of this process.
fn first_git() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let name = format!("git{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path)
            .map(|folder| folder.join(&name))
            .find(|path| path.is_file())
            .expect("git on PATH")
    })
}

/// Runs the first Git of PATH on the server's side and returns what it printed.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = base_command(first_git())
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
