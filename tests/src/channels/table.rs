//! Two transports that an invite joins over any backend, and everything that happens to them.

use super::backend::Backend;
use netcord::transport::invite::{
    InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord::transport::lab::Conditions;
use netcord::transport::{
    ChannelId, ChannelsConfig, DatagramSocket as _, DisconnectReason, Event, Manifest, PeerId, Receipt,
    SecureRng, SecureTransport, Transport,
};
use rand_core::SeedableRng as _;
use std::fmt::Display;
use std::time::Duration;

/// The time between two flushes.
pub(super) const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// A host and a joiner.
pub(super) struct Table<B: Backend> {
    backend: B,
    host: SecureTransport<InviteHost, B::Socket>,
    joiner: SecureTransport<InviteJoiner, B::Socket>,
    now: Duration,
    frames: u32,
}

/// An event that does not borrow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// The other is there.
    Connected(PeerId),
    /// The connection ended; the reason is written out.
    Disconnected(String),
    /// A message came.
    Message(ChannelId, Vec<u8>),
    /// A receipt ended well.
    Delivered(Receipt),
    /// A receipt ended otherwise.
    Lost(Receipt),
}

impl<B: Backend> Table<B> {
    /// Two transports that have not met yet, the host first, each with its manifest.
    pub(super) fn new(
        conditions: Conditions,
        channels: &ChannelsConfig,
        manifests: [Manifest; 2],
        seed: u64,
    ) -> Result<Self, String> {
        let (backend, [host_socket, joiner_socket]) = B::open(conditions, seed).map_err(text)?;
        let address = host_socket.local_addr().map_err(text)?;
        let protocol = protocol_id("conformance");
        // No network of this suite ends a connection: what is late shall come.
        let config =
            InviteHostConfig { timeout_seconds: 60, ..InviteHostConfig::new(protocol, vec![address]) };
        let endpoint = InviteHost::new(config, SecureRng::seed_from_u64(seed)).map_err(text)?;
        let [ours, theirs] = manifests;
        let mut host =
            SecureTransport::new(endpoint, host_socket, channels.clone(), ours, 0).map_err(text)?;
        host.receive(Duration::ZERO).map_err(text)?;
        let code = host.endpoint_mut().invite(0).map_err(text)?;
        let config = InviteJoinerConfig {
            request_timeout: Duration::from_secs(60),
            reconnect: None,
            ..InviteJoinerConfig::new(protocol)
        };
        let endpoint = InviteJoiner::new(&code, config, SecureRng::seed_from_u64(!seed));
        let joiner =
            SecureTransport::new(endpoint, joiner_socket, channels.clone(), theirs, 0).map_err(text)?;
        Ok(Self { backend, host, joiner, now: Duration::ZERO, frames: 0 })
    }

    /// Frames that were played.
    pub(super) fn frames(&self) -> u32 {
        self.frames
    }

    /// The host, then the joiner.
    pub(super) fn end(&mut self, end: usize) -> &mut dyn Transport {
        if end == 0 { &mut self.host } else { &mut self.joiner }
    }

    /// How many datagrams and how many bytes an end has sent.
    pub(super) fn sent(&mut self, end: usize) -> (u64, u64) {
        let socket = if end == 0 { self.host.socket() } else { self.joiner.socket() };
        self.backend.sent(socket)
    }

    /// One frame: takes in what has come, tells it, and sends what waited.
    pub(super) fn frame(&mut self) -> Result<[Vec<Seen>; 2], String> {
        self.now += FRAME;
        self.frames += 1;
        let sockets = [self.host.socket(), self.joiner.socket()];
        self.backend.advance_to(self.now, sockets).map_err(text)?;
        let mut seen = [Vec::new(), Vec::new()];
        for (end, seen) in seen.iter_mut().enumerate() {
            let now = self.now;
            let transport = self.end(end);
            transport.receive(now).map_err(text)?;
            drain(transport, seen);
        }
        self.host.flush(self.now).map_err(text)?;
        self.joiner.flush(self.now).map_err(text)?;
        Ok(seen)
    }

    /// Plays until both know each other; returns whom each has met.
    pub(super) fn connect(&mut self) -> Result<[PeerId; 2], String> {
        let mut peers = [None, None];
        for _ in 0..60 * 60 {
            for (peer, seen) in peers.iter_mut().zip(self.frame()?) {
                match &seen[..] {
                    [] => {}
                    [Seen::Connected(id)] if peer.is_none() => *peer = Some(*id),
                    other => return Err(format!("while connecting: {other:?}")),
                }
            }
            if let [Some(of_host), Some(of_joiner)] = peers {
                return Ok([of_host, of_joiner]);
            }
        }
        Err("no connection within a minute".to_owned())
    }

    /// The host ends the connection; plays until the joiner has heard of it.
    pub(super) fn part(&mut self, peer: PeerId) -> Result<String, String> {
        self.host.disconnect(peer, DisconnectReason::Left(9));
        for _ in 0..120 {
            let [host, joiner] = self.frame()?;
            match (&host[..], &joiner[..]) {
                ([], [.., Seen::Disconnected(reason)]) => return Ok(reason.clone()),
                ([], _) => {}
                (seen, _) => return Err(format!("after its own end, the host saw {seen:?}")),
            }
        }
        Err("the other end heard of no end".to_owned())
    }
}

fn drain(transport: &mut dyn Transport, seen: &mut Vec<Seen>) {
    while let Some(event) = transport.next_event() {
        seen.push(match event {
            Event::Connected { peer, .. } => Seen::Connected(peer),
            Event::Disconnected { reason, .. } => Seen::Disconnected(reason.to_string()),
            Event::Message { channel, payload, .. } => Seen::Message(channel, payload.to_vec()),
            Event::Delivered { receipt, .. } => Seen::Delivered(receipt),
            Event::Lost { receipt, .. } => Seen::Lost(receipt),
        });
    }
}

/// An error as a failure of the run.
pub(super) fn text(error: impl Display) -> String {
    error.to_string()
}
