//! A program whose output a person makes, which may take minutes: it is waited for as long
//! as somebody waits for us, and does not outlive us.

use super::console::clean_up_on_signals;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, getpgrp, kill_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The process group of the program that runs now.
static RUNNING: Mutex<Option<Pid>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the program that runs, and those that it started.
pub(super) fn end() {
    if let Some(group) = running().take() {
        // It may have ended by itself.
        let _ = kill_process_group(group, Signal::TERM);
    }
}

/// Runs a program with nothing on its standard input and returns what it prints. Fails with
/// `InvalidData` if that is more than `limit` bytes, and with `Interrupted` once nobody reads
/// our own standard output any more; the program is ended then.
pub fn output_of_program(mut command: Command, limit: usize) -> io::Result<(ExitStatus, Vec<u8>)> {
    clean_up_on_signals();
    let mut child = {
        // A signal that comes in between finds the program a moment later.
        let mut running = running();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        *running = Pid::from_raw(child.id().cast_signed());
        child
    };
    let output = match child.stdout.take() {
        Some(stdout) => read(stdout, limit),
        None => Err(ErrorKind::BrokenPipe.into()),
    };
    let outcome = output.and_then(|output| Ok((child.wait()?, output)));
    match outcome {
        Ok(_) => *running() = None,
        Err(_) => end(),
    }
    outcome
}

/// Has a program begin a process group of its own, which the terminal is not for.
pub fn start_in_own_group(command: &mut Command) {
    command.process_group(0);
}

/// Ends a program that has begun such a group, and all that it has started.
pub fn end_group(program: &Child) {
    if let Some(group) = Pid::from_raw(program.id().cast_signed()) {
        // They may have ended by themselves.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// The terminal as it was, for after a program that may have switched its echo off and ended
/// without switching it on again.
pub struct TerminalModes(File, Termios);

impl TerminalModes {
    /// As they are now. `None` without a terminal.
    pub fn now() -> Option<Self> {
        let terminal = File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .ok()?;
        let modes = tcgetattr(&terminal).ok()?;
        Some(Self(terminal, modes))
    }

    /// Puts them back, unless somebody else has the terminal now.
    pub fn restore(&self) {
        if tcgetpgrp(&self.0) == Ok(getpgrp()) {
            // It may be gone.
            let _ = tcsetattr(&self.0, OptionalActions::Now, &self.1);
        }
    }
}

/// The shell in which Git starts helpers.
pub fn shell() -> Option<PathBuf> {
    Some("/bin/sh".into())
}

fn read(mut output: ChildStdout, limit: usize) -> io::Result<Vec<u8>> {
    // Large enough from the beginning, so that no copy stays behind on growing.
    let mut bytes = vec![0; limit + 1];
    let mut length = 0;
    loop {
        wait(&output)?;
        match output.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length > limit {
            return Err(ErrorKind::InvalidData.into());
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Until there is something to read. Git does not end us when it ends; but then nobody reads
/// our answer any more, which a pipe tells.
fn wait(output: &ChildStdout) -> io::Result<()> {
    let ours = io::stdout();
    let mut both = [
        PollFd::new(output, PollFlags::IN),
        PollFd::from_borrowed_fd(ours.as_fd(), PollFlags::empty()),
    ];
    rustix::io::retry_on_intr(|| poll(&mut both, None))?;
    if both[1].revents().contains(PollFlags::ERR) {
        return Err(ErrorKind::Interrupted.into());
    }
    Ok(())
}
