//! What the gate answers by itself: problems, as the API does.

use crate::api::Code;
use crate::model::UnixTime;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::default().after(since)
}

fn refusal(code: Code, detail: &str, retry_after: Option<Duration>) -> Response<Bytes> {
    crate::http::refusal(code, detail.to_owned(), retry_after, now())
}

/// There is too much to do.
pub(super) fn busy(detail: &str) -> Response<Bytes> {
    refusal(Code::Busy, detail, Some(Duration::from_secs(1)))
}

/// The body is too long.
pub(super) fn too_large(limit: usize) -> Response<Bytes> {
    let detail = format!("the body is longer than {limit} bytes");
    closing(refusal(Code::TooLarge, &detail, None))
}

/// The request did not come in time.
pub(super) fn timeout() -> Response<Bytes> {
    let detail = "the request did not come in time";
    closing(refusal(Code::RequestTimeout, detail, None))
}

/// It isn't what HTTP/1.1 allows.
pub(super) fn bad_request(detail: &str) -> Response<Bytes> {
    closing(refusal(Code::BadRequest, detail, None))
}

/// The handler failed.
pub(super) fn failed() -> Response<Bytes> {
    refusal(Code::Internal, "the server failed", None)
}

/// What can't be read as a request, in place of the HTTP library's own answer.
pub(super) fn malformed(status: StatusCode) -> Response<Bytes> {
    match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            let detail = "the headers are longer, or more, than are read";
            closing(refusal(Code::HeadersTooLarge, detail, None))
        }
        _ => bad_request("not a request of HTTP/1.1"),
    }
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
