//! Who asks, when there is a proxy in between.

use http::HeaderMap;
use std::net::IpAddr;

/// The address of who sent a request: the connection's, or, if that is one of the proxies that are trusted, the last one in
/// `X-Forwarded-For` that isn't. What stands before it may be made up.
pub(super) fn sender(headers: &HeaderMap, peer: IpAddr, proxies: &[IpAddr]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.contains(address);
    let peer = peer.to_canonical();
    if !trusted(&peer) {
        return peer;
    }
    let mut sender = peer;
    for line in headers.get_all("x-forwarded-for").iter().rev() {
        for hop in line.to_str().unwrap_or_default().rsplit(',') {
            // With what is no address, the trail ends at the proxy that wrote it.
            let Ok(address) = hop.trim().parse::<IpAddr>() else { return sender };
            sender = address.to_canonical();
            if !trusted(&sender) {
                return sender;
            }
        }
    }
    sender
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_last_address_that_no_trusted_proxy_has_is_the_senders() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = [address("10.0.0.1"), address("10.0.0.2")];
        for (peer, lines, expected) in [
            ("1.2.3.4", &["6.6.6.6"][..], "1.2.3.4"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("::ffff:10.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6", "1.2.3.4,10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            assert_eq!(sender(&headers, address(peer), &proxies), address(expected), "{peer} {lines:?}");
        }
    }
}
