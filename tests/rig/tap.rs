//! A stream whose output can be spoiled: for answers that are not HTTP.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The handle that spoils a connection.
#[derive(Default)]
pub struct Tap(AtomicBool);

impl Tap {
    pub fn spoil(&self) {
        self.0.store(true, Ordering::SeqCst);
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
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.tap.0.load(Ordering::SeqCst) {
            let spoiled: Vec<u8> = bytes.iter().map(|byte| byte ^ 0xa5).collect();
            return Pin::new(&mut self.inner).poll_write(context, &spoiled);
        }
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
