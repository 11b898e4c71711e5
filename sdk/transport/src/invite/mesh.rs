//! One endpoint that invites, joins and meets: what each guest of a full mesh has, and its host.

use super::addresses;
use super::budget::Budget;
use super::code::{self, InviteCode};
use super::host::{InviteError, InviteHost, InviteHostConfig};
use super::joiner::{InviteJoiner, InviteJoinerConfig};
use super::links::Links;
use super::ticket::RejoinTicket;
use crate::netcode::TAG_BYTES;
use crate::{
    Endpoint, EndpointEvent, IntroductionError, MAX_INTRODUCTION, MAX_SIGHTING, PeerId, SecureRng, SendError,
    Transmit, TransmitQueue, TransportError,
};
use core::fmt;
use core::time::Duration;
use rand_core::SeedableRng;
use std::collections::VecDeque;
use std::net::SocketAddr;

const _: () = assert!(code::MAX_BYTES == MAX_INTRODUCTION, "an introduction is an invite code");
const _: () = assert!(1 + 16 + 2 == MAX_SIGHTING, "a sighting is one address");

/// How long an introduction is good for: it is on its way to somebody who waits for it.
const INTRODUCTION_LIFETIME: Duration = Duration::from_secs(60);

/// How many may be met and expected: that many at once, and one more every so often.
const MEETINGS: Budget = Budget::new(16, Duration::from_millis(500));

/// How many requests go to addresses that never answered, of all meetings together.
const REQUESTS: Budget = Budget::new(64, Duration::from_millis(100));

/// What opens the way through a router or firewall of ours: one byte that nobody takes for anything.
const PUNCH: [u8; 1] = [0xf2];
/// How often it is sent, and how far apart. The other side asks for longer than that.
const PUNCHES: u32 = 4;
const PUNCH_INTERVAL: Duration = Duration::from_millis(250);

/// A peer among peers: it is an [`InviteHost`] to those who come by its invites and introductions, and an
/// [`InviteJoiner`] to the host that it joined and to each peer that it met. All use one socket.
///
/// Its transport is [`Introduce`](crate::Introduce). Everybody can invite, so a guest can go on as the host of those who come later.
/// A lost link is taken up again by the side that asked for it, as an [`InviteJoiner`] does: with fresh keys and as a
/// new [`PeerId`]; the other side sees the same [`ClientId`](crate::ClientId). (A client id is what *one* peer calls
/// another; two peers may call different ones the same.) If the one who was asked has changed its address, it is
/// not found any more, and the two have to be introduced anew.
///
/// The slots 0 to 31 belong to the links that this side asked for, slot 0 to the host.
pub struct MeshEndpoint {
    host: InviteHost,
    links: Links,
    meeting: InviteJoinerConfig,
    rng: SecureRng,
    now: Duration,
    meetings: Budget,
    requests: Budget,
    expected: Budget,
    /// Who is expected, and when the next punch is due, the earliest first.
    punches: VecDeque<Punch>,
    transmits: TransmitQueue,
}

struct Punch {
    to: SocketAddr,
    due: Duration,
    left: u32,
}

impl MeshEndpoint {
    /// The first peer, whom others join by [`invite`](Self::invite).
    ///
    /// # Errors
    /// [`TransportError::Config`]; see [`InviteHost::new`].
    pub fn host(config: InviteHostConfig, rng: SecureRng) -> Result<Self, TransportError> {
        let meeting = InviteJoinerConfig::new(config.protocol_id);
        Self::new(config, meeting, rng)
    }

    /// A guest of the host that made the code. Its own `config` names the addresses at which other guests may reach it;
    /// for a guest, [`local_addresses`](super::local_addresses) with its socket's port is right, since the host adds
    /// the address that it sees. `joiner` is for the host and for the peers that are met.
    ///
    /// # Errors
    /// [`TransportError::Config`]; see [`InviteHost::new`].
    pub fn join(
        code: &InviteCode,
        joiner: InviteJoinerConfig,
        config: InviteHostConfig,
        rng: SecureRng,
    ) -> Result<Self, TransportError> {
        let mut mesh = Self::new(config, joiner.clone(), rng)?;
        mesh.links.join(InviteJoiner::new(code, joiner, SecureRng::from_rng(&mut mesh.rng)));
        Ok(mesh)
    }

    /// As [`join`](Self::join), for a guest that comes back with its [`ticket`](Self::ticket) after a restart.
    ///
    /// # Errors
    /// [`TransportError::Config`]; see [`InviteHost::new`].
    pub fn rejoin(
        ticket: &RejoinTicket,
        joiner: InviteJoinerConfig,
        config: InviteHostConfig,
        rng: SecureRng,
    ) -> Result<Self, TransportError> {
        let mut mesh = Self::new(config, joiner.clone(), rng)?;
        mesh.links.join(InviteJoiner::rejoin(ticket, joiner, SecureRng::from_rng(&mut mesh.rng)));
        Ok(mesh)
    }

    fn new(
        config: InviteHostConfig,
        meeting: InviteJoinerConfig,
        mut rng: SecureRng,
    ) -> Result<Self, TransportError> {
        if config.protocol_id != meeting.protocol_id {
            return Err(TransportError::Config("a peer plays one game: give both sides its protocol id"));
        }
        Ok(Self {
            host: InviteHost::new(config, SecureRng::from_rng(&mut rng))?,
            links: Links::new(),
            meeting,
            rng,
            now: Duration::ZERO,
            meetings: MEETINGS,
            requests: REQUESTS,
            expected: MEETINGS,
            punches: VecDeque::new(),
            transmits: TransmitQueue::default(),
        })
    }

    /// Opens an invite for one player; see [`InviteHost::invite`].
    ///
    /// # Errors
    /// [`InviteError::TooManyOpen`].
    pub fn invite(&mut self, role: u8) -> Result<InviteCode, InviteError> {
        self.host.invite(role)
    }

    /// Whether this is an invite of ours that nobody has used yet; see [`InviteHost::is_open`].
    pub fn is_open(&self, code: &InviteCode) -> bool {
        self.host.is_open(code)
    }

    /// How many clients of ours with this `role` are connected; see [`InviteHost::connected`].
    pub fn connected(&self, role: u8) -> usize {
        self.host.connected(role)
    }

    /// Closes an invite that nobody has used; see [`InviteHost::revoke`].
    pub fn revoke(&mut self, code: &InviteCode) -> bool {
        self.host.revoke(code)
    }

    /// Has later invites and introductions name these addresses; see [`InviteHost::advertise`].
    ///
    /// # Errors
    /// [`TransportError::Config`] unless there are 1 to 4 addresses that others can send to.
    pub fn advertise(&mut self, addresses: Vec<SocketAddr>) -> Result<(), TransportError> {
        self.host.advertise(addresses)
    }

    /// What brings this peer back to the host that it joined; see [`InviteJoiner::ticket`].
    pub fn ticket(&self) -> Option<RejoinTicket> {
        self.links.joined()?.ticket()
    }

    /// Sends the punches that are due.
    fn send_punches(&mut self) {
        while let Some(punch) = self.punches.front_mut().filter(|punch| punch.due <= self.now) {
            self.transmits.push(punch.to, &PUNCH);
            let next = Punch { to: punch.to, due: self.now + PUNCH_INTERVAL, left: punch.left - 1 };
            self.punches.pop_front();
            if next.left > 0 {
                self.punches.push_back(next);
            }
        }
    }
}

/// What [`Introduce`](crate::Introduce) does, without a socket.
impl MeshEndpoint {
    /// See [`Introduce::introduction`](crate::Introduce::introduction).
    ///
    /// # Errors
    /// [`IntroductionError::TooMany`].
    pub fn introduction(&mut self, role: u8) -> Result<Vec<u8>, IntroductionError> {
        let code = self.host.invite_for(role, INTRODUCTION_LIFETIME);
        code.map(|code| code.to_bytes()).map_err(|_| IntroductionError::TooMany)
    }

    /// See [`Introduce::vouch`](crate::Introduce::vouch).
    ///
    /// # Errors
    /// [`IntroductionError::NotConnected`] and [`IntroductionError::Malformed`].
    pub fn vouch(&self, peer: PeerId, introduction: &[u8]) -> Result<Vec<u8>, IntroductionError> {
        let address = self.address(peer).ok_or(IntroductionError::NotConnected { peer })?;
        let code = InviteCode::from_bytes(introduction).ok_or(IntroductionError::Malformed)?;
        Ok(code.seen_at(address).to_bytes())
    }

    /// See [`Introduce::meet`](crate::Introduce::meet).
    ///
    /// # Errors
    /// [`IntroductionError::Malformed`], also for an introduction of our own, and [`IntroductionError::TooMany`].
    pub fn meet(&mut self, introduction: &[u8]) -> Result<PeerId, IntroductionError> {
        let code = InviteCode::from_bytes(introduction).filter(|code| !self.host.is_open(code));
        let code = code.ok_or(IntroductionError::Malformed)?;
        if !self.meetings.take(self.now) {
            return Err(IntroductionError::TooMany);
        }
        let rng = SecureRng::from_rng(&mut self.rng);
        let joiner = InviteJoiner::meet(&code, self.meeting.clone(), rng);
        self.links.meet(joiner).ok_or(IntroductionError::TooMany)
    }

    /// See [`Introduce::sighting`](crate::Introduce::sighting).
    pub fn sighting(&self, peer: PeerId) -> Option<Vec<u8>> {
        addresses::write_one(self.address(peer)?)
    }

    /// See [`Introduce::expect`](crate::Introduce::expect).
    ///
    /// # Errors
    /// [`IntroductionError::Malformed`] and [`IntroductionError::TooMany`].
    pub fn expect(&mut self, sighting: &[u8]) -> Result<(), IntroductionError> {
        let to = addresses::read_one(sighting).ok_or(IntroductionError::Malformed)?;
        if !self.expected.take(self.now) {
            return Err(IntroductionError::TooMany);
        }
        self.punches.push_front(Punch { to, due: self.now, left: PUNCHES });
        self.send_punches();
        Ok(())
    }
}

/// The slots of those who came by invite follow those of the links.
const HOST_SLOTS: u32 = Links::MAX as u32;

/// What the host calls a peer, if it is the host's.
fn of_host(peer: PeerId) -> Option<PeerId> {
    let slot = u32::try_from(peer.slot()).ok()?.checked_sub(HOST_SLOTS)?;
    Some(PeerId::new(slot, peer.generation()))
}

/// What the outside calls a peer of the host.
fn from_host(peer: PeerId) -> PeerId {
    PeerId::new((peer.slot() as u32).saturating_add(HOST_SLOTS), peer.generation())
}

impl Endpoint for MeshEndpoint {
    const MAX_PAYLOAD: usize = InviteHost::MAX_PAYLOAD;
    const OVERHEAD: usize = InviteHost::OVERHEAD;

    fn update(&mut self, now: Duration, unix: u64) {
        self.now = now.max(self.now);
        self.host.update(now, unix);
        for (was_introduced, joiner) in self.links.iter_mut() {
            joiner.advance(now, || !was_introduced || self.requests.take(self.now));
        }
        self.links.sweep();
        self.send_punches();
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        if let Some((peer, length)) = self.links.receive(from, datagram) {
            // A payload is the last but the tag.
            let end = datagram.len().checked_sub(TAG_BYTES)?;
            return Some((peer, datagram.get(end.checked_sub(length)?..end)?));
        }
        let (peer, payload) = self.host.receive(from, datagram)?;
        Some((from_host(peer), payload))
    }

    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        let sent = match of_host(peer) {
            Some(inner) => self.host.send(inner, payload),
            None => {
                let (joiner, inner) = self.links.get_mut(peer).ok_or(SendError::NotConnected { peer })?;
                joiner.send(inner, payload)
            }
        };
        sent.map_err(|error| match error {
            SendError::NotConnected { .. } => SendError::NotConnected { peer },
            other => other,
        })
    }

    /// As [`Endpoint::disconnect`]: a peer that came by invite or introduction can't come back without a new one; an
    /// attempt to meet a peer ends.
    fn disconnect(&mut self, peer: PeerId) {
        if let Some(inner) = of_host(peer) {
            self.host.disconnect(inner);
        } else if let Some((joiner, inner)) = self.links.get_mut(peer) {
            joiner.disconnect(inner);
        }
    }

    fn abandon(&mut self, peer: PeerId) {
        if let Some(inner) = of_host(peer) {
            self.host.abandon(inner);
        } else if let Some((joiner, inner)) = self.links.get_mut(peer) {
            joiner.abandon(inner);
        }
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.links.next_event().or_else(|| {
            Some(match self.host.next_event()? {
                EndpointEvent::Connected { peer, client, user_data } => {
                    EndpointEvent::Connected { peer: from_host(peer), client, user_data }
                }
                EndpointEvent::Disconnected { peer, reason } => {
                    EndpointEvent::Disconnected { peer: from_host(peer), reason }
                }
            })
        })
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        let of_links = self.links.iter_mut().find_map(|(_, joiner)| joiner.next_transmit());
        of_links.or_else(|| self.host.next_transmit()).or_else(|| self.transmits.pop())
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        match of_host(peer) {
            Some(inner) => self.host.address(inner),
            None => self.links.get(peer).and_then(|(joiner, inner)| joiner.address(inner)),
        }
    }
}

impl fmt::Debug for MeshEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeshEndpoint")
            .field("host", &self.host)
            .field("joined", &self.links.joined())
            .finish_non_exhaustive()
    }
}
