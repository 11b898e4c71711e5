//! The server addresses in a token (standard: "Connect Token"), and when two addresses are the same.

use super::MAX_ADDRESSES;
use super::token::{TokenError, take};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// Whether datagrams to the one reach the other: scope and flow of IPv6 don't count, since tokens don't carry
/// them, and an IPv4 address is the same when a dual-stack socket shows it as IPv6.
pub(super) fn same_address(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical()
}

/// Checks that a token may list so many addresses.
pub(super) fn check_count(count: usize) -> Result<(), TokenError> {
    if (1..=MAX_ADDRESSES).contains(&count) { Ok(()) } else { Err(TokenError::AddressCount { count }) }
}

/// Appends the number of addresses and the addresses.
pub(super) fn write(addresses: &[SocketAddr], out: &mut Vec<u8>) {
    out.extend_from_slice(&(addresses.len() as u32).to_le_bytes());
    for address in addresses {
        match address.ip() {
            IpAddr::V4(ip) => {
                out.push(IPV4);
                out.extend_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                out.push(IPV6);
                for segment in ip.segments() {
                    out.extend_from_slice(&segment.to_le_bytes());
                }
            }
        }
        out.extend_from_slice(&address.port().to_le_bytes());
    }
}

/// Takes the number of addresses and the addresses off the front of `bytes`.
pub(super) fn read(bytes: &mut &[u8]) -> Result<Vec<SocketAddr>, TokenError> {
    let count = u32::from_le_bytes(take(bytes)?) as usize;
    check_count(count)?;
    (0..count)
        .map(|_| {
            let ip = match take(bytes)? {
                [IPV4] => IpAddr::V4(Ipv4Addr::from(take::<4>(bytes)?)),
                [IPV6] => {
                    let mut segments = [0; 8];
                    for segment in &mut segments {
                        *segment = u16::from_le_bytes(take(bytes)?);
                    }
                    IpAddr::V6(Ipv6Addr::from(segments))
                }
                [kind] => return Err(TokenError::AddressType { kind }),
            };
            Ok(SocketAddr::new(ip, u16::from_le_bytes(take(bytes)?)))
        })
        .collect()
}
