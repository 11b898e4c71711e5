//! Every decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

use super::challenge::Challenger;
use super::cipher::PacketCipher;
use super::packet::{self, Kind, Packet, Request};
use super::private_token::{PrivateToken, TokenCipher};
use super::replay::ReplayWindow;
use super::{ConnectToken, PRIVATE_TOKEN_BYTES, TAG_BYTES};
use crate::SecureRng;
use rand_core::SeedableRng as _;

/// The public token: what is read is written as it was.
pub fn connect_token(bytes: &[u8]) {
    if let Ok(token) = ConnectToken::from_bytes(bytes) {
        assert_eq!(token.to_bytes().as_slice(), bytes, "a token has one form");
    }
}

/// The decrypted private token: what is read is written as it was.
pub fn private_token(bytes: &[u8]) {
    if bytes.len() == PRIVATE_TOKEN_BYTES.saturating_sub(TAG_BYTES)
        && let Ok(token) = PrivateToken::decode(bytes)
    {
        assert_eq!(token.encode().as_slice(), bytes, "a token has one form");
    }
}

/// A challenge that came back: none is authentic.
pub fn challenge(bytes: &[u8]) {
    if let Ok(challenge) = bytes.try_into() {
        let challenger = Challenger::new(&mut SecureRng::seed_from_u64(0));
        assert!(challenger.open(challenge).is_none(), "a challenge was forged");
    }
}

/// A request packet.
pub fn request(bytes: &[u8]) {
    let mut datagram = bytes.to_vec();
    if let Some(request) = Request::read(&mut datagram) {
        assert_eq!(request.private_data.len(), PRIVATE_TOKEN_BYTES);
    }
}

/// The decrypted data of a packet, behind a byte that tells its type.
pub fn packet_data(bytes: &[u8]) {
    if let Some((&prefix, data)) = bytes.split_first()
        && let Some(kind) = Kind::from_prefix(prefix)
        && let Some(Packet::KeepAlive { client_index, max_clients }) = Packet::decode(kind, data)
    {
        assert_eq!(packet::keep_alive(client_index, max_clients), data, "a keep-alive has one form");
    }
}

/// An encrypted packet as it comes: none is authentic.
pub fn sealed_packet(bytes: &[u8]) {
    let cipher = PacketCipher::new(&[0x55; 32], 0);
    let mut datagram = bytes.to_vec();
    let packet = packet::open(&mut datagram, &cipher, &mut ReplayWindow::default(), |_| true);
    assert_eq!(packet, None, "a packet was forged");
}

/// A packet of any sequence number (8 bytes) and type (1 byte) with any data (the rest), sealed and opened.
pub fn sealed_and_opened(bytes: &[u8]) {
    if let Some((sequence, rest)) = bytes.split_first_chunk()
        && let Some((&prefix, data)) = rest.split_first()
        && let Some(kind) = Kind::from_prefix(prefix)
    {
        let cipher = PacketCipher::new(&[0x55; 32], 0);
        let mut datagram = Vec::new();
        assert!(packet::seal(&mut datagram, &cipher, kind, u64::from_le_bytes(*sequence), data));
        let packet = packet::open(&mut datagram, &cipher, &mut ReplayWindow::default(), |_| true);
        assert_eq!(packet, Packet::decode(kind, data), "a packet changed on its way");
    }
}

/// The replay window against the plain rule, over the sequence numbers that `bytes` holds.
pub fn replay_window(bytes: &[u8]) {
    let mut window = ReplayWindow::default();
    let mut received: Vec<u64> = Vec::new();
    for sequence in bytes.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes)) {
        let newest = received.iter().copied().max().unwrap_or(0);
        let is_replay = received.contains(&sequence) || newest.saturating_sub(sequence) >= 256;
        assert_eq!(window.is_replay(sequence), is_replay, "sequence {sequence}, newest {newest}");
        if !is_replay {
            window.advance(sequence);
            received.push(sequence);
        }
    }
}

/// A packet of any type and sequence number, sealed under a key that the caller has: what a client or server can
/// send that is authentic, and up to no good.
pub fn seal(key: &[u8; 32], protocol_id: u64, prefix: u8, sequence: u64, data: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    if let Some(kind) = Kind::from_prefix(prefix) {
        packet::seal(&mut datagram, &PacketCipher::new(key, protocol_id), kind, sequence, data);
    }
    datagram
}

/// What only servers can read of a token, decrypted, without its tag.
pub fn open_private_token(token: &ConnectToken, private_key: &[u8; 32]) -> Option<Vec<u8>> {
    let cipher = TokenCipher::new(private_key, token.protocol_id());
    let mut data = *token.private_data();
    cipher.open(&mut data, token.expires(), token.nonce()).map(|plain| plain.to_vec())
}
