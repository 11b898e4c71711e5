//! Opens the links that a match is played over.

use crate::cli::HostOptions;
use crate::failure::Failure;
use netcord::session::session_channels;
use netcord::transport::backend::UdpSocket;
use netcord::transport::invite::{
    InviteCode, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, local_addresses, protocol_id,
};
use netcord::transport::lab::Proxy;
use netcord::transport::{
    ChannelsConfig, DatagramSocket as _, Manifest, SecureTransport, secure_rng, unix_time,
};
use pong_rules::Pong;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A host's transport: it makes invites.
pub(crate) type HostTransport = SecureTransport<InviteHost, UdpSocket>;
/// A joiner's or spectator's transport: it comes back by itself.
pub(crate) type JoinTransport = SecureTransport<InviteJoiner, UdpSocket>;

/// The role in an invite for the other player; a session takes 0 for a player.
pub(crate) const PLAYER: u8 = 0;
/// The role in an invite for somebody who watches.
pub(crate) const SPECTATOR: u8 = 1;

/// After how much silence a connection is lost, in seconds: shorter than a player's patience, longer than most
/// networks' hiccups.
const TIMEOUT_SECONDS: u32 = 5;

/// What tells this game from others on the wire.
const GAME: &str = "netcord-pong";

/// Where a host is.
pub(crate) struct Listening {
    pub(crate) at: SocketAddr,
    pub(crate) advertised: Vec<SocketAddr>,
}

/// The transport of a host, and the bad network in front of it, if one is wanted.
///
/// Also tells where the host listens, and where the invites say that it does.
pub(crate) fn host(options: &HostOptions) -> Result<(HostTransport, Option<Proxy>, Listening), Failure> {
    let socket = UdpSocket::bind_any(options.port)?;
    let port = socket.local_addr().map_err(Failure::socket)?.port();
    let proxy = match &options.lab {
        Some(conditions) => Some(Proxy::start(
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv4Addr::LOCALHOST, port).into(),
            *conditions,
            *conditions,
            options.play.seed,
        )?),
        None => None,
    };
    let addresses = match &proxy {
        Some(proxy) => vec![proxy.address()],
        // One address makes a code that can be read out; the first is the one that a LAN most likely uses.
        None if options.advertise.is_empty() => {
            local_addresses(port).map_err(Failure::socket)?.into_iter().take(1).collect()
        }
        None => options.advertise.clone(),
    };
    let config = InviteHostConfig {
        timeout_seconds: TIMEOUT_SECONDS,
        rejoin_lifetime: Duration::from_secs(options.forfeit_after.into()),
        ..InviteHostConfig::new(protocol_id(GAME), addresses.clone())
    };
    let endpoint = InviteHost::new(config, secure_rng()?)?;
    let listening = Listening { at: socket.local_addr().map_err(Failure::socket)?, advertised: addresses };
    Ok((SecureTransport::new(endpoint, socket, channels(), manifest(), unix_time())?, proxy, listening))
}

/// The transport of one who has an invite.
pub(crate) fn join(code: &InviteCode) -> Result<JoinTransport, Failure> {
    let config = InviteJoinerConfig {
        // The host decides how long it waits; we try for as long as anybody would.
        reconnect: Some(Duration::from_secs(3600)),
        ..InviteJoinerConfig::new(protocol_id(GAME))
    };
    let endpoint = InviteJoiner::new(code, config, secure_rng()?);
    Ok(SecureTransport::new(endpoint, UdpSocket::bind_any(0)?, channels(), manifest(), unix_time())?)
}

fn channels() -> ChannelsConfig {
    ChannelsConfig::new(session_channels())
}

/// Who plays together must run the same rules.
fn manifest() -> Manifest {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")]
            .map(|number| number.parse::<u64>().unwrap_or(0));
    Manifest::new()
        .with("version of Pong", (major << 32) | (minor << 16) | patch)
        .with_schema("schema of Pong", &Pong::schema())
}
