//! The memory network: perfect, ordered, bounded.

use netcord_transport::DatagramSocket;
use netcord_transport::backend::{MemoryNetwork, MemorySocket};
use std::net::SocketAddr;

fn address(socket: &MemorySocket) -> SocketAddr {
    socket.local_addr().expect("a memory socket has an address")
}

fn receive(socket: &mut MemorySocket) -> Option<(Vec<u8>, SocketAddr)> {
    let mut buffer = [0; 2_048];
    let (len, from) = socket.receive(&mut buffer).expect("a memory socket does not break")?;
    Some((buffer[..len].to_vec(), from))
}

#[test]
fn datagrams_arrive_at_once_in_order_and_name_their_sender() {
    let network = MemoryNetwork::new();
    let (mut a, mut b, mut c) = (network.socket(), network.socket(), network.socket());
    for n in 0..100 {
        a.send(address(&c), &[n]).unwrap();
        b.send(address(&c), &[n, n]).unwrap();
    }
    for n in 0..100 {
        assert_eq!(receive(&mut c), Some((vec![n], address(&a))));
        assert_eq!(receive(&mut c), Some((vec![n, n], address(&b))));
    }
    assert_eq!(receive(&mut c), None);
    assert_eq!(receive(&mut a), None);
}

#[test]
fn what_is_sent_to_nobody_is_lost_and_a_dropped_sockets_address_is_not_used_again() {
    let network = MemoryNetwork::new();
    let (mut a, b) = (network.socket(), network.socket());
    let gone = address(&b);
    drop(b);
    a.send(gone, b"?").unwrap();
    a.send("[::1]:1".parse().unwrap(), b"?").unwrap();
    a.send("10.0.0.0:1".parse().unwrap(), b"?").unwrap();
    a.send("255.255.255.255:1".parse().unwrap(), b"?").unwrap();
    let mut late = network.socket();
    assert_ne!(address(&late), gone);
    assert_eq!(receive(&mut late), None);
    assert_eq!(receive(&mut a), None);
}

#[test]
fn a_full_inbox_loses_the_newest() {
    let network = MemoryNetwork::new();
    let (mut a, mut b) = (network.socket(), network.socket());
    for n in 0..20_000_u32 {
        a.send(address(&b), &n.to_le_bytes()).unwrap();
    }
    let received: Vec<_> = std::iter::from_fn(|| receive(&mut b)).map(|(bytes, _)| bytes).collect();
    let expected: Vec<_> = (0..1_u32 << 14).map(|n| n.to_le_bytes().to_vec()).collect();
    assert!(received == expected);
}
