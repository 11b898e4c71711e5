//! The addresses in invite codes and rejoin tickets: 1 to 4 of them, IPv4 or IPv6, each with its port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most addresses that a code or a ticket carries.
pub(super) const MAX_ADDRESSES: usize = 4;

/// The most bytes that they take.
pub(super) const MAX_ADDRESS_BYTES: usize = MAX_ADDRESSES * (16 + 2);

/// Whether these can be advertised: 1 to 4, each of which a datagram can be sent to from elsewhere.
pub(super) fn are_reachable(addresses: &[SocketAddr]) -> bool {
    (1..=MAX_ADDRESSES).contains(&addresses.len()) && addresses.iter().all(is_reachable)
}

/// Whether a datagram can be sent to it from elsewhere. Not so for link-local IPv6: it means nothing without an interface, which is another on each machine.
pub(super) fn is_reachable(address: &SocketAddr) -> bool {
    let ip = address.ip();
    let out_of_reach = match ip {
        IpAddr::V4(ip) => ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !out_of_reach
}

/// What [`write`] keeps of an address: IPv4 as such, no flow label, no scope.
pub(super) fn canonical(address: &SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// One address as bytes: its layout, then itself.
pub(super) fn write_one(address: SocketAddr) -> Option<Vec<u8>> {
    let address = [canonical(&address)];
    are_reachable(&address).then(|| {
        let mut bytes = vec![layout(&address)];
        write(&address, &mut bytes);
        bytes
    })
}

/// Reads what [`write_one`] wrote.
pub(super) fn read_one(bytes: &[u8]) -> Option<SocketAddr> {
    let (&layout, rest) = bytes.split_first()?;
    match read(layout, rest)? {
        (addresses, []) => <[SocketAddr; 1]>::try_from(addresses).ok().map(|[address]| address),
        _ => None,
    }
}

/// How many addresses there are and of which families, in five bits: a one, then a bit for each address, 1 for
/// IPv6.
pub(super) fn layout(addresses: &[SocketAddr]) -> u8 {
    addresses.iter().fold(1, |layout, address| layout << 1 | u8::from(address.is_ipv6()))
}

/// The families that a [`layout`] names, IPv6 as `true`; `None` when there are none or more than four.
fn families(layout: u8) -> Option<impl Iterator<Item = bool>> {
    let count = layout.checked_ilog2()?;
    (1..=MAX_ADDRESSES as u32)
        .contains(&count)
        .then(|| (0..count).rev().map(move |bit| layout >> bit & 1 == 1))
}

/// How many bytes [`write`] makes of addresses of this layout.
pub(super) fn size(layout: u8) -> Option<usize> {
    Some(families(layout)?.map(|ipv6| if ipv6 { 18 } else { 6 }).sum())
}

/// Appends the octets of each address, then its port, all in network order.
pub(super) fn write(addresses: &[SocketAddr], out: &mut Vec<u8>) {
    for address in addresses {
        match address.ip() {
            IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
            IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
        }
        out.extend_from_slice(&address.port().to_be_bytes());
    }
}

/// Reads what [`write`] wrote, and what follows it. `None` when bytes are missing or an address can't be reached.
pub(super) fn read(layout: u8, mut bytes: &[u8]) -> Option<(Vec<SocketAddr>, &[u8])> {
    let mut addresses = Vec::with_capacity(MAX_ADDRESSES);
    for ipv6 in families(layout)? {
        let ip = if ipv6 {
            let (octets, rest) = bytes.split_first_chunk::<16>()?;
            bytes = rest;
            IpAddr::V6(Ipv6Addr::from(*octets))
        } else {
            let (octets, rest) = bytes.split_first_chunk::<4>()?;
            bytes = rest;
            IpAddr::V4(Ipv4Addr::from(*octets))
        };
        let (port, rest) = bytes.split_first_chunk::<2>()?;
        bytes = rest;
        addresses.push(SocketAddr::new(ip, u16::from_be_bytes(*port)));
    }
    are_reachable(&addresses).then_some((addresses, bytes))
}
