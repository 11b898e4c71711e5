//! Packets on the wire (standard: "Packets", "Reading Encrypted Packets").

use super::challenge::CHALLENGE_BYTES;
use super::cipher::PacketCipher;
use super::replay::ReplayWindow;
use super::token::ConnectToken;
use super::{MAX_PAYLOAD, PRIVATE_TOKEN_BYTES, TAG_BYTES, TOKEN_NONCE_BYTES, VERSION};

/// Bytes in a connection request packet.
pub(super) const REQUEST_BYTES: usize = 1 + 13 + 8 + 8 + TOKEN_NONCE_BYTES + PRIVATE_TOKEN_BYTES;

/// The prefix byte of a request; every other packet's differs.
pub(super) const REQUEST_PREFIX: u8 = 0;

/// A packet's type, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request = 0,
    Denied = 1,
    Challenge = 2,
    Response = 3,
    KeepAlive = 4,
    Payload = 5,
    Disconnect = 6,
}

impl Kind {
    pub(super) const fn from_prefix(prefix: u8) -> Option<Self> {
        Some(match prefix & 0x0f {
            0 => Self::Request,
            1 => Self::Denied,
            2 => Self::Challenge,
            3 => Self::Response,
            4 => Self::KeepAlive,
            5 => Self::Payload,
            6 => Self::Disconnect,
            _ => return None,
        })
    }

    /// Whether replay protection covers it. The others are taken only in a state that they end.
    const fn is_replay_protected(self) -> bool {
        matches!(self, Self::KeepAlive | Self::Payload | Self::Disconnect)
    }
}

/// A packet that was decrypted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'d> {
    Denied,
    Challenge(&'d [u8; CHALLENGE_BYTES]),
    Response(&'d [u8; CHALLENGE_BYTES]),
    KeepAlive { client_index: u32, max_clients: u32 },
    Payload(&'d [u8]),
    Disconnect,
}

impl<'d> Packet<'d> {
    /// The decrypted data of a packet, if it has the size that its type demands.
    pub(super) fn decode(kind: Kind, body: &'d [u8]) -> Option<Self> {
        match kind {
            Kind::Request => None,
            Kind::Denied => body.is_empty().then_some(Self::Denied),
            Kind::Challenge => Some(Self::Challenge(body.try_into().ok()?)),
            Kind::Response => Some(Self::Response(body.try_into().ok()?)),
            Kind::KeepAlive => {
                let (client_index, max_clients) = body.split_first_chunk()?;
                Some(Self::KeepAlive {
                    client_index: u32::from_le_bytes(*client_index),
                    max_clients: u32::from_le_bytes(max_clients.try_into().ok()?),
                })
            }
            Kind::Payload => (1..=MAX_PAYLOAD).contains(&body.len()).then_some(Self::Payload(body)),
            Kind::Disconnect => body.is_empty().then_some(Self::Disconnect),
        }
    }
}

/// Appends a sealed packet to `out`. No `sequence` may come twice under one cipher.
pub(super) fn seal(out: &mut Vec<u8>, cipher: &PacketCipher, kind: Kind, sequence: u64, body: &[u8]) -> bool {
    let zero_bytes = (sequence | 1).leading_zeros() / 8;
    let sequence_bytes = 8_u8.saturating_sub(zero_bytes as u8);
    let prefix = sequence_bytes << 4 | kind as u8;
    out.push(prefix);
    out.extend(sequence.to_le_bytes().iter().take(usize::from(sequence_bytes)));
    let header_end = out.len();
    out.extend_from_slice(body);
    let tag = out.get_mut(header_end..).and_then(|body| cipher.seal(prefix, sequence, body));
    tag.inspect(|tag| out.extend_from_slice(tag)).is_some()
}

/// The data of a keep-alive packet.
pub(super) fn keep_alive(client_index: u32, max_clients: u32) -> [u8; 8] {
    (u64::from(max_clients) << 32 | u64::from(client_index)).to_le_bytes()
}

/// Reads an encrypted packet in place: the steps of the standard's "Reading Encrypted Packets", in their order.
///
/// `takes` tells which types matter to this side in its state.
pub(super) fn open<'d>(
    datagram: &'d mut [u8],
    cipher: &PacketCipher,
    window: &mut ReplayWindow,
    takes: impl FnOnce(Kind) -> bool,
) -> Option<Packet<'d>> {
    if datagram.len() < 1 + 1 + TAG_BYTES {
        return None;
    }
    let (&mut prefix, rest) = datagram.split_first_mut()?;
    let kind = Kind::from_prefix(prefix)?;
    if !takes(kind) {
        return None;
    }
    let sequence_bytes = usize::from(prefix >> 4);
    if !(1..=8).contains(&sequence_bytes) {
        return None;
    }
    let (sequence, sealed) = rest.split_at_mut_checked(sequence_bytes)?;
    if sealed.len() < TAG_BYTES {
        return None;
    }
    let sequence = sequence.iter().rev().fold(0, |sequence, &byte| sequence << 8 | u64::from(byte));
    if kind.is_replay_protected() && window.is_replay(sequence) {
        return None;
    }
    let body = cipher.open(prefix, sequence, sealed)?;
    if kind.is_replay_protected() {
        window.advance(sequence);
    }
    Packet::decode(kind, body)
}

/// A connection request packet, in the parts that are yet to be checked.
pub(super) struct Request<'d> {
    pub(super) protocol_id: u64,
    pub(super) expires: u64,
    pub(super) nonce: [u8; TOKEN_NONCE_BYTES],
    pub(super) private_data: &'d mut [u8; PRIVATE_TOKEN_BYTES],
}

impl<'d> Request<'d> {
    /// Appends the request for a connection with `token` to `out`.
    pub(super) fn encode(token: &ConnectToken, out: &mut Vec<u8>) -> bool {
        out.push(REQUEST_PREFIX);
        out.extend_from_slice(&VERSION);
        out.extend_from_slice(&token.protocol_id().to_le_bytes());
        out.extend_from_slice(&token.expires().to_le_bytes());
        out.extend_from_slice(token.nonce());
        out.extend_from_slice(token.private_data());
        true
    }

    /// A datagram of the right size and version.
    pub(super) fn read(datagram: &'d mut [u8]) -> Option<Self> {
        if datagram.len() != REQUEST_BYTES {
            return None;
        }
        let (&mut [REQUEST_PREFIX], rest) = datagram.split_first_chunk_mut()? else { return None };
        let (&mut VERSION, rest) = rest.split_first_chunk_mut()? else { return None };
        let (protocol_id, rest) = rest.split_first_chunk_mut()?;
        let (expires, rest) = rest.split_first_chunk_mut()?;
        let (nonce, private_data) = rest.split_first_chunk_mut()?;
        Some(Self {
            protocol_id: u64::from_le_bytes(*protocol_id),
            expires: u64::from_le_bytes(*expires),
            nonce: *nonce,
            private_data: private_data.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_take_no_more_bytes_than_they_need() {
        let cipher = PacketCipher::new(&[1; 32], 2);
        let boundaries = (0..8).flat_map(|byte| [1 << (8 * byte), u64::MAX >> (56 - 8 * byte)]);
        for sequence in boundaries.chain([0]) {
            let mut datagram = Vec::new();
            assert!(seal(&mut datagram, &cipher, Kind::Payload, sequence, b"x"));
            let bytes = sequence.to_le_bytes().iter().rposition(|&byte| byte != 0).map_or(1, |last| last + 1);
            assert_eq!(datagram[0], (bytes as u8) << 4 | 5);
            assert_eq!(datagram[1..=bytes], sequence.to_le_bytes()[..bytes]);
            assert_eq!(datagram.len(), 1 + bytes + 1 + TAG_BYTES);
            let opened = open(&mut datagram, &cipher, &mut ReplayWindow::default(), |_| true);
            assert_eq!(opened, Some(Packet::Payload(b"x")));
        }
    }

    #[test]
    fn the_standards_example_of_a_sequence_number_comes_out() {
        let mut datagram = Vec::new();
        seal(&mut datagram, &PacketCipher::new(&[1; 32], 2), Kind::KeepAlive, 1_000, &[0; 8]);
        assert_eq!(datagram[..3], [0x24, 0xE8, 0x03]);
    }
}
