//! The simulated network: who reaches whom, when, and whether it repeats.

use netcord_transport::lab::{LabSocket, Network, Observed};
use netcord_transport::{DatagramSocket, TransportError};
use netcord_wire::GameRng;
use std::net::SocketAddr;
use std::time::Duration;

fn address(text: &str) -> SocketAddr {
    text.parse().expect(text)
}

fn a() -> SocketAddr {
    address("10.0.0.1:4000")
}

fn b() -> SocketAddr {
    address("[fd00::2]:4000")
}

fn c() -> SocketAddr {
    address("10.0.0.3:4000")
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn socket(network: &Network, address: SocketAddr) -> LabSocket {
    network.socket(address).expect("the address is free")
}

fn conditions(network: &Network, text: &str) {
    network.set_conditions(text.parse().expect(text));
}

/// All that waits for a socket.
fn received(socket: &mut LabSocket) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut buffer = [0; 2_048];
    std::iter::from_fn(|| {
        let (len, from) = socket.receive(&mut buffer).expect("a lab socket does not break")?;
        Some((from, buffer[..len].to_vec()))
    })
    .collect()
}

/// Sends one datagram, and returns what has arrived a second later.
fn ping(network: &Network, from: &mut LabSocket, to: SocketAddr, at: &mut LabSocket) -> usize {
    from.send(to, b"ping").unwrap();
    network.advance_to(network.now() + ms(1_000));
    received(at).len()
}

#[test]
fn datagrams_arrive_when_their_links_say() {
    let network = Network::new(1);
    let (mut at_a, mut at_b, mut at_c) =
        (socket(&network, a()), socket(&network, b()), socket(&network, c()));
    conditions(&network, "latency=50ms");
    network.set_link(a(), b(), "latency=10ms".parse().unwrap());
    at_a.send(b(), b"quick").unwrap();
    at_b.send(a(), b"slow").unwrap();
    at_a.send(c(), b"slow").unwrap();
    assert_eq!(network.next_time(), Some(ms(10)));
    network.advance_to(ms(49));
    assert_eq!(received(&mut at_b), [(a(), b"quick".to_vec())]);
    assert_eq!((received(&mut at_a), received(&mut at_c)), (vec![], vec![]));
    network.advance_to(ms(50));
    assert_eq!(received(&mut at_a), [(b(), b"slow".to_vec())]);
    assert_eq!(received(&mut at_c), [(a(), b"slow".to_vec())]);
    assert_eq!(network.next_time(), None);
}

#[test]
fn a_link_keeps_its_own_conditions_when_those_of_the_network_change() {
    let network = Network::new(1);
    let (mut at_a, mut at_b) = (socket(&network, a()), socket(&network, b()));
    network.set_link(a(), b(), "loss=100%".parse().unwrap());
    assert_eq!(ping(&network, &mut at_b, a(), &mut at_a), 1);
    conditions(&network, "latency=10ms");
    assert_eq!(ping(&network, &mut at_a, b(), &mut at_b), 0);
    conditions(&network, "loss=100%");
    assert_eq!(ping(&network, &mut at_b, a(), &mut at_a), 0);
    assert_eq!((network.stats(b(), a()).delivered, network.stats(b(), a()).lost), (1, 1));
}

#[test]
fn datagrams_of_several_senders_arrive_in_the_order_of_time() {
    let network = Network::new(1);
    let (mut at_a, mut at_b, mut at_c) =
        (socket(&network, a()), socket(&network, b()), socket(&network, c()));
    network.set_link(a(), c(), "latency=30ms".parse().unwrap());
    network.set_link(b(), c(), "latency=20ms".parse().unwrap());
    for n in 0..4 {
        network.advance_to(ms(n * 7));
        at_a.send(c(), &[n as u8]).unwrap();
        at_b.send(c(), &[n as u8]).unwrap();
    }
    network.advance_to(ms(1_000));
    let order: Vec<_> =
        received(&mut at_c).into_iter().map(|(from, bytes)| (from == a(), bytes[0])).collect();
    // From b at 20, 27, 34, 41; from a at 30, 37, 44, 51.
    let expected =
        [(false, 0), (false, 1), (true, 0), (false, 2), (true, 1), (false, 3), (true, 2), (true, 3)];
    assert_eq!(order, expected);
}

#[test]
fn time_does_not_go_back() {
    let network = Network::new(1);
    network.advance_to(ms(100));
    network.advance_to(ms(50));
    assert_eq!(network.now(), ms(100));
}

#[test]
fn an_address_belongs_to_one_socket_until_it_is_dropped() {
    let network = Network::new(1);
    let (mut at_a, at_b) = (socket(&network, a()), socket(&network, b()));
    let error = network.socket(b()).expect_err("b is taken");
    assert!(matches!(error, TransportError::Bind { address, .. } if address == b()), "{error}");
    conditions(&network, "latency=10ms");
    at_a.send(b(), b"to the first").unwrap();
    drop(at_b);
    network.advance_to(ms(10));
    let mut second = socket(&network, b());
    assert_eq!(received(&mut second), [], "what came while nobody was there is gone");
    assert_eq!(ping(&network, &mut at_a, b(), &mut second), 1);
}

#[test]
fn a_partition_cuts_exactly_the_links_between_its_sides() {
    let network = Network::new(1);
    let (mut at_a, mut at_b, mut at_c) =
        (socket(&network, a()), socket(&network, b()), socket(&network, c()));
    conditions(&network, "latency=10ms");
    at_a.send(b(), b"under way").unwrap();
    network.partition(&[a()], &[b()]);
    assert_eq!(ping(&network, &mut at_a, b(), &mut at_b), 1, "only what was under way");
    assert_eq!(ping(&network, &mut at_b, a(), &mut at_a), 0);
    assert_eq!(ping(&network, &mut at_a, c(), &mut at_c), 1);
    assert_eq!(ping(&network, &mut at_c, b(), &mut at_b), 1);
    assert_eq!(network.stats(a(), b()).cut, 1);
    network.heal();
    assert_eq!(ping(&network, &mut at_a, b(), &mut at_b), 1);
    assert_eq!(ping(&network, &mut at_b, a(), &mut at_a), 1);
}

#[test]
fn a_rebound_socket_sends_from_its_new_address_and_is_deaf_at_the_old() {
    let network = Network::new(1);
    let (mut at_a, mut at_b) = (socket(&network, a()), socket(&network, b()));
    let new = address("203.0.113.9:61000");
    conditions(&network, "latency=10ms");
    network.set_link(b(), a(), "latency=30ms".parse().unwrap());
    at_b.send(a(), b"under way to the old").unwrap();
    at_a.send(b(), b"under way from the old").unwrap();
    network.rebind(a(), new);
    assert_eq!(at_a.local_addr().unwrap(), a(), "behind a router, one does not know");
    at_a.send(b(), b"from the new").unwrap();
    network.advance_to(ms(100));
    let expected = [(a(), b"under way from the old".to_vec()), (new, b"from the new".to_vec())];
    assert_eq!(received(&mut at_b), expected);
    at_b.send(a(), b"to the old").unwrap();
    at_b.send(new, b"to the new").unwrap();
    network.advance_to(ms(129));
    assert_eq!(received(&mut at_a), [], "the link to b keeps its conditions");
    network.advance_to(ms(130));
    assert_eq!(received(&mut at_a), [(b(), b"to the new".to_vec())]);
}

#[test]
fn a_rebound_socket_stays_cut_off() {
    let network = Network::new(1);
    let (mut at_a, mut at_b) = (socket(&network, a()), socket(&network, b()));
    let new = address("203.0.113.9:61000");
    network.partition(&[a()], &[b()]);
    network.rebind(a(), new);
    assert_eq!(ping(&network, &mut at_a, b(), &mut at_b), 0);
    assert_eq!(ping(&network, &mut at_b, new, &mut at_a), 0);
    network.heal();
    assert_eq!(ping(&network, &mut at_a, b(), &mut at_b), 1);
}

#[test]
fn a_third_party_sees_all_that_is_sent_and_can_forge() {
    let network = Network::new(1);
    let (mut at_a, mut at_b) = (socket(&network, a()), socket(&network, b()));
    let mut tap = network.tap();
    conditions(&network, "loss=100%");
    network.advance_to(ms(5));
    at_a.send(b(), b"secret").unwrap();
    at_b.send(c(), b"to nobody").unwrap();
    network.advance_to(ms(100));
    assert_eq!(received(&mut at_b), []);
    let seen = Observed { at: ms(5), from: a(), to: b(), datagram: b"secret".to_vec() };
    let to_nobody = Observed { at: ms(5), from: b(), to: c(), datagram: b"to nobody".to_vec() };
    assert_eq!(tap.by_ref().collect::<Vec<_>>(), [seen.clone(), to_nobody]);

    network.inject(seen.from, seen.to, &seen.datagram);
    assert_eq!(received(&mut at_b), [(a(), b"secret".to_vec())]);
    network.inject(a(), c(), b"nobody there");
    assert_eq!(tap.next(), None, "a forged datagram is not one that was sent");
}

#[test]
fn a_tap_holds_the_newest_of_a_flood() {
    let network = Network::new(1);
    let mut at_a = socket(&network, a());
    let tap = network.tap();
    for n in 0..20_000_u32 {
        at_a.send(b(), &n.to_le_bytes()).unwrap();
    }
    let held: Vec<_> = tap.map(|seen| seen.datagram).collect();
    let expected: Vec<_> = (20_000 - (1 << 14)..20_000_u32).map(|n| n.to_le_bytes().to_vec()).collect();
    assert!(held == expected);
}

/// Three nodes that chatter over a bad network; returns the trace's hash and what the first one received.
fn chatter(seed: u64, one_more_byte: bool) -> (u64, Vec<(SocketAddr, Vec<u8>)>) {
    let network = Network::new(seed);
    let addresses = [a(), b(), c()];
    let mut sockets = addresses.map(|address| socket(&network, address));
    conditions(&network, "terrible");
    let mut words = GameRng::new(99);
    let mut at_first = Vec::new();
    for tick in 0..500 {
        network.advance_to(ms(tick * 16));
        for (from, socket) in sockets.iter_mut().enumerate() {
            let all = received(socket);
            if from == 0 {
                at_first.extend(all);
            }
            let to = addresses[(from + 1 + words.below(2) as usize) % 3];
            let len = 8 + words.below(200) as usize + usize::from(one_more_byte && tick == 300 && from == 2);
            socket.send(to, &vec![tick as u8; len]).unwrap();
        }
    }
    (network.trace_hash(), at_first)
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let (hash, received) = chatter(7, false);
    assert!(received.len() > 100);
    assert_eq!(chatter(7, false), (hash, received));
}

#[test]
fn another_seed_or_another_byte_gives_another_trace() {
    let hash = chatter(7, false).0;
    assert_ne!(chatter(8, false).0, hash);
    assert_ne!(chatter(7, true).0, hash);
}

#[test]
fn what_happens_on_one_link_changes_nothing_on_another() {
    let arrivals = |noise: bool| {
        let network = Network::new(3);
        let (mut at_a, mut at_b, at_c) =
            (socket(&network, a()), socket(&network, b()), socket(&network, c()));
        conditions(&network, "wifi,loss=20%");
        for tick in 0..500_u64 {
            network.advance_to(ms(tick * 16));
            at_a.send(b(), &tick.to_le_bytes()).unwrap();
            if noise {
                at_a.send(c(), b"noise").unwrap();
            }
        }
        network.advance_to(ms(60_000));
        drop(at_c);
        received(&mut at_b)
    };
    assert_eq!(arrivals(false), arrivals(true));
}

#[test]
fn a_lab_socket_can_be_sent_to_another_thread() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<LabSocket>();
    is_send_and_sync::<Network>();
}
