//! The proxy between real sockets on the loopback interface.

use netcord_transport::backend::UdpSocket;
use netcord_transport::lab::{Conditions, Proxy};
use netcord_transport::{DatagramSocket, TransportError};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Longer than any of this takes; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn v4() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn bind() -> UdpSocket {
    UdpSocket::bind(v4()).expect("port 0 is always free")
}

fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("it is bound")
}

fn start(target: &UdpSocket, up: &str, down: &str) -> Proxy {
    Proxy::start(v4(), address(target), up.parse().unwrap(), down.parse().unwrap(), 7).expect("it starts")
}

fn try_receive(socket: &mut UdpSocket) -> Option<(Vec<u8>, SocketAddr)> {
    let mut buffer = [0; 2_048];
    let (len, from) = socket.receive(&mut buffer).expect("the socket works")?;
    Some((buffer[..len].to_vec(), from))
}

/// Waits for the next datagram.
fn receive(socket: &mut UdpSocket) -> (Vec<u8>, SocketAddr) {
    loop {
        if let Some(received) = try_receive(socket) {
            return received;
        }
        assert!(socket.wait(PATIENCE).expect("the socket works"), "nothing arrived");
    }
}

/// Looks at the proxy's statistics until they are as wanted.
fn wait_until(proxy: &Proxy, socket: &UdpSocket, reached: impl Fn(&Proxy) -> bool) {
    let start = Instant::now();
    while !reached(proxy) {
        assert!(start.elapsed() < PATIENCE, "{:?}", proxy.stats());
        socket.wait(Duration::from_millis(1)).expect("the socket works");
    }
}

#[test]
fn each_client_has_its_own_port_towards_the_target_and_gets_its_own_answers() {
    let (mut target, mut first, mut second) = (bind(), bind(), bind());
    let proxy = start(&target, "perfect", "perfect");
    first.send(proxy.address(), b"from the first").unwrap();
    let (bytes, first_port) = receive(&mut target);
    assert_eq!(bytes, b"from the first");
    second.send(proxy.address(), b"from the second").unwrap();
    let (bytes, second_port) = receive(&mut target);
    assert_eq!(bytes, b"from the second");
    assert_ne!(first_port, second_port);

    target.send(second_port, b"to the second").unwrap();
    target.send(first_port, b"to the first").unwrap();
    assert_eq!(receive(&mut first), (b"to the first".to_vec(), proxy.address()));
    assert_eq!(receive(&mut second), (b"to the second".to_vec(), proxy.address()));

    first.send(proxy.address(), b"again").unwrap();
    assert_eq!(receive(&mut target), (b"again".to_vec(), first_port));
    let stats = proxy.stop().unwrap();
    assert_eq!((stats.clients, stats.up.delivered, stats.down.delivered), (2, 3, 2));
}

#[test]
fn the_conditions_of_each_direction_hold() {
    let (mut target, mut client) = (bind(), bind());
    let proxy = start(&target, "loss=50%,dup=10%,latency=1ms", "latency=20ms");
    for n in 0..1_000_u32 {
        client.send(proxy.address(), &n.to_le_bytes()).unwrap();
        // The system's buffers are not what is tested here.
        wait_until(&proxy, &target, |proxy| proxy.stats().up.sent > u64::from(n));
    }
    wait_until(&proxy, &client, |proxy| {
        let up = proxy.stats().up;
        up.delivered + up.lost == up.sent + up.duplicated
    });
    let up = proxy.stats().up;
    assert!((400..600).contains(&up.lost) && (20..90).contains(&up.duplicated), "{up:?}");
    let arrived: Vec<_> = std::iter::from_fn(|| try_receive(&mut target)).collect();
    assert_eq!(arrived.len() as u64, up.delivered);
    assert!(
        arrived.is_sorted_by_key(|(bytes, _)| u32::from_le_bytes(bytes[..].try_into().expect("4 bytes")))
    );

    let sent = Instant::now();
    target.send(arrived[0].1, b"down").unwrap();
    assert_eq!(receive(&mut client).0, b"down");
    assert!(sent.elapsed() >= Duration::from_millis(20));
}

#[test]
fn conditions_and_partitions_change_while_it_runs() {
    let (mut target, mut client) = (bind(), bind());
    let proxy = start(&target, "loss=100%", "perfect");
    client.send(proxy.address(), b"lost").unwrap();
    wait_until(&proxy, &client, |proxy| proxy.stats().up.lost == 1);

    proxy.set_conditions(Conditions::PERFECT, Conditions::PERFECT);
    client.send(proxy.address(), b"arrives").unwrap();
    let (bytes, port) = receive(&mut target);
    assert_eq!(bytes, b"arrives");

    proxy.partition(true);
    client.send(proxy.address(), b"cut").unwrap();
    target.send(port, b"cut").unwrap();
    wait_until(&proxy, &client, |proxy| (proxy.stats().up.cut, proxy.stats().down.cut) == (1, 1));

    proxy.partition(false);
    client.send(proxy.address(), b"healed").unwrap();
    target.send(port, b"healed").unwrap();
    assert_eq!(receive(&mut target).0, b"healed");
    assert_eq!(receive(&mut client).0, b"healed");
}

#[test]
fn a_rebound_client_comes_from_another_port() {
    let (mut target, mut client) = (bind(), bind());
    let proxy = start(&target, "perfect", "perfect");
    client.send(proxy.address(), b"before").unwrap();
    let (_, old) = receive(&mut target);
    proxy.rebind();
    client.send(proxy.address(), b"after").unwrap();
    let (bytes, new) = receive(&mut target);
    assert_eq!(bytes, b"after");
    assert_ne!(old, new);
    target.send(old, b"to the old port").unwrap();
    target.send(new, b"to the new port").unwrap();
    assert_eq!(receive(&mut client).0, b"to the new port");
}

#[test]
fn strangers_do_not_reach_a_client_through_its_port() {
    let (mut target, mut client, mut stranger) = (bind(), bind(), bind());
    let proxy = start(&target, "perfect", "perfect");
    client.send(proxy.address(), b"hello").unwrap();
    let (_, port) = receive(&mut target);
    stranger.send(port, b"forged").unwrap();
    target.send(port, b"genuine").unwrap();
    assert_eq!(receive(&mut client).0, b"genuine");
    assert_eq!(proxy.stop().unwrap().down.sent, 1);
}

#[test]
fn more_clients_than_there_are_places_are_turned_away() {
    let mut target = bind();
    let proxy = start(&target, "perfect", "perfect");
    let mut clients: Vec<_> = (0..Proxy::MAX_CLIENTS + 3).map(|_| bind()).collect();
    for client in &mut clients {
        client.send(proxy.address(), b"hello").unwrap();
    }
    wait_until(&proxy, &target, |proxy| proxy.stats().refused == 3);
    assert_eq!(proxy.stats().clients, Proxy::MAX_CLIENTS);
    for _ in 0..Proxy::MAX_CLIENTS {
        assert_eq!(receive(&mut target).0, b"hello");
    }
}

#[test]
fn clients_of_one_family_reach_a_target_of_the_other() {
    let Ok(mut target) = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0).into()) else { return };
    let mut client = bind();
    let proxy = start(&target, "perfect", "perfect");
    client.send(proxy.address(), b"to six").unwrap();
    let (bytes, port) = receive(&mut target);
    assert_eq!((&bytes[..], port.is_ipv6()), (&b"to six"[..], true));
    target.send(port, b"to four").unwrap();
    assert_eq!(receive(&mut client), (b"to four".to_vec(), proxy.address()));
}

#[test]
fn a_front_that_is_taken_is_named_in_the_error_and_free_again_after_a_stop() {
    let target = bind();
    let proxy = start(&target, "perfect", "perfect");
    let front = proxy.address();
    let again = || Proxy::start(front, address(&target), Conditions::PERFECT, Conditions::PERFECT, 1);
    let error = again().expect_err("the port is taken");
    assert!(matches!(error, TransportError::Bind { address, .. } if address == front), "{error}");
    drop(proxy);
    again().expect("the port is free");
}
