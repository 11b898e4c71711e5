//! What lets a client come back to its place, even after a restart.

use super::addresses;
use core::fmt;
use std::net::SocketAddr;
use zeroize::Zeroizing;

/// The secret that brings a client back; wiped when it is dropped.
pub(super) type RejoinSecret = Zeroizing<[u8; 32]>;

/// Where the host is and the secret that lets this client back in, under the same
/// [`ClientId`](crate::ClientId). Good for one return; each connection brings the next ticket.
///
/// Whoever has the ticket can take the client's place, so keep it as a password: [`Debug`](fmt::Debug) hides the
/// secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RejoinTicket {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) secret: RejoinSecret,
}

/// The bytes are no ticket of this version. Join with a new invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no rejoin ticket, or one of another version: ask the host for a new invite")]
pub struct RejoinTicketError;

/// The first byte.
const VERSION: u8 = 1;

impl RejoinTicket {
    /// The ticket as bytes, at most 106: the version, the layout of the addresses, the addresses, the secret
    /// (STANDARD.md, section 4.8).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, addresses::layout(&self.addresses)];
        addresses::write(&self.addresses, &mut bytes);
        bytes.extend_from_slice(&*self.secret);
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// The bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RejoinTicketError> {
        let read = || {
            let (&[version, layout], rest) = bytes.split_first_chunk()?;
            let (addresses, rest) = addresses::read(layout, rest)?;
            let secret = Zeroizing::new(rest.try_into().ok()?);
            (version == VERSION).then_some(Self { addresses, secret })
        };
        read().ok_or(RejoinTicketError)
    }

    /// Where the host was, the address of the last connection first.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl fmt::Debug for RejoinTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejoinTicket").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
