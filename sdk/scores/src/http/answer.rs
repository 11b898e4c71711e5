//! What is answered, and how it is put into HTTP. Nothing here knows scores.

use crate::api::{Code, Problem};
use crate::model::UnixTime;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;
use std::time::Duration;

/// An answer to a request that was right.
pub(super) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Bytes,
    tag: Option<String>,
    cache: &'static str,
}

/// Whoever keeps an answer asks each time whether it is still so.
const ASK: &str = "no-cache";
/// Nobody keeps it.
const KEEP_NOT: &str = "no-store";

impl Answer {
    /// JSON that nobody keeps.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::of("application/json", serialized(value)?))
    }

    /// Anything that nobody keeps.
    pub(super) fn of(content_type: &'static str, body: Bytes) -> Self {
        Self { status: StatusCode::OK, content_type, body, tag: None, cache: KEEP_NOT }
    }

    /// What has the tag that the client knows.
    pub(super) fn unchanged(tag: String) -> Self {
        let (status, content_type) = (StatusCode::NOT_MODIFIED, "");
        Self { status, content_type, body: Bytes::new(), tag: Some(tag), cache: ASK }
    }

    /// The same, created by this request.
    pub(super) fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }

    /// The same, to be kept by this tag, `"…"` or `W/"…"`.
    pub(super) fn tagged(self, tag: String) -> Self {
        Self { tag: Some(tag), cache: ASK, ..self }
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        if let Some(tag) = self.tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
            headers.insert(header::ETAG, tag);
        }
        for_everyone(headers);
        response
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) detail: String,
    retry_after: Option<Duration>,
    allow: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: Code, detail: String) -> Self {
        Self { code, detail, retry_after: None, allow: None }
    }

    pub(super) fn bad_request(detail: String) -> Self {
        Self::new(Code::BadRequest, detail)
    }

    /// The same; trying again after that time, if there is one, may help.
    pub(super) fn after(self, wait: impl Into<Option<Duration>>) -> Self {
        Self { retry_after: wait.into(), ..self }
    }

    /// For a method that the path doesn't have.
    pub(super) fn method(allow: String) -> Self {
        let detail = format!("this path has {allow}");
        Self { allow: Some(allow), ..Self::new(Code::MethodNotAllowed, detail) }
    }

    pub(super) fn into_response(self, now: UnixTime) -> Response<Bytes> {
        let mut response = refusal(self.code, self.detail, self.retry_after, now);
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }
}

/// The answer to a request that is refused: `application/problem+json`, readable by a page from anywhere. For the server,
/// which refuses some before the API sees them, and counts them by the code, an extension of the answer.
pub fn refusal(code: Code, detail: String, retry_after: Option<Duration>, now: UnixTime) -> Response<Bytes> {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after_millis = retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    let problem = Problem { status: status.as_u16(), code, detail, time: now, retry_after_millis };
    let mut response = Response::new(serialized(&problem).unwrap_or_default());
    *response.status_mut() = status;
    response.extensions_mut().insert(code);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEEP_NOT));
    if let Some(millis) = retry_after_millis {
        headers.insert(header::RETRY_AFTER, millis.div_ceil(1_000).into());
    }
    for_everyone(headers);
    response
}

/// The answer to `OPTIONS`: what a page from another origin may do. All of it, as no browser adds a cookie that counts.
pub(super) fn preflight(allow: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Ok(allow) = HeaderValue::try_from(allow) {
        headers.insert(header::ALLOW, allow.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allow);
    }
    let sent = "content-type, content-digest, signature, signature-input, if-none-match";
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(sent));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    for_everyone(headers);
    response
}

/// Lets pages from anywhere read the answer, and browsers take it for nothing but what it says it is.
pub(super) fn for_everyone(headers: &mut HeaderMap) {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag, retry-after, x-request-id"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The value as JSON.
pub(super) fn serialized(value: &impl Serialize) -> Result<Bytes, Refusal> {
    let json = serde_json::to_vec(value);
    json.map(Bytes::from)
        .map_err(|error| Refusal::new(Code::Internal, format!("can't write the answer: {error}")))
}
