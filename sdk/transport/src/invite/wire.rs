//! The bytes of requests and answers (STANDARD.md, "The exchange").

use super::ticket::RejoinSecret;
use crate::ClientId;

/// The first byte of a request and of an answer. netcode has no datagram that begins so: its high nibble is never
/// above 8.
pub(super) const REQUEST: u8 = 0xf0;
pub(super) const ANSWER: u8 = 0xf1;

/// Every request is as long as this, so that no answer is longer than what caused it: what crosses any IPv6 path
/// (1,280) without the headers.
pub(super) const REQUEST_BYTES: usize = 1_232;
pub(super) const HINT_BYTES: usize = 8;
pub(super) const ECHO_BYTES: usize = 8;

/// Names a secret without telling it.
pub(super) type Hint = [u8; HINT_BYTES];
/// Names the request that an answer is for.
pub(super) type Echo = [u8; ECHO_BYTES];

/// What Noise adds: an ephemeral key and a tag.
const NOISE_OVERHEAD: usize = 32 + 16;
/// The zeros in a request.
pub(super) const REQUEST_PAYLOAD: usize = REQUEST_BYTES - 1 - HINT_BYTES - NOISE_OVERHEAD;
pub(super) const ANSWER_OVERHEAD: usize = 1 + ECHO_BYTES + NOISE_OVERHEAD;

const GRANTED: u8 = 0;
const SPENT: u8 = 1;

/// What an answer says, once decrypted.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Come in.
    Granted(Box<Grant>),
    /// The secret was right, but it was used up, revoked, or has expired.
    Spent,
}

/// A place at the host.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// Who the joiner is to the host.
    pub(super) client: ClientId,
    /// What brings it back later.
    pub(super) rejoin: RejoinSecret,
    pub(super) token: CompactToken,
}

/// A connect token without what the joiner knows: protocol, address, padding.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CompactToken {
    /// By the host's clock, in seconds, as is `expires`.
    pub(super) created: u64,
    pub(super) expires: u64,
    pub(super) nonce: [u8; 24],
    pub(super) timeout_seconds: i32,
    pub(super) client_to_server: [u8; 32],
    pub(super) server_to_client: [u8; 32],
    pub(super) sealed: [u8; 1_024],
}

const GRANT_BYTES: usize = 1 + 8 + 32 + 8 + 8 + 24 + 4 + 32 + 32 + 1_024;
const _: () = assert!(GRANT_BYTES + ANSWER_OVERHEAD <= REQUEST_BYTES, "an answer is never larger than its request");

impl Answer {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self::Granted(grant) = self else { return vec![SPENT] };
        let token = &grant.token;
        let fields: [&[u8]; 10] = [
            &[GRANTED],
            &grant.client.0.to_le_bytes(),
            &grant.rejoin,
            &token.created.to_le_bytes(),
            &token.expires.to_le_bytes(),
            &token.nonce,
            &token.timeout_seconds.to_le_bytes(),
            &token.client_to_server,
            &token.server_to_client,
            &token.sealed,
        ];
        fields.concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&kind, mut rest) = bytes.split_first()?;
        let answer = match kind {
            GRANTED => Self::Granted(Box::new(Grant {
                client: ClientId(u64::from_le_bytes(take(&mut rest)?)),
                rejoin: take(&mut rest)?,
                token: CompactToken {
                    created: u64::from_le_bytes(take(&mut rest)?),
                    expires: u64::from_le_bytes(take(&mut rest)?),
                    nonce: take(&mut rest)?,
                    timeout_seconds: i32::from_le_bytes(take(&mut rest)?),
                    client_to_server: take(&mut rest)?,
                    server_to_client: take(&mut rest)?,
                    sealed: take(&mut rest)?,
                },
            })),
            SPENT => Self::Spent,
            _ => return None,
        };
        rest.is_empty().then_some(answer)
    }
}

/// Takes so many bytes off the front.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}
