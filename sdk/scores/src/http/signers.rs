//! Who signed a request. Nothing here knows what it is for.

use super::answer::Refusal;
use super::call::{Call, single};
use crate::api::Code;
use crate::model::PlayerId;
use crate::signing::{
    CONTENT_DIGEST, NonceProblem, NonceWindow, SIGNATURE, SIGNATURE_INPUT, SignatureHeaders, Target, verify,
};
use http::header::{self, HeaderName};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Tells who signed requests, and takes each of these once.
#[derive(Debug)]
pub(super) struct Signers {
    seen: Mutex<NonceWindow>,
    /// What requests may be signed for; none for anything.
    authorities: Vec<String>,
}

impl Signers {
    /// How long to wait when there were too many.
    const FULL: Duration = Duration::from_secs(10);

    pub(super) fn new(seen: NonceWindow, authorities: Vec<String>) -> Self {
        Self { seen: Mutex::new(seen), authorities }
    }

    /// Who signed a request.
    pub(super) fn signer(&self, call: &Call) -> Result<PlayerId, Refusal> {
        let bad = |detail: String| Refusal::new(Code::BadSignature, detail);
        let header = |name| {
            let value = single(call.request.headers(), HeaderName::from_static(name));
            value.ok_or_else(|| {
                bad(format!("the request has to be signed: header {name} has to be there once"))
            })
        };
        let headers = SignatureHeaders {
            content_digest: header(CONTENT_DIGEST)?,
            signature_input: header(SIGNATURE_INPUT)?,
            signature: header(SIGNATURE)?,
        };
        let uri = call.request.uri();
        // Proxies name the host there.
        let authority = uri.authority().map(|authority| authority.as_str());
        let authority = authority.or_else(|| call.header(header::HOST)).unwrap_or_default();
        if !self.authorities.is_empty()
            && !self.authorities.iter().any(|ours| ours.eq_ignore_ascii_case(authority))
        {
            let ours = self.authorities.join(", ");
            return Err(bad(format!("requests to this service are signed for {ours}")));
        }
        let target = Target {
            method: call.request.method().as_str(),
            authority,
            path: uri.path(),
            query: uri.query(),
            body: call.request.body(),
        };
        let signed = verify(&headers, &target).map_err(|problem| bad(problem.to_string()))?;
        let admitted = self.seen.lock().unwrap_or_else(PoisonError::into_inner).admit(&signed, call.now);
        admitted.map_err(|problem| {
            let refusal = |code| Refusal::new(code, problem.to_string());
            match problem {
                NonceProblem::ClockSkew => refusal(Code::ClockSkew),
                NonceProblem::Replayed => refusal(Code::ReplayedRequest),
                NonceProblem::Full => refusal(Code::Busy).after(Self::FULL),
            }
        })?;
        Ok(signed.player)
    }
}
