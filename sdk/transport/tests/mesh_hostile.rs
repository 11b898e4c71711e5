//! What peers and introducers can't do to each other, and to those who have nothing to do with it.

mod mesh_world;

use mesh_world::lab::*;
use mesh_world::*;
use netcord_transport::invite::{InviteHostConfig, MeshEndpoint};
use netcord_transport::{
    DisconnectReason, Endpoint, Introduce, IntroductionError, MAX_INTRODUCTION, MAX_SIGHTING, PeerId,
};
use std::net::SocketAddr;

/// Three peers, the last of which has an introduction of guest 1 that it has not used yet.
fn introduced(seed: u64) -> (Lab, Vec<u8>) {
    let mut lab = Lab::full(seed, "latency=20ms", 2);
    lab.join();
    lab.node(2).is_sociable = false;
    lab.until(|mesh| !mesh.nodes[2].introductions.is_empty());
    let (maker, introduction) = lab.node(2).introductions.remove(0);
    assert_eq!(maker, 1);
    (lab, introduction)
}

#[test]
fn an_introduction_lets_one_peer_in_once() {
    let (mut lab, introduction) = introduced(1);
    lab.node(2).meet(1, &introduction);
    lab.until(|mesh| mesh.nodes[2].peers.contains_key(&1));
    let again = lab.node(0).transport.meet(&introduction).expect("it reads well");
    lab.run_seconds(2);
    assert_eq!(lab.node(0).ended, [(again, DisconnectReason::InviteSpent)]);
    let again = lab.node(2).transport.meet(&introduction).expect("it reads well");
    lab.run_seconds(2);
    assert_eq!(lab.node(2).ended, [(again, DisconnectReason::InviteSpent)]);
    assert!(lab.node(2).peers.contains_key(&1), "the link that it made stands");
}

#[test]
fn an_introduction_that_was_lost_expires() {
    let (mut lab, introduction) = introduced(2);
    lab.run_seconds(61);
    let late = lab.node(2).transport.meet(&introduction).expect("it reads well");
    lab.run_seconds(2);
    assert_eq!(lab.node(2).ended, [(late, DisconnectReason::InviteSpent)]);
    assert_eq!(lab.node(1).peers.len(), 1);
}

#[test]
fn what_is_damaged_or_made_up_is_refused() {
    let (mut lab, introduction) = introduced(3);
    assert!(introduction.len() <= MAX_INTRODUCTION);
    let at_host = lab.node(0).peers[&2];
    let sighting = lab.node(0).transport.sighting(at_host).expect("it is connected");
    assert!(sighting.len() <= MAX_SIGHTING);
    let damaged = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        });
        let cut = (0..bytes.len()).map(|length| bytes[..length].to_vec());
        flipped.chain(cut).chain([[bytes, &[0]].concat(), vec![0; 86], vec![0xff; 2_000]]).collect()
    };
    let transport = &mut lab.node(2).transport;
    for bytes in damaged(&introduction) {
        assert_eq!(transport.meet(&bytes), Err(IntroductionError::Malformed), "{bytes:?}");
    }
    for bytes in damaged(&sighting).iter().filter(|bytes| bytes.len() != sighting.len()) {
        assert_eq!(transport.expect(bytes), Err(IntroductionError::Malformed), "{bytes:?}");
    }
    assert_eq!(transport.expect(&[2, 0, 0, 0, 0, 9, 9]), Err(IntroductionError::Malformed), "nowhere");
    assert_eq!(transport.expect(&[2, 224, 0, 0, 1, 9, 9]), Err(IntroductionError::Malformed), "a group");
    let host = &lab.node(0).transport;
    for bytes in damaged(&introduction) {
        assert_eq!(host.vouch(at_host, &bytes), Err(IntroductionError::Malformed), "{bytes:?}");
    }
}

#[test]
fn nobody_vouches_for_a_stranger() {
    let (mut lab, introduction) = introduced(4);
    let peer = PeerId::new(7, 0);
    let host = &lab.node(0).transport;
    assert_eq!(host.vouch(peer, &introduction), Err(IntroductionError::NotConnected { peer }));
    assert_eq!(host.sighting(peer), None);
}

#[test]
fn nobody_meets_itself() {
    let (mut lab, _) = introduced(5);
    let introduction = lab.endpoint(1).introduction(1).expect("there is room");
    assert_eq!(lab.node(1).transport.meet(&introduction), Err(IntroductionError::Malformed));
}

#[test]
fn open_introductions_are_limited() {
    let (mut lab, _) = introduced(6);
    let made = (0..100).map_while(|_| lab.endpoint(1).introduction(1).ok()).count();
    assert!((8..32).contains(&made), "{made}");
    assert_eq!(lab.endpoint(1).introduction(1), Err(IntroductionError::TooMany));
    lab.run_seconds(62);
    assert!(lab.endpoint(1).introduction(1).is_ok());
}

/// Bytes that the guest of a hostile host sends to addresses that the host names, within a minute in which the host
/// has it meet and expect peers there as often as it will.
fn sent_to_victims(seed: u64) -> (usize, usize) {
    let mut lab = Lab::full(seed, "latency=20ms", 2);
    let victims: Vec<SocketAddr> = (1..=4).map(|port| SocketAddr::from(([198, 51, 100, 7], port))).collect();
    let sighting = [&[2, 198, 51, 100, 7][..], &5_u16.to_be_bytes()].concat();
    let mut tap = lab.network.tap();
    let (mut bytes, mut calls) = (0, 0);
    for _ in 0..60 * 60 {
        let rng = lab.mesh.rng();
        let mut forger = MeshEndpoint::host(host_config(victims.clone()), rng).expect("reachable");
        let introduction = forger.introduction(0).expect("there is room");
        calls += usize::from(lab.node(1).transport.meet(&introduction).is_ok());
        calls += usize::from(lab.node(1).transport.expect(&sighting).is_ok());
        lab.frame();
        let at_victims = tap.by_ref().filter(|sent| sent.to.ip() == victims[0].ip());
        bytes += at_victims.map(|sent| sent.datagram.len()).sum::<usize>();
    }
    (bytes, calls)
}

#[test]
fn a_hostile_introducer_makes_nobody_flood_a_third_party() {
    let (bytes, calls) = sent_to_victims(7);
    assert!(calls > 100, "it was tried: {calls}");
    // 64 requests at once and 10 a second of 1,232 bytes each; some punches of one byte.
    assert!(bytes < (64 + 60 * 10) * 1_232 + 1_000, "{bytes} bytes");
}

#[test]
fn once_a_peer_has_answered_nobody_else_it_named_is_asked() {
    let mut lab = Lab::full(8, "latency=20ms", 2);
    let victim: SocketAddr = "198.51.100.7:7".parse().expect("an address");
    lab.join_advertising(vec![address(2), victim]);
    lab.node(1).is_sociable = false;
    lab.until(Mesh::is_full);
    let introduction = lab.endpoint(2).introduction(1).expect("there is room");
    lab.node(1).meet(2, &introduction);
    lab.run_seconds(2);
    let mut tap = lab.network.tap();
    lab.network.partition(&[address(1)], &[address(2)]);
    lab.run_seconds(30);
    assert!(tap.any(|sent| sent.to == address(2)), "it tries to come back");
    assert!(tap.all(|sent| sent.to != victim));
}

#[test]
fn a_peer_that_answers_and_then_nothing_is_given_up() {
    // It answers, lets nobody in, and its token would have us ask for a thousand seconds.
    let mut lab = Lab::full(9, "latency=20ms", 2);
    let config = InviteHostConfig { timeout_seconds: 1_000, ..host_config(vec![address(2)]) };
    let forger = MeshEndpoint::host(config, lab.mesh.rng()).expect("reachable");
    let socket = lab.network.socket(address(2)).expect("free");
    lab.mesh.add(forger, socket);
    lab.frame();
    let introduction = lab.endpoint(2).introduction(0).expect("there is room");
    let mut tap = lab.network.tap();
    let peer = lab.node(1).transport.meet(&introduction).expect("genuine");
    let start = lab.mesh.now;
    while !tap.by_ref().any(|sent| sent.from == address(2)) {
        lab.frame();
    }
    lab.network.set_link(address(2), address(1), "loss=100%".parse().expect("conditions"));
    lab.until(|mesh| !mesh.nodes[1].ended.is_empty());
    assert_eq!(lab.node(1).ended, [(peer, DisconnectReason::NoAnswer)]);
    assert!((lab.mesh.now - start).as_secs() <= 10);
}

#[test]
fn a_punch_is_nothing_to_whom_it_comes() {
    let (mut lab, _) = introduced(10);
    let now = lab.mesh.now;
    for number in 0..3 {
        let endpoint = lab.endpoint(number);
        endpoint.update(now, 0);
        while endpoint.next_transmit().is_some() {}
        assert!(endpoint.receive(address(2), &mut [0xf2]).is_none());
        assert!(endpoint.next_transmit().is_none() && endpoint.next_event().is_none());
    }
}
