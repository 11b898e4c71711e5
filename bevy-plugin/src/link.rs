//! Opens the transports that matches are played over: the one place that knows sockets, keys and the clock's zero.

use crate::event::MatchError;
use crate::options::{HostOptions, JoinOptions, NetConfig};
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::transport::backend::UdpSocket;
use netcord::transport::invite::{
    InviteCode, InviteHostConfig, InviteJoinerConfig, MeshEndpoint, local_addresses, protocol_id,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{
    ChannelsConfig, DatagramSocket, Manifest, SecureRng, SecureTransport, Transport as _, TransportError,
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
    /// A simulated network: the address of the next socket, the seed of all keys, and who is heard by mDNS.
    Lab {
        network: Network,
        address: SocketAddr,
        rng: Box<SecureRng>,
        #[cfg(feature = "lan")]
        lan: crate::lan::LabLan,
    },
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
        let config = InviteHostConfig::new(protocol_id(&self.game), addresses);
        InviteHostConfig {
            timeout_seconds: self.timeout_seconds,
            rejoin_lifetime: self.forfeit_after.max(config.rejoin_lifetime),
            ..config
        }
    }
}

/// Opens a host's transport.
pub(crate) fn host(
    backend: &mut Backend,
    agreement: Agreement<'_>,
    options: &HostOptions,
    now: Duration,
) -> Result<Link, MatchError> {
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
    Ok(transport)
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
    Ok(SecureTransport::new(endpoint, socket, agreement.channels, agreement.manifest, unix_at_zero)?)
}

/// What matches are played over.
pub(crate) type Link = SecureTransport<MeshEndpoint, Socket>;

/// A socket of either backend.
pub(crate) enum Socket {
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
