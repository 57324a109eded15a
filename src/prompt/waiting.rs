//! The line that turns while a server is waited for. A thread of its own draws it, with
//! carriage returns and blanks only, and has ended before whoever waits goes on.

use crate::platform::Console;
use std::iter::repeat_n;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What takes no longer than this is not mentioned.
const UNNOTICED: Duration = Duration::from_millis(300);
const TURN: Duration = Duration::from_millis(120);
const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// Lives as long as something is waited for; dropping it takes the line away.
#[must_use]
pub struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Waiting {
    /// Nothing is shown.
    pub fn unseen() -> Self {
        Self(None)
    }

    /// `what` is to fit on one line, two characters left.
    pub(super) fn shown(console: Console, what: String) -> Self {
        let (sender, ended) = channel();
        let thread = thread::Builder::new().spawn(move || turn(console, &what, &ended));
        // Without a thread nothing turns.
        Self(thread.ok().map(|thread| (sender, thread)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            // Wakes the thread at once.
            drop(sender);
            let _ = thread.join();
        }
    }
}

fn turn(mut console: Console, what: &str, ended: &Receiver<()>) {
    let mut pause = UNNOTICED;
    let mut frames = FRAMES.iter().cycle();
    while let (Err(RecvTimeoutError::Timeout), Some(frame)) =
        (ended.recv_timeout(pause), frames.next())
    {
        // If the terminal is gone, the next question finds out.
        let _ = console.write(&format!("\r{what} {frame}"));
        pause = TURN;
    }
    if pause == TURN {
        let blanks: String = repeat_n(' ', what.chars().count() + 2).collect();
        let _ = console.write(&format!("\r{blanks}\r"));
    }
}
