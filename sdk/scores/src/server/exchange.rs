//! One request and its answer: it is read within limits, handed to a thread, counted and logged. It knows no routes.

use super::connection::House;
use super::forwarded::sender;
use super::handler::{Queue, Route};
use super::place::{Phase, Place};
use super::refusal;
use super::workers::NoAnswer;
use crate::api::Code;
use crate::model::PlayerId;
use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{PathAndQuery, Uri};
use http::{Method, Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// What a request is called by in logs; the answer has it, so that who complains can name it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The route of what is no request.
const NONE: Route = Route { name: "none", queue: Queue::Quick, body_bytes: 0 };

/// Answers one request.
pub(super) async fn answer(
    house: &House,
    request: Request<Incoming>,
    peer: IpAddr,
    place: &Place,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let mut request = Request::from_parts(head, ());
    let method = known(request.method());
    let peer = sender(request.headers(), peer, &house.trusted_proxies);
    let (route, read) = match objection(&mut request) {
        Some(refused) => (NONE, Err(refused)),
        None => {
            let route = house.handler.route(&request);
            place.enter(Phase::Body);
            (route, read(house, body, route, place).await)
        }
    };
    let start = Instant::now();
    place.enter(Phase::Handling);
    let response = match read {
        Ok(body) => handle(house, route, request.map(|()| body), peer).await,
        Err(refused) => refused,
    };
    // What others have, too, takes no memory of its own.
    let own = if response.body().is_unique() { response.body().len() } else { 0 };
    let mut response =
        if hold(house, place, own) { response } else { refusal::busy("too many answers at once") };
    if response.headers().contains_key(header::CONNECTION) {
        place.linger();
    }
    place.enter(Phase::Writing);
    let (took, id) = (start.elapsed(), house.next_request_id());
    let (route, status, micros) = (route.name, response.status().as_u16(), took.as_micros() as u64);
    let problem = response.extensions().get::<Code>().copied();
    let player = response.extensions().get::<PlayerId>();
    house.figures.answered(route, status, problem, took);
    if status < 500 {
        tracing::debug!(%id, %peer, method, route, status, micros, ?problem, ?player, "answered");
    } else {
        tracing::warn!(%id, %peer, method, route, status, micros, ?problem, ?player, "failed");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response.map(Full::new)
}

/// A method as logs have it: anybody may make up one, of any length.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// What HTTP/1.1 refuses, though the library doesn't. Brings each target into one form.
fn objection(request: &mut Request<()>) -> Option<Response<Bytes>> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Some(refusal::bad_request("a request has one host"));
    }
    if request.method() == Method::CONNECT {
        return Some(refusal::bad_request("this is no proxy"));
    }
    // `GET http://host/path`, as proxies are asked: the host in it is the one that counts.
    if let Some(authority) = request.uri().authority() {
        let Ok(host) = HeaderValue::try_from(authority.as_str()) else {
            return Some(refusal::bad_request("the host can't be read"));
        };
        let target = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from(target.unwrap_or_else(|| PathAndQuery::from_static("/")));
        request.headers_mut().insert(header::HOST, host);
    }
    None
}

/// Reads a body, as far as it is short enough and there is memory for it.
async fn read(
    house: &House,
    mut body: Incoming,
    route: Route,
    place: &Place,
) -> Result<Bytes, Response<Bytes>> {
    let limit = route.body_bytes.min(house.limits.body_bytes);
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(refusal::too_large(limit));
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| refusal::bad_request("the body can't be read"))?;
        // Of what comes after the body, nothing is used.
        let Ok(data) = frame.into_data() else { continue };
        let length = bytes.len() + data.len();
        if length > limit {
            return Err(refusal::too_large(limit));
        }
        if !hold(house, place, length) {
            return Err(refusal::closing(refusal::busy("too many bodies at once")));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Has a connection hold so many bytes. If there are too few left, somebody who keeps them for long makes way, so that who
/// comes next finds some.
fn hold(house: &House, place: &Place, bytes: usize) -> bool {
    place.hold(bytes) || {
        house.places.make_way(Place::holds);
        false
    }
}

/// Has the handler answer, on the threads that it belongs to.
async fn handle(house: &House, route: Route, request: Request<Bytes>, peer: IpAddr) -> Response<Bytes> {
    let handler = house.handler.clone();
    let answer = move || {
        let start = Instant::now();
        (handler.answer(&request, peer, refusal::now()), start.elapsed())
    };
    let answered = match route.queue {
        Queue::Inline if !house.slow.borrow().contains(route.name) => {
            catch_unwind(AssertUnwindSafe(answer)).map_err(|_| NoAnswer::Panicked)
        }
        Queue::Inline | Queue::Quick => house.quick.run(answer).await,
        Queue::Verification => house.verification.run(answer).await,
    };
    match answered {
        Ok((response, took)) => {
            if route.queue == Queue::Inline {
                house.note(route.name, took);
            }
            response
        }
        Err(NoAnswer::Full) => refusal::busy("too many requests at once"),
        Err(NoAnswer::Panicked) => {
            tracing::error!(route = route.name, "a handler panicked");
            house.figures.panicked();
            refusal::failed()
        }
    }
}
