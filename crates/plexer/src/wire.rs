//! The bytes below a socket. A plain TCP stream is shared, so that whoever has something for the
//! connection writes it at once; anything else belongs to the connection's own task.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    net::Shutdown,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// How much one read takes.
const SCRATCH: usize = 16 * 1024;

thread_local! {
    /// One buffer for all connections of a thread: a connection that says nothing has none.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into());
}

pub(crate) enum Wire {
    Tcp(Arc<TcpStream>),
    Other(Box<TokioIo<Upgraded>>),
}

impl Wire {
    /// Takes the stream out of an upgraded connection, with what the client sent too early.
    pub(crate) fn from_upgrade(upgraded: Upgraded) -> (Self, Bytes) {
        let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => return (Self::tcp(parts.io.into_inner()), parts.read_buf),
            Err(upgraded) => upgraded,
        };
        match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => (Self::tcp(parts.io.into_inner()), parts.read_buf),
            Err(upgraded) => (Self::Other(Box::new(TokioIo::new(upgraded))), Bytes::new()),
        }
    }

    fn tcp(stream: TcpStream) -> Self {
        // Frames are gathered on purpose and written whole; waiting for more in the kernel only adds delay.
        let _ = stream.set_nodelay(true);
        Self::Tcp(Arc::new(stream))
    }

    /// Reads what is there and gives it to `take` while it is still in the thread's buffer. Answers
    /// how many bytes there were; none means the end.
    pub(crate) fn poll_read<T>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<Option<T>>> {
        READ.with_borrow_mut(|buffer| {
            let count = ready!(self.poll_fill(cx, buffer))?;
            Poll::Ready(Ok((count > 0).then(|| take(&buffer[..count]))))
        })
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => loop {
                ready!(stream.poll_read_ready(cx))?;
                match stream.try_read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return Poll::Ready(result),
                }
            },
            Self::Other(stream) => {
                let mut buffer = ReadBuf::new(buffer);
                ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().len()))
            }
        }
    }

    /// Writes as much as fits. `WouldBlock` means that `cx` is woken when there is room again.
    pub(crate) fn write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = match self {
            Self::Tcp(stream) => loop {
                match stream.poll_write_ready(cx)? {
                    Poll::Pending => break Poll::Pending,
                    Poll::Ready(()) => match write(stream, slices) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        result => break Poll::Ready(result),
                    },
                }
            },
            Self::Other(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        match written {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Makes sure that nothing stays in a buffer of ours.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(_) => Poll::Ready(Ok(())),
            Self::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    /// Says that nothing more will be written.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Poll::Ready(socket2::SockRef::from(&**stream).shutdown(Shutdown::Write)),
            Self::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// Writes without waiting. One frame alone is the usual case, and the kernel has a shorter way for it.
pub(crate) fn write(stream: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [one] => stream.try_write(one),
        many => stream.try_write_vectored(many),
    }
}
