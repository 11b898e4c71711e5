//! UDP on the loopback interface.

use netcord_transport::backend::{UdpConfig, UdpSocket};
use netcord_transport::{DatagramSocket, TransportError};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longer than any of this takes; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(10);

fn bind(address: impl Into<SocketAddr>) -> UdpSocket {
    UdpSocket::bind(address.into()).expect("port 0 is always free")
}

fn v4() -> UdpSocket {
    bind((Ipv4Addr::LOCALHOST, 0))
}

/// `None` on a machine without IPv6.
fn v6() -> Option<UdpSocket> {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0).into()).ok()
}

fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("it is bound")
}

/// Waits for the next datagram.
fn receive(socket: &mut UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 2_048];
    loop {
        if let Some((len, from)) = socket.receive(&mut buffer).expect("the socket works") {
            return (buffer[..len].to_vec(), from);
        }
        assert!(socket.wait(PATIENCE).expect("the socket works"), "nothing arrived");
    }
}

#[test]
fn datagrams_go_both_ways_over_ipv4() {
    let (mut a, mut b) = (v4(), v4());
    a.send(address(&b), b"ping").unwrap();
    assert_eq!(receive(&mut b), (b"ping".to_vec(), address(&a)));
    b.send(address(&a), b"pong").unwrap();
    assert_eq!(receive(&mut a), (b"pong".to_vec(), address(&b)));
}

#[test]
fn datagrams_go_both_ways_over_ipv6() {
    let (Some(mut a), Some(mut b)) = (v6(), v6()) else { return };
    a.send(address(&b), b"ping").unwrap();
    assert_eq!(receive(&mut b), (b"ping".to_vec(), address(&a)));
    b.send(address(&a), b"pong").unwrap();
    assert_eq!(receive(&mut a), (b"pong".to_vec(), address(&b)));
}

#[test]
fn a_dual_stack_socket_talks_to_ipv4_peers_by_their_ipv4_addresses() {
    let mut host = UdpSocket::bind_any(0).unwrap();
    let port = address(&host).port();
    let mut v4 = v4();
    v4.send((Ipv4Addr::LOCALHOST, port).into(), b"four").unwrap();
    assert_eq!(receive(&mut host), (b"four".to_vec(), address(&v4)));
    host.send(address(&v4), b"back").unwrap();
    assert_eq!(receive(&mut v4), (b"back".to_vec(), (Ipv4Addr::LOCALHOST, port).into()));

    let Some(mut v6) = v6() else { return };
    v6.send((Ipv6Addr::LOCALHOST, port).into(), b"six").unwrap();
    assert_eq!(receive(&mut host), (b"six".to_vec(), address(&v6)));
    host.send(address(&v6), b"back").unwrap();
    assert_eq!(receive(&mut v6), (b"back".to_vec(), (Ipv6Addr::LOCALHOST, port).into()));
}

/// All of 127.0.0.0/8 is local on Linux, so one machine has several addresses to answer from.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_comes_from_the_address_that_was_asked() {
    let other = Ipv4Addr::new(127, 0, 0, 2);
    for mut host in [bind((Ipv4Addr::UNSPECIFIED, 0)), UdpSocket::bind_any(0).unwrap()] {
        let port = address(&host).port();
        let mut client = v4();
        client.send((other, port).into(), b"?").unwrap();
        assert_eq!(receive(&mut host).1, address(&client));
        host.send(address(&client), b"!").unwrap();
        assert_eq!(receive(&mut client), (b"!".to_vec(), (other, port).into()));
    }
}

#[test]
fn a_port_in_use_is_named_in_the_error() {
    let first = v4();
    let error = UdpSocket::bind(address(&first)).expect_err("the port is taken");
    let TransportError::Bind { address: asked, source } = &error else { panic!("{error}") };
    assert_eq!(*asked, address(&first));
    assert_eq!(source.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("can't bind UDP {asked}: ")), "{error}");
}

#[test]
fn a_port_in_use_is_an_error_of_bind_any_too() {
    let first = UdpSocket::bind_any(0).unwrap();
    let error = UdpSocket::bind_any(address(&first).port()).expect_err("the port is taken");
    assert!(matches!(error, TransportError::Bind { .. }), "{error}");
}

#[test]
fn errors_that_the_network_causes_are_counted_and_the_socket_goes_on() {
    let (mut socket, mut peer) = (v4(), v4());
    let closed = address(&v4());
    for _ in 0..10 {
        socket.send(closed, b"nobody there").unwrap();
    }
    let reachable = socket.stats();
    // Port 0, longer than any datagram, the other family: each is refused by every system.
    socket.send((Ipv4Addr::LOCALHOST, 0).into(), b"port 0").unwrap();
    socket.send(address(&peer), &[0; 70_000]).unwrap();
    socket.send((Ipv6Addr::LOCALHOST, 9).into(), b"another family").unwrap();
    assert_eq!(socket.stats().sends_refused, reachable.sends_refused + 3);

    peer.send(address(&socket), b"still there?").unwrap();
    assert_eq!(receive(&mut socket), (b"still there?".to_vec(), address(&peer)));
    socket.send(address(&peer), b"yes").unwrap();
    assert_eq!(receive(&mut peer).0, b"yes");
}

#[test]
fn every_datagram_of_a_burst_comes_out_once_and_in_order() {
    let (mut a, mut b) = (v4(), v4());
    let (mut c, to) = (v4(), address(&b));
    for n in 0..200_u8 {
        a.send(to, &vec![n; 300 + usize::from(n)]).unwrap();
        c.send(to, &[n; 40]).unwrap();
        c.send(to, &[n; 40]).unwrap();
    }
    let mut from_a = 0..200_u8;
    let mut from_c = (0..200_u8).flat_map(|n| [n, n]);
    for _ in 0..600 {
        let (bytes, from) = receive(&mut b);
        let (n, len) = if from == address(&a) {
            let n = from_a.next().expect("200 datagrams");
            (n, 300 + usize::from(n))
        } else {
            (from_c.next().expect("400 datagrams"), 40)
        };
        assert_eq!(bytes, vec![n; len]);
    }
    assert_eq!(b.receive(&mut [0; 2_048]).unwrap(), None);
}

#[test]
fn empty_datagrams_arrive_and_long_ones_are_cut_to_the_buffer() {
    let (mut a, mut b) = (v4(), v4());
    a.send(address(&b), b"").unwrap();
    a.send(address(&b), &[3; 9_000]).unwrap();
    a.send(address(&b), b"end").unwrap();
    assert_eq!(receive(&mut b).0, b"");
    assert_eq!(receive(&mut b).0, [3; 2_048]);
    assert_eq!(receive(&mut b).0, b"end");
}

#[test]
fn a_wait_ends_when_a_datagram_is_there_even_if_it_was_read_ahead() {
    let (mut a, mut b) = (v4(), v4());
    assert!(!b.wait(Duration::ZERO).unwrap());
    a.send(address(&b), b"one").unwrap();
    a.send(address(&b), b"two").unwrap();
    assert!(b.wait(PATIENCE).unwrap());
    assert_eq!(receive(&mut b).0, b"one");
    assert!(b.wait(PATIENCE).unwrap());
    assert_eq!(receive(&mut b).0, b"two");
    assert!(!b.wait(Duration::from_millis(1)).unwrap());
}

#[test]
fn absurd_buffer_sizes_are_a_wish_not_an_error() {
    for size in [0, 1, usize::MAX >> 33] {
        let config = UdpConfig { receive_buffer: size, send_buffer: size };
        let mut socket = UdpSocket::bind_with((Ipv4Addr::LOCALHOST, 0).into(), &config).unwrap();
        let mut peer = v4();
        peer.send(address(&socket), b"hi").unwrap();
        assert_eq!(receive(&mut socket).0, b"hi");
    }
}
