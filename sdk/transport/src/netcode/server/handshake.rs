//! How a server admits clients (standard: "Processing Connection Requests", "Processing Connection Response
//! Packets"). The steps come in the standard's order; those that we add are marked.

use super::Server;
use super::history::Claim;
use super::pending::Pending;
use crate::netcode::address::same_address;
use crate::netcode::cipher::PacketCipher;
use crate::netcode::packet::{self, Kind, Packet, Request};
use crate::netcode::private_token::PrivateToken;
use crate::netcode::replay::ReplayWindow;
use crate::netcode::sequence::server_start;
use crate::netcode::{MAX_PENDING_TIME, timeout};
use core::net::SocketAddr;
use zeroize::Zeroize as _;

/// Why a packet is ignored, for the log.
type Ignored = &'static str;

impl Server {
    /// Takes a connection request packet.
    pub(super) fn take_request(&mut self, from: SocketAddr, datagram: &mut [u8]) -> Result<(), Ignored> {
        let Request { protocol_id, expires, nonce, private_data } =
            Request::read(datagram).ok_or("not a request of netcode 1.02")?;
        if protocol_id != self.protocol_id {
            return Err("the token is for another protocol id");
        }
        if expires <= self.unix {
            return Err("the token has expired");
        }
        // Ours: a server that was restarted has forgotten which tokens were spent before.
        if expires <= self.refuse_until {
            return Err("the token may be older than this server");
        }
        let tag = *private_data.last_chunk().ok_or("not a token")?;
        let plain = self.tokens.open(private_data, expires, &nonce).ok_or("the token is not authentic")?;
        let token = PrivateToken::decode(plain);
        private_data.zeroize();
        let token = token.map_err(|_| "the token can't be read")?;
        let is_ours = |&listed: &SocketAddr| self.addresses.iter().any(|&ours| same_address(listed, ours));
        let index = token.addresses.iter().position(is_ours).ok_or("the token is for other servers")?;
        if self.connections.at(from).is_some() {
            return Err("the address is connected");
        }
        if self.connections.of(token.client).is_some() {
            return Err("the client is connected");
        }
        let claim = self.history.claim(tag, from, expires);
        if let Claim::Refused(why) = claim {
            return Err(why);
        }
        let sealer = PacketCipher::new(&token.server_to_client_key, self.protocol_id);
        if self.is_full() {
            self.transmits.push_with(from, |out| {
                packet::seal(out, &sealer, Kind::Denied, self.handshake_sequence.next(), &[])
            });
            return Ok(());
        }
        if self.pending.at(from).is_none_or(|pending| pending.token != tag) {
            let timeout = timeout(token.timeout_seconds);
            let pending = Pending {
                token: tag,
                client: token.client,
                opener: PacketCipher::new(&token.client_to_server_key, self.protocol_id),
                sealer,
                timeout,
                first_sequence: server_start(index),
                first_challenge: self.challenger.next_sequence(),
                deadline: self.now.saturating_add(timeout.unwrap_or(MAX_PENDING_TIME).min(MAX_PENDING_TIME)),
            };
            // Ours: only a token that was never seen displaces another handshake, so a replayed request can't.
            if !self.pending.insert(from, pending, claim == Claim::First) {
                return Err("no room for another handshake");
            }
        }
        let pending = self.pending.at(from).ok_or("no handshake")?;
        let challenge = self.challenger.issue(token.client, &token.user_data).ok_or("no challenge")?;
        self.transmits.push_with(from, |out| {
            packet::seal(out, &pending.sealer, Kind::Challenge, self.handshake_sequence.next(), &challenge)
        });
        Ok(())
    }

    /// Takes a packet from an address that is not connected: only a connection response packet matters.
    pub(super) fn take_response(&mut self, from: SocketAddr, datagram: &mut [u8]) -> Result<(), Ignored> {
        let pending = self.pending.at(from).ok_or("not a request, and from an unknown address")?;
        let window = &mut ReplayWindow::default(); // responses have no replay protection
        let packet = packet::open(datagram, &pending.opener, window, |kind| kind == Kind::Response);
        let Some(Packet::Response(challenge)) = packet else { return Err("not an authentic response") };
        let answered = self.challenger.open(challenge).ok_or("the challenge token is not authentic")?;
        // Ours: a challenge that went to another address, though for the same client, proves nothing of this one.
        if answered.client != pending.client || answered.sequence < pending.first_challenge {
            return Err("the challenge is of another handshake");
        }
        if self.connections.of(answered.client).is_some() {
            return Err("the client is connected");
        }
        if self.is_full() {
            self.transmits.push_with(from, |out| {
                packet::seal(out, &pending.sealer, Kind::Denied, self.handshake_sequence.next(), &[])
            });
            return Ok(());
        }
        self.connect(from, answered.user_data);
        Ok(())
    }
}
