//! Files that are served as they are: the page, and what the operator adds. They are in memory: nothing here knows a file.

use super::answer::for_everyone;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use sha2::{Digest as _, Sha256};

/// A file that is served as it is.
#[derive(Clone, Debug)]
pub struct Asset {
    path: String,
    content_type: HeaderValue,
    bytes: Bytes,
    tag: HeaderValue,
}

/// What a page from here may do: run scripts and WebAssembly from here, and ask any service for scores.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
                      img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src *; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Asset {
    /// What is at `path`, such as `/viewers/maze.js`; nothing under `/v1` is ever asked for. `content_type` is an ASCII
    /// string such as `text/javascript`; what can't be one is served as bytes.
    pub fn new(path: impl Into<String>, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = HEXLOWER.encode(&Sha256::digest(&bytes)[..16]);
        Self {
            path: path.into(),
            content_type: HeaderValue::from_str(content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
            bytes,
            // Hexadecimal digits in quotes can always stand in a header.
            tag: HeaderValue::from_str(&format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it is known by, as long as it is the same.
    pub(super) fn tag(&self) -> &str {
        self.tag.to_str().unwrap_or_default()
    }

    /// All of it; without `body` only that it is the same still.
    pub(super) fn response(&self, body: bool) -> Response<Bytes> {
        const HEADERS: [(HeaderName, &str); 3] = [
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        let mut response = Response::new(if body { self.bytes.clone() } else { Bytes::new() });
        let headers = response.headers_mut();
        if body {
            headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        }
        headers.insert(header::ETAG, self.tag.clone());
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for_everyone(headers);
        if !body {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        response
    }
}
