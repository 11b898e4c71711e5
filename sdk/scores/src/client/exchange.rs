//! One request and its answer. It knows HTTP, and what answers of a service look like; not what is asked.

use super::ClientError;
use super::options::Origin;
use crate::api::Problem;
use crate::identity::PlayerKey;
use crate::model::UnixTime;
use crate::signing::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, Target, sign};
use serde::de::DeserializeOwned;
use std::io;
use std::time::Duration;
use ureq::http::{Request, Response, header};
use ureq::{Body, Error};

/// What is asked of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) method: &'static str,
    /// The path, and `?` and the query where there is one.
    pub(super) target: &'a str,
    /// JSON, if anything.
    pub(super) body: Option<&'a [u8]>,
    /// Who signs it and when, if anybody.
    pub(super) signer: Option<(&'a PlayerKey, UnixTime)>,
}

/// The longest answer in JSON that is read. A full page has some fifty kilobytes.
const MAX_JSON: u64 = 4 << 20;
/// The longest replay that is read.
const MAX_REPLAY: u64 = 16 << 20;
/// The longest that a service is believed to be away.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks, and reads an answer in JSON.
pub(super) fn json<T: DeserializeOwned>(
    agent: &ureq::Agent,
    origin: &Origin,
    ask: Ask<'_>,
) -> Result<T, ClientError> {
    let body = exchange(agent, origin, ask, "application/json", MAX_JSON)?;
    serde_json::from_slice(&body).map_err(|error| {
        not_a_service(origin, format!("its answer to {} {} is another: {error}", ask.method, ask.target))
    })
}

/// Asks, and reads an answer in bytes.
pub(super) fn bytes(agent: &ureq::Agent, origin: &Origin, ask: Ask<'_>) -> Result<Vec<u8>, ClientError> {
    exchange(agent, origin, ask, "application/octet-stream", MAX_REPLAY)
}

fn exchange(
    agent: &ureq::Agent,
    origin: &Origin,
    ask: Ask<'_>,
    expected: &str,
    at_most: u64,
) -> Result<Vec<u8>, ClientError> {
    let answer = send(agent, origin, ask)?;
    let (head, mut body) = answer.into_parts();
    let status = head.status;
    if status.is_redirection() {
        let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
        let to: String = to.chars().take(200).collect();
        return Err(not_a_service(
            origin,
            format!("it sends us on to {to}: if that is the service, set its address"),
        ));
    }
    let media_type = body.mime_type().unwrap_or("no content type").to_ascii_lowercase();
    let read = |body: &mut Body, at_most| {
        let read = body.with_config().limit(at_most).read_to_vec();
        read.map_err(|error| failure(origin, error))
    };
    if status.is_success() && media_type == expected {
        return read(&mut body, at_most);
    }
    let retry_after = head.headers.get(header::RETRY_AFTER);
    // A date it could be, too; services of scores don't say that, and proxies don't, mostly.
    let retry_after =
        retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let retry_after = retry_after.map(|duration| duration.min(MAX_RETRY_AFTER));
    if !status.is_success() && media_type == "application/problem+json" {
        let body = read(&mut body, MAX_JSON)?;
        if let Ok(mut problem) = serde_json::from_slice::<Problem>(&body) {
            problem.status = status.as_u16();
            problem.detail = problem.detail.chars().take(500).collect();
            let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            problem.retry_after_millis = problem
                .retry_after_millis
                .or(retry_after.map(millis))
                .map(|after| after.min(millis(MAX_RETRY_AFTER)));
            return Err(ClientError::Problem(problem));
        }
    }
    let media_type: String = media_type.chars().take(100).collect();
    Err(ClientError::NotAScoreService {
        url: origin.url.clone(),
        what: format!("it answers {status} and {media_type} to {} {}", ask.method, ask.target),
        retry_after,
    })
}

fn send(agent: &ureq::Agent, origin: &Origin, ask: Ask<'_>) -> Result<Response<Body>, ClientError> {
    let Ask { method, target, body, signer } = ask;
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{target}", origin.url))
        .header(header::HOST, &origin.authority);
    if let Some((key, now)) = signer {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| ClientError::NoRandomness(io::Error::other(error)))?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let authority = &origin.authority;
        let target = Target { method, authority, path, query, body: body.unwrap_or_default() };
        let signed = sign(key, &target, now, nonce);
        request = request
            .header(CONTENT_DIGEST, signed.content_digest)
            .header(SIGNATURE_INPUT, signed.signature_input)
            .header(SIGNATURE, signed.signature);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    // A POST of nothing has a body, too: one of no bytes, and of that length.
    let sent = match body.or((method != "GET").then_some(&[])) {
        Some(body) => request.body(body).map(|request| agent.run(request)),
        None => request.body(()).map(|request| agent.run(request)),
    };
    sent.map_err(Error::from).flatten().map_err(|error| failure(origin, error))
}

fn not_a_service(origin: &Origin, what: String) -> ClientError {
    ClientError::NotAScoreService { url: origin.url.clone(), what, retry_after: None }
}

/// What a failure of HTTP means.
fn failure(origin: &Origin, error: Error) -> ClientError {
    let (url, why) = (origin.url.clone(), error.to_string());
    match error {
        Error::Timeout(timeout) => ClientError::TimedOut { url, what: timeout.to_string() },
        // What TLS refuses comes through the socket as invalid data.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData && url.starts_with("https") => {
            ClientError::Untrusted { url, why: error.to_string(), source: error.into() }
        }
        error @ (Error::Rustls(_) | Error::Tls(_) | Error::TlsRequired) => {
            ClientError::Untrusted { url, why, source: error.into() }
        }
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            ClientError::TimedOut { url, what: why }
        }
        Error::Io(error) => {
            ClientError::Unreachable { url, why: error.to_string(), source: Some(error.into()) }
        }
        error @ (Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_)) => {
            ClientError::Unreachable { url, why, source: Some(error.into()) }
        }
        Error::BodyExceedsLimit(limit) => {
            not_a_service(origin, format!("its answer is longer than {limit} bytes"))
        }
        Error::LargeResponseHeader(..) => not_a_service(origin, "the head of its answer is too long".into()),
        Error::Protocol(_) | Error::BodyStalled => not_a_service(origin, why),
        error => ClientError::Unreachable { url, why, source: Some(error.into()) },
    }
}
