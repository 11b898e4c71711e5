//! Requests that are signed by a player: HTTP Message Signatures (RFC 9421) in one fixed shape. STANDARD.md, section 11.
//! Knows no clock and no sockets: the time and the nonce are handed in.
//!
//! ```
//! use netcord_scores::identity::PlayerKey;
//! use netcord_scores::model::UnixTime;
//! use netcord_scores::signing::{Target, sign, verify};
//!
//! let key = PlayerKey::generate()?;
//! let target = Target {
//!     method: "POST",
//!     authority: "scores.example:8443",
//!     path: "/v1/boards/maze/tickets",
//!     query: None,
//!     body: br#"{"count":3}"#,
//! };
//! let headers = sign(&key, &target, UnixTime::from_millis(1_800_000_000_000), [7; 16]);
//! let signed = verify(&headers.as_deref(), &target)?;
//! assert_eq!(signed.player, key.id());
//!
//! let other = Target { path: "/v1/boards/marathon/tickets", ..target };
//! assert!(verify(&headers.as_deref(), &other).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! That a signature fits says nothing of when it was made: a server asks its [`NonceWindow`], too.

use crate::identity::{PlayerKey, is_signed, public_key};
use crate::model::{PlayerId, UnixTime};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

/// The name of the header with the digest of the body (RFC 9530).
pub const CONTENT_DIGEST: &str = "content-digest";
/// The name of the header that says what is signed, by whom and when.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// The name of the header with the signature.
pub const SIGNATURE: &str = "signature";

/// What of a request is signed. Both sides take it as it stands in the request, so nothing is normalised but the case of
/// the authority.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The host and, unless it is the usual one, the port: the `Host` header.
    pub authority: &'a str,
    /// The path, with its leading slash.
    pub path: &'a str,
    /// What comes after the question mark. None and an empty one are signed alike.
    pub query: Option<&'a str>,
    /// The body, empty if there is none.
    pub body: &'a [u8],
}

/// The values of the headers that make a request a signed one. Each must be there exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureHeaders<T> {
    /// Of [`CONTENT_DIGEST`].
    pub content_digest: T,
    /// Of [`SIGNATURE_INPUT`].
    pub signature_input: T,
    /// Of [`SIGNATURE`].
    pub signature: T,
}

impl SignatureHeaders<String> {
    /// The same, borrowed.
    #[must_use]
    pub fn as_deref(&self) -> SignatureHeaders<&str> {
        SignatureHeaders {
            content_digest: &self.content_digest,
            signature_input: &self.signature_input,
            signature: &self.signature,
        }
    }
}

/// Who signed a request, and what makes it different from all others that they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signed {
    /// When, in whole seconds, by the player's clock.
    pub created: UnixTime,
    /// Who.
    pub player: PlayerId,
    /// A number that the player uses once.
    pub nonce: [u8; 16],
}

/// Why a request is not signed. For the player it is one and the same: [`Code::BadSignature`](crate::api::Code::BadSignature).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureProblem {
    /// A header is not spelled as in STANDARD.md, section 11.
    #[error("{0} is not spelled as it has to be")]
    Malformed(&'static str),
    /// The body is not the one that was signed.
    #[error("content-digest is not that of the body")]
    OtherBody,
    /// The key is no ed25519 key, or one for which anybody can sign.
    #[error("keyid is no key")]
    NoKey,
    /// The signature is not that of this request by this player. A request that was signed for another host, such as by its
    /// other name, ends here.
    #[error("the signature is not that of this request, as it arrived, by this player")]
    OtherRequest,
}

/// Signs a request. `nonce` must be new each time; `created` is rounded down to seconds.
#[must_use]
pub fn sign(
    key: &PlayerKey,
    target: &Target<'_>,
    created: UnixTime,
    nonce: [u8; 16],
) -> SignatureHeaders<String> {
    let created = UnixTime::from_millis(created.as_millis() / 1000 * 1000);
    let parameters = parameters(&Signed { player: key.id(), created, nonce });
    let content_digest = digest(target.body);
    let signature = key.sign(base(target, &content_digest, &parameters).as_bytes());
    SignatureHeaders {
        content_digest,
        signature_input: format!("{LABEL}={parameters}"),
        signature: format!("{LABEL}=:{}:", BASE64.encode(&signature)),
    }
}

/// Finds out who signed a request.
///
/// # Errors
/// What is wrong with the headers, or that they are not of this request.
pub fn verify(headers: &SignatureHeaders<&str>, target: &Target<'_>) -> Result<Signed, SignatureProblem> {
    let parameters = headers.signature_input.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix('='));
    let parameters = parameters.ok_or(SignatureProblem::Malformed(SIGNATURE_INPUT))?;
    let signed = read_parameters(parameters).ok_or(SignatureProblem::Malformed(SIGNATURE_INPUT))?;
    let signature = read_signature(headers.signature).ok_or(SignatureProblem::Malformed(SIGNATURE))?;
    if !is_digest(headers.content_digest) {
        return Err(SignatureProblem::Malformed(CONTENT_DIGEST));
    }
    // A line break in one of these could make the base that of another request.
    let parts = [target.method, target.authority, target.path, target.query.unwrap_or_default()];
    if parts.iter().any(|part| part.bytes().any(|byte| !byte.is_ascii_graphic())) {
        return Err(SignatureProblem::OtherRequest);
    }
    let key = public_key(&signed.player).ok_or(SignatureProblem::NoKey)?;
    if !is_signed(&key, base(target, headers.content_digest, parameters).as_bytes(), &signature) {
        return Err(SignatureProblem::OtherRequest);
    }
    // Last, as a body is long, and anybody can send one.
    if headers.content_digest == digest(target.body) { Ok(signed) } else { Err(SignatureProblem::OtherBody) }
}

/// What our signature is called, beside others that a request may have.
const LABEL: &str = "netcord";

/// What is signed, in this order.
const COMPONENTS: &str = r#"("@method" "@authority" "@path" "@query" "content-digest")"#;

/// The digest of a body, as the header has it.
fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(&Sha256::digest(body)))
}

fn is_digest(value: &str) -> bool {
    let digits = value.strip_prefix("sha-256=:").and_then(|rest| rest.strip_suffix(':'));
    digits.is_some_and(|digits| decode_base64::<32>(digits).is_some())
}

/// The signature's parameters, RFC 9421, section 2.3.
fn parameters(signed: &Signed) -> String {
    let (seconds, nonce) = (signed.created.as_millis() / 1000, HEXLOWER.encode(&signed.nonce));
    format!(r#"{COMPONENTS};created={seconds};keyid="{}";nonce="{nonce}""#, signed.player)
}

fn read_parameters(text: &str) -> Option<Signed> {
    let rest = text.strip_prefix(COMPONENTS)?.strip_prefix(";created=")?;
    let (seconds, rest) = rest.split_once(r#";keyid=""#)?;
    let (player, rest) = rest.split_once(r#"";nonce=""#)?;
    let created = UnixTime::from_millis(seconds.parse::<u64>().ok()?.checked_mul(1000)?);
    let mut nonce = [0; 16];
    let digits = rest.strip_suffix('"')?;
    (HEXLOWER.decode_len(digits.len()) == Ok(nonce.len())).then_some(())?;
    HEXLOWER.decode_mut(digits.as_bytes(), &mut nonce).ok()?;
    let signed = Signed { created, player: player.parse().ok()?, nonce };
    // Numbers have other spellings, too.
    (parameters(&signed) == text).then_some(signed)
}

fn read_signature(value: &str) -> Option<[u8; 64]> {
    decode_base64(value.strip_prefix(LABEL)?.strip_prefix("=:")?.strip_suffix(':')?)
}

/// So many bytes of base64, in the one spelling that they have.
fn decode_base64<const N: usize>(digits: &str) -> Option<[u8; N]> {
    // The length first: what is decoded is no longer than that.
    if digits.len() != N.div_ceil(3) * 4 {
        return None;
    }
    BASE64.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// The signature base, RFC 9421, section 2.5.
fn base(target: &Target<'_>, content_digest: &str, parameters: &str) -> String {
    let Target { method, path, .. } = target;
    let authority = target.authority.to_ascii_lowercase();
    let query = target.query.unwrap_or_default();
    format!(
        "\"@method\": {method}\n\
         \"@authority\": {authority}\n\
         \"@path\": {path}\n\
         \"@query\": ?{query}\n\
         \"content-digest\": {content_digest}\n\
         \"@signature-params\": {parameters}"
    )
}

/// The signed requests of the last minute, so that none is taken twice.
///
/// A request counts for [`NonceWindow::TOLERANCE`] before and after the time that it was signed at. As long as it could
/// come again, it is remembered: where there is no room left, new ones are refused. So ask it after all that limits how often
/// somebody may ask, and after [`verify`].
#[derive(Debug)]
pub struct NonceWindow {
    seen: BTreeSet<Signed>,
    capacity: usize,
    /// What was signed before may have been seen and forgotten.
    from: UnixTime,
}

/// Why a signed request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceProblem {
    /// [`Code::ClockSkew`](crate::api::Code::ClockSkew).
    #[error("signed more than a minute ago, or ahead, or before the server started")]
    ClockSkew,
    /// [`Code::ReplayedRequest`](crate::api::Code::ReplayedRequest).
    #[error("the same request came before")]
    Replayed,
    /// [`Code::Busy`](crate::api::Code::Busy).
    #[error("too many signed requests within a minute")]
    Full,
}

impl NonceWindow {
    /// How wrong a player's clock may be.
    pub const TOLERANCE: Duration = Duration::from_secs(60);

    /// Remembers up to `capacity` requests, of some hundred bytes each; there are never more than what comes in two minutes.
    /// What was signed in a second before `started` is refused: it may have come before a restart, and is forgotten. Who
    /// asked with a clock that is ahead could still be repeated for that long after one.
    #[must_use]
    pub fn new(capacity: usize, started: UnixTime) -> Self {
        let from = UnixTime::from_millis(started.as_millis() / 1000 * 1000);
        Self { seen: BTreeSet::new(), capacity, from }
    }

    /// Takes a request, once.
    ///
    /// # Errors
    /// [`NonceProblem`].
    pub fn admit(&mut self, signed: &Signed, now: UnixTime) -> Result<(), NonceProblem> {
        while let Some(oldest) = self.seen.first().copied() {
            if now.since(oldest.created) <= Self::TOLERANCE {
                break;
            }
            self.seen.pop_first();
            // Should the clock be put back, it could come again.
            self.from = self.from.max(oldest.created.after(Duration::from_millis(1)));
        }
        let apart = now.since(signed.created).max(signed.created.since(now));
        if apart > Self::TOLERANCE || signed.created < self.from {
            return Err(NonceProblem::ClockSkew);
        }
        if self.seen.contains(signed) {
            return Err(NonceProblem::Replayed);
        }
        if self.seen.len() >= self.capacity {
            return Err(NonceProblem::Full);
        }
        self.seen.insert(*signed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: UnixTime = UnixTime::from_millis(1_800_000_000_000);

    fn key() -> PlayerKey {
        PlayerKey::from_bytes(&std::array::from_fn(|at| 0x60 + at as u8))
    }

    fn target() -> Target<'static> {
        Target {
            method: "POST",
            authority: "scores.example:8443",
            path: "/v1/boards/maze/tickets",
            query: None,
            body: br#"{"count":3}"#,
        }
    }

    fn headers() -> SignatureHeaders<String> {
        sign(&key(), &target(), CREATED, std::array::from_fn(|at| at as u8))
    }

    #[test]
    fn a_digest_is_that_of_rfc_9530() {
        let digest = digest(br#"{"hello": "world"}"#);
        assert_eq!(digest, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    }

    #[test]
    fn a_request_is_signed_by_who_signed_it() {
        let signed = verify(&headers().as_deref(), &target()).expect("signed");
        let nonce = std::array::from_fn(|at| at as u8);
        assert_eq!(signed, Signed { created: CREATED, player: key().id(), nonce });
    }

    #[test]
    fn the_case_of_a_host_does_not_matter_and_an_empty_query_is_none() {
        let same = Target { authority: "Scores.Example:8443", query: Some(""), ..target() };
        assert!(verify(&headers().as_deref(), &same).is_ok());
    }

    #[test]
    fn no_part_of_a_signed_request_can_be_another() {
        let other_requests = [
            Target { method: "PUT", ..target() },
            Target { authority: "scores.example", ..target() },
            Target { path: "/v1/boards/maze/scores", ..target() },
            Target { query: Some("a"), ..target() },
        ];
        for other in other_requests {
            let verified = verify(&headers().as_deref(), &other);
            assert_eq!(verified, Err(SignatureProblem::OtherRequest), "{other:?}");
        }
        let other = Target { body: b"{}", ..target() };
        assert_eq!(verify(&headers().as_deref(), &other), Err(SignatureProblem::OtherBody));
        let headers = SignatureHeaders { content_digest: digest(b"{}"), ..headers() };
        assert_eq!(verify(&headers.as_deref(), &other), Err(SignatureProblem::OtherRequest));
    }

    #[test]
    fn a_line_break_makes_no_other_request() {
        let smuggled = Target { path: "/\n\"@query\": ?", query: None, ..target() };
        let headers = sign(&key(), &smuggled, CREATED, [0; 16]);
        assert_eq!(verify(&headers.as_deref(), &smuggled), Err(SignatureProblem::OtherRequest));
    }

    #[test]
    fn another_players_id_does_not_fit_the_signature() {
        let other = PlayerKey::from_bytes(&[1; 32]).id().to_string();
        let input = headers().signature_input.replace(&key().id().to_string(), &other);
        let headers = SignatureHeaders { signature_input: input, ..headers() };
        assert_eq!(verify(&headers.as_deref(), &target()), Err(SignatureProblem::OtherRequest));
        let small_order = format!("01{}", "00".repeat(31));
        let input = headers.signature_input.replace(&other, &small_order);
        let headers = SignatureHeaders { signature_input: input, ..headers };
        assert_eq!(verify(&headers.as_deref(), &target()), Err(SignatureProblem::NoKey));
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let good = headers();
        let input = &good.signature_input;
        let inputs = [
            String::new(),
            format!(" {input}"),
            format!("{input};alg=\"ed25519\""),
            format!("{input}, other=()"),
            input.replace("netcord=", "other="),
            input.replace("created=1", "created=01"),
            input.replace("created=1", "created=+1"),
            input.replace("created=1", "created=-1"),
            input.replace("created=1800000000", "created=18446744073709551615"),
            input.replace("created=1800000000", "created="),
            input.replace(";created", "; created"),
            input.replace("\"@path\" \"@query\"", "\"@query\" \"@path\""),
            input.replace("\"@query\" ", ""),
            input.replace("0e0f\"", "0E0F\""),
            input.replace("0e0f\"", "0e\""),
            input.replace("0e0f\"", "0e0f00\""),
        ];
        for input in inputs {
            let headers = SignatureHeaders { signature_input: input.as_str(), ..good.as_deref() };
            assert_eq!(
                verify(&headers, &target()),
                Err(SignatureProblem::Malformed(SIGNATURE_INPUT)),
                "{input}"
            );
        }
        for signature in [
            String::new(),
            good.signature.replace("netcord", "other"),
            good.signature.replace("==:", "=:"),
            good.signature.replace("==:", ":"),
            // The last digit has bits that count for nothing.
            good.signature.replace("Q==:", "R==:"),
            format!("{} ", good.signature),
            format!("{};a", good.signature),
        ] {
            let headers = SignatureHeaders { signature: signature.as_str(), ..good.as_deref() };
            assert_eq!(
                verify(&headers, &target()),
                Err(SignatureProblem::Malformed(SIGNATURE)),
                "{signature}"
            );
        }
        for digest in ["", "sha-512=:AA==:", "sha-256=:AA==:", &format!("{}, a=:AA==:", good.content_digest)]
        {
            let headers = SignatureHeaders { content_digest: digest, ..good.as_deref() };
            assert_eq!(
                verify(&headers, &target()),
                Err(SignatureProblem::Malformed(CONTENT_DIGEST)),
                "{digest}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_accepted_is_spelled_as_it_would_be_signed(
            at in 0..250_usize, byte in 0x20..0x7f_u8, cut in proptest::bool::ANY, which in 0..3_u8,
        ) {
            let good = headers();
            let mut bad = good.clone();
            let header = match which {
                0 => &mut bad.signature_input,
                1 => &mut bad.signature,
                _ => &mut bad.content_digest,
            };
            let at = at % header.len();
            if cut {
                header.truncate(at);
            } else {
                header.replace_range(at..=at, char::from(byte).encode_utf8(&mut [0; 4]));
            }
            let verified = verify(&bad.as_deref(), &target());
            proptest::prop_assert_eq!(verified.is_ok(), bad == good, "{:?}", bad);
        }
    }

    #[test]
    fn nothing_that_comes_as_a_header_is_more_than_refused() {
        for nonsense in
            ["", "netcord", "netcord=", "netcord=:", "netcord=::", "sha-256=::", "é", "\u{0}", "((((("]
        {
            let headers =
                SignatureHeaders { content_digest: nonsense, signature_input: nonsense, signature: nonsense };
            assert!(verify(&headers, &target()).is_err(), "{nonsense:?}");
        }
    }

    fn at(millis: u64) -> UnixTime {
        UnixTime::from_millis(1_800_000_000_000 + millis)
    }

    fn signed(millis: u64, nonce: u8) -> Signed {
        Signed { created: at(millis), player: key().id(), nonce: [nonce; 16] }
    }

    #[test]
    fn a_request_is_taken_once() {
        let mut window = NonceWindow::new(10, at(0));
        assert_eq!(window.admit(&signed(0, 1), at(0)), Ok(()));
        assert_eq!(window.admit(&signed(0, 2), at(0)), Ok(()));
        for later in [0, 1, 59_999, 60_000] {
            assert_eq!(window.admit(&signed(0, 1), at(later)), Err(NonceProblem::Replayed));
        }
        assert_eq!(window.admit(&signed(0, 1), at(60_001)), Err(NonceProblem::ClockSkew));
    }

    #[test]
    fn clocks_may_be_a_minute_off() {
        let mut window = NonceWindow::new(10, at(0));
        for (created, taken) in [(239_000, false), (240_000, true), (360_000, true), (361_000, false)] {
            let expected = if taken { Ok(()) } else { Err(NonceProblem::ClockSkew) };
            assert_eq!(window.admit(&signed(created, 1), at(300_000)), expected, "{created}");
        }
    }

    #[test]
    fn a_full_window_forgets_nothing_that_could_come_again() {
        let mut window = NonceWindow::new(2, at(0));
        assert_eq!(window.admit(&signed(0, 1), at(0)), Ok(()));
        assert_eq!(window.admit(&signed(1_000, 2), at(0)), Ok(()));
        assert_eq!(window.admit(&signed(2_000, 3), at(60_000)), Err(NonceProblem::Full));
        assert_eq!(window.admit(&signed(0, 1), at(60_000)), Err(NonceProblem::Replayed));
        assert_eq!(window.admit(&signed(2_000, 3), at(60_001)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_put_back_brings_nothing_back() {
        let mut window = NonceWindow::new(10, at(0));
        assert_eq!(window.admit(&signed(0, 1), at(0)), Ok(()));
        assert_eq!(window.admit(&signed(600_000, 2), at(600_000)), Ok(()));
        assert_eq!(window.admit(&signed(0, 1), at(0)), Err(NonceProblem::ClockSkew));
        assert_eq!(window.admit(&signed(1_000, 3), at(0)), Ok(()), "others go on");
    }

    #[test]
    fn what_came_before_a_restart_is_refused() {
        let mut window = NonceWindow::new(10, at(30_400));
        assert_eq!(window.admit(&signed(29_000, 1), at(31_000)), Err(NonceProblem::ClockSkew));
        assert_eq!(window.admit(&signed(30_000, 1), at(31_000)), Ok(()));
    }
}
