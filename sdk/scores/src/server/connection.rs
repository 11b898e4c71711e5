//! A connection from its first byte to its last. It knows no requests; how many connections there are is the gate's to
//! decide.

use super::exchange::answer;
use super::figures::Figures;
use super::handler::Handler;
use super::limits::Limits;
use super::place::{Cut, LINGER, Phase, Place, Places};
use super::refusal;
use super::stream::Stream;
use super::workers::Workers;
use bytes::Bytes;
use http::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What all connections have in common.
pub(super) struct House {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) limits: Limits,
    pub(super) trusted_proxies: Vec<IpAddr>,
    pub(super) figures: Arc<Figures>,
    pub(super) places: Places,
    pub(super) quick: Workers,
    pub(super) verification: Workers,
    pub(super) stopping: Cell<bool>,
    pub(super) request_ids: Cell<u64>,
    /// Routes of [`Queue::Inline`](super::Queue) whose last answer took too long for that.
    pub(super) slow: RefCell<BTreeSet<&'static str>>,
}

/// What takes longer keeps the other connections waiting.
const INLINE: Duration = Duration::from_micros(500);

impl House {
    /// Notes how long an answer took that is meant to be given by the thread of the connections itself.
    pub(super) fn note(&self, route: &'static str, took: Duration) {
        let mut slow = self.slow.borrow_mut();
        if took > INLINE {
            slow.insert(route);
        } else {
            slow.remove(route);
        }
    }

    /// What the next request is called.
    pub(super) fn next_request_id(&self) -> String {
        let id = self.request_ids.get().wrapping_add(1);
        self.request_ids.set(id);
        format!("{id:016x}")
    }
}

/// Serves a connection until it ends.
pub(super) async fn serve(house: Rc<House>, socket: TcpStream, peer: IpAddr, place: Rc<Place>) {
    let stream = Stream::new(socket, place.clone());
    let service = service_fn(|request| {
        let (house, place) = (house.clone(), place.clone());
        async move { Ok::<_, Infallible>(answer(&house, request, peer, &place).await) }
    });
    let mut connection = http1::Builder::new()
        .max_header_size(house.limits.header_bytes)
        .max_buf_size(house.limits.header_bytes.max(8 << 10))
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let mut told_to_stop = false;
    let cut = poll_fn(|context| {
        place.watch(context.waker());
        if place.is_cut().is_some() {
            return Poll::Ready(place.is_cut());
        }
        let mut ended = Pin::new(&mut connection).poll(context).is_ready();
        if !ended && house.stopping.get() && !told_to_stop {
            told_to_stop = true;
            Pin::new(&mut connection).graceful_shutdown();
            ended = Pin::new(&mut connection).poll(context).is_ready();
        }
        if ended { Poll::Ready(None) } else { Poll::Pending }
    })
    .await;
    if let Some(why) = cut {
        house.figures.cut(why, place.phase());
        end(connection.into_parts().io.into_inner().into_socket(), why, place.phase()).await;
    }
}

/// Ends a connection that was cut off: says why, if somebody waits for an answer.
async fn end(socket: TcpStream, why: Cut, phase: Phase) {
    let answer = match phase {
        Phase::Head | Phase::Body => refusal::timeout(),
        Phase::Handling => refusal::closing(refusal::busy("the answer took too long")),
        // What it doesn't read must not stay in the kernel's buffers.
        Phase::Writing => return drop(socket.set_zero_linger()),
        Phase::New | Phase::Idle | Phase::Closing => return,
    };
    match why {
        Cut::Deadline => say(socket, &answer).await,
        // There is no time for more; whether it gets through is not certain.
        Cut::MadeWay | Cut::Stopped => drop(socket.try_write(&refusal::to_bytes(&answer))),
    }
}

/// Sends an answer and closes, unless that takes longer than [`LINGER`].
pub(super) async fn say(mut socket: TcpStream, response: &Response<Bytes>) {
    let said = async {
        socket.write_all(&refusal::to_bytes(response)).await?;
        socket.shutdown().await?;
        // Were it closed with bytes unread, the kernel would tell the client to forget the answer.
        let mut rest = [0; 1 << 10];
        while socket.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    // If it can't be said, it can't.
    let _ = timeout(LINGER, said).await;
}
