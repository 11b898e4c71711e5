//! The thread that speaks mDNS, and what can keep it from it.

use super::SERVICE;
use crate::TransportError;
use mdns_sd::{IfKind, MDNS_PORT, ServiceDaemon};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Why games can't be advertised or found here. Invite codes work all the same: show them instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanError {
    /// Another program has the port for itself, or a firewall or sandbox denies it. Tell the player; on iOS, add the
    /// entitlement for multicast.
    #[error("can't listen for games on UDP port {port}, another program or a firewall has it: {source}")]
    PortBlocked {
        /// The port, 5353 by standard.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The machine is on no network that carries multicast: flight mode, or a cable that is out. Try again when that
    /// has changed.
    #[error("this machine is on no network on which games could be found")]
    NoNetwork,
    /// The system gives no randomness for the advert's name. Report it.
    #[error(transparent)]
    Entropy(TransportError),
    /// The thread could not be started, is busy, or ended. Try again once, then show the text.
    #[error("mDNS failed: {0}")]
    Daemon(#[from] mdns_sd::Error),
}

/// Where to look for games.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) port: u16,
    /// Only this machine, for tests.
    pub(super) loopback_only: bool,
}

impl Scope {
    pub(super) const LAN: Self = Self { port: MDNS_PORT, loopback_only: false };

    /// Starts a thread; it ends with [`ServiceDaemon::shutdown`].
    ///
    /// The thread keeps to itself why its sockets fail, so they are tried before.
    pub(super) fn start(self) -> Result<ServiceDaemon, LanError> {
        self.probe()?;
        let daemon = ServiceDaemon::new_with_port(self.port)?;
        if self.loopback_only {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        tracing::debug!(service = SERVICE, port = self.port, "speaking mDNS");
        Ok(daemon)
    }

    /// Whether the port is free to share and a group can be joined, as the thread will.
    fn probe(self) -> Result<(), LanError> {
        let blocked = |source| LanError::PortBlocked { port: self.port, source };
        let v4 = socket(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, self.port).into());
        let v6 = socket(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, self.port).into());
        let joined = if_addrs::get_if_addrs().unwrap_or_default().into_iter().any(|interface| {
            match (interface.ip(), &v4, &v6) {
                (IpAddr::V4(ip), Ok(socket), _) => socket.join_multicast_v4(&GROUP_V4, &ip).is_ok(),
                (IpAddr::V6(_), _, Ok(socket)) => {
                    socket.join_multicast_v6(&GROUP_V6, interface.index.unwrap_or(0)).is_ok()
                }
                _ => false,
            }
        });
        match (v4, v6) {
            _ if joined => Ok(()),
            (Err(source), Err(_)) => Err(blocked(source)),
            _ => Err(LanError::NoNetwork),
        }
    }
}

const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

fn socket(domain: Domain, address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_another_program_has_for_itself_is_named() {
        // No reuse is allowed on these, and on a machine without IPv6 there is nothing to take.
        let v4 = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("the system has a port");
        let port = v4.local_addr().expect("it is bound").port();
        let v6 = Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP)).and_then(|socket| {
            socket.set_only_v6(true)?;
            socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
            Ok(socket)
        });
        let error = Scope { port, loopback_only: true }.start().err();
        drop(v6);
        assert!(
            matches!(error, Some(LanError::PortBlocked { port: named, .. }) if named == port),
            "{error:?}"
        );
    }
}
