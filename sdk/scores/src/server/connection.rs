//! A connection from its first byte to its last: requests are read within limits, handed on, and answered.
//!
//! It knows no routes. How many connections there are is the gate's to decide.

use super::handler::{Handler, Queue, Route};
use super::limits::Limits;
use super::place::{Cut, Phase, Place};
use super::refusal;
use super::stream::Stream;
use super::workers::{NoAnswer, Workers};
use crate::api::Code;
use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// For how long an answer is sent to somebody whose connection is to be closed.
const LINGER: Duration = Duration::from_secs(1);

/// What all connections have in common.
pub(super) struct House {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) limits: Limits,
    pub(super) quick: Workers,
    pub(super) verification: Workers,
    pub(super) stopping: Cell<bool>,
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
        end(connection.into_parts().io.into_inner().into_socket(), why, place.phase()).await;
    }
}

/// Ends a connection that was cut off: says why, if somebody waits for an answer.
async fn end(socket: TcpStream, why: Cut, phase: Phase) {
    match (why, phase) {
        (Cut::Deadline | Cut::MadeWay, Phase::Head | Phase::Body) => {
            say(socket, &refusal::timeout()).await;
        }
        (Cut::Deadline | Cut::MadeWay, Phase::Handling) => {
            say(socket, &refusal::closing(refusal::busy("the answer took too long"))).await;
        }
        // What it doesn't read must not stay in the kernel's buffers.
        (_, Phase::Writing) => drop(socket.set_zero_linger()),
        _ => {}
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

/// Answers one request.
async fn answer(
    house: &House,
    request: Request<Incoming>,
    peer: IpAddr,
    place: &Place,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let route = house.handler.route(&head);
    place.enter(Phase::Body);
    let response = match read(body, house.limits.body_bytes, place).await {
        Ok(body) => {
            place.enter(Phase::Handling);
            handle(house, route, Request::from_parts(head, body), peer).await
        }
        Err(refused) => refused,
    };
    place.enter(Phase::Writing);
    response.map(Full::new)
}

/// Reads a body, as far as it is short enough and there is memory for it.
async fn read(mut body: Incoming, limit: usize, place: &Place) -> Result<Bytes, Response<Bytes>> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(refusal::too_large(limit));
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(refusal::malformed(400)) };
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(refusal::too_large(limit));
        }
        if !place.hold(data.len()) {
            return Err(refusal::closing(refusal::busy("too many bodies at once")));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Has the handler answer, on the threads that it belongs to.
async fn handle(house: &House, route: Route, request: Request<Bytes>, peer: IpAddr) -> Response<Bytes> {
    let handler = house.handler.clone();
    let answer = move || handler.answer(&request, peer, refusal::now());
    let answered = match route.queue {
        Queue::Inline => catch_unwind(AssertUnwindSafe(answer)).map_err(|_| NoAnswer::Panicked),
        Queue::Quick => house.quick.run(answer).await,
        Queue::Verification => house.verification.run(answer).await,
    };
    answered.unwrap_or_else(|why| match why {
        NoAnswer::Full => refusal::busy("too many requests at once"),
        NoAnswer::Panicked => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            refusal::refusal(status, Code::Internal, "the server failed", None)
        }
    })
}
