//! Drives an endpoint and the channels over a socket: the transport that a game holds.

mod control;
#[doc(hidden)]
pub mod fuzzing;
mod peer;

use crate::channels::{Connection, ConnectionEvent};
use crate::{
    ChannelId, ChannelsConfig, ClientId, DatagramSocket, DisconnectReason, Endpoint, EndpointEvent, Event,
    LinkStats, Manifest, PeerId, Receipt, SendError, Transport, TransportError, UserData,
};
use core::time::Duration;
use peer::{Peer, Progress};
use std::collections::VecDeque;
use std::sync::Arc;

/// The most datagrams taken in by one [`receive`](Transport::receive): a flood can't hold up a frame. What is
/// left stays in the socket's buffer.
const MAX_DATAGRAMS_PER_RECEIVE: usize = 16_384;

/// How often a goodbye is sent, so that it arrives in spite of losses.
const GOODBYE_COPIES: usize = 3;

/// A [`Transport`] over any secure endpoint and any socket.
///
/// Two transports talk only if their [`Manifest`]s agree; the channels' hash and the protocol's version are
/// added to what the game puts in.
pub struct SecureTransport<E, S: DatagramSocket> {
    endpoint: E,
    socket: S,
    channels: Arc<ChannelsConfig>,
    manifest: Manifest,
    /// By the slot of the peer's id.
    peers: Vec<Option<Peer>>,
    pending: VecDeque<Pending>,
    /// Seconds from 1970 to `now` zero.
    unix_at_zero: u64,
    now: Duration,
    incoming: Box<[u8; 2048]>,
    outgoing: Vec<u8>,
}

/// What waits for [`Transport::next_event`], in order.
enum Pending {
    Connected {
        peer: PeerId,
        client: ClientId,
        user_data: Box<UserData>,
    },
    /// This peer's channels have events.
    Channels {
        slot: usize,
    },
    /// This peer is out of the table, but what it said before is still to be read.
    Leaving {
        peer: Box<Peer>,
        reason: DisconnectReason,
    },
    /// A connection that the game never saw could not be made.
    Failed {
        peer: PeerId,
        reason: DisconnectReason,
    },
}

impl Pending {
    /// The event that stands for itself.
    fn into_event(self) -> Option<Event<'static>> {
        match self {
            Self::Connected { peer, client, user_data } => Some(Event::Connected { peer, client, user_data }),
            Self::Leaving { peer, reason } => Some(Event::Disconnected { peer: peer.id, reason }),
            Self::Failed { peer, reason } => Some(Event::Disconnected { peer, reason }),
            Self::Channels { .. } => None,
        }
    }
}

impl<E: Endpoint, S: DatagramSocket> SecureTransport<E, S> {
    /// The version of the channels' and the control messages' format, in every manifest as `netcord`.
    pub const PROTOCOL: u64 = 1;

    /// A transport over `endpoint` and `socket`. `unix_at_zero` is the Unix time, in seconds, at which the `now`
    /// of [`receive`](Transport::receive) is zero; [`unix_time`] tells it for a clock that starts now.
    ///
    /// # Errors
    /// [`TransportError::Config`] when `channels` contradicts itself.
    pub fn new(
        endpoint: E,
        socket: S,
        channels: ChannelsConfig,
        manifest: Manifest,
        unix_at_zero: u64,
    ) -> Result<Self, TransportError> {
        channels.validate()?;
        let manifest = manifest.with("netcord", Self::PROTOCOL).with("channels", channels.hash());
        Ok(Self {
            endpoint,
            socket,
            channels: Arc::new(channels),
            manifest,
            peers: Vec::new(),
            pending: VecDeque::new(),
            unix_at_zero,
            now: Duration::ZERO,
            incoming: Box::new([0; 2048]),
            outgoing: Vec::with_capacity(2048),
        })
    }

    /// The endpoint, for what only it can do: make invites, for example.
    pub fn endpoint(&self) -> &E {
        &self.endpoint
    }

    /// The endpoint, for what only it can do: make invites, for example.
    pub fn endpoint_mut(&mut self) -> &mut E {
        &mut self.endpoint
    }

    /// The socket, for what only it can do: wait, for example.
    pub fn socket(&mut self) -> &mut S {
        &mut self.socket
    }

    fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.peers.get(id.slot())?.as_ref().filter(|peer| peer.id == id)
    }

    fn take_peer(&mut self, id: PeerId) -> Option<Peer> {
        self.peers.get_mut(id.slot())?.take_if(|peer| peer.id == id)
    }

    fn handle_endpoint_events(&mut self) -> Result<(), TransportError> {
        while let Some(event) = self.endpoint.next_event() {
            match event {
                EndpointEvent::Connected { peer, client, user_data } => {
                    let slot = peer.slot();
                    if self.peers.len() <= slot {
                        self.peers.resize_with(slot + 1, || None);
                    }
                    let identity = (client, user_data);
                    let connection = Connection::new(Arc::clone(&self.channels), peer)?;
                    let connection = connection.with_sealing(E::OVERHEAD);
                    let greeted = Peer::new(peer, identity, connection, &self.manifest, self.now);
                    if let Some(slot) = self.peers.get_mut(slot) {
                        *slot = Some(greeted);
                    }
                }
                EndpointEvent::Disconnected { peer, reason } => match self.take_peer(peer) {
                    Some(gone) if gone.is_refused() => {}
                    Some(gone) => self.leave(gone, reason),
                    None => self.pending.push_back(Pending::Failed { peer, reason }),
                },
            }
        }
        Ok(())
    }

    /// Tells the game that a peer which has left the table is gone.
    fn leave(&mut self, peer: Peer, reason: DisconnectReason) {
        let reason = peer.reason(reason);
        tracing::debug!(peer = %peer.id, %reason, "disconnected");
        metrics::counter!("netcord_disconnects").increment(1);
        if peer.is_established() {
            self.pending.push_back(Pending::Leaving { peer: Box::new(peer), reason });
        } else if !peer.is_refused() {
            self.pending.push_back(Pending::Failed { peer: peer.id, reason });
        }
    }

    /// Lets a peer's control messages take effect, and lists it if it has something for the game.
    fn advance(&mut self, slot: usize) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_mut) else { return };
        match peer.advance(&self.manifest, self.now) {
            Some(Progress::Established(client, user_data)) => {
                tracing::debug!(peer = %peer.id, client = client.0, "connected");
                metrics::counter!("netcord_connects").increment(1);
                self.pending.push_back(Pending::Connected { peer: peer.id, client, user_data });
            }
            Some(Progress::Refused(reason)) => {
                tracing::debug!(peer = %peer.id, %reason, "refused");
                self.pending.push_back(Pending::Failed { peer: peer.id, reason });
            }
            Some(Progress::Ended(reason)) => self.end(slot, reason),
            None => {}
        }
        if let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_mut)
            && peer.is_established()
            && !peer.is_listed
            && peer.connection.has_events()
        {
            peer.is_listed = true;
            self.pending.push_back(Pending::Channels { slot });
        }
    }

    /// Ends a link from our side because of what the peer did, or did not do.
    fn end(&mut self, slot: usize, reason: DisconnectReason) {
        if let Some(peer) = self.peers.get_mut(slot).and_then(Option::take) {
            if reason == DisconnectReason::NoAnswer {
                self.endpoint.abandon(peer.id);
            } else {
                self.endpoint.disconnect(peer.id);
            }
            self.leave(peer, reason);
        }
    }

    fn transmit(&mut self) -> Result<(), TransportError> {
        while let Some(transmit) = self.endpoint.next_transmit() {
            self.socket.send(transmit.to, transmit.datagram)?;
        }
        Ok(())
    }
}

impl<E: Endpoint, S: DatagramSocket> Transport for SecureTransport<E, S> {
    fn receive(&mut self, now: Duration) -> Result<(), TransportError> {
        self.now = now;
        self.endpoint.update(now, self.unix_at_zero + now.as_secs());
        self.handle_endpoint_events()?;
        for _ in 0..MAX_DATAGRAMS_PER_RECEIVE {
            let Some((length, from)) = self.socket.receive(&mut self.incoming[..])? else { break };
            let Some(datagram) = self.incoming.get_mut(..length) else { continue };
            let payload = self.endpoint.receive(from, datagram);
            if let Some((id, payload)) = payload
                && let Some(peer) = self.peers.get_mut(id.slot()).and_then(Option::as_mut)
                && peer.id == id
            {
                peer.traffic.packets_received += 1;
                peer.traffic.bytes_received += length as u64;
                match peer.connection.receive(payload, now) {
                    Ok(()) => self.advance(id.slot()),
                    Err(malformed) => {
                        tracing::warn!(peer = %id, %malformed, "authenticated, but malformed");
                        self.end(id.slot(), DisconnectReason::ProtocolError);
                    }
                }
            }
            self.handle_endpoint_events()?;
        }
        for slot in 0..self.peers.len() {
            if let Some(reason) =
                self.peers.get(slot).and_then(Option::as_ref).and_then(|peer| peer.overdue(now))
            {
                self.end(slot, reason);
            } else {
                self.advance(slot);
            }
        }
        self.transmit()
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        // First find who has the next event, then borrow it: the borrow checker can't follow both in one loop.
        while let Some(Pending::Channels { slot }) = self.pending.front() {
            match self.peers.get_mut(*slot).and_then(Option::as_mut) {
                Some(peer) if peer.is_listed && peer.connection.has_events() => break,
                Some(peer) => peer.is_listed = false,
                None => {}
            }
            self.pending.pop_front();
        }
        let drained = match self.pending.front()? {
            Pending::Channels { .. } => false,
            Pending::Leaving { peer, .. } => !peer.connection.has_events(),
            _ => true,
        };
        if drained {
            return self.pending.pop_front().and_then(Pending::into_event);
        }
        let (id, connection) = match self.pending.front_mut()? {
            Pending::Channels { slot } => {
                let peer = self.peers.get_mut(*slot)?.as_mut()?;
                (peer.id, &mut peer.connection)
            }
            Pending::Leaving { peer, .. } => (peer.id, &mut peer.connection),
            _ => return None,
        };
        connection.next_event().map(|event| match event {
            ConnectionEvent::Message { channel, payload } => Event::Message { peer: id, channel, payload },
            ConnectionEvent::Delivered(receipt) => Event::Delivered { peer: id, receipt },
            ConnectionEvent::Lost(receipt) => Event::Lost { peer: id, receipt },
        })
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        match self.peers.get_mut(peer.slot()).and_then(Option::as_mut) {
            Some(known) if known.id == peer && known.is_established() => {
                // A game's message on the transport's own channel would break the connection.
                if channel == ChannelId::CONTROL {
                    return Err(SendError::UnknownChannel { channel });
                }
                known.connection.send(channel, payload)
            }
            _ => Err(SendError::NotConnected { peer }),
        }
    }

    fn flush(&mut self, now: Duration) -> Result<(), TransportError> {
        for peer in self.peers.iter_mut().flatten() {
            loop {
                self.outgoing.clear();
                if !peer.connection.next_datagram(now, &mut self.outgoing) {
                    break;
                }
                if let Ok(sealed) = self.endpoint.send(peer.id, &self.outgoing) {
                    peer.traffic.packets_sent += 1;
                    peer.traffic.bytes_sent += sealed as u64;
                }
            }
        }
        self.transmit()
    }

    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason) {
        let Some(mut gone) = self.take_peer(peer) else {
            // It may be one that the endpoint still tries to reach.
            self.endpoint.disconnect(peer);
            return;
        };
        self.pending.retain(|pending| !matches!(pending, Pending::Connected { peer: id, .. } if *id == peer));
        if reason == DisconnectReason::TimedOut {
            self.endpoint.abandon(peer);
            return;
        }
        let code = if let DisconnectReason::Left(code) = reason { code } else { 0 };
        gone.say_goodbye(code);
        self.outgoing.clear();
        while gone.connection.next_datagram(self.now, &mut self.outgoing) {
            for _ in 0..GOODBYE_COPIES {
                // Best effort: the peer's timeout is what it falls back on.
                let _ = self.endpoint.send(peer, &self.outgoing);
            }
            self.outgoing.clear();
        }
        self.endpoint.disconnect(peer);
    }

    fn stats(&self, peer: PeerId) -> Option<LinkStats> {
        let peer = self.peer(peer).filter(|peer| peer.is_established())?;
        let channels = peer.connection.stats();
        Some(LinkStats {
            rtt: channels.rtt,
            jitter: channels.jitter,
            loss: channels.loss,
            queued: channels.queued,
            bytes_per_second: channels.bytes_per_second,
            bytes_sent: peer.traffic.bytes_sent,
            bytes_received: peer.traffic.bytes_received,
            packets_sent: peer.traffic.packets_sent,
            packets_received: peer.traffic.packets_received,
        })
    }
}

impl<E: Endpoint, S: DatagramSocket> SecureTransport<E, S> {
    /// Disconnects everybody, and sends the goodbyes; call it before the game exits, so that peers need not
    /// wait for their timeout.
    ///
    /// # Errors
    /// The socket failed; the peers will notice by their timeout.
    pub fn close(&mut self, reason: &DisconnectReason) -> Result<(), TransportError> {
        let ids: Vec<PeerId> = self.peers.iter().flatten().map(|peer| peer.id).collect();
        for id in ids {
            self.disconnect(id, reason.clone());
        }
        self.transmit()
    }
}

/// The Unix time, in seconds, for [`SecureTransport::new`], for a clock that starts now.
pub fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
