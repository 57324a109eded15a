//! `install.sh --from`: it takes the archive for this machine from a release at an https address,
//! or from a folder, with whichever program downloads here, and only what SHA256SUMS lists.

use super::sandbox::{NAME, PROGRAM, Sandbox, fail, find, succeed};
use crate::rig::certificates::{Authority, Certificate};
use crate::rig::programs;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

/// Serves the files of a folder at `https://localhost:PORT`. Below `/away` it sends everybody to
/// the same file without that, below `/plain` to where the same files are not encrypted.
struct Server {
    port: u16,
    plain: u16,
    authority: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let authority = Authority::new();
        let certificates = authority.certificates(&["localhost"]);
        let configuration = certificates.configuration(Certificate::Right);
        let files = folder.to_owned();
        let plain = listen(move |_, mut stream| answer(&mut stream, &files, [0, 0]));
        let files = folder.to_owned();
        let port = listen(move |port, stream| {
            let connection = ServerConnection::new(configuration.clone()).expect("a configuration");
            let mut stream = StreamOwned::new(connection, stream);
            answer(&mut stream, &files, [port, plain])?;
            stream.conn.send_close_notify();
            stream.flush()
        });
        Self {
            port,
            plain,
            authority: authority.pem,
        }
    }

    fn address(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }
}

/// Serves each connection to a free port, until the process ends.
fn listen(mut serve: impl FnMut(u16, TcpStream) -> io::Result<()> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever hangs up has its reasons.
            let _ = serve(port, stream.expect("a connection"));
        }
    });
    port
}

fn answer(stream: &mut (impl Read + Write), folder: &Path, ports: [u16; 2]) -> io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        asked.extend(byte);
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    let path = asked.split(' ').nth(1).unwrap_or_default();
    let to = |address: String| (format!("302 Found\r\nLocation: {address}"), Vec::new());
    let (head, body) = if let Some(rest) = path.strip_prefix("/away") {
        to(format!("https://localhost:{}{rest}", ports[0]))
    } else if let Some(rest) = path.strip_prefix("/plain") {
        to(format!("http://localhost:{}{rest}", ports[1]))
    } else {
        match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => ("200 OK".to_owned(), bytes),
            Err(_) => ("404 Not Found".to_owned(), Vec::new()),
        }
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()
}

/// The archive for a library on this machine.
fn archive(version: &str, library: &str) -> String {
    let processor = std::env::consts::ARCH;
    format!("{NAME}-{version}-{processor}-unknown-linux-{library}.tar.gz")
}

fn sum(path: &Path) -> String {
    let said = succeed(Command::new("sha256sum").arg("--").arg(path));
    said.split_whitespace().next().unwrap().to_owned()
}

/// A place to install in, and a folder `published` with a release for both libraries, one of
/// them not this machine's first choice.
fn published() -> Sandbox {
    let sandbox = Sandbox::empty();
    for tool in ["gzip", "mktemp", "tar", "tr"] {
        link(&sandbox, tool, &find(tool).unwrap());
    }
    let mut sums = Vec::new();
    for library in ["gnu.2.17", "musl"] {
        let file = archive("1.0.0", library);
        let folder = file.strip_suffix(".tar.gz").unwrap().to_owned();
        let inside = format!("published/{folder}");
        let program = format!("{PROGRAM}# {library}\n");
        sandbox.write(&format!("{inside}/{NAME}"), &program);
        sandbox.write(&format!("{inside}/docs/{NAME}.1"), ".TH manual\n");
        let listed = sum(&sandbox.path(&format!("{inside}/{NAME}")));
        sandbox.write(
            &format!("{inside}/SHA256SUMS"),
            &format!("{listed}  {NAME}\n"),
        );
        let published = sandbox.path("published");
        let mut tar = Command::new("tar");
        tar.args(["-czf", &file, &folder]).current_dir(&published);
        succeed(&mut tar);
        fs::remove_dir_all(published.join(&folder)).unwrap();
        sums.push(format!("{}  {file}\n", sum(&published.join(&file))));
    }
    sandbox.write("published/SHA256SUMS", &sums.concat());
    sandbox
}

fn link(sandbox: &Sandbox, tool: &str, real: &Path) {
    symlink(real, sandbox.path("tools").join(tool)).unwrap();
}

fn installed(sandbox: &Sandbox) -> String {
    let program = sandbox.path("home/.local/bin").join(NAME);
    fs::read_to_string(program).unwrap()
}

/// What downloads, and how each is told of the authority of a test.
fn downloaders() -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for (facility, name) in [("curl", "curl"), ("python", "python3"), ("wget", "wget")] {
        if !programs::present(facility, &[name]) {
            continue;
        }
        let mut real = find(name).unwrap();
        if name == "python3" {
            // What PATH has may be a script that looks for it.
            let asked =
                succeed(Command::new(&real).args(["-c", "import sys; print(sys.executable)"]));
            real = asked.trim().into();
        }
        found.push((name, real));
    }
    found
}

/// Runs the script with this one downloader.
fn command(sandbox: &Sandbox, server: &Server, arguments: &[&str]) -> Command {
    let authority = sandbox.path("authority.pem");
    let rules = sandbox.path("wgetrc");
    fs::write(&authority, &server.authority).unwrap();
    fs::write(&rules, format!("ca_certificate={}\n", authority.display())).unwrap();
    let mut command = sandbox.command(arguments);
    command.env("CURL_CA_BUNDLE", &authority);
    command.env("SSL_CERT_FILE", &authority);
    command.env("WGETRC", &rules);
    command
}

#[test]
#[cfg(target_os = "linux")]
fn a_release_is_downloaded_by_whatever_downloads_here() {
    for (name, real) in downloaders() {
        for below in ["", "/away"] {
            let sandbox = published();
            link(&sandbox, name, &real);
            let server = Server::start(&sandbox.path("published"));
            let said = succeed(&mut command(
                &sandbox,
                &server,
                &["--from", &server.address(below)],
            ));
            assert!(said.contains("Installed "), "{name}: {said}");
            assert!(installed(&sandbox).ends_with("# musl\n"), "{name}");
            let page = sandbox.path(&format!("home/.local/share/man/man1/{NAME}.1"));
            assert!(page.is_file(), "{name}");
            assert_eq!(sandbox.calls(), "--version\nconfigure\n", "{name}");
            sandbox.succeed(&["--uninstall"]);
            assert_eq!(sandbox.home(), BTreeMap::new(), "{name}");
        }
    }
}

/// A release that is not there, one by another's certificate, and one that is sent in the clear.
#[test]
fn nothing_but_https_is_believed() {
    for (name, real) in downloaders() {
        let sandbox = published();
        link(&sandbox, name, &real);
        let server = Server::start(&sandbox.path("published"));
        let stranger = Server::start(&sandbox.path("published"));
        for address in [
            server.address("/nowhere"),
            server.address("/plain"),
            stranger.address(""),
            format!("http://localhost:{}", server.plain),
        ] {
            let complaint = fail(&mut command(&sandbox, &server, &["--from", &address]));
            assert!(complaint.contains(&address), "{name}: {complaint}");
            assert!(complaint.ends_with("Nothing was changed.\n"), "{complaint}");
            assert_eq!(sandbox.home(), BTreeMap::new(), "{name}");
            assert_eq!(sandbox.calls(), "", "{name}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_is_a_release_too_and_the_other_library_will_do() {
    let sandbox = published();
    let sums = sandbox.path("published/SHA256SUMS");
    let listed = fs::read_to_string(&sums).unwrap();
    let first = listed.lines().next().unwrap();
    fs::write(&sums, format!("{first}\n")).unwrap();
    let pinned = sum(&sums);
    sandbox.succeed(&["--from", "../published/", "--sha256", &pinned]);
    assert!(installed(&sandbox).ends_with("# gnu.2.17\n"));
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_changed_is_not_even_unpacked() {
    let file = archive("1.0.0", "musl");
    let sandbox = published();
    fs::write(sandbox.path("published").join(&file), "not an archive").unwrap();
    let complaint = fail(&mut sandbox.command(&["--from", "../published"]));
    assert!(
        complaint.contains("is not the one in SHA256SUMS"),
        "{complaint}"
    );
    let other = "0".repeat(64);
    let arguments = ["--from", "../published", "--sha256", &other];
    let complaint = fail(&mut sandbox.command(&arguments));
    assert!(complaint.contains("not the one of --sha256"), "{complaint}");
    assert_eq!(sandbox.home(), BTreeMap::new());
    assert_eq!(sandbox.calls(), "");
}

/// Lists that have nothing for this machine, or too much, or a name that leads elsewhere.
#[test]
#[cfg(target_os = "linux")]
fn a_list_that_does_not_name_one_archive_is_refused() {
    let file = archive("1.0.0", "musl");
    let newer = archive("1.1.0", "musl");
    let zeros = "0".repeat(64);
    for (list, expected) in [
        (
            format!("{zeros}  {NAME}-1.0.0-s390x-unknown-linux-musl.tar.gz\n"),
            "no program for this",
        ),
        (format!("{zeros}  ../{file}\n"), "no program for this"),
        (
            format!("{zeros}  {file}\n{zeros}  {newer}\n"),
            "more than one release",
        ),
        (format!("{zeros}  {newer}\n"), "cannot be had"),
    ] {
        let sandbox = published();
        fs::write(sandbox.path("published/SHA256SUMS"), list).unwrap();
        let complaint = fail(&mut sandbox.command(&["--from", "../published"]));
        assert!(complaint.contains(expected), "{complaint}");
        assert!(complaint.ends_with("Nothing was changed.\n"), "{complaint}");
        assert_eq!(sandbox.home(), BTreeMap::new());
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for (arguments, expected) in [
        (&["--from"][..], "--from needs"),
        (&["--from", "x", "--sha256"], "--sha256 needs"),
        (&["--sha256", "x"], "--sha256 belongs to --from"),
        (&["--from", "x", "--no-checksum"], "leave out --no-checksum"),
        (&["--from", "x", "--binary", "y"], "leave out one"),
        (&["--from", "ftp://localhost/x"], "is not an https address"),
    ] {
        let sandbox = published();
        let complaint = fail(&mut sandbox.command(arguments));
        assert!(complaint.contains(expected), "{complaint}");
        assert!(complaint.ends_with("Nothing was changed.\n"), "{complaint}");
        assert_eq!(sandbox.home(), BTreeMap::new());
    }
}

/// Where nothing downloads, it says what would.
#[test]
fn a_downloader_that_is_missing_is_named() {
    let sandbox = published();
    let complaint = fail(&mut sandbox.command(&["--from", "https://localhost:1"]));
    assert!(
        complaint.contains("neither curl nor python3 nor GNU Wget"),
        "{complaint}"
    );
    assert_eq!(sandbox.home(), BTreeMap::new());
}
