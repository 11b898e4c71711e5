//! What the gate answers by itself: problems, in the same shape as those of the API.

use crate::api::{Code, Problem};
use crate::model::UnixTime;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day.
pub(super) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::default().after(since)
}

/// A problem as an answer. Pages from elsewhere may read it.
fn refusal(status: StatusCode, code: Code, detail: &str, retry_after: Option<Duration>) -> Response<Bytes> {
    let problem = Problem {
        status: status.as_u16(),
        code,
        detail: detail.to_owned(),
        time: now(),
        retry_after_millis: retry_after.map(|wait| wait.as_millis() as u64),
    };
    let mut response = Response::new(serde_json::to_vec(&problem).unwrap_or_default().into());
    *response.status_mut() = status;
    response.extensions_mut().insert(code);
    let headers = response.headers_mut();
    let problem = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, problem);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("etag, retry-after, x-request-id"),
    );
    if let Some(wait) = retry_after {
        headers.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
    }
    response
}

/// There is too much to do.
pub(super) fn busy(detail: &str) -> Response<Bytes> {
    refusal(StatusCode::SERVICE_UNAVAILABLE, Code::Busy, detail, Some(Duration::from_secs(1)))
}

/// The body is too long.
pub(super) fn too_large(limit: usize) -> Response<Bytes> {
    let detail = format!("the body is longer than {limit} bytes");
    closing(refusal(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, &detail, None))
}

/// The request did not come in time.
pub(super) fn timeout() -> Response<Bytes> {
    let detail = "the request did not come in time";
    closing(refusal(StatusCode::REQUEST_TIMEOUT, Code::RequestTimeout, detail, None))
}

/// It isn't what HTTP/1.1 allows.
pub(super) fn bad_request(detail: &str) -> Response<Bytes> {
    closing(refusal(StatusCode::BAD_REQUEST, Code::BadRequest, detail, None))
}

/// The handler failed.
pub(super) fn failed() -> Response<Bytes> {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "the server failed", None)
}

/// What can't be read as a request, in place of the HTTP library's own answer.
pub(super) fn malformed(status: StatusCode) -> Response<Bytes> {
    let (status, code, detail) = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            (status, Code::HeadersTooLarge, "the headers are longer, or more, than are read")
        }
        _ => (StatusCode::BAD_REQUEST, Code::BadRequest, "not a request of HTTP/1.1"),
    };
    closing(refusal(status, code, detail, None))
}

/// The same answer, after which the connection is closed.
pub(super) fn closing(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// An answer as it goes over the wire, for where there is no HTTP library to send it.
pub(super) fn to_bytes(response: &Response<Bytes>) -> Bytes {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body().len()).as_bytes());
    bytes.extend_from_slice(response.body());
    bytes.into()
}
