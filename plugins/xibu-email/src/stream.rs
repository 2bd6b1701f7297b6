//! The stream a mail connection runs on: plain or TLS, without Nagle's delay, and able to say
//! whether the end of a message has left.
//!
//! What it is not: it knows no command of SMTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Whether the final dot of the current message has left. Shared with the stream, which lettre
/// owns.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinalDot(Arc<AtomicU8>);

impl FinalDot {
    const DUE: u8 = 1;
    const OUT: u8 = 2;

    /// A new message begins.
    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Its content was written; whatever is written next is the dot.
    pub(crate) fn is_due(&self) {
        self.0.store(Self::DUE, Ordering::Relaxed);
    }

    /// Whether the server may have seen it.
    pub(crate) fn is_out(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::OUT
    }

    fn written(&self) {
        let _ = self.0.compare_exchange(Self::DUE, Self::OUT, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[derive(Debug)]
enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Plain or TLS.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: Inner,
    dot: FinalDot,
    /// Read before anything that comes from the server.
    before: &'static [u8],
}

impl Stream {
    pub(crate) fn plain(stream: TcpStream, dot: FinalDot) -> Self {
        Self { inner: Inner::Plain(stream), dot, before: b"" }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>, dot: FinalDot) -> Self {
        Self { inner: Inner::Tls(Box::new(stream)), dot, before: b"" }
    }

    /// After STARTTLS a server greets nobody, but lettre waits for a greeting on a stream it is
    /// given.
    pub(crate) fn greeted(mut self) -> Self {
        self.before = b"220 after STARTTLS\r\n";
        self
    }
}

impl AsyncTokioStream for Stream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Plain(stream) => stream.peer_addr(),
            Inner::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.before.is_empty() {
            let n = self.before.len().min(buffer.remaining());
            let (now, later) = self.before.split_at(n);
            buffer.put_slice(now);
            self.before = later;
            return Poll::Ready(Ok(()));
        }
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Inner::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Inner::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        if matches!(written, Poll::Ready(Ok(n)) if n > 0) {
            self.dot.written();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
