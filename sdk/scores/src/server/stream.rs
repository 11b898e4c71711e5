//! The socket beneath a connection. It notes in the connection's place what comes and goes, and puts a problem's body
//! where the HTTP library would answer with a bare status. It knows nothing of routes or handlers.

use super::place::{Phase, Place};
use super::refusal;
use bytes::{Buf, Bytes};
use http::StatusCode;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A socket and its place.
pub(super) struct Stream {
    socket: TcpStream,
    place: Rc<Place>,
    /// What is still to be sent in place of the library's own answer.
    refusal: Option<Bytes>,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, place: Rc<Place>) -> Self {
        Self { socket, place, refusal: None }
    }

    pub(super) fn into_socket(self) -> TcpStream {
        self.socket
    }

    /// Before a request is handed to us, all that the library writes is its own refusal: `HTTP/1.1 431 …`. Puts ours in its
    /// place, and says whether it did.
    fn replaces(&mut self, written: &[u8]) -> bool {
        if !matches!(self.place.phase(), Phase::New | Phase::Head | Phase::Idle) {
            return false;
        }
        let status = written.get(9..12).and_then(|digits| StatusCode::from_bytes(digits).ok());
        let problem = refusal::malformed(status.unwrap_or(StatusCode::BAD_REQUEST));
        self.refusal = Some(refusal::to_bytes(&problem));
        self.place.linger();
        self.place.enter(Phase::Writing);
        true
    }

    fn poll_refusal(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = &mut self.refusal {
            if rest.is_empty() {
                self.refusal = None;
                break;
            }
            let written = ready!(Pin::new(&mut self.socket).poll_write(context, rest))?;
            rest.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        let came = buffer.filled().len() - before;
        if came > 0 {
            if matches!(self.place.phase(), Phase::New | Phase::Idle) {
                self.place.enter(Phase::Head);
            }
            self.place.moved(came);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.refusal.is_some() || self.replaces(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write(context, bytes))?;
        self.place.moved(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.refusal.is_some() || self.replaces(slices.first().map_or(&[], |slice| slice)) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(context, slices))?;
        self.place.moved(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(context))?;
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        // An answer is one piece, so what is flushed is all of it.
        if self.place.phase() == Phase::Writing {
            self.place.hold(0);
            self.place.enter(Phase::Idle);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(context))?;
        if self.place.phase() != Phase::Closing {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.place.enter(Phase::Closing);
        }
        if !self.place.lingers() {
            return Poll::Ready(Ok(()));
        }
        // Were it closed with bytes unread, the kernel would tell the client to forget the answer. For how long this may go
        // on, the place says.
        loop {
            let mut rest = [0; 1 << 10];
            let mut rest = ReadBuf::new(&mut rest);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut rest))?;
            if rest.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
