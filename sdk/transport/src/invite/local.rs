//! Which addresses of this machine to advertise on a LAN. The only file of [`invite`](super) that does I/O: it
//! asks the operating system for its network interfaces.

use super::addresses::MAX_ADDRESSES;
use std::io;
use std::net::{IpAddr, SocketAddr};

/// The addresses, with this port, at which others on the local network reach this machine: at most four, the most
/// useful first. Loopback only when there is nothing else.
///
/// Private IPv4 comes first, then global IPv6. For a code that is to be read out, advertise the first one only;
/// for one that is sent as text, all of them. Behind a router, players from outside need its public address and
/// the port that it forwards instead; no interface knows that one.
///
/// # Errors
/// The system does not tell its interfaces.
pub fn local_addresses(port: u16) -> io::Result<Vec<SocketAddr>> {
    let interfaces = if_addrs::get_if_addrs()?;
    let addresses = interfaces.iter().map(|interface| (interface.name.as_str(), interface.ip()));
    Ok(choose(addresses).into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// The best four of these.
fn choose<'a>(interfaces: impl Iterator<Item = (&'a str, IpAddr)>) -> Vec<IpAddr> {
    let mut ranked: Vec<_> = interfaces.filter_map(|(name, ip)| Some((rank(name, ip)?, ip))).collect();
    ranked.sort();
    ranked.dedup_by_key(|(_, ip)| *ip);
    if ranked.iter().any(|(rank, _)| *rank != Rank::Loopback) {
        ranked.retain(|(rank, _)| *rank != Rank::Loopback);
    }
    ranked.truncate(MAX_ADDRESSES);
    ranked.into_iter().map(|(_, ip)| ip).collect()
}

/// How likely others reach an address, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    PrivateIpv4,
    GlobalIpv6,
    OtherIpv4,
    UniqueLocalIpv6,
    /// A bridge to containers or virtual machines: others have networks of the same numbers.
    Virtual,
    Loopback,
}

fn rank(interface: &str, ip: IpAddr) -> Option<Rank> {
    const VIRTUAL: [&str; 8] = ["docker", "br-", "veth", "virbr", "vboxnet", "vmnet", "cni", "podman"];
    let rank = match ip {
        _ if ip.is_unspecified() || ip.is_multicast() => return None,
        _ if ip.is_loopback() => Rank::Loopback,
        IpAddr::V4(ip) if ip.is_link_local() => return None,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => return None,
        _ if VIRTUAL.iter().any(|prefix| interface.starts_with(prefix)) => Rank::Virtual,
        IpAddr::V4(ip) if ip.is_private() => Rank::PrivateIpv4,
        IpAddr::V4(_) => Rank::OtherIpv4,
        IpAddr::V6(ip) if ip.is_unique_local() => Rank::UniqueLocalIpv6,
        IpAddr::V6(_) => Rank::GlobalIpv6,
    };
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(interfaces: &[(&str, &str)]) -> Vec<String> {
        let parsed = interfaces.iter().map(|(name, ip)| (*name, ip.parse().expect("an address")));
        choose(parsed).iter().map(IpAddr::to_string).collect()
    }

    #[test]
    fn private_ipv4_comes_first_then_global_ipv6() {
        let interfaces = [
            ("lo", "127.0.0.1"),
            ("eth0", "fe80::1"),
            ("eth0", "2001:db8::5"),
            ("eth1", "169.254.3.3"),
            ("docker0", "172.17.0.1"),
            ("tun0", "100.64.0.9"),
            ("eth0", "192.168.1.20"),
        ];
        assert_eq!(chosen(&interfaces), ["192.168.1.20", "2001:db8::5", "100.64.0.9", "172.17.0.1"]);
    }

    #[test]
    fn loopback_serves_when_there_is_nothing_else() {
        assert_eq!(chosen(&[("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "fe80::1")]), ["127.0.0.1", "::1"]);
        assert!(chosen(&[]).is_empty());
    }

    #[test]
    fn this_machine_has_an_address() {
        let addresses = local_addresses(7777).expect("interfaces");
        assert!(addresses.iter().all(|address| address.port() == 7777));
    }
}
