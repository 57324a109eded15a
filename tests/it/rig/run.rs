//! Children that are waited for within bounds.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Runtime;

/// Longer than anything here takes; reaching it means that something hangs.
pub const LONGEST: Duration = Duration::from_secs(120);

/// Waits for what is sure to come.
///
/// # Panics
/// If it does not within [`LONGEST`].
#[track_caller]
pub fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < LONGEST, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until something is so.
///
/// # Panics
/// If it never is.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}

/// How a child ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// # Panics
    /// If it failed, with what it said.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(self.success(), "{self:#?}");
        self
    }

    /// # Panics
    /// If it succeeded, or failed without saying this.
    #[track_caller]
    pub fn expect_failure(self, text: &str) -> Self {
        assert!(
            !self.success() && self.stderr.contains(text),
            "{text}: {self:#?}"
        );
        self
    }
}

/// Runs a child to its end, feeding it `input`.
///
/// # Panics
/// If it cannot be started or does not end.
pub fn run(runtime: &Runtime, command: Command, input: &[u8]) -> Finished {
    let text = format!("{command:?}");
    let mut command = tokio::process::Command::from(command);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = runtime.block_on(async {
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().expect("a pipe");
        let feed = async move {
            // A child that does not read its input closes it: no error of ours.
            let _ = stdin.write_all(input).await;
        };
        let ended = async { tokio::join!(feed, child.wait_with_output()).1 };
        tokio::time::timeout(LONGEST, ended)
            .await
            .unwrap_or_else(|_| panic!("still running: {text}"))
    });
    let output = output.unwrap_or_else(|error| panic!("{text}: {error}"));
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
