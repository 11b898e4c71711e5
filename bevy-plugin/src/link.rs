//! Opens the transports that matches are played over: the one place that knows sockets, keys and the clock's zero.

use crate::event::{MatchError, Seat};
use crate::options::{HostOptions, JoinOptions, NetConfig};
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::session::{ROLE_PLAYER, ROLE_SPECTATOR};
use netcord::transport::backend::UdpSocket;
use netcord::transport::invite::{
    InviteCode, InviteError, InviteHostConfig, InviteJoinerConfig, MeshEndpoint, local_addresses, protocol_id,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{
    ChannelId, ChannelsConfig, DatagramSocket, DisconnectReason, Event, Introduce, IntroductionError,
    LinkStats, Manifest, PeerId, Receipt, SecureRng, SecureTransport, SendError, Transport, TransportError,
    secure_rng, unix_time,
};
use rand_core::{Rng as _, SeedableRng as _};
use std::io;
use std::net::SocketAddr;

/// Where sockets and randomness come from.
#[derive(Resource, Default)]
pub(crate) enum Backend {
    /// The machine's.
    #[default]
    Udp,
    /// A simulated network: the address of the next socket, and the seed of all keys.
    Lab { network: Network, address: SocketAddr, rng: Box<SecureRng> },
}

impl Backend {
    fn socket(&self, port: u16) -> Result<Socket, TransportError> {
        match self {
            Self::Udp => UdpSocket::bind_any(port).map(|socket| Socket::Udp(Box::new(socket))),
            Self::Lab { network, address, .. } => network.socket(*address).map(Socket::Lab),
        }
    }

    fn rng(&mut self) -> Result<SecureRng, TransportError> {
        match self {
            Self::Udp => secure_rng(),
            Self::Lab { rng, .. } => Ok(SecureRng::seed_from_u64(rng.next_u64())),
        }
    }

    pub(crate) fn random(&mut self) -> Result<u64, TransportError> {
        Ok(self.rng()?.next_u64())
    }

    /// The Unix time at which `now` was zero.
    fn unix_at_zero(&self, now: Duration) -> u64 {
        match self {
            Self::Udp => unix_time().saturating_sub(now.as_secs()),
            Self::Lab { .. } => 1_700_000_000,
        }
    }

    /// Where others reach this machine, the best first.
    fn addresses(&self, socket: &Socket) -> Result<Vec<SocketAddr>, TransportError> {
        let bound = socket.local_addr()?;
        match self {
            Self::Udp => Ok(local_addresses(bound.port())?),
            Self::Lab { .. } => Ok(vec![bound]),
        }
    }
}

/// What all peers of a game must agree on.
pub(crate) struct Agreement<'a> {
    pub(crate) config: &'a NetConfig,
    pub(crate) manifest: Manifest,
    pub(crate) channels: ChannelsConfig,
}

impl NetConfig {
    /// How peers that come to one at these addresses are let in.
    fn inviting(&self, addresses: Vec<SocketAddr>) -> InviteHostConfig {
        InviteHostConfig {
            timeout_seconds: self.timeout_seconds,
            rejoin_lifetime: self.forfeit_after,
            ..InviteHostConfig::new(protocol_id(&self.game), addresses)
        }
    }
}

/// Opens a host's transport, with an invite for each seat.
pub(crate) fn host(
    backend: &mut Backend,
    agreement: Agreement<'_>,
    options: &HostOptions,
    now: Duration,
) -> Result<(Link, Vec<(InviteCode, Seat)>), MatchError> {
    let socket = backend.socket(options.port)?;
    let mut addresses = options.advertise.clone();
    if addresses.is_empty() {
        addresses = backend.addresses(&socket)?;
        // One address makes a code that can be read out.
        addresses.truncate(1);
    }
    let endpoint = MeshEndpoint::host(agreement.config.inviting(addresses), backend.rng()?)?;
    let unix_at_zero = backend.unix_at_zero(now);
    let mut transport =
        SecureTransport::new(endpoint, socket, agreement.channels, agreement.manifest, unix_at_zero)?;
    // The time of invites starts with the transport's first step.
    transport.receive(now)?;
    let seats = std::iter::repeat_n((ROLE_PLAYER, Seat::Player), options.players.saturating_sub(1))
        .chain(std::iter::repeat_n((ROLE_SPECTATOR, Seat::Spectator), options.spectators));
    let invites: Result<Vec<_>, InviteError> =
        seats.map(|(role, seat)| Ok((transport.endpoint_mut().invite(role)?, seat))).collect();
    Ok((Link(Box::new(transport)), invites?))
}

/// Opens a joiner's transport.
pub(crate) fn join(
    backend: &mut Backend,
    agreement: Agreement<'_>,
    options: &JoinOptions,
    now: Duration,
) -> Result<Link, MatchError> {
    let code: InviteCode = options
        .code
        .trim()
        .parse()
        .map_err(|source| MatchError::BadCode { code: options.code.clone(), source })?;
    let joining = InviteJoinerConfig {
        reconnect: Some(options.reconnect_for),
        ..InviteJoinerConfig::new(protocol_id(&agreement.config.game))
    };
    let socket = backend.socket(options.port)?;
    let inviting = agreement.config.inviting(backend.addresses(&socket)?);
    let endpoint = MeshEndpoint::join(&code, joining, inviting, backend.rng()?)?;
    let unix_at_zero = backend.unix_at_zero(now);
    let transport =
        SecureTransport::new(endpoint, socket, agreement.channels, agreement.manifest, unix_at_zero)?;
    Ok(Link(Box::new(transport)))
}

/// Any transport that a match is played over, so that nothing else is generic over it.
pub(crate) struct Link(Box<dyn Introduce + Send + Sync>);

impl Transport for Link {
    fn receive(&mut self, now: Duration) -> Result<(), TransportError> {
        self.0.receive(now)
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        self.0.next_event()
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        self.0.send(peer, channel, payload)
    }

    fn flush(&mut self, now: Duration) -> Result<(), TransportError> {
        self.0.flush(now)
    }

    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason) {
        self.0.disconnect(peer, reason);
    }

    fn stats(&self, peer: PeerId) -> Option<LinkStats> {
        self.0.stats(peer)
    }
}

impl Introduce for Link {
    fn introduction(&mut self, role: u8) -> Result<Vec<u8>, IntroductionError> {
        self.0.introduction(role)
    }

    fn vouch(&self, peer: PeerId, introduction: &[u8]) -> Result<Vec<u8>, IntroductionError> {
        self.0.vouch(peer, introduction)
    }

    fn meet(&mut self, introduction: &[u8]) -> Result<PeerId, IntroductionError> {
        self.0.meet(introduction)
    }

    fn sighting(&self, peer: PeerId) -> Option<Vec<u8>> {
        self.0.sighting(peer)
    }

    fn expect(&mut self, sighting: &[u8]) -> Result<(), IntroductionError> {
        self.0.expect(sighting)
    }
}

/// A socket of either backend.
enum Socket {
    Udp(Box<UdpSocket>),
    Lab(LabSocket),
}

impl DatagramSocket for Socket {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        match self {
            Self::Udp(socket) => socket.receive(buffer),
            Self::Lab(socket) => socket.receive(buffer),
        }
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(to, datagram),
            Self::Lab(socket) => socket.send(to, datagram),
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Udp(socket) => socket.local_addr(),
            Self::Lab(socket) => socket.local_addr(),
        }
    }
}
