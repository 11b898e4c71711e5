//! The bytes of requests and answers (STANDARD.md, section 4.5).

use super::ticket::RejoinSecret;
use crate::ClientId;
use crate::netcode::{self, ConnectToken};
use std::net::{IpAddr, SocketAddr};
use zeroize::Zeroizing;

/// The first byte of a request and of an answer. netcode has no datagram that begins so: its high nibble is never
/// above 8.
pub(super) const REQUEST: u8 = 0xf0;
pub(super) const ANSWER: u8 = 0xf1;

/// Every request is as long as this, so that no answer is longer than what caused it. It is what crosses any IPv6
/// path: 1,280 bytes without the headers.
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
const ANSWER_OVERHEAD: usize = 1 + ECHO_BYTES + NOISE_OVERHEAD;

const GRANTED: u8 = 0;
const SPENT: u8 = 1;

/// What an answer says, once decrypted.
pub(super) enum Answer {
    /// Come in.
    Granted(Grant),
    /// The secret was right, but it was used up, revoked, or has expired.
    Spent,
}

/// A place at the host.
pub(super) struct Grant {
    /// Who the joiner is to the host.
    pub(super) client: ClientId,
    /// The game's byte for what the joiner is.
    pub(super) role: u8,
    /// What brings it back later.
    pub(super) rejoin: RejoinSecret,
    pub(super) token: CompactToken,
}

const GRANT_BYTES: usize = 1 + 8 + 1 + 32 + CompactToken::BYTES;
const _: () =
    assert!(GRANT_BYTES + ANSWER_OVERHEAD <= REQUEST_BYTES, "an answer is never larger than its request");

impl Answer {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(GRANT_BYTES));
        match self {
            Self::Granted(grant) => {
                bytes.push(GRANTED);
                bytes.extend_from_slice(&grant.client.0.to_le_bytes());
                bytes.push(grant.role);
                bytes.extend_from_slice(&*grant.rejoin);
                bytes.extend_from_slice(grant.token.0.as_slice());
            }
            Self::Spent => bytes.push(SPENT),
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        match kind {
            GRANTED => {
                let (&client, rest) = rest.split_first_chunk()?;
                let (&role, rest) = rest.split_first()?;
                let (&rejoin, rest) = rest.split_first_chunk()?;
                Some(Self::Granted(Grant {
                    client: ClientId(u64::from_le_bytes(client)),
                    role,
                    rejoin: Zeroizing::new(rejoin),
                    token: CompactToken(Box::new(Zeroizing::new(rest.try_into().ok()?))),
                }))
            }
            SPENT if rest.is_empty() => Some(Self::Spent),
            _ => None,
        }
    }
}

/// The fields of a connect token, as they stand in it, but for those that the joiner knows: the version, the
/// protocol id, the host's address, the padding.
pub(super) struct CompactToken(Box<Zeroizing<[u8; Self::BYTES]>>);

impl CompactToken {
    /// Created, expires, nonce, private data, timeout.
    const HEAD: usize = 8 + 8 + 24 + 1_024 + 4;
    const BYTES: usize = Self::HEAD + 32 + 32;
    /// Version and protocol id.
    const LEFT_OUT: usize = netcode::VERSION.len() + 8;

    pub(super) fn of(token: &ConnectToken) -> Self {
        let whole = Zeroizing::new(*token.to_bytes());
        let head = whole.iter().skip(Self::LEFT_OUT).take(Self::HEAD);
        let keys = token.client_to_server_key().iter().chain(token.server_to_client_key());
        let mut bytes = Box::new(Zeroizing::new([0; Self::BYTES]));
        for (to, from) in bytes.iter_mut().zip(head.chain(keys)) {
            *to = *from;
        }
        Self(bytes)
    }

    /// The token for the host at this address; `None` if it makes no sense.
    pub(super) fn for_host(&self, protocol_id: u64, host: SocketAddr) -> Option<ConnectToken> {
        let (head, keys) = self.0.split_at(Self::HEAD);
        let mut bytes = Zeroizing::new(Vec::with_capacity(netcode::CONNECT_TOKEN_BYTES));
        bytes.extend_from_slice(&netcode::VERSION);
        bytes.extend_from_slice(&protocol_id.to_le_bytes());
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        match host.ip() {
            IpAddr::V4(ip) => {
                bytes.push(1);
                bytes.extend_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                bytes.push(2);
                bytes.extend(ip.segments().iter().flat_map(|segment| segment.to_le_bytes()));
            }
        }
        bytes.extend_from_slice(&host.port().to_le_bytes());
        bytes.extend_from_slice(keys);
        bytes.resize(netcode::CONNECT_TOKEN_BYTES, 0);
        ConnectToken::from_bytes(&bytes).ok()
    }
}
