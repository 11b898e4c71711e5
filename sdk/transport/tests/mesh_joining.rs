//! Guests of one host become connected with each other, whatever the network does.

mod mesh_world;

use mesh_world::lab::*;
use mesh_world::*;
use netcord_transport::invite::MeshEndpoint;
use netcord_transport::lab::Conditions;
use netcord_transport::{DisconnectReason, Endpoint, Introduce, PeerId, Transport};
use std::collections::BTreeSet;
use std::net::SocketAddr;

#[test]
fn three_peers_become_a_mesh() {
    let mut lab = Lab::full(1, "latency=20ms", 3);
    lab.talk();
    assert!(lab.mesh.nodes.iter().all(|node| node.ended.is_empty() && node.errors.is_empty()));
}

#[test]
fn eight_peers_become_a_mesh_over_bad_networks() {
    for seed in 0..6 {
        let mut lab = Lab::full(seed, BAD, 8);
        lab.talk();
    }
}

#[test]
fn peers_who_join_at_once_become_a_mesh() {
    let mut lab = Lab::new(2, "latency=30ms, loss=5%");
    for _ in 0..7 {
        lab.join();
    }
    // Newcomers are introduced to those who are there: of two who come at once, the later one meets the earlier.
    lab.until(Mesh::is_full);
    lab.talk();
}

#[test]
fn a_guest_that_knows_no_address_of_its_own_is_met_where_the_host_sees_it() {
    let mut lab = Lab::new(3, "latency=20ms");
    for _ in 0..2 {
        lab.join_advertising(vec!["192.168.1.20:4000".parse().expect("an address")]);
    }
    lab.until(Mesh::is_full);
    lab.talk();
}

#[test]
fn a_guest_that_the_host_sees_elsewhere_is_met_at_its_own_address() {
    // As for two guests and a host of which only the guests are behind the same router.
    let mut lab = Lab::full(4, "latency=20ms", 3);
    let introduction = lab.endpoint(1).introduction(2).expect("there is room");
    let elsewhere: SocketAddr = "203.0.113.9:1024".parse().expect("an address");
    lab.network.rebind(address(1), elsewhere);
    lab.run_seconds(5);
    let at_host = lab.node(0).peers[&1];
    let vouched = lab.node(0).transport.vouch(at_host, &introduction).expect("genuine");
    assert_ne!(vouched, introduction, "the host sees the guest elsewhere");
    lab.network.rebind(elsewhere, address(1));
    lab.node(2).meet(1, &vouched);
    lab.until(|mesh| mesh.nodes[2].peers.contains_key(&1));
}

/// Lets nothing through to `inside` from an address to which `inside` has sent nothing, as most routers and firewalls.
struct Firewall {
    tap: netcord_transport::lab::Tap,
    inside: SocketAddr,
    open: BTreeSet<SocketAddr>,
}

impl Firewall {
    fn new(lab: &Lab, inside: SocketAddr, outside: &[SocketAddr]) -> Self {
        let closed: Conditions = "loss=100%".parse().expect("conditions");
        for &outside in outside {
            lab.network.set_link(outside, inside, closed);
        }
        Self { tap: lab.network.tap(), inside, open: BTreeSet::new() }
    }

    fn watch(&mut self, lab: &Lab) {
        for sent in self.tap.by_ref().filter(|sent| sent.from == self.inside) {
            if self.open.insert(sent.to) {
                lab.network.set_link(sent.to, self.inside, "latency=20ms".parse().expect("conditions"));
            }
        }
    }
}

#[test]
fn whoever_is_expected_comes_through_a_firewall() {
    let mut lab = Lab::full(5, "latency=20ms", 2);
    let mut firewall = Firewall::new(&lab, address(1), &[address(2)]);
    lab.join();
    for _ in 0..200 {
        firewall.watch(&lab);
        lab.frame();
    }
    assert!(lab.mesh.is_full());
    lab.talk();
}

#[test]
fn a_link_that_was_cut_comes_back_with_other_keys_under_another_id() {
    let mut lab = Lab::full(6, "latency=20ms", 4);
    let before = [lab.node(1).peers[&3], lab.node(3).peers[&1]];
    lab.network.partition(&[address(1)], &[address(3)]);
    lab.run_seconds(5);
    for (node, peer) in [(1, before[0]), (3, before[1])] {
        assert_eq!(lab.node(node).ended, [(peer, DisconnectReason::TimedOut)]);
    }
    lab.network.heal();
    lab.until(Mesh::is_full);
    assert_ne!([lab.node(1).peers[&3], lab.node(3).peers[&1]], before);
    lab.talk();
    assert!(lab.node(2).ended.is_empty(), "the others noticed nothing");
}

#[test]
fn a_guest_whose_address_changes_comes_back_to_all() {
    for guest in [1, 2, 3] {
        let mut lab = Lab::full(7, "latency=20ms", 4);
        lab.network.rebind(address(guest), "10.0.0.99:9999".parse().expect("an address"));
        lab.run_seconds(5);
        lab.until(Mesh::is_full);
        lab.talk();
    }
}

#[test]
fn a_guest_that_came_to_another_network_advertises_its_addresses_there() {
    let mut lab = Lab::full(13, "latency=20ms", 2);
    let elsewhere: SocketAddr = "192.168.7.7:4000".parse().expect("an address");
    lab.network.rebind(address(1), elsewhere);
    assert!(lab.endpoint(1).advertise(Vec::new()).is_err());
    lab.endpoint(1).advertise(vec![elsewhere]).expect("reachable");
    // To somebody who hears of it without the host.
    let introduction = lab.endpoint(1).introduction(0).expect("there is room");
    lab.node(0).meet(1, &introduction);
    lab.run_seconds(2);
    let endpoint = lab.endpoint(0);
    assert_eq!(endpoint.address(PeerId::new(1, 0)), Some(elsewhere));
}

#[test]
fn a_guest_that_restarts_comes_back_to_all_with_its_ticket() {
    for new_address in [address(2), address(77)] {
        let mut lab = Lab::full(8, "latency=20ms", 4);
        let ticket = lab.endpoint(2).ticket().expect("it is connected");
        // It crashes: nobody is told, and its address is free.
        lab.network.rebind(address(2), address(90));
        let socket = lab.network.socket(new_address).expect("free");
        lab.mesh.rejoin(2, &ticket, socket, vec![new_address]);
        let start = lab.mesh.now;
        lab.until(|mesh| mesh.nodes[2].peers.len() == 3);
        assert!((lab.mesh.now - start).as_secs() < 1, "nobody waits for the old connections' timeouts");
        lab.until(Mesh::is_full);
        lab.talk();
    }
}

#[test]
fn a_guest_hosts_those_who_come_when_the_host_is_gone() {
    let mut lab = Lab::full(9, "latency=20ms", 3);
    lab.node(0).transport.close(&DisconnectReason::Left(0)).expect("the socket works");
    lab.node(0).peers.clear();
    lab.run_seconds(1);
    let code = lab.endpoint(1).invite(3).expect("there is room");
    let rng = lab.mesh.rng();
    let newcomer = MeshEndpoint::join(&code, joiner_config(), host_config(vec![address(3)]), rng);
    let socket = lab.network.socket(address(3)).expect("free");
    lab.mesh.add(newcomer.expect("reachable"), socket);
    lab.until(|mesh| mesh.nodes[1].peers.contains_key(&3));

    // And introduces them.
    let introduction = lab.endpoint(2).introduction(3).expect("there is room");
    let at_new_host = lab.node(1).peers[&2];
    let vouched = lab.node(1).transport.vouch(at_new_host, &introduction).expect("genuine");
    lab.node(3).meet(2, &vouched);
    lab.until(|mesh| mesh.nodes[2].peers.contains_key(&3) && mesh.nodes[3].peers.contains_key(&2));
}

#[test]
fn two_who_meet_each_other_at_once_have_two_links_that_both_work() {
    let mut lab = Lab::full(10, "latency=20ms", 2);
    lab.join();
    lab.node(2).is_sociable = false;
    lab.run_seconds(1);
    for (maker, comer) in [(1, 2), (2, 1)] {
        let introduction = lab.endpoint(maker).introduction(comer).expect("there is room");
        lab.node(comer).meet(maker, &introduction);
    }
    lab.run_seconds(2);
    let links = |lab: &mut Lab, node| lab.node(node).connected.clone();
    for (node, other) in [(1, 2), (2, 1)] {
        let (all, own) = (links(&mut lab, node), address(other));
        let endpoint = lab.endpoint(node);
        let between: Vec<_> = all.into_iter().filter(|peer| endpoint.address(*peer) == Some(own)).collect();
        assert_eq!(between.len(), 2, "{between:?}");
        for peer in between {
            lab.node(node).transport.send(peer, CHANNEL, &[TALK, node]).expect("connected");
        }
    }
    lab.run_seconds(1);
    assert_eq!(lab.node(1).heard, [2, 2]);
    assert_eq!(lab.node(2).heard, [1, 1]);
}

#[test]
fn a_meeting_under_way_can_be_given_up() {
    let mut lab = Lab::full(11, "latency=20ms", 2);
    let nowhere = vec!["198.51.100.1:1".parse().expect("an address")];
    let rng = lab.mesh.rng();
    let mut absent = MeshEndpoint::host(host_config(nowhere), rng).expect("reachable");
    let introduction = absent.introduction(1).expect("there is room");
    let peer = lab.node(1).transport.meet(&introduction).expect("genuine");
    lab.frame();
    let mut tap = lab.network.tap();
    lab.node(1).transport.disconnect(peer, DisconnectReason::Left(0));
    lab.run_seconds(12);
    assert!(tap.all(|sent| sent.to == address(0) || sent.to == address(1)));
    assert!(lab.node(1).ended.is_empty(), "who gives up need not be told");
}

#[test]
fn meetings_that_came_to_nothing_free_their_places() {
    let mut lab = Lab::full(12, "latency=20ms", 2);
    let nowhere = vec!["198.51.100.1:1".parse().expect("an address")];
    let rng = lab.mesh.rng();
    let mut absent = MeshEndpoint::host(host_config(nowhere), rng).expect("reachable");
    let mut ids = BTreeSet::new();
    for _ in 0..12 {
        for _ in 0..10 {
            let introduction = absent.introduction(1).expect("there is room");
            ids.insert(lab.node(1).transport.meet(&introduction).expect("there is room"));
        }
        absent = MeshEndpoint::host(host_config(vec![address(50)]), lab.mesh.rng()).expect("reachable");
        lab.run_seconds(11);
    }
    assert_eq!((ids.len(), lab.node(1).ended.len()), (120, 120), "each has its own id, and its end");
    assert!(ids.iter().all(|peer| peer.slot() < 32));
    lab.talk();
}
