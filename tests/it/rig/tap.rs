//! A stream whose output can be tampered with: for answers that no HTTP library gives.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Interval;

/// What is done to the output.
pub enum Tampering {
    /// Every byte becomes another one.
    Spoil,
    /// One byte now and then.
    Drip(Interval),
    /// These bytes instead, and then the end without a farewell of TLS.
    Replace(Vec<u8>),
}

impl Tampering {
    /// So slowly that the head alone takes longer than anybody waits.
    pub fn drip() -> Self {
        Self::Drip(tokio::time::interval(Duration::from_millis(250)))
    }
}

/// The handle that tampers with a connection.
#[derive(Default)]
pub struct Tap(Mutex<Option<Tampering>>);

impl Tap {
    pub fn tamper(&self, how: Tampering) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(how);
    }
}

/// A stream under a tap.
pub struct Tapped<S> {
    inner: S,
    tap: std::sync::Arc<Tap>,
}

impl<S> Tapped<S> {
    pub fn new(inner: S, tap: std::sync::Arc<Tap>) -> Self {
        Self { inner, tap }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { inner, tap } = self.get_mut();
        let inner = Pin::new(inner);
        let mut tampering = tap.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *tampering {
            None => inner.poll_write(context, bytes),
            Some(Tampering::Spoil) => {
                let spoiled: Vec<u8> = bytes.iter().map(|byte| byte ^ 0xa5).collect();
                inner.poll_write(context, &spoiled)
            }
            Some(Tampering::Drip(timer)) => {
                ready!(timer.poll_tick(context));
                inner.poll_write(context, &bytes[..1])
            }
            Some(Tampering::Replace(others)) if others.is_empty() => Poll::Ready(Ok(bytes.len())),
            Some(Tampering::Replace(others)) => {
                let written = ready!(inner.poll_write(context, others))?;
                others.drain(..written);
                // More is to come, of which the library knows nothing.
                context.waker().wake_by_ref();
                if others.is_empty() {
                    return Poll::Ready(Ok(bytes.len()));
                }
                Poll::Pending
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { inner, tap } = self.get_mut();
        let tampering = tap.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*tampering, Some(Tampering::Replace(_))) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(inner).poll_shutdown(context)
    }
}
