//! `/dev/tty`: questions on it, what is typed there without an echo, and the modes it had before,
//! which come back however we end, by a signal too.

use super::program;
use rpassword::ConfigBuilder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcgetwinsize, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

/// The controlling terminal, whatever standard input and output are.
pub struct Console {
    tty: File,
}

impl Console {
    /// Fails where no terminal controls this process: cron, CI, a GUI program.
    pub fn open() -> io::Result<Self> {
        let tty = File::options().read(true).write(true).open("/dev/tty")?;
        Ok(Self { tty })
    }

    /// In characters; `None` if the terminal does not say.
    pub fn width(&self) -> Option<usize> {
        let columns = tcgetwinsize(&self.tty).ok()?.ws_col;
        Some(columns.into()).filter(|&columns| columns > 0)
    }

    /// Whether what is typed there goes to this process, and not to another job of the shell.
    pub fn is_in_foreground(&self) -> bool {
        tcgetpgrp(&self.tty).is_ok_and(|group| group == getpgrp())
    }

    /// Whether a carriage return leads back to the begin of a line that can be written anew.
    pub fn redraws_lines() -> bool {
        std::env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb")
    }

    /// Writes the text as it is.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.tty.write_all(text.as_bytes())
    }

    /// Asks with the terminal's own line editing. Ctrl-D on an empty line is
    /// `UnexpectedEof`; Ctrl-C ends us and Git, as in every program.
    pub fn ask_visible(&mut self, question: &str) -> io::Result<String> {
        forget_typed(&self.tty)?;
        self.write(question)?;
        let mut line = Vec::new();
        // The terminal hands out one line at most, so that the buffer swallows nothing.
        BufReader::new(&self.tty).read_until(b'\n', &mut line)?;
        if line.pop_if(|last| *last == b'\n').is_none() {
            // Fails where the terminal is gone, which an empty read alone does not tell.
            self.write("\n")?;
            if line.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Asks while nothing of what is typed appears. Ctrl-C is `Interrupted`, Ctrl-D on an
    /// empty line `UnexpectedEof`. However this ends, the terminal is as it was before.
    pub fn ask_hidden(&mut self, question: &str) -> io::Result<String> {
        let hidden = Hidden::begin(&self.tty)?;
        let typed = self.read_hidden(question, Keys(self.tty.try_clone()?));
        drop(hidden);
        // Enter was not shown either. If this fails, the next question finds out.
        let _ = self.write("\n");
        typed
    }

    /// The same, until `is_over` says so, which is asked again and again: `None` then.
    pub fn ask_hidden_until(
        &mut self,
        question: &str,
        is_over: Box<dyn FnMut() -> bool>,
    ) -> io::Result<Option<String>> {
        let hidden = Hidden::begin(&self.tty)?;
        let keys = Keys(self.tty.try_clone()?);
        let typed = self.read_hidden(question, KeysUntil { keys, is_over });
        drop(hidden);
        let _ = self.write("\n");
        match typed {
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(None),
            typed => typed.map(Some),
        }
    }

    fn read_hidden(&mut self, question: &str, keys: impl Read + 'static) -> io::Result<String> {
        // Asked only now, so that nothing typed after the question is ever shown.
        self.write(question)?;
        let config = ConfigBuilder::new()
            .input_reader(keys)
            .output_discard()
            .build();
        rpassword::read_password_with_config(config)
    }
}

/// Drops what was typed before the question: a stray Enter or the rest of a pasted text
/// must not answer it. In the background this waits until we are in the foreground.
fn forget_typed(tty: &File) -> io::Result<()> {
    Ok(tcflush(tty, QueueSelector::IFlush)?)
}

/// The bytes that are typed, for rpassword. It would answer Ctrl-C with a signal that
/// ends us before the terminal is restored, while Git, which saw no signal, goes on; and
/// it would take a vanished terminal for an empty answer.
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const CTRL_C: u8 = 3;
        match rustix::io::retry_on_intr(|| rustix::io::read(&self.0, &mut *buffer))? {
            0 => Err(ErrorKind::NotConnected.into()),
            count if buffer[..count].contains(&CTRL_C) => Err(ErrorKind::Interrupted.into()),
            count => Ok(count),
        }
    }
}

/// The same, until something else is over: `TimedOut` then.
struct KeysUntil {
    keys: Keys,
    is_over: Box<dyn FnMut() -> bool>,
}

impl Read for KeysUntil {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const PAUSE: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: 20_000_000,
        };
        while !(self.is_over)() {
            let mut waited = [PollFd::new(&self.keys.0, PollFlags::IN)];
            let ready = rustix::io::retry_on_intr(|| poll(&mut waited, Some(&PAUSE)))?;
            if ready > 0 {
                return self.keys.read(buffer);
            }
        }
        Err(ErrorKind::TimedOut.into())
    }
}

/// The terminal and the modes it had, while echo is off.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

fn before() -> MutexGuard<'static, Option<(File, Termios)>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn restore() {
    if let Some((tty, modes)) = before().take() {
        // Also drops the rest of a paste of several lines: Git or the shell would read it.
        let _ = tcsetattr(&tty, OptionalActions::Flush, &modes);
    }
}

/// Echo, line editing and keyboard signals are off as long as this lives.
struct Hidden;

impl Hidden {
    fn begin(tty: &File) -> io::Result<Self> {
        forget_typed(tty)?;
        clean_up_on_signals();
        let mut modes = tcgetattr(tty)?;
        *before() = Some((tty.try_clone()?, modes.clone()));
        let hidden = Self;
        modes.local_modes -=
            LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(tty, OptionalActions::Flush, &modes)?;
        Ok(hidden)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        restore();
    }
}

/// From the first question on, a signal that ends us first restores the terminal and ends
/// the program that asks.
pub(super) fn clean_up_on_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]) else {
            return;
        };
        thread::spawn(move || {
            for signal in signals.forever() {
                restore();
                program::end();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}
