//! The daemon of `git credential-cache`: started, and spoken to over its socket, in the
//! protocol that all versions of Git have in common. One entry of it holds all we keep.

use super::folder;
use crate::git::program;
use crate::keychain::Failure;
use crate::keychain::file::explain;
use crate::keychain::text_store::left;
use crate::platform;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;
use std::future::{Future as _, poll_fn};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::pin::pin;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

/// From one try to the next.
const PAUSE: Duration = Duration::from_millis(5);

/// The longest answer that is read, in bytes: thousands of items.
const LONGEST: usize = 16 * 1024 * 1024;

/// What our one entry is called there.
const ENTRY: &[u8] = b"protocol=git-credential-bitbucket\nhost=items\nusername=all\n";

/// What is kept; `None` also where no daemon runs, which keeps nothing.
pub fn get(deadline: Instant) -> Result<Option<Secret>, Failure> {
    let folder = folder()?;
    match platform::has_secret_folder(&folder) {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(unfit) => return Err(explain(&folder, 700, unfit)),
    }
    match ask(&folder, &request("get", 0, None), deadline)? {
        Some(answer) => password(&answer),
        None => Ok(None),
    }
}

/// Keeps the text, and reads it back: a daemon that was about to end has taken it with it.
pub fn store(text: &Secret, remembered: Duration, deadline: Instant) -> Result<(), Failure> {
    let folder = folder()?;
    let request = request("store", remembered.as_secs(), Some(text));
    loop {
        if ask(&folder, &request, deadline)?.is_none() {
            start(&folder, deadline)?;
        } else if get(deadline)?.as_ref() == Some(text) {
            return Ok(());
        } else if left(deadline).is_zero() {
            return Err(failed("it does not keep what it is given"));
        } else {
            thread::sleep(PAUSE);
        }
    }
}

/// Forgets what is kept. The daemon ends by itself soon after.
pub fn erase(deadline: Instant) -> Result<(), Failure> {
    ask(&folder()?, &request("erase", 0, None), deadline)?;
    match get(deadline)? {
        None => Ok(()),
        Some(_) => Err(failed("it does not forget")),
    }
}

fn failed(why: &'static str) -> Failure {
    Failure::Failed(Reason::new(why, how_to_end_it()))
}

/// The command after which a new one can be started.
pub fn how_to_end_it() -> String {
    let socket = folder().unwrap_or_default().join("socket");
    let socket = shown(&socket.to_string_lossy());
    format!("end it with: git credential-cache --socket '{socket}' exit")
}

fn request(action: &str, seconds: u64, text: Option<&Secret>) -> Secret {
    let head = format!("action={action}\ntimeout={seconds}\n");
    let text = text.map_or(&[][..], Secret::expose);
    // All that it will need, so that no copy stays behind where it grew.
    let mut request = Vec::with_capacity(head.len() + ENTRY.len() + text.len() + 16);
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(ENTRY);
    if !text.is_empty() {
        request.extend_from_slice(b"password=");
        request.extend_from_slice(text);
        request.push(b'\n');
    }
    request.push(b'\n');
    Secret::new(request)
}

/// The password in an answer. No answer is an answer: there is none.
fn password(answer: &Secret) -> Result<Option<Secret>, Failure> {
    let answer = answer.expose();
    if answer.is_empty() {
        return Ok(None);
    }
    answer
        .split(|&byte| byte == b'\n')
        .find_map(|line| line.strip_prefix(b"password="))
        .filter(|_| answer.ends_with(b"\n"))
        .map(|password| Some(Secret::copy_of(password)))
        .ok_or_else(|| failed("its daemon answers nonsense"))
}

/// Sends a request and reads the answer to its end; `None` if no daemon is there.
fn ask(folder: &Path, request: &Secret, deadline: Instant) -> Result<Option<Secret>, Failure> {
    let unreachable = |error: io::Error| Failure::Unreachable(error.to_string().into());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(unreachable)?;
    let socket = folder.join("socket");
    let exchange = exchange(&socket, request);
    let outcome = runtime.block_on(async { timeout(left(deadline), exchange).await });
    match outcome {
        Ok(Ok(answer)) => Ok(Some(answer)),
        Ok(Err(error)) => match error.kind() {
            // No socket, a stale one, or a daemon that ended at this moment.
            ErrorKind::NotFound
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe => Ok(None),
            _ => Err(unreachable(error)),
        },
        // It would not hear that it is to end, either.
        Err(_) => Err(Failure::Unreachable(Reason::new(
            "its daemon did not answer in time",
            format!(
                "end the process git credential-cache--daemon {}",
                shown(&socket.to_string_lossy())
            ),
        ))),
    }
}

/// The longest path that every system takes for the address of a socket, in bytes.
const LONGEST_ADDRESS: usize = 100;

/// Connects; to a socket whose path is too long, from within its folder, as Git does.
async fn connect(socket: &Path) -> io::Result<UnixStream> {
    if socket.as_os_str().len() <= LONGEST_ADDRESS {
        return UnixStream::connect(socket).await;
    }
    let (Some(folder), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let mut connecting = pin!(UnixStream::connect(name));
    poll_fn(
        |context| match platform::in_folder(folder, || connecting.as_mut().poll(context)) {
            Ok(polled) => polled,
            Err(error) => Poll::Ready(Err(error)),
        },
    )
    .await
}

async fn exchange(socket: &Path, request: &Secret) -> io::Result<Secret> {
    let stream = loop {
        match connect(socket).await {
            // As many wait for the daemon as the system lets.
            Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(PAUSE).await,
            connected => break connected?,
        }
    };
    let mut unsent = request.expose();
    while !unsent.is_empty() {
        stream.writable().await?;
        match stream.try_write(unsent) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            sent => unsent = &unsent[sent?..],
        }
    }
    let mut answer = Zeroizing::new(Vec::with_capacity(16 * 1024));
    loop {
        stream.readable().await?;
        answer.reserve(4096);
        match stream.try_read_buf(&mut *answer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) => return Ok(Secret::new(std::mem::take(&mut *answer))),
            read => {
                read?;
            }
        }
        if answer.len() > LONGEST {
            return Err(ErrorKind::FileTooLarge.into());
        }
    }
}

/// Starts a daemon, which is left alone: by signals of the terminal too, which it ignores
/// or, in a process group of its own, does not get.
fn start(folder: &Path, deadline: Instant) -> Result<(), Failure> {
    let unreachable = |reason: String| Err(Failure::Unreachable(reason.into()));
    let Some(mut git) = program::on_its_own() else {
        return unreachable("its program, git, is not on PATH".to_owned());
    };
    let child = git
        .args(["-c", "credentialCache.ignoreSIGHUP=true"])
        .arg("credential-cache--daemon")
        .arg(folder.join("socket"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return unreachable(format!("git does not start: {error}")),
    };
    let complaint = complaint(&mut child);
    let probe = request("get", 0, None);
    loop {
        // Before the deadline, since it alone says no more than that time is up.
        if let Some(status) = child.try_wait().ok().flatten() {
            let said = complaint.recv_timeout(left(deadline)).unwrap_or_default();
            return unreachable(format!("its daemon ended ({status}): {}", shown(&said)));
        }
        match ask(folder, &probe, deadline) {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if !left(deadline).is_zero() => thread::sleep(PAUSE),
            outcome => {
                let _ = child.kill();
                let _ = child.wait();
                outcome?;
                return unreachable("its daemon did not start in time".to_owned());
            }
        }
    }
}

/// What a daemon says that does not start; one that does says nothing.
fn complaint(child: &mut Child) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut said = Vec::new();
            // What cannot be read was not said; nobody may listen any more.
            let _ = stderr.take(1024).read_to_end(&mut said);
            let _ = sender.send(String::from_utf8_lossy(said.trim_ascii()).into_owned());
        });
    }
    receiver
}
